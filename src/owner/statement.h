/*
 * The statement: an Entity Attestation Token (RFC 9711), Sign1 by D.sign with kid DT, whose payload
 * is the claims map below. Its profile and audience stand for the envelope: a statement made for
 * `interrogate` serves nothing else. EN 303 645 5.6-2, 5.12-2.
 *
 * To anyone: the first ten rows, and version and state in the factory state only. To owners: all.
 */
#ifndef KEEL_OWNER_STATEMENT_H
#define KEEL_OWNER_STATEMENT_H

#include "core/schema.h"
#include "owner/names.h"

#define KEEL_STATEMENT_PROFILE "tag:keel,2026:interrogate"
#define KEEL_UEID_LEN          17 /* 0x01 and the device id */
#define KEEL_GRADE_SELF        "self-reported"

/** A software version as RFC 9711 has it: an array of one text. */
struct keel_version {
	uint32_t has;
	struct keel_bytes text;
};

struct keel_statement {
	uint32_t has;
	struct keel_bytes aud;           /* 3 */
	int64_t time;                    /* 6 iat: where the device knows the time */
	struct keel_bytes nonce;         /* 10 */
	struct keel_bytes ueid;          /* 256 */
	struct keel_bytes model;         /* 259 hwmodel: the model identifier's bytes */
	struct keel_bytes profile;       /* 265 */
	struct keel_version version;     /* 271 swversion */
	struct keel_bytes maker;         /* -70001 */
	struct keel_bytes name;          /* -70002 the model's name */
	struct keel_bytes support_until; /* -70003 date, as text 2033-12-01 */
	uint64_t state;                  /* -70004 enum keel_device_state */
	/* To owners also. */
	struct keel_bytes serial;  /* -70005 */
	struct keel_list open;     /* -70006 texts: interfaces that are open */
	struct keel_list missing;  /* -70007 texts: walls that this system could not give */
	struct keel_bytes grade;   /* -70008 */
	struct keel_list to_do;    /* -70009 texts: empty says it is set up securely */
	struct keel_list measured; /* -70010 keel_measured_item */
	struct keel_bytes keys_in; /* -70011 "tpm" or "file" */
};
extern const struct keel_schema keel_statement_schema;

/** Rows, for keel_has and for `has`. */
enum {
	KEEL_STATEMENT_AUD,
	KEEL_STATEMENT_TIME,
	KEEL_STATEMENT_NONCE,
	KEEL_STATEMENT_UEID,
	KEEL_STATEMENT_MODEL,
	KEEL_STATEMENT_PROFILE_ROW,
	KEEL_STATEMENT_VERSION,
	KEEL_STATEMENT_MAKER,
	KEEL_STATEMENT_NAME,
	KEEL_STATEMENT_SUPPORT,
	KEEL_STATEMENT_STATE,
	KEEL_STATEMENT_SERIAL,
	KEEL_STATEMENT_OPEN,
	KEEL_STATEMENT_MISSING,
	KEEL_STATEMENT_GRADE,
	KEEL_STATEMENT_TO_DO,
	KEEL_STATEMENT_MEASURED,
	KEEL_STATEMENT_KEYS_IN,
	KEEL_STATEMENT_ROWS
};

/** One program: its room or file, and its SHA-256. */
struct keel_measured_item {
	uint32_t has;
	struct keel_bytes name, digest;
};
extern const struct keel_schema keel_measured_item_schema;
extern const struct keel_row keel_measured_item_row, keel_statement_text_row;

/**
 * Reads a verified payload and demands the profile, our nonce and our audience.
 * KEEL_EAUTH: made for another purpose, audience or nonce. KEEL_ESHORT, KEEL_EFORM, KEEL_ERANGE.
 */
KEEL_CHECKED enum keel_err keel_statement_read(struct keel_bytes payload, struct keel_bytes nonce,
	struct keel_bytes aud, struct keel_statement *out);

#endif

/*
 * The statement: an Entity Attestation Token (RFC 9711), Sign1 by D.sign with kid DT, whose payload
 * is the claims map below. Its profile and audience stand for the envelope: a statement made for
 * `interrogate` opens no session with the maker's service, nor the other way about.
 * EN 303 645 5.5-1, 5.6-2, 5.7-1, 5.12-2.
 *
 * To anyone: what says nothing of its home, and version and state in the factory state only. To
 * owners: all but what is marked S. To the service, when a session opens: all.
 */
#ifndef KEEL_OWNER_STATEMENT_H
#define KEEL_OWNER_STATEMENT_H

#include "core/schema.h"
#include "crypto/cose_key.h"
#include "owner/names.h"
#include "owner/quote.h"

#define KEEL_STATEMENT_PROFILE         "tag:keel,2026:interrogate"
#define KEEL_STATEMENT_PROFILE_SESSION "tag:keel,2026:session"
#define KEEL_UEID_LEN                  17 /* 0x01 and the device id */
#define KEEL_OEMID_LEN                 16

/* Who vouches for what it measured. A grade is proved by the quote beside it, or it is but a word. */
#define KEEL_GRADE_SELF   "self-reported"
#define KEEL_GRADE_QUOTED "quoted by TPM"
const char *keel_grade_word(bool quoted);

/** dbgstat, RFC 9711 §4.2.9: the two that a device of ours can tell. Values travel. */
enum { KEEL_DEBUG_ENABLED = 0, KEEL_DEBUG_DISABLED = 1 };

/** A software version as RFC 9711 has it: an array of one text. */
struct keel_version {
	uint32_t has;
	struct keel_bytes text;
};

/** How the installed files stand against the maker's list: a tuple. */
struct keel_files_found {
	uint32_t has;
	bool listed; /* there is a list, and it is the maker's for this declaration */
	uint64_t wrong;
};

struct keel_statement {
	uint32_t has;
	struct keel_bytes aud;           /* 3 */
	int64_t time;                    /* 6 iat: where the device knows the time */
	struct keel_cnf cnf;             /* 8 S: the key of this session */
	struct keel_bytes nonce;         /* 10 */
	struct keel_bytes ueid;          /* 256 */
	struct keel_bytes oemid;         /* 258 S: keel_oemid of the maker's key */
	struct keel_bytes model;         /* 259 hwmodel: the model identifier's bytes */
	uint64_t uptime_s;               /* 261 S */
	uint64_t debug;                  /* 263 S: dbgstat */
	struct keel_bytes profile;       /* 265 */
	uint64_t boots;                  /* 267 S: bootcount */
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
	/* To the service. */
	struct keel_bytes declaration; /* -70012 S: SHA-256 of product.cbor */
	struct keel_bytes home;        /* -70013 S: home id, empty in the factory state */
	struct keel_files_found files; /* -70014 S */
	struct keel_quote quote;       /* -70015 S: where a TPM vouches for what was measured */
};
extern const struct keel_schema keel_statement_schema;

/** Rows, for keel_has and for `has`. */
enum {
	KEEL_STATEMENT_AUD,
	KEEL_STATEMENT_TIME,
	KEEL_STATEMENT_CNF,
	KEEL_STATEMENT_NONCE,
	KEEL_STATEMENT_UEID,
	KEEL_STATEMENT_OEMID,
	KEEL_STATEMENT_MODEL,
	KEEL_STATEMENT_UPTIME,
	KEEL_STATEMENT_DEBUG,
	KEEL_STATEMENT_PROFILE_ROW,
	KEEL_STATEMENT_BOOTS,
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
	KEEL_STATEMENT_DECLARATION,
	KEEL_STATEMENT_HOME,
	KEEL_STATEMENT_FILES,
	KEEL_STATEMENT_QUOTE,
	KEEL_STATEMENT_ROWS
};
/** What owners see beyond what everybody does: these rows, and version and state. */
#define KEEL_STATEMENT_FOR_OWNERS                                                                  \
	(((2U << KEEL_STATEMENT_KEYS_IN) - (1U << KEEL_STATEMENT_SERIAL)) |                        \
		1U << KEEL_STATEMENT_VERSION | 1U << KEEL_STATEMENT_STATE)
/** All that the service demands before it opens a session: everything but the time and the quote. */
#define KEEL_STATEMENT_FOR_SESSION                                                                 \
	((1U << KEEL_STATEMENT_ROWS) - 1 - (1U << KEEL_STATEMENT_TIME) -                           \
		(1U << KEEL_STATEMENT_QUOTE))

extern const struct keel_row keel_statement_text_row;

/** The maker as a device names it: the first 16 bytes of SHA-256 of the maker's x ‖ y. */
void keel_oemid(const struct keel_p256_pub *maker, uint8_t out[KEEL_OEMID_LEN]);

/**
 * Reads a verified payload and demands the profile, our nonce and our audience.
 * KEEL_EAUTH: made for another purpose, audience or nonce. KEEL_ESHORT, KEEL_EFORM, KEEL_ERANGE;
 * KEEL_EFORM also where a session's statement lacks one of KEEL_STATEMENT_FOR_SESSION.
 */
KEEL_CHECKED enum keel_err keel_statement_read(struct keel_bytes payload, const char *profile,
	struct keel_bytes nonce, struct keel_bytes aud, struct keel_statement *out);
/** The same of one that its schema has read: for who has to look into it to know which nonce. */
KEEL_CHECKED enum keel_err keel_statement_check(const struct keel_statement *s, const char *profile,
	struct keel_bytes nonce, struct keel_bytes aud);

#endif

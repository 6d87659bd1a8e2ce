/*
 * A unit and its service for the judge's tests: a maker with a declaration and a list of files, a device
 * in a home, and what it says when it opens a session. A test spoils one thing and looks who notices.
 */
#ifndef KEEL_TESTS_FLEET_JUDGE_UNIT_H
#define KEEL_TESTS_FLEET_JUDGE_UNIT_H

#include "fleet/judge/open.h"

#define UNIT_NOW    1800000000
#define UNIT_ORIGIN "https://fleet.example"

struct unit {
	struct keel_p256_key maker, sign, agree, c; /* the maker's, D, C */
	struct keel_p256_key attest;                /* its TPM's, once unit_quote endorsed it */
	uint8_t dt[KEEL_THUMBPRINT_LEN];
	struct keel_digest keeld, app; /* programs of the maker's list */
	uint8_t compiled[KEEL_PRODUCT_MAX];
	size_t compiled_n;
	struct keel_judge_product product;
	struct keel_policy policy;
	struct keel_judge_here here;
	struct keel_judge_unit row;
	/* What the device sends: set by unit_make, to be spoilt. */
	uint8_t nonce[KEEL_SESSION_NONCE_LEN];
	uint8_t ueid[KEEL_UEID_LEN];
	struct keel_statement statement;
	struct keel_endorsement endorsed;
	struct keel_p256_key *endorser, *signer,
		*lister; /* who signs endorsement, statement, owners */
	uint8_t list_home[KEEL_HOME_ID_LEN], list_id[KEEL_DEVICE_ID_LEN];
	enum keel_purpose list_purpose;
	bool no_list;
	/* Room for its parts. */
	uint8_t measured_buf[512], texts_buf[512], body_buf[8192];
	uint8_t log_buf[512], attest_buf[KEEL_ATTEST_MAX], signature[KEEL_SIGNATURE_LEN];
	size_t texts_n;
	uint8_t files_buf[1024];
	struct keel_list_maker measured;
	struct keel_bytes body;
	struct keel_bytes files; /* the maker's list, once unit_list_files made it */
};

/** A unit that nothing speaks against, but that its evidence is its own word. */
void unit_make(struct unit *u);
void unit_end(struct unit *u);
/** Its programs, as the parent measured them. */
void unit_measures(struct unit *u, const struct keel_digest *keeld, const struct keel_digest *app);
/** A list of one text: open interfaces, walls missing. */
struct keel_list unit_text(struct unit *u, const char *text);
/** The maker's list of keeld and app. */
void unit_list_files(struct unit *u);

/** What a quote says, to be spoilt before it is signed. */
struct unit_quote {
	struct keel_digest qualifier, value; /* value: the PCR's */
	uint32_t magic;
	uint16_t type, bank;
	uint32_t pcrs;
	const struct keel_p256_key *signer;
};
/** The honest one, of what unit_measures measured; the maker endorses its key. The log is in log_buf. */
struct unit_quote unit_quote_of(struct unit *u);
/** Puts it into the statement, as the TPM would. */
void unit_quote_put(struct unit *u, const struct unit_quote *q);

/** Writes the body from what stands in u. */
struct keel_bytes unit_write(struct unit *u);
/** Writes it, asks, opens: the first no. */
enum keel_judge_no unit_open(struct unit *u, struct keel_judge_opened *out);

#endif

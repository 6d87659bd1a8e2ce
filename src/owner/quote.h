/*
 * A TPM's quote of what keeld measured, in a session's statement: what TPM2_Quote gave, and the log
 * that it proves. The key is restricted: it signs nothing that the TPM did not make itself, so who has
 * the rest of the device cannot have it sign a quote of their own. docs/service.md. EN 303 645 5.7-1.
 */
#ifndef KEEL_OWNER_QUOTE_H
#define KEEL_OWNER_QUOTE_H

#include "owner/pcr.h"

#define KEEL_ATTEST_MAX 256 /* of one PCR: 145 bytes with names of SHA-256 */

/** A tuple in the statement. */
struct keel_quote {
	uint32_t has;
	struct keel_bytes attest;    /* TPMS_ATTEST, as the TPM signed it */
	struct keel_bytes signature; /* r ‖ s, by the attestation key that the maker endorsed */
	struct keel_list log;        /* keel_measured_item */
};
extern const struct keel_schema keel_quote_schema;

/** TPMS_ATTEST of a quote over one bank, TPM 2.0 Library part 2, 10.12.8. */
struct keel_attest {
	struct keel_bytes signer;    /* qualified name of the key */
	struct keel_bytes qualifier; /* what the caller had put in */
	uint64_t clock_ms;
	uint32_t resets, restarts; /* of the TPM; obfuscated under a key of the owner hierarchy */
	bool safe;
	uint64_t firmware;
	uint16_t bank;            /* its algorithm */
	uint32_t pcrs;            /* a bit each */
	struct keel_bytes digest; /* over the values of these */
};
/** KEEL_ESHORT, KEEL_EFORM: no quote, or of more than one bank. Views live as long as `in`. */
KEEL_CHECKED enum keel_err keel_attest_read(struct keel_bytes in, struct keel_attest *out);

/** The qualifying data of a session: SHA-256(the service's nonce ‖ x ‖ y of the session's key). */
void keel_quote_qualifier(
	struct keel_bytes nonce, const struct keel_p256_pub *session, struct keel_digest *out);

/**
 * Whether the quote says what it is here for, whoever signed it: for the vault, before it claims it.
 *
 * KEEL_ESHORT, KEEL_EFORM: no quote. KEEL_ESTALE: of another nonce or session. KEEL_ERANGE: of other
 * PCRs. KEEL_ESTATE: the PCR does not hold what the log makes it hold.
 */
KEEL_CHECKED enum keel_err keel_quote_check(
	const struct keel_quote *q, const struct keel_digest *qualifier);
/** The same, and signed by the attestation key. KEEL_EAUTH: it is not. */
KEEL_CHECKED enum keel_err keel_quote_verify(const struct keel_quote *q,
	const struct keel_digest *qualifier, const struct keel_p256_pub *key);

#endif

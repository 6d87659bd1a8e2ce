/* A TPM 2.0 as the vault uses it: a place for the root, two keys, and one that quotes. For the keeper's files only. */
#ifndef KEEL_DEVICE_VAULT_TPM_H
#define KEEL_DEVICE_VAULT_TPM_H

#include <tss2/tss2_esys.h>

#include "device/vault/keeper/keeper.h"
#include "device/vault/keeper/tcti.h"

struct keel_tpm {
	struct keel_tcti tcti;
	ESYS_CONTEXT *esys;
	ESYS_TR primary; /* parent of our keys; made anew when needed, always the same */
	ESYS_TR session; /* kept: to start one costs more than all it is used for */
	struct keel_fault *fault;
};

/** Connects and makes the primary key. fd is owned by `t`, also on error. KEEL_EIO. */
KEEL_CHECKED enum keel_err keel_tpm_open(struct keel_tpm *t, int fd, struct keel_fault *fault);
void keel_tpm_close(struct keel_tpm *t);

/** KEEL_OK for success; else fills the fault with what was being done and the TPM's words. */
KEEL_CHECKED enum keel_err keel_tpm_err(struct keel_tpm *t, TSS2_RC rc, const char *doing);
/** Drops an object or session, if there is one. */
void keel_tpm_flush(struct keel_tpm *t, ESYS_TR *handle);
/** A primary key of the owner hierarchy: the same template gives the same key. pub: Esys_Free, or NULL. */
TSS2_RC keel_tpm_make_primary(
	struct keel_tpm *t, const TPM2B_PUBLIC *template, ESYS_TR *key, TPM2B_PUBLIC **pub);
/** The parent of our keys, made anew where it was dropped. */
KEEL_CHECKED enum keel_err keel_tpm_parent(struct keel_tpm *t);

/** A public point at its full width: a TPM may leave leading zeros out. KEEL_EFORM. */
KEEL_CHECKED enum keel_err keel_tpm_point(const TPMS_ECC_POINT *in, struct keel_p256_pub *out);
/** The same of a secret's coordinate, or half a signature. */
KEEL_CHECKED enum keel_err keel_tpm_number(const TPM2B_ECC_PARAMETER *in, uint8_t out[32]);
/** r ‖ s. KEEL_EFORM: another kind of signature. */
KEEL_CHECKED enum keel_err keel_tpm_signature(
	const TPMT_SIGNATURE *in, uint8_t out[KEEL_SIGNATURE_LEN]);
/**
 * The session, set to encrypt the first parameter on the way (TPMA_SESSION_DECRYPT: of the command,
 * TPMA_SESSION_ENCRYPT: of the response), so that a listener on the TPM's bus learns nothing.
 * It stays the TPM's; not flushed by who uses it.
 */
KEEL_CHECKED enum keel_err keel_tpm_session(struct keel_tpm *t, TPMA_SESSION way, ESYS_TR *out);

/**
 * The attestation key: restricted, so that it signs nothing but what the TPM itself made; the same at
 * each start, so that nothing is kept of it. It takes the parent's place: a TPM may hold three keys.
 */
KEEL_CHECKED enum keel_err keel_tpm_attest_key(
	struct keel_tpm *t, ESYS_TR *key, struct keel_p256_pub *pub);
/** TPM2_Quote of KEEL_PCR, over the qualifier. attest: a view into buf. KEEL_EIO, KEEL_EFORM. */
KEEL_CHECKED enum keel_err keel_tpm_quote(struct keel_tpm *t, ESYS_TR key,
	const struct keel_digest *qualifier, uint8_t buf[KEEL_ATTEST_MAX],
	struct keel_bytes *attest, uint8_t signature[KEEL_SIGNATURE_LEN]);

/**
 * Root and generation in one ordinary NV index, written by one command: the former content is in no
 * other place that anybody could copy. EN 303 645 5.4-1, 5.11-1.
 */
struct keel_root keel_tpm_root(struct keel_tpm *t);

#endif

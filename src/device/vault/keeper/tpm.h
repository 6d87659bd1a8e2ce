/* A TPM 2.0 as the vault uses it: a place for the root, and two keys. For the keeper's files only. */
#ifndef KEEL_DEVICE_VAULT_TPM_H
#define KEEL_DEVICE_VAULT_TPM_H

#include <tss2/tss2_esys.h>

#include "device/vault/keeper/keeper.h"
#include "device/vault/keeper/tcti.h"

struct keel_tpm {
	struct keel_tcti tcti;
	ESYS_CONTEXT *esys;
	ESYS_TR primary; /* parent of our keys; made anew at each start, always the same */
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
/**
 * The session, set to encrypt the first parameter on the way (TPMA_SESSION_DECRYPT: of the command,
 * TPMA_SESSION_ENCRYPT: of the response), so that a listener on the TPM's bus learns nothing.
 * It stays the TPM's; not flushed by who uses it.
 */
KEEL_CHECKED enum keel_err keel_tpm_session(struct keel_tpm *t, TPMA_SESSION way, ESYS_TR *out);

/**
 * Root and generation in one ordinary NV index, written by one command: the former content is in no
 * other place that anybody could copy. EN 303 645 5.4-1, 5.11-1.
 */
struct keel_root keel_tpm_root(struct keel_tpm *t);

#endif

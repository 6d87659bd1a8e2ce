/*
 * The device's identity D: two P-256 keys, one that signs and one that agrees, in the TPM where the
 * product declares one, else in the sealed store. EN 303 645 5.4-1, 5.4-2.
 */
#ifndef KEEL_DEVICE_VAULT_IDENTITY_H
#define KEEL_DEVICE_VAULT_IDENTITY_H

#include "crypto/purpose.h"
#include "device/vault/store/store.h"
#include "owner/quote.h"

/** A quote of KEEL_PCR over the qualifier; attest: a view into buf. KEEL_EIO: the keeper's fault tells. */
typedef enum keel_err keel_quote_make(void *self, const struct keel_digest *qualifier,
	uint8_t buf[KEEL_ATTEST_MAX], struct keel_bytes *attest,
	uint8_t signature[KEEL_SIGNATURE_LEN]);

/** Who vouches for the evidence: a restricted key of the TPM's. quote NULL: nobody. */
struct keel_quoter {
	struct keel_p256_pub pub;
	keel_quote_make *quote;
	void *self;
};

struct keel_identity {
	struct keel_p256_pub sign;
	struct keel_p256_pub agree;
	uint8_t thumbprint[KEEL_THUMBPRINT_LEN];
	struct keel_signer signer;
	struct keel_agreer agreer;
	struct keel_quoter quoter;
	void *self; /* the backend's */
};

/** Where keys are kept: over a TPM's descriptor, or a folder of the vault's own. */
struct keel_keeper;

/** fd: /dev/tpmrm0, or a connected Unix socket to swtpm; owned by the keeper from now on. */
KEEL_CHECKED enum keel_err keel_keeper_tpm(
	int fd, struct keel_keeper **out, struct keel_fault *fault);
/** dir: holds the file `root` (0600). */
KEEL_CHECKED enum keel_err keel_keeper_file(
	const char *dir, struct keel_keeper **out, struct keel_fault *fault);
void keel_keeper_close(struct keel_keeper *k);
/** "tpm" or "file": what statements and receipts say. */
const char *keel_keeper_word(const struct keel_keeper *k);
/** The root that this keeper holds, for keel_store_open. */
struct keel_root keel_keeper_root(struct keel_keeper *k);

/** Makes D and puts what brings it back into the record "identity" (inside the caller's begin/commit). */
KEEL_CHECKED enum keel_err keel_identity_make(struct keel_keeper *k, struct keel_store *s,
	struct keel_identity *out, struct keel_fault *fault);
/** Brings D back. KEEL_ENONE: this store was never provisioned. Lives as long as the keeper. */
KEEL_CHECKED enum keel_err keel_identity_load(struct keel_keeper *k, struct keel_store *s,
	struct keel_identity *out, struct keel_fault *fault);

/**
 * The last thing that went wrong in the keeper (a TPM that went away, with its response code), also
 * behind signer and agreer, which give an error only. err KEEL_OK: nothing yet.
 */
const struct keel_fault *keel_keeper_fault(const struct keel_keeper *k);

#endif

/* What a keeper is inside: the place of the root, and the makers of D. For its own files only. */
#ifndef KEEL_DEVICE_VAULT_KEEPER_H
#define KEEL_DEVICE_VAULT_KEEPER_H

#include "device/vault/identity.h"

#define KEEPER_PART_MAX 1024

/** One key of D as its keeper stores it: in the clear of the sealed store, or wrapped by the TPM. */
struct keeper_part {
	uint8_t pub[KEEPER_PART_MAX];
	size_t pub_n;
	uint8_t secret[KEEPER_PART_MAX];
	size_t secret_n;
};

enum keeper_use { KEEPER_SIGNS, KEEPER_AGREES, KEEPER_USES };

struct keel_keeper {
	const char *word;
	struct keel_root root;
	struct keel_fault fault; /* the last thing that went wrong */
	/** Makes a key for one use. */
	enum keel_err (*make)(struct keel_keeper *k, enum keeper_use use, struct keeper_part *out);
	/** Makes it ready, for as long as the keeper lives, and gives its public half. */
	enum keel_err (*load)(struct keel_keeper *k, enum keeper_use use,
		const struct keeper_part *part, struct keel_p256_pub *pub);
	/** By whoever was loaded last. */
	enum keel_err (*sign)(void *self, const struct keel_digest *digest,
		uint8_t signature[KEEL_SIGNATURE_LEN]);
	enum keel_err (*agree)(void *self, const struct keel_p256_pub *peer, struct keel_key *out);
	/** Makes what vouches for the evidence ready; NULL, both: nothing does. */
	enum keel_err (*attest_key)(struct keel_keeper *k, struct keel_p256_pub *pub);
	keel_quote_make *quote;
	void (*close)(struct keel_keeper *k);
};

#endif

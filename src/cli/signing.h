/* What a maker brings to a command: the compiled declaration, and the private key that it names. */
#ifndef KEEL_CLI_SIGNING_H
#define KEEL_CLI_SIGNING_H

#include "crypto/crypto.h"
#include "keel/profile.h"

struct keel_signing {
	struct keel_p256_key key;
	uint8_t bytes[256 * 1024];
	struct keel_bytes compiled; /* in bytes, as product's views */
	struct keel_product product;
};

/**
 * Reads the key (PEM) and product.cbor. KEEL_EFORM: one of them is none. KEEL_EAUTH: the declaration
 * names another key. On any error no key is left in out; the fault tells.
 */
KEEL_CHECKED enum keel_err keel_signing_open(
	const char *key, const char *product, struct keel_signing *out, struct keel_fault *fault);
/** A maker's private key alone (PEM). KEEL_EFORM: it is none; the fault tells. */
KEEL_CHECKED enum keel_err keel_signing_key(
	const char *path, struct keel_p256_key *out, struct keel_fault *fault);
/** Of keel_signing_open's errors: all was understood, and refused. Else a file is not what it should be. */
bool keel_signing_refused(enum keel_err e);
void keel_signing_wipe(struct keel_signing *m);

#endif

/* A maker's private key as tools write it: PEM. For the command line only; no device reads one. */
#ifndef KEEL_CRYPTO_PEM_H
#define KEEL_CRYPTO_PEM_H

#include "crypto/crypto.h"

/** KEEL_EFORM: no PEM of an unencrypted P-256 private key (SEC 1 or PKCS #8). */
KEEL_CHECKED enum keel_err keel_p256_read_pem(struct keel_bytes pem, struct keel_p256_key *out);

#endif

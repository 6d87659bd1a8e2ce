/* A maker's private key as tools write it: PEM. For the command line only; no device reads one. */
#ifndef KEEL_CRYPTO_PEM_H
#define KEEL_CRYPTO_PEM_H

#include "crypto/crypto.h"

/** KEEL_EFORM: no PEM of an unencrypted P-256 private key (SEC 1 or PKCS #8). */
KEEL_CHECKED enum keel_err keel_p256_read_pem(struct keel_bytes pem, struct keel_p256_key *out);

#define KEEL_PEM_MAX 300
/** Writes it so that the above reads it (SEC 1), in at most KEEL_PEM_MAX bytes. */
void keel_p256_write_pem(const struct keel_p256_key *key, struct keel_wr *w);

#endif

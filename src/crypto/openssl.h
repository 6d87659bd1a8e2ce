/*
 * What the OpenSSL files share: the algorithms, fetched once and constant after that (a fetch by
 * name costs more than the hash itself). Nobody above crypto.h includes this.
 */
#ifndef KEEL_CRYPTO_OPENSSL_H
#define KEEL_CRYPTO_OPENSSL_H

#include <openssl/ec.h>
#include <openssl/evp.h>

#include "crypto/crypto.h"

#define KEEL_AEAD_COUNT (KEEL_AES_CCM_16_128_128 + 1)

struct keel_ossl {
	EVP_MD *sha256;
	EVP_MAC_CTX *hmac;                 /* HMAC-SHA-256 without a key: to be copied */
	EVP_CIPHER *aead[KEEL_AEAD_COUNT]; /* by enum keel_aead */
	EC_GROUP *group;                   /* P-256 */
	EVP_PKEY *p256;                    /* P-256 without a key: to be copied */
};

/**
 * The fetched algorithms; the first call makes them, without reading openssl.cnf: what a device
 * computes does not depend on a file. A library that lacks one ends the process.
 */
const struct keel_ossl *keel_ossl(void);

/** Makes the curve's part of the above. */
void keel_ossl_p256_init(struct keel_ossl *all);

#endif

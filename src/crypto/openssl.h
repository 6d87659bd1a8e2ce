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

/** An AEAD and its lengths. */
struct keel_ossl_aead {
	EVP_CIPHER *cipher;
	uint8_t key, nonce, tag;
	bool ccm;
};

struct keel_ossl {
	EVP_MD *sha256;
	EVP_MAC_CTX *hmac; /* HMAC-SHA-256 without a key: to be copied */
	struct keel_ossl_aead aead[KEEL_AEAD_COUNT];
	EC_GROUP *group; /* P-256 */
	EVP_PKEY *p256;  /* P-256 without a key: to be copied */
};

/**
 * The fetched algorithms; the first call makes them, without reading openssl.cnf: what a device
 * computes does not depend on a file. A library that lacks one ends the process.
 */
const struct keel_ossl *keel_ossl(void);

/** keel_aead_seal and _open for any lengths, so that all published vectors can be tried. */
KEEL_CHECKED enum keel_err keel_ossl_seal(const struct keel_ossl_aead *a, struct keel_bytes key,
	struct keel_bytes nonce, struct keel_bytes aad, struct keel_bytes plain, uint8_t *out);
KEEL_CHECKED enum keel_err keel_ossl_open(const struct keel_ossl_aead *a, struct keel_bytes key,
	struct keel_bytes nonce, struct keel_bytes aad, struct keel_bytes sealed, uint8_t *out);

/** Make their file's part of the above. */
void keel_ossl_aead_init(struct keel_ossl *all);
void keel_ossl_p256_init(struct keel_ossl *all);

#endif

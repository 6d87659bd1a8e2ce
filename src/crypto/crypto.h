/*
 * The primitives that Keel needs and no others, behind one header: nothing above it knows which
 * library does the work (openssl.c on Linux; the microcontroller's backends come beside it).
 * EN 303 645 5.5-1, 5.5-3.
 */
#ifndef KEEL_CRYPTO_CRYPTO_H
#define KEEL_CRYPTO_CRYPTO_H

#include "core/bytes.h"

#define KEEL_SHA256_LEN    32
#define KEEL_GCM_NONCE_LEN 12
#define KEEL_GCM_TAG_LEN   16
#define KEEL_SIGNATURE_LEN 64 /* r ‖ s, as COSE has it (RFC 9053 §2.1) */

/** A symmetric secret of 256 bits. Wiped by the function that made it; never printed. */
struct keel_key {
	uint8_t b[32];
};

struct keel_digest {
	uint8_t b[KEEL_SHA256_LEN];
};

/** A point on P-256, x ‖ y. Only keel_p256_check makes one from outside trustworthy. */
struct keel_p256_pub {
	uint8_t xy[64];
};

/** A P-256 private scalar with its public point. A key signs or agrees, never both. */
struct keel_p256_key {
	uint8_t d[32];
	struct keel_p256_pub pub;
};

/**
 * Does everything once that the library does at first use: generator, algorithms, curve. A room
 * calls it before it confines itself; afterwards nothing here opens a file (getrandom only).
 */
void keel_crypto_warm(void);

void keel_key_wipe(struct keel_key *k);
void keel_p256_key_wipe(struct keel_p256_key *k);
/** Zeroes memory in a way no compiler removes. */
void keel_wipe(void *p, size_t n);
/** Same length and bytes; time depends on the length only. */
bool keel_ct_equal(struct keel_bytes a, struct keel_bytes b);
/** Bytes from the system's generator. A system without one ends the process. */
void keel_random(void *out, size_t n);

/** SHA-256 over the parts in their order. */
void keel_sha256(const struct keel_bytes *parts, size_t n, struct keel_digest *out);

/** SHA-256 of what comes in pieces: init, add…, end (which frees; keel_hash_clear drops early). */
struct keel_hash {
	void *state;
};
void keel_hash_init(struct keel_hash *h);
void keel_hash_add(struct keel_hash *h, struct keel_bytes part);
void keel_hash_end(struct keel_hash *h, struct keel_digest *out);
void keel_hash_clear(struct keel_hash *h);

/** HMAC-SHA-256 (RFC 2104) over the parts in their order. */
void keel_hmac(
	struct keel_bytes key, const struct keel_bytes *parts, size_t n, struct keel_digest *out);

/** HKDF-SHA-256 (RFC 5869), extract and expand. out_n at most 255·32. */
void keel_hkdf(struct keel_bytes secret, struct keel_bytes salt, struct keel_bytes info,
	uint8_t *out, size_t out_n);

/** PBKDF2-HMAC-SHA-256 (RFC 8018 §5.2). */
void keel_pbkdf2(
	struct keel_bytes password, struct keel_bytes salt, uint32_t rounds, struct keel_key *out);

enum keel_aead {
	KEEL_AES_GCM_256,       /* key 32, nonce 12, tag 16 */
	KEEL_AES_GCM_128,       /* key 16, nonce 12, tag 16 */
	KEEL_AES_CCM_16_64_128, /* key 16, nonce 13, tag 8 (RFC 9053 §4.2) */
	KEEL_AES_CCM_16_128_128 /* key 16, nonce 13, tag 16 */
};

size_t keel_aead_key_len(enum keel_aead a);
size_t keel_aead_nonce_len(enum keel_aead a);
size_t keel_aead_tag_len(enum keel_aead a);

/**
 * Encrypts; appends the tag: out holds plain.n + tag bytes. May work in place (out == plain.p).
 * KEEL_ERANGE: a key or nonce of another length.
 */
KEEL_CHECKED enum keel_err keel_aead_seal(enum keel_aead a, struct keel_bytes key,
	struct keel_bytes nonce, struct keel_bytes aad, struct keel_bytes plain, uint8_t *out);

/**
 * Decrypts sealed (cipher text and tag) into out, sealed.n - tag bytes. May work in place.
 * KEEL_EAUTH: the tag does not verify; then no byte of plain text is left in out (all zero).
 * KEEL_ERANGE: a key or nonce of another length; out untouched.
 */
KEEL_CHECKED enum keel_err keel_aead_open(enum keel_aead a, struct keel_bytes key,
	struct keel_bytes nonce, struct keel_bytes aad, struct keel_bytes sealed, uint8_t *out);

/** A fresh key pair. */
void keel_p256_generate(struct keel_p256_key *out);
/** A private scalar's public point. KEEL_ERANGE: not in 1..n-1. */
KEEL_CHECKED enum keel_err keel_p256_from_private(const uint8_t d[32], struct keel_p256_key *out);
/** KEEL_EAUTH: not a point on the curve, or the one at infinity. */
KEEL_CHECKED enum keel_err keel_p256_check(const struct keel_p256_pub *pub);
/** ECDH: the x coordinate. KEEL_EAUTH: the peer's point is not on the curve. */
KEEL_CHECKED enum keel_err keel_p256_agree(
	const struct keel_p256_key *own, const struct keel_p256_pub *peer, struct keel_key *out);
/**
 * A key made ready by the backend: for whoever signs or verifies by it often, since making it ready
 * costs as much as signing, and a sixth of verifying. Owns memory of the backend's until it is closed.
 */
struct keel_p256_opened {
	void *state; /* NULL: closed */
};
void keel_p256_open(const struct keel_p256_key *own, struct keel_p256_opened *out);
void keel_p256_opened_sign(const struct keel_p256_opened *own, const struct keel_digest *digest,
	uint8_t signature[KEEL_SIGNATURE_LEN]);
/** A public key; it only verifies. KEEL_EAUTH: not a point on the curve. */
KEEL_CHECKED enum keel_err keel_p256_open_pub(
	const struct keel_p256_pub *pub, struct keel_p256_opened *out);
/** As keel_p256_verify. */
KEEL_CHECKED enum keel_err keel_p256_opened_verify(const struct keel_p256_opened *key,
	const struct keel_digest *digest, struct keel_bytes signature);
/** Nothing where it is closed already. */
void keel_p256_close(struct keel_p256_opened *k);

/** ECDSA over a SHA-256 digest, by a key that signs once. */
void keel_p256_sign(const struct keel_p256_key *own, const struct keel_digest *digest,
	uint8_t signature[KEEL_SIGNATURE_LEN]);
/** KEEL_EAUTH: not this key's signature of this digest. */
KEEL_CHECKED enum keel_err keel_p256_verify(const struct keel_p256_pub *pub,
	const struct keel_digest *digest, struct keel_bytes signature);

#endif

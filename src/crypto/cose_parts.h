/*
 * What lies under cose.h and is tested by itself against the published examples: the structures
 * that are signed, MACed and authenticated (RFC 9052 §4.4, §5.3, §6.3), the key derivation's
 * context (RFC 9053 §5.2), and each message as a struct, read and written strictly.
 * For cose_*.c, their tests and the fuzz target only.
 */
#ifndef KEEL_CRYPTO_COSE_PARTS_H
#define KEEL_CRYPTO_COSE_PARTS_H

#include "core/schema.h"
#include "crypto/cose.h"
#include "crypto/cose_key.h"

#define KEEL_COSE_NONCE_LEN   32 /* PartyU nonce */
#define KEEL_COSE_CONTEXT_MAX 128

/* Protected headers, as the bytes that are authenticated: {1: alg}. */
extern const struct keel_bytes keel_cose_es256;
extern const struct keel_bytes keel_cose_hmac_256;
extern const struct keel_bytes keel_cose_a256gcm;
extern const struct keel_bytes keel_cose_ecdh_es;
extern const struct keel_bytes keel_cose_ecdh_ss;

/** The head of a byte string of n bytes; the caller writes these behind it. */
void keel_cose_bytes_head(struct keel_wr *w, size_t n);

/**
 * Sig_structure or MAC_structure, [context, protected, external, payload], in pieces, so that the
 * payload is not copied. Views into itself (do not copy the struct) and into the arguments.
 */
struct keel_cose_tbs {
	struct keel_bytes part[4];
	uint8_t before[64];  /* up to the head of external */
	uint8_t between[16]; /* the head of payload */
};
void keel_cose_tbs(const char *context, struct keel_bytes protected, struct keel_bytes external,
	struct keel_bytes payload, struct keel_cose_tbs *out);

/** Enc_structure: [context, protected, external]. */
void keel_cose_enc_structure(const char *context, struct keel_bytes protected,
	struct keel_bytes external, struct keel_wr *w);

/**
 * COSE_KDF_Context for a key of algorithm `alg`; its length is in bits. party_u_nonce may be
 * empty: then it is null. `protected` is the recipient's.
 */
void keel_cose_kdf_context(int64_t alg, unsigned key_bits, struct keel_bytes party_u_nonce,
	struct keel_bytes protected, struct keel_wr *w);

/** The A256GCM key of a message sealed by ECDH: HKDF over the shared secret, salt empty. */
void keel_cose_derive(const struct keel_key *shared, struct keel_bytes party_u_nonce,
	struct keel_bytes protected, struct keel_key *out);

/** The three items that Encrypt0 and Encrypt begin with: A256GCM, {5: iv}, cipher text and tag. */
KEEL_CHECKED enum keel_err keel_cose_put_sealed(const struct keel_key *key,
	const uint8_t iv[KEEL_GCM_NONCE_LEN], struct keel_bytes aad, struct keel_bytes plain,
	struct keel_wr *w);

struct keel_cose_kid {
	uint32_t has;
	struct keel_bytes kid;
};
struct keel_cose_sign1 {
	uint32_t has;
	struct keel_bytes protected;
	struct keel_cose_kid unprotected;
	struct keel_bytes payload;
	struct keel_bytes signature;
};
extern const struct keel_schema keel_cose_sign1_schema;

struct keel_cose_nothing {
	uint32_t has;
};
struct keel_cose_mac0 {
	uint32_t has;
	struct keel_bytes protected;
	struct keel_cose_nothing unprotected;
	struct keel_bytes payload;
	struct keel_bytes tag;
};
extern const struct keel_schema keel_cose_mac0_schema;

struct keel_cose_iv {
	uint32_t has;
	struct keel_bytes iv;
};
extern const struct keel_schema keel_cose_iv_schema;

struct keel_cose_encrypt0 {
	uint32_t has;
	struct keel_bytes protected;
	struct keel_cose_iv unprotected;
	struct keel_bytes cipher;
};
extern const struct keel_schema keel_cose_encrypt0_schema;

struct keel_cose_headers {
	uint32_t has;
	struct keel_bytes kid;
	struct keel_cose_key epk;     /* ES */
	struct keel_bytes sender_kid; /* SS */
	struct keel_bytes nonce;      /* SS */
};
struct keel_cose_recipient {
	uint32_t has;
	struct keel_bytes protected;
	struct keel_cose_headers unprotected;
	struct keel_bytes encrypted_key; /* empty: the derived key is used as it is */
};
struct keel_cose_encrypt {
	uint32_t has;
	struct keel_bytes protected;
	struct keel_cose_iv unprotected;
	struct keel_bytes cipher;
	struct keel_list recipients; /* one */
};
extern const struct keel_schema keel_cose_encrypt_static_schema;
extern const struct keel_schema keel_cose_encrypt_to_schema;

/** Reads an Encrypt and its one recipient. KEEL_ESHORT, KEEL_EFORM, KEEL_ERANGE: not such a one. */
KEEL_CHECKED enum keel_err keel_cose_read_static(
	struct keel_bytes in, struct keel_cose_encrypt *out, struct keel_cose_recipient *to);
KEEL_CHECKED enum keel_err keel_cose_read_to(
	struct keel_bytes in, struct keel_cose_encrypt *out, struct keel_cose_recipient *to);

/* As their namesakes in cose.h, with the random values given: for known answers only. */
KEEL_CHECKED enum keel_err keel_cose_encrypt0_fixed(const struct keel_key *key,
	const uint8_t iv[KEEL_GCM_NONCE_LEN], struct keel_bytes external, struct keel_bytes plain,
	struct keel_wr *w);
KEEL_CHECKED enum keel_err keel_cose_seal_static_fixed(const struct keel_key *shared,
	struct keel_bytes sender_kid, struct keel_bytes recipient_kid,
	const uint8_t iv[KEEL_GCM_NONCE_LEN], const uint8_t nonce[KEEL_COSE_NONCE_LEN],
	struct keel_bytes plain, struct keel_wr *w);
KEEL_CHECKED enum keel_err keel_cose_seal_to_fixed(const struct keel_p256_key *ephemeral,
	const struct keel_p256_pub *recipient, struct keel_bytes recipient_kid,
	const uint8_t iv[KEEL_GCM_NONCE_LEN], struct keel_bytes plain, struct keel_wr *w);

#endif

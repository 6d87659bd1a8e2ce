/*
 * COSE (RFC 9052, algorithms of RFC 9053): Sign1, Mac0, Encrypt0, and Encrypt to one recipient by
 * ECDH-ES or ECDH-SS with HKDF-256. Untagged structures; the purpose inside says what they are
 * (crypto/purpose.h). Strict: only the algorithms and headers named here, nothing else in a map.
 * No heap: the caller brings the buffers. Payloads are attached, never detached.
 */
#ifndef KEEL_CRYPTO_COSE_H
#define KEEL_CRYPTO_COSE_H

#include "crypto/crypto.h"

#define KEEL_COSE_ES256        (-7)
#define KEEL_COSE_HMAC_256     5
#define KEEL_COSE_A256GCM      3
#define KEEL_COSE_ECDH_ES_HKDF (-25)
#define KEEL_COSE_ECDH_SS_HKDF (-27)
#define KEEL_COSE_KID_MAX      32
#define KEEL_COSE_EXTERNAL_MAX 256 /* external AAD of an Encrypt0 */
#define KEEL_COSE_OVERHEAD     320 /* no structure below adds more than this to its payload */

/**
 * Signs by whoever holds the key: a private key in memory, or a TPM. `sign` gives r ‖ s over the
 * digest. A private key in memory: keel_signer_of.
 */
struct keel_signer {
	enum keel_err (*sign)(void *self, const struct keel_digest *digest,
		uint8_t signature[KEEL_SIGNATURE_LEN]);
	void *self;
};
struct keel_signer keel_signer_of(const struct keel_p256_key *key);
struct keel_signer keel_signer_of_opened(const struct keel_p256_opened *key);

/** Agrees by whoever holds the key. `agree` gives the x coordinate of the shared point. */
struct keel_agreer {
	enum keel_err (*agree)(void *self, const struct keel_p256_pub *peer, struct keel_key *out);
	void *self;
};
struct keel_agreer keel_agreer_of(const struct keel_p256_key *key);

/** COSE_Sign1, ES256, kid in the unprotected header where not empty. Written into w. */
KEEL_CHECKED enum keel_err keel_cose_sign1(const struct keel_signer *signer, struct keel_bytes kid,
	struct keel_bytes external_aad, struct keel_bytes payload, struct keel_wr *w);

/** The kid that a Sign1 names, empty if none: to look the key up. Not verified. */
KEEL_CHECKED enum keel_err keel_cose_sign1_kid(struct keel_bytes in, struct keel_bytes *kid);
/** What it says, for whoever has to know before there is a key, or has none. Not verified. */
KEEL_CHECKED enum keel_err keel_cose_sign1_peek(struct keel_bytes in, struct keel_bytes *payload);

/**
 * Verifies; payload is a view into `in`, untouched on error.
 * KEEL_ESHORT, KEEL_EFORM, KEEL_ERANGE: not such a structure (so for every reader below).
 * KEEL_EAUTH: not signed by this key, or changed.
 */
KEEL_CHECKED enum keel_err keel_cose_verify1(const struct keel_p256_pub *pub, struct keel_bytes in,
	struct keel_bytes external_aad, struct keel_bytes *payload);
KEEL_CHECKED enum keel_err keel_cose_verify1_opened(const struct keel_p256_opened *key,
	struct keel_bytes in, struct keel_bytes external_aad, struct keel_bytes *payload);

/** COSE_Mac0, HMAC 256/256. */
KEEL_CHECKED enum keel_err keel_cose_mac0(struct keel_bytes key, struct keel_bytes external_aad,
	struct keel_bytes payload, struct keel_wr *w);
KEEL_CHECKED enum keel_err keel_cose_mac0_verify(struct keel_bytes key, struct keel_bytes in,
	struct keel_bytes external_aad, struct keel_bytes *payload);

/** COSE_Encrypt0, A256GCM, a random nonce. KEEL_ERANGE: external_aad is too long. */
KEEL_CHECKED enum keel_err keel_cose_encrypt0(const struct keel_key *key,
	struct keel_bytes external_aad, struct keel_bytes plain, struct keel_wr *w);
/**
 * Opens into out (in.n bytes are always enough), which must not overlap `in`; plain is a view of
 * out. KEEL_EAUTH: nothing of the plain text is in out. The same holds for the openers below.
 */
KEEL_CHECKED enum keel_err keel_cose_decrypt0(const struct keel_key *key, struct keel_bytes in,
	struct keel_bytes external_aad, uint8_t *out, struct keel_bytes *plain);

/**
 * COSE_Encrypt to one recipient, ECDH-SS + HKDF-256 (RFC 9053 §6.3), content A256GCM:
 *	[ h'A10103', {5: iv}, cipher, [ [ h'A101381A', {4: recipient kid, -3: sender kid, -22: PartyU
 *	nonce of 32 bytes}, h'' ] ] ]
 * docs/protocol.md has it byte by byte. The shared secret of two static keys never changes, so
 * whoever has agreed once may keep it: `shared` is keel_agreer's result.
 */
KEEL_CHECKED enum keel_err keel_cose_seal_static(const struct keel_key *shared,
	struct keel_bytes sender_kid, struct keel_bytes recipient_kid, struct keel_bytes plain,
	struct keel_wr *w);

/** How long that becomes, both kids being thumbprints of 32 bytes. */
size_t keel_cose_sealed_len(size_t plain_n);

/** Who sealed it and to whom: to look the shared secret up. Not verified. */
KEEL_CHECKED enum keel_err keel_cose_seal_kids(
	struct keel_bytes in, struct keel_bytes *sender_kid, struct keel_bytes *recipient_kid);
KEEL_CHECKED enum keel_err keel_cose_open_static(const struct keel_key *shared,
	struct keel_bytes in, uint8_t *out, struct keel_bytes *plain);

/** The same by ECDH-ES (RFC 9053 §6.3.1): a fresh sender key, whose public half travels along. */
KEEL_CHECKED enum keel_err keel_cose_seal_to(const struct keel_p256_pub *recipient,
	struct keel_bytes recipient_kid, struct keel_bytes plain, struct keel_wr *w);
KEEL_CHECKED enum keel_err keel_cose_open_from(const struct keel_agreer *own, struct keel_bytes in,
	uint8_t *out, struct keel_bytes *plain);

#endif

/*
 * COSE_Encrypt to one recipient by key agreement: ECDH-SS between two keys that stay, and ECDH-ES
 * from a fresh one. RFC 9052 §5.1, RFC 9053 §6.3.
 */
#include <string.h>

#include "core/cbor.h"
#include "crypto/cose_parts.h"

/* clang-format off */
#define KID(l, n, member, may_miss)                                                                \
	{ .label = (l), .name = (n), .kind = KEEL_BYTES, .optional = (may_miss), .min = 1,         \
	  .max = KEEL_COSE_KID_MAX, KEEL_AT(struct keel_cose_headers, member) }
static const struct keel_row static_header_rows[] = {
	KID(4, "kid", kid, false),
	KID(-3, "sender kid", sender_kid, false),
	{ .label = -22, .name = "nonce", .kind = KEEL_BYTES,
	  .min = KEEL_COSE_NONCE_LEN, .max = KEEL_COSE_NONCE_LEN,
	  KEEL_AT(struct keel_cose_headers, nonce) },
};
static const struct keel_row to_header_rows[] = {
	KID(4, "kid", kid, true),
	{ .label = -1, .name = "epk", .kind = KEEL_MAP, .of = &keel_cose_key_schema,
	  KEEL_AT(struct keel_cose_headers, epk) },
};
static const struct keel_schema static_headers =
	KEEL_SCHEMA("unprotected", KEEL_AS_MAP, static_header_rows, struct keel_cose_headers);
static const struct keel_schema to_headers =
	KEEL_SCHEMA("unprotected", KEEL_AS_MAP, to_header_rows, struct keel_cose_headers);

#define RECIPIENT(headers)                                                                         \
	{ .name = "protected", .kind = KEEL_BYTES, KEEL_AT(struct keel_cose_recipient, protected) }, \
	{ .name = "unprotected", .kind = KEEL_MAP, .of = &(headers),                               \
	  KEEL_AT(struct keel_cose_recipient, unprotected) },                                      \
	{ .name = "encrypted key", .kind = KEEL_BYTES,                                             \
	  KEEL_AT(struct keel_cose_recipient, encrypted_key) },
static const struct keel_row static_recipient_rows[] = { RECIPIENT(static_headers) };
static const struct keel_row to_recipient_rows[] = { RECIPIENT(to_headers) };
static const struct keel_schema static_recipient =
	KEEL_SCHEMA("recipient", KEEL_AS_TUPLE, static_recipient_rows, struct keel_cose_recipient);
static const struct keel_schema to_recipient =
	KEEL_SCHEMA("recipient", KEEL_AS_TUPLE, to_recipient_rows, struct keel_cose_recipient);
static const struct keel_row static_item = { .name = "recipient", .kind = KEEL_MAP, .of = &static_recipient };
static const struct keel_row to_item = { .name = "recipient", .kind = KEEL_MAP, .of = &to_recipient };

#define ENCRYPT(recipient)                                                                         \
	{ .name = "protected", .kind = KEEL_BYTES, KEEL_AT(struct keel_cose_encrypt, protected) }, \
	{ .name = "unprotected", .kind = KEEL_MAP, .of = &keel_cose_iv_schema,                               \
	  KEEL_AT(struct keel_cose_encrypt, unprotected) },                                        \
	{ .name = "cipher", .kind = KEEL_BYTES, .min = KEEL_GCM_TAG_LEN,                           \
	  KEEL_AT(struct keel_cose_encrypt, cipher) },                                             \
	{ .name = "recipients", .kind = KEEL_LIST, .item = &(recipient), .min = 1, .max = 1,       \
	  KEEL_AT(struct keel_cose_encrypt, recipients) },
static const struct keel_row static_rows[] = { ENCRYPT(static_item) };
static const struct keel_row to_rows[] = { ENCRYPT(to_item) };
const struct keel_schema keel_cose_encrypt_static_schema =
	KEEL_SCHEMA("COSE_Encrypt by ECDH-SS", KEEL_AS_TUPLE, static_rows, struct keel_cose_encrypt);
const struct keel_schema keel_cose_encrypt_to_schema =
	KEEL_SCHEMA("COSE_Encrypt by ECDH-ES", KEEL_AS_TUPLE, to_rows, struct keel_cose_encrypt);
/* clang-format on */

static struct keel_bytes aad(uint8_t buf[32])
{
	struct keel_wr w = keel_wr_of(buf, 32);
	struct keel_bytes out;
	keel_cose_enc_structure("Encrypt", keel_cose_a256gcm, (struct keel_bytes){ 0 }, &w);
	KEEL_MUST(keel_wr_end(&w, &out) == KEEL_OK);
	return out;
}

/* The message up to its recipients. */
static enum keel_err write_body(const struct keel_key *key, const uint8_t iv[KEEL_GCM_NONCE_LEN],
	struct keel_bytes plain, struct keel_wr *w)
{
	uint8_t buf[32];
	keel_cbor_array(w, 4);
	return keel_cose_put_sealed(key, iv, aad(buf), plain, w);
}

static enum keel_err write_recipient(
	const struct keel_schema *schema, const struct keel_cose_recipient *to, struct keel_wr *w)
{
	struct keel_bytes ignored;
	keel_cbor_array(w, 1);
	keel_schema_write(schema, to, w);
	return keel_wr_end(w, &ignored);
}

enum keel_err keel_cose_seal_static_fixed(const struct keel_key *shared,
	struct keel_bytes sender_kid, struct keel_bytes recipient_kid,
	const uint8_t iv[KEEL_GCM_NONCE_LEN], const uint8_t nonce[KEEL_COSE_NONCE_LEN],
	struct keel_bytes plain, struct keel_wr *w)
{
	const struct keel_cose_recipient to = {
		.protected = keel_cose_ecdh_ss,
		.unprotected = { .kid = recipient_kid,
			.sender_kid = sender_kid,
			.nonce = { nonce, KEEL_COSE_NONCE_LEN } },
	};
	keel_auto(keel_key_wipe) struct keel_key key;
	keel_cose_derive(shared, to.unprotected.nonce, keel_cose_ecdh_ss, &key);
	enum keel_err e = write_body(&key, iv, plain, w);
	return e == KEEL_OK ? write_recipient(&static_recipient, &to, w) : e;
}

size_t keel_cose_sealed_len(size_t plain_n)
{
	/* [ h'A10103', {5: h'12 bytes'}, cipher, [ [ h'A101381A', {4: kid, -3: kid, -22: nonce}, h'' ] ] ] */
	enum { BEFORE = 1 + 4 + 3 + KEEL_GCM_NONCE_LEN, AFTER = 1 + 1 + 5 + 1 + 3 * (3 + 32) + 1 };
	size_t cipher_n = plain_n + KEEL_GCM_TAG_LEN;
	return BEFORE + keel_cbor_head_len(cipher_n) + cipher_n + AFTER;
}

enum keel_err keel_cose_seal_static(const struct keel_key *shared, struct keel_bytes sender_kid,
	struct keel_bytes recipient_kid, struct keel_bytes plain, struct keel_wr *w)
{
	uint8_t iv[KEEL_GCM_NONCE_LEN];
	uint8_t nonce[KEEL_COSE_NONCE_LEN];
	keel_random(iv, sizeof(iv));
	keel_random(nonce, sizeof(nonce));
	return keel_cose_seal_static_fixed(shared, sender_kid, recipient_kid, iv, nonce, plain, w);
}

enum keel_err keel_cose_seal_to_fixed(const struct keel_p256_key *ephemeral,
	const struct keel_p256_pub *recipient, struct keel_bytes recipient_kid,
	const uint8_t iv[KEEL_GCM_NONCE_LEN], struct keel_bytes plain, struct keel_wr *w)
{
	keel_auto(keel_key_wipe) struct keel_key shared;
	keel_auto(keel_key_wipe) struct keel_key key;
	enum keel_err e = keel_p256_agree(ephemeral, recipient, &shared);
	if (e != KEEL_OK)
		return e;
	keel_cose_derive(&shared, (struct keel_bytes){ 0 }, keel_cose_ecdh_es, &key);
	const struct keel_cose_recipient to = {
		.protected = keel_cose_ecdh_es,
		.unprotected = { .has = recipient_kid.n > 0,
			.kid = recipient_kid,
			.epk = keel_cose_key_of(&ephemeral->pub) },
	};
	e = write_body(&key, iv, plain, w);
	return e == KEEL_OK ? write_recipient(&to_recipient, &to, w) : e;
}

enum keel_err keel_cose_seal_to(const struct keel_p256_pub *recipient,
	struct keel_bytes recipient_kid, struct keel_bytes plain, struct keel_wr *w)
{
	uint8_t iv[KEEL_GCM_NONCE_LEN];
	keel_auto(keel_p256_key_wipe) struct keel_p256_key ephemeral;
	keel_random(iv, sizeof(iv));
	keel_p256_generate(&ephemeral);
	return keel_cose_seal_to_fixed(&ephemeral, recipient, recipient_kid, iv, plain, w);
}

static enum keel_err read_with(const struct keel_schema *schema, const struct keel_row *item,
	struct keel_bytes protected, struct keel_bytes in, struct keel_cose_encrypt *out,
	struct keel_cose_recipient *to)
{
	enum keel_err e = keel_schema_read(schema, in, out, NULL);
	if (e != KEEL_OK)
		return e;
	struct keel_list rest = out->recipients;
	KEEL_MUST(keel_list_next(item, &rest, to));
	bool ours = keel_bytes_equal(out->protected, keel_cose_a256gcm) &&
		    keel_bytes_equal(to->protected, protected) && to->encrypted_key.n == 0;
	return ours ? KEEL_OK : KEEL_EFORM;
}

enum keel_err keel_cose_read_static(
	struct keel_bytes in, struct keel_cose_encrypt *out, struct keel_cose_recipient *to)
{
	return read_with(
		&keel_cose_encrypt_static_schema, &static_item, keel_cose_ecdh_ss, in, out, to);
}

enum keel_err keel_cose_read_to(
	struct keel_bytes in, struct keel_cose_encrypt *out, struct keel_cose_recipient *to)
{
	return read_with(&keel_cose_encrypt_to_schema, &to_item, keel_cose_ecdh_es, in, out, to);
}

enum keel_err keel_cose_seal_kids(
	struct keel_bytes in, struct keel_bytes *sender_kid, struct keel_bytes *recipient_kid)
{
	struct keel_cose_encrypt m;
	struct keel_cose_recipient to;
	enum keel_err e = keel_cose_read_static(in, &m, &to);
	if (e != KEEL_OK)
		return e;
	*sender_kid = to.unprotected.sender_kid;
	*recipient_kid = to.unprotected.kid;
	return KEEL_OK;
}

static enum keel_err open_body(const struct keel_key *key, const struct keel_cose_encrypt *m,
	uint8_t *out, struct keel_bytes *plain)
{
	uint8_t buf[32];
	enum keel_err e = keel_aead_open(
		KEEL_AES_GCM_256, KEEL_VIEW(key->b), m->unprotected.iv, aad(buf), m->cipher, out);
	if (e == KEEL_OK)
		*plain = (struct keel_bytes){ out, m->cipher.n - KEEL_GCM_TAG_LEN };
	return e;
}

enum keel_err keel_cose_open_static(
	const struct keel_key *shared, struct keel_bytes in, uint8_t *out, struct keel_bytes *plain)
{
	struct keel_cose_encrypt m;
	struct keel_cose_recipient to;
	enum keel_err e = keel_cose_read_static(in, &m, &to);
	if (e != KEEL_OK)
		return e;
	keel_auto(keel_key_wipe) struct keel_key key;
	keel_cose_derive(shared, to.unprotected.nonce, keel_cose_ecdh_ss, &key);
	return open_body(&key, &m, out, plain);
}

enum keel_err keel_cose_open_from(
	const struct keel_agreer *own, struct keel_bytes in, uint8_t *out, struct keel_bytes *plain)
{
	struct keel_cose_encrypt m;
	struct keel_cose_recipient to;
	enum keel_err e = keel_cose_read_to(in, &m, &to);
	if (e != KEEL_OK)
		return e;
	struct keel_p256_pub epk;
	keel_cose_key_pub(&to.unprotected.epk, &epk);
	keel_auto(keel_key_wipe) struct keel_key shared = { 0 };
	keel_auto(keel_key_wipe) struct keel_key key = { 0 };
	e = own->agree(own->self, &epk, &shared);
	if (e != KEEL_OK)
		return e;
	keel_cose_derive(&shared, (struct keel_bytes){ 0 }, keel_cose_ecdh_es, &key);
	return open_body(&key, &m, out, plain);
}

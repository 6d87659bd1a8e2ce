/* COSE_Sign1 and COSE_Mac0. RFC 9052 §4.2, §6.2. */
#include "crypto/cose_parts.h"

/* clang-format off */
static const struct keel_row kid_rows[] = {
	{ .label = 4, .name = "kid", .kind = KEEL_BYTES, .optional = true,
	  .min = 1, .max = KEEL_COSE_KID_MAX, KEEL_AT(struct keel_cose_kid, kid) },
};
static const struct keel_schema kid_schema =
	KEEL_SCHEMA("unprotected", KEEL_AS_MAP, kid_rows, struct keel_cose_kid);

static const struct keel_row sign1_rows[] = {
	{ .name = "protected", .kind = KEEL_BYTES, KEEL_AT(struct keel_cose_sign1, protected) },
	{ .name = "unprotected", .kind = KEEL_MAP, .of = &kid_schema,
	  KEEL_AT(struct keel_cose_sign1, unprotected) },
	{ .name = "payload", .kind = KEEL_BYTES, KEEL_AT(struct keel_cose_sign1, payload) },
	{ .name = "signature", .kind = KEEL_BYTES, .min = KEEL_SIGNATURE_LEN, .max = KEEL_SIGNATURE_LEN,
	  KEEL_AT(struct keel_cose_sign1, signature) },
};
const struct keel_schema keel_cose_sign1_schema =
	KEEL_SCHEMA("COSE_Sign1", KEEL_AS_TUPLE, sign1_rows, struct keel_cose_sign1);

static const struct keel_schema nothing_schema = {
	.name = "unprotected", .form = KEEL_AS_MAP, .size = sizeof(struct keel_cose_nothing),
};
static const struct keel_row mac0_rows[] = {
	{ .name = "protected", .kind = KEEL_BYTES, KEEL_AT(struct keel_cose_mac0, protected) },
	{ .name = "unprotected", .kind = KEEL_MAP, .of = &nothing_schema,
	  KEEL_AT(struct keel_cose_mac0, unprotected) },
	{ .name = "payload", .kind = KEEL_BYTES, KEEL_AT(struct keel_cose_mac0, payload) },
	{ .name = "tag", .kind = KEEL_BYTES, .min = KEEL_SHA256_LEN, .max = KEEL_SHA256_LEN,
	  KEEL_AT(struct keel_cose_mac0, tag) },
};
const struct keel_schema keel_cose_mac0_schema =
	KEEL_SCHEMA("COSE_Mac0", KEEL_AS_TUPLE, mac0_rows, struct keel_cose_mac0);
/* clang-format on */

static enum keel_err sign_with_key(
	void *self, const struct keel_digest *digest, uint8_t signature[KEEL_SIGNATURE_LEN])
{
	keel_p256_sign(self, digest, signature);
	return KEEL_OK;
}

static enum keel_err sign_with_opened(
	void *self, const struct keel_digest *digest, uint8_t signature[KEEL_SIGNATURE_LEN])
{
	keel_p256_opened_sign(self, digest, signature);
	return KEEL_OK;
}

static enum keel_err agree_with_key(
	void *self, const struct keel_p256_pub *peer, struct keel_key *out)
{
	return keel_p256_agree(self, peer, out);
}

/* `self` is not const for the sake of a TPM; the three above do not write to it. */
static void *self_of(const void *key)
{
	union {
		const void *in;
		void *out;
	} u = { key };
	return u.out;
}

struct keel_signer keel_signer_of(const struct keel_p256_key *key)
{
	return (struct keel_signer){ sign_with_key, self_of(key) };
}

struct keel_signer keel_signer_of_opened(const struct keel_p256_opened *key)
{
	return (struct keel_signer){ sign_with_opened, self_of(key) };
}

struct keel_agreer keel_agreer_of(const struct keel_p256_key *key)
{
	return (struct keel_agreer){ agree_with_key, self_of(key) };
}

static void digest_of(
	struct keel_bytes external, struct keel_bytes payload, struct keel_digest *out)
{
	struct keel_cose_tbs tbs;
	keel_cose_tbs("Signature1", keel_cose_es256, external, payload, &tbs);
	keel_sha256(tbs.part, KEEL_COUNT(tbs.part), out);
}

static void mac_of(struct keel_bytes key, struct keel_bytes external, struct keel_bytes payload,
	struct keel_digest *out)
{
	struct keel_cose_tbs tbs;
	keel_cose_tbs("MAC0", keel_cose_hmac_256, external, payload, &tbs);
	keel_hmac(key, tbs.part, KEEL_COUNT(tbs.part), out);
}

static enum keel_err written(const struct keel_wr *w)
{
	struct keel_bytes ignored;
	return keel_wr_end(w, &ignored);
}

enum keel_err keel_cose_sign1(const struct keel_signer *signer, struct keel_bytes kid,
	struct keel_bytes external_aad, struct keel_bytes payload, struct keel_wr *w)
{
	struct keel_digest digest;
	uint8_t signature[KEEL_SIGNATURE_LEN];
	digest_of(external_aad, payload, &digest);
	enum keel_err e = signer->sign(signer->self, &digest, signature);
	if (e != KEEL_OK)
		return e;
	const struct keel_cose_sign1 s = {
		.protected = keel_cose_es256,
		.unprotected = { .has = kid.n > 0, .kid = kid },
		.payload = payload,
		.signature = KEEL_VIEW(signature),
	};
	keel_schema_write(&keel_cose_sign1_schema, &s, w);
	return written(w);
}

static enum keel_err read_sign1(struct keel_bytes in, struct keel_cose_sign1 *out)
{
	enum keel_err e = keel_schema_read(&keel_cose_sign1_schema, in, out, NULL);
	if (e == KEEL_OK && !keel_bytes_equal(out->protected, keel_cose_es256))
		e = KEEL_EFORM;
	return e;
}

enum keel_err keel_cose_sign1_kid(struct keel_bytes in, struct keel_bytes *kid)
{
	struct keel_cose_sign1 s;
	enum keel_err e = read_sign1(in, &s);
	if (e == KEEL_OK)
		*kid = s.unprotected.kid;
	return e;
}

enum keel_err keel_cose_sign1_peek(struct keel_bytes in, struct keel_bytes *payload)
{
	struct keel_cose_sign1 s;
	enum keel_err e = read_sign1(in, &s);
	if (e == KEEL_OK)
		*payload = s.payload;
	return e;
}

static enum keel_err verify(const struct keel_p256_opened *key, const struct keel_cose_sign1 *s,
	struct keel_bytes external_aad, struct keel_bytes *payload)
{
	struct keel_digest digest;
	digest_of(external_aad, s->payload, &digest);
	enum keel_err e = keel_p256_opened_verify(key, &digest, s->signature);
	if (e == KEEL_OK)
		*payload = s->payload;
	return e;
}

enum keel_err keel_cose_verify1_opened(const struct keel_p256_opened *key, struct keel_bytes in,
	struct keel_bytes external_aad, struct keel_bytes *payload)
{
	struct keel_cose_sign1 s;
	enum keel_err e = read_sign1(in, &s);
	return e == KEEL_OK ? verify(key, &s, external_aad, payload) : e;
}

enum keel_err keel_cose_verify1(const struct keel_p256_pub *pub, struct keel_bytes in,
	struct keel_bytes external_aad, struct keel_bytes *payload)
{
	struct keel_cose_sign1 s;
	keel_auto(keel_p256_close) struct keel_p256_opened key = { 0 };
	enum keel_err e = read_sign1(in, &s);
	if (e == KEEL_OK)
		e = keel_p256_open_pub(pub, &key);
	return e == KEEL_OK ? verify(&key, &s, external_aad, payload) : e;
}

enum keel_err keel_cose_mac0(struct keel_bytes key, struct keel_bytes external_aad,
	struct keel_bytes payload, struct keel_wr *w)
{
	struct keel_digest tag;
	mac_of(key, external_aad, payload, &tag);
	const struct keel_cose_mac0 m = {
		.protected = keel_cose_hmac_256,
		.payload = payload,
		.tag = KEEL_VIEW(tag.b),
	};
	keel_schema_write(&keel_cose_mac0_schema, &m, w);
	return written(w);
}

enum keel_err keel_cose_mac0_verify(struct keel_bytes key, struct keel_bytes in,
	struct keel_bytes external_aad, struct keel_bytes *payload)
{
	struct keel_cose_mac0 m;
	enum keel_err e = keel_schema_read(&keel_cose_mac0_schema, in, &m, NULL);
	if (e != KEEL_OK)
		return e;
	if (!keel_bytes_equal(m.protected, keel_cose_hmac_256))
		return KEEL_EFORM;
	struct keel_digest tag;
	mac_of(key, external_aad, m.payload, &tag);
	if (!keel_ct_equal(KEEL_VIEW(tag.b), m.tag))
		return KEEL_EAUTH;
	*payload = m.payload;
	return KEEL_OK;
}

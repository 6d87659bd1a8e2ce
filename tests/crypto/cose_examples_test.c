/*
 * The published COSE examples (tests/vectors/cose). Most carry a tag, or headers that Keel refuses,
 * so what is tried is the layer below the messages: what is signed, MACed, authenticated, derived.
 * Those that Keel's subset allows go through the public header too, without their tag.
 */
#include <string.h>

#include "check.h"
#include "crypto/cose_parts.h"
#include "vectors.h"

#define BUF 512

/* One example and the bytes of its fields; each call of `field` takes its own part of buf. */
struct example {
	const json_t *json;
	uint8_t buf[4096];
	size_t used;
};

static struct keel_bytes field_of(struct example *x, const json_t *object, const char *name)
{
	struct keel_bytes b =
		vectors_field(object, name, x->buf + x->used, sizeof(x->buf) - x->used);
	x->used += b.n;
	return b;
}

static struct keel_bytes field(struct example *x, const char *name)
{
	return field_of(x, x->json, name);
}

static void for_each(const char *list, size_t expected, void (*run)(struct example *x))
{
	json_t *all = vectors_load("cose/examples.json");
	size_t i;
	json_t *one;
	CHECK(json_array_size(json_object_get(all, list)) == expected);
	json_array_foreach(json_object_get(all, list), i, one)
	{
		struct example x = { .json = one };
		run(&x);
	}
	json_decref(all);
}

static const char *name_of(const struct example *x)
{
	return vectors_text(x->json, "source");
}

/* RFC 8949 §3.4: a tag's head has 1 byte (up to 23), 2 (up to 255) or 3. */
static struct keel_bytes untagged(struct keel_bytes whole)
{
	size_t n = whole.p[0] >> 5 != 6 ? 0 : whole.p[0] == 0xd8 ? 2 : whole.p[0] == 0xd9 ? 3 : 1;
	return (struct keel_bytes){ whole.p + n, whole.n - n };
}

static struct keel_p256_pub pub_of(struct example *x, const char *name)
{
	struct keel_p256_pub pub;
	const json_t *key = json_object_get(x->json, name);
	CHECK(keel_bytes_copy(field_of(x, key, "x"), pub.xy, 32) == KEEL_OK);
	CHECK(keel_bytes_copy(field_of(x, key, "y"), pub.xy + 32, 32) == KEEL_OK);
	return pub;
}

static struct keel_bytes joined(const struct keel_cose_tbs *tbs, uint8_t *buf, size_t cap)
{
	struct keel_wr w = keel_wr_of(buf, cap);
	struct keel_bytes all = { 0 };
	for (size_t i = 0; i < KEEL_COUNT(tbs->part); i++)
		keel_wr_bytes(&w, tbs->part[i]);
	CHECK(keel_wr_end(&w, &all) == KEEL_OK);
	return all;
}

static bool is_good(const struct example *x)
{
	return json_is_true(json_object_get(x->json, "good"));
}

static void sign1_parts(struct example *x)
{
	const struct keel_p256_pub pub = pub_of(x, "key");
	struct keel_bytes external = field(x, "external"), payload = field(x, "payload");
	struct keel_cose_tbs tbs;
	uint8_t buf[BUF];
	struct keel_digest digest;
	keel_cose_tbs("Signature1", field(x, "protected"), external, payload, &tbs);
	bool same = keel_bytes_equal(joined(&tbs, buf, BUF), field(x, "structure"));
	CHECK_ROW(same == is_good(x), name_of(x));
	keel_sha256(tbs.part, KEEL_COUNT(tbs.part), &digest);
	enum keel_err e = keel_p256_verify(&pub, &digest, field(x, "signature"));
	CHECK_ROW(e == (is_good(x) ? KEEL_OK : KEEL_EAUTH), name_of(x));
}

/* Ours are those that protect their algorithm and nothing else. */
static void sign1_whole(struct example *x)
{
	const struct keel_p256_pub pub = pub_of(x, "key");
	struct keel_bytes external = field(x, "external"), whole = field(x, "whole");
	struct keel_bytes got = { 0 }, kid = { 0 };
	enum keel_err e = keel_cose_verify1(&pub, untagged(whole), external, &got);
	if (!keel_bytes_equal(field(x, "protected"), keel_cose_es256)) {
		CHECK_ROW(e == KEEL_EFORM, name_of(x));
		return;
	}
	CHECK_ROW(e == (is_good(x) ? KEEL_OK : KEEL_EAUTH), name_of(x));
	CHECK_ROW(keel_bytes_equal(got, is_good(x) ? field(x, "payload") : got), name_of(x));
	CHECK_ROW(keel_cose_sign1_kid(untagged(whole), &kid) == KEEL_OK, name_of(x));
	CHECK_ROW(keel_bytes_is(kid, "11"), name_of(x));
	if (untagged(whole).n != whole.n)
		CHECK_ROW(keel_cose_verify1(&pub, whole, external, &got) == KEEL_EFORM, name_of(x));
}

static void sign1_verifies_the_published_examples(void)
{
	for_each("sign1", 5, sign1_parts);
	for_each("sign1", 5, sign1_whole);
}

static void mac0(struct example *x)
{
	struct keel_bytes key = field(x, "key"), protected = field(x, "protected");
	struct keel_bytes external = field(x, "external"), payload = field(x, "payload");
	struct keel_bytes whole = untagged(field(x, "whole"));
	struct keel_cose_tbs tbs;
	uint8_t buf[BUF];
	struct keel_digest tag;
	keel_cose_tbs("MAC0", protected, external, payload, &tbs);
	CHECK_ROW(keel_bytes_equal(joined(&tbs, buf, BUF), field(x, "structure")), name_of(x));
	keel_hmac(key, tbs.part, KEEL_COUNT(tbs.part), &tag);
	CHECK_ROW(keel_bytes_equal(KEEL_VIEW(tag.b), field(x, "tag")), name_of(x));
	struct keel_bytes got = { 0 };
	bool ours = keel_bytes_equal(protected, keel_cose_hmac_256);
	enum keel_err e = keel_cose_mac0_verify(key, whole, external, &got);
	CHECK_ROW(e == (ours ? KEEL_OK : KEEL_EFORM), name_of(x));
	struct keel_wr w = keel_wr_of(buf, BUF);
	CHECK(keel_cose_mac0(key, external, payload, &w) == KEEL_OK);
	if (ours)
		CHECK_ROW(keel_wr_end(&w, &got) == KEEL_OK && keel_bytes_equal(got, whole),
			name_of(x));
}

static void mac0_gives_the_published_examples(void)
{
	for_each("mac0", 3, mac0);
}

static enum keel_aead aead_of(const struct example *x)
{
	const char *name = vectors_text(x->json, "aead");
	if (strcmp(name, "A256GCM") == 0)
		return KEEL_AES_GCM_256;
	if (strcmp(name, "A128GCM") == 0)
		return KEEL_AES_GCM_128;
	CHECK_ROW(strcmp(name, "AES-CCM-16-64-128") == 0, name);
	return KEEL_AES_CCM_16_64_128;
}

/* The AEAD of an example, both ways. */
static void check_cipher(struct example *x, struct keel_bytes key, struct keel_bytes aad)
{
	struct keel_bytes iv = field(x, "iv"), plain = field(x, "plain"),
			  cipher = field(x, "cipher");
	uint8_t out[BUF];
	CHECK_ROW(keel_aead_seal(aead_of(x), key, iv, aad, plain, out) == KEEL_OK, name_of(x));
	CHECK_ROW(keel_bytes_equal((struct keel_bytes){ out, cipher.n }, cipher), name_of(x));
	CHECK_ROW(keel_aead_open(aead_of(x), key, iv, aad, cipher, out) == KEEL_OK, name_of(x));
	CHECK_ROW(keel_bytes_equal((struct keel_bytes){ out, plain.n }, plain), name_of(x));
}

static void encrypt0(struct example *x)
{
	struct keel_bytes key = field(x, "key"), external = field(x, "external");
	struct keel_bytes protected = field(x, "protected"), plain = field(x, "plain");
	struct keel_bytes iv = field(x, "iv"), whole = untagged(field(x, "whole"));
	uint8_t buf[BUF], out[BUF];
	struct keel_wr w = keel_wr_of(buf, BUF);
	struct keel_bytes aad = { 0 }, got = { 0 };
	keel_cose_enc_structure("Encrypt0", protected, external, &w);
	CHECK_ROW(keel_wr_end(&w, &aad) == KEEL_OK && keel_bytes_equal(aad, field(x, "aad")),
		name_of(x));
	check_cipher(x, key, aad);
	struct keel_key k = { { 0 } };
	memcpy(k.b, key.p, key.n);
	bool ours = keel_bytes_equal(protected, keel_cose_a256gcm);
	enum keel_err e = keel_cose_decrypt0(&k, whole, external, out, &got);
	CHECK_ROW(ours ? e == KEEL_OK && keel_bytes_equal(got, plain) : e != KEEL_OK, name_of(x));
	if (!ours)
		return;
	w = keel_wr_of(buf, BUF);
	CHECK_ROW(keel_cose_encrypt0_fixed(&k, iv.p, external, plain, &w) == KEEL_OK, name_of(x));
	CHECK_ROW(keel_wr_end(&w, &got) == KEEL_OK && keel_bytes_equal(got, whole), name_of(x));
}

static void encrypt0_gives_the_published_examples(void)
{
	for_each("encrypt0", 5, encrypt0);
}

static struct keel_bytes context_of(struct example *x, uint8_t *buf, size_t cap)
{
	struct keel_wr w = keel_wr_of(buf, cap);
	struct keel_bytes context = { 0 };
	keel_cose_kdf_context(json_integer_value(json_object_get(x->json, "alg")),
		(unsigned)json_integer_value(json_object_get(x->json, "bits")), field(x, "nonce"),
		field(x, "recipient_protected"), &w);
	CHECK(keel_wr_end(&w, &context) == KEEL_OK);
	return context;
}

static struct keel_key secret_of(struct example *x)
{
	const struct keel_p256_pub sender = pub_of(x, "sender");
	struct keel_bytes d = field_of(x, json_object_get(x->json, "recipient"), "d");
	struct keel_p256_key own;
	struct keel_key secret = { { 0 } };
	CHECK_ROW(keel_p256_from_private(d.p, &own) == KEEL_OK, name_of(x));
	const struct keel_p256_pub expected = pub_of(x, "recipient");
	CHECK_ROW(memcmp(expected.xy, own.pub.xy, sizeof(expected.xy)) == 0, name_of(x));
	CHECK_ROW(keel_p256_agree(&own, &sender, &secret) == KEEL_OK, name_of(x));
	CHECK_ROW(keel_bytes_equal(KEEL_VIEW(secret.b), field(x, "secret")), name_of(x));
	return secret;
}

/* Secret, context, key, Enc_structure, cipher text: each step as published. */
static void ecdh(struct example *x)
{
	const struct keel_key secret = secret_of(x);
	uint8_t buf[BUF], aad_buf[64], cek[32];
	struct keel_bytes context = context_of(x, buf, BUF), expected = field(x, "cek");
	CHECK_ROW(keel_bytes_equal(context, field(x, "context")), name_of(x));
	keel_hkdf(KEEL_VIEW(secret.b), (struct keel_bytes){ 0 }, context, cek, expected.n);
	CHECK_ROW(keel_bytes_equal((struct keel_bytes){ cek, expected.n }, expected), name_of(x));
	struct keel_wr w = keel_wr_of(aad_buf, sizeof(aad_buf));
	struct keel_bytes aad = { 0 };
	keel_cose_enc_structure("Encrypt", field(x, "protected"), (struct keel_bytes){ 0 }, &w);
	CHECK_ROW(keel_wr_end(&w, &aad) == KEEL_OK && keel_bytes_equal(aad, field(x, "aad")),
		name_of(x));
	check_cipher(x, expected, aad);
	/* Its kid is longer than a thumbprint and its maps are not sorted: not for Keel's readers. */
	struct keel_bytes whole = untagged(field(x, "whole"));
	struct keel_cose_encrypt m;
	struct keel_cose_recipient to;
	CHECK_ROW(keel_cose_read_static(whole, &m, &to) != KEEL_OK, name_of(x));
	CHECK_ROW(keel_cose_read_to(whole, &m, &to) != KEEL_OK, name_of(x));
}

static void ecdh_derives_the_published_keys(void)
{
	for_each("ecdh", 4, ecdh);
}

/* What Keel itself uses: a key of 256 bits for A256GCM. ES has no nonce, SS one of 64 bytes here. */
static void derive(struct example *x)
{
	struct keel_key secret = secret_of(x), key;
	if (json_integer_value(json_object_get(x->json, "bits")) != 256)
		return;
	keel_cose_derive(&secret, field(x, "nonce"), field(x, "recipient_protected"), &key);
	CHECK_ROW(keel_bytes_equal(KEEL_VIEW(key.b), field(x, "cek")), name_of(x));
}

static void derive_gives_the_published_a256gcm_keys(void)
{
	for_each("ecdh", 4, derive);
}

TEST_MAIN(TEST(sign1_verifies_the_published_examples), TEST(mac0_gives_the_published_examples),
	TEST(encrypt0_gives_the_published_examples), TEST(ecdh_derives_the_published_keys),
	TEST(derive_gives_the_published_a256gcm_keys))

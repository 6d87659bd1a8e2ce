/* P-256: keys, ECDH and ECDSA, against Wycheproof and against themselves. */
#include <string.h>

#include "check.h"
#include "crypto/crypto.h"
#include "vectors.h"

/* The number of a vector, with or without leading zeros, as 32 bytes. */
static bool number(const json_t *t, const char *name, uint8_t out[32])
{
	uint8_t buf[64];
	struct keel_bytes b = vectors_field(t, name, buf, sizeof(buf));
	for (; b.n > 0 && b.p[0] == 0; b.n--)
		b.p++;
	if (b.n > 32)
		return false;
	memset(out, 0, 32);
	memcpy(out + 32 - b.n, b.p, b.n);
	return true;
}

/* The point of a vector: behind `prefix`, uncompressed. */
static bool point(const json_t *t, struct keel_bytes prefix, struct keel_p256_pub *out)
{
	uint8_t buf[8192];
	struct keel_bytes b = vectors_field(t, "public", buf, sizeof(buf));
	if (b.n != prefix.n + sizeof(out->xy) || memcmp(b.p, prefix.p, prefix.n) != 0)
		return false;
	memcpy(out->xy, b.p + prefix.n, sizeof(out->xy));
	return true;
}

static bool ecdh_case(const json_t *t, const struct keel_p256_pub *peer)
{
	uint8_t d[32], shared[32];
	struct keel_p256_key own;
	struct keel_key out;
	if (!number(t, "private", d) || keel_p256_from_private(d, &own) != KEEL_OK)
		return false;
	enum keel_err e = keel_p256_agree(&own, peer, &out);
	if (strcmp(vectors_text(t, "result"), "invalid") == 0)
		return e == KEEL_EAUTH && keel_p256_check(peer) == KEEL_EAUTH;
	return e == KEEL_OK && keel_p256_check(peer) == KEEL_OK &&
	       keel_bytes_equal(
		       KEEL_VIEW(out.b), vectors_field(t, "shared", shared, sizeof(shared)));
}

/*
 * Keel takes a point as x ‖ y only: vectors in another encoding are left out, and with them those
 * that Wycheproof calls acceptable, which are about DER. The count says how many are tried.
 */
static size_t ecdh_file(const char *file, const char *prefix)
{
	uint8_t buf[64];
	struct keel_bytes head = vectors_hex(prefix, buf, sizeof(buf));
	json_t *all = vectors_load(file);
	size_t i, k, tried = 0;
	json_t *group, *t;
	json_array_foreach(json_object_get(all, "testGroups"), i, group)
		json_array_foreach(json_object_get(group, "tests"), k, t)
	{
		struct keel_p256_pub peer;
		bool about_der = strcmp(vectors_text(t, "result"), "acceptable") == 0;
		if (about_der || !point(t, head, &peer))
			continue;
		CHECK_ROW(ecdh_case(t, &peer), vectors_text(t, "comment"));
		tried++;
	}
	json_decref(all);
	return tried;
}

static void ecdh_agrees_with_wycheproof(void)
{
	CHECK(ecdh_file("wycheproof/ecdh_secp256r1_ecpoint_test.json", "04") == 346);
	CHECK(ecdh_file("wycheproof/ecdh_secp256r1_test.json",
		      "3059301306072a8648ce3d020106082a8648ce3d03010703420004") == 348);
}

/* By the key from its bytes and by one that is kept for all cases of its group. */
static bool ecdsa_case(
	const struct keel_p256_pub *pub, const struct keel_p256_opened *opened, const json_t *t)
{
	uint8_t msg[512], sig[256];
	struct keel_digest digest;
	struct keel_bytes m = vectors_field(t, "msg", msg, sizeof(msg));
	keel_sha256(&m, 1, &digest);
	struct keel_bytes signature = vectors_field(t, "sig", sig, sizeof(sig));
	enum keel_err want = strcmp(vectors_text(t, "result"), "valid") == 0 ? KEEL_OK : KEEL_EAUTH;
	return keel_p256_verify(pub, &digest, signature) == want &&
	       keel_p256_opened_verify(opened, &digest, signature) == want;
}

static void ecdsa_agrees_with_wycheproof(void)
{
	json_t *all = vectors_load("wycheproof/ecdsa_secp256r1_sha256_p1363_test.json");
	size_t i, k, tried = 0;
	json_t *group, *t;
	json_array_foreach(json_object_get(all, "testGroups"), i, group)
	{
		uint8_t key[65];
		struct keel_p256_pub pub;
		(void)vectors_field(
			json_object_get(group, "publicKey"), "uncompressed", key, sizeof(key));
		struct keel_p256_opened opened = { 0 };
		memcpy(pub.xy, key + 1, sizeof(pub.xy));
		CHECK(keel_p256_open_pub(&pub, &opened) == KEEL_OK);
		json_array_foreach(json_object_get(group, "tests"), k, t)
		{
			CHECK_ROW(ecdsa_case(&pub, &opened, t), vectors_text(t, "comment"));
			tried++;
		}
		keel_p256_close(&opened);
	}
	CHECK(tried == 262);
	json_decref(all);
}

/* SEC 2 §2.4.2: n, the order of the group. */
#define ORDER "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"

static void private_numbers_are_from_1_to_n_less_1(void)
{
	static const struct {
		const char *why, *d;
		enum keel_err e;
	} rows[] = {
		{ "zero", "0000000000000000000000000000000000000000000000000000000000000000",
			KEEL_ERANGE },
		{ "one", "0000000000000000000000000000000000000000000000000000000000000001",
			KEEL_OK },
		{ "n - 1", "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632550",
			KEEL_OK },
		{ "n", ORDER, KEEL_ERANGE },
		{ "all ones", "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
			KEEL_ERANGE },
	};
	for (size_t i = 0; i < KEEL_COUNT(rows); i++) {
		uint8_t d[32];
		struct keel_p256_key key;
		(void)vectors_hex(rows[i].d, d, sizeof(d));
		CHECK_ROW(keel_p256_from_private(d, &key) == rows[i].e, rows[i].why);
	}
}

/* RFC 6979 A.2.5's key pair. */
static void public_point_is_that_of_the_private_number(void)
{
	uint8_t d[32], x[32], y[32];
	struct keel_p256_key key;
	(void)vectors_hex(
		"c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721", d, sizeof(d));
	(void)vectors_hex(
		"60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6", x, sizeof(x));
	(void)vectors_hex(
		"7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299", y, sizeof(y));
	CHECK(keel_p256_from_private(d, &key) == KEEL_OK);
	CHECK(memcmp(key.pub.xy, x, 32) == 0 && memcmp(key.pub.xy + 32, y, 32) == 0);
	CHECK(memcmp(key.d, d, 32) == 0);
}

static void two_sides_agree_and_a_third_does_not(void)
{
	struct keel_p256_key a, b, c;
	struct keel_key ab, ba, ac;
	keel_p256_generate(&a);
	keel_p256_generate(&b);
	keel_p256_generate(&c);
	CHECK(keel_p256_agree(&a, &b.pub, &ab) == KEEL_OK);
	CHECK(keel_p256_agree(&b, &a.pub, &ba) == KEEL_OK);
	CHECK(keel_p256_agree(&a, &c.pub, &ac) == KEEL_OK);
	CHECK(keel_ct_equal(KEEL_VIEW(ab.b), KEEL_VIEW(ba.b)));
	CHECK(!keel_ct_equal(KEEL_VIEW(ab.b), KEEL_VIEW(ac.b)));
}

static void what_is_signed_verifies_and_nothing_else(void)
{
	struct keel_p256_key own, other;
	struct keel_p256_opened opened;
	struct keel_digest digest = { { 1, 2, 3 } };
	uint8_t sig[2][KEEL_SIGNATURE_LEN];
	keel_p256_generate(&own);
	keel_p256_generate(&other);
	keel_p256_open(&own, &opened);
	keel_p256_sign(&own, &digest, sig[0]);
	keel_p256_opened_sign(&opened, &digest, sig[1]);
	keel_p256_close(&opened);
	CHECK(opened.state == NULL);
	for (size_t i = 0; i < 2; i++) {
		struct keel_bytes s = KEEL_VIEW(sig[i]);
		struct keel_digest changed = digest;
		CHECK(keel_p256_verify(&own.pub, &digest, s) == KEEL_OK);
		CHECK(keel_p256_verify(&other.pub, &digest, s) == KEEL_EAUTH);
		changed.b[31] ^= 1;
		CHECK(keel_p256_verify(&own.pub, &changed, s) == KEEL_EAUTH);
		sig[i][40] ^= 1;
		CHECK(keel_p256_verify(&own.pub, &digest, s) == KEEL_EAUTH);
	}
}

static void a_signature_has_64_bytes_and_no_other_length(void)
{
	struct keel_p256_key own;
	struct keel_digest digest = { { 0 } };
	uint8_t sig[KEEL_SIGNATURE_LEN + 1] = { 0 };
	keel_p256_generate(&own);
	keel_p256_sign(&own, &digest, sig);
	for (size_t n = 0; n <= sizeof(sig); n++)
		CHECK(keel_p256_verify(&own.pub, &digest, (struct keel_bytes){ sig, n }) ==
			(n == KEEL_SIGNATURE_LEN ? KEEL_OK : KEEL_EAUTH));
}

/* r ‖ s has 32 bytes each, also where a number is short: signatures with leading zeros occur. */
static void signatures_with_leading_zeros_verify(void)
{
	struct keel_p256_key own;
	struct keel_p256_opened opened;
	struct keel_digest digest = { { 0 } };
	unsigned short_ones = 0;
	keel_p256_generate(&own);
	keel_p256_open(&own, &opened);
	for (unsigned i = 0; i < 2000 && short_ones < 4; i++) {
		uint8_t sig[KEEL_SIGNATURE_LEN];
		digest.b[0] = (uint8_t)i;
		digest.b[1] = (uint8_t)(i >> 8);
		keel_p256_opened_sign(&opened, &digest, sig);
		if (sig[0] != 0 && sig[32] != 0)
			continue;
		short_ones++;
		CHECK(keel_p256_verify(&own.pub, &digest, KEEL_VIEW(sig)) == KEEL_OK);
	}
	CHECK(short_ones > 0); /* 2000 tries at 1 in 128: never fails */
	keel_p256_close(&opened);
}

static void a_point_not_on_the_curve_is_refused_everywhere(void)
{
	struct keel_p256_key own;
	struct keel_digest digest = { { 0 } };
	struct keel_key out;
	uint8_t sig[KEEL_SIGNATURE_LEN];
	keel_p256_generate(&own);
	keel_p256_sign(&own, &digest, sig);
	struct keel_p256_pub off = own.pub, zero = { { 0 } };
	off.xy[63] ^= 1;
	CHECK(keel_p256_check(&own.pub) == KEEL_OK);
	CHECK(keel_p256_check(&off) == KEEL_EAUTH && keel_p256_check(&zero) == KEEL_EAUTH);
	struct keel_p256_opened opened = { 0 };
	CHECK(keel_p256_open_pub(&off, &opened) == KEEL_EAUTH && opened.state == NULL);
	CHECK(keel_p256_open_pub(&zero, &opened) == KEEL_EAUTH && opened.state == NULL);
	CHECK(keel_p256_agree(&own, &off, &out) == KEEL_EAUTH);
	CHECK(keel_p256_agree(&own, &zero, &out) == KEEL_EAUTH);
	CHECK(keel_p256_verify(&off, &digest, KEEL_VIEW(sig)) == KEEL_EAUTH);
	CHECK(keel_p256_verify(&zero, &digest, KEEL_VIEW(sig)) == KEEL_EAUTH);
}

TEST_MAIN(TEST(ecdh_agrees_with_wycheproof), TEST(ecdsa_agrees_with_wycheproof),
	TEST(private_numbers_are_from_1_to_n_less_1),
	TEST(public_point_is_that_of_the_private_number),
	TEST(two_sides_agree_and_a_third_does_not), TEST(what_is_signed_verifies_and_nothing_else),
	TEST(a_signature_has_64_bytes_and_no_other_length),
	TEST(signatures_with_leading_zeros_verify),
	TEST(a_point_not_on_the_curve_is_refused_everywhere))

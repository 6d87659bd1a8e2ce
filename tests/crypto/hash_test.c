/* SHA-256, HMAC, HKDF, PBKDF2, and the small helpers, against published answers. */
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "crypto/crypto.h"
#include "vectors.h"

static bool is_hex(struct keel_bytes b, const char *hex)
{
	uint8_t buf[128];
	return keel_bytes_equal(b, vectors_hex(hex, buf, sizeof(buf)));
}

/* FIPS 180-4; NIST's example values for SHA-256. */
static void sha256_gives_the_published_digests(void)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
		{ "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
		{ "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
		{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
			"248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
	};
	for (size_t i = 0; i < KEEL_COUNT(rows); i++) {
		struct keel_bytes in = keel_text(rows[i].in);
		struct keel_digest d;
		keel_sha256(&in, 1, &d);
		CHECK_ROW(is_hex(KEEL_VIEW(d.b), rows[i].out), rows[i].in);
	}
}

static void sha256_of_a_million_a_in_uneven_pieces(void)
{
	static uint8_t a[997];
	struct keel_hash h;
	struct keel_digest d;
	size_t left = 1000000;
	memset(a, 'a', sizeof(a));
	keel_hash_init(&h);
	for (size_t n = 0; left > 0; left -= n) {
		n = left < sizeof(a) ? left : sizeof(a);
		keel_hash_add(&h, (struct keel_bytes){ a, n });
	}
	keel_hash_end(&h, &d);
	CHECK(is_hex(KEEL_VIEW(d.b),
		"cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"));
	CHECK(h.state == NULL);
}

static void hash_given_up_early_leaks_nothing(void)
{
	struct keel_hash h;
	keel_hash_init(&h);
	keel_hash_add(&h, keel_text("abc"));
	keel_hash_clear(&h);
	CHECK(h.state == NULL);
	keel_hash_clear(&h); /* twice is as good as once */
}

static bool hmac_case(const json_t *group, const json_t *t)
{
	uint8_t key[128];
	uint8_t msg[1024];
	uint8_t tag[32];
	struct keel_digest mac;
	struct keel_bytes m = vectors_field(t, "msg", msg, sizeof(msg));
	struct keel_bytes parts[] = { { m.p, m.n / 2 }, { m.p + m.n / 2, m.n - m.n / 2 } };
	keel_hmac(vectors_field(t, "key", key, sizeof(key)), parts, 2, &mac);
	size_t n = (size_t)json_integer_value(json_object_get(group, "tagSize")) / 8;
	bool same = keel_ct_equal(
		(struct keel_bytes){ mac.b, n }, vectors_field(t, "tag", tag, sizeof(tag)));
	return same == (strcmp(vectors_text(t, "result"), "valid") == 0);
}

static void hmac_agrees_with_wycheproof(void)
{
	json_t *all = vectors_load("wycheproof/hmac_sha256_test.json");
	size_t i, k, tried = 0;
	json_t *group, *t;
	json_array_foreach(json_object_get(all, "testGroups"), i, group)
		json_array_foreach(json_object_get(group, "tests"), k, t)
	{
		CHECK_ROW(hmac_case(group, t), vectors_text(t, "comment"));
		tried++;
	}
	CHECK(tried == 174);
	json_decref(all);
}

static bool hkdf_case(const json_t *t, size_t n)
{
	uint8_t ikm[256], salt[256], info[256], okm[8192], out[8192];
	keel_hkdf(vectors_field(t, "ikm", ikm, sizeof(ikm)),
		vectors_field(t, "salt", salt, sizeof(salt)),
		vectors_field(t, "info", info, sizeof(info)), out, n);
	return keel_bytes_equal(
		(struct keel_bytes){ out, n }, vectors_field(t, "okm", okm, sizeof(okm)));
}

/* The three invalid ones ask for more than 255·32 bytes: nobody's input decides that, so it is a
 * broken promise of the caller and not an error. */
static void hkdf_agrees_with_wycheproof(void)
{
	json_t *all = vectors_load("wycheproof/hkdf_sha256_test.json");
	size_t i, k, tried = 0, too_long = 0;
	json_t *group, *t;
	json_array_foreach(json_object_get(all, "testGroups"), i, group)
		json_array_foreach(json_object_get(group, "tests"), k, t)
	{
		size_t n = (size_t)json_integer_value(json_object_get(t, "size"));
		bool valid = strcmp(vectors_text(t, "result"), "valid") == 0;
		if (n > (size_t)255 * KEEL_SHA256_LEN) {
			CHECK(!valid);
			too_long++;
			continue;
		}
		CHECK_ROW(valid && hkdf_case(t, n), vectors_text(t, "comment"));
		tried++;
	}
	CHECK(tried == 83 && too_long == 3);
	json_decref(all);
}

/* RFC 7914 §11; its outputs are 64 bytes, of which PBKDF2's first block is the first half. */
static void pbkdf2_gives_the_answers_of_rfc_7914(void)
{
	static const struct {
		const char *password, *salt;
		uint32_t rounds;
		const char *out;
	} rows[] = {
		{ "passwd", "salt", 1,
			"55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc" },
		{ "Password", "NaCl", 80000,
			"4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56" },
	};
	for (size_t i = 0; i < KEEL_COUNT(rows); i++) {
		struct keel_key k;
		keel_pbkdf2(
			keel_text(rows[i].password), keel_text(rows[i].salt), rows[i].rounds, &k);
		CHECK_ROW(is_hex(KEEL_VIEW(k.b), rows[i].out), rows[i].password);
	}
}

static void equal_means_same_length_and_bytes(void)
{
	CHECK(keel_ct_equal(keel_text("secret"), keel_text("secret")));
	CHECK(!keel_ct_equal(keel_text("secret"), keel_text("secreT")));
	CHECK(!keel_ct_equal(keel_text("secret"), keel_text("secre")));
	CHECK(keel_ct_equal((struct keel_bytes){ 0 }, (struct keel_bytes){ 0 }));
}

/* 64 draws of 32 bytes: each bit is set about half the time, and no two draws are equal. */
static void random_bytes_are_not_constant(void)
{
	uint8_t draws[64][32];
	unsigned ones = 0;
	for (size_t i = 0; i < 64; i++) {
		keel_random(draws[i], sizeof(draws[i]));
		for (size_t k = 0; k < 32; k++)
			ones += (unsigned)__builtin_popcount(draws[i][k]);
		for (size_t k = 0; k < i; k++)
			CHECK(memcmp(draws[i], draws[k], 32) != 0);
	}
	CHECK(ones > 7000 && ones < 9400); /* 8192 expected; 13 standard deviations */
}

static void wiping_leaves_zeros(void)
{
	struct keel_key key;
	struct keel_p256_key pair;
	static const uint8_t zeros[sizeof(pair)];
	memset(&key, 0xa5, sizeof(key));
	memset(&pair, 0xa5, sizeof(pair));
	keel_key_wipe(&key);
	keel_p256_key_wipe(&pair);
	CHECK(memcmp(&key, zeros, sizeof(key)) == 0);
	CHECK(memcmp(&pair, zeros, sizeof(pair)) == 0);
}

TEST_MAIN(TEST(sha256_gives_the_published_digests), TEST(sha256_of_a_million_a_in_uneven_pieces),
	TEST(hash_given_up_early_leaks_nothing), TEST(hmac_agrees_with_wycheproof),
	TEST(hkdf_agrees_with_wycheproof), TEST(pbkdf2_gives_the_answers_of_rfc_7914),
	TEST(equal_means_same_length_and_bytes), TEST(random_bytes_are_not_constant),
	TEST(wiping_leaves_zeros))

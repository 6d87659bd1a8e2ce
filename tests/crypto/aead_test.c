/* AES-GCM and AES-CCM: published answers, and that a failed tag leaves no plain text. */
#include <string.h>

#include "check.h"
#include "crypto/openssl.h"
#include "vectors.h"

#define TEXT_MAX 100

/* McGrew and Viega, The Galois/Counter Mode of Operation, appendix B, test cases 1-4 and 13-16. */
static const struct gcm {
	const char *name;
	enum keel_aead a;
	const char *key, *nonce, *plain, *aad, *sealed;
} gcm_rows[] = {
	{ "1", KEEL_AES_GCM_128, "00000000000000000000000000000000", "000000000000000000000000", "",
		"", "58e2fccefa7e3061367f1d57a4e7455a" },
	{ "2", KEEL_AES_GCM_128, "00000000000000000000000000000000", "000000000000000000000000",
		"00000000000000000000000000000000", "",
		"0388dace60b6a392f328c2b971b2fe78ab6e47d42cec13bdf53a67b21257bddf" },
	{ "3", KEEL_AES_GCM_128, "feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888",
		"d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
		"1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255",
		"",
		"42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e"
		"21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091473f5985"
		"4d5c2af327cd64a62cf35abd2ba6fab4" },
	{ "4", KEEL_AES_GCM_128, "feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888",
		"d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
		"1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
		"feedfacedeadbeeffeedfacedeadbeefabaddad2",
		"42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e"
		"21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091"
		"5bc94fbc3221a5db94fae95ae7121a47" },
	{ "13", KEEL_AES_GCM_256,
		"0000000000000000000000000000000000000000000000000000000000000000",
		"000000000000000000000000", "", "", "530f8afbc74536b9a963b4f1c4cb738b" },
	{ "14", KEEL_AES_GCM_256,
		"0000000000000000000000000000000000000000000000000000000000000000",
		"000000000000000000000000", "00000000000000000000000000000000", "",
		"cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919" },
	{ "15", KEEL_AES_GCM_256,
		"feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
		"cafebabefacedbaddecaf888",
		"d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
		"1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255",
		"",
		"522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
		"8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad"
		"b094dac5d93471bdec1a502270e3cc6c" },
	{ "16", KEEL_AES_GCM_256,
		"feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
		"cafebabefacedbaddecaf888",
		"d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
		"1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
		"feedfacedeadbeeffeedfacedeadbeefabaddad2",
		"522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
		"8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
		"76fc6ece0f4e1768cddf8853bb2d551b" },
};

static void gcm_gives_the_published_answers(void)
{
	for (size_t i = 0; i < KEEL_COUNT(gcm_rows); i++) {
		const struct gcm *r = &gcm_rows[i];
		uint8_t key[32], nonce[12], plain[64], aad[32], sealed[80], out[80];
		struct keel_bytes k = vectors_hex(r->key, key, sizeof(key));
		struct keel_bytes n = vectors_hex(r->nonce, nonce, sizeof(nonce));
		struct keel_bytes p = vectors_hex(r->plain, plain, sizeof(plain));
		struct keel_bytes a = vectors_hex(r->aad, aad, sizeof(aad));
		struct keel_bytes s = vectors_hex(r->sealed, sealed, sizeof(sealed));
		CHECK_ROW(keel_aead_seal(r->a, k, n, a, p, out) == KEEL_OK, r->name);
		CHECK_ROW(keel_bytes_equal((struct keel_bytes){ out, s.n }, s), r->name);
		CHECK_ROW(keel_aead_open(r->a, k, n, a, s, out) == KEEL_OK, r->name);
		CHECK_ROW(keel_bytes_equal((struct keel_bytes){ out, p.n }, p), r->name);
	}
}

static unsigned bits(const json_t *group, const char *name)
{
	return (unsigned)json_integer_value(json_object_get(group, name));
}

static bool ccm_case(const struct keel_ossl_aead *a, const json_t *t)
{
	uint8_t key[32], nonce[300], aad[4096], plain[4096], sealed[4200], out[4200] = { 0 };
	struct keel_bytes k = vectors_field(t, "key", key, sizeof(key));
	struct keel_bytes n = vectors_field(t, "iv", nonce, sizeof(nonce));
	struct keel_bytes ad = vectors_field(t, "aad", aad, sizeof(aad));
	struct keel_bytes p = vectors_field(t, "msg", plain, sizeof(plain));
	struct keel_bytes s = vectors_field(t, "ct", sealed, sizeof(sealed));
	s.n += vectors_field(t, "tag", sealed + s.n, sizeof(sealed) - s.n).n;
	enum keel_err e = keel_ossl_open(a, k, n, ad, s, out);
	if (strcmp(vectors_text(t, "result"), "valid") != 0)
		return e != KEEL_OK;
	if (e != KEEL_OK || !keel_bytes_equal((struct keel_bytes){ out, p.n }, p))
		return false;
	return keel_ossl_seal(a, k, n, ad, p, out) == KEEL_OK &&
	       keel_bytes_equal((struct keel_bytes){ out, s.n }, s);
}

/* All lengths of key, nonce and tag, not only the two that Keel offers. */
static void ccm_agrees_with_wycheproof(void)
{
	json_t *all = vectors_load("wycheproof/aes_ccm_test.json");
	size_t i, k, tried = 0;
	json_t *group, *t;
	json_array_foreach(json_object_get(all, "testGroups"), i, group)
	{
		char name[32];
		(void)snprintf(name, sizeof(name), "AES-%u-CCM", bits(group, "keySize"));
		struct keel_ossl_aead a = { EVP_CIPHER_fetch(NULL, name, NULL),
			(uint8_t)(bits(group, "keySize") / 8), (uint8_t)(bits(group, "ivSize") / 8),
			(uint8_t)(bits(group, "tagSize") / 8), true };
		json_array_foreach(json_object_get(group, "tests"), k, t)
		{
			CHECK_ROW(ccm_case(&a, t), vectors_text(t, "comment"));
			tried++;
		}
		EVP_CIPHER_free(a.cipher);
	}
	CHECK(tried == 552);
	json_decref(all);
}

struct box {
	enum keel_aead a;
	uint8_t key[32], nonce[13], aad[7], sealed[TEXT_MAX + 16];
	size_t n; /* plain text's length */
};

static struct keel_bytes key_of(const struct box *b)
{
	return (struct keel_bytes){ b->key, keel_aead_key_len(b->a) };
}

static struct keel_bytes nonce_of(const struct box *b)
{
	return (struct keel_bytes){ b->nonce, keel_aead_nonce_len(b->a) };
}

static struct box box_of(enum keel_aead a, size_t n)
{
	struct box b = { .a = a, .n = n };
	uint8_t plain[TEXT_MAX];
	memset(plain, 'p', sizeof(plain));
	keel_random(b.key, sizeof(b.key));
	CHECK(keel_aead_seal(a, key_of(&b), nonce_of(&b), KEEL_VIEW(b.aad),
		      (struct keel_bytes){ plain, n }, b.sealed) == KEEL_OK);
	return b;
}

static enum keel_err open_into(const struct box *b, uint8_t *out, const uint8_t *sealed)
{
	struct keel_bytes in = { sealed, b->n + keel_aead_tag_len(b->a) };
	return keel_aead_open(b->a, key_of(b), nonce_of(b), KEEL_VIEW(b->aad), in, out);
}

static bool all_are(const uint8_t *p, size_t n, uint8_t value)
{
	for (size_t i = 0; i < n; i++)
		if (p[i] != value)
			return false;
	return true;
}

/* Beside the input and in place; what lies behind the text is not touched. */
static void check_refused(const struct box *b, const char *what)
{
	uint8_t out[TEXT_MAX + 16];
	memset(out, 0xa5, sizeof(out));
	CHECK_ROW(open_into(b, out, b->sealed) == KEEL_EAUTH, what);
	CHECK_ROW(all_are(out, b->n, 0), what);
	CHECK_ROW(all_are(out + b->n, sizeof(out) - b->n, 0xa5), what);
	memcpy(out, b->sealed, sizeof(out));
	CHECK_ROW(open_into(b, out, out) == KEEL_EAUTH, what);
	CHECK_ROW(all_are(out, b->n, 0), what);
}

static void spoil_each(enum keel_aead a, size_t n)
{
	const struct box good = box_of(a, n);
	uint8_t out[TEXT_MAX + 16];
	memcpy(out, good.sealed, sizeof(out));
	CHECK(open_into(&good, out, out) == KEEL_OK && all_are(out, n, 'p'));
	for (size_t i = 0; i < n + keel_aead_tag_len(a); i++) {
		struct box b = good;
		b.sealed[i] ^= (uint8_t)(1 << (i % 8));
		check_refused(&b, "cipher text or tag");
	}
	struct box key = good, nonce = good, aad = good;
	key.key[0] ^= 1;
	nonce.nonce[0] ^= 1;
	aad.aad[0] ^= 1;
	check_refused(&key, "key");
	check_refused(&nonce, "nonce");
	check_refused(&aad, "aad");
}

/* Keel's issue 3, crypto: after a failed tag no byte of plain text is left in the buffer. */
static void a_failed_tag_leaves_no_plain_text(void)
{
	static const size_t lengths[] = { 0, 1, 15, 16, 17, 64, TEXT_MAX };
	for (enum keel_aead a = 0; a < KEEL_AEAD_COUNT; a++)
		for (size_t i = 0; i < KEEL_COUNT(lengths); i++)
			spoil_each(a, lengths[i]);
}

static void lengths_that_do_not_belong_are_refused(void)
{
	for (enum keel_aead a = 0; a < KEEL_AEAD_COUNT; a++) {
		struct box b = box_of(a, 8);
		struct keel_bytes key = key_of(&b), nonce = nonce_of(&b);
		struct keel_bytes in = { b.sealed, 8 + keel_aead_tag_len(a) };
		struct keel_bytes short_key = { key.p, key.n - 1 };
		struct keel_bytes short_nonce = { nonce.p, nonce.n - 1 };
		uint8_t out[TEXT_MAX];
		CHECK(keel_aead_open(a, short_key, nonce, in, in, out) == KEEL_ERANGE);
		CHECK(keel_aead_open(a, key, short_nonce, in, in, out) == KEEL_ERANGE);
		CHECK(keel_aead_seal(a, short_key, nonce, in, in, out) == KEEL_ERANGE);
		CHECK(keel_aead_seal(a, key, short_nonce, in, in, out) == KEEL_ERANGE);
		in.n = keel_aead_tag_len(a) - 1;
		CHECK(keel_aead_open(a, key, nonce, in, in, out) == KEEL_EAUTH);
	}
}

TEST_MAIN(TEST(gcm_gives_the_published_answers), TEST(ccm_agrees_with_wycheproof),
	TEST(a_failed_tag_leaves_no_plain_text), TEST(lengths_that_do_not_belong_are_refused))

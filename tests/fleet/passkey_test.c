/* Passkeys through their header: what is taken, and each thing that is not. */
#include <stdlib.h>

#include "authenticator.h"
#include "check.h"

#define NOW    1795852800
#define RP     "fleet.example"
#define ORIGIN "https://fleet.example"

static const struct keel_key key = { .b = { 7 } };

/* --- challenges --- */

static void a_challenge_is_known_again_for_five_minutes(void)
{
	uint8_t a[KEEL_PASSKEY_CHALLENGE_LEN];
	uint8_t b[KEEL_PASSKEY_CHALLENGE_LEN];
	const struct keel_key other = { .b = { 8 } };
	keel_passkey_challenge_make(&key, NOW, a);
	keel_passkey_challenge_make(&key, NOW, b);
	CHECK(memcmp(a, b, sizeof(a)) != 0);
	CHECK(keel_passkey_challenge_check(&key, a, NOW) == KEEL_OK);
	CHECK(keel_passkey_challenge_check(&key, a, NOW + KEEL_PASSKEY_CHALLENGE_S) == KEEL_OK);
	CHECK(keel_passkey_challenge_check(&key, a, NOW + KEEL_PASSKEY_CHALLENGE_S + 1) ==
		KEEL_ESTALE);
	CHECK(keel_passkey_challenge_check(&key, a, NOW - 60) == KEEL_ESTALE);
	CHECK(keel_passkey_challenge_check(&other, a, NOW) == KEEL_EAUTH);
	for (size_t i = 0; i < sizeof(a); i++) {
		a[i] ^= 1;
		CHECK(keel_passkey_challenge_check(&key, a, NOW) == KEEL_EAUTH);
		a[i] ^= 1;
	}
}

/* --- clientDataJSON --- */

#define SAID "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
#define GET  "{\"type\":\"webauthn.get\",\"challenge\":\"" SAID "\",\"origin\":\"" ORIGIN "\","

static void prov_5_13_1a_the_browsers_words_are_read_strictly(void)
{
	static const struct {
		const char *json;
		enum keel_err e;
		const char *why;
	} rows[] = {
		{ GET "\"crossOrigin\":false}", KEEL_OK,
			"as Chromium, Firefox and Safari write it" },
		{ GET "\"crossOrigin\":false,\"x\":{\"y\":[1]}}", KEEL_OK, "members to come" },
		{ GET "\"crossOrigin\":true}", KEEL_EAUTH, "in a frame of another origin" },
		{ GET "\"crossOrigin\":falsy}", KEEL_EAUTH, "no such word" },
		{ GET "\"crossOrigin\":false", KEEL_EAUTH, "cut" },
		{ GET "\"crossOrigin\":falsex}", KEEL_EFORM, "no member" },
		{ GET "\"crossOrigin\":false}\n", KEEL_EFORM, "a tail" },
		{ GET "\"crossOrigin\":false,\"x\":\"\xff\"}", KEEL_EFORM, "not UTF-8" },
		{ GET "}", KEEL_EFORM, "says nothing of frames" },
		{ "", KEEL_EFORM, "empty" },
		{ "{}", KEEL_EFORM, "nothing" },
		{ " " GET "\"crossOrigin\":false}", KEEL_EFORM, "a space before it" },
		{ "{\"challenge\":\"" SAID "\",\"type\":\"webauthn.get\",\"origin\":\"" ORIGIN
		  "\",\"crossOrigin\":false}",
			KEEL_EFORM, "another order" },
		{ "{\"type\":\"webauthn.create\",\"challenge\":\"" SAID "\",\"origin\":\"" ORIGIN
		  "\",\"crossOrigin\":false}",
			KEEL_EAUTH, "another act" },
		{ "{\"type\":\"webauthn.get\",\"challenge\":\"" SAID
		  "\",\"origin\":\"https://fleet.example.evil\",\"crossOrigin\":false}",
			KEEL_EAUTH, "a longer origin" },
		{ "{\"type\":\"webauthn.get\",\"challenge\":\"" SAID
		  "\",\"origin\":\"https://fleet.exampl\",\"crossOrigin\":false}",
			KEEL_EAUTH, "a shorter origin" },
		{ "{\"type\":\"webauthn.get\",\"challenge\":\"" SAID
		  "\",\"origin\":\"http://fleet.example\",\"crossOrigin\":false}",
			KEEL_EAUTH, "without TLS" },
		{ "{\"type\":\"webauthn.get\",\"challenge\":\"" SAID "A\",\"origin\":\"" ORIGIN
		  "\",\"crossOrigin\":false}",
			KEEL_EFORM, "a longer challenge" },
		{ "{\"type\":\"webauthn.get\",\"challenge\":\"AAEC\",\"origin\":\"" ORIGIN
		  "\",\"crossOrigin\":false}",
			KEEL_EFORM, "a shorter challenge" },
		{ "{\"type\":\"webauthn.get\",\"challenge\":\"" SAID "=\",\"origin\":\"" ORIGIN
		  "\",\"crossOrigin\":false}",
			KEEL_EFORM, "padding" },
	};
	for (size_t i = 0; i < KEEL_COUNT(rows); i++) {
		uint8_t challenge[KEEL_PASSKEY_CHALLENGE_LEN] = { 0xee };
		enum keel_err e = keel_client_data_read(
			keel_text(rows[i].json), KEEL_PASSKEY_GET, ORIGIN, challenge);
		CHECK_ROW(e == rows[i].e, rows[i].why);
		CHECK_ROW(challenge[0] == (e == KEEL_OK ? 0 : 0xee), rows[i].why);
		CHECK_ROW(e != KEEL_OK || challenge[31] == 31, rows[i].why);
	}
}

/* --- registering --- */

static void a_new_passkey_is_read(void)
{
	struct authenticator a = authenticator_make(RP);
	struct keel_passkey k;
	authenticator_data(&a, true);
	const struct keel_passkey_said said = authenticator_said(&a);
	CHECK(keel_passkey_read(RP, &said, &k) == KEEL_OK);
	CHECK(k.id_n == 16 && memcmp(k.id, AUTHENTICATOR_ID, 16) == 0 && k.count == 1);
	CHECK(memcmp(&k.key, &a.key.pub, sizeof(k.key)) == 0);
}

static void a_new_passkey_is_refused(void)
{
	static const struct {
		const char *rp;
		uint8_t flags;
		bool with_key;
		enum keel_err e;
		const char *why;
	} rows[] = {
		{ RP, 0x05, false, KEEL_EFORM, "without a key" },
		{ RP, 0x01, true, KEEL_EAUTH, "the user was not verified" },
		{ RP, 0x04, true, KEEL_EAUTH, "nobody was there" },
		{ "evil.example", 0x05, true, KEEL_EAUTH, "another relying party" },
	};
	for (size_t i = 0; i < KEEL_COUNT(rows); i++) {
		struct authenticator a = authenticator_make(rows[i].rp);
		struct keel_passkey k;
		a.flags = rows[i].flags;
		authenticator_data(&a, rows[i].with_key);
		const struct keel_passkey_said said = authenticator_said(&a);
		CHECK_ROW(keel_passkey_read(RP, &said, &k) == rows[i].e, rows[i].why);
	}
}

static void a_passkey_that_is_cut_anywhere_is_refused(void)
{
	struct authenticator a = authenticator_make(RP);
	struct keel_passkey k;
	authenticator_data(&a, true);
	for (size_t n = 0; n < a.data_n; n++) {
		uint8_t *cut = malloc(n + 1); /* so that a sanitizer sees a read past it */
		memcpy(cut, a.data, n);
		const struct keel_passkey_said said = { .authenticator = { cut, n } };
		CHECK(keel_passkey_read(RP, &said, &k) != KEEL_OK);
		free(cut);
	}
}

static void a_key_off_the_curve_is_refused(void)
{
	struct authenticator a = authenticator_make(RP);
	struct keel_passkey k;
	a.key.pub.xy[40] ^= 1;
	authenticator_data(&a, true);
	const struct keel_passkey_said said = authenticator_said(&a);
	CHECK(keel_passkey_read(RP, &said, &k) == KEEL_EFORM);
}

/* Found by fuzzing: libcbor asks for as much memory as a list says; a sanitizer ends at that. */
static void a_list_that_claims_gigabytes_never_reaches_the_library(void)
{
	struct authenticator a = authenticator_make(RP);
	struct keel_passkey k;
	uint32_t count;
	for (int with_key = 0; with_key < 2; with_key++) {
		static const uint8_t list[] = { 0x9b, 0, 0, 1, 0, 0, 0, 0, 0 };
		authenticator_data(&a, with_key == 1);
		a.data[32] |= 0x80; /* extensions follow */
		memcpy(a.data + a.data_n, list, sizeof(list));
		a.data_n += sizeof(list);
		authenticator_sign(&a);
		const struct keel_passkey_said said = authenticator_said(&a);
		CHECK(keel_passkey_read(RP, &said, &k) == KEEL_EFORM);
		k = (struct keel_passkey){ .id_n = 16, .key = a.key.pub };
		CHECK(keel_passkey_verify(RP, &k, &said, &count) == KEEL_EFORM);
	}
}

/* --- signing in --- */

static struct keel_passkey passkey_of(const struct authenticator *a)
{
	struct keel_passkey k = { .id_n = 16, .key = a->key.pub };
	memcpy(k.id, AUTHENTICATOR_ID, 16);
	return k;
}

static struct authenticator signed_in(const char *rp, uint8_t flags)
{
	uint8_t challenge[KEEL_PASSKEY_CHALLENGE_LEN];
	struct authenticator a = authenticator_make(rp);
	keel_passkey_challenge_make(&key, NOW, challenge);
	a.flags = flags;
	a.count = 42;
	authenticator_client(&a, "webauthn.get", ORIGIN, challenge);
	authenticator_data(&a, false);
	authenticator_sign(&a);
	return a;
}

static void a_signature_is_verified(void)
{
	struct authenticator a = signed_in(RP, 0x05);
	struct authenticator b = authenticator_make(RP);
	const struct keel_passkey_said said = authenticator_said(&a);
	struct keel_passkey k = passkey_of(&a);
	struct keel_passkey other = passkey_of(&b);
	uint32_t count = 0;
	CHECK(keel_passkey_verify(RP, &k, &said, &count) == KEEL_OK && count == 42);
	CHECK(keel_passkey_verify(RP, &other, &said, &count) == KEEL_EAUTH);
	CHECK(keel_passkey_verify("evil.example", &k, &said, &count) == KEEL_EAUTH);
	a = signed_in(RP, 0x01);
	k = passkey_of(&a);
	CHECK(keel_passkey_verify(RP, &k, &said, &count) == KEEL_EAUTH);
	a = signed_in("evil.example", 0x05);
	k = passkey_of(&a);
	const struct keel_passkey_said there = authenticator_said(&a);
	CHECK(keel_passkey_verify(RP, &k, &there, &count) == KEEL_EAUTH);
}

static void every_changed_bit_of_a_signature_is_refused(void)
{
	struct authenticator a = signed_in(RP, 0x05);
	struct keel_passkey k = passkey_of(&a);
	uint32_t count = 0;
	uint8_t *const parts[] = { a.data, (uint8_t *)a.client, a.signature };
	const size_t sizes[] = { a.data_n, strlen(a.client), a.signature_n };
	for (size_t part = 0; part < KEEL_COUNT(parts); part++)
		for (size_t bit = 0; bit < 8 * sizes[part]; bit++) {
			const struct keel_passkey_said said = {
				.client_data = { (uint8_t *)a.client, sizes[1] },
				.authenticator = { a.data, a.data_n },
				.signature = { a.signature, a.signature_n }
			};
			parts[part][bit / 8] ^= (uint8_t)(1u << bit % 8);
			CHECK(keel_passkey_verify(RP, &k, &said, &count) != KEEL_OK);
			parts[part][bit / 8] ^= (uint8_t)(1u << bit % 8);
		}
	const struct keel_passkey_said said = authenticator_said(&a);
	CHECK(keel_passkey_verify(RP, &k, &said, &count) == KEEL_OK);
}

static void a_signature_that_is_cut_anywhere_is_refused(void)
{
	struct authenticator a = signed_in(RP, 0x05);
	struct keel_passkey k = passkey_of(&a);
	uint32_t count = 0;
	for (size_t n = 0; n < a.signature_n; n++) {
		struct keel_passkey_said said = authenticator_said(&a);
		said.signature.n = n;
		CHECK(keel_passkey_verify(RP, &k, &said, &count) != KEEL_OK);
	}
	for (size_t n = 0; n < a.data_n; n++) {
		struct keel_passkey_said said = authenticator_said(&a);
		said.authenticator.n = n;
		CHECK(keel_passkey_verify(RP, &k, &said, &count) != KEEL_OK);
	}
}

TEST_MAIN(TEST(a_challenge_is_known_again_for_five_minutes),
	TEST(prov_5_13_1a_the_browsers_words_are_read_strictly), TEST(a_new_passkey_is_read),
	TEST(a_new_passkey_is_refused), TEST(a_passkey_that_is_cut_anywhere_is_refused),
	TEST(a_key_off_the_curve_is_refused),
	TEST(a_list_that_claims_gigabytes_never_reaches_the_library), TEST(a_signature_is_verified),
	TEST(every_changed_bit_of_a_signature_is_refused),
	TEST(a_signature_that_is_cut_anywhere_is_refused))

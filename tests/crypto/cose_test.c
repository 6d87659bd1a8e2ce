/* COSE: what is refused, what a failed opening leaves, what a full buffer does. */
#include <string.h>

#include "check.h"
#include "core/schema.h"
#include "crypto/cose_parts.h"
#include "vectors.h"

#define BUF 1024

static const struct keel_bytes none = { 0 };

/* Two people, what they agreed, and their kids. */
static struct home {
	struct keel_p256_key a, b;
	struct keel_key shared;
	struct keel_bytes from, to;
} home;

static void move_in(void)
{
	static const uint8_t from[32] = { 0xaa };
	static const uint8_t to[32] = { 0xbb };
	home.from = KEEL_VIEW(from);
	home.to = KEEL_VIEW(to);
	keel_p256_generate(&home.a);
	keel_p256_generate(&home.b);
	CHECK(keel_p256_agree(&home.a, &home.b.pub, &home.shared) == KEEL_OK);
}

/* The five messages alike: write one, read one. */
static enum keel_err write_sign1(struct keel_bytes plain, struct keel_wr *w)
{
	const struct keel_signer signer = keel_signer_of(&home.a);
	return keel_cose_sign1(&signer, home.from, none, plain, w);
}

static enum keel_err read_sign1(struct keel_bytes in, uint8_t *out, struct keel_bytes *plain)
{
	(void)out;
	return keel_cose_verify1(&home.a.pub, in, none, plain);
}

static enum keel_err write_mac0(struct keel_bytes plain, struct keel_wr *w)
{
	return keel_cose_mac0(KEEL_VIEW(home.shared.b), none, plain, w);
}

static enum keel_err read_mac0(struct keel_bytes in, uint8_t *out, struct keel_bytes *plain)
{
	(void)out;
	return keel_cose_mac0_verify(KEEL_VIEW(home.shared.b), in, none, plain);
}

static enum keel_err write_encrypt0(struct keel_bytes plain, struct keel_wr *w)
{
	return keel_cose_encrypt0(&home.shared, none, plain, w);
}

static enum keel_err read_encrypt0(struct keel_bytes in, uint8_t *out, struct keel_bytes *plain)
{
	return keel_cose_decrypt0(&home.shared, in, none, out, plain);
}

static enum keel_err write_static(struct keel_bytes plain, struct keel_wr *w)
{
	return keel_cose_seal_static(&home.shared, home.from, home.to, plain, w);
}

static enum keel_err read_static(struct keel_bytes in, uint8_t *out, struct keel_bytes *plain)
{
	return keel_cose_open_static(&home.shared, in, out, plain);
}

static enum keel_err write_to(struct keel_bytes plain, struct keel_wr *w)
{
	return keel_cose_seal_to(&home.b.pub, home.to, plain, w);
}

static enum keel_err read_to(struct keel_bytes in, uint8_t *out, struct keel_bytes *plain)
{
	const struct keel_agreer own = keel_agreer_of(&home.b);
	return keel_cose_open_from(&own, in, out, plain);
}

static const struct kind {
	const char *name;
	enum keel_err (*write)(struct keel_bytes plain, struct keel_wr *w);
	enum keel_err (*read)(struct keel_bytes in, uint8_t *out, struct keel_bytes *plain);
	size_t bare; /* bytes of the message that no key vouches for: its kids */
} kinds[] = {
	{ "Sign1", write_sign1, read_sign1, 32 },
	{ "Mac0", write_mac0, read_mac0, 0 },
	{ "Encrypt0", write_encrypt0, read_encrypt0, 0 },
	{ "Encrypt, ECDH-SS", write_static, read_static, 64 },
	{ "Encrypt, ECDH-ES", write_to, read_to, 32 },
};

/* A message of one kind, in buf. */
static struct keel_bytes message(const struct kind *k, struct keel_bytes plain, uint8_t buf[BUF])
{
	struct keel_wr w = keel_wr_of(buf, BUF);
	struct keel_bytes all = { 0 };
	CHECK_ROW(k->write(plain, &w) == KEEL_OK, k->name);
	CHECK_ROW(keel_wr_end(&w, &all) == KEEL_OK, k->name);
	return all;
}

static void every_kind_comes_back(void)
{
	move_in();
	for (size_t i = 0; i < KEEL_COUNT(kinds); i++)
		for (size_t n = 0; n <= 300; n += 23) {
			uint8_t buf[BUF], out[BUF], plain[300];
			memset(plain, 'p', sizeof(plain));
			struct keel_bytes in = { plain, n }, got = { 0 };
			struct keel_bytes all = message(&kinds[i], in, buf);
			CHECK_ROW(kinds[i].read(all, out, &got) == KEEL_OK, kinds[i].name);
			CHECK_ROW(keel_bytes_equal(got, in), kinds[i].name);
			CHECK_ROW(all.n <= n + KEEL_COSE_OVERHEAD, kinds[i].name);
		}
}

/* Every byte changed in turn: refused, nothing of the text in the buffer, the view untouched. */
static void a_changed_byte_is_refused_and_leaves_no_plain_text(void)
{
	move_in();
	for (size_t i = 0; i < KEEL_COUNT(kinds); i++) {
		uint8_t buf[BUF], out[BUF];
		struct keel_bytes all = message(&kinds[i], keel_text("pppppppppppppppppppp"), buf);
		size_t accepted = 0;
		for (size_t k = 0; k < all.n; k++) {
			struct keel_bytes got = { 0 };
			memset(out, 0xa5, sizeof(out));
			buf[k] ^= 1;
			bool fine = kinds[i].read(all, out, &got) == KEEL_OK;
			buf[k] ^= 1;
			accepted += fine;
			CHECK_ROW(fine || (got.p == NULL && memmem(out, BUF, "ppp", 3) == NULL),
				kinds[i].name);
		}
		CHECK_ROW(accepted == kinds[i].bare, kinds[i].name);
	}
}

/* Each kind offered to each reader: only its own takes it. */
static void no_kind_passes_for_another(void)
{
	move_in();
	for (size_t i = 0; i < KEEL_COUNT(kinds); i++)
		for (size_t k = 0; k < KEEL_COUNT(kinds); k++) {
			uint8_t buf[BUF], out[BUF];
			struct keel_bytes got, all = message(&kinds[i], keel_text("text"), buf);
			enum keel_err e = kinds[k].read(all, out, &got);
			CHECK_ROW(i == k ? e == KEEL_OK : e != KEEL_OK && e != KEEL_EAUTH,
				kinds[i].name);
		}
}

static void another_key_is_refused(void)
{
	for (size_t i = 0; i < KEEL_COUNT(kinds); i++) {
		uint8_t buf[BUF], out[BUF];
		struct keel_bytes got;
		move_in();
		struct keel_bytes all = message(&kinds[i], keel_text("text"), buf);
		move_in();
		CHECK_ROW(kinds[i].read(all, out, &got) == KEEL_EAUTH, kinds[i].name);
	}
}

static void another_external_aad_is_refused(void)
{
	uint8_t buf[BUF], out[BUF], long_one[KEEL_COSE_EXTERNAL_MAX + 1] = { 0 };
	struct keel_bytes all, got;
	const struct keel_bytes here = keel_text("here"), key = KEEL_VIEW(home.shared.b);
	move_in();
	const struct keel_signer signer = keel_signer_of(&home.a);
	struct keel_wr w = keel_wr_of(buf, BUF);
	CHECK(keel_cose_sign1(&signer, none, here, keel_text("x"), &w) == KEEL_OK);
	CHECK(keel_wr_end(&w, &all) == KEEL_OK);
	CHECK(keel_cose_verify1(&home.a.pub, all, here, &got) == KEEL_OK);
	CHECK(keel_cose_verify1(&home.a.pub, all, none, &got) == KEEL_EAUTH);
	w = keel_wr_of(buf, BUF);
	CHECK(keel_cose_mac0(key, here, keel_text("x"), &w) == KEEL_OK);
	CHECK(keel_wr_end(&w, &all) == KEEL_OK);
	CHECK(keel_cose_mac0_verify(key, all, here, &got) == KEEL_OK);
	CHECK(keel_cose_mac0_verify(key, all, keel_text("there"), &got) == KEEL_EAUTH);
	w = keel_wr_of(buf, BUF);
	CHECK(keel_cose_encrypt0(&home.shared, here, keel_text("x"), &w) == KEEL_OK);
	CHECK(keel_wr_end(&w, &all) == KEEL_OK);
	CHECK(keel_cose_decrypt0(&home.shared, all, here, out, &got) == KEEL_OK);
	CHECK(keel_cose_decrypt0(&home.shared, all, none, out, &got) == KEEL_EAUTH);
	CHECK(keel_cose_decrypt0(&home.shared, all, KEEL_VIEW(long_one), out, &got) == KEEL_ERANGE);
	CHECK(keel_cose_encrypt0(&home.shared, KEEL_VIEW(long_one), here, &w) == KEEL_ERANGE);
}

/* Each kind into each size that is too small: KEEL_EFULL, and nothing beyond the end written. */
static void a_small_buffer_is_full_and_not_overrun(void)
{
	move_in();
	for (size_t i = 0; i < KEEL_COUNT(kinds); i++) {
		uint8_t buf[BUF];
		size_t n = message(&kinds[i], keel_text("some text"), buf).n;
		for (size_t cap = 0; cap < n; cap += 1 + (i == 0)) {
			memset(buf, 0xa5, sizeof(buf));
			struct keel_wr w = keel_wr_of(buf, cap);
			CHECK_ROW(kinds[i].write(keel_text("some text"), &w) == KEEL_EFULL,
				kinds[i].name);
			CHECK_ROW(buf[cap] == 0xa5, kinds[i].name);
		}
	}
}

/* clang-format off */
#define Z32 "0000000000000000000000000000000000000000000000000000000000000000"
#define Z64 Z32 Z32
#define SIG "5840" Z64
#define TAG "5820" Z32
#define IV  "4c000000000000000000000000"
#define BOX "50" "00000000000000000000000000000000" /* an empty text's tag */
#define KID "5820" Z32
#define N32 "5820" Z32
#define SS  "8344a101381aa304" KID "22" KID "35" N32 "40"
#define EPK "20a401022001215820" Z32 "225820" Z32
#define ES  "8344a1013818a2" "04" KID EPK "40"

/* Well formed and ours, up to the key that vouches for it: KEEL_EAUTH; the rest is not ours. */
static const struct wrong {
	const char *why, *hex;
	enum keel_err e;
} wrong_sign1[] = {
	{ "well formed", "8443a10126a040" SIG, KEEL_EAUTH },
	{ "with a kid", "8443a10126a1044101" "40" SIG, KEEL_EAUTH },
	{ "nothing", "", KEEL_ESHORT },
	{ "tagged", "d28443a10126a040" SIG, KEEL_EFORM },
	{ "three items", "8343a10126a040", KEEL_EFORM },
	{ "five items", "8543a10126a040" SIG "40", KEEL_EFORM },
	{ "a tail", "8443a10126a040" SIG "00", KEEL_EFORM },
	{ "cut", "8443a10126a0405840" Z32, KEEL_ESHORT },
	{ "an array without end", "9f43a10126a040" SIG "ff", KEEL_EFORM },
	{ "ES384", "8444a1013822a040" SIG, KEEL_EFORM },
	{ "no algorithm", "8440a040" SIG, KEEL_EFORM },
	{ "an empty protected map", "8441a0a040" SIG, KEEL_EFORM },
	{ "algorithm unprotected", "8440a1012640" SIG, KEEL_EFORM },
	{ "algorithm in both", "8443a10126a1012640" SIG, KEEL_EFORM },
	{ "content type protected", "8445a201260300a040" SIG, KEEL_EFORM },
	{ "critical header", "8446a20126028104a040" SIG, KEEL_EFORM },
	{ "protected map written longer", "8444a1011826" "a040" SIG, KEEL_EFORM },
	{ "protected not wrapped", "84a10126a040" SIG, KEEL_EFORM },
	{ "unknown header", "8443a10126a1054040" SIG, KEEL_EFORM },
	{ "kid empty", "8443a10126a1044040" SIG, KEEL_ERANGE },
	{ "kid of 33 bytes", "8443a10126a1045821" Z32 "0040" SIG, KEEL_ERANGE },
	{ "kid a text", "8443a10126a104613140" SIG, KEEL_EFORM },
	{ "kid twice", "8443a10126a20441010441" "0140" SIG, KEEL_EFORM },
	{ "label written longer", "8443a10126a118044101" "40" SIG, KEEL_EFORM },
	{ "payload detached", "8443a10126a0f6" SIG, KEEL_EFORM },
	{ "payload a text", "8443a10126a060" SIG, KEEL_EFORM },
	{ "payload's length written longer", "8443a10126a05800" SIG, KEEL_EFORM },
	{ "signature of 63 bytes", "8443a10126a040583f" Z32
		"00000000000000000000000000000000000000000000000000000000000000", KEEL_ERANGE },
	{ "signature of 65 bytes", "8443a10126a0405841" Z64 "00", KEEL_ERANGE },
};

static const struct wrong wrong_mac0[] = {
	{ "well formed", "8443a10105a040" TAG, KEEL_EAUTH },
	{ "tagged", "d18443a10105a040" TAG, KEEL_EFORM },
	{ "HMAC 256/64", "8443a10104a040" TAG, KEEL_EFORM },
	{ "tag of 8 bytes", "8443a10105a040480000000000000000", KEEL_ERANGE },
	{ "a kid", "8443a10105a1044101" "40" TAG, KEEL_EFORM },
	{ "algorithm unprotected", "8440a1010540" TAG, KEEL_EFORM },
	{ "a tail", "8443a10105a040" TAG "f6", KEEL_EFORM },
	{ "payload detached", "8443a10105a0f6" TAG, KEEL_EFORM },
};

static const struct wrong wrong_encrypt0[] = {
	{ "well formed", "8343a10103a105" IV BOX, KEEL_EAUTH },
	{ "tagged", "d08343a10103a105" IV BOX, KEEL_EFORM },
	{ "A128GCM", "8343a10101a105" IV BOX, KEEL_EFORM },
	{ "no iv", "8343a10103a0" BOX, KEEL_EFORM },
	{ "iv of 11 bytes", "8343a10103a1054b0000000000000000000000" BOX, KEEL_ERANGE },
	{ "partial iv", "8343a10103a1064100" BOX, KEEL_EFORM },
	{ "iv and a kid, unsorted", "8343a10103a205" IV "044101" BOX, KEEL_EFORM },
	{ "shorter than its tag", "8343a10103a105" IV "4f000000000000000000000000000000",
		KEEL_ERANGE },
	{ "cipher text detached", "8343a10103a105" IV "f6", KEEL_EFORM },
	{ "a recipient", "8443a10103a105" IV BOX "81" SS, KEEL_EFORM },
};

static const struct wrong wrong_static[] = {
	{ "well formed", "8443a10103a105" IV BOX "81" SS, KEEL_EAUTH },
	{ "tagged", "d8608443a10103a105" IV BOX "81" SS, KEEL_EFORM },
	{ "A128GCM", "8443a10101a105" IV BOX "81" SS, KEEL_EFORM },
	{ "no recipient", "8443a10103a105" IV BOX "80", KEEL_ERANGE },
	{ "two recipients", "8443a10103a105" IV BOX "82" SS SS, KEEL_ERANGE },
	{ "by ECDH-ES", "8443a10103a105" IV BOX "81" ES, KEEL_EFORM },
	{ "ECDH-SS + HKDF-512", "8443a10103a105" IV BOX "818344a101381ba304" KID "22" KID "35" N32 "40",
		KEEL_EFORM },
	{ "direct", "8443a10103a105" IV BOX "818340a304" KID "22" KID "35" N32 "40", KEEL_EFORM },
	{ "no sender kid", "8443a10103a105" IV BOX "818344a101381aa204" KID "35" N32 "40", KEEL_EFORM },
	{ "no recipient kid", "8443a10103a105" IV BOX "818344a101381aa222" KID "35" N32 "40",
		KEEL_EFORM },
	{ "no nonce", "8443a10103a105" IV BOX "818344a101381aa204" KID "22" KID "40", KEEL_EFORM },
	{ "nonce of 8 bytes", "8443a10103a105" IV BOX "818344a101381aa304" KID "22" KID
		"35" "480000000000000000" "40", KEEL_ERANGE },
	{ "headers unsorted", "8443a10103a105" IV BOX "818344a101381aa322" KID "04" KID "35" N32 "40",
		KEEL_EFORM },
	{ "salt", "8443a10103a105" IV BOX "818344a101381aa404" KID "22" KID "33" "4101" "35" N32 "40",
		KEEL_EFORM },
	{ "a key wrapped", "8443a10103a105" IV BOX "818344a101381aa304" KID "22" KID "35" N32 "4101",
		KEEL_EFORM },
	{ "a recipient's recipient", "8443a10103a105" IV BOX "818444a101381aa304" KID "22" KID
		"35" N32 "4080", KEEL_EFORM },
};

/* A point of zeros is on no curve, so the first row is refused like a failed proof. */
static const struct wrong wrong_to[] = {
	{ "well formed", "8443a10103a105" IV BOX "81" ES, KEEL_EAUTH },
	{ "no kid", "8443a10103a105" IV BOX "818344a1013818a1" EPK "40", KEEL_EAUTH },
	{ "by ECDH-SS", "8443a10103a105" IV BOX "81" SS, KEEL_EFORM },
	{ "no key", "8443a10103a105" IV BOX "818344a1013818a104" KID "40", KEEL_EFORM },
	{ "another curve", "8443a10103a105" IV BOX "818344a1013818a120a401022002215820" Z32 "225820" Z32
		"40", KEEL_ERANGE },
	{ "another kind of key", "8443a10103a105" IV BOX "818344a1013818a120a401012001215820" Z32
		"225820" Z32 "40", KEEL_ERANGE },
	{ "a compressed point", "8443a10103a105" IV BOX "818344a1013818a120a401022001215820" Z32
		"22f540", KEEL_EFORM },
	{ "x of 31 bytes", "8443a10103a105" IV BOX "818344a1013818a120a40102200121581f"
		"00000000000000000000000000000000000000000000000000000000000000" "225820" Z32 "40",
		KEEL_ERANGE },
};

/* clang-format on */

static void check_wrong(const struct kind *kind, const struct wrong *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint8_t buf[BUF], out[BUF];
		struct keel_bytes got;
		struct keel_bytes in = vectors_hex(rows[i].hex, buf, sizeof(buf));
		enum keel_err e = kind->read(in, out, &got);
		CHECK_ROW(e == rows[i].e, rows[i].why);
	}
}

static void prov_5_13_1b_what_is_not_exactly_the_format_is_refused(void)
{
	move_in();
	check_wrong(&kinds[0], wrong_sign1, KEEL_COUNT(wrong_sign1));
	check_wrong(&kinds[1], wrong_mac0, KEEL_COUNT(wrong_mac0));
	check_wrong(&kinds[2], wrong_encrypt0, KEEL_COUNT(wrong_encrypt0));
	check_wrong(&kinds[3], wrong_static, KEEL_COUNT(wrong_static));
	check_wrong(&kinds[4], wrong_to, KEEL_COUNT(wrong_to));
}

static void kids_are_told_before_anything_is_verified(void)
{
	uint8_t buf[BUF];
	struct keel_bytes kid = { 0 }, from = { 0 }, to = { 0 };
	move_in();
	CHECK(keel_cose_sign1_kid(message(&kinds[0], none, buf), &kid) == KEEL_OK);
	CHECK(keel_bytes_equal(kid, home.from));
	CHECK(keel_cose_sign1_kid(vectors_hex("8443a10126a040" SIG, buf, BUF), &kid) == KEEL_OK);
	CHECK(kid.n == 0);
	CHECK(keel_cose_seal_kids(message(&kinds[3], none, buf), &from, &to) == KEEL_OK);
	CHECK(keel_bytes_equal(from, home.from) && keel_bytes_equal(to, home.to));
	CHECK(keel_cose_seal_kids(message(&kinds[4], none, buf), &from, &to) == KEEL_EFORM);
}

/* Who holds the key may fail to use it: a TPM that is gone. */
static enum keel_err sign_not(
	void *self, const struct keel_digest *digest, uint8_t signature[KEEL_SIGNATURE_LEN])
{
	(void)self, (void)digest, (void)signature;
	return KEEL_EIO;
}

static enum keel_err agree_not(void *self, const struct keel_p256_pub *peer, struct keel_key *out)
{
	(void)self, (void)peer, (void)out;
	return KEEL_EIO;
}

static void a_failing_key_holder_is_told_and_nothing_written(void)
{
	uint8_t buf[BUF], out[BUF];
	const struct keel_signer signer = { sign_not, NULL };
	const struct keel_agreer agreer = { agree_not, NULL };
	struct keel_wr w = keel_wr_of(buf, BUF);
	struct keel_bytes got = { 0 };
	move_in();
	CHECK(keel_cose_sign1(&signer, none, none, none, &w) == KEEL_EIO);
	CHECK(keel_wr_end(&w, &got) == KEEL_OK && got.n == 0);
	CHECK(keel_cose_open_from(&agreer, message(&kinds[4], none, buf), out, &got) == KEEL_EIO);
}

static void an_opened_key_signs_the_same_messages(void)
{
	uint8_t buf[BUF];
	struct keel_p256_opened opened;
	struct keel_wr w = keel_wr_of(buf, BUF);
	struct keel_bytes all, got;
	move_in();
	keel_p256_open(&home.a, &opened);
	const struct keel_signer signer = keel_signer_of_opened(&opened);
	CHECK(keel_cose_sign1(&signer, none, none, keel_text("x"), &w) == KEEL_OK);
	CHECK(keel_wr_end(&w, &all) == KEEL_OK);
	CHECK(keel_cose_verify1(&home.a.pub, all, none, &got) == KEEL_OK);
	keel_p256_close(&opened);
}

static void two_messages_of_the_same_text_have_nothing_in_common(void)
{
	move_in();
	for (size_t i = 2; i < KEEL_COUNT(kinds); i++) {
		uint8_t one[BUF], two[BUF];
		size_t n = message(&kinds[i], keel_text("0123456789abcdef"), one).n;
		CHECK_ROW(message(&kinds[i], keel_text("0123456789abcdef"), two).n == n,
			kinds[i].name);
		CHECK_ROW(memcmp(one + 8, two + 8, 12) != 0, kinds[i].name);   /* iv */
		CHECK_ROW(memcmp(one + 22, two + 22, 30) != 0, kinds[i].name); /* text */
	}
}

static void the_tables_are_sound(void)
{
	static const struct keel_schema *const schemas[] = { &keel_cose_sign1_schema,
		&keel_cose_mac0_schema, &keel_cose_encrypt0_schema,
		&keel_cose_encrypt_static_schema, &keel_cose_encrypt_to_schema };
	for (size_t i = 0; i < KEEL_COUNT(schemas); i++)
		CHECK_ROW(keel_schema_check(schemas[i]) == KEEL_OK, schemas[i]->name);
}

TEST_MAIN(TEST(every_kind_comes_back), TEST(a_changed_byte_is_refused_and_leaves_no_plain_text),
	TEST(no_kind_passes_for_another), TEST(another_key_is_refused),
	TEST(another_external_aad_is_refused), TEST(a_small_buffer_is_full_and_not_overrun),
	TEST(prov_5_13_1b_what_is_not_exactly_the_format_is_refused),
	TEST(kids_are_told_before_anything_is_verified),
	TEST(a_failing_key_holder_is_told_and_nothing_written),
	TEST(an_opened_key_signs_the_same_messages),
	TEST(two_messages_of_the_same_text_have_nothing_in_common), TEST(the_tables_are_sound))

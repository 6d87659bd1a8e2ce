/* What reporter and desk seal: comes back whole, and nobody without the key reads or changes it. */
#include "check.h"
#include "desk/sealed.h"
#include "session/hostile.h"

static struct keel_p256_key desk, other;
static struct keel_key key, second;

static void make_keys(void)
{
	keel_p256_generate(&desk);
	keel_p256_generate(&other);
	keel_random(key.b, sizeof(key.b));
	keel_random(second.b, sizeof(second.b));
}

static bool takes_opening(void *self, struct keel_bytes in)
{
	struct keel_key out;
	(void)self;
	return keel_case_opening_read(&desk, in, &out) == KEEL_OK;
}

static bool takes_message(void *self, struct keel_bytes in)
{
	static uint8_t plain[65536];
	struct keel_case_message out;
	(void)self;
	return keel_case_message_read(&key, in, plain, &out) == KEEL_OK;
}

static void the_desk_alone_opens_a_case(void)
{
	uint8_t buf[KEEL_CASE_OPENING_MAX];
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	struct keel_bytes sealed;
	struct keel_key out;
	make_keys();
	CHECK(keel_case_opening_write(&desk.pub, &key, &w) == KEEL_OK);
	CHECK(keel_wr_end(&w, &sealed) == KEEL_OK);
	CHECK(keel_case_opening_read(&desk, sealed, &out) == KEEL_OK);
	CHECK(keel_ct_equal(KEEL_VIEW(out.b), KEEL_VIEW(key.b)));
	CHECK(keel_case_opening_read(&other, sealed, &out) == KEEL_EAUTH);
	CHECK(memmem(buf, sealed.n, key.b, sizeof(key.b)) == NULL);
	CHECK(hostile_changes_taken(sealed, takes_opening, NULL) == 0);
}

static void a_message_is_read_under_its_case_only(void)
{
	static uint8_t buf[65536], plain[65536];
	static uint8_t text[KEEL_CASE_TEXT_MAX];
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	struct keel_bytes sealed;
	struct keel_case_message out;
	make_keys();
	memset(text, 'x', sizeof(text));
	const struct keel_case_message m = { .who = KEEL_CASE_DESK,
		.time_s = 7,
		.text = KEEL_VIEW(text),
		.contact = keel_text("me\n@") };
	CHECK(keel_case_message_write(&key, &m, &w) == KEEL_OK);
	CHECK(keel_wr_end(&w, &sealed) == KEEL_OK);
	CHECK(sealed.n <= KEEL_CASE_TEXT_MAX + KEEL_CASE_SEALED_EXTRA);
	CHECK(keel_case_message_read(&key, sealed, plain, &out) == KEEL_OK);
	CHECK(out.who == KEEL_CASE_DESK && out.time_s == 7 && out.product.n == 0);
	CHECK(keel_bytes_equal(out.text, m.text) && keel_bytes_equal(out.contact, m.contact));
	CHECK(keel_case_message_read(&second, sealed, plain, &out) == KEEL_EAUTH);
}

static void a_changed_message_is_refused(void)
{
	uint8_t buf[512];
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	struct keel_bytes sealed;
	const struct keel_case_message m = { .text = keel_text("canary") };
	make_keys();
	CHECK(keel_case_message_write(&key, &m, &w) == KEEL_OK);
	CHECK(keel_wr_end(&w, &sealed) == KEEL_OK);
	CHECK(hostile_changes_taken(sealed, takes_message, NULL) == 0);
	CHECK(memmem(buf, sealed.n, "canary", 6) == NULL);
}

/* A message that says it is from nobody, a piece beyond its file, a text that is too long. */
static void what_is_out_of_range_is_not_written(void)
{
	static uint8_t buf[65536], big[KEEL_CASE_PIECE_MAX + 1];
	const struct keel_case_message nobody = { .who = KEEL_CASE_WHO_COUNT };
	const struct keel_case_message long_text = { .text = { big, KEEL_CASE_TEXT_MAX + 1 } };
	const struct keel_case_piece beyond = { .piece = 1, .of = 1 };
	const struct keel_case_piece large = { .of = 1, .bytes = KEEL_VIEW(big) };
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	make_keys();
	CHECK(keel_case_message_write(&key, &nobody, &w) == KEEL_ERANGE);
	CHECK(keel_case_message_write(&key, &long_text, &w) == KEEL_ERANGE);
	CHECK(keel_case_piece_write(&key, &beyond, &w) == KEEL_ERANGE);
	CHECK(keel_case_piece_write(&key, &large, &w) == KEEL_ERANGE);
}

static void a_piece_comes_back_whole(void)
{
	static uint8_t buf[65536], plain[65536], bytes[KEEL_CASE_PIECE_MAX];
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	struct keel_bytes sealed;
	struct keel_case_piece out;
	make_keys();
	keel_random(bytes, sizeof(bytes));
	const struct keel_case_piece p = { .file = 2,
		.piece = 3,
		.of = 4,
		.name = keel_text("poc.tar"),
		.bytes = KEEL_VIEW(bytes) };
	CHECK(keel_case_piece_write(&key, &p, &w) == KEEL_OK);
	CHECK(keel_wr_end(&w, &sealed) == KEEL_OK);
	CHECK(sealed.n <= KEEL_CASE_PIECE_MAX + KEEL_CASE_SEALED_EXTRA);
	CHECK(keel_case_piece_read(&key, sealed, plain, &out) == KEEL_OK);
	CHECK(out.file == 2 && out.piece == 3 && out.of == 4);
	CHECK(keel_bytes_equal(out.name, p.name) && keel_bytes_equal(out.bytes, p.bytes));
}

static void an_operator_gets_the_desks_key_from_another(void)
{
	uint8_t buf[KEEL_CASE_OPENING_MAX];
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	struct keel_bytes sealed;
	struct keel_p256_key reader, out;
	make_keys();
	keel_p256_generate(&reader);
	CHECK(keel_desk_copy_write(&reader.pub, &desk, &w) == KEEL_OK);
	CHECK(keel_wr_end(&w, &sealed) == KEEL_OK);
	CHECK(keel_desk_copy_read(&reader, sealed, &out) == KEEL_OK);
	CHECK(memcmp(out.pub.xy, desk.pub.xy, sizeof(out.pub.xy)) == 0);
	CHECK(keel_desk_copy_read(&other, sealed, &out) == KEEL_EAUTH);
	CHECK(memmem(buf, sealed.n, desk.d, sizeof(desk.d)) == NULL);
}

static void an_operators_own_key_opens_under_its_passkey_only(void)
{
	uint8_t buf[KEEL_CASE_OPENING_MAX];
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	struct keel_bytes wrapped;
	struct keel_p256_key out;
	make_keys();
	CHECK(keel_reader_wrap(&key, &other, &w) == KEEL_OK);
	CHECK(keel_wr_end(&w, &wrapped) == KEEL_OK);
	CHECK(keel_reader_unwrap(&key, wrapped, &out) == KEEL_OK);
	CHECK(memcmp(out.pub.xy, other.pub.xy, sizeof(out.pub.xy)) == 0);
	CHECK(keel_reader_unwrap(&second, wrapped, &out) == KEEL_EAUTH);
}

/* The page derives them by WebCrypto: web/desk/test has the same numbers. */
static void token_and_key_follow_from_the_link(void)
{
	static const uint8_t secret[KEEL_CASE_SECRET_LEN] = { 1, 2, 3 };
	static const uint8_t token_is[4] = { 0x22, 0xad, 0x63, 0xcd };
	static const uint8_t key_is[4] = { 0x1a, 0x86, 0xf3, 0x4f };
	uint8_t token[KEEL_CASE_TOKEN_LEN];
	struct keel_key k;
	keel_case_derive(secret, token, &k);
	CHECK(memcmp(token, token_is, 4) == 0);
	CHECK(memcmp(k.b, key_is, 4) == 0);
}

TEST_MAIN(TEST(the_desk_alone_opens_a_case), TEST(a_message_is_read_under_its_case_only),
	TEST(a_changed_message_is_refused), TEST(what_is_out_of_range_is_not_written),
	TEST(a_piece_comes_back_whole), TEST(an_operator_gets_the_desks_key_from_another),
	TEST(an_operators_own_key_opens_under_its_passkey_only),
	TEST(token_and_key_follow_from_the_link))

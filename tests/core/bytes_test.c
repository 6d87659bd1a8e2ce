#include "check.h"
#include "core/bytes.h"

static void reader_reads_big_endian_numbers(void)
{
	static const uint8_t in[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 };
	struct keel_rd r = keel_rd_of(KEEL_VIEW(in));
	CHECK(keel_rd_u8(&r) == 1);
	CHECK(keel_rd_u16be(&r) == 0x0203);
	CHECK(keel_rd_u32be(&r) == 0x04050607);
	CHECK(keel_rd_u64be(&r) == 0x08090a0b0c0d0e0f);
	CHECK(keel_rd_end(&r) == KEEL_OK);
}

static void reader_stops_at_the_first_short_read(void)
{
	static const uint8_t in[] = { 1, 2, 3 };
	struct keel_rd r = keel_rd_of(KEEL_VIEW(in));
	CHECK(keel_rd_u32be(&r) == 0);
	CHECK(keel_rd_u8(&r) == 0); /* though a byte is there */
	CHECK(keel_rd_take(&r, 1).n == 0);
	CHECK(keel_rd_peek(&r) == -1);
	keel_rd_fail(&r, KEEL_EAUTH);
	CHECK(keel_rd_end(&r) == KEEL_ESHORT); /* the first error is the one told */
}

static void prov_5_13_1b_a_tail_nobody_declared_is_refused(void)
{
	struct keel_rd r = keel_rd_of(keel_text("ab"));
	(void)keel_rd_u8(&r);
	CHECK(keel_rd_end(&r) == KEEL_EFORM);
}

static void reader_takes_views_into_its_input(void)
{
	struct keel_bytes in = keel_text("key=value");
	struct keel_rd r = keel_rd_of(in);
	struct keel_bytes key = keel_rd_until(&r, '=');
	CHECK(keel_bytes_is(key, "key") && key.p == in.p);
	CHECK(keel_rd_peek(&r) == 'v');
	CHECK(keel_bytes_is(keel_rd_take(&r, 2), "va"));
	CHECK(keel_bytes_is(keel_rd_rest(&r), "lue"));
	CHECK(keel_rd_rest(&r).n == 0);
	CHECK(keel_rd_end(&r) == KEEL_OK);
}

static void reader_is_short_without_the_stop(void)
{
	struct keel_rd r = keel_rd_of(keel_text("key"));
	CHECK(keel_rd_until(&r, '=').n == 0);
	CHECK(keel_rd_end(&r) == KEEL_ESHORT);
}

static void reader_survives_a_length_that_would_overflow(void)
{
	struct keel_rd r = keel_rd_of(keel_text("abc"));
	(void)keel_rd_u8(&r);
	CHECK(keel_rd_take(&r, SIZE_MAX).p == NULL);
	CHECK(keel_rd_end(&r) == KEEL_ESHORT);
}

static void the_empty_view_is_read_and_compared(void)
{
	struct keel_bytes none = { 0 };
	struct keel_rd r = keel_rd_of(none);
	CHECK(keel_rd_rest(&r).n == 0);
	CHECK(keel_rd_take(&r, 0).n == 0);
	CHECK(keel_rd_end(&r) == KEEL_OK);
	CHECK(keel_bytes_equal(none, keel_text("")));
	CHECK(!keel_bytes_equal(none, keel_text("a")));
	CHECK(keel_rd_until(&r, 0).n == 0 && keel_rd_end(&r) == KEEL_ESHORT);
}

static void writer_writes_what_the_reader_reads(void)
{
	uint8_t buf[32];
	struct keel_bytes out = { 0 };
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	keel_wr_u8(&w, 1);
	keel_wr_u16be(&w, 0x0203);
	keel_wr_u32be(&w, 0x04050607);
	keel_wr_u64be(&w, 0x08090a0b0c0d0e0f);
	keel_wr_text(&w, "hi");
	keel_wr_bytes(&w, (struct keel_bytes){ 0 });
	CHECK(keel_wr_end(&w, &out) == KEEL_OK);
	CHECK(out.p == buf && out.n == 17);
	for (uint8_t i = 0; i < 15; i++)
		CHECK(buf[i] == i + 1);
	CHECK(memcmp(buf + 15, "hi", 2) == 0);
}

static void writer_stays_full(void)
{
	uint8_t buf[4] = { 9, 9, 9, 9 };
	struct keel_bytes out = { 0 };
	struct keel_wr w = keel_wr_of(buf, 3);
	keel_wr_u16be(&w, 1);
	keel_wr_u32be(&w, 2); /* does not fit */
	keel_wr_u8(&w, 3);    /* would fit, but the format is broken already */
	CHECK(keel_wr_end(&w, &out) == KEEL_EFULL);
	CHECK(out.p == NULL && buf[2] == 9 && buf[3] == 9);
	keel_wr_fail(&w, KEEL_ERANGE);
	CHECK(keel_wr_end(&w, &out) == KEEL_EFULL);
}

static void writer_tells_the_callers_own_error(void)
{
	uint8_t buf[4];
	struct keel_bytes out = { 0 };
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	keel_wr_fail(&w, KEEL_ERANGE);
	keel_wr_u8(&w, 1);
	CHECK(keel_wr_end(&w, &out) == KEEL_ERANGE);
}

static void copy_wants_the_exact_length(void)
{
	uint8_t out[3] = { 7, 7, 7 };
	CHECK(keel_bytes_copy(keel_text("ab"), out, 3) == KEEL_ERANGE);
	CHECK(keel_bytes_copy(keel_text("abcd"), out, 3) == KEEL_ERANGE);
	CHECK(out[0] == 7);
	CHECK(keel_bytes_copy(keel_text("abc"), out, 3) == KEEL_OK);
	CHECK(memcmp(out, "abc", 3) == 0);
	CHECK(keel_bytes_copy((struct keel_bytes){ 0 }, out, 0) == KEEL_OK);
}

static void sizes_are_added_without_overflow(void)
{
	size_t sum = 5;
	CHECK(keel_size_add(SIZE_MAX, 1, &sum) == KEEL_ERANGE);
	CHECK(sum == 5);
	CHECK(keel_size_add(SIZE_MAX - 1, 1, &sum) == KEEL_OK && sum == SIZE_MAX);
}

static void every_error_has_a_word_and_a_sentence_of_its_own(void)
{
	for (enum keel_err a = KEEL_OK; a < KEEL_ERR_COUNT; a++) {
		size_t n = strlen(keel_err_text(a));
		CHECK(n > 0 && keel_err_text(a)[n - 1] != '.');
		CHECK(strcmp(keel_err_word(a), keel_err_word(KEEL_ERR_COUNT)) != 0);
		for (enum keel_err b = KEEL_OK; b < a; b++) {
			CHECK(strcmp(keel_err_word(a), keel_err_word(b)) != 0);
			CHECK(strcmp(keel_err_text(a), keel_err_text(b)) != 0);
		}
	}
}

TEST_MAIN(TEST(reader_reads_big_endian_numbers), TEST(reader_stops_at_the_first_short_read),
	TEST(prov_5_13_1b_a_tail_nobody_declared_is_refused),
	TEST(reader_takes_views_into_its_input), TEST(reader_is_short_without_the_stop),
	TEST(reader_survives_a_length_that_would_overflow),
	TEST(the_empty_view_is_read_and_compared), TEST(writer_writes_what_the_reader_reads),
	TEST(writer_stays_full), TEST(writer_tells_the_callers_own_error),
	TEST(copy_wants_the_exact_length), TEST(sizes_are_added_without_overflow),
	TEST(every_error_has_a_word_and_a_sentence_of_its_own))

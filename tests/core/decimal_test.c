#include <inttypes.h>

#include "check.h"
#include "core/decimal.h"

static bool reads(const struct keel_wr *w, const char *text)
{
	struct keel_bytes out;
	return keel_wr_end(w, &out) == KEEL_OK && keel_bytes_is(out, text);
}

static void whole_numbers_are_written_whole(void)
{
	static const uint64_t rows[] = { 0, 1, 9, 10, 65535, 1000000, UINT64_MAX };
	for (size_t i = 0; i < KEEL_COUNT(rows); i++) {
		char buf[32], plain[32];
		struct keel_wr w = keel_wr_of(buf, sizeof(buf));
		keel_decimal_uint(&w, rows[i]);
		(void)snprintf(plain, sizeof(plain), "%" PRIu64, rows[i]);
		CHECK_ROW(reads(&w, plain), plain);
	}
}

static void thousandths_end_without_zeros(void)
{
	static const struct {
		int64_t v;
		const char *text;
	} rows[] = { { 0, "0" }, { 21500, "21.5" }, { -7000, "-7" }, { 1, "0.001" },
		{ -1, "-0.001" }, { 50, "0.05" }, { 1010, "1.01" }, { 999, "0.999" },
		{ 100, "0.1" }, { INT64_MIN, "-9223372036854775.808" },
		{ INT64_MAX, "9223372036854775.807" } };
	for (size_t i = 0; i < KEEL_COUNT(rows); i++) {
		char buf[32];
		struct keel_wr w = keel_wr_of(buf, sizeof(buf));
		keel_decimal_thousandths(&w, rows[i].v);
		CHECK_ROW(reads(&w, rows[i].text), rows[i].text);
	}
}

static void a_small_buffer_is_told(void)
{
	char buf[3];
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	struct keel_bytes out;
	keel_decimal_uint(&w, 1234);
	CHECK(keel_wr_end(&w, &out) == KEEL_EFULL);
}

TEST_MAIN(TEST(whole_numbers_are_written_whole), TEST(thousandths_end_without_zeros),
	TEST(a_small_buffer_is_told))

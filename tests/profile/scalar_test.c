#include "check.h"
#include "keel/profile.h"
#include "profile/scalar.h"

static void whole_numbers_are_read(void)
{
	static const struct {
		const char *text;
		bool ok;
		uint64_t v;
	} rows[] = {
		{ "0", true, 0 },
		{ "8443", true, 8443 },
		{ "999999999999999999", true, 999999999999999999 },
		{ "1000000000000000000", false, 0 },
		{ "", false, 0 },
		{ "00", false, 0 },
		{ "+1", false, 0 },
		{ "-1", false, 0 },
		{ "1 ", false, 0 },
		{ "0x10", false, 0 },
		{ "1_000", false, 0 },
	};
	for (size_t i = 0; i < KEEL_COUNT(rows); i++) {
		uint64_t v = 0;
		CHECK_ROW(
			keel_scalar_uint(keel_text(rows[i].text), &v) == rows[i].ok, rows[i].text);
		CHECK_ROW(v == rows[i].v, rows[i].text);
	}
}

static void numbers_are_thousandths(void)
{
	static const struct {
		const char *text;
		bool ok;
		int64_t v;
	} rows[] = {
		{ "0", true, 0 },
		{ "-0", true, 0 },
		{ "21.5", true, 21500 },
		{ "-40", true, -40000 },
		{ "-0.001", true, -1 },
		{ "0.05", true, 50 },
		{ "999999999999999.999", true, 999999999999999999 },
		{ "1000000000000000", false, 0 },
		{ "0.0001", false, 0 },
		{ "1.", false, 0 },
		{ ".5", false, 0 },
		{ "-", false, 0 },
		{ "--1", false, 0 },
		{ "1,5", false, 0 },
		{ "1.-5", false, 0 },
		{ "1e3", false, 0 },
		{ ".inf", false, 0 },
	};
	for (size_t i = 0; i < KEEL_COUNT(rows); i++) {
		int64_t v = 0;
		CHECK_ROW(keel_scalar_number(keel_text(rows[i].text), &v) == rows[i].ok,
			rows[i].text);
		CHECK_ROW(v == rows[i].v, rows[i].text);
	}
}

static void durations_are_seconds(void)
{
	static const struct {
		const char *text;
		bool ok;
		uint64_t v;
	} rows[] = {
		{ "1 second", true, 1 },
		{ "90 s", true, 90 },
		{ "2 minutes", true, 120 },
		{ "24 hours", true, 86400 },
		{ "2 days", true, 172800 },
		{ "1 week", true, 604800 },
		{ "100 years", true, 3153600000 },
		{ "2", false, 0 },
		{ "2 ", false, 0 },
		{ " days", false, 0 },
		{ "2days", false, 0 },
		{ "2  days", false, 0 },
		{ "2 Days", false, 0 },
		{ "1.5 hours", false, 0 },
		{ "-1 days", false, 0 },
		{ "2 months", false, 0 },
		{ "9999999999 days", false, 0 },
	};
	for (size_t i = 0; i < KEEL_COUNT(rows); i++) {
		uint64_t v = 0;
		CHECK_ROW(keel_scalar_duration(keel_text(rows[i].text), &v) == rows[i].ok,
			rows[i].text);
		CHECK_ROW(v == rows[i].v, rows[i].text);
	}
}

static void only_dates_that_exist_are_read(void)
{
	static const struct {
		const char *text;
		bool ok;
		int64_t v;
	} rows[] = {
		{ "1970-01-01", true, 0 },
		{ "2000-02-29", true, 11016 },
		{ "2026-12-01", true, 20788 },
		{ "2100-02-28", true, 47540 },
		{ "2100-02-29", false, 0 },
		{ "2023-02-29", false, 0 },
		{ "1969-12-31", false, 0 },
		{ "2026-00-01", false, 0 },
		{ "2026-13-01", false, 0 },
		{ "2026-04-31", false, 0 },
		{ "2026-12-00", false, 0 },
		{ "2026-12-1", false, 0 },
		{ "2026/12/01", false, 0 },
		{ "20a6-12-01", false, 0 },
		{ "2026-12-01T", false, 0 },
	};
	for (size_t i = 0; i < KEEL_COUNT(rows); i++) {
		int64_t v = 0;
		CHECK_ROW(
			keel_scalar_date(keel_text(rows[i].text), &v) == rows[i].ok, rows[i].text);
		CHECK_ROW(v == rows[i].v, rows[i].text);
	}
}

/* Every day of 200 years: written and read again it is the same, and one later than the one before. */
static void a_date_survives_write_and_read(void)
{
	unsigned wrong = 0;
	for (int64_t day = 0; day < 73049; day++) {
		char text[11];
		int64_t again = -1;
		keel_date_write(day, text);
		wrong += !keel_scalar_date(keel_text(text), &again) || again != day;
	}
	CHECK(wrong == 0);
}

TEST_MAIN(TEST(whole_numbers_are_read), TEST(numbers_are_thousandths), TEST(durations_are_seconds),
	TEST(only_dates_that_exist_are_read), TEST(a_date_survives_write_and_read))

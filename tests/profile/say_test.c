#include "check.h"
#include "profile/say.h"

static char buf[128];

static bool says(const struct keel_wr *w, const char *text)
{
	struct keel_bytes out;
	return keel_wr_end(w, &out) == KEEL_OK && keel_bytes_is(out, text);
}

static void durations_are_in_the_largest_whole_unit(void)
{
	static const struct {
		uint64_t s;
		const char *duration, *every;
	} rows[] = {
		{ 0, "0 seconds", "every 0 seconds" },
		{ 1, "1 second", "every second" },
		{ 59, "59 seconds", "every 59 seconds" },
		{ 60, "1 minute", "every minute" },
		{ 90, "90 seconds", "every 90 seconds" },
		{ 3600, "1 hour", "every hour" },
		{ 5400, "90 minutes", "every 90 minutes" },
		{ 86400, "1 day", "every day" },
		{ 1209600, "14 days", "every 14 days" },
		{ 31536000, "1 year", "every year" },
		{ 31622400, "366 days", "every 366 days" },
		{ 220752000, "7 years", "every 7 years" },
	};
	for (size_t i = 0; i < KEEL_COUNT(rows); i++) {
		struct keel_wr w = keel_wr_of(buf, sizeof(buf));
		keel_say_duration(&w, rows[i].s);
		CHECK_ROW(says(&w, rows[i].duration), rows[i].duration);
		w = keel_wr_of(buf, sizeof(buf));
		keel_say_every(&w, rows[i].s);
		CHECK_ROW(says(&w, rows[i].every), rows[i].every);
	}
}

static void amounts_have_the_sign_that_people_write(void)
{
	static const struct {
		int64_t v;
		const char *unit, *text;
	} rows[] = { { 21500, "Cel", "21.5 °C" }, { 3000, "1", "3" }, { -1, "W", "-0.001 W" },
		{ 40000, "%RH", "40 %" }, { 5000, "", "5" }, { 1000, "d", "1" } };
	for (size_t i = 0; i < KEEL_COUNT(rows); i++) {
		struct keel_wr w = keel_wr_of(buf, sizeof(buf));
		keel_say_amount(&w, rows[i].v, keel_text(rows[i].unit));
		CHECK_ROW(says(&w, rows[i].text), rows[i].text);
	}
}

static void moments_are_as_rfc_3339_has_them(void)
{
	static const struct {
		int64_t s;
		const char *text;
	} rows[] = { { 0, "1970-01-01T00:00:00Z" }, { 951868799, "2000-02-29T23:59:59Z" },
		{ 1795853400, "2026-11-28T08:10:00Z" }, { 4102444799, "2099-12-31T23:59:59Z" } };
	for (size_t i = 0; i < KEEL_COUNT(rows); i++) {
		struct keel_wr w = keel_wr_of(buf, sizeof(buf));
		keel_say_moment(&w, rows[i].s);
		CHECK_ROW(says(&w, rows[i].text), rows[i].text);
	}
}

TEST_MAIN(TEST(durations_are_in_the_largest_whole_unit),
	TEST(amounts_have_the_sign_that_people_write), TEST(moments_are_as_rfc_3339_has_them))

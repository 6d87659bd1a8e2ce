#include "check.h"
#include "fleet/public/support.h"

/* EN 303 645 5.3-13: what was promised to buyers holds. */
static void prov_5_3_13_a_published_support_period_is_never_shortened(void)
{
	static const struct keel_published history[] = { { 10, 100 }, { 20, 150 }, { 30, 170 } };
	static const struct {
		size_t count;
		int64_t until;
		enum keel_support_step step;
		const char *why;
	} rows[] = {
		{ 0, 100, KEEL_SUPPORT_PUBLISH, "the first" },
		{ 1, 101, KEEL_SUPPORT_PUBLISH, "a day longer" },
		{ 1, 100, KEEL_SUPPORT_SAME, "the same" },
		{ 1, 99, KEEL_SUPPORT_REFUSE, "a day shorter" },
		{ 3, 171, KEEL_SUPPORT_PUBLISH, "longer than the last extension" },
		{ 3, 170, KEEL_SUPPORT_SAME, "as the last extension" },
		{ 3, 160, KEEL_SUPPORT_REFUSE, "longer than an earlier one only" },
		{ 3, 100, KEEL_SUPPORT_REFUSE, "as at first" },
	};
	for (size_t i = 0; i < KEEL_COUNT(rows); i++)
		CHECK_ROW(keel_support_judge(history, rows[i].count, rows[i].until) == rows[i].step,
			rows[i].why);
}

static void the_latest_end_holds_whatever_the_order(void)
{
	static const struct keel_published mixed[] = { { 10, 100 }, { 20, 150 }, { 30, 120 } };
	CHECK(keel_support_until(mixed, 3, 1) == 150);
	CHECK(keel_support_until(mixed, 1, 999) == 100);
	CHECK(keel_support_until(NULL, 0, 42) == 42);
	CHECK(keel_support_judge(mixed, 3, 149) == KEEL_SUPPORT_REFUSE);
}

TEST_MAIN(TEST(prov_5_3_13_a_published_support_period_is_never_shortened),
	TEST(the_latest_end_holds_whatever_the_order))

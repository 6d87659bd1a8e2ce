#include "check.h"
#include "core/clock.h"
#include "core/log.h"

static bool line_is(int64_t wall_s, enum keel_log_level level, const char *event,
	const struct keel_log_pair *pairs, size_t n, const char *want)
{
	char buf[KEEL_LOG_LINE_MAX];
	size_t len = keel_log_format(buf, wall_s, level, "door", event, pairs, n);
	if (len == strlen(want) && strcmp(buf, want) == 0)
		return true;
	(void)fprintf(stderr, "  got:  %s  want: %s", buf, want);
	return false;
}

static void a_line_has_time_level_room_event_and_pairs(void)
{
	const struct keel_log_pair pairs[] = { KEEL_LOG_WORD("reason", "host"),
		KEEL_LOG_NUM("count", 3), KEEL_LOG_NUM("low", INT64_MIN),
		KEEL_LOG_NUM("high", INT64_MAX) };
	CHECK(line_is(1795529419, KEEL_LOG_WARN, "request.refused", pairs, 2,
		"2026-11-24T14:10:19Z warn door request.refused reason=host count=3\n"));
	CHECK(line_is(1795529419, KEEL_LOG_ALERT, "x", pairs + 2, 2,
		"2026-11-24T14:10:19Z alert door x low=-9223372036854775808 "
		"high=9223372036854775807\n"));
}

static void times_are_those_of_the_calendar(void)
{
	static const struct {
		int64_t wall_s;
		const char *line;
	} rows[] = {
		{ 1, "1970-01-01T00:00:01Z info door x\n" },
		{ 951782400, "2000-02-29T00:00:00Z info door x\n" },
		{ 951868799, "2000-02-29T23:59:59Z info door x\n" },
		{ 951868800, "2000-03-01T00:00:00Z info door x\n" },
		{ 4107542399, "2100-02-28T23:59:59Z info door x\n" },
		{ 4107542400, "2100-03-01T00:00:00Z info door x\n" },
		{ 2147483648, "2038-01-19T03:14:08Z info door x\n" },
		{ 253402300799, "9999-12-31T23:59:59Z info door x\n" },
		{ 253402300800, "- info door x\n" },
		{ 0, "- info door x\n" }, /* not known */
		{ -1, "- info door x\n" },
	};
	for (size_t i = 0; i < KEEL_COUNT(rows); i++)
		CHECK_ROW(line_is(rows[i].wall_s, KEEL_LOG_INFO, "x", NULL, 0, rows[i].line),
			rows[i].line);
}

static void a_value_cannot_break_the_line(void)
{
	const struct keel_log_pair pair = KEEL_LOG_WORD("name", "a\nb c\x1b[2J\xc3\xa9");
	CHECK(line_is(0, KEEL_LOG_INFO, "x", &pair, 1, "- info door x name=a?b?c?[2J??\n"));
}

static void a_long_line_is_cut_and_still_ends(void)
{
	char word[2 * KEEL_LOG_LINE_MAX];
	char guarded[KEEL_LOG_LINE_MAX + 8];
	memset(word, 'w', sizeof(word));
	word[sizeof(word) - 1] = '\0';
	memset(guarded, '#', sizeof(guarded));
	const struct keel_log_pair pair = KEEL_LOG_WORD("k", word);
	size_t n = keel_log_format(guarded, 0, KEEL_LOG_INFO, "door", "x", &pair, 1);
	CHECK(n == KEEL_LOG_LINE_MAX - 1);
	CHECK(guarded[n - 2] == 'w' && guarded[n - 1] == '\n' && guarded[n] == '\0');
	CHECK(guarded[KEEL_LOG_LINE_MAX] == '#');
}

static void a_test_drives_the_clock(void)
{
	struct keel_test_clock t = { .ms = 5, .wall = 0 };
	struct keel_clock c = keel_test_clock_of(&t);
	CHECK(keel_now_ms(&c) == 5 && keel_wall_s(&c) == 0);
	t.ms += 1000;
	t.wall = 1795529419;
	CHECK(keel_now_ms(&c) == 1005 && keel_wall_s(&c) == 1795529419);
}

TEST_MAIN(TEST(a_line_has_time_level_room_event_and_pairs), TEST(times_are_those_of_the_calendar),
	TEST(a_value_cannot_break_the_line), TEST(a_long_line_is_cut_and_still_ends),
	TEST(a_test_drives_the_clock))

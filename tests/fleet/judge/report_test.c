/* What of a report is kept: what is declared, in its range, and as often as declared. */
#include "check.h"
#include "fleet/judge/report.h"
#include "fleet/judge/unit.h"

#define HOUR 3600
#define NOW  UNIT_NOW

static struct unit u;
static struct keel_pace pace[KEEL_JUDGE_TELEMETRY_MAX + 1];

static void begin(void)
{
	unit_make(&u);
	memset(pace, 0, sizeof(pace));
}

static struct keel_bytes pack_of(const struct keel_senml_record *r, size_t n)
{
	static uint8_t buf[KEEL_REPORT_PAYLOAD_MAX];
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	struct keel_bytes out;
	keel_senml_begin(&w, n);
	for (size_t i = 0; i < n; i++)
		keel_senml_put(&w, &r[i]);
	KEEL_MUST(keel_wr_end(&w, &out) == KEEL_OK);
	return out;
}

static struct keel_senml_record record(const char *name, int64_t at)
{
	return (struct keel_senml_record){ .name = keel_text(name),
		.unit = keel_text("count"),
		.value = 7000,
		.time_ms = at * 1000 };
}

static struct keel_report_judged judge(uint64_t kind, struct keel_bytes payload, int64_t item_s)
{
	const struct keel_report_item item = {
		.number = 1, .kind = kind, .time = item_s, .payload = payload
	};
	return keel_judge_report(&u.product, &item, NOW, pace);
}

static enum keel_odd odd_of(const struct keel_senml_record *r)
{
	return judge(KEEL_REPORT_TELEMETRY, pack_of(r, 1), NOW).odd;
}

static void what_is_declared_is_kept(void)
{
	begin();
	CHECK(u.product.telemetry_count == 2);
	const struct keel_senml_record both[] = { record("burner starts", NOW),
		record("sensor faults", 0) };
	struct keel_report_judged j = judge(KEEL_REPORT_TELEMETRY, pack_of(both, 2), NOW);
	CHECK(j.odd == KEEL_ODD_NOT && j.detail[0] == '\0');
	CHECK(j.keep_s == 365 * 86400);
	CHECK(pace[0].due_s == NOW + HOUR && pace[1].due_s == NOW + HOUR);
	unit_end(&u);
}

/* EN 303 645 6-4, 6-5: no more than was said to the owner. */
static void prov_6_4_what_is_not_declared_is_refused(void)
{
	static const struct {
		const char *row, *name, *unit;
		int64_t value, at;
		enum keel_odd expected;
	} rows[] = {
		{ "the least", "burner starts", "count", 0, NOW, KEEL_ODD_NOT },
		{ "the most", "burner starts", "count", 1000000000, NOW, KEEL_ODD_NOT },
		{ "another name", "presence", "count", 1000, NOW, KEEL_ODD_UNDECLARED },
		{ "a part of a name", "burner", "count", 1000, NOW, KEEL_ODD_UNDECLARED },
		{ "a value, no telemetry", "temperature", "Cel", 1000, NOW, KEEL_ODD_UNDECLARED },
		{ "another unit", "burner starts", "s", 1000, NOW, KEEL_ODD_UNIT },
		{ "no unit", "burner starts", "", 1000, NOW, KEEL_ODD_UNIT },
		{ "too little", "burner starts", "count", -1, NOW, KEEL_ODD_RANGE },
		{ "too much", "burner starts", "count", 1000000001, NOW, KEEL_ODD_RANGE },
		{ "a little ahead", "burner starts", "count", 0, NOW + 300, KEEL_ODD_NOT },
		{ "a time to come", "burner starts", "count", 0, NOW + 301, KEEL_ODD_TIME },
		{ "a year ago", "burner starts", "count", 0, NOW - 31536000, KEEL_ODD_NOT },
		{ "longer ago than it is kept", "burner starts", "count", 0, NOW - 31536001,
			KEEL_ODD_TIME },
	};
	for (size_t i = 0; i < KEEL_COUNT(rows); i++) {
		begin();
		const struct keel_pace before = pace[0];
		const struct keel_senml_record r = { keel_text(rows[i].name),
			keel_text(rows[i].unit), rows[i].value, rows[i].at * 1000 };
		struct keel_report_judged j = judge(KEEL_REPORT_TELEMETRY, pack_of(&r, 1), NOW);
		CHECK_ROW(j.odd == rows[i].expected, rows[i].row);
		CHECK_ROW((strcmp(j.detail, rows[i].name) == 0) == (j.odd != KEEL_ODD_NOT),
			rows[i].row);
		if (j.odd != KEEL_ODD_NOT)
			CHECK_ROW(j.keep_s == 0 && memcmp(&before, &pace[0], sizeof(before)) == 0,
				rows[i].row);
		unit_end(&u);
	}
}

/* As many as a device can have waiting; then one a minute. */
static void events_have_a_pace_of_their_own(void)
{
	static const uint8_t event[] = { 0xa2, 0x01, 0x61, 'a', 0x02, 0x60 };
	begin();
	for (int i = 0; i <= KEEL_PACE_UNTIMED; i++)
		CHECK(judge(KEEL_REPORT_EVENT, KEEL_VIEW(event), NOW).odd == KEEL_ODD_NOT);
	CHECK(judge(KEEL_REPORT_EVENT, KEEL_VIEW(event), NOW).odd == KEEL_ODD_OFTEN);
	const struct keel_senml_record r = record("burner starts", NOW);
	CHECK(odd_of(&r) == KEEL_ODD_NOT);
	unit_end(&u);
}

static void a_pack_is_taken_whole_or_not_at_all(void)
{
	begin();
	const struct keel_senml_record r[] = { record("burner starts", NOW),
		record("presence", NOW) };
	struct keel_report_judged j = judge(KEEL_REPORT_TELEMETRY, pack_of(r, 2), NOW);
	CHECK(j.odd == KEEL_ODD_UNDECLARED && strcmp(j.detail, "presence") == 0);
	CHECK(pace[0].due_s == 0 && pace[1].due_s == 0);
	unit_end(&u);
}

static void prov_6_4_more_often_than_declared_is_refused(void)
{
	struct keel_senml_record r;
	begin();
	int64_t start = NOW - 1000 * HOUR; /* a long queue, after an outage */
	for (int64_t k = 0; k < 1000; k++) {
		r = record("burner starts", start + k * HOUR);
		CHECK(odd_of(&r) == KEEL_ODD_NOT);
	}
	r = record("burner starts", NOW - HOUR + 60); /* once early: a clock was set */
	CHECK(odd_of(&r) == KEEL_ODD_NOT);
	r = record("burner starts", NOW - HOUR + 120);
	CHECK(odd_of(&r) == KEEL_ODD_OFTEN);
	unit_end(&u);
	/* Ten times too often: in the long run a tenth of it is kept. */
	begin();
	unsigned kept = 0;
	for (int64_t k = 0; k < 1000; k++) {
		r = record("burner starts", start + k * HOUR / 10);
		kept += odd_of(&r) == KEEL_ODD_NOT;
	}
	CHECK(kept >= 100 && kept <= 102);
	unit_end(&u);
}

/* Each has its own pace, and one pack of many is as often as many packs of one. */
static void one_measurements_pace_is_not_anothers(void)
{
	begin();
	const struct keel_senml_record starts[] = { record("burner starts", NOW),
		record("burner starts", NOW), record("burner starts", NOW) };
	const struct keel_senml_record faults = record("sensor faults", NOW);
	CHECK(judge(KEEL_REPORT_TELEMETRY, pack_of(starts, 3), NOW).odd == KEEL_ODD_OFTEN);
	CHECK(judge(KEEL_REPORT_TELEMETRY, pack_of(starts, 2), NOW).odd == KEEL_ODD_NOT);
	CHECK(odd_of(&starts[0]) == KEEL_ODD_OFTEN);
	CHECK(odd_of(&faults) == KEEL_ODD_NOT);
	unit_end(&u);
}

/* A device without the time, back from an outage, has as many as it can keep; not more, again and again. */
static void untimed_ones_come_at_once_and_not_for_ever(void)
{
	begin();
	const struct keel_senml_record r = record("burner starts", 0);
	unsigned kept = 0;
	for (unsigned k = 0; k < 1000; k++)
		kept += judge(KEEL_REPORT_TELEMETRY, pack_of(&r, 1), 0).odd == KEEL_ODD_NOT;
	CHECK(kept == KEEL_PACE_UNTIMED + 1);
	const struct keel_senml_record timed = record("burner starts", NOW);
	CHECK(odd_of(&timed) == KEEL_ODD_NOT); /* it knows the time again */
	unit_end(&u);
}

static void prov_5_13_1b_what_is_no_pack_or_event_is_refused(void)
{
	static const uint8_t nothing[] = { 0x80 }, event[] = { 0xa2, 0x01, 0x61, 'w', 0x02, 0x60 },
			     tail[] = { 0xa2, 0x01, 0x61, 'w', 0x02, 0x60, 0x00 };
	begin();
	CHECK(judge(KEEL_REPORT_TELEMETRY, KEEL_VIEW(nothing), NOW).odd == KEEL_ODD_FORM);
	CHECK(judge(KEEL_REPORT_TELEMETRY, KEEL_VIEW(event), NOW).odd == KEEL_ODD_FORM);
	CHECK(judge(KEEL_REPORT_EVENT, KEEL_VIEW(event), NOW).odd == KEEL_ODD_NOT);
	CHECK(judge(KEEL_REPORT_EVENT, KEEL_VIEW(tail), NOW).odd == KEEL_ODD_FORM);
	CHECK(judge(KEEL_REPORT_EVENT, KEEL_VIEW(nothing), NOW).odd == KEEL_ODD_FORM);
	CHECK(judge(2, KEEL_VIEW(event), NOW).odd == KEEL_ODD_KIND);
	CHECK(judge(255, KEEL_VIEW(event), NOW).odd == KEEL_ODD_KIND);
	for (unsigned odd = 0; odd < KEEL_ODD_COUNT; odd++)
		CHECK(keel_odd_word((enum keel_odd)odd) != NULL);
	unit_end(&u);
}

TEST_MAIN(TEST(what_is_declared_is_kept), TEST(prov_6_4_what_is_not_declared_is_refused),
	TEST(events_have_a_pace_of_their_own), TEST(a_pack_is_taken_whole_or_not_at_all),
	TEST(prov_6_4_more_often_than_declared_is_refused),
	TEST(one_measurements_pace_is_not_anothers),
	TEST(untimed_ones_come_at_once_and_not_for_ever),
	TEST(prov_5_13_1b_what_is_no_pack_or_event_is_refused))

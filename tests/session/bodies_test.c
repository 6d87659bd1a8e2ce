/* The bodies of every path, by their tables: what is missing, out of range or unknown is refused. */
#include "check.h"
#include "core/cbor.h"
#include "session/call.h"
#include "session/hostile.h"
#include "session/inbox.h"
#include "session/open.h"
#include "session/report.h"

static const uint8_t b32[32] = { 1 }, b16[16] = { 2 }, item[] = { 0x80 };

static void tables_are_sound(void)
{
	static const struct keel_schema *const all[] = { &keel_call_schema,
		&keel_report_args_schema, &keel_report_item_schema, &keel_report_result_schema,
		&keel_report_event_schema, &keel_inbox_args_schema, &keel_inbox_item_schema,
		&keel_inbox_result_schema, &keel_answer_args_schema, &keel_nonce_result_schema,
		&keel_open_args_schema, &keel_open_result_schema };
	for (size_t i = 0; i < KEEL_COUNT(all); i++)
		CHECK_ROW(keel_schema_check(all[i]) == KEEL_OK, all[i]->name);
	CHECK(keel_has(
		&(struct keel_open_args){ .has = 1U << KEEL_OPEN_OWNERS }, KEEL_OPEN_OWNERS));
	CHECK(keel_open_args_schema.rows[KEEL_OPEN_OWNERS].optional);
}

static struct keel_list one_report(uint8_t *buf, size_t cap, const struct keel_report_item *it)
{
	struct keel_list list = { 0 };
	struct keel_wr w = keel_wr_of(buf, cap);
	keel_list_add(&keel_report_item_row, it, &w, &list);
	return list;
}

static struct keel_list one_item(uint8_t *buf, size_t cap, const struct keel_inbox_item *it)
{
	struct keel_list list = { 0 };
	struct keel_wr w = keel_wr_of(buf, cap);
	keel_list_add(&keel_inbox_item_row, it, &w, &list);
	return list;
}

static void prov_5_13_1b_a_row_too_few_or_too_many_is_refused(void)
{
	uint8_t buf[64], more[64];
	const struct keel_report_item report = { .number = 1, .payload = KEEL_VIEW(item) };
	const struct keel_inbox_item waits = { .number = 1, .payload = KEEL_VIEW(item) };
	const struct keel_report_args args = { .items = one_report(buf, sizeof(buf), &report) };
	const struct keel_report_result taken = { .taken = 3 };
	const struct keel_report_event event = { .word = keel_text("undeclared-port"),
		.detail = keel_text("tcp 23") };
	const struct keel_inbox_args inbox = { .taken = 1, .wait_s = 50 };
	const struct keel_inbox_result box = { .items = one_item(more, sizeof(more), &waits) };
	const struct keel_answer_args answer = {
		.number = 1, .status = 200, .body = KEEL_VIEW(item)
	};
	const struct keel_nonce_result nonce = { .nonce = KEEL_VIEW(b32),
		.voucher = KEEL_VIEW(item) };
	const struct keel_open_args open = { .has = 1U << KEEL_OPEN_OWNERS,
		.statement = KEEL_VIEW(item),
		.endorsement = KEEL_VIEW(item),
		.owners = KEEL_VIEW(item),
		.nonce = KEEL_VIEW(b16) };
	const struct keel_open_result opened = {
		.token = KEEL_VIEW(item), .valid_s = 900, .time = KEEL_VIEW(item)
	};
	CHECK(hostile_rows_wrong(&keel_report_args_schema, &args) == 0);
	CHECK(hostile_rows_wrong(&keel_report_result_schema, &taken) == 0);
	CHECK(hostile_rows_wrong(&keel_report_event_schema, &event) == 0);
	CHECK(hostile_rows_wrong(&keel_inbox_args_schema, &inbox) == 0);
	CHECK(hostile_rows_wrong(&keel_inbox_result_schema, &box) == 0);
	CHECK(hostile_rows_wrong(&keel_answer_args_schema, &answer) == 0);
	CHECK(hostile_rows_wrong(&keel_nonce_result_schema, &nonce) == 0);
	CHECK(hostile_rows_wrong(&keel_open_args_schema, &open) == 0);
	CHECK(hostile_rows_wrong(&keel_open_result_schema, &opened) == 0);
}

static enum keel_err written(const struct keel_schema *s, const void *record)
{
	uint8_t buf[256];
	struct keel_bytes out;
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	keel_schema_write(s, record, &w);
	return keel_wr_end(&w, &out);
}

static void prov_5_13_1a_values_out_of_range_are_refused(void)
{
	static uint8_t large[KEEL_REPORT_PAYLOAD_MAX + 1];
	const struct keel_report_item reports[] = {
		{ .number = 0, .payload = KEEL_VIEW(item) },
		{ .number = 1ULL << 63, .payload = KEEL_VIEW(item) },
		{ .number = 1, .kind = 256, .payload = KEEL_VIEW(item) },
		{ .number = 1, .time = -1, .payload = KEEL_VIEW(item) },
		{ .number = 1 },
		{ .number = 1, .payload = KEEL_VIEW(large) },
	};
	for (size_t i = 0; i < KEEL_COUNT(reports); i++)
		CHECK(written(&keel_report_item_schema, &reports[i]) == KEEL_ERANGE);
	CHECK(written(&keel_report_args_schema, &(struct keel_report_args){ 0 }) == KEEL_ERANGE);
	CHECK(written(&keel_inbox_args_schema, &(struct keel_inbox_args){ .wait_s = 51 }) ==
		KEEL_ERANGE);
	CHECK(written(&keel_answer_args_schema, &(struct keel_answer_args){ .number = 1,
							.status = 199,
							.body = KEEL_VIEW(item) }) == KEEL_ERANGE);
	CHECK(written(&keel_report_event_schema,
		      &(struct keel_report_event){ .word = keel_text("") }) == KEEL_ERANGE);
	CHECK(written(&keel_report_event_schema,
		      &(struct keel_report_event){ .word = keel_text("a\nb") }) == KEEL_ERANGE);
}

/* docs/service.md, Calls in a session, byte by byte: report 7, an event at 1, none dropped. */
static void a_report_is_the_documented_bytes(void)
{
	static const uint8_t expected[] = { 0xa2, 0x01, 0x81, 0x84, 0x07, 0x01, 0x01, 0x46, 0xa2,
		0x01, 0x61, 'w', 0x02, 0x60, 0x02, 0x00 };
	uint8_t payload[16], items[32], buf[64];
	struct keel_bytes out, view;
	struct keel_wr w = keel_wr_of(payload, sizeof(payload));
	const struct keel_report_event event = { .word = keel_text("w") };
	keel_schema_write(&keel_report_event_schema, &event, &w);
	CHECK(keel_wr_end(&w, &view) == KEEL_OK);
	const struct keel_report_item report = {
		.number = 7, .kind = KEEL_REPORT_EVENT, .time = 1, .payload = view
	};
	const struct keel_report_args args = { .items = one_report(items, sizeof(items), &report) };
	w = keel_wr_of(buf, sizeof(buf));
	keel_schema_write(&keel_report_args_schema, &args, &w);
	CHECK(keel_wr_end(&w, &out) == KEEL_OK && keel_bytes_equal(out, KEEL_VIEW(expected)));
}

static void numbers_rise_within_a_report(void)
{
	static const struct {
		const char *row;
		uint64_t numbers[3];
		enum keel_err expected;
	} rows[] = {
		{ "one after the other", { 4, 5, 6 }, KEEL_OK },
		{ "with a gap: some were dropped", { 4, 9, 10 }, KEEL_OK },
		{ "one twice", { 4, 4, 5 }, KEEL_EFORM },
		{ "going back", { 4, 5, 3 }, KEEL_EFORM },
	};
	for (size_t i = 0; i < KEEL_COUNT(rows); i++) {
		uint8_t buf[64];
		struct keel_wr w = keel_wr_of(buf, sizeof(buf));
		struct keel_report_args args = { 0 };
		for (unsigned k = 0; k < 3; k++) {
			const struct keel_report_item report = { .number = rows[i].numbers[k],
				.payload = KEEL_VIEW(item) };
			keel_list_add(&keel_report_item_row, &report, &w, &args.items);
		}
		CHECK_ROW(keel_report_check(&args) == rows[i].expected, rows[i].row);
	}
}

TEST_MAIN(TEST(tables_are_sound), TEST(prov_5_13_1b_a_row_too_few_or_too_many_is_refused),
	TEST(prov_5_13_1a_values_out_of_range_are_refused), TEST(a_report_is_the_documented_bytes),
	TEST(numbers_rise_within_a_report))

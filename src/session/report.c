#include "session/report.h"

#define TEXT(a, b) .kind = KEEL_TEXT, .min = (a), .max = (b)

/* clang-format off */
static const struct keel_row item_rows[] = {
	{ .name = "number",  .kind = KEEL_UINT,  .min = 1, .max = INT64_MAX,               KEEL_AT(struct keel_report_item, number) },
	{ .name = "kind",    .kind = KEEL_UINT,  .max = UINT8_MAX,                         KEEL_AT(struct keel_report_item, kind) },
	{ .name = "time",    .kind = KEEL_INT,   .max = INT64_MAX,                         KEEL_AT(struct keel_report_item, time) },
	{ .name = "payload", .kind = KEEL_BYTES, .min = 1, .max = KEEL_REPORT_PAYLOAD_MAX, KEEL_AT(struct keel_report_item, payload) },
};
const struct keel_schema keel_report_item_schema = KEEL_SCHEMA("report item", KEEL_AS_TUPLE, item_rows, struct keel_report_item);
const struct keel_row keel_report_item_row = { .name = "report", .kind = KEEL_MAP, .of = &keel_report_item_schema };

static const struct keel_row args_rows[] = {
	{ .label = 1, .name = "reports", .kind = KEEL_LIST, .min = 1, .max = KEEL_REPORT_ITEMS_MAX, .item = &keel_report_item_row, KEEL_AT(struct keel_report_args, items) },
	{ .label = 2, .name = "dropped", .kind = KEEL_UINT, .max = INT64_MAX, KEEL_AT(struct keel_report_args, dropped) },
};
const struct keel_schema keel_report_args_schema = KEEL_SCHEMA("report args", KEEL_AS_MAP, args_rows, struct keel_report_args);

static const struct keel_row result_rows[] = {
	{ .label = 1, .name = "taken", .kind = KEEL_UINT, .max = INT64_MAX, KEEL_AT(struct keel_report_result, taken) },
};
const struct keel_schema keel_report_result_schema = KEEL_SCHEMA("report result", KEEL_AS_MAP, result_rows, struct keel_report_result);

static const struct keel_row event_rows[] = {
	{ .label = 1, .name = "word",   TEXT(1, KEEL_EVENT_WORD_MAX),   KEEL_AT(struct keel_report_event, word) },
	{ .label = 2, .name = "detail", TEXT(0, KEEL_EVENT_DETAIL_MAX), KEEL_AT(struct keel_report_event, detail) },
};
const struct keel_schema keel_report_event_schema = KEEL_SCHEMA("event", KEEL_AS_MAP, event_rows, struct keel_report_event);
/* clang-format on */

enum keel_err keel_report_check(const struct keel_report_args *args)
{
	struct keel_list rest = args->items;
	struct keel_report_item item;
	uint64_t last = 0;
	while (keel_list_next(&keel_report_item_row, &rest, &item)) {
		if (item.number <= last)
			return KEEL_EFORM;
		last = item.number;
	}
	return KEEL_OK;
}

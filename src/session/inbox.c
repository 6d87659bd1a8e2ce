#include "session/inbox.h"

#define NUMBER(low) .kind = KEEL_UINT, .min = (low), .max = INT64_MAX

/* clang-format off */
static const struct keel_row args_rows[] = {
	{ .label = 1, .name = "taken", NUMBER(0), KEEL_AT(struct keel_inbox_args, taken) },
	{ .label = 2, .name = "wait",  .kind = KEEL_UINT, .max = KEEL_INBOX_WAIT_MAX_S, KEEL_AT(struct keel_inbox_args, wait_s) },
};
const struct keel_schema keel_inbox_args_schema = KEEL_SCHEMA("inbox args", KEEL_AS_MAP, args_rows, struct keel_inbox_args);

static const struct keel_row item_rows[] = {
	{ .name = "number",  NUMBER(1), KEEL_AT(struct keel_inbox_item, number) },
	{ .name = "kind",    .kind = KEEL_UINT, .max = UINT8_MAX, KEEL_AT(struct keel_inbox_item, kind) },
	{ .name = "payload", .kind = KEEL_BYTES, .min = 1, .max = KEEL_RELAYED_MAX, KEEL_AT(struct keel_inbox_item, payload) },
};
const struct keel_schema keel_inbox_item_schema = KEEL_SCHEMA("inbox item", KEEL_AS_TUPLE, item_rows, struct keel_inbox_item);
const struct keel_row keel_inbox_item_row = { .name = "item", .kind = KEEL_MAP, .of = &keel_inbox_item_schema };

static const struct keel_row result_rows[] = {
	{ .label = 1, .name = "items", .kind = KEEL_LIST, .max = KEEL_INBOX_ITEMS_MAX, .item = &keel_inbox_item_row, KEEL_AT(struct keel_inbox_result, items) },
};
const struct keel_schema keel_inbox_result_schema = KEEL_SCHEMA("inbox result", KEEL_AS_MAP, result_rows, struct keel_inbox_result);

static const struct keel_row answer_rows[] = {
	{ .label = 1, .name = "number", NUMBER(1), KEEL_AT(struct keel_answer_args, number) },
	{ .label = 2, .name = "status", .kind = KEEL_UINT, .min = 200, .max = 599, KEEL_AT(struct keel_answer_args, status) },
	{ .label = 3, .name = "body",   .kind = KEEL_BYTES, .min = 1, .max = KEEL_RELAYED_MAX, KEEL_AT(struct keel_answer_args, body) },
};
const struct keel_schema keel_answer_args_schema = KEEL_SCHEMA("answer args", KEEL_AS_MAP, answer_rows, struct keel_answer_args);
/* clang-format on */

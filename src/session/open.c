#include "session/open.h"

#define EXACTLY(len) .kind = KEEL_BYTES, .min = (len), .max = (len)

/* clang-format off */
static const struct keel_row nonce_rows[] = {
	{ .label = 1, .name = "nonce",   EXACTLY(KEEL_SESSION_NONCE_LEN), KEEL_AT(struct keel_nonce_result, nonce) },
	{ .label = 2, .name = "voucher", .kind = KEEL_ANY,                KEEL_AT(struct keel_nonce_result, voucher) },
};
const struct keel_schema keel_nonce_result_schema = KEEL_SCHEMA("nonce result", KEEL_AS_MAP, nonce_rows, struct keel_nonce_result);

static const struct keel_row args_rows[] = {
	{ .label = 1, .name = "statement",   .kind = KEEL_ANY,                   KEEL_AT(struct keel_open_args, statement) },
	{ .label = 2, .name = "endorsement", .kind = KEEL_ANY,                   KEEL_AT(struct keel_open_args, endorsement) },
	{ .label = 3, .name = "owners",      .kind = KEEL_ANY, .optional = true, KEEL_AT(struct keel_open_args, owners) },
	{ .label = 4, .name = "nonce",       EXACTLY(KEEL_TIME_NONCE_LEN),       KEEL_AT(struct keel_open_args, nonce) },
};
const struct keel_schema keel_open_args_schema = KEEL_SCHEMA("session args", KEEL_AS_MAP, args_rows, struct keel_open_args);

static const struct keel_row result_rows[] = {
	{ .label = 1, .name = "token",        .kind = KEEL_ANY,                    KEEL_AT(struct keel_open_result, token) },
	{ .label = 2, .name = "valid s",      .kind = KEEL_UINT, .min = 1, .max = 86400, KEEL_AT(struct keel_open_result, valid_s) },
	{ .label = 3, .name = "only updates", .kind = KEEL_BOOL,                   KEEL_AT(struct keel_open_result, only_updates) },
	{ .label = 4, .name = "taken",        .kind = KEEL_UINT, .max = INT64_MAX, KEEL_AT(struct keel_open_result, taken) },
	{ .label = 5, .name = "time",         .kind = KEEL_ANY,                    KEEL_AT(struct keel_open_result, time) },
};
const struct keel_schema keel_open_result_schema = KEEL_SCHEMA("session result", KEEL_AS_MAP, result_rows, struct keel_open_result);
/* clang-format on */

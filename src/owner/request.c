#include "owner/request.h"

#include "owner/ops.h"

/* clang-format off */
static const struct keel_row request_rows[] = {
	{ .label = 1, .name = "nonce",  .kind = KEEL_BYTES, .min = KEEL_REQUEST_NONCE_LEN, .max = KEEL_REQUEST_NONCE_LEN, KEEL_AT(struct keel_request, nonce) },
	{ .label = 2, .name = "op",     .kind = KEEL_UINT, .optional = true, KEEL_AT(struct keel_request, op) },
	{ .label = 3, .name = "args",   .kind = KEEL_ANY,  .optional = true, KEEL_AT(struct keel_request, args) },
	{ .label = 4, .name = "change", .kind = KEEL_ANY,  .optional = true, KEEL_AT(struct keel_request, change) },
	{ .label = 5, .name = "padding", .kind = KEEL_BYTES, .optional = true, .max = KEEL_PADDING_MAX, KEEL_AT(struct keel_request, padding) },
};
const struct keel_schema keel_request_schema = KEEL_SCHEMA("request", KEEL_AS_MAP, request_rows, struct keel_request);

static const struct keel_row change_rows[] = {
	{ .label = 1, .name = "op",        .kind = KEEL_UINT,  KEEL_AT(struct keel_change, op) },
	{ .label = 2, .name = "challenge", .kind = KEEL_BYTES, .min = KEEL_CHALLENGE_LEN, .max = KEEL_CHALLENGE_LEN, KEEL_AT(struct keel_change, challenge) },
	{ .label = 3, .name = "counter",   .kind = KEEL_UINT, .min = 1, KEEL_AT(struct keel_change, counter) },
	{ .label = 4, .name = "args",      .kind = KEEL_ANY,   KEEL_AT(struct keel_change, args) },
};
const struct keel_schema keel_change_schema = KEEL_SCHEMA("change", KEEL_AS_MAP, change_rows, struct keel_change);

static const struct keel_row answer_rows[] = {
	{ .label = 1, .name = "nonce",    .kind = KEEL_BYTES, .min = KEEL_REQUEST_NONCE_LEN, .max = KEEL_REQUEST_NONCE_LEN, KEEL_AT(struct keel_request_answer, nonce) },
	{ .label = 2, .name = "error",    .kind = KEEL_UINT, .max = 255, KEEL_AT(struct keel_request_answer, error) },
	{ .label = 3, .name = "result",   .kind = KEEL_ANY,  .optional = true, KEEL_AT(struct keel_request_answer, result) },
	{ .label = 4, .name = "sentence", .kind = KEEL_TEXT, .optional = true, .min = 1, .max = KEEL_SENTENCE_MAX, KEEL_AT(struct keel_request_answer, sentence) },
	{ .label = 5, .name = "padding",  .kind = KEEL_BYTES, .optional = true, .max = KEEL_PADDING_MAX, KEEL_AT(struct keel_request_answer, padding) },
};
const struct keel_schema keel_request_answer_schema = KEEL_SCHEMA("answer", KEEL_AS_MAP, answer_rows, struct keel_request_answer);

#define READ   false
#define CHANGE true
const struct keel_op keel_ops[KEEL_OP_COUNT] = {
	{ KEEL_OP_CHALLENGE, "challenge", READ,   &keel_nothing_schema,        &keel_challenge_result_schema },
	{ KEEL_OP_STATE,     "state",     READ,   &keel_nothing_schema,        &keel_state_result_schema },
	{ KEEL_OP_HISTORY,   "history",   READ,   &keel_history_args_schema,   &keel_history_result_schema },
	{ KEEL_OP_KEPT,      "kept",      READ,   &keel_nothing_schema,        &keel_kept_result_schema },
	{ KEEL_OP_EXPORT,    "export",    READ,   &keel_export_args_schema,    &keel_export_result_schema },
	{ KEEL_OP_PEOPLE,    "people",    READ,   &keel_nothing_schema,        &keel_people_result_schema },
	{ KEEL_OP_EVENTS,    "events",    READ,   &keel_events_args_schema,    &keel_events_result_schema },
	{ KEEL_OP_STATEMENT, "statement", READ,   &keel_statement_args_schema, &keel_statement_result_schema },
	{ KEEL_OP_PRODUCT,   "product",   READ,   &keel_nothing_schema,        &keel_product_result_schema },
	{ KEEL_OP_COMMAND,   "command",   CHANGE, &keel_command_args_schema,   &keel_command_result_schema },
	{ KEEL_OP_INVITE,    "invite",    CHANGE, &keel_invite_args_schema,    &keel_invite_result_schema },
	{ KEEL_OP_REMOVE,    "remove",    CHANGE, &keel_remove_args_schema,    &keel_nothing_schema },
	{ KEEL_OP_DELETE,    "delete",    CHANGE, &keel_delete_args_schema,    &keel_receipt_result_schema },
	{ KEEL_OP_RENAME,    "rename",    CHANGE, &keel_rename_args_schema,    &keel_nothing_schema },
	{ KEEL_OP_CONSENT,   "consent",   CHANGE, &keel_consent_args_schema,   &keel_nothing_schema },
	{ KEEL_OP_LEAVE,     "leave",     CHANGE, &keel_nothing_schema,        &keel_receipt_result_schema },
	{ KEEL_OP_VOUCH,     "vouch",     CHANGE, &keel_vouch_args_schema,     &keel_vouch_result_schema },
};
/* clang-format on */

const struct keel_op *keel_op_of(uint64_t number)
{
	for (size_t i = 0; i < KEEL_OP_COUNT; i++)
		if (keel_ops[i].number == number)
			return &keel_ops[i];
	return NULL;
}

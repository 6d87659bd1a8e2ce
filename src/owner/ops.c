#include "owner/ops.h"

#define LIST_MAX 512 /* items: more than 16 KiB hold, so the body's length is what limits */

#define EXACTLY(len)  .kind = KEEL_BYTES, .min = (len), .max = (len)
#define BETWEEN(a, b) .kind = KEEL_BYTES, .min = (a), .max = (b)
#define TEXT(a, b)    .kind = KEEL_TEXT, .min = (a), .max = (b)

/* clang-format off */
const struct keel_schema keel_nothing_schema = { .name = "nothing", .form = KEEL_AS_MAP, .size = sizeof(struct keel_nothing) };

static const struct keel_row challenge_result_rows[] = {
	{ .label = 1, .name = "challenge",    EXACTLY(KEEL_CHALLENGE_LEN), KEEL_AT(struct keel_challenge_result, challenge) },
	{ .label = 2, .name = "valid s",      .kind = KEEL_UINT, KEEL_AT(struct keel_challenge_result, valid_s) },
	{ .label = 3, .name = "last counter", .kind = KEEL_UINT, KEEL_AT(struct keel_challenge_result, last_counter) },
};
const struct keel_schema keel_challenge_result_schema = KEEL_SCHEMA("challenge result", KEEL_AS_MAP, challenge_result_rows, struct keel_challenge_result);

static const struct keel_row field_item_rows[] = {
	{ .name = "name",  TEXT(1, KEEL_NAME_MAX), KEEL_AT(struct keel_field_item, name) },
	{ .name = "value", .kind = KEEL_INT, KEEL_AT(struct keel_field_item, value) },
};
const struct keel_schema keel_field_item_schema = KEEL_SCHEMA("field item", KEEL_AS_TUPLE, field_item_rows, struct keel_field_item);
const struct keel_row keel_field_item_row = { .name = "field", .kind = KEEL_MAP, .of = &keel_field_item_schema };

static const struct keel_row value_item_rows[] = {
	{ .name = "name",  TEXT(1, KEEL_NAME_MAX), KEEL_AT(struct keel_value_item, name) },
	{ .name = "value", .kind = KEEL_INT, KEEL_AT(struct keel_value_item, value) },
	{ .name = "age s", .kind = KEEL_UINT, KEEL_AT(struct keel_value_item, age_s) },
};
const struct keel_schema keel_value_item_schema = KEEL_SCHEMA("value item", KEEL_AS_TUPLE, value_item_rows, struct keel_value_item);
const struct keel_row keel_value_item_row = { .name = "value", .kind = KEEL_MAP, .of = &keel_value_item_schema };

static const struct keel_row accepted_item_rows[] = {
	{ .name = "message", TEXT(1, KEEL_NAME_MAX), KEEL_AT(struct keel_accepted_item, message) },
	{ .name = "fields",  .kind = KEEL_LIST, .max = KEEL_COMMAND_FIELDS_MAX, .item = &keel_field_item_row, KEEL_AT(struct keel_accepted_item, fields) },
};
const struct keel_schema keel_accepted_item_schema = KEEL_SCHEMA("accepted item", KEEL_AS_TUPLE, accepted_item_rows, struct keel_accepted_item);
const struct keel_row keel_accepted_item_row = { .name = "accepted", .kind = KEEL_MAP, .of = &keel_accepted_item_schema };

static const struct keel_row state_result_rows[] = {
	{ .label = 1, .name = "values",    .kind = KEEL_LIST, .max = LIST_MAX, .item = &keel_value_item_row, KEEL_AT(struct keel_state_result, values) },
	{ .label = 2, .name = "app alive", .kind = KEEL_BOOL, KEEL_AT(struct keel_state_result, app_alive) },
	{ .label = 3, .name = "time",      .kind = KEEL_INT, .min = 0, .max = INT64_MAX, KEEL_AT(struct keel_state_result, time) },
	{ .label = 4, .name = "role",      .kind = KEEL_UINT, .max = KEEL_ROLE_COUNT - 1, KEEL_AT(struct keel_state_result, role) },
	{ .label = 5, .name = "events",    .kind = KEEL_UINT, KEEL_AT(struct keel_state_result, events) },
	{ .label = 6, .name = "accepted",  .kind = KEEL_LIST, .max = LIST_MAX, .item = &keel_accepted_item_row, KEEL_AT(struct keel_state_result, accepted) },
};
const struct keel_schema keel_state_result_schema = KEEL_SCHEMA("state result", KEEL_AS_MAP, state_result_rows, struct keel_state_result);

static const struct keel_row point_item_rows[] = {
	{ .name = "time",  .kind = KEEL_INT, .min = 0, .max = INT64_MAX, KEEL_AT(struct keel_point_item, time) },
	{ .name = "value", .kind = KEEL_INT, KEEL_AT(struct keel_point_item, value) },
};
const struct keel_schema keel_point_item_schema = KEEL_SCHEMA("point item", KEEL_AS_TUPLE, point_item_rows, struct keel_point_item);
const struct keel_row keel_point_item_row = { .name = "point", .kind = KEEL_MAP, .of = &keel_point_item_schema };

static const struct keel_row history_args_rows[] = {
	{ .label = 1, .name = "datum", TEXT(1, KEEL_NAME_MAX), KEEL_AT(struct keel_history_args, datum) },
	{ .label = 2, .name = "from",  .kind = KEEL_INT, .min = 0, .max = INT64_MAX, KEEL_AT(struct keel_history_args, from) },
	{ .label = 3, .name = "to",    .kind = KEEL_INT, .min = 0, .max = INT64_MAX, KEEL_AT(struct keel_history_args, to) },
};
const struct keel_schema keel_history_args_schema = KEEL_SCHEMA("history args", KEEL_AS_MAP, history_args_rows, struct keel_history_args);
static const struct keel_row history_result_rows[] = {
	{ .label = 1, .name = "points", .kind = KEEL_LIST, .max = LIST_MAX, .item = &keel_point_item_row, KEEL_AT(struct keel_history_result, points) },
	{ .label = 2, .name = "more",   .kind = KEEL_BOOL, KEEL_AT(struct keel_history_result, more) },
};
const struct keel_schema keel_history_result_schema = KEEL_SCHEMA("history result", KEEL_AS_MAP, history_result_rows, struct keel_history_result);

static const struct keel_row kept_item_rows[] = {
	{ .name = "datum",   TEXT(1, KEEL_NAME_MAX), KEEL_AT(struct keel_kept_item, datum) },
	{ .name = "items",   .kind = KEEL_UINT, KEEL_AT(struct keel_kept_item, items) },
	{ .name = "oldest",  .kind = KEEL_INT, .min = 0, .max = INT64_MAX, KEEL_AT(struct keel_kept_item, oldest) },
	{ .name = "of",      .kind = KEEL_UINT, .max = KEEL_OF_PERSON, KEEL_AT(struct keel_kept_item, of) },
	{ .name = "consent", .kind = KEEL_UINT, .max = KEEL_CONSENT_NOT_GIVEN, KEEL_AT(struct keel_kept_item, consent) },
};
const struct keel_schema keel_kept_item_schema = KEEL_SCHEMA("kept item", KEEL_AS_TUPLE, kept_item_rows, struct keel_kept_item);
const struct keel_row keel_kept_item_row = { .name = "kept", .kind = KEEL_MAP, .of = &keel_kept_item_schema };
static const struct keel_row kept_result_rows[] = {
	{ .label = 1, .name = "data", .kind = KEEL_LIST, .max = LIST_MAX, .item = &keel_kept_item_row, KEEL_AT(struct keel_kept_result, data) },
};
const struct keel_schema keel_kept_result_schema = KEEL_SCHEMA("kept result", KEEL_AS_MAP, kept_result_rows, struct keel_kept_result);

static const struct keel_row export_args_rows[] = {
	{ .label = 1, .name = "cursor", .kind = KEEL_UINT, KEEL_AT(struct keel_export_args, cursor) },
};
const struct keel_schema keel_export_args_schema = KEEL_SCHEMA("export args", KEEL_AS_MAP, export_args_rows, struct keel_export_args);
static const struct keel_row export_item_rows[] = {
	{ .name = "datum", TEXT(1, KEEL_NAME_MAX), KEEL_AT(struct keel_export_item, datum) },
	{ .name = "time",  .kind = KEEL_INT, .min = 0, .max = INT64_MAX, KEEL_AT(struct keel_export_item, time) },
	{ .name = "value", BETWEEN(0, KEEL_BODY_MAX), KEEL_AT(struct keel_export_item, value) },
};
const struct keel_schema keel_export_item_schema = KEEL_SCHEMA("export item", KEEL_AS_TUPLE, export_item_rows, struct keel_export_item);
const struct keel_row keel_export_item_row = { .name = "export", .kind = KEEL_MAP, .of = &keel_export_item_schema };
static const struct keel_row export_result_rows[] = {
	{ .label = 1, .name = "data", .kind = KEEL_LIST, .max = LIST_MAX, .item = &keel_export_item_row, KEEL_AT(struct keel_export_result, data) },
	{ .label = 2, .name = "next", .kind = KEEL_UINT, KEEL_AT(struct keel_export_result, next) },
};
const struct keel_schema keel_export_result_schema = KEEL_SCHEMA("export result", KEEL_AS_MAP, export_result_rows, struct keel_export_result);

static const struct keel_row person_item_rows[] = {
	{ .name = "owner", EXACTLY(KEEL_THUMBPRINT_LEN), KEEL_AT(struct keel_person_item, owner) },
	{ .name = "role",  .kind = KEEL_UINT, .max = KEEL_ROLE_COUNT - 1, KEEL_AT(struct keel_person_item, role) },
	{ .name = "name",  TEXT(0, KEEL_PERSON_NAME_MAX), KEEL_AT(struct keel_person_item, name) },
	{ .name = "until", .kind = KEEL_INT, .min = 0, .max = INT64_MAX, KEEL_AT(struct keel_person_item, until) },
	{ .name = "since", .kind = KEEL_INT, .min = 0, .max = INT64_MAX, KEEL_AT(struct keel_person_item, since) },
};
const struct keel_schema keel_person_item_schema = KEEL_SCHEMA("person item", KEEL_AS_TUPLE, person_item_rows, struct keel_person_item);
const struct keel_row keel_person_item_row = { .name = "person", .kind = KEEL_MAP, .of = &keel_person_item_schema };
static const struct keel_row people_result_rows[] = {
	{ .label = 1, .name = "people", .kind = KEEL_LIST, .max = LIST_MAX, .item = &keel_person_item_row, KEEL_AT(struct keel_people_result, people) },
	{ .label = 2, .name = "owners", .kind = KEEL_ANY, KEEL_AT(struct keel_people_result, owners) },
};
const struct keel_schema keel_people_result_schema = KEEL_SCHEMA("people result", KEEL_AS_MAP, people_result_rows, struct keel_people_result);
static const struct keel_row owner_item_rows[] = {
	{ .name = "owner", EXACTLY(KEEL_THUMBPRINT_LEN), KEEL_AT(struct keel_owner_item, owner) },
	{ .name = "role",  .kind = KEEL_UINT, .max = KEEL_ROLE_COUNT - 1, KEEL_AT(struct keel_owner_item, role) },
};
const struct keel_schema keel_owner_item_schema = KEEL_SCHEMA("owner item", KEEL_AS_TUPLE, owner_item_rows, struct keel_owner_item);
const struct keel_row keel_owner_item_row = { .name = "owner", .kind = KEEL_MAP, .of = &keel_owner_item_schema };
static const struct keel_row owners_list_rows[] = {
	{ .label = 1, .name = "owners", .kind = KEEL_LIST, .max = LIST_MAX, .item = &keel_owner_item_row, KEEL_AT(struct keel_owners_list, owners) },
	{ .label = 2, .name = "number", .kind = KEEL_UINT, KEEL_AT(struct keel_owners_list, number) },
};
const struct keel_schema keel_owners_list_schema = KEEL_SCHEMA("owners list", KEEL_AS_MAP, owners_list_rows, struct keel_owners_list);

static const struct keel_row events_args_rows[] = {
	{ .label = 1, .name = "after", .kind = KEEL_UINT, KEEL_AT(struct keel_events_args, after) },
};
const struct keel_schema keel_events_args_schema = KEEL_SCHEMA("events args", KEEL_AS_MAP, events_args_rows, struct keel_events_args);
static const struct keel_row event_item_rows[] = {
	{ .name = "number", .kind = KEEL_UINT, KEEL_AT(struct keel_event_item, number) },
	{ .name = "time",   .kind = KEEL_INT, .min = 0, .max = INT64_MAX, KEEL_AT(struct keel_event_item, time) },
	{ .name = "word",   TEXT(1, KEEL_EVENT_WORD_MAX), KEEL_AT(struct keel_event_item, word) },
	{ .name = "detail", TEXT(0, KEEL_EVENT_DETAIL_MAX), KEEL_AT(struct keel_event_item, detail) },
};
const struct keel_schema keel_event_item_schema = KEEL_SCHEMA("event item", KEEL_AS_TUPLE, event_item_rows, struct keel_event_item);
const struct keel_row keel_event_item_row = { .name = "event", .kind = KEEL_MAP, .of = &keel_event_item_schema };
static const struct keel_row events_result_rows[] = {
	{ .label = 1, .name = "events", .kind = KEEL_LIST, .max = LIST_MAX, .item = &keel_event_item_row, KEEL_AT(struct keel_events_result, events) },
};
const struct keel_schema keel_events_result_schema = KEEL_SCHEMA("events result", KEEL_AS_MAP, events_result_rows, struct keel_events_result);

static const struct keel_row statement_args_rows[] = {
	{ .label = 1, .name = "nonce", BETWEEN(16, 64), KEEL_AT(struct keel_statement_args, nonce) },
	{ .label = 2, .name = "aud",   TEXT(1, 128), KEEL_AT(struct keel_statement_args, aud) },
};
const struct keel_schema keel_statement_args_schema = KEEL_SCHEMA("statement args", KEEL_AS_MAP, statement_args_rows, struct keel_statement_args);
static const struct keel_row statement_result_rows[] = {
	{ .label = 1, .name = "statement",   .kind = KEEL_ANY, KEEL_AT(struct keel_statement_result, statement) },
	{ .label = 2, .name = "endorsement", .kind = KEEL_ANY, KEEL_AT(struct keel_statement_result, endorsement) },
};
const struct keel_schema keel_statement_result_schema = KEEL_SCHEMA("statement result", KEEL_AS_MAP, statement_result_rows, struct keel_statement_result);
static const struct keel_row product_result_rows[] = {
	{ .label = 1, .name = "product", BETWEEN(1, KEEL_BODY_MAX), KEEL_AT(struct keel_product_result, product) },
};
const struct keel_schema keel_product_result_schema = KEEL_SCHEMA("product result", KEEL_AS_MAP, product_result_rows, struct keel_product_result);

static const struct keel_row command_args_rows[] = {
	{ .label = 1, .name = "message", TEXT(1, KEEL_NAME_MAX), KEEL_AT(struct keel_command_args, message) },
	{ .label = 2, .name = "fields",  .kind = KEEL_LIST, .max = KEEL_COMMAND_FIELDS_MAX, .item = &keel_field_item_row, KEEL_AT(struct keel_command_args, fields) },
};
const struct keel_schema keel_command_args_schema = KEEL_SCHEMA("command args", KEEL_AS_MAP, command_args_rows, struct keel_command_args);
static const struct keel_row command_result_rows[] = {
	{ .label = 1, .name = "number", .kind = KEEL_UINT, KEEL_AT(struct keel_command_result, number) },
};
const struct keel_schema keel_command_result_schema = KEEL_SCHEMA("command result", KEEL_AS_MAP, command_result_rows, struct keel_command_result);

const struct keel_row keel_message_name_row = { .name = "message", TEXT(1, KEEL_NAME_MAX) };
static const struct keel_row invite_args_rows[] = {
	{ .label = 1, .name = "role",     .kind = KEEL_UINT, .max = KEEL_ROLE_COUNT - 1, KEEL_AT(struct keel_invite_args, role) },
	{ .label = 2, .name = "name",     TEXT(1, KEEL_PERSON_NAME_MAX), KEEL_AT(struct keel_invite_args, name) },
	{ .label = 3, .name = "messages", .kind = KEEL_LIST, .max = KEEL_GUEST_MESSAGES_MAX, .item = &keel_message_name_row, KEEL_AT(struct keel_invite_args, messages) },
	{ .label = 4, .name = "until",    .kind = KEEL_INT, .min = 0, .max = INT64_MAX, KEEL_AT(struct keel_invite_args, until) },
};
const struct keel_schema keel_invite_args_schema = KEEL_SCHEMA("invite args", KEEL_AS_MAP, invite_args_rows, struct keel_invite_args);
static const struct keel_row invite_result_rows[] = {
	{ .label = 1, .name = "invitation", BETWEEN(1, 256), KEEL_AT(struct keel_invite_result, invitation) },
	{ .label = 2, .name = "valid s",    .kind = KEEL_UINT, KEEL_AT(struct keel_invite_result, valid_s) },
};
const struct keel_schema keel_invite_result_schema = KEEL_SCHEMA("invite result", KEEL_AS_MAP, invite_result_rows, struct keel_invite_result);

static const struct keel_row remove_args_rows[] = {
	{ .label = 1, .name = "owner", EXACTLY(KEEL_THUMBPRINT_LEN), KEEL_AT(struct keel_remove_args, owner) },
};
const struct keel_schema keel_remove_args_schema = KEEL_SCHEMA("remove args", KEEL_AS_MAP, remove_args_rows, struct keel_remove_args);
static const struct keel_row delete_args_rows[] = {
	{ .label = 1, .name = "what", .kind = KEEL_UINT, .max = KEEL_DELETE_MINE_AND_HOMES, KEEL_AT(struct keel_delete_args, what) },
};
const struct keel_schema keel_delete_args_schema = KEEL_SCHEMA("delete args", KEEL_AS_MAP, delete_args_rows, struct keel_delete_args);
static const struct keel_row receipt_result_rows[] = {
	{ .label = 1, .name = "receipt", .kind = KEEL_ANY, KEEL_AT(struct keel_receipt_result, receipt) },
};
const struct keel_schema keel_receipt_result_schema = KEEL_SCHEMA("receipt result", KEEL_AS_MAP, receipt_result_rows, struct keel_receipt_result);
const struct keel_row keel_datum_name_row = { .name = "datum", TEXT(1, KEEL_NAME_MAX) };
static const struct keel_row receipt_rows[] = {
	{ .label = 1, .name = "time",       .kind = KEEL_INT, .min = 0, .max = INT64_MAX, KEEL_AT(struct keel_receipt, time) },
	{ .label = 2, .name = "gone",       .kind = KEEL_LIST, .max = LIST_MAX, .item = &keel_datum_name_row, KEEL_AT(struct keel_receipt, gone) },
	{ .label = 3, .name = "generation", .kind = KEEL_UINT, KEEL_AT(struct keel_receipt, generation) },
	{ .label = 4, .name = "how",        .kind = KEEL_UINT, .max = 1, KEEL_AT(struct keel_receipt, how) },
	{ .label = 5, .name = "by",         EXACTLY(KEEL_THUMBPRINT_LEN), KEEL_AT(struct keel_receipt, by) },
};
const struct keel_schema keel_receipt_schema = KEEL_SCHEMA("receipt", KEEL_AS_MAP, receipt_rows, struct keel_receipt);

static const struct keel_row rename_args_rows[] = {
	{ .label = 1, .name = "name", TEXT(1, KEEL_PERSON_NAME_MAX), KEEL_AT(struct keel_rename_args, name) },
};
const struct keel_schema keel_rename_args_schema = KEEL_SCHEMA("rename args", KEEL_AS_MAP, rename_args_rows, struct keel_rename_args);
static const struct keel_row consent_args_rows[] = {
	{ .label = 1, .name = "datum", TEXT(1, KEEL_NAME_MAX), KEEL_AT(struct keel_consent_args, datum) },
	{ .label = 2, .name = "given", .kind = KEEL_BOOL, KEEL_AT(struct keel_consent_args, given) },
};
const struct keel_schema keel_consent_args_schema = KEEL_SCHEMA("consent args", KEEL_AS_MAP, consent_args_rows, struct keel_consent_args);
static const struct keel_row vouch_args_rows[] = {
	{ .label = 1, .name = "owner", EXACTLY(KEEL_THUMBPRINT_LEN), .optional = true, KEEL_AT(struct keel_vouch_args, owner) },
};
const struct keel_schema keel_vouch_args_schema = KEEL_SCHEMA("vouch args", KEEL_AS_MAP, vouch_args_rows, struct keel_vouch_args);
static const struct keel_row vouch_result_rows[] = {
	{ .label = 1, .name = "valid s", .kind = KEEL_UINT, KEEL_AT(struct keel_vouch_result, valid_s) },
};
const struct keel_schema keel_vouch_result_schema = KEEL_SCHEMA("vouch result", KEEL_AS_MAP, vouch_result_rows, struct keel_vouch_result);
/* clang-format on */

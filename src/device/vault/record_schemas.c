#include "device/vault/engine.h"
#include "device/vault/records.h"

#define BETWEEN(a, b) .kind = KEEL_BYTES, .min = (a), .max = (b)
#define TEXT(a, b)    .kind = KEEL_TEXT, .min = (a), .max = (b)

/* clang-format off */
static const struct keel_row decision_rows[] = {
	{ .name = "datum", TEXT(1, KEEL_NAME_MAX), KEEL_AT(struct decision_item, datum) },
	{ .name = "given", .kind = KEEL_BOOL, KEEL_AT(struct decision_item, given) },
};
const struct keel_schema vault_decision_schema = KEEL_SCHEMA("decision", KEEL_AS_TUPLE, decision_rows, struct decision_item);

const struct keel_row vault_decision_row = { .name = "decision", .kind = KEEL_MAP, .of = &vault_decision_schema };

static const struct keel_row home_rows[] = {
	{ .label = 1, .name = "id",          BETWEEN(0, KEEL_HOME_ID_LEN), KEEL_AT(struct home_record, id) },
	{ .label = 2, .name = "state",       .kind = KEEL_UINT, .max = KEEL_STATE_COUNT - 1, KEEL_AT(struct home_record, state) },
	{ .label = 3, .name = "homes",       .kind = KEEL_UINT, KEEL_AT(struct home_record, homes) },
	{ .label = 4, .name = "list number", .kind = KEEL_UINT, KEEL_AT(struct home_record, list_number) },
	{ .label = 5, .name = "last wall",   .kind = KEEL_INT, .min = 0, .max = INT64_MAX, KEEL_AT(struct home_record, last_wall_s) },
	{ .label = 6, .name = "decisions",   .kind = KEEL_LIST, .max = KEEL_RULES_CONSENTS, .item = &vault_decision_row, KEEL_AT(struct home_record, decisions) },
	{ .label = 7, .name = "commands",    .kind = KEEL_UINT, KEEL_AT(struct home_record, commands) },
	{ .label = 8, .name = "deletions",   .kind = KEEL_UINT, KEEL_AT(struct home_record, deletions) },
};
const struct keel_schema vault_home_schema = KEEL_SCHEMA("home", KEEL_AS_MAP, home_rows, struct home_record);

static const struct keel_row owner_rows[] = {
	{ .label = 1, .name = "sign",      BETWEEN(64, 64), KEEL_AT(struct owner_record, sign) },
	{ .label = 2, .name = "agree",     BETWEEN(64, 64), KEEL_AT(struct owner_record, agree) },
	{ .label = 3, .name = "role",      .kind = KEEL_UINT, .max = KEEL_ROLE_COUNT - 1, KEEL_AT(struct owner_record, role) },
	{ .label = 4, .name = "name",      TEXT(0, KEEL_PERSON_NAME_MAX), KEEL_AT(struct owner_record, name) },
	{ .label = 5, .name = "messages",  .kind = KEEL_LIST, .max = KEEL_GUEST_MESSAGES_MAX, .item = &keel_message_name_row, KEEL_AT(struct owner_record, messages) },
	{ .label = 6, .name = "until",     .kind = KEEL_INT, .min = 0, .max = INT64_MAX, KEEL_AT(struct owner_record, until) },
	{ .label = 7, .name = "since",     .kind = KEEL_INT, .min = 0, .max = INT64_MAX, KEEL_AT(struct owner_record, since) },
	{ .label = 8, .name = "counter",   .kind = KEEL_UINT, KEEL_AT(struct owner_record, counter) },
	{ .label = 9, .name = "change",    BETWEEN(0, KEEL_SHA256_LEN), KEEL_AT(struct owner_record, change) },
	{ .label = 10, .name = "result",    BETWEEN(0, RESULT_MAX), KEEL_AT(struct owner_record, result) },
	{ .label = 11, .name = "claim",     BETWEEN(KEEL_SHA256_LEN, KEEL_SHA256_LEN), KEEL_AT(struct owner_record, claim) },
	{ .label = 12, .name = "decisions", .kind = KEEL_LIST, .max = KEEL_RULES_CONSENTS, .item = &vault_decision_row, KEEL_AT(struct owner_record, decisions) },
	{ .label = 13, .name = "person",    BETWEEN(KEEL_THUMBPRINT_LEN, KEEL_THUMBPRINT_LEN), KEEL_AT(struct owner_record, person) },
};
const struct keel_schema vault_owner_schema = KEEL_SCHEMA("owner", KEEL_AS_MAP, owner_rows, struct owner_record);

static const struct keel_row invite_rows[] = {
	{ .label = 1, .name = "id",       BETWEEN(KEEL_INVITATION_LEN, KEEL_INVITATION_LEN), KEEL_AT(struct invite_record, id) },
	{ .label = 2, .name = "secret",   BETWEEN(KEEL_SECRET_LEN, KEEL_SECRET_LEN), KEEL_AT(struct invite_record, secret) },
	{ .label = 3, .name = "role",     .kind = KEEL_UINT, .max = KEEL_ROLE_COUNT - 1, KEEL_AT(struct invite_record, role) },
	{ .label = 4, .name = "name",     TEXT(0, KEEL_PERSON_NAME_MAX), KEEL_AT(struct invite_record, name) },
	{ .label = 5, .name = "messages", .kind = KEEL_LIST, .max = KEEL_GUEST_MESSAGES_MAX, .item = &keel_message_name_row, KEEL_AT(struct invite_record, messages) },
	{ .label = 6, .name = "until",    .kind = KEEL_INT, .min = 0, .max = INT64_MAX, KEEL_AT(struct invite_record, until) },
	{ .label = 7, .name = "made",     .kind = KEEL_INT, .min = 0, .max = INT64_MAX, KEEL_AT(struct invite_record, made_wall_s) },
};
const struct keel_schema vault_invite_schema = KEEL_SCHEMA("invite", KEEL_AS_MAP, invite_rows, struct invite_record);

static const struct keel_row command_rows[] = {
	{ .label = 1, .name = "number",  .kind = KEEL_UINT, KEEL_AT(struct command_record, number) },
	{ .label = 2, .name = "message", TEXT(1, KEEL_NAME_MAX), KEEL_AT(struct command_record, message) },
	{ .label = 3, .name = "fields",  .kind = KEEL_LIST, .max = KEEL_COMMAND_FIELDS_MAX, .item = &keel_field_item_row, KEEL_AT(struct command_record, fields) },
	{ .label = 4, .name = "by",      BETWEEN(KEEL_THUMBPRINT_LEN, KEEL_THUMBPRINT_LEN), KEEL_AT(struct command_record, by) },
	{ .label = 5, .name = "pending", .kind = KEEL_BOOL, KEEL_AT(struct command_record, pending) },
	{ .label = 6, .name = "time",    .kind = KEEL_INT, .min = 0, .max = INT64_MAX, KEEL_AT(struct command_record, time) },
};
const struct keel_schema vault_command_schema = KEEL_SCHEMA("command", KEEL_AS_MAP, command_rows, struct command_record);

static const struct keel_row event_rows[] = {
	{ .label = 1, .name = "number",   .kind = KEEL_UINT, KEEL_AT(struct event_record, number) },
	{ .label = 2, .name = "time",     .kind = KEEL_INT, .min = 0, .max = INT64_MAX, KEEL_AT(struct event_record, time) },
	{ .label = 3, .name = "security", .kind = KEEL_BOOL, KEEL_AT(struct event_record, security) },
	{ .label = 4, .name = "word",     TEXT(1, KEEL_EVENT_WORD_MAX), KEEL_AT(struct event_record, word) },
	{ .label = 5, .name = "detail",   TEXT(0, KEEL_EVENT_DETAIL_MAX), KEEL_AT(struct event_record, detail) },
	[EVENT_TIMES] = { .label = 6, .name = "times", .kind = KEEL_UINT, .optional = true, KEEL_AT(struct event_record, times) },
	[EVENT_FIRST] = { .label = 7, .name = "first", .kind = KEEL_INT, .min = 0, .max = INT64_MAX, .optional = true, KEEL_AT(struct event_record, first) },
};
const struct keel_schema vault_event_schema = KEEL_SCHEMA("event", KEEL_AS_MAP, event_rows, struct event_record);

static const struct keel_row boots_rows[] = {
	{ .label = 1, .name = "count",   .kind = KEEL_UINT, KEEL_AT(struct boots_record, count) },
	{ .label = 2, .name = "started", .kind = KEEL_UINT, KEEL_AT(struct boots_record, started_ms) },
};
const struct keel_schema vault_boots_schema = KEEL_SCHEMA("boots", KEEL_AS_MAP, boots_rows, struct boots_record);

static const struct keel_row report_rows[] = {
	{ .label = 1, .name = "number",  .kind = KEEL_UINT, KEEL_AT(struct report_record, number) },
	{ .label = 2, .name = "kind",    .kind = KEEL_UINT, .max = 1, KEEL_AT(struct report_record, kind) },
	{ .label = 3, .name = "time",    .kind = KEEL_INT, .min = 0, .max = INT64_MAX, KEEL_AT(struct report_record, time) },
	{ .label = 4, .name = "payload", BETWEEN(1, KEEL_OUT_MAX), KEEL_AT(struct report_record, payload) },
};
const struct keel_schema vault_report_schema = KEEL_SCHEMA("report", KEEL_AS_MAP, report_rows, struct report_record);

static const struct keel_row reports_rows[] = {
	{ .label = 1, .name = "last",    .kind = KEEL_UINT, KEEL_AT(struct reports_record, last) },
	{ .label = 2, .name = "dropped", .kind = KEEL_UINT, KEEL_AT(struct reports_record, dropped) },
};
const struct keel_schema vault_reports_schema = KEEL_SCHEMA("reports", KEEL_AS_MAP, reports_rows, struct reports_record);

static const struct keel_row noted_rows[] = {
	{ .label = 1, .name = "last", .kind = KEEL_UINT, .max = INT64_MAX, KEEL_AT(struct noted_record, last) },
};
const struct keel_schema vault_noted_schema = KEEL_SCHEMA("noted", KEEL_AS_MAP, noted_rows, struct noted_record);
/* clang-format on */

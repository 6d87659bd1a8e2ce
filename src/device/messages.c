#include "device/messages.h"

/* Declared names, people's numbers and programs' names are short; details are one log line. */
#define NAME_MAX_LEN   64
#define DETAIL_MAX_LEN 160
#define VALUE_MAX_LEN  4096
#define SIGNED_MAX_LEN 16384 /* a statement names every file, wall and interface */
#define PID_MAX_VALUE  INT32_MAX

const char *const keel_wall_words[WALL_COUNT + 1] = {
	[WALL_USER] = "user",
	[WALL_NETWORK] = "network",
	[WALL_FILES] = "files",
	[WALL_TRUNCATE] = "truncate",
	[WALL_SCOPE] = "scope",
	[WALL_SYSCALLS] = "syscalls",
	[WALL_LIMITS] = "limits",
};

const char *const keel_path_words[PATH_COUNT + 1] = {
	[PATH_HELLO] = "hello",
	[PATH_CLAIM] = "claim",
	[PATH_REQUEST] = "request",
	[PATH_INTERROGATE] = "interrogate",
};

const char *const keel_event_words[EVENT_WORD_COUNT + 1] = {
	[EVENT_UNDECLARED_PORT] = "undeclared-port",
	[EVENT_PORT_GONE] = "port-gone",
	[EVENT_FILE_CHANGED] = "file-changed",
	[EVENT_FILE_MISSING] = "file-missing",
	[EVENT_UNDECLARED_PROCESS] = "undeclared-process",
	[EVENT_ROOM_RESTARTED] = "room-restarted",
	[EVENT_ROOM_RESTLESS] = "room-restless",
	[EVENT_MANY_REFUSED] = "many-refused",
	[EVENT_MANY_MALFORMED] = "many-malformed",
	[EVENT_MANY_WRONG_CODES] = "many-wrong-codes",
	[EVENT_MANY_LIMITED] = "many-limited",
};

const char *const keel_counted_words[COUNT_COUNT + 1] = {
	[COUNT_REFUSED] = "refused",
	[COUNT_WRONG_CODE] = "wrong-code",
	[COUNT_MALFORMED] = "malformed",
	[COUNT_LIMITED] = "limited",
};

const char *const keel_button_words[BUTTON_COUNT + 1] = {
	[BUTTON_PRESSED] = "pressed",
	[BUTTON_HELD] = "held",
};

const char *const keel_state_words[STATE_COUNT + 1] = {
	[STATE_FACTORY] = "factory",
	[STATE_SETUP] = "setup",
	[STATE_OPERATION] = "operation",
	[STATE_ISOLATED] = "isolated",
};

/* In the order of enum keel_room_id, which rooms.c holds to. */
static const char *const room_words[] = { "parent", "vault", "door", "monitor", "app", "uplink",
	NULL };

/* clang-format off */
#define ROW(l, n, k, type, member, ...) \
	{ .label = (l), .name = (n), .kind = (k), KEEL_AT(type, member), __VA_ARGS__ }

const struct keel_row keel_wall_item =
	{ .name = "wall", .kind = KEEL_CHOICE, .choices = keel_wall_words };

static const struct keel_row deletions_rows[] = {
	ROW(1, "deletions", KEEL_UINT, struct msg_deletions, deletions),
};
static const struct keel_schema deletions = KEEL_SCHEMA("deletions", KEEL_AS_MAP, deletions_rows, struct msg_deletions);

static const struct keel_row ready_rows[] = {
	ROW(1, "missing", KEEL_LIST, struct msg_ready, missing, .max = WALL_COUNT, .item = &keel_wall_item),
};
static const struct keel_schema ready = KEEL_SCHEMA("ready", KEEL_AS_MAP, ready_rows, struct msg_ready);

static const struct keel_row bad_peer_rows[] = {
	ROW(1, "room", KEEL_CHOICE, struct msg_bad_peer, room, .choices = room_words),
	ROW(2, "life", KEEL_UINT, struct msg_bad_peer, life),
};
static const struct keel_schema bad_peer = KEEL_SCHEMA("bad peer", KEEL_AS_MAP, bad_peer_rows, struct msg_bad_peer);

static const struct keel_row request_rows[] = {
	ROW(1, "id", KEEL_UINT, struct msg_request, id),
	ROW(2, "path", KEEL_CHOICE, struct msg_request, path, .choices = keel_path_words),
	ROW(3, "from", KEEL_TEXT, struct msg_request, from, .max = NAME_MAX_LEN),
	ROW(4, "body", KEEL_BYTES, struct msg_request, body, .max = KEEL_REQUEST_MAX),
};
static const struct keel_schema request = KEEL_SCHEMA("request", KEEL_AS_MAP, request_rows, struct msg_request);

static const struct keel_row answer_rows[] = {
	ROW(1, "id", KEEL_UINT, struct msg_answer, id),
	ROW(2, "status", KEEL_UINT, struct msg_answer, status, .min = 100, .max = 599),
	ROW(3, "body", KEEL_BYTES, struct msg_answer, body, .max = KEEL_ANSWER_MAX),
};
static const struct keel_schema answer = KEEL_SCHEMA("answer", KEEL_AS_MAP, answer_rows, struct msg_answer);

static const struct keel_row field_rows[] = {
	ROW(0, "name", KEEL_TEXT, struct msg_field, name, .min = 1, .max = NAME_MAX_LEN),
	ROW(0, "value", KEEL_INT, struct msg_field, value),
};
const struct keel_schema keel_schema_field = KEEL_SCHEMA("field", KEEL_AS_TUPLE, field_rows, struct msg_field);
const struct keel_row keel_field_item = { .name = "field", .kind = KEEL_MAP, .of = &keel_schema_field };

static const struct keel_row command_rows[] = {
	ROW(1, "number", KEEL_UINT, struct msg_command, number),
	ROW(2, "message", KEEL_TEXT, struct msg_command, message, .min = 1, .max = NAME_MAX_LEN),
	ROW(3, "fields", KEEL_LIST, struct msg_command, fields, .max = KEEL_FIELDS_MAX, .item = &keel_field_item),
	ROW(4, "time", KEEL_INT, struct msg_command, time, .min = 0, .max = INT64_MAX),
	ROW(5, "person", KEEL_TEXT, struct msg_command, person, .max = NAME_MAX_LEN, .optional = true),
};
static const struct keel_schema command = KEEL_SCHEMA("command", KEEL_AS_MAP, command_rows, struct msg_command);

static const struct keel_row kept_rows[] = {
	ROW(1, "id", KEEL_UINT, struct msg_kept, id),
	ROW(2, "err", KEEL_UINT, struct msg_kept, err, .max = KEEL_ERR_COUNT - 1),
};
static const struct keel_schema kept = KEEL_SCHEMA("kept", KEEL_AS_MAP, kept_rows, struct msg_kept);

static const struct keel_row datum_rows[] = {
	ROW(1, "id", KEEL_UINT, struct msg_datum, id),
	ROW(2, "err", KEEL_UINT, struct msg_datum, err, .max = KEEL_ERR_COUNT - 1),
	ROW(3, "value", KEEL_BYTES, struct msg_datum, value, .max = VALUE_MAX_LEN, .optional = true),
};
static const struct keel_schema datum = KEEL_SCHEMA("datum", KEEL_AS_MAP, datum_rows, struct msg_datum);

static const struct keel_row done_rows[] = {
	ROW(1, "number", KEEL_UINT, struct msg_done, number),
};
static const struct keel_schema done = KEEL_SCHEMA("done", KEEL_AS_MAP, done_rows, struct msg_done);

static const struct keel_row report_rows[] = {
	ROW(1, "values", KEEL_LIST, struct msg_report, values, .min = 1, .max = KEEL_REPORTS_MAX, .item = &keel_field_item),
};
static const struct keel_schema report = KEEL_SCHEMA("report", KEEL_AS_MAP, report_rows, struct msg_report);

static const struct keel_row keep_rows[] = {
	ROW(1, "id", KEEL_UINT, struct msg_keep, id),
	ROW(2, "datum", KEEL_TEXT, struct msg_keep, datum, .min = 1, .max = NAME_MAX_LEN),
	ROW(3, "value", KEEL_BYTES, struct msg_keep, value, .max = VALUE_MAX_LEN),
	ROW(4, "deletions", KEEL_UINT, struct msg_keep, deletions),
	ROW(5, "person", KEEL_TEXT, struct msg_keep, person, .max = NAME_MAX_LEN, .optional = true),
};
static const struct keel_schema keep = KEEL_SCHEMA("keep", KEEL_AS_MAP, keep_rows, struct msg_keep);

static const struct keel_row recall_rows[] = {
	ROW(1, "id", KEEL_UINT, struct msg_recall, id),
	ROW(2, "datum", KEEL_TEXT, struct msg_recall, datum, .min = 1, .max = NAME_MAX_LEN),
	ROW(3, "person", KEEL_TEXT, struct msg_recall, person, .max = NAME_MAX_LEN, .optional = true),
};
static const struct keel_schema recall = KEEL_SCHEMA("recall", KEEL_AS_MAP, recall_rows, struct msg_recall);

static const struct keel_row alive_rows[] = {
	ROW(1, "within ms", KEEL_UINT, struct msg_alive, within_ms, .min = 1, .max = 3600000),
};
static const struct keel_schema alive = KEEL_SCHEMA("alive", KEEL_AS_MAP, alive_rows, struct msg_alive);

static const struct keel_row event_rows[] = {
	ROW(1, "word", KEEL_CHOICE, struct msg_event, word, .choices = keel_event_words),
	ROW(2, "detail", KEEL_TEXT, struct msg_event, detail, .max = DETAIL_MAX_LEN),
};
static const struct keel_schema event = KEEL_SCHEMA("event", KEEL_AS_MAP, event_rows, struct msg_event);

static const struct keel_row count_rows[] = {
	ROW(1, "what", KEEL_CHOICE, struct msg_count, what, .choices = keel_counted_words),
	ROW(2, "n", KEEL_UINT, struct msg_count, n, .min = 1, .max = UINT32_MAX),
};
static const struct keel_schema count = KEEL_SCHEMA("count", KEEL_AS_MAP, count_rows, struct msg_count);

static const struct keel_row whose_rows[] = {
	ROW(1, "inode", KEEL_UINT, struct msg_whose, inode, .min = 1),
};
static const struct keel_schema whose = KEEL_SCHEMA("whose", KEEL_AS_MAP, whose_rows, struct msg_whose);

static const struct keel_row process_rows[] = {
	ROW(1, "inode", KEEL_UINT, struct msg_process, inode, .min = 1),
	ROW(2, "pid", KEEL_UINT, struct msg_process, pid, .max = PID_MAX_VALUE),
	ROW(3, "name", KEEL_TEXT, struct msg_process, name, .max = NAME_MAX_LEN),
};
static const struct keel_schema process = KEEL_SCHEMA("process", KEEL_AS_MAP, process_rows, struct msg_process);

static const struct keel_row started_rows[] = {
	ROW(1, "room", KEEL_CHOICE, struct msg_started, room, .choices = room_words),
	ROW(2, "pid", KEEL_UINT, struct msg_started, pid, .min = 1, .max = PID_MAX_VALUE),
	ROW(3, "restarts", KEEL_UINT, struct msg_started, restarts),
	ROW(4, "user", KEEL_UINT, struct msg_started, user, .max = UINT32_MAX),
};
static const struct keel_schema started = KEEL_SCHEMA("started", KEEL_AS_MAP, started_rows, struct msg_started);

static const struct keel_row files_rows[] = {
	ROW(1, "listed", KEEL_BOOL, struct msg_files, listed),
	ROW(2, "wrong", KEEL_UINT, struct msg_files, wrong),
};
static const struct keel_schema files = KEEL_SCHEMA("files", KEEL_AS_MAP, files_rows, struct msg_files);

static const struct keel_row button_rows[] = {
	ROW(1, "how", KEEL_CHOICE, struct msg_button, how, .choices = keel_button_words),
};
static const struct keel_schema button = KEEL_SCHEMA("button", KEEL_AS_MAP, button_rows, struct msg_button);

static const struct keel_row program_rows[] = {
	ROW(0, "name", KEEL_TEXT, struct msg_program, name, .min = 1, .max = NAME_MAX_LEN),
	ROW(0, "sha256", KEEL_BYTES, struct msg_program, sha256, .min = 32, .max = 32),
};
const struct keel_schema keel_schema_program = KEEL_SCHEMA("program", KEEL_AS_TUPLE, program_rows, struct msg_program);
const struct keel_row keel_program_item = { .name = "program", .kind = KEEL_MAP, .of = &keel_schema_program };

static const struct keel_row gap_rows[] = {
	ROW(0, "room", KEEL_CHOICE, struct msg_gap, room, .choices = room_words),
	ROW(0, "wall", KEEL_CHOICE, struct msg_gap, wall, .choices = keel_wall_words),
};
const struct keel_schema keel_schema_gap = KEEL_SCHEMA("gap", KEEL_AS_TUPLE, gap_rows, struct msg_gap);
const struct keel_row keel_gap_item = { .name = "gap", .kind = KEEL_MAP, .of = &keel_schema_gap };

static const struct keel_row facts_rows[] = {
	ROW(1, "programs", KEEL_LIST, struct msg_facts, programs, .max = 16, .item = &keel_program_item),
	ROW(2, "missing", KEEL_LIST, struct msg_facts, missing, .max = 64, .item = &keel_gap_item),
	ROW(3, "extended", KEEL_LIST, struct msg_facts, extended, .max = 32, .item = &keel_program_item, .optional = true),
};
static const struct keel_schema facts = KEEL_SCHEMA("facts", KEEL_AS_MAP, facts_rows, struct msg_facts);

static const struct keel_row state_rows[] = {
	ROW(1, "state", KEEL_CHOICE, struct msg_state, state, .choices = keel_state_words),
};
static const struct keel_schema state = KEEL_SCHEMA("state", KEEL_AS_MAP, state_rows, struct msg_state);

static const struct keel_row attest_rows[] = {
	ROW(1, "id", KEEL_UINT, struct msg_attest, id),
	ROW(2, "nonce", KEEL_BYTES, struct msg_attest, nonce, .min = 32, .max = 32),
	ROW(3, "origin", KEEL_TEXT, struct msg_attest, origin, .min = 1, .max = 128),
	ROW(4, "key", KEEL_BYTES, struct msg_attest, key, .min = 64, .max = 64),
};
static const struct keel_schema attest = KEEL_SCHEMA("attest", KEEL_AS_MAP, attest_rows, struct msg_attest);

static const struct keel_row attested_rows[] = {
	ROW(1, "id", KEEL_UINT, struct msg_attested, id),
	ROW(2, "device", KEEL_BYTES, struct msg_attested, device, .min = 16, .max = 16),
	ROW(3, "home", KEEL_BYTES, struct msg_attested, home, .max = 16),
	ROW(4, "statement", KEEL_BYTES, struct msg_attested, statement, .min = 1, .max = SIGNED_MAX_LEN),
	ROW(5, "endorsement", KEEL_BYTES, struct msg_attested, endorsement, .min = 1, .max = SIGNED_MAX_LEN),
	ROW(6, "owners", KEEL_BYTES, struct msg_attested, owners, .min = 1, .max = SIGNED_MAX_LEN, .optional = true),
	ROW(7, "nonce", KEEL_BYTES, struct msg_attested, nonce, .min = 16, .max = 16),
};
static const struct keel_schema attested = KEEL_SCHEMA("attested", KEEL_AS_MAP, attested_rows, struct msg_attested);

static const struct keel_row session_rows[] = {
	ROW(1, "taken", KEEL_UINT, struct msg_session, taken),
	ROW(2, "voucher", KEEL_BYTES, struct msg_session, voucher, .min = 1, .max = SIGNED_MAX_LEN),
	ROW(3, "time", KEEL_BYTES, struct msg_session, time, .min = 1, .max = SIGNED_MAX_LEN),
};
static const struct keel_schema session = KEEL_SCHEMA("session", KEEL_AS_MAP, session_rows, struct msg_session);

static const struct keel_schema renew = { .name = "renew", .form = KEEL_AS_MAP, .size = sizeof(struct msg_nothing) };

static const struct keel_row out_rows[] = {
	ROW(1, "number", KEEL_UINT, struct msg_out, number, .min = 1),
	ROW(2, "kind", KEEL_UINT, struct msg_out, kind, .max = 1),
	ROW(3, "time", KEEL_INT, struct msg_out, time, .min = 0, .max = INT64_MAX),
	ROW(4, "payload", KEEL_BYTES, struct msg_out, payload, .min = 1, .max = KEEL_OUT_MAX),
	ROW(5, "dropped", KEEL_UINT, struct msg_out, dropped),
};
static const struct keel_schema out = KEEL_SCHEMA("out", KEEL_AS_MAP, out_rows, struct msg_out);

static const struct keel_row taken_rows[] = {
	ROW(1, "number", KEEL_UINT, struct msg_taken, number),
};
static const struct keel_schema taken = KEEL_SCHEMA("taken", KEEL_AS_MAP, taken_rows, struct msg_taken);

static const struct keel_row notice_rows[] = {
	ROW(1, "number", KEEL_UINT, struct msg_notice, number, .min = 1, .max = INT64_MAX),
	ROW(2, "code", KEEL_UINT, struct msg_notice, code, .max = UINT8_MAX),
	ROW(3, "about", KEEL_TEXT, struct msg_notice, about, .min = 1, .max = 24),
};
static const struct keel_schema notice = KEEL_SCHEMA("notice", KEEL_AS_MAP, notice_rows, struct msg_notice);

static const struct {
	enum keel_msg msg;
	const char *word;
	const struct keel_schema *schema;
} messages[] = {
	{ MSG_READY,    "ready",    &ready    },
	{ MSG_BAD_PEER, "bad-peer", &bad_peer },
	{ MSG_END,      "end",      &bad_peer },
	{ MSG_REQUEST,  "request",  &request  },
	{ MSG_ANSWER,   "answer",   &answer   },
	{ MSG_COMMAND,  "command",  &command  },
	{ MSG_KEPT,     "kept",     &kept     },
	{ MSG_DATUM,    "datum",    &datum    },
	{ MSG_FORGET,   "forget",   &deletions },
	{ MSG_HELLO,    "hello",    &deletions },
	{ MSG_DONE,     "done",     &done     },
	{ MSG_REPORT,   "report",   &report   },
	{ MSG_KEEP,     "keep",     &keep     },
	{ MSG_RECALL,   "recall",   &recall   },
	{ MSG_ALIVE,    "alive",    &alive    },
	{ MSG_EVENT,    "event",    &event    },
	{ MSG_COUNT,    "count",    &count    },
	{ MSG_WHOSE,    "whose",    &whose    },
	{ MSG_PROCESS,  "process",  &process  },
	{ MSG_STARTED,  "started",  &started  },
	{ MSG_FILES,    "files",    &files    },
	{ MSG_BUTTON,   "button",   &button   },
	{ MSG_FACTS,    "facts",    &facts    },
	{ MSG_STATE,    "state",    &state    },
	{ MSG_ATTEST,   "attest",   &attest   },
	{ MSG_ATTESTED, "attested", &attested },
	{ MSG_SESSION,  "session",  &session  },
	{ MSG_RENEW,    "renew",    &renew    },
	{ MSG_OUT,      "out",      &out      },
	{ MSG_TAKEN,    "taken",    &taken    },
	{ MSG_NOTICE,   "notice",   &notice   },
	{ MSG_NOTED,    "noted",    &taken    },
};
/* clang-format on */

const struct keel_schema *keel_message_schema(uint64_t msg)
{
	for (size_t i = 0; i < KEEL_COUNT(messages); i++)
		if (messages[i].msg == msg)
			return messages[i].schema;
	return NULL;
}

const char *keel_message_word(uint64_t msg)
{
	for (size_t i = 0; i < KEEL_COUNT(messages); i++)
		if (messages[i].msg == msg)
			return messages[i].word;
	return "unknown";
}

enum keel_msg keel_message_at(size_t n)
{
	return n < KEEL_COUNT(messages) ? messages[n].msg : (enum keel_msg)0;
}

enum keel_err keel_message_head(struct keel_bytes in, uint64_t *msg, struct keel_bytes *body)
{
	struct keel_rd r = keel_rd_of(in);
	size_t items = keel_cbor_read_array(&r);
	uint64_t number = keel_cbor_read_uint(&r);
	if (items != 2)
		keel_rd_fail(&r, KEEL_EFORM);
	struct keel_bytes rest = keel_rd_rest(&r); /* its schema sees to form and tail */
	enum keel_err e = keel_rd_end(&r);
	if (e != KEEL_OK)
		return e;
	*msg = number;
	*body = rest;
	return KEEL_OK;
}

void keel_message_write(enum keel_msg msg, const void *body, struct keel_wr *w)
{
	const struct keel_schema *s = keel_message_schema(msg);
	KEEL_MUST(s != NULL);
	keel_cbor_array(w, 2);
	keel_cbor_uint(w, msg);
	keel_schema_write(s, body, w);
}

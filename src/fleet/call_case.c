/* A reporter's case, by the token of the private link: status, conversation, one more message, files. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/base64url.h"
#include "fleet/reports.h"
#include "fleet/service.h"

#define SAID_MAX 2048
#define LIST_MAX 60000 /* of messages in one answer: the page asks for the rest */

static struct keel_digest digest_of(struct keel_bytes token)
{
	struct keel_digest d;
	keel_sha256(&token, 1, &d);
	return d;
}

static void refuse(struct keel_http_call *call, enum keel_err e)
{
	if (e == KEEL_ENONE)
		keel_fleet_refuse(call, 404, "enone", "there is no case by this link", 0);
	else if (e == KEEL_EFULL)
		keel_fleet_refuse(call, 409, "efull",
			"the case takes no more: report what is left as another", 0);
	else if (e == KEEL_ESTATE)
		keel_fleet_refuse(
			call, 409, "estate", "another piece of this file is there already", 0);
	else
		keel_fleet_refuse_err(call, e);
}

/* --- status and conversation --- */

struct case_args {
	uint32_t has;
	struct keel_bytes token;
	uint64_t after;
};
struct message_row {
	uint32_t has;
	uint64_t number, from;
	int64_t came_s;
	struct keel_bytes sealed;
};
struct case_result {
	uint32_t has;
	struct keel_bytes number, state;
	int64_t created_s, acknowledged_s, told_s, due_s;
	struct keel_list messages;
	bool more;
};
#define TOKEN(type)                                                                                \
	{                                                                                          \
		.label = 1, .name = "token", .kind = KEEL_BYTES, .min = KEEL_CASE_TOKEN_LEN,       \
		.max = KEEL_CASE_TOKEN_LEN, KEEL_AT(type, token)                                   \
	}
#define TIME(l, n, member)                                                                         \
	{                                                                                          \
		.label = (l), .name = (n), .kind = KEEL_INT, .max = INT64_MAX,                     \
		KEEL_AT(struct case_result, member)                                                \
	}
/* clang-format off */
static const struct keel_row case_rows[] = {
	TOKEN(struct case_args),
	{ .label = 2, .name = "after", .kind = KEEL_UINT, .max = INT32_MAX, KEEL_AT(struct case_args, after) },
};
static const struct keel_row message_rows[] = {
	{ .name = "number", .kind = KEEL_UINT, KEEL_AT(struct message_row, number) },
	{ .name = "from", .kind = KEEL_UINT, .max = KEEL_DESK_FROM_DESK, KEEL_AT(struct message_row, from) },
	{ .name = "came", .kind = KEEL_INT, .max = INT64_MAX, KEEL_AT(struct message_row, came_s) },
	{ .name = "sealed", .kind = KEEL_BYTES, .max = KEEL_DESK_MESSAGE_MAX, KEEL_AT(struct message_row, sealed) },
};
static const struct keel_schema message_schema = KEEL_SCHEMA("message", KEEL_AS_TUPLE, message_rows, struct message_row);
static const struct keel_row message_item = { .name = "message", .kind = KEEL_MAP, .of = &message_schema };
static const struct keel_row result_rows[] = {
	{ .label = 1, .name = "case", .kind = KEEL_TEXT, .max = KEEL_DESK_NUMBER_LEN, KEEL_AT(struct case_result, number) },
	{ .label = 2, .name = "state", .kind = KEEL_TEXT, .max = 20, KEEL_AT(struct case_result, state) },
	TIME(3, "created", created_s),
	TIME(4, "acknowledged", acknowledged_s),
	TIME(5, "told", told_s),
	TIME(6, "due", due_s),
	{ .label = 7, .name = "messages", .kind = KEEL_LIST, .max = KEEL_DESK_MESSAGES_MAX, .item = &message_item, KEEL_AT(struct case_result, messages) },
	{ .label = 8, .name = "more", .kind = KEEL_BOOL, KEEL_AT(struct case_result, more) },
};
/* clang-format on */
static const struct keel_schema case_schema =
	KEEL_SCHEMA("case args", KEEL_AS_MAP, case_rows, struct case_args);
static const struct keel_schema result_schema =
	KEEL_SCHEMA("case", KEEL_AS_MAP, result_rows, struct case_result);

struct listing {
	struct keel_wr items;
	struct case_result *result;
};

static bool list_message(void *self, const struct keel_desk_message *m)
{
	struct listing *l = self;
	const struct message_row row = {
		.number = m->number, .from = m->from, .came_s = m->came_s, .sealed = m->sealed
	};
	l->result->more = m->sealed.n + 32 > l->items.cap - l->items.n;
	if (!l->result->more)
		keel_list_add(&message_item, &row, &l->items, &l->result->messages);
	return !l->result->more;
}

void keel_desk_on_case(void *self, struct keel_http_call *call)
{
	struct keel_fleet_service *s = self;
	static uint8_t buf[LIST_MAX]; /* one thread answers */
	struct case_args args;
	struct keel_desk_case c;
	struct case_result r = { 0 };
	struct listing l = { keel_wr_of(buf, sizeof(buf)), &r };
	if (keel_schema_read(&case_schema, keel_http_call_body(call), &args, NULL) != KEEL_OK) {
		keel_fleet_refuse_err(call, KEEL_EFORM);
		return;
	}
	const struct keel_digest token = digest_of(args.token);
	enum keel_err e = keel_desk_case_by_token(s->store, &token, &c);
	if (e == KEEL_OK)
		e = keel_desk_messages(s->store, c.number, args.after, false, list_message, &l);
	if (e != KEEL_OK) {
		refuse(call, e);
		return;
	}
	r.number = keel_text(c.number);
	r.state = keel_text(keel_desk_state_word(c.state));
	r.created_s = c.created_s;
	r.acknowledged_s = c.acknowledged_s;
	r.told_s = c.told_s;
	r.due_s = c.due_s;
	keel_fleet_reply(s, call, &result_schema, &r);
}

/* --- without script --- */

static void write_day(struct keel_wr *w, const char *before, int64_t at_s)
{
	char text[32];
	time_t t = (time_t)at_s;
	struct tm day;
	(void)gmtime_r(&t, &day);
	(void)strftime(text, sizeof(text), "%Y-%m-%d %H:%M UTC", &day);
	keel_wr_text(w, before);
	keel_wr_text(w, text);
}

static void write_status(struct keel_wr *w, const struct keel_desk_case *c)
{
	keel_wr_text(w, "<h2>Case ");
	keel_wr_text(w, c->number);
	keel_wr_text(w, "</h2><dl id=\"status\"><dt>State<dd>");
	keel_wr_text(w, keel_desk_state_word(c->state));
	write_day(w, "<dt>Reported<dd>", c->created_s);
	if (c->acknowledged_s != 0)
		write_day(w, "<dt>Acknowledged<dd>", c->acknowledged_s);
	if (c->due_s != 0)
		write_day(w, "<dt>You hear from the maker by<dd>", c->due_s);
	keel_wr_text(w, "</dl>");
}

static bool read_token(struct keel_bytes query, uint8_t token[KEEL_CASE_TOKEN_LEN])
{
	struct keel_wr w = keel_wr_of(token, KEEL_CASE_TOKEN_LEN);
	struct keel_bytes out;
	keel_base64url_read(query, &w);
	return keel_wr_end(&w, &out) == KEEL_OK && out.n == KEEL_CASE_TOKEN_LEN;
}

void keel_desk_on_case_page(void *self, struct keel_http_call *call)
{
	struct keel_fleet_service *s = self;
	uint8_t token[KEEL_CASE_TOKEN_LEN];
	uint8_t buf[SAID_MAX];
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	struct keel_desk_case c;
	struct keel_bytes html = { 0 };
	bool found = false;
	if (read_token(keel_http_call_head(call)->query, token)) {
		const struct keel_digest d = digest_of(KEEL_VIEW(token));
		found = keel_desk_case_by_token(s->store, &d, &c) == KEEL_OK;
	}
	if (found)
		write_status(&w, &c);
	else
		keel_wr_text(&w, "<h2>There is no case by this link</h2><p>Look whether it was "
				 "copied whole: it has two parts, with # between them.");
	KEEL_MUST(keel_wr_end(&w, &html) == KEEL_OK);
	keel_desk_show(call, s->reports->pages[KEEL_DESK_CASE], found ? 200 : 404, html);
}

/* --- one more message, a piece of a file --- */

struct message_args {
	uint32_t has;
	struct keel_bytes token, sealed;
};
struct said_result {
	uint32_t has;
	uint64_t number;
};
struct piece_args {
	uint32_t has;
	struct keel_bytes token;
	uint64_t file, piece;
	struct keel_bytes sealed;
};
/* clang-format off */
static const struct keel_row said_args_rows[] = {
	TOKEN(struct message_args),
	{ .label = 2, .name = "sealed", .kind = KEEL_BYTES, .min = 1, .max = KEEL_DESK_MESSAGE_MAX, KEEL_AT(struct message_args, sealed) },
};
static const struct keel_row said_rows[] = {
	{ .label = 1, .name = "number", .kind = KEEL_UINT, KEEL_AT(struct said_result, number) },
};
static const struct keel_row piece_rows[] = {
	TOKEN(struct piece_args),
	{ .label = 2, .name = "file",   .kind = KEEL_UINT, .max = 999, KEEL_AT(struct piece_args, file) },
	{ .label = 3, .name = "piece",  .kind = KEEL_UINT, .max = 999, KEEL_AT(struct piece_args, piece) },
	{ .label = 4, .name = "sealed", .kind = KEEL_BYTES, .min = 1, .max = KEEL_DESK_PIECE_MAX, KEEL_AT(struct piece_args, sealed) },
};
/* clang-format on */
static const struct keel_schema said_args_schema =
	KEEL_SCHEMA("message args", KEEL_AS_MAP, said_args_rows, struct message_args);
static const struct keel_schema said_schema =
	KEEL_SCHEMA("said", KEEL_AS_MAP, said_rows, struct said_result);
static const struct keel_schema piece_schema =
	KEEL_SCHEMA("piece args", KEEL_AS_MAP, piece_rows, struct piece_args);

/* From the handler to the answer, while the disk takes it. */
struct saying {
	struct keel_fleet_held held;
	union {
		struct keel_fleet_write write; /* the beginning of both */
		struct keel_desk_say say;
		struct keel_desk_piece piece;
	} job;
	bool is_piece;
	uint8_t sealed[];
};

static void said(void *self, struct keel_fleet_write *w)
{
	struct saying *y = self;
	struct keel_http_call *call = y->held.call;
	const struct keel_nothing nothing = { 0 };
	const struct said_result r = { .number = y->is_piece ? 0 : y->job.say.said };
	if (call != NULL) {
		keel_http_call_keep(call, NULL);
		if (w->err != KEEL_OK)
			refuse(call, w->err);
		else if (y->is_piece)
			keel_fleet_reply(y->held.service, call, &keel_nothing_schema, &nothing);
		else
			keel_fleet_reply(y->held.service, call, &said_schema, &r);
	}
	free(y);
}

static struct saying *saying_new(struct keel_fleet_service *s, struct keel_http_call *call,
	struct keel_bytes sealed, bool is_piece)
{
	struct saying *y = calloc(1, sizeof(*y) + sealed.n);
	KEEL_MUST(y != NULL);
	memcpy(y->sealed, sealed.p, sealed.n);
	y->held = (struct keel_fleet_held){ .call = call, .service = s };
	y->is_piece = is_piece;
	keel_http_call_keep(call, &y->held);
	return y;
}

void keel_desk_on_message(void *self, struct keel_http_call *call)
{
	struct keel_fleet_service *s = self;
	struct message_args args;
	if (keel_schema_read(&said_args_schema, keel_http_call_body(call), &args, NULL) !=
		KEEL_OK) {
		keel_fleet_refuse_err(call, KEEL_EFORM);
		return;
	}
	struct saying *y = saying_new(s, call, args.sealed, false);
	y->job.say = (struct keel_desk_say){ .write = { .done = said, .self = y },
		.now_s = keel_fleet_now(s),
		.from = KEEL_DESK_FROM_REPORTER,
		.token = digest_of(args.token),
		.sealed = { y->sealed, args.sealed.n },
		.mail = s->config.mail_server[0] != '\0' };
	keel_desk_say(s->store, &y->job.say);
}

void keel_desk_on_piece(void *self, struct keel_http_call *call)
{
	struct keel_fleet_service *s = self;
	struct piece_args args;
	if (keel_schema_read(&piece_schema, keel_http_call_body(call), &args, NULL) != KEEL_OK) {
		keel_fleet_refuse_err(call, KEEL_EFORM);
		return;
	}
	struct saying *y = saying_new(s, call, args.sealed, true);
	y->job.piece = (struct keel_desk_piece){ .write = { .done = said, .self = y },
		.token = digest_of(args.token),
		.file = args.file,
		.piece = args.piece,
		.sealed = { y->sealed, args.sealed.n } };
	keel_desk_piece(s->store, &y->job.piece);
}

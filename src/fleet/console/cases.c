/* Cases for operators: what is due first, one case as it is sealed, and what is said and done in it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fleet/console/inside.h"

#define ROW_MAX 256 /* of a message in an answer, beside what is sealed */

/* --- lists --- */

struct page {
	struct keel_json j;
	size_t count;
	struct keel_desk_case last;
};

static void show_facts(struct keel_json *j, const struct keel_desk_case *c)
{
	keel_json_word(j, "number", c->number);
	keel_json_word(j, "model", c->model);
	keel_json_word(j, "state", keel_desk_state_word(c->state));
	console_time(j, "created", c->created_s);
	console_time(j, "acknowledged", c->acknowledged_s);
	console_time(j, "told", c->told_s);
	console_time(j, "heard", c->heard_s);
	console_time(j, "due", c->due_s);
	keel_json_uint(j, "messages", c->messages);
	keel_json_uint(j, "file_bytes", c->file_bytes);
}

static bool show_case(void *self, const struct keel_desk_case *c)
{
	struct page *p = self;
	if (p->count++ == CONSOLE_PAGE)
		return false;
	keel_json_open(&p->j, NULL, '{');
	show_facts(&p->j, c);
	keel_json_close(&p->j, '}');
	p->last = *c;
	return true;
}

/* Where a list goes on: that case's place in it as it was, for it may have another by then. */
static void show_place(struct keel_json *j, const struct keel_desk_case *c)
{
	char text[KEEL_FLEET_SERIAL_MAX];
	(void)snprintf(text, sizeof(text), "%lld.%lld.%s", (long long)c->due_s,
		(long long)c->created_s, c->number);
	keel_json_word(j, "after", text);
}

static bool read_place(struct keel_bytes text, struct keel_desk_case *out)
{
	char copy[KEEL_FLEET_SERIAL_MAX + 1] = { 0 };
	char *at = copy;
	if (text.n >= sizeof(copy))
		return false;
	memcpy(copy, text.p, text.n);
	int64_t *const times[] = { &out->due_s, &out->created_s };
	for (size_t i = 0; i < KEEL_COUNT(times); i++) {
		char *end;
		*times[i] = strtoll(at, &end, 10);
		if (end == at || *end != '.')
			return false;
		at = end + 1;
	}
	if (strlen(at) != KEEL_DESK_NUMBER_LEN)
		return false;
	memcpy(out->number, at, KEEL_DESK_NUMBER_LEN + 1);
	return true;
}

void console_on_cases(struct console_act *a)
{
	struct keel_wr w;
	struct page p = { .j = console_json(a->c, &w) };
	struct keel_desk_case after = { 0 };
	bool first = a->ask.after.n == 0;
	if (!first && !read_place(a->ask.after, &after)) {
		console_refuse_err(a->call, KEEL_ERANGE);
		return;
	}
	keel_json_open(&p.j, NULL, '{');
	console_time(&p.j, "now", a->now_s);
	keel_json_open(&p.j, "cases", '[');
	enum keel_err e = keel_desk_cases(a->c->store, first ? NULL : &after, show_case, &p);
	keel_json_close(&p.j, ']');
	if (p.count > CONSOLE_PAGE)
		show_place(&p.j, &p.last);
	keel_json_close(&p.j, '}');
	if (e == KEEL_OK)
		console_reply(a->call, &w, NULL);
	else
		console_refuse_err(a->call, e);
}

/* --- one case --- */

static void refuse_case(struct keel_http_call *call, enum keel_err e)
{
	if (e == KEEL_ENONE)
		console_refuse(call, 404, "none", "There is no case of this number.");
	else if (e == KEEL_EFULL)
		console_refuse(call, 409, "full", "The case has as many messages as it may have.");
	else
		console_refuse_err(call, e);
}

static void take_number(const struct console_act *a, char out[KEEL_DESK_NUMBER_LEN + 1])
{
	memcpy(out, a->ask.number.p, a->ask.number.n);
	out[a->ask.number.n] = '\0';
}

static void show_file(void *self, uint64_t file, uint64_t pieces, uint64_t bytes)
{
	struct keel_json *j = self;
	keel_json_open(j, NULL, '{');
	keel_json_uint(j, "file", file);
	keel_json_uint(j, "pieces", pieces);
	keel_json_uint(j, "bytes", bytes);
	keel_json_close(j, '}');
}

struct told {
	struct keel_json j;
	uint64_t last;
	bool more;
};

static bool show_message(void *self, const struct keel_desk_message *m)
{
	static const char *const from[] = { "reporter", "desk", "note" };
	struct told *t = self;
	const struct keel_wr *w = t->j.w;
	t->more = w->cap - w->n < m->sealed.n / 3 * 4 + ROW_MAX;
	if (t->more)
		return false;
	KEEL_MUST(m->from < KEEL_COUNT(from));
	keel_json_open(&t->j, NULL, '{');
	keel_json_uint(&t->j, "number", m->number);
	keel_json_word(&t->j, "from", from[m->from]);
	console_time(&t->j, "came", m->came_s);
	keel_json_base64(&t->j, "sealed", m->sealed);
	keel_json_close(&t->j, '}');
	t->last = m->number;
	return true;
}

static enum keel_err show_whole(
	const struct console_act *a, const struct keel_desk_case *c, struct told *t)
{
	struct keel_json *j = &t->j;
	console_time(j, "now", a->now_s);
	show_facts(j, c);
	console_time(j, "acknowledge_s", c->acknowledge_s);
	console_time(j, "status_s", c->status_s);
	keel_json_base64(j, "kid", KEEL_VIEW(c->kid.b));
	keel_json_base64(j, "opening", (struct keel_bytes){ c->opening, c->opening_n });
	keel_json_open(j, "files", '[');
	enum keel_err e = keel_desk_files(a->c->store, c->number, show_file, j);
	keel_json_close(j, ']');
	keel_json_open(j, "said", '[');
	if (e == KEEL_OK)
		e = keel_desk_messages(
			a->c->store, c->number, a->ask.behind, true, show_message, t);
	keel_json_close(j, ']');
	if (t->more)
		keel_json_uint(j, "behind", t->last);
	return e;
}

void console_on_case(struct console_act *a)
{
	struct keel_wr w;
	struct told t = { .j = console_json(a->c, &w) };
	struct keel_desk_case c;
	char number[KEEL_DESK_NUMBER_LEN + 1];
	take_number(a, number);
	enum keel_err e = keel_desk_case_find(a->c->store, number, &c);
	keel_json_open(&t.j, NULL, '{');
	if (e == KEEL_OK)
		e = show_whole(a, &c, &t);
	keel_json_close(&t.j, '}');
	if (e == KEEL_OK)
		console_reply(a->call, &w, NULL);
	else
		refuse_case(a->call, e);
}

void console_on_case_piece(struct console_act *a)
{
	static uint8_t buf[KEEL_DESK_PIECE_MAX]; /* one thread answers */
	struct keel_wr w;
	struct keel_json j = console_json(a->c, &w);
	struct keel_bytes sealed = { 0 };
	char number[KEEL_DESK_NUMBER_LEN + 1];
	take_number(a, number);
	enum keel_err e =
		keel_desk_piece_get(a->c->store, number, a->ask.file, a->ask.piece, buf, &sealed);
	keel_json_open(&j, NULL, '{');
	keel_json_base64(&j, "sealed", sealed);
	keel_json_close(&j, '}');
	if (e == KEEL_OK)
		console_reply(a->call, &w, NULL);
	else
		refuse_case(a->call, e);
}

/* --- what the desk does --- */

static void not_done(struct console_job *j, enum keel_err e)
{
	refuse_case(j->call, e);
}

static void say(struct console_act *a, enum keel_desk_from from)
{
	if (a->ask.sealed.n == 0) {
		console_refuse_err(a->call, KEEL_EFORM);
		return;
	}
	struct console_job *j = console_job_new(a, console_done);
	struct keel_desk_say *s = &j->job.say;
	j->failed = not_done;
	take_number(a, j->number);
	s->who = j->op.name;
	s->now_s = a->now_s;
	s->from = from;
	s->number = j->number;
	s->sealed = (struct keel_bytes){ j->sealed, j->sealed_n };
	keel_desk_say(a->c->store, s);
}

void console_on_case_answer(struct console_act *a)
{
	say(a, KEEL_DESK_FROM_DESK);
}

void console_on_case_note(struct console_act *a)
{
	say(a, KEEL_DESK_NOTE);
}

void console_on_case_state(struct console_act *a)
{
	unsigned to = 0;
	while (to < KEEL_DESK_STATES && !keel_bytes_is(a->ask.state, keel_desk_state_word(to)))
		to++;
	if (to == KEEL_DESK_STATES) {
		console_refuse_err(a->call, KEEL_EFORM);
		return;
	}
	struct console_job *j = console_job_new(a, console_done);
	struct keel_desk_turn *turn = &j->job.turn;
	j->failed = not_done;
	take_number(a, j->number);
	turn->who = j->op.name;
	turn->now_s = a->now_s;
	turn->number = j->number;
	turn->to = (enum keel_desk_state)to;
	keel_desk_turn(a->c->store, turn);
}

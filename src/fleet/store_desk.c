/* Cases, their messages and files. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/break.h"
#include "fleet/db.h"
#include "fleet/desk.h"

#define NEVER INT64_MAX /* a due date that no case reaches: it sorts last */

const char *keel_desk_state_word(uint64_t state)
{
	static const char *const words[KEEL_DESK_STATES] = {
		[KEEL_DESK_NEW] = "new",
		[KEEL_DESK_ACKNOWLEDGED] = "acknowledged",
		[KEEL_DESK_CONFIRMED] = "confirmed",
		[KEEL_DESK_FIXED] = "fixed",
		[KEEL_DESK_CLOSED] = "closed",
	};
	return state < KEEL_DESK_STATES ? words[state] : "unknown";
}

/* What a job knows of the case that it changes. */
struct found {
	int64_t row;
	struct keel_desk_case c;
};

/* --- reading a case --- */

static enum keel_err read_case(sqlite3_stmt *q, struct found *out)
{
	struct found f = { .row = sqlite3_column_int64(q, 0) };
	struct keel_desk_case *c = &f.c;
	int64_t due = sqlite3_column_int64(q, 8);
	fleet_column_text(q, 1, c->number, sizeof(c->number));
	fleet_column_text(q, 2, c->model, sizeof(c->model));
	c->state = (uint64_t)sqlite3_column_int64(q, 3);
	c->created_s = sqlite3_column_int64(q, 4);
	c->acknowledged_s = sqlite3_column_int64(q, 5);
	c->told_s = sqlite3_column_int64(q, 6);
	c->heard_s = sqlite3_column_int64(q, 7);
	c->due_s = due == NEVER ? 0 : due;
	enum keel_err e = fleet_column_copy(q, 9, c->kid.b, sizeof(c->kid.b));
	if (e == KEEL_OK)
		e = fleet_column_copy(q, 10, c->token.b, sizeof(c->token.b));
	c->messages = (uint64_t)sqlite3_column_int64(q, 11);
	c->file_bytes = (uint64_t)sqlite3_column_int64(q, 12);
	c->acknowledge_s = sqlite3_column_int64(q, 13);
	c->status_s = sqlite3_column_int64(q, 14);
	struct keel_bytes opening = fleet_column(q, 15);
	if (e == KEEL_OK && opening.n > sizeof(c->opening))
		e = KEEL_EFORM;
	if (e != KEEL_OK)
		return e;
	c->opening_n = opening.n;
	memcpy(c->opening, opening.p != NULL ? opening.p : c->opening, opening.n);
	*out = f;
	return e;
}

/* By its number, or by the digest of its token. */
static enum keel_err find(
	struct fleet_db *db, const char *number, const struct keel_digest *token, struct found *out)
{
	sqlite3_stmt *q =
		fleet_stmt(db, number != NULL ? FLEET_CASE_BY_NUMBER : FLEET_CASE_BY_TOKEN);
	if (number != NULL)
		fleet_bind_text(q, 1, keel_text(number));
	else
		fleet_bind_bytes(q, 1, KEEL_VIEW(token->b));
	enum keel_err e = fleet_step(q);
	if (e == KEEL_OK)
		e = read_case(q, out);
	(void)sqlite3_reset(q);
	return e;
}

static enum keel_err show(struct keel_fleet_store *s, const char *number,
	const struct keel_digest *token, struct keel_desk_case *out)
{
	struct found f;
	enum keel_err e = find(&s->read, number, token, &f);
	if (e == KEEL_OK)
		*out = f.c;
	return e;
}

enum keel_err keel_desk_case_by_token(
	struct keel_fleet_store *s, const struct keel_digest *token, struct keel_desk_case *out)
{
	return show(s, NULL, token, out);
}

enum keel_err keel_desk_case_find(
	struct keel_fleet_store *s, const char *number, struct keel_desk_case *out)
{
	return show(s, number, NULL, out);
}

enum keel_err keel_desk_cases(struct keel_fleet_store *s, const struct keel_desk_case *after,
	bool (*each)(void *self, const struct keel_desk_case *row), void *self)
{
	sqlite3_stmt *q = fleet_stmt(&s->read, FLEET_CASE_ALL);
	struct found f;
	enum keel_err e;
	bool more = true;
	static const struct keel_desk_case first = { 0 };
	if (after == NULL)
		after = &first;
	fleet_bind_int(q, 1, after->due_s == 0 ? INT64_MAX : after->due_s);
	fleet_bind_int(q, 2, after->created_s);
	fleet_bind_text(q, 3, keel_text(after->number));
	while (more && (e = fleet_step(q)) == KEEL_OK) {
		e = read_case(q, &f);
		if (e != KEEL_OK)
			break;
		more = each(self, &f.c);
	}
	(void)sqlite3_reset(q);
	return !more || e == KEEL_ENONE ? KEEL_OK : e;
}

/* --- clocks --- */

/*
 * EN 303 645 5.2-1: what the maker promised: an acknowledgement, then a status every so often until
 * the case is resolved. Somebody who writes to a resolved case is owed an answer, too.
 */
static int64_t due_of(const struct found *f)
{
	const struct keel_desk_case *c = &f->c;
	if (c->acknowledged_s == 0)
		return c->created_s + c->acknowledge_s;
	if (c->state < KEEL_DESK_FIXED)
		return c->told_s + c->status_s;
	return c->heard_s > c->told_s ? c->heard_s + c->status_s : NEVER;
}

static enum keel_err put_case(struct keel_fleet_store *s, const struct found *f)
{
	sqlite3_stmt *q = fleet_stmt(&s->write, FLEET_CASE_PUT);
	fleet_bind_int(q, 1, f->row);
	fleet_bind_int(q, 2, (int64_t)f->c.state);
	fleet_bind_int(q, 3, f->c.acknowledged_s);
	fleet_bind_int(q, 4, f->c.told_s);
	fleet_bind_int(q, 5, f->c.heard_s);
	fleet_bind_int(q, 6, due_of(f));
	fleet_bind_int(q, 7, (int64_t)f->c.messages);
	fleet_bind_int(q, 8, (int64_t)f->c.file_bytes);
	return fleet_run(q);
}

/* The desk said something that the reporter sees. */
static void tell(struct found *f, int64_t now_s)
{
	f->c.told_s = now_s;
	if (f->c.acknowledged_s == 0)
		f->c.acknowledged_s = now_s;
	if (f->c.state == KEEL_DESK_NEW)
		f->c.state = KEEL_DESK_ACKNOWLEDGED;
}

/* --- a report comes in --- */

/* Random, so that a number tells nobody how many there were. Without letters that look like others. */
static void number_of(int64_t now_s, char out[KEEL_DESK_NUMBER_LEN + 1])
{
	static const char letters[33] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
	time_t t = (time_t)now_s;
	struct tm day;
	uint8_t r[4];
	keel_random(r, sizeof(r));
	(void)gmtime_r(&t, &day);
	(void)snprintf(out, KEEL_DESK_NUMBER_LEN + 1, "%04u-%c%c%c%c",
		(unsigned)(1900 + day.tm_year) % 10000, letters[r[0] % 32], letters[r[1] % 32],
		letters[r[2] % 32], letters[r[3] % 32]);
}

static enum keel_err add_message(struct keel_fleet_store *s, int64_t row, uint64_t number,
	enum keel_desk_from from, int64_t now_s, struct keel_bytes sealed)
{
	sqlite3_stmt *q = fleet_stmt(&s->write, FLEET_MESSAGE_ADD);
	fleet_bind_int(q, 1, row);
	fleet_bind_int(q, 2, (int64_t)number);
	fleet_bind_int(q, 3, from);
	fleet_bind_int(q, 4, now_s);
	fleet_bind_bytes(q, 5, sealed);
	return fleet_run(q);
}

static enum keel_err add_mail(
	struct keel_fleet_store *s, const char *number, bool first, int64_t now_s)
{
	sqlite3_stmt *q = fleet_stmt(&s->write, FLEET_MAIL_ADD);
	fleet_bind_text(q, 1, keel_text(number));
	fleet_bind_int(q, 2, first);
	fleet_bind_int(q, 3, now_s);
	return fleet_run(q);
}

static enum keel_err add_case(struct keel_fleet_store *s, struct keel_desk_open *j)
{
	sqlite3_stmt *q = fleet_stmt(&s->write, FLEET_CASE_ADD);
	number_of(j->now_s, j->number);
	fleet_bind_text(q, 1, keel_text(j->number));
	fleet_bind_bytes(q, 2, KEEL_VIEW(j->token.b));
	fleet_bind_text(q, 3, j->model);
	fleet_bind_int(q, 4, j->now_s);
	fleet_bind_bytes(q, 5, KEEL_VIEW(j->kid.b));
	fleet_bind_bytes(q, 6, j->opening);
	fleet_bind_int(q, 7, j->acknowledge_s);
	fleet_bind_int(q, 8, j->status_s);
	fleet_bind_int(q, 9, j->now_s + j->acknowledge_s);
	enum keel_err e = fleet_run(q);
	if (e != KEEL_OK)
		return e;
	return sqlite3_changes(s->write.db) == 1 ? KEEL_OK : KEEL_ESTATE; /* the number is taken */
}

static enum keel_err last_message(
	struct keel_fleet_store *s, const struct found *f, uint64_t number, struct keel_bytes is)
{
	sqlite3_stmt *q = fleet_stmt(&s->write, FLEET_MESSAGE_GET);
	fleet_bind_int(q, 1, f->row);
	fleet_bind_int(q, 2, (int64_t)number);
	enum keel_err e = fleet_step(q);
	if (e == KEEL_OK && !keel_bytes_equal(fleet_column(q, 0), is))
		e = KEEL_ESTATE;
	(void)sqlite3_reset(q);
	return e;
}

/* The answer was lost on its way, and the reporter's page asks again. */
static enum keel_err open_again(
	struct keel_fleet_store *s, struct keel_desk_open *j, const struct found *f)
{
	enum keel_err e = last_message(s, f, 1, j->message);
	if (e == KEEL_OK)
		memcpy(j->number, f->c.number, sizeof(j->number));
	return e == KEEL_ENONE ? KEEL_EFORM : e;
}

static enum keel_err open_case(struct keel_fleet_store *s, struct keel_fleet_write *w)
{
	struct keel_desk_open *j = (struct keel_desk_open *)w;
	struct found f;
	enum keel_err e = find(&s->write, NULL, &j->token, &f);
	if (e != KEEL_ENONE)
		return e == KEEL_OK ? open_again(s, j, &f) : e;
	e = fleet_desk_key_there(s, &j->kid);
	if (e != KEEL_OK)
		return e;
	if (keel_broken("report-unkept")) {
		number_of(j->now_s, j->number);
		return KEEL_OK;
	}
	/* A million numbers a year: eight wrong ones in a row are no chance. */
	e = KEEL_ESTATE;
	for (int tries = 0; e == KEEL_ESTATE && tries < 8; tries++)
		e = add_case(s, j);
	int64_t row = sqlite3_last_insert_rowid(s->write.db);
	if (e == KEEL_OK)
		e = add_message(s, row, 1, KEEL_DESK_FROM_REPORTER, j->now_s, j->message);
	if (e == KEEL_OK && j->mail)
		e = add_mail(s, j->number, true, j->now_s);
	/* So that nobody moves the clock's beginning afterwards. */
	return e == KEEL_OK ? fleet_audit_add(s, j->now_s, "reporter", "case.open", j->number) : e;
}

void keel_desk_open(struct keel_fleet_store *s, struct keel_desk_open *j)
{
	fleet_submit(s, &j->write, open_case);
}

/* --- what is said --- */

static enum keel_err note_said(
	struct keel_fleet_store *s, const struct keel_desk_say *j, const struct found *f)
{
	if (j->from == KEEL_DESK_FROM_REPORTER)
		return j->mail ? add_mail(s, f->c.number, false, j->now_s) : KEEL_OK;
	return fleet_audit_add(s, j->now_s, j->who,
		j->from == KEEL_DESK_NOTE ? "case.note" : "case.answer", f->c.number);
}

static enum keel_err say(struct keel_fleet_store *s, struct keel_fleet_write *w)
{
	struct keel_desk_say *j = (struct keel_desk_say *)w;
	struct found f;
	enum keel_err e = find(&s->write, j->number, &j->token, &f);
	if (e != KEEL_OK)
		return e;
	j->said = f.c.messages;
	if (j->from == KEEL_DESK_FROM_DESK && keel_broken("answer-lost"))
		return KEEL_OK;
	e = last_message(s, &f, f.c.messages, j->sealed);
	if (e != KEEL_ESTATE)
		return e;
	if (f.c.messages >= (j->from == KEEL_DESK_FROM_REPORTER ? KEEL_DESK_REPORTER_MAX
								: KEEL_DESK_MESSAGES_MAX))
		return KEEL_EFULL;
	j->said = ++f.c.messages;
	if (j->from == KEEL_DESK_FROM_REPORTER)
		f.c.heard_s = j->now_s;
	else if (j->from == KEEL_DESK_FROM_DESK)
		tell(&f, j->now_s);
	e = add_message(s, f.row, j->said, j->from, j->now_s, j->sealed);
	if (e == KEEL_OK)
		e = put_case(s, &f);
	return e == KEEL_OK ? note_said(s, j, &f) : e;
}

void keel_desk_say(struct keel_fleet_store *s, struct keel_desk_say *j)
{
	fleet_submit(s, &j->write, say);
}

static enum keel_err turn(struct keel_fleet_store *s, struct keel_fleet_write *w)
{
	struct keel_desk_turn *j = (struct keel_desk_turn *)w;
	char detail[KEEL_FLEET_DETAIL_MAX];
	struct found f;
	enum keel_err e = find(&s->write, j->number, NULL, &f);
	if (e != KEEL_OK)
		return e;
	if (j->to == KEEL_DESK_NEW || j->to >= KEEL_DESK_STATES || f.c.state == j->to)
		return KEEL_ESTATE;
	tell(&f, j->now_s);
	f.c.state = j->to;
	(void)snprintf(detail, sizeof(detail), "%s %s", f.c.number, keel_desk_state_word(j->to));
	e = put_case(s, &f);
	return e == KEEL_OK ? fleet_audit_add(s, j->now_s, j->who, "case.state", detail) : e;
}

void keel_desk_turn(struct keel_fleet_store *s, struct keel_desk_turn *j)
{
	fleet_submit(s, &j->write, turn);
}

enum keel_err keel_desk_messages(struct keel_fleet_store *s, const char *number, uint64_t after,
	bool notes, bool (*each)(void *self, const struct keel_desk_message *row), void *self)
{
	sqlite3_stmt *q = fleet_stmt(&s->read, FLEET_MESSAGE_ALL);
	enum keel_err e;
	bool more = true;
	fleet_bind_text(q, 1, keel_text(number));
	fleet_bind_int(q, 2, (int64_t)after);
	fleet_bind_int(q, 3, notes ? KEEL_DESK_NOTE : KEEL_DESK_FROM_DESK);
	while (more && (e = fleet_step(q)) == KEEL_OK) {
		const struct keel_desk_message row = {
			.number = (uint64_t)sqlite3_column_int64(q, 0),
			.from = (uint64_t)sqlite3_column_int64(q, 1),
			.came_s = sqlite3_column_int64(q, 2),
			.sealed = fleet_column(q, 3),
		};
		more = each(self, &row);
	}
	(void)sqlite3_reset(q);
	return !more || e == KEEL_ENONE ? KEEL_OK : e;
}

/* --- files --- */

static enum keel_err same_piece(
	struct keel_fleet_store *s, int64_t row, const struct keel_desk_piece *j)
{
	sqlite3_stmt *q = fleet_stmt(&s->write, FLEET_PIECE_SAME);
	fleet_bind_int(q, 1, row);
	fleet_bind_int(q, 2, (int64_t)j->file);
	fleet_bind_int(q, 3, (int64_t)j->piece);
	enum keel_err e = fleet_step(q);
	if (e == KEEL_OK && !keel_bytes_equal(fleet_column(q, 0), j->sealed))
		e = KEEL_ESTATE;
	(void)sqlite3_reset(q);
	return e;
}

static enum keel_err room_for(struct keel_fleet_store *s, size_t n)
{
	sqlite3_stmt *q = fleet_stmt(&s->write, FLEET_FILES_BYTES);
	enum keel_err e = fleet_step(q);
	if (e != KEEL_OK)
		return e;
	int64_t all = sqlite3_column_int64(q, 0);
	(void)sqlite3_reset(q);
	return all + (int64_t)n <= KEEL_DESK_ALL_FILES ? KEEL_OK : KEEL_EFULL;
}

static enum keel_err add_piece(struct keel_fleet_store *s, struct keel_fleet_write *w)
{
	struct keel_desk_piece *j = (struct keel_desk_piece *)w;
	struct found f;
	enum keel_err e = find(&s->write, NULL, &j->token, &f);
	if (e == KEEL_OK)
		e = same_piece(s, f.row, j);
	else
		return e;
	if (e != KEEL_ENONE)
		return e;
	f.c.file_bytes += j->sealed.n;
	e = f.c.file_bytes <= KEEL_DESK_CASE_FILES ? room_for(s, j->sealed.n) : KEEL_EFULL;
	if (e != KEEL_OK)
		return e;
	sqlite3_stmt *q = fleet_stmt(&s->write, FLEET_PIECE_ADD);
	fleet_bind_int(q, 1, f.row);
	fleet_bind_int(q, 2, (int64_t)j->file);
	fleet_bind_int(q, 3, (int64_t)j->piece);
	fleet_bind_bytes(q, 4, j->sealed);
	e = fleet_run(q);
	return e == KEEL_OK ? put_case(s, &f) : e;
}

enum keel_err keel_desk_piece_get(struct keel_fleet_store *s, const char *number, uint64_t file,
	uint64_t piece, uint8_t buf[KEEL_DESK_PIECE_MAX], struct keel_bytes *out)
{
	sqlite3_stmt *q = fleet_stmt(&s->read, FLEET_PIECE_GET);
	fleet_bind_text(q, 1, keel_text(number));
	fleet_bind_int(q, 2, (int64_t)file);
	fleet_bind_int(q, 3, (int64_t)piece);
	enum keel_err e = fleet_step(q);
	struct keel_bytes sealed = e == KEEL_OK ? fleet_column(q, 0) : (struct keel_bytes){ 0 };
	if (e == KEEL_OK && (sealed.n == 0 || sealed.n > KEEL_DESK_PIECE_MAX))
		e = KEEL_EFORM;
	if (e == KEEL_OK) {
		memcpy(buf, sealed.p, sealed.n);
		*out = (struct keel_bytes){ buf, sealed.n };
	}
	(void)sqlite3_reset(q);
	return e;
}

enum keel_err keel_desk_files(struct keel_fleet_store *s, const char *number,
	void (*each)(void *self, uint64_t file, uint64_t pieces, uint64_t bytes), void *self)
{
	sqlite3_stmt *q = fleet_stmt(&s->read, FLEET_FILE_ALL);
	enum keel_err e;
	fleet_bind_text(q, 1, keel_text(number));
	while ((e = fleet_step(q)) == KEEL_OK)
		each(self, (uint64_t)sqlite3_column_int64(q, 0),
			(uint64_t)sqlite3_column_int64(q, 1), (uint64_t)sqlite3_column_int64(q, 2));
	return e == KEEL_ENONE ? KEEL_OK : e;
}

void keel_desk_piece(struct keel_fleet_store *s, struct keel_desk_piece *j)
{
	fleet_submit(s, &j->write, add_piece);
}

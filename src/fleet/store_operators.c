#include <stdio.h>
#include <string.h>

#include "core/break.h"
#include "core/cbor_head.h"
#include "fleet/db.h"
#include "fleet/operators.h"

#define OPERATOR_COLUMNS 8

static enum keel_err read_operator(sqlite3_stmt *q, struct keel_fleet_operator *out)
{
	struct keel_bytes id = fleet_column(q, 2);
	*out = (struct keel_fleet_operator){ .row = sqlite3_column_int64(q, 0),
		.passkey = { .id_n = id.n, .count = (uint32_t)sqlite3_column_int64(q, 4) },
		.added_s = sqlite3_column_int64(q, 5),
		.seen_s = sqlite3_column_int64(q, 6),
		.removed_s = sqlite3_column_int64(q, 7) };
	if (id.n == 0 || id.n > sizeof(out->passkey.id))
		return KEEL_EFORM;
	memcpy(out->passkey.id, id.p, id.n);
	fleet_column_text(q, 1, out->name, sizeof(out->name));
	return fleet_column_copy(q, 3, out->passkey.key.xy, sizeof(out->passkey.key.xy));
}

static enum keel_err find_operator(sqlite3_stmt *q, struct keel_fleet_operator *out)
{
	struct keel_fleet_operator op;
	enum keel_err e = fleet_step(q);
	if (e != KEEL_OK)
		return e;
	e = read_operator(q, &op);
	(void)sqlite3_reset(q);
	if (e == KEEL_OK)
		*out = op;
	return e;
}

static enum keel_err by_name(
	struct keel_fleet_store *s, const char *name, struct keel_fleet_operator *out)
{
	sqlite3_stmt *q = fleet_stmt(&s->write, FLEET_OPERATOR_BY_NAME);
	fleet_bind_text(q, 1, keel_text(name));
	return find_operator(q, out);
}

/* A statement with a blob and a time, which every table here is looked at or trimmed by. */
static sqlite3_stmt *bound(
	struct fleet_db *d, enum fleet_stmt which, struct keel_bytes blob, int64_t time_s)
{
	sqlite3_stmt *q = fleet_stmt(d, which);
	fleet_bind_bytes(q, 1, blob);
	if (sqlite3_bind_parameter_count(q) > 1)
		fleet_bind_int(q, 2, time_s);
	return q;
}

/* The audit log's own words for who acts: no person may be taken for one. */
static bool is_taken(struct keel_bytes name)
{
	return keel_bytes_is(name, "service") || keel_bytes_is(name, "reporter") ||
	       (name.n >= 4 && memcmp(name.p, "cli:", 4) == 0);
}

bool keel_fleet_operator_name_fits(struct keel_bytes name)
{
	return !is_taken(name) && name.n > 0 && name.n <= KEEL_FLEET_OPERATOR_MAX &&
	       keel_utf8_check(name, true) == KEEL_OK;
}

/* --- links --- */

static enum keel_err invite(struct keel_fleet_store *s, struct keel_fleet_write *w)
{
	const struct keel_fleet_invite *j = (const struct keel_fleet_invite *)w;
	struct keel_fleet_operator op;
	enum keel_err e = by_name(s, j->name, &op);
	if (e != KEEL_ENONE)
		return e == KEEL_OK ? KEEL_ESTATE : e;
	sqlite3_stmt *q = fleet_stmt(&s->write, FLEET_INVITE_ADD);
	fleet_bind_bytes(q, 1, KEEL_VIEW(j->secret.b));
	fleet_bind_text(q, 2, keel_text(j->name));
	fleet_bind_int(q, 3, j->now_s + KEEL_INVITATION_S);
	e = fleet_run(q);
	return e == KEEL_OK ? fleet_audit_add(s, j->now_s, j->who, "operator.invite", j->name) : e;
}

void keel_fleet_invite(struct keel_fleet_store *s, struct keel_fleet_invite *j)
{
	fleet_submit(s, &j->write, invite);
}

static enum keel_err find_invitation(struct fleet_db *d, const struct keel_digest *secret,
	int64_t now_s, char name[KEEL_FLEET_OPERATOR_MAX + 1])
{
	sqlite3_stmt *q = bound(d, FLEET_INVITE_FIND, KEEL_VIEW(secret->b), now_s);
	enum keel_err e = fleet_step(q);
	if (e != KEEL_OK)
		return e;
	fleet_column_text(q, 0, name, KEEL_FLEET_OPERATOR_MAX + 1);
	(void)sqlite3_reset(q);
	return KEEL_OK;
}

enum keel_err keel_fleet_invitation_find(struct keel_fleet_store *s,
	const struct keel_digest *secret, int64_t now_s, char name[KEEL_FLEET_OPERATOR_MAX + 1])
{
	return find_invitation(&s->read, secret, now_s, name);
}

/* --- coming in --- */

/* What is over goes at each entry, so that neither table grows. */
static enum keel_err trim(struct keel_fleet_store *s, int64_t now_s)
{
	static const enum fleet_stmt all[] = { FLEET_CHALLENGE_TRIM, FLEET_SIGNED_IN_TRIM };
	enum keel_err e = KEEL_OK;
	for (size_t i = 0; e == KEEL_OK && i < KEEL_COUNT(all); i++) {
		sqlite3_stmt *q = fleet_stmt(&s->write, all[i]);
		fleet_bind_int(q, 1, now_s);
		e = fleet_run(q);
	}
	return e;
}

/* A challenge that is over by its own time needs no place here: nobody takes it any more. */
static enum keel_err use_challenge(struct keel_fleet_store *s, const struct keel_fleet_entry *n)
{
	enum keel_err e = fleet_run(
		bound(&s->write, FLEET_CHALLENGE_ADD, n->challenge, n->challenge_until_s));
	return e == KEEL_OK && sqlite3_changes(s->write.db) == 0 ? KEEL_ESTALE : e;
}

static enum keel_err begin_session(struct keel_fleet_store *s, int64_t operator, int64_t now_s,
	const struct keel_digest *cookie)
{
	sqlite3_stmt *q = fleet_stmt(&s->write, FLEET_SIGNED_IN_ADD);
	fleet_bind_bytes(q, 1, KEEL_VIEW(cookie->b));
	fleet_bind_int(q, 2, operator);
	fleet_bind_int(q, 3, now_s + KEEL_SIGNED_IN_IDLE_S);
	fleet_bind_int(q, 4, now_s + KEEL_SIGNED_IN_S);
	return fleet_run(q);
}

/* The link's name holds, where it has one. */
static enum keel_err use_link(struct keel_fleet_store *s, const struct keel_fleet_operator_add *j)
{
	char name[KEEL_FLEET_OPERATOR_MAX + 1];
	enum keel_err e = find_invitation(&s->write, &j->secret, j->now_s, name);
	if (e != KEEL_OK)
		return e;
	if (name[0] != '\0' && strcmp(name, j->name) != 0)
		return KEEL_ENONE;
	if (keel_broken("link-reusable"))
		return KEEL_OK;
	return fleet_run(bound(&s->write, FLEET_INVITE_DROP, KEEL_VIEW(j->secret.b), 0));
}

static enum keel_err put_operator(
	struct keel_fleet_store *s, const struct keel_fleet_operator_add *j)
{
	const struct keel_passkey *k = j->passkey;
	sqlite3_stmt *q = fleet_stmt(&s->write, FLEET_OPERATOR_ADD);
	fleet_bind_text(q, 1, keel_text(j->name));
	fleet_bind_bytes(q, 2, (struct keel_bytes){ k->id, k->id_n });
	fleet_bind_bytes(q, 3, KEEL_VIEW(k->key.xy));
	fleet_bind_int(q, 4, k->count);
	fleet_bind_int(q, 5, j->now_s);
	enum keel_err e = fleet_run(q);
	return e == KEEL_OK && sqlite3_changes(s->write.db) == 0 ? KEEL_ESTATE : e;
}

static enum keel_err add_operator(struct keel_fleet_store *s, struct keel_fleet_write *w)
{
	const struct keel_fleet_operator_add *j = (const struct keel_fleet_operator_add *)w;
	enum keel_err e = trim(s, j->now_s);
	if (e == KEEL_OK)
		e = use_link(s, j);
	if (e == KEEL_OK)
		e = use_challenge(s, &j->entry);
	if (e == KEEL_OK)
		e = put_operator(s, j);
	int64_t row = sqlite3_last_insert_rowid(s->write.db);
	if (e == KEEL_OK)
		e = begin_session(s, row, j->now_s, &j->entry.cookie);
	if (e == KEEL_OK)
		e = fleet_audit_add(s, j->now_s, j->name, "operator.add", j->name);
	return e;
}

void keel_fleet_operator_add(struct keel_fleet_store *s, struct keel_fleet_operator_add *j)
{
	fleet_submit(s, &j->write, add_operator);
}

enum keel_err keel_fleet_operator_by_passkey(
	struct keel_fleet_store *s, struct keel_bytes id, struct keel_fleet_operator *out)
{
	return find_operator(bound(&s->read, FLEET_OPERATOR_BY_KEY, id, 0), out);
}

/* One of the two that count is not the operator's, and nobody knows which: the others have to see it. */
static enum keel_err refuse_copy(struct keel_fleet_store *s, struct keel_fleet_sign_in *j)
{
	struct keel_fleet_operator op;
	enum keel_err e = find_operator(
		bound(&s->write, FLEET_OPERATOR_BY_KEY,
			(struct keel_bytes){ j->op->passkey.id, j->op->passkey.id_n }, 0),
		&op);
	if (e != KEEL_OK)
		return e == KEEL_ENONE ? KEEL_EAUTH : e;
	j->copied = true;
	return fleet_audit_add(s, j->now_s, j->op->name, "operator.copied-passkey", "");
}

static enum keel_err sign_in(struct keel_fleet_store *s, struct keel_fleet_write *w)
{
	struct keel_fleet_sign_in *j = (struct keel_fleet_sign_in *)w;
	j->copied = false;
	enum keel_err e = trim(s, j->now_s);
	if (e == KEEL_OK)
		e = use_challenge(s, &j->entry);
	if (e != KEEL_OK)
		return e;
	sqlite3_stmt *q = fleet_stmt(&s->write, FLEET_OPERATOR_SEEN);
	fleet_bind_int(q, 1, j->op->row);
	fleet_bind_int(q, 2, j->count);
	fleet_bind_int(q, 3, j->now_s);
	e = fleet_run(q);
	if (e == KEEL_OK && sqlite3_changes(s->write.db) == 0)
		return refuse_copy(s, j);
	if (e == KEEL_OK)
		e = begin_session(s, j->op->row, j->now_s, &j->entry.cookie);
	return e == KEEL_OK ? fleet_audit_add(s, j->now_s, j->op->name, "operator.sign-in", "") : e;
}

void keel_fleet_sign_in(struct keel_fleet_store *s, struct keel_fleet_sign_in *j)
{
	fleet_submit(s, &j->write, sign_in);
}

/* --- being in --- */

enum keel_err keel_fleet_signed_in(struct keel_fleet_store *s, const struct keel_digest *cookie,
	int64_t now_s, struct keel_fleet_operator *out, int64_t *idle_s)
{
	struct keel_fleet_operator op;
	sqlite3_stmt *q = bound(&s->read, FLEET_SIGNED_IN_FIND, KEEL_VIEW(cookie->b), now_s);
	enum keel_err e = fleet_step(q);
	if (e != KEEL_OK)
		return e;
	int64_t idle = sqlite3_column_int64(q, OPERATOR_COLUMNS);
	e = read_operator(q, &op);
	(void)sqlite3_reset(q);
	if (e != KEEL_OK)
		return e;
	*out = op;
	*idle_s = idle;
	return KEEL_OK;
}

static enum keel_err stay(struct keel_fleet_store *s, struct keel_fleet_write *w)
{
	const struct keel_fleet_cookie *j = (const struct keel_fleet_cookie *)w;
	return fleet_run(bound(&s->write, FLEET_SIGNED_IN_STAY, KEEL_VIEW(j->cookie.b),
		j->now_s + KEEL_SIGNED_IN_IDLE_S));
}

void keel_fleet_stay(struct keel_fleet_store *s, struct keel_fleet_cookie *j)
{
	fleet_submit(s, &j->write, stay);
}

static enum keel_err sign_out(struct keel_fleet_store *s, struct keel_fleet_write *w)
{
	const struct keel_fleet_cookie *j = (const struct keel_fleet_cookie *)w;
	enum keel_err e =
		fleet_run(bound(&s->write, FLEET_SIGNED_IN_DROP, KEEL_VIEW(j->cookie.b), 0));
	if (e != KEEL_OK || sqlite3_changes(s->write.db) == 0)
		return e;
	return fleet_audit_add(s, j->now_s, j->who, "operator.sign-out", "");
}

void keel_fleet_sign_out(struct keel_fleet_store *s, struct keel_fleet_cookie *j)
{
	fleet_submit(s, &j->write, sign_out);
}

/* --- all of them --- */

enum keel_err keel_fleet_operators(struct keel_fleet_store *s,
	void (*each)(void *self, const struct keel_fleet_operator *op), void *self)
{
	sqlite3_stmt *q = fleet_stmt(&s->read, FLEET_OPERATOR_ALL);
	enum keel_err e;
	while ((e = fleet_step(q)) == KEEL_OK) {
		struct keel_fleet_operator op;
		e = read_operator(q, &op);
		if (e != KEEL_OK)
			break;
		each(self, &op);
	}
	(void)sqlite3_reset(q);
	return e == KEEL_ENONE ? KEEL_OK : e;
}

static enum keel_err count_in(struct fleet_db *d, uint64_t *out)
{
	sqlite3_stmt *q = fleet_stmt(d, FLEET_OPERATOR_COUNT);
	enum keel_err e = fleet_step(q);
	if (e == KEEL_OK)
		*out = (uint64_t)sqlite3_column_int64(q, 0);
	(void)sqlite3_reset(q);
	return e;
}

enum keel_err keel_fleet_operators_count(struct keel_fleet_store *s, uint64_t *out)
{
	return count_in(&s->read, out);
}

static enum keel_err remove_operator(struct keel_fleet_store *s, struct keel_fleet_write *w)
{
	const struct keel_fleet_operator_remove *j = (const struct keel_fleet_operator_remove *)w;
	struct keel_fleet_operator op;
	uint64_t count = 0;
	enum keel_err e = by_name(s, j->name, &op);
	if (e == KEEL_OK)
		e = count_in(&s->write, &count);
	if (e == KEEL_OK && count < 2)
		e = KEEL_ESTATE;
	if (e != KEEL_OK)
		return e;
	sqlite3_stmt *q = fleet_stmt(&s->write, FLEET_OPERATOR_REMOVE);
	fleet_bind_int(q, 1, op.row);
	fleet_bind_int(q, 2, j->now_s);
	e = fleet_run(q);
	if (e != KEEL_OK)
		return e;
	q = fleet_stmt(&s->write, FLEET_SIGNED_IN_DROP_OF);
	fleet_bind_int(q, 1, op.row);
	e = fleet_run(q);
	/* Nobody knows which of the links that wait they made: whoever is still wanted is invited anew. */
	if (e == KEEL_OK)
		e = fleet_run(fleet_stmt(&s->write, FLEET_INVITE_DROP_ALL));
	if (e == KEEL_OK)
		e = fleet_reader_forget(s, j->name);
	return e == KEEL_OK ? fleet_audit_add(s, j->now_s, j->who, "operator.remove", j->name) : e;
}

void keel_fleet_operator_remove(struct keel_fleet_store *s, struct keel_fleet_operator_remove *j)
{
	fleet_submit(s, &j->write, remove_operator);
}

/* The desk's keys, who reads by which, and mail that waits. */
#include <stdio.h>
#include <string.h>

#include "fleet/db.h"
#include "fleet/desk.h"

/* --- readers --- */

static enum keel_err put_reader(struct keel_fleet_store *s, struct keel_fleet_write *w)
{
	struct keel_desk_reader_put *j = (struct keel_desk_reader_put *)w;
	sqlite3_stmt *q = fleet_stmt(&s->write, FLEET_COPY_FORGET);
	fleet_bind_text(q, 1, keel_text(j->who));
	enum keel_err e = fleet_run(q);
	if (e != KEEL_OK)
		return e;
	q = fleet_stmt(&s->write, FLEET_READER_PUT);
	fleet_bind_text(q, 1, keel_text(j->who));
	fleet_bind_bytes(q, 2, KEEL_VIEW(j->pub.xy));
	fleet_bind_bytes(q, 3, j->wrapped);
	fleet_bind_text(q, 4, keel_text(j->how));
	fleet_bind_int(q, 5, j->now_s);
	e = fleet_run(q);
	return e == KEEL_OK ? fleet_audit_add(s, j->now_s, j->who, "desk.reader", j->how) : e;
}

/* Who is no operator any more is given nothing; who comes by the same name is somebody else. */
enum keel_err fleet_reader_forget(struct keel_fleet_store *s, const char *operator)
{
	static const enum fleet_stmt all[] = { FLEET_COPY_FORGET, FLEET_READER_FORGET };
	enum keel_err e = KEEL_OK;
	for (size_t i = 0; e == KEEL_OK && i < KEEL_COUNT(all); i++) {
		sqlite3_stmt *q = fleet_stmt(&s->write, all[i]);
		fleet_bind_text(q, 1, keel_text(operator));
		e = fleet_run(q);
	}
	return e;
}

void keel_desk_reader_put(struct keel_fleet_store *s, struct keel_desk_reader_put *j)
{
	fleet_submit(s, &j->write, put_reader);
}

enum keel_err keel_desk_readers(struct keel_fleet_store *s,
	void (*each)(void *self, const struct keel_desk_reader *row), void *self)
{
	sqlite3_stmt *q = fleet_stmt(&s->read, FLEET_READER_ALL);
	enum keel_err e;
	while ((e = fleet_step(q)) == KEEL_OK) {
		struct keel_desk_reader row = { .wrapped = fleet_column(q, 2),
			.made_s = sqlite3_column_int64(q, 4),
			.reads = sqlite3_column_int64(q, 5) != 0 };
		fleet_column_text(q, 0, row.operator, sizeof(row.operator));
		fleet_column_text(q, 3, row.how, sizeof(row.how));
		e = fleet_column_copy(q, 1, row.pub.xy, sizeof(row.pub.xy));
		if (e != KEEL_OK)
			break;
		each(self, &row);
	}
	(void)sqlite3_reset(q);
	return e == KEEL_ENONE ? KEEL_OK : e;
}

/* --- the desk's keys --- */

static struct keel_digest kid_of(const struct keel_p256_pub *pub)
{
	const struct keel_bytes xy = KEEL_VIEW(pub->xy);
	struct keel_digest kid;
	keel_sha256(&xy, 1, &kid);
	return kid;
}

static enum keel_err there(struct keel_fleet_store *s, enum fleet_stmt which, struct keel_bytes key)
{
	sqlite3_stmt *q = fleet_stmt(&s->write, which);
	fleet_bind_bytes(q, 1, key);
	enum keel_err e = fleet_step(q);
	(void)sqlite3_reset(q);
	return e;
}

enum keel_err fleet_desk_key_there(struct keel_fleet_store *s, const struct keel_digest *kid)
{
	return there(s, FLEET_DESK_KEY_THERE, KEEL_VIEW(kid->b));
}

static enum keel_err add_copy(
	struct keel_fleet_store *s, const struct keel_digest *kid, const struct keel_desk_copy *c)
{
	sqlite3_stmt *q = fleet_stmt(&s->write, FLEET_READER_THERE);
	fleet_bind_text(q, 1, keel_text(c->operator));
	enum keel_err e = fleet_step(q);
	(void)sqlite3_reset(q);
	if (e != KEEL_OK)
		return e;
	q = fleet_stmt(&s->write, FLEET_COPY_PUT);
	fleet_bind_bytes(q, 1, KEEL_VIEW(kid->b));
	fleet_bind_text(q, 2, keel_text(c->operator));
	fleet_bind_bytes(q, 3, c->sealed);
	return fleet_run(q);
}

static enum keel_err add_key(struct keel_fleet_store *s, struct keel_fleet_write *w)
{
	struct keel_desk_key_add *j = (struct keel_desk_key_add *)w;
	const struct keel_digest kid = kid_of(&j->pub);
	sqlite3_stmt *q = fleet_stmt(&s->write, FLEET_DESK_KEY_ADD);
	if (j->count == 0)
		return KEEL_ERANGE;
	fleet_bind_bytes(q, 1, KEEL_VIEW(kid.b));
	fleet_bind_bytes(q, 2, KEEL_VIEW(j->pub.xy));
	fleet_bind_int(q, 3, j->now_s);
	enum keel_err e = fleet_run(q);
	if (e == KEEL_OK && sqlite3_changes(s->write.db) == 0)
		e = KEEL_ESTATE;
	for (size_t i = 0; e == KEEL_OK && i < j->count; i++)
		e = add_copy(s, &kid, &j->copies[i]);
	return e == KEEL_OK ? fleet_audit_add(s, j->now_s, j->who, "desk.key", "") : e;
}

void keel_desk_key_add(struct keel_fleet_store *s, struct keel_desk_key_add *j)
{
	fleet_submit(s, &j->write, add_key);
}

static enum keel_err put_copy(struct keel_fleet_store *s, struct keel_fleet_write *w)
{
	struct keel_desk_copy_put *j = (struct keel_desk_copy_put *)w;
	enum keel_err e = fleet_desk_key_there(s, &j->kid);
	if (e == KEEL_OK)
		e = add_copy(s, &j->kid, &j->copy);
	return e == KEEL_OK ? fleet_audit_add(s, j->now_s, j->who, "desk.copy", j->copy.operator)
			    : e;
}

void keel_desk_copy_put(struct keel_fleet_store *s, struct keel_desk_copy_put *j)
{
	fleet_submit(s, &j->write, put_copy);
}

enum keel_err keel_desk_key_now(
	struct keel_fleet_store *s, struct keel_p256_pub *out, int64_t *made_s)
{
	sqlite3_stmt *q = fleet_stmt(&s->read, FLEET_DESK_KEY_NOW);
	enum keel_err e = fleet_step(q);
	if (e != KEEL_OK)
		return e;
	*made_s = sqlite3_column_int64(q, 1);
	e = fleet_column_copy(q, 0, out->xy, sizeof(out->xy));
	(void)sqlite3_reset(q);
	return e;
}

enum keel_err keel_desk_copies(struct keel_fleet_store *s, const char *operator,
	void (*each)(void *self, const struct keel_p256_pub *desk, int64_t made_s,
		struct keel_bytes sealed),
	void *self)
{
	sqlite3_stmt *q = fleet_stmt(&s->read, FLEET_COPY_ALL);
	enum keel_err e;
	fleet_bind_text(q, 1, keel_text(operator));
	while ((e = fleet_step(q)) == KEEL_OK) {
		struct keel_p256_pub pub;
		e = fleet_column_copy(q, 0, pub.xy, sizeof(pub.xy));
		if (e != KEEL_OK)
			break;
		each(self, &pub, sqlite3_column_int64(q, 1), fleet_column(q, 2));
	}
	(void)sqlite3_reset(q);
	return e == KEEL_ENONE ? KEEL_OK : e;
}

/* --- mail --- */

enum keel_err keel_desk_mail_next(
	struct keel_fleet_store *s, int64_t now_s, struct keel_desk_mail *out)
{
	sqlite3_stmt *q = fleet_stmt(&s->read, FLEET_MAIL_NEXT);
	fleet_bind_int(q, 1, now_s);
	enum keel_err e = fleet_step(q);
	if (e != KEEL_OK)
		return e;
	*out = (struct keel_desk_mail){ .row = sqlite3_column_int64(q, 0),
		.first = sqlite3_column_int64(q, 2) != 0,
		.tries = (uint64_t)sqlite3_column_int64(q, 3) };
	fleet_column_text(q, 1, out->number, sizeof(out->number));
	(void)sqlite3_reset(q);
	return KEEL_OK;
}

static enum keel_err mailed(struct keel_fleet_store *s, struct keel_fleet_write *w)
{
	struct keel_desk_mailed *j = (struct keel_desk_mailed *)w;
	sqlite3_stmt *q =
		fleet_stmt(&s->write, j->again_s != 0 ? FLEET_MAIL_AGAIN : FLEET_MAIL_GONE);
	fleet_bind_int(q, 1, j->row);
	if (j->again_s != 0)
		fleet_bind_int(q, 2, j->again_s);
	return fleet_run(q);
}

void keel_desk_mailed(struct keel_fleet_store *s, struct keel_desk_mailed *j)
{
	fleet_submit(s, &j->write, mailed);
}

/* The home of a unit: what its last session said, and when it was heard. */
#include <string.h>

#include "fleet/db.h"

const char *keel_fleet_decision_word(uint64_t decision)
{
	static const char *const words[] = { [KEEL_FLEET_ACCEPTED] = "accepted",
		[KEEL_FLEET_FLAGGED] = "flagged",
		[KEEL_FLEET_QUARANTINED] = "quarantined" };
	return decision < KEEL_COUNT(words) ? words[decision] : "unknown";
}

enum keel_err fleet_home_read(sqlite3_stmt *q, int at, struct keel_fleet_home *out)
{
	struct keel_bytes home = fleet_column(q, at);
	struct keel_bytes owners = fleet_column(q, at + 1);
	if (home.n > sizeof(out->home) || owners.n > sizeof(out->owners))
		return KEEL_EFORM;
	*out = (struct keel_fleet_home){ .home_n = home.n,
		.owners_n = owners.n,
		.owners_number = (uint64_t)sqlite3_column_int64(q, at + 2),
		.taken = (uint64_t)sqlite3_column_int64(q, at + 3),
		.dropped = (uint64_t)sqlite3_column_int64(q, at + 4),
		.heard_s = sqlite3_column_int64(q, at + 5),
		.next_s = sqlite3_column_int64(q, at + 6),
		.decision = (uint64_t)sqlite3_column_int64(q, at + 7),
		.quoted = sqlite3_column_int64(q, at + 12) != 0 };
	if (home.n > 0)
		memcpy(out->home, home.p, home.n);
	if (owners.n > 0)
		memcpy(out->owners, owners.p, owners.n);
	fleet_column_text(q, at + 8, out->reasons, sizeof(out->reasons));
	fleet_column_text(q, at + 9, out->version, sizeof(out->version));
	enum keel_err e = fleet_column_copy(q, at + 10, out->product.b, sizeof(out->product.b));
	return e == KEEL_OK ? fleet_column_copy(q, at + 11, out->token, sizeof(out->token)) : e;
}

static enum keel_err find(
	struct fleet_db *d, const uint8_t id[KEEL_DEVICE_ID_LEN], struct keel_fleet_home *out)
{
	sqlite3_stmt *q = fleet_stmt(d, FLEET_HOME_FIND);
	fleet_bind_bytes(q, 1, (struct keel_bytes){ id, KEEL_DEVICE_ID_LEN });
	enum keel_err e = fleet_step(q);
	if (e != KEEL_OK)
		return e;
	e = fleet_home_read(q, 0, out);
	(void)sqlite3_reset(q);
	return e;
}

enum keel_err keel_fleet_home_find(struct keel_fleet_store *s, const uint8_t id[KEEL_DEVICE_ID_LEN],
	struct keel_fleet_home *out)
{
	return find(&s->read, id, out);
}

enum keel_err keel_fleet_standing(struct keel_fleet_store *s, const uint8_t id[KEEL_DEVICE_ID_LEN],
	struct keel_bytes home, uint64_t *decision)
{
	sqlite3_stmt *q = fleet_stmt(&s->read, FLEET_HOME_OF);
	fleet_bind_bytes(q, 1, (struct keel_bytes){ id, KEEL_DEVICE_ID_LEN });
	enum keel_err e = fleet_step(q);
	if (e != KEEL_OK)
		return e;
	if (sqlite3_column_type(q, 2) == SQLITE_NULL)
		e = KEEL_ENONE;
	else if (sqlite3_column_int64(q, 1) != 0)
		e = KEEL_ERIGHT;
	else if (!keel_bytes_equal(fleet_column(q, 2), home))
		e = KEEL_ESTATE;
	else
		*decision = (uint64_t)sqlite3_column_int64(q, 4);
	(void)sqlite3_reset(q);
	return e;
}

/* A home may have years of reports: so many a job, and nobody's commit waits long. */
static enum keel_err forget_reports(struct keel_fleet_store *s, int64_t unit, bool *more)
{
	sqlite3_stmt *q = fleet_stmt(&s->write, FLEET_FORGET_REPORTS);
	fleet_bind_int(q, 1, unit);
	fleet_bind_int(q, 2, KEEL_FLEET_RETAIN_MAX);
	enum keel_err e = fleet_run(q);
	*more = e == KEEL_OK && sqlite3_changes(s->write.db) == KEEL_FLEET_RETAIN_MAX;
	return e;
}

/* EN 303 645 5.11-1: who buys a device used finds nothing of who sold it. */
static enum keel_err forget(struct keel_fleet_store *s, int64_t unit, bool *more)
{
	static const enum fleet_stmt all[] = { FLEET_FORGET_ODDITIES, FLEET_FORGET_DECISIONS,
		FLEET_FORGET_INBOX };
	enum keel_err e = forget_reports(s, unit, more);
	for (size_t i = 0; e == KEEL_OK && i < KEEL_COUNT(all); i++) {
		sqlite3_stmt *q = fleet_stmt(&s->write, all[i]);
		fleet_bind_int(q, 1, unit);
		e = fleet_run(q);
	}
	return e;
}

static enum keel_err put(struct keel_fleet_store *s, int64_t unit,
	const struct keel_fleet_session *j, uint64_t dropped)
{
	sqlite3_stmt *q = fleet_stmt(&s->write, FLEET_HOME_PUT);
	fleet_bind_int(q, 1, unit);
	fleet_bind_bytes(q, 2, j->home);
	fleet_bind_bytes(q, 3, j->owners);
	fleet_bind_int(q, 4, (int64_t)j->owners_number);
	fleet_bind_int(q, 5, (int64_t)j->taken);
	fleet_bind_int(q, 6, (int64_t)dropped);
	fleet_bind_int(q, 7, j->now_s);
	fleet_bind_int(q, 8, j->next_s);
	fleet_bind_int(q, 9, (int64_t)j->decision);
	fleet_bind_text(q, 10, keel_text(j->reasons));
	fleet_bind_text(q, 11, j->version);
	fleet_bind_bytes(q, 12, KEEL_VIEW(j->product.b));
	fleet_bind_bytes(q, 13, KEEL_VIEW(j->token));
	fleet_bind_int(q, 14, j->quoted);
	return fleet_run(q);
}

static enum keel_err keep_decision(
	struct keel_fleet_store *s, int64_t unit, const struct keel_fleet_session *j)
{
	sqlite3_stmt *q = fleet_stmt(&s->write, FLEET_DECISION_ADD);
	fleet_bind_int(q, 1, unit);
	fleet_bind_int(q, 2, j->now_s);
	fleet_bind_int(q, 3, (int64_t)j->decision);
	fleet_bind_text(q, 4, keel_text(j->reasons));
	fleet_bind_bytes(q, 5, j->statement);
	fleet_bind_bytes(q, 6, KEEL_VIEW(j->token));
	fleet_bind_int(q, 7, j->quoted);
	enum keel_err e = fleet_run(q);
	if (e != KEEL_OK)
		return e;
	/* One that changes its mind at every session fills no disk. */
	q = fleet_stmt(&s->write, FLEET_DECISION_TRIM);
	fleet_bind_int(q, 1, unit);
	fleet_bind_int(q, 2, KEEL_FLEET_DECISIONS_MAX);
	return fleet_run(q);
}

/* A list that an owner was removed from is not set back by an older one. */
static bool is_older(const struct keel_fleet_home *h, const struct keel_fleet_session *j)
{
	return h->owners_n > 0 && (j->owners.n == 0 || j->owners_number < h->owners_number);
}

/* A session every quarter of an hour, and a decision that stays: it is kept once. */
static bool is_decided(const struct keel_fleet_home *h, const struct keel_fleet_session *j)
{
	return h->decision == j->decision && h->quoted == j->quoted &&
	       strcmp(h->reasons, j->reasons) == 0;
}

static enum keel_err open_session(struct keel_fleet_store *s, struct keel_fleet_write *w)
{
	struct keel_fleet_session *j = (struct keel_fleet_session *)w;
	struct keel_fleet_home before;
	int64_t unit;
	enum keel_err e = fleet_unit_row(s, j->id, &unit);
	if (e != KEEL_OK)
		return e;
	e = find(&s->write, j->id, &before);
	if (e != KEEL_OK && e != KEEL_ENONE)
		return e;
	bool known = e == KEEL_OK;
	bool same = known &&
		    keel_bytes_equal(j->home, (struct keel_bytes){ before.home, before.home_n });
	if (same && is_older(&before, j))
		return KEEL_ESTALE;
	j->more = false;
	e = known && !same ? forget(s, unit, &j->more) : KEEL_OK;
	if (e != KEEL_OK || j->more)
		return e; /* the home is the old one until nothing of it is left */
	j->taken = same ? before.taken : 0;
	/* What a device in quarantine says it runs is not what it had: a second try would be no step back. */
	if (known && j->decision == KEEL_FLEET_QUARANTINED)
		j->version = keel_text(before.version);
	e = put(s, unit, j, same ? before.dropped : 0);
	if (e == KEEL_OK && !(same && is_decided(&before, j)))
		e = keep_decision(s, unit, j);
	return e;
}

void keel_fleet_session(struct keel_fleet_store *s, struct keel_fleet_session *j)
{
	fleet_submit(s, &j->write, open_session);
}

static enum keel_err hear(struct keel_fleet_store *s, struct keel_fleet_write *w)
{
	const struct keel_fleet_heard *j = (const struct keel_fleet_heard *)w;
	enum keel_err e = KEEL_OK;
	for (size_t i = 0; e == KEEL_OK && i < j->count; i++) {
		sqlite3_stmt *q = fleet_stmt(&s->write, FLEET_HOME_HEARD);
		fleet_bind_bytes(q, 1, KEEL_VIEW(j->all[i].id));
		fleet_bind_int(q, 2, j->all[i].heard_s);
		fleet_bind_int(q, 3, j->all[i].next_s);
		e = fleet_run(q);
	}
	return e;
}

void keel_fleet_heard(struct keel_fleet_store *s, struct keel_fleet_heard *j)
{
	fleet_submit(s, &j->write, hear);
}

/* What waits for devices. */
#include "fleet/db.h"
#include "fleet/inbox.h"

/*
 * Numbers go on by the clock as well, in millionths of a second: a backup that is brought back knows
 * lower ones than devices have taken since.
 */
static enum keel_err last_number(struct keel_fleet_store *s, int64_t now_s, int64_t *out)
{
	sqlite3_stmt *q = fleet_stmt(&s->write, FLEET_INBOX_BASE);
	fleet_bind_int(q, 1, now_s * 1000000);
	enum keel_err e = fleet_step(q);
	if (e != KEEL_OK)
		return e;
	*out = sqlite3_column_int64(q, 0);
	(void)sqlite3_reset(q);
	return KEEL_OK;
}

static enum keel_err put(struct keel_fleet_store *s, const struct keel_fleet_tell *j, int64_t base)
{
	sqlite3_stmt *q = fleet_stmt(&s->write, FLEET_INBOX_PUT);
	fleet_bind_int(q, 1, base);
	fleet_bind_int(q, 2, (int64_t)j->kind);
	fleet_bind_int(q, 3, (int64_t)j->about);
	fleet_bind_bytes(q, 4, j->payload);
	fleet_bind_int(q, 5, j->after);
	fleet_bind_text(q, 6, keel_text(j->to));
	fleet_bind_int(q, 7, KEEL_FLEET_TELL_MAX);
	return fleet_run(q);
}

/* How far it came: units are told in the order of their rows. */
static enum keel_err reach(struct keel_fleet_store *s, int64_t base, size_t *count, int64_t *unit)
{
	sqlite3_stmt *q = fleet_stmt(&s->write, FLEET_INBOX_REACH);
	fleet_bind_int(q, 1, base);
	enum keel_err e = fleet_step(q);
	if (e != KEEL_OK)
		return e;
	*count = (size_t)sqlite3_column_int64(q, 0);
	*unit = sqlite3_column_int64(q, 1);
	(void)sqlite3_reset(q);
	return KEEL_OK;
}

static enum keel_err nobody(struct keel_fleet_store *s, const struct keel_fleet_tell *j)
{
	sqlite3_stmt *q = fleet_stmt(&s->write, FLEET_UNIT_NAMED);
	fleet_bind_text(q, 1, keel_text(j->to));
	enum keel_err e = fleet_step(q);
	(void)sqlite3_reset(q);
	return e == KEEL_OK ? KEEL_ESTATE : e;
}

static enum keel_err tell(struct keel_fleet_store *s, struct keel_fleet_write *w)
{
	struct keel_fleet_tell *j = (struct keel_fleet_tell *)w;
	bool first = j->after == 0;
	size_t count = 0;
	int64_t base = 0;
	int64_t unit = 0;
	enum keel_err e = last_number(s, j->now_s, &base);
	if (e == KEEL_OK)
		e = put(s, j, base);
	if (e == KEEL_OK)
		e = reach(s, base, &count, &unit);
	if (e == KEEL_OK && count == 0 && first)
		e = nobody(s, j);
	if (e == KEEL_OK && first)
		e = fleet_audit_add(s, j->now_s, j->who, j->action, j->detail);
	if (e != KEEL_OK)
		return e;
	j->told += count;
	j->more = count == KEEL_FLEET_TELL_MAX;
	j->after = count > 0 ? unit : j->after;
	return KEEL_OK;
}

void keel_fleet_tell(struct keel_fleet_store *s, struct keel_fleet_tell *j)
{
	fleet_submit(s, &j->write, tell);
}

enum keel_err keel_fleet_inbox(struct keel_fleet_store *s, const uint8_t id[KEEL_DEVICE_ID_LEN],
	struct keel_bytes home, bool (*each)(void *self, const struct keel_fleet_item *item),
	void *self)
{
	sqlite3_stmt *q = fleet_stmt(&s->read, FLEET_INBOX_OF);
	enum keel_err e;
	fleet_bind_bytes(q, 1, (struct keel_bytes){ id, KEEL_DEVICE_ID_LEN });
	fleet_bind_bytes(q, 2, home);
	fleet_bind_int(q, 3, KEEL_FLEET_QUARANTINED);
	while ((e = fleet_step(q)) == KEEL_OK) {
		const struct keel_fleet_item item = { .number =
							      (uint64_t)sqlite3_column_int64(q, 0),
			.kind = (uint64_t)sqlite3_column_int64(q, 1),
			.payload = fleet_column(q, 2) };
		if (!each(self, &item))
			break;
	}
	(void)sqlite3_reset(q);
	return e == KEEL_ENONE ? KEEL_OK : e;
}

static enum keel_err take(struct keel_fleet_store *s, struct keel_fleet_write *w)
{
	const struct keel_fleet_inbox_taken *j = (const struct keel_fleet_inbox_taken *)w;
	sqlite3_stmt *q = fleet_stmt(&s->write, FLEET_INBOX_TAKEN);
	fleet_bind_bytes(q, 1, KEEL_VIEW(j->id));
	fleet_bind_int(q, 2, (int64_t)j->number);
	return fleet_run(q);
}

void keel_fleet_inbox_taken(struct keel_fleet_store *s, struct keel_fleet_inbox_taken *j)
{
	fleet_submit(s, &j->write, take);
}

enum keel_err keel_fleet_inbox_news(struct keel_fleet_store *s, uint64_t *after,
	void (*each)(void *self, const uint8_t id[KEEL_DEVICE_ID_LEN]), void *self)
{
	sqlite3_stmt *q = fleet_stmt(&s->read, FLEET_INBOX_NEWS);
	uint8_t id[KEEL_DEVICE_ID_LEN];
	enum keel_err e;
	fleet_bind_int(q, 1, (int64_t)*after);
	fleet_bind_int(q, 2, KEEL_FLEET_TELL_MAX);
	while ((e = fleet_step(q)) == KEEL_OK) {
		e = fleet_column_copy(q, 1, id, sizeof(id));
		if (e != KEEL_OK)
			break;
		*after = (uint64_t)sqlite3_column_int64(q, 0);
		each(self, id);
	}
	(void)sqlite3_reset(q);
	return e == KEEL_ENONE ? KEEL_OK : e;
}

enum keel_err keel_fleet_inbox_last(struct keel_fleet_store *s, uint64_t *last)
{
	sqlite3_stmt *q = fleet_stmt(&s->read, FLEET_INBOX_LAST);
	enum keel_err e = fleet_step(q);
	if (e != KEEL_OK)
		return e;
	*last = (uint64_t)sqlite3_column_int64(q, 0);
	(void)sqlite3_reset(q);
	return KEEL_OK;
}

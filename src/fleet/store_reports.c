/* Reports, and what is odd. */
#include "fleet/db.h"

/* --- reports --- */

static enum keel_err add_report(
	struct keel_fleet_store *s, int64_t unit, int64_t now_s, const struct keel_fleet_report *r)
{
	sqlite3_stmt *q = fleet_stmt(&s->write, FLEET_REPORT_ADD);
	fleet_bind_int(q, 1, unit);
	fleet_bind_int(q, 2, (int64_t)r->number);
	fleet_bind_int(q, 3, (int64_t)r->kind);
	fleet_bind_int(q, 4, r->time_s);
	fleet_bind_int(q, 5, now_s);
	fleet_bind_int(q, 6, r->until_s);
	fleet_bind_bytes(q, 7, r->payload);
	return fleet_run(q);
}

static enum keel_err add_oddity(
	struct keel_fleet_store *s, int64_t unit, int64_t now_s, const char *word)
{
	sqlite3_stmt *q = fleet_stmt(&s->write, FLEET_ODDITY_ADD);
	fleet_bind_int(q, 1, unit);
	fleet_bind_text(q, 2, keel_text(word));
	fleet_bind_int(q, 3, now_s);
	return fleet_run(q);
}

/* The unit's home, where it is the one that the reports are of. One statement: this is what comes often. */
static enum keel_err home_of(struct keel_fleet_store *s, const struct keel_fleet_reports *j,
	int64_t *unit, uint64_t *taken)
{
	sqlite3_stmt *q = fleet_stmt(&s->write, FLEET_HOME_OF);
	fleet_bind_bytes(q, 1, KEEL_VIEW(j->id));
	enum keel_err e = fleet_step(q);
	if (e != KEEL_OK)
		return e;
	if (sqlite3_column_int64(q, 1) != 0)
		e = KEEL_ERIGHT;
	else if (sqlite3_column_type(q, 2) == SQLITE_NULL ||
		 !keel_bytes_equal(fleet_column(q, 2), j->home) ||
		 sqlite3_column_int64(q, 4) == KEEL_FLEET_QUARANTINED)
		e = KEEL_ESTATE;
	*unit = sqlite3_column_int64(q, 0);
	*taken = (uint64_t)sqlite3_column_int64(q, 3);
	(void)sqlite3_reset(q);
	return e;
}

static enum keel_err note_taken(struct keel_fleet_store *s, int64_t unit,
	const struct keel_fleet_reports *j, uint64_t taken)
{
	sqlite3_stmt *q = fleet_stmt(&s->write, FLEET_HOME_TAKEN);
	fleet_bind_int(q, 1, unit);
	fleet_bind_int(q, 2, (int64_t)taken);
	fleet_bind_int(q, 3, (int64_t)j->dropped);
	fleet_bind_int(q, 4, j->now_s);
	fleet_bind_int(q, 5, j->next_s);
	return fleet_run(q);
}

static enum keel_err take_reports(struct keel_fleet_store *s, struct keel_fleet_write *w)
{
	struct keel_fleet_reports *j = (struct keel_fleet_reports *)w;
	int64_t unit;
	uint64_t taken;
	enum keel_err e = home_of(s, j, &unit, &taken);
	for (size_t i = 0; e == KEEL_OK && i < j->count; i++) {
		const struct keel_fleet_report *r = &j->items[i];
		if (r->number <= taken)
			continue;
		taken = r->number;
		e = r->refused == NULL ? add_report(s, unit, j->now_s, r)
				       : add_oddity(s, unit, j->now_s, r->refused);
	}
	if (e == KEEL_OK)
		e = note_taken(s, unit, j, taken);
	if (e == KEEL_OK)
		j->taken = taken;
	return e;
}

void keel_fleet_reports(struct keel_fleet_store *s, struct keel_fleet_reports *j)
{
	fleet_submit(s, &j->write, take_reports);
}

enum keel_err keel_fleet_reports_of(struct keel_fleet_store *s,
	const uint8_t id[KEEL_DEVICE_ID_LEN], uint64_t after,
	bool (*each)(void *self, const struct keel_fleet_report_row *row), void *self)
{
	sqlite3_stmt *q = fleet_stmt(&s->read, FLEET_REPORT_ALL);
	enum keel_err e;
	fleet_bind_bytes(q, 1, (struct keel_bytes){ id, KEEL_DEVICE_ID_LEN });
	fleet_bind_int(q, 2, (int64_t)after);
	while ((e = fleet_step(q)) == KEEL_OK) {
		const struct keel_fleet_report_row row = {
			.number = (uint64_t)sqlite3_column_int64(q, 0),
			.kind = (uint64_t)sqlite3_column_int64(q, 1),
			.time_s = sqlite3_column_int64(q, 2),
			.came_s = sqlite3_column_int64(q, 3),
			.payload = fleet_column(q, 4),
		};
		if (!each(self, &row))
			break;
	}
	(void)sqlite3_reset(q);
	return e == KEEL_ENONE ? KEEL_OK : e;
}

/* --- what is odd --- */

static enum keel_err note_stranger(struct keel_fleet_store *s, struct keel_fleet_write *w)
{
	const struct keel_fleet_stranger *j = (const struct keel_fleet_stranger *)w;
	sqlite3_stmt *q = fleet_stmt(&s->write, FLEET_STRANGER_ADD);
	fleet_bind_bytes(q, 1, KEEL_VIEW(j->id));
	fleet_bind_text(q, 2, keel_text(j->why));
	fleet_bind_text(q, 3, j->serial);
	fleet_bind_int(q, 4, j->now_s);
	enum keel_err e = fleet_run(q);
	if (e != KEEL_OK)
		return e;
	q = fleet_stmt(&s->write, FLEET_STRANGER_TRIM);
	fleet_bind_int(q, 1, KEEL_FLEET_STRANGERS);
	return fleet_run(q);
}

void keel_fleet_stranger(struct keel_fleet_store *s, struct keel_fleet_stranger *j)
{
	fleet_submit(s, &j->write, note_stranger);
}

enum keel_err keel_fleet_odd(struct keel_fleet_store *s,
	void (*each)(void *self, const struct keel_fleet_odd_row *row), void *self)
{
	sqlite3_stmt *q = fleet_stmt(&s->read, FLEET_ODD_ALL);
	enum keel_err e;
	while ((e = fleet_step(q)) == KEEL_OK) {
		char serial[KEEL_FLEET_SERIAL_MAX + 1];
		char word[KEEL_FLEET_WORD_MAX + 1];
		struct keel_fleet_odd_row row = { .serial = serial,
			.word = word,
			.count = (uint64_t)sqlite3_column_int64(q, 3),
			.first_s = sqlite3_column_int64(q, 4),
			.last_s = sqlite3_column_int64(q, 5) };
		fleet_column_text(q, 1, serial, sizeof(serial));
		fleet_column_text(q, 2, word, sizeof(word));
		e = fleet_column_copy(q, 0, row.id, sizeof(row.id));
		if (e != KEEL_OK)
			break;
		each(self, &row);
	}
	(void)sqlite3_reset(q);
	return e == KEEL_ENONE ? KEEL_OK : e;
}

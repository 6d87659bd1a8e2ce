#include "fleet/db.h"
#include "fleet/lists.h"

#define TEXT_MAX 256

/* A step's end: the end of the list, or where a page is full, is none of an error. */
static enum keel_err over(sqlite3_stmt *q, enum keel_err e)
{
	(void)sqlite3_reset(q);
	return e == KEEL_ENONE ? KEEL_OK : e;
}

enum keel_err keel_fleet_decisions_of(struct keel_fleet_store *s,
	const uint8_t id[KEEL_DEVICE_ID_LEN],
	bool (*each)(void *self, const struct keel_fleet_decision_row *row), void *self)
{
	sqlite3_stmt *q = fleet_stmt(&s->read, FLEET_DECISION_ALL);
	enum keel_err e;
	fleet_bind_bytes(q, 1, (struct keel_bytes){ id, KEEL_DEVICE_ID_LEN });
	while ((e = fleet_step(q)) == KEEL_OK) {
		char reasons[KEEL_FLEET_DETAIL_MAX + 1];
		fleet_column_text(q, 2, reasons, sizeof(reasons));
		const struct keel_fleet_decision_row row = { .time_s = sqlite3_column_int64(q, 0),
			.decision = (uint64_t)sqlite3_column_int64(q, 1),
			.reasons = reasons,
			.token = fleet_column(q, 3),
			.quoted = sqlite3_column_int64(q, 4) != 0 };
		if (!each(self, &row))
			break;
	}
	return over(q, e);
}

/* number, kind, time, came, payload from a column on. */
static struct keel_fleet_report_row report_at(sqlite3_stmt *q, int at)
{
	return (struct keel_fleet_report_row){
		.number = (uint64_t)sqlite3_column_int64(q, at),
		.kind = (uint64_t)sqlite3_column_int64(q, at + 1),
		.time_s = sqlite3_column_int64(q, at + 2),
		.came_s = sqlite3_column_int64(q, at + 3),
		.payload = fleet_column(q, at + 4),
	};
}

enum keel_err keel_fleet_reports_before(struct keel_fleet_store *s,
	const uint8_t id[KEEL_DEVICE_ID_LEN], uint64_t kind, int64_t before,
	bool (*each)(void *self, const struct keel_fleet_report_row *row), void *self)
{
	sqlite3_stmt *q = fleet_stmt(&s->read, FLEET_REPORT_BEFORE);
	enum keel_err e;
	fleet_bind_bytes(q, 1, (struct keel_bytes){ id, KEEL_DEVICE_ID_LEN });
	fleet_bind_int(q, 2, before);
	fleet_bind_int(q, 3, (int64_t)kind);
	while ((e = fleet_step(q)) == KEEL_OK) {
		const struct keel_fleet_report_row row = report_at(q, 0);
		if (!each(self, &row))
			break;
	}
	return over(q, e);
}

enum keel_err keel_fleet_events(struct keel_fleet_store *s, int64_t before,
	bool (*each)(void *self, const struct keel_fleet_event_row *row), void *self)
{
	sqlite3_stmt *q = fleet_stmt(&s->read, FLEET_EVENT_ALL);
	enum keel_err e;
	fleet_bind_int(q, 1, before);
	while ((e = fleet_step(q)) == KEEL_OK) {
		char serial[KEEL_FLEET_SERIAL_MAX + 1];
		struct keel_fleet_event_row row = { .place = sqlite3_column_int64(q, 0),
			.serial = serial,
			.report = report_at(q, 3) };
		fleet_column_text(q, 2, serial, sizeof(serial));
		e = fleet_column_copy(q, 1, row.id, sizeof(row.id));
		if (e != KEEL_OK || !each(self, &row))
			break;
	}
	return over(q, e);
}

enum keel_err keel_fleet_odd_of(struct keel_fleet_store *s, const uint8_t id[KEEL_DEVICE_ID_LEN],
	bool (*each)(void *self, const struct keel_fleet_odd_row *row), void *self)
{
	sqlite3_stmt *q = fleet_stmt(&s->read, FLEET_ODD_OF);
	enum keel_err e;
	fleet_bind_bytes(q, 1, (struct keel_bytes){ id, KEEL_DEVICE_ID_LEN });
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
		if (e != KEEL_OK || !each(self, &row))
			break;
	}
	return over(q, e);
}

enum keel_err keel_fleet_audit_before(struct keel_fleet_store *s, int64_t before,
	bool (*each)(void *self, const struct keel_fleet_audit_row *row), void *self)
{
	sqlite3_stmt *q = fleet_stmt(&s->read, FLEET_AUDIT_BEFORE);
	enum keel_err e;
	fleet_bind_int(q, 1, before);
	while ((e = fleet_step(q)) == KEEL_OK) {
		char who[TEXT_MAX];
		char action[TEXT_MAX];
		char detail[TEXT_MAX];
		struct keel_fleet_audit_row row = { .number = (uint64_t)sqlite3_column_int64(q, 0),
			.time_s = sqlite3_column_int64(q, 1),
			.who = who,
			.action = action,
			.detail = detail };
		fleet_column_text(q, 2, who, sizeof(who));
		fleet_column_text(q, 3, action, sizeof(action));
		fleet_column_text(q, 4, detail, sizeof(detail));
		e = fleet_column_copy(q, 5, row.hash.b, sizeof(row.hash.b));
		if (e != KEEL_OK || !each(self, &row))
			break;
	}
	return over(q, e);
}

/*
 * What has had its time goes: reports as the declaration says, resolved cases as config.yaml does, and what
 * ended by itself. Each job does a bounded part, so that nobody's commit waits long. EN 303 645 6-4, 5.11-1.
 */
#include "fleet/db.h"
#include "fleet/desk.h"

#define PIECES_MAX 100 /* of a file, 60 kB each and wiped as they go */

static enum keel_err run_for(
	struct keel_fleet_store *s, enum fleet_stmt which, int64_t value, int64_t limit)
{
	sqlite3_stmt *q = fleet_stmt(&s->write, which);
	fleet_bind_int(q, 1, value);
	if (limit > 0)
		fleet_bind_int(q, 2, limit);
	return fleet_run(q);
}

static enum keel_err drop_reports(struct keel_fleet_store *s, struct keel_fleet_retain *j)
{
	enum keel_err e = run_for(s, FLEET_REPORT_RETAIN, j->now_s, KEEL_FLEET_RETAIN_MAX);
	if (e == KEEL_OK)
		j->gone = (size_t)sqlite3_changes(s->write.db);
	j->more = j->gone == KEEL_FLEET_RETAIN_MAX;
	return e;
}

/* One that is resolved, and in which nobody owes anybody a word. KEEL_ENONE: there is none. */
static enum keel_err find_case(struct keel_fleet_store *s, int64_t before_s, int64_t *row,
	char number[KEEL_DESK_NUMBER_LEN + 1])
{
	sqlite3_stmt *q = fleet_stmt(&s->write, FLEET_CASE_OVER);
	fleet_bind_int(q, 1, before_s);
	fleet_bind_int(q, 2, KEEL_DESK_FIXED);
	enum keel_err e = fleet_step(q);
	if (e != KEEL_OK)
		return e;
	*row = sqlite3_column_int64(q, 0);
	fleet_column_text(q, 1, number, KEEL_DESK_NUMBER_LEN + 1);
	(void)sqlite3_reset(q);
	return KEEL_OK;
}

/* First its link leads nowhere, so that nobody goes on with what is going; its files, in parts; then what was said, and itself. */
static enum keel_err drop_case(struct keel_fleet_store *s, struct keel_fleet_retain *j)
{
	char number[KEEL_DESK_NUMBER_LEN + 1];
	int64_t row = 0;
	enum keel_err e = find_case(s, j->now_s - j->case_s, &row, number);
	if (e != KEEL_OK)
		return e == KEEL_ENONE ? KEEL_OK : e;
	j->more = true;
	e = run_for(s, FLEET_CASE_UNLINK, row, 0);
	if (e == KEEL_OK)
		e = run_for(s, FLEET_CASE_DROP_PIECES, row, PIECES_MAX);
	if (e != KEEL_OK || sqlite3_changes(s->write.db) == PIECES_MAX)
		return e;
	e = run_for(s, FLEET_CASE_DROP_MESSAGES, row, 0);
	if (e == KEEL_OK)
		e = run_for(s, FLEET_CASE_DROP_MAIL, row, 0);
	if (e == KEEL_OK)
		e = run_for(s, FLEET_CASE_DROP, row, 0);
	return e == KEEL_OK ? fleet_audit_add(s, j->now_s, "service", "case.forget", number) : e;
}

static enum keel_err retain(struct keel_fleet_store *s, struct keel_fleet_write *w)
{
	static const enum fleet_stmt ended[] = { FLEET_INVITE_TRIM, FLEET_SIGNED_IN_TRIM,
		FLEET_CHALLENGE_TRIM };
	struct keel_fleet_retain *j = (struct keel_fleet_retain *)w;
	enum keel_err e = drop_reports(s, j);
	if (e == KEEL_OK && j->case_s > 0)
		e = drop_case(s, j);
	for (size_t i = 0; e == KEEL_OK && i < KEEL_COUNT(ended); i++)
		e = run_for(s, ended[i], j->now_s, 0);
	return e;
}

void keel_fleet_retain(struct keel_fleet_store *s, struct keel_fleet_retain *j)
{
	fleet_submit(s, &j->write, retain);
}

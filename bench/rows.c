#include "rows.h"

#include "bare.h"

#define TIME_S 1795852800

void keel_rows_open(struct keel_rows *r, const char *path)
{
	*r = (struct keel_rows){ 0 };
	KEEL_MUST(sqlite3_open(path, &r->db) == SQLITE_OK);
	KEEL_MUST(sqlite3_exec(r->db,
			  "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
			  "CREATE TABLE reports(row INTEGER PRIMARY KEY, unit INTEGER NOT NULL,"
			  " number INTEGER NOT NULL, kind INTEGER NOT NULL, time INTEGER NOT NULL,"
			  " came INTEGER NOT NULL, until INTEGER NOT NULL, payload BLOB NOT NULL);"
			  "CREATE UNIQUE INDEX reports_of ON reports(unit, number);"
			  "CREATE INDEX reports_until ON reports(until);",
			  NULL, NULL, NULL) == SQLITE_OK);
	KEEL_MUST(sqlite3_prepare_v2(r->db,
			  "INSERT INTO reports(unit, number, kind, time, came, until, payload)"
			  " VALUES(?1, ?2, 0, ?3, ?3, ?3, ?4)",
			  -1, &r->insert, NULL) == SQLITE_OK);
}

void keel_rows_close(struct keel_rows *r)
{
	(void)sqlite3_finalize(r->insert);
	(void)sqlite3_close(r->db);
}

static void insert(struct keel_rows *r, unsigned unit, struct keel_bytes payload)
{
	(void)sqlite3_bind_int64(r->insert, 1, unit);
	(void)sqlite3_bind_int64(r->insert, 2, r->number);
	(void)sqlite3_bind_int64(r->insert, 3, TIME_S);
	(void)sqlite3_bind_blob(r->insert, 4, payload.p, (int)payload.n, SQLITE_STATIC);
	KEEL_MUST(sqlite3_step(r->insert) == SQLITE_DONE);
	(void)sqlite3_reset(r->insert);
}

double keel_rows_run(
	struct keel_rows *r, unsigned together, unsigned count, struct keel_bytes payload)
{
	double from = keel_now_us();
	for (unsigned i = 0; i < count; i += together) {
		KEEL_MUST(sqlite3_exec(r->db, "BEGIN IMMEDIATE", NULL, NULL, NULL) == SQLITE_OK);
		r->number++;
		for (unsigned k = 0; k < together; k++)
			insert(r, k, payload);
		KEEL_MUST(sqlite3_exec(r->db, "COMMIT", NULL, NULL, NULL) == SQLITE_OK);
	}
	return count * 1e6 / (keel_now_us() - from);
}

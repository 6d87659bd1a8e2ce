#include "fleet/schema.h"

#include <stdio.h>

#include "fleet/db.h"

#define APPLICATION                                                                                \
	0x4b65656c /* "Keel", in the file's head: another program's file is not touched */

/*
 * A step is never changed once a release has it; the next version is the next row. Each is tried on
 * a database of the version before (tests/fleet/versions).
 *
 * What belongs to a unit names it by units.row. A home is the unit's present one: it has one row.
 */
static const char *const steps[] = {
	/* 1 */
	"CREATE TABLE products(digest BLOB PRIMARY KEY, compiled BLOB NOT NULL, model TEXT NOT "
	"NULL,"
	" version TEXT NOT NULL, added INTEGER NOT NULL);"
	"CREATE TABLE measures(row INTEGER PRIMARY KEY, product BLOB NOT NULL, list BLOB NOT NULL,"
	" added INTEGER NOT NULL, UNIQUE(product, list));"
	"CREATE TABLE units(row INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE,"
	" serial TEXT NOT NULL UNIQUE, model TEXT NOT NULL, sign BLOB NOT NULL,"
	" agree BLOB NOT NULL, added INTEGER NOT NULL, revoked INTEGER NOT NULL, why TEXT NOT "
	"NULL);"
	"CREATE TABLE homes(unit INTEGER PRIMARY KEY, home BLOB NOT NULL, owners BLOB NOT NULL,"
	" owners_number INTEGER NOT NULL, taken INTEGER NOT NULL, dropped INTEGER NOT NULL,"
	" heard INTEGER NOT NULL, next INTEGER NOT NULL, decision INTEGER NOT NULL,"
	" reasons TEXT NOT NULL, version TEXT NOT NULL, product BLOB NOT NULL, token BLOB NOT "
	"NULL);"
	"CREATE TABLE decisions(row INTEGER PRIMARY KEY, unit INTEGER NOT NULL, time INTEGER NOT "
	"NULL,"
	" decision INTEGER NOT NULL, reasons TEXT NOT NULL, statement BLOB NOT NULL,"
	" token BLOB NOT NULL);"
	"CREATE INDEX decisions_of ON decisions(unit, time);"
	"CREATE TABLE reports(row INTEGER PRIMARY KEY, unit INTEGER NOT NULL,"
	" number INTEGER NOT NULL, kind INTEGER NOT NULL, time INTEGER NOT NULL,"
	" came INTEGER NOT NULL, until INTEGER NOT NULL, payload BLOB NOT NULL);"
	"CREATE UNIQUE INDEX reports_of ON reports(unit, number);"
	"CREATE INDEX reports_until ON reports(until);"
	"CREATE TABLE oddities(unit INTEGER NOT NULL, word TEXT NOT NULL, count INTEGER NOT NULL,"
	" first INTEGER NOT NULL, last INTEGER NOT NULL, PRIMARY KEY(unit, word)) WITHOUT ROWID;"
	"CREATE TABLE strangers(id BLOB NOT NULL, word TEXT NOT NULL, serial TEXT NOT NULL,"
	" count INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,"
	" PRIMARY KEY(id, word)) WITHOUT ROWID;"
	"CREATE INDEX strangers_last ON strangers(last);"
	"CREATE TABLE audit(number INTEGER PRIMARY KEY, time INTEGER NOT NULL, who TEXT NOT NULL,"
	" action TEXT NOT NULL, detail TEXT NOT NULL, hash BLOB NOT NULL);",
	/* 2: what was said about how long a model is supported, and on which day */
	"CREATE TABLE published(model TEXT NOT NULL, day INTEGER NOT NULL, until INTEGER NOT NULL,"
	" PRIMARY KEY(model, until)) WITHOUT ROWID;",
	/* 3: the desk, to which vulnerabilities are reported */
	"CREATE TABLE desk_keys(row INTEGER PRIMARY KEY, kid BLOB NOT NULL UNIQUE,"
	" point BLOB NOT NULL, made INTEGER NOT NULL);"
	"CREATE TABLE desk_readers(operator TEXT PRIMARY KEY, point BLOB NOT NULL,"
	" wrapped BLOB NOT NULL, how TEXT NOT NULL, made INTEGER NOT NULL) WITHOUT ROWID;"
	"CREATE TABLE desk_copies(kid BLOB NOT NULL, operator TEXT NOT NULL, sealed BLOB NOT NULL,"
	" PRIMARY KEY(kid, operator)) WITHOUT ROWID;"
	"CREATE TABLE cases(row INTEGER PRIMARY KEY, number TEXT NOT NULL UNIQUE,"
	" token BLOB NOT NULL UNIQUE, model TEXT NOT NULL, state INTEGER NOT NULL,"
	" created INTEGER NOT NULL, acknowledged INTEGER NOT NULL, told INTEGER NOT NULL,"
	" heard INTEGER NOT NULL, due INTEGER NOT NULL, kid BLOB NOT NULL, opening BLOB NOT NULL,"
	" messages INTEGER NOT NULL, files INTEGER NOT NULL, acknowledge INTEGER NOT NULL,"
	" status INTEGER NOT NULL);"
	"CREATE INDEX cases_due ON cases(due);"
	"CREATE TABLE case_messages(cas INTEGER NOT NULL, number INTEGER NOT NULL,"
	" whose INTEGER NOT NULL, came INTEGER NOT NULL, sealed BLOB NOT NULL,"
	" PRIMARY KEY(cas, number)) WITHOUT ROWID;"
	"CREATE TABLE case_pieces(row INTEGER PRIMARY KEY, cas INTEGER NOT NULL,"
	" file INTEGER NOT NULL, piece INTEGER NOT NULL, sealed BLOB NOT NULL,"
	" UNIQUE(cas, file, piece));"
	"CREATE TABLE mail(row INTEGER PRIMARY KEY, number TEXT NOT NULL, first INTEGER NOT NULL,"
	" next INTEGER NOT NULL, tries INTEGER NOT NULL);",
	/* 4: the console */
	"CREATE TABLE operators(row INTEGER PRIMARY KEY, name TEXT NOT NULL,"
	" credential BLOB NOT NULL UNIQUE, key BLOB NOT NULL, count INTEGER NOT NULL,"
	" added INTEGER NOT NULL, seen INTEGER NOT NULL, removed INTEGER NOT NULL);"
	"CREATE UNIQUE INDEX operators_here ON operators(name) WHERE removed = 0;"
	"CREATE TABLE invitations(secret BLOB PRIMARY KEY, name TEXT NOT NULL UNIQUE,"
	" until INTEGER NOT NULL) WITHOUT ROWID;"
	"CREATE TABLE signed_in(cookie BLOB PRIMARY KEY, operator INTEGER NOT NULL,"
	" idle INTEGER NOT NULL, until INTEGER NOT NULL) WITHOUT ROWID;"
	"CREATE TABLE challenges(challenge BLOB PRIMARY KEY, until INTEGER NOT NULL) WITHOUT ROWID;"
	"CREATE INDEX reports_events ON reports(kind) WHERE kind = 1;",
	/* 5: the grade of the evidence; until now all of it was the devices' own word. And what waits for
	   devices: a row's number is the item's, and is never given again */
	"ALTER TABLE homes ADD COLUMN quoted INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE decisions ADD COLUMN quoted INTEGER NOT NULL DEFAULT 0;"
	"CREATE TABLE inbox(row INTEGER PRIMARY KEY AUTOINCREMENT, unit INTEGER NOT NULL,"
	" kind INTEGER NOT NULL, about INTEGER NOT NULL, payload BLOB NOT NULL,"
	" UNIQUE(unit, kind, about));",
};

int keel_fleet_schema_version(void)
{
	return (int)KEEL_COUNT(steps);
}

static enum keel_err number_of(sqlite3 *db, const char *pragma, int64_t *out)
{
	sqlite3_stmt *q = NULL;
	int rc = sqlite3_prepare_v2(db, pragma, -1, &q, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_step(q);
	if (rc == SQLITE_ROW)
		*out = sqlite3_column_int64(q, 0);
	(void)sqlite3_finalize(q);
	return fleet_err(rc);
}

static enum keel_err run_steps(sqlite3 *db, int64_t from)
{
	char mark[96];
	int rc = SQLITE_OK;
	for (size_t i = (size_t)from; rc == SQLITE_OK && i < KEEL_COUNT(steps); i++)
		rc = sqlite3_exec(db, steps[i], NULL, NULL, NULL);
	(void)snprintf(mark, sizeof(mark), "PRAGMA application_id = %d; PRAGMA user_version = %d",
		APPLICATION, keel_fleet_schema_version());
	return fleet_err(rc == SQLITE_OK ? sqlite3_exec(db, mark, NULL, NULL, NULL) : rc);
}

/* A file without any table is new; one with tables has to say that they are ours. */
static enum keel_err version_of(sqlite3 *db, int64_t *version)
{
	int64_t application = 0;
	int64_t tables = 0;
	enum keel_err e = number_of(db, "PRAGMA user_version", version);
	if (e == KEEL_OK)
		e = number_of(db, "PRAGMA application_id", &application);
	if (e == KEEL_OK)
		e = number_of(db, "SELECT count(*) FROM sqlite_schema", &tables);
	if (e != KEEL_OK)
		return e;
	if (tables > 0 ? application != APPLICATION || *version < 1 : *version != 0)
		return KEEL_EFORM;
	return *version > keel_fleet_schema_version() ? KEEL_ESTATE : KEEL_OK;
}

enum keel_err keel_fleet_schema_upgrade(sqlite3 *db)
{
	int64_t version = 0;
	enum keel_err e = version_of(db, &version);
	if (e != KEEL_OK || version == keel_fleet_schema_version())
		return e;
	/* Two programs may come here at once: the second finds it done. */
	e = fleet_err(sqlite3_exec(db, "BEGIN EXCLUSIVE", NULL, NULL, NULL));
	if (e != KEEL_OK)
		return e;
	e = version_of(db, &version);
	if (e == KEEL_OK)
		e = run_steps(db, version);
	if (e == KEEL_OK)
		e = fleet_err(sqlite3_exec(db, "COMMIT", NULL, NULL, NULL));
	if (e != KEEL_OK)
		(void)sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
	return e;
}

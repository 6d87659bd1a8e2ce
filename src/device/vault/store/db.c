#include "device/vault/store/db.h"

#include <string.h>

static const char *const shape =
	"PRAGMA locking_mode = EXCLUSIVE;" /* before WAL: then no -shm and no mmap */
	"PRAGMA journal_mode = WAL;"
	"PRAGMA synchronous = FULL;"
	"PRAGMA secure_delete = ON;"
	"PRAGMA temp_store = MEMORY;"
	"PRAGMA mmap_size = 0;"
	"PRAGMA cell_size_check = ON;"
	"PRAGMA trusted_schema = OFF;"
	"CREATE TABLE IF NOT EXISTS keys(row INTEGER PRIMARY KEY, id INTEGER NOT NULL,"
	" name TEXT NOT NULL, sealed BLOB NOT NULL, born INTEGER NOT NULL, gone INTEGER NOT NULL);"
	"CREATE TABLE IF NOT EXISTS records(row INTEGER PRIMARY KEY, name TEXT NOT NULL,"
	" sealed BLOB NOT NULL, born INTEGER NOT NULL, gone INTEGER NOT NULL);"
	"CREATE TABLE IF NOT EXISTS data(row INTEGER PRIMARY KEY, key INTEGER NOT NULL,"
	" datum TEXT NOT NULL, sealed BLOB NOT NULL, born INTEGER NOT NULL, gone INTEGER NOT NULL);"
	"CREATE UNIQUE INDEX IF NOT EXISTS keys_live ON keys(id) WHERE gone = 0;"
	"CREATE UNIQUE INDEX IF NOT EXISTS records_live ON records(name) WHERE gone = 0;"
	"CREATE INDEX IF NOT EXISTS data_of ON data(key, datum);"
	"CREATE INDEX IF NOT EXISTS records_gone ON records(gone) WHERE gone != 0;"
	"CREATE INDEX IF NOT EXISTS data_gone ON data(gone) WHERE gone != 0;";

static const char *const texts[STMT_COUNT] = {
	[STMT_BEGIN] = "BEGIN IMMEDIATE",
	[STMT_COMMIT] = "COMMIT",
	[STMT_ROLLBACK] = "ROLLBACK",
	[STMT_KEY_ADD] = "INSERT INTO keys VALUES(?1, ?2, ?3, ?4, ?5, 0)",
	[STMT_KEY_MARK] = "UPDATE keys SET gone = ?1 WHERE id = ?2 AND gone = 0",
	[STMT_KEYS_LIVE] =
		"SELECT row, id, name, sealed, born FROM keys WHERE gone = 0 ORDER BY id",
	[STMT_KEYS_PROBE] =
		"SELECT row, id, name, sealed, born FROM keys WHERE id = 0 AND born = ?1",
	[STMT_RECORD_ADD] = "INSERT INTO records VALUES(?1, ?2, ?3, ?4, 0)",
	[STMT_RECORD_SET] = "UPDATE records SET sealed = ?1 WHERE row = ?2",
	[STMT_RECORD_MARK] = "UPDATE records SET gone = ?1 WHERE name = ?2 AND gone = 0",
	[STMT_RECORD_GET] = "SELECT row, name, sealed FROM records WHERE name = ?1 AND gone = 0",
	[STMT_RECORD_EACH] = "SELECT row, name, sealed FROM records WHERE name >= ?1 AND name < ?2"
			     " AND gone = 0 ORDER BY name",
	[STMT_RECORD_NEXT] = "SELECT row, name, sealed FROM records WHERE row > ?1 AND row < ?2"
			     " AND gone = 0 ORDER BY row LIMIT 1",
	[STMT_DATUM_ADD] = "INSERT INTO data VALUES(?1, ?2, ?3, ?4, ?5, 0)",
	[STMT_DATUM_MARK] = "UPDATE data SET gone = ?1 WHERE row = ?2",
	[STMT_DATUM_MARK_ALL] = "UPDATE data SET gone = ?1 WHERE key = ?2 AND datum = ?3"
				" AND gone = 0",
	[STMT_DATUM_EACH] = "SELECT row, datum, sealed FROM data WHERE key = ?1 AND row > ?2"
			    " AND datum = ?3 AND gone = 0 ORDER BY row",
	/* by rows: who reads a whole compartment comes in pages */
	[STMT_DATUM_EACH_ALL] = "SELECT row, datum, sealed FROM data NOT INDEXED WHERE key = ?1"
				" AND row > ?2 AND gone = 0 ORDER BY row",
	[STMT_PURGE_KEYS] = "DELETE FROM keys WHERE gone != 0",
	[STMT_PURGE_RECORDS] = "DELETE FROM records WHERE gone != 0",
	[STMT_PURGE_DATA] = "DELETE FROM data WHERE gone != 0",
	[STMT_PURGE_ORPHANS] = "DELETE FROM data WHERE key NOT IN (SELECT id FROM keys)",
};

enum keel_err store_err(int sqlite)
{
	switch (sqlite & 0xff) {
	case SQLITE_OK:
	case SQLITE_DONE:
	case SQLITE_ROW:
		return KEEL_OK;
	case SQLITE_ERROR: /* our SQL does not fit its tables */
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
	case SQLITE_CONSTRAINT: /* two live rows of one name: not ours */
		return KEEL_EFORM;
	case SQLITE_FULL:
		return KEEL_EFULL;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return KEEL_ESTATE; /* another process has it */
	default:
		return KEEL_EIO;
	}
}

/* A file that somebody else wrote brings no code along. */
static int disarm(sqlite3 *db)
{
	int rc = sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	return rc;
}

enum keel_err store_db_open(struct keel_store *s, const char *path, const char *vfs)
{
	const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX |
			  SQLITE_OPEN_PRIVATECACHE;
	int rc = sqlite3_open_v2(path, &s->db, flags, vfs);
	if (rc == SQLITE_OK)
		rc = disarm(s->db);
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(s->db, shape, NULL, NULL, NULL);
	for (size_t i = 0; i < STMT_COUNT && rc == SQLITE_OK; i++)
		rc = sqlite3_prepare_v3(
			s->db, texts[i], -1, SQLITE_PREPARE_PERSISTENT, &s->stmts[i], NULL);
	return store_err(rc);
}

void store_db_close(struct keel_store *s)
{
	for (size_t i = 0; i < STMT_COUNT; i++)
		(void)sqlite3_finalize(s->stmts[i]);
	(void)sqlite3_close(s->db);
}

sqlite3_stmt *store_stmt(struct keel_store *s, enum store_stmt which)
{
	sqlite3_stmt *q = s->stmts[which];
	KEEL_MUST(!sqlite3_stmt_busy(q));
	(void)sqlite3_reset(q);
	return q;
}

void store_bind_bytes(sqlite3_stmt *q, int at, struct keel_bytes b)
{
	KEEL_MUST(sqlite3_bind_blob64(q, at, b.p, b.n, SQLITE_STATIC) == SQLITE_OK);
}

void store_bind_text(sqlite3_stmt *q, int at, const char *text)
{
	KEEL_MUST(sqlite3_bind_text(q, at, text, -1, SQLITE_STATIC) == SQLITE_OK);
}

struct keel_bytes store_column(sqlite3_stmt *q, int at)
{
	const uint8_t *p = sqlite3_column_blob(q, at);
	return (struct keel_bytes){ p, p != NULL ? (size_t)sqlite3_column_bytes(q, at) : 0 };
}

const char *store_column_text(sqlite3_stmt *q, int at)
{
	const unsigned char *p = sqlite3_column_text(q, at);
	return p != NULL ? (const char *)p : "";
}

enum keel_err store_run(sqlite3_stmt *q)
{
	int rc = sqlite3_step(q);
	(void)sqlite3_reset(q);
	KEEL_MUST(rc != SQLITE_ROW);
	return store_err(rc);
}

enum keel_err store_step(sqlite3_stmt *q)
{
	int rc = sqlite3_step(q);
	if (rc == SQLITE_ROW)
		return KEEL_OK;
	(void)sqlite3_reset(q);
	return rc == SQLITE_DONE ? KEEL_ENONE : store_err(rc);
}

enum keel_err store_exec(struct keel_store *s, const char *sql, uint64_t a, int64_t b)
{
	int rc = SQLITE_OK;
	while (rc == SQLITE_OK && *sql != '\0') {
		sqlite3_stmt *q = NULL;
		rc = sqlite3_prepare_v2(s->db, sql, -1, &q, &sql);
		if (rc == SQLITE_OK && sqlite3_bind_parameter_count(q) > 0)
			rc = sqlite3_bind_int64(q, 1, (sqlite3_int64)a);
		if (rc == SQLITE_OK && sqlite3_bind_parameter_count(q) > 1)
			rc = sqlite3_bind_int64(q, 2, b);
		while (rc == SQLITE_OK && (rc = sqlite3_step(q)) == SQLITE_ROW)
			rc = SQLITE_OK;
		(void)sqlite3_finalize(q);
		if (rc == SQLITE_DONE)
			rc = SQLITE_OK;
	}
	return store_err(rc);
}

enum keel_err store_number(struct keel_store *s, const char *sql, int64_t *out)
{
	sqlite3_stmt *q = NULL;
	int rc = sqlite3_prepare_v2(s->db, sql, -1, &q, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_step(q);
	if (rc == SQLITE_ROW)
		*out = sqlite3_column_int64(q, 0);
	(void)sqlite3_finalize(q);
	return store_err(rc);
}

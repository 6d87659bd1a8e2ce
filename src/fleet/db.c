#include "fleet/db.h"

#include <stdio.h>
#include <string.h>

#define BUSY_MS 10000 /* another keel-fleet writes, or the disk is slow */

#define UNIT     "u.id, u.serial, u.model, u.sign, u.agree, u.added, u.revoked, u.why, u.row"
#define OPERATOR "o.row, o.name, o.credential, o.key, o.count, o.added, o.seen, o.removed"
#define HOME                                                                                       \
	"h.home, h.owners, h.owners_number, h.taken, h.dropped, h.heard, h.next, h.decision,"      \
	" h.reasons, h.version, h.product, h.token, h.quoted"

#define CASE                                                                                       \
	"row, number, model, state, created, acknowledged, told, heard, due, kid, token, "         \
	"messages,"                                                                                \
	" files, acknowledge, status"

/* clang-format off */
static const char *const texts[FLEET_STMT_COUNT] = {
	[FLEET_BEGIN] = "BEGIN IMMEDIATE",
	[FLEET_COMMIT] = "COMMIT",
	[FLEET_ROLLBACK] = "ROLLBACK",
	[FLEET_JOB] = "SAVEPOINT job",
	[FLEET_JOB_GOOD] = "RELEASE job",
	[FLEET_JOB_BAD] = "ROLLBACK TO job",
	[FLEET_PRODUCT_ADD] = "INSERT OR IGNORE INTO products VALUES(?1, ?2, ?3, ?4, ?5)",
	[FLEET_PRODUCT_GET] = "SELECT compiled FROM products WHERE digest = ?1",
	[FLEET_PRODUCT_ALL] = "SELECT digest, compiled, added FROM products ORDER BY added, model, version",
	[FLEET_PUBLISHED_ADD] = "INSERT INTO published VALUES(?1, ?2, ?3)",
	[FLEET_PUBLISHED_ALL] = "SELECT day, until FROM published WHERE model = ?1 ORDER BY until DESC LIMIT ?2",
	[FLEET_MEASURES_ADD] = "INSERT OR IGNORE INTO measures(product, list, added) VALUES(?1, ?2, ?3)",
	[FLEET_MEASURES_ALL] = "SELECT list FROM measures WHERE product = ?1 ORDER BY row",
	[FLEET_UNIT_ADD] = "INSERT INTO units(id, serial, model, sign, agree, added, revoked, why)"
		" VALUES(?1, ?2, ?3, ?4, ?5, ?6, 0, '') ON CONFLICT DO NOTHING",
	[FLEET_UNIT_SAME] = "SELECT 1 FROM units WHERE id = ?1 AND serial = ?2 AND model = ?3 AND sign = ?4 AND agree = ?5",
	[FLEET_UNIT_FIND] = "SELECT " UNIT " FROM units u WHERE u.id = ?1",
	[FLEET_UNIT_SERIAL] = "SELECT " UNIT " FROM units u WHERE u.serial = ?1",
	[FLEET_UNIT_REVOKE] = "UPDATE units SET revoked = ?2, why = ?3 WHERE row = ?1 AND (revoked != 0) != (?2 != 0)",
	[FLEET_UNIT_ALL] = "SELECT " UNIT ", " HOME ", (SELECT sum(count) FROM oddities o WHERE o.unit = u.row)"
		" FROM units u LEFT JOIN homes h ON h.unit = u.row"
		" WHERE instr(lower(u.serial || ' ' || u.model || ' ' || hex(u.id)), lower(?1)) > 0 AND u.serial > ?2 ORDER BY u.serial",
	[FLEET_UNIT_ROW] = "SELECT row, revoked FROM units WHERE id = ?1",
	[FLEET_HOME_FIND] = "SELECT " HOME " FROM homes h JOIN units u ON u.row = h.unit WHERE u.id = ?1",
	[FLEET_HOME_OF] = "SELECT u.row, u.revoked, h.home, h.taken, h.decision FROM units u"
		" LEFT JOIN homes h ON h.unit = u.row WHERE u.id = ?1",
	[FLEET_HOME_PUT] = "INSERT OR REPLACE INTO homes VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
	[FLEET_HOME_HEARD] = "UPDATE homes SET heard = max(heard, ?2), next = max(next, ?3)"
		" WHERE unit = (SELECT row FROM units WHERE id = ?1)",
	[FLEET_HOME_TAKEN] = "UPDATE homes SET taken = ?2, dropped = ?3, heard = ?4, next = ?5 WHERE unit = ?1",
	[FLEET_DECISION_ADD] = "INSERT INTO decisions(unit, time, decision, reasons, statement, token, quoted)"
		" VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)",
	[FLEET_DECISION_TRIM] = "DELETE FROM decisions WHERE unit = ?1 AND row <="
		" (SELECT row FROM decisions WHERE unit = ?1 ORDER BY row DESC LIMIT 1 OFFSET ?2)",
	[FLEET_FORGET_REPORTS] = "DELETE FROM reports WHERE row IN (SELECT row FROM reports WHERE unit = ?1 LIMIT ?2)",
	[FLEET_FORGET_ODDITIES] = "DELETE FROM oddities WHERE unit = ?1",
	[FLEET_FORGET_DECISIONS] = "DELETE FROM decisions WHERE unit = ?1",
	[FLEET_REPORT_ADD] = "INSERT INTO reports(unit, number, kind, time, came, until, payload)"
		" VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)",
	[FLEET_REPORT_ALL] = "SELECT number, kind, time, came, payload FROM reports"
		" WHERE unit = (SELECT row FROM units WHERE id = ?1) AND number > ?2 ORDER BY number",
	[FLEET_REPORT_RETAIN] = "DELETE FROM reports WHERE row IN"
		" (SELECT row FROM reports WHERE until < ?1 ORDER BY until LIMIT ?2)",
	[FLEET_ODDITY_ADD] = "INSERT INTO oddities VALUES(?1, ?2, 1, ?3, ?3)"
		" ON CONFLICT DO UPDATE SET count = count + 1, last = ?3",
	[FLEET_STRANGER_ADD] = "INSERT INTO strangers VALUES(?1, ?2, ?3, 1, ?4, ?4)"
		" ON CONFLICT DO UPDATE SET count = count + 1, last = ?4",
	[FLEET_STRANGER_TRIM] = "DELETE FROM strangers WHERE (id, word) IN"
		" (SELECT id, word FROM strangers ORDER BY last DESC LIMIT -1 OFFSET ?1)",
	[FLEET_ODD_ALL] = "SELECT u.id, u.serial, o.word, o.count, o.first, o.last FROM oddities o"
		" JOIN units u ON u.row = o.unit UNION ALL"
		" SELECT id, serial, word, count, first, last FROM strangers ORDER BY 6 DESC",
	[FLEET_AUDIT_LAST] = "SELECT number, hash FROM audit ORDER BY number DESC LIMIT 1",
	[FLEET_AUDIT_ADD] = "INSERT INTO audit VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
	[FLEET_AUDIT_ALL] = "SELECT number, time, who, action, detail, hash FROM audit ORDER BY number",
	[FLEET_CASE_ADD] = "INSERT INTO cases(number, token, model, state, created, acknowledged, told, heard, due, kid,"
		" opening, messages, files, acknowledge, status)"
		" VALUES(?1, ?2, ?3, 0, ?4, 0, 0, ?4, ?9, ?5, ?6, 1, 0, ?7, ?8) ON CONFLICT(number) DO NOTHING",
	[FLEET_CASE_BY_NUMBER] = "SELECT " CASE ", opening FROM cases WHERE number = ?1",
	[FLEET_CASE_BY_TOKEN] = "SELECT " CASE ", opening FROM cases WHERE token = ?1",
	[FLEET_CASE_ALL] = "SELECT " CASE ", '' FROM cases WHERE ?3 = '' OR (due, -created, number) > (?1, -?2, ?3)"
			   " ORDER BY due, -created, number",
	[FLEET_CASE_PUT] = "UPDATE cases SET state = ?2, acknowledged = ?3, told = ?4, heard = ?5, due = ?6,"
		" messages = ?7, files = ?8 WHERE row = ?1",
	[FLEET_MESSAGE_ADD] = "INSERT INTO case_messages VALUES(?1, ?2, ?3, ?4, ?5)",
	[FLEET_MESSAGE_GET] = "SELECT sealed FROM case_messages WHERE cas = ?1 AND number = ?2",
	[FLEET_MESSAGE_ALL] = "SELECT m.number, m.whose, m.came, m.sealed FROM case_messages m JOIN cases c ON c.row = m.cas"
		" WHERE c.number = ?1 AND m.number > ?2 AND m.whose <= ?3 ORDER BY m.number",
	[FLEET_PIECE_ADD] = "INSERT INTO case_pieces(cas, file, piece, sealed) VALUES(?1, ?2, ?3, ?4)",
	[FLEET_PIECE_SAME] = "SELECT sealed FROM case_pieces WHERE cas = ?1 AND file = ?2 AND piece = ?3",
	[FLEET_PIECE_GET] = "SELECT p.sealed FROM case_pieces p JOIN cases c ON c.row = p.cas"
		" WHERE c.number = ?1 AND p.file = ?2 AND p.piece = ?3",
	[FLEET_FILE_ALL] = "SELECT p.file, count(*), sum(length(p.sealed)) FROM case_pieces p JOIN cases c ON c.row = p.cas"
		" WHERE c.number = ?1 GROUP BY p.file ORDER BY p.file",
	[FLEET_FILES_BYTES] = "SELECT coalesce(sum(files), 0) FROM cases",
	[FLEET_READER_PUT] = "INSERT OR REPLACE INTO desk_readers VALUES(?1, ?2, ?3, ?4, ?5)",
	[FLEET_READER_THERE] = "SELECT 1 FROM desk_readers WHERE operator = ?1",
	[FLEET_READER_ALL] = "SELECT r.operator, r.point, r.wrapped, r.how, r.made, EXISTS(SELECT 1 FROM desk_copies c"
		" WHERE c.operator = r.operator AND c.kid = (SELECT kid FROM desk_keys ORDER BY row DESC LIMIT 1))"
		" FROM desk_readers r ORDER BY r.operator",
	[FLEET_READER_FORGET] = "DELETE FROM desk_readers WHERE operator = ?1",
	[FLEET_DESK_KEY_ADD] = "INSERT INTO desk_keys(kid, point, made) VALUES(?1, ?2, ?3) ON CONFLICT DO NOTHING",
	[FLEET_DESK_KEY_THERE] = "SELECT 1 FROM desk_keys WHERE kid = ?1",
	[FLEET_DESK_KEY_NOW] = "SELECT point, made FROM desk_keys ORDER BY row DESC LIMIT 1",
	[FLEET_COPY_PUT] = "INSERT OR REPLACE INTO desk_copies VALUES(?1, ?2, ?3)",
	[FLEET_COPY_FORGET] = "DELETE FROM desk_copies WHERE operator = ?1",
	[FLEET_COPY_ALL] = "SELECT k.point, k.made, coalesce(c.sealed, x'') FROM desk_keys k"
		" LEFT JOIN desk_copies c ON c.kid = k.kid AND c.operator = ?1 ORDER BY k.row DESC",
	[FLEET_MAIL_ADD] = "INSERT INTO mail(number, first, next, tries) SELECT ?1, ?2, ?3, 0 WHERE NOT EXISTS"
			  "(SELECT 1 FROM mail WHERE number = ?1 AND first = ?2)",
	[FLEET_MAIL_NEXT] = "SELECT row, number, first, tries FROM mail WHERE next <= ?1 ORDER BY next, row LIMIT 1",
	[FLEET_MAIL_AGAIN] = "UPDATE mail SET next = ?2, tries = tries + 1 WHERE row = ?1",
	[FLEET_MAIL_GONE] = "DELETE FROM mail WHERE row = ?1",
	[FLEET_OPERATOR_ADD] = "INSERT INTO operators(name, credential, key, count, added, seen, removed)"
		" VALUES(?1, ?2, ?3, ?4, ?5, ?5, 0) ON CONFLICT DO NOTHING",
	[FLEET_OPERATOR_BY_KEY] = "SELECT " OPERATOR " FROM operators o WHERE o.credential = ?1 AND o.removed = 0",
	[FLEET_OPERATOR_BY_NAME] = "SELECT " OPERATOR " FROM operators o WHERE o.name = ?1 AND o.removed = 0",
	[FLEET_OPERATOR_ALL] = "SELECT " OPERATOR " FROM operators o ORDER BY o.removed != 0, o.name, o.row",
	[FLEET_OPERATOR_COUNT] = "SELECT count(*) FROM operators WHERE removed = 0",
	[FLEET_OPERATOR_SEEN] = "UPDATE operators SET count = ?2, seen = ?3 WHERE row = ?1 AND removed = 0"
		" AND (?2 > count OR (?2 = 0 AND count = 0))",
	[FLEET_OPERATOR_REMOVE] = "UPDATE operators SET removed = ?2 WHERE row = ?1",
	[FLEET_INVITE_ADD] = "INSERT OR REPLACE INTO invitations VALUES(?1, ?2, ?3)",
	[FLEET_INVITE_FIND] = "SELECT name FROM invitations WHERE secret = ?1 AND until > ?2",
	[FLEET_INVITE_DROP] = "DELETE FROM invitations WHERE secret = ?1",
	[FLEET_INVITE_DROP_ALL] = "DELETE FROM invitations",
	[FLEET_SIGNED_IN_ADD] = "INSERT INTO signed_in VALUES(?1, ?2, ?3, ?4)",
	[FLEET_SIGNED_IN_FIND] = "SELECT " OPERATOR ", s.idle FROM signed_in s JOIN operators o ON o.row = s.operator"
		" WHERE s.cookie = ?1 AND s.idle > ?2 AND s.until > ?2 AND o.removed = 0",
	[FLEET_SIGNED_IN_STAY] = "UPDATE signed_in SET idle = max(idle, ?2) WHERE cookie = ?1",
	[FLEET_SIGNED_IN_DROP] = "DELETE FROM signed_in WHERE cookie = ?1",
	[FLEET_SIGNED_IN_DROP_OF] = "DELETE FROM signed_in WHERE operator = ?1",
	[FLEET_SIGNED_IN_TRIM] = "DELETE FROM signed_in WHERE idle <= ?1 OR until <= ?1",
	[FLEET_CHALLENGE_ADD] = "INSERT INTO challenges VALUES(?1, ?2) ON CONFLICT DO NOTHING",
	[FLEET_CHALLENGE_TRIM] = "DELETE FROM challenges WHERE until < ?1",
	[FLEET_DECISION_ALL] = "SELECT time, decision, reasons, token, quoted FROM decisions"
		" WHERE unit = (SELECT row FROM units WHERE id = ?1) ORDER BY time DESC, row DESC",
	[FLEET_REPORT_BEFORE] = "SELECT number, kind, time, came, payload FROM reports"
		" WHERE unit = (SELECT row FROM units WHERE id = ?1) AND number < ?2 AND kind = ?3 ORDER BY number DESC",
	[FLEET_EVENT_ALL] = "SELECT r.row, u.id, u.serial, r.number, r.kind, r.time, r.came, r.payload"
		" FROM reports r JOIN units u ON u.row = r.unit WHERE r.kind = 1 AND r.row < ?1 ORDER BY r.row DESC",
	[FLEET_ODD_OF] = "SELECT u.id, u.serial, o.word, o.count, o.first, o.last FROM oddities o"
		" JOIN units u ON u.row = o.unit WHERE u.id = ?1 ORDER BY 6 DESC",
	[FLEET_CASE_OVER] = "SELECT row, number FROM cases WHERE due = 9223372036854775807 AND max(told, heard) < ?1"
		" AND state >= ?2 LIMIT 1",
	[FLEET_CASE_UNLINK] = "UPDATE cases SET token = randomblob(32) WHERE row = ?1",
	[FLEET_CASE_DROP_PIECES] = "DELETE FROM case_pieces WHERE row IN (SELECT row FROM case_pieces WHERE cas = ?1 LIMIT ?2)",
	[FLEET_CASE_DROP_MESSAGES] = "DELETE FROM case_messages WHERE cas = ?1",
	[FLEET_CASE_DROP_MAIL] = "DELETE FROM mail WHERE number = (SELECT number FROM cases WHERE row = ?1)",
	[FLEET_CASE_DROP] = "DELETE FROM cases WHERE row = ?1",
	[FLEET_INVITE_TRIM] = "DELETE FROM invitations WHERE until <= ?1",
	[FLEET_UNIT_NAMED] = "SELECT 1 FROM units WHERE serial = ?1 OR model = ?1",
	[FLEET_FORGET_INBOX] = "DELETE FROM inbox WHERE unit = ?1",
	[FLEET_INBOX_BASE] = "SELECT max(coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'inbox'), 0), ?1)",
	[FLEET_INBOX_PUT] = "INSERT OR REPLACE INTO inbox(row, unit, kind, about, payload)"
		" SELECT ?1 + row_number() OVER (ORDER BY unit), unit, ?2, ?3, ?4 FROM (SELECT u.row AS unit FROM units u"
		" JOIN homes h ON h.unit = u.row WHERE u.row > ?5 AND u.revoked = 0 AND length(h.home) > 0"
		" AND (u.serial = ?6 OR u.model = ?6) ORDER BY u.row LIMIT ?7)",
	[FLEET_INBOX_REACH] = "SELECT count(*), coalesce(max(unit), 0) FROM inbox WHERE row > ?1",
	[FLEET_INBOX_OF] = "SELECT i.row, i.kind, i.payload FROM units u JOIN homes h ON h.unit = u.row"
		" JOIN inbox i ON i.unit = u.row WHERE u.id = ?1 AND u.revoked = 0 AND h.home = ?2 AND h.decision != ?3 ORDER BY i.row",
	[FLEET_INBOX_TAKEN] = "DELETE FROM inbox WHERE unit = (SELECT row FROM units WHERE id = ?1) AND row <= ?2",
	[FLEET_INBOX_NEWS] = "SELECT i.row, u.id FROM inbox i JOIN units u ON u.row = i.unit WHERE i.row > ?1 ORDER BY i.row LIMIT ?2",
	[FLEET_INBOX_LAST] = "SELECT coalesce(max(row), 0) FROM inbox",
	[FLEET_AUDIT_BEFORE] = "SELECT number, time, who, action, detail, hash FROM audit WHERE number < ?1 ORDER BY number DESC",
};
/* clang-format on */

enum keel_err fleet_err(int sqlite)
{
	switch (sqlite & 0xff) {
	case SQLITE_OK:
	case SQLITE_DONE:
	case SQLITE_ROW:
		return KEEL_OK;
	case SQLITE_ERROR: /* our SQL does not fit its tables */
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
	case SQLITE_CONSTRAINT:
		return KEEL_EFORM;
	case SQLITE_FULL:
		return KEEL_EFULL;
	default:
		return KEEL_EIO;
	}
}

static const char *const shape = "PRAGMA journal_mode = WAL;"
				 "PRAGMA synchronous = FULL;"
				 "PRAGMA temp_store = MEMORY;"
				 "PRAGMA secure_delete = ON;" /* what was forgotten is gone */
				 "PRAGMA mmap_size = 0;"
				 "PRAGMA cell_size_check = ON;"
				 "PRAGMA trusted_schema = OFF;";

enum keel_err fleet_db_open(struct fleet_db *d, const char *path)
{
	const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX |
			  SQLITE_OPEN_PRIVATECACHE;
	int rc = sqlite3_open_v2(path, &d->db, flags, NULL);
	/* A file that somebody else wrote brings no code along. */
	if (rc == SQLITE_OK)
		rc = sqlite3_db_config(d->db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_db_config(d->db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_db_config(d->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_busy_timeout(d->db, BUSY_MS);
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(d->db, shape, NULL, NULL, NULL);
	return fleet_err(rc);
}

void fleet_db_close(struct fleet_db *d)
{
	for (size_t i = 0; i < FLEET_STMT_COUNT; i++)
		(void)sqlite3_finalize(d->stmts[i]);
	(void)sqlite3_close(d->db);
	*d = (struct fleet_db){ 0 };
}

/* The schema is ours by now, so a statement that does not fit it is a mistake of our own. */
sqlite3_stmt *fleet_stmt(struct fleet_db *d, enum fleet_stmt which)
{
	sqlite3_stmt **q = &d->stmts[which];
	if (*q == NULL)
		KEEL_MUST(sqlite3_prepare_v3(d->db, texts[which], -1, SQLITE_PREPARE_PERSISTENT, q,
				  NULL) == SQLITE_OK);
	KEEL_MUST(!sqlite3_stmt_busy(*q));
	(void)sqlite3_reset(*q);
	(void)sqlite3_clear_bindings(*q);
	return *q;
}

/* An empty view is an empty value, not NULL. */
void fleet_bind_bytes(sqlite3_stmt *q, int at, struct keel_bytes b)
{
	const void *p = b.n > 0 ? (const void *)b.p : "";
	KEEL_MUST(sqlite3_bind_blob64(q, at, p, b.n, SQLITE_STATIC) == SQLITE_OK);
}

void fleet_bind_text(sqlite3_stmt *q, int at, struct keel_bytes text)
{
	const char *p = text.n > 0 ? (const char *)text.p : "";
	KEEL_MUST(sqlite3_bind_text64(q, at, p, text.n, SQLITE_STATIC, SQLITE_UTF8) == SQLITE_OK);
}

void fleet_bind_int(sqlite3_stmt *q, int at, int64_t v)
{
	KEEL_MUST(sqlite3_bind_int64(q, at, v) == SQLITE_OK);
}

struct keel_bytes fleet_column(sqlite3_stmt *q, int at)
{
	const uint8_t *p = sqlite3_column_blob(q, at);
	return (struct keel_bytes){ p, p != NULL ? (size_t)sqlite3_column_bytes(q, at) : 0 };
}

void fleet_column_text(sqlite3_stmt *q, int at, char *out, size_t size)
{
	const unsigned char *p = sqlite3_column_text(q, at);
	(void)snprintf(out, size, "%s", p != NULL ? (const char *)p : "");
}

enum keel_err fleet_column_copy(sqlite3_stmt *q, int at, void *out, size_t n)
{
	return keel_bytes_copy(fleet_column(q, at), out, n) == KEEL_OK ? KEEL_OK : KEEL_EFORM;
}

enum keel_err fleet_run(sqlite3_stmt *q)
{
	int rc = sqlite3_step(q);
	(void)sqlite3_reset(q);
	KEEL_MUST(rc != SQLITE_ROW);
	return fleet_err(rc);
}

enum keel_err fleet_step(sqlite3_stmt *q)
{
	int rc = sqlite3_step(q);
	if (rc == SQLITE_ROW)
		return KEEL_OK;
	(void)sqlite3_reset(q);
	return rc == SQLITE_DONE ? KEEL_ENONE : fleet_err(rc);
}

/*
 * The store's inside, for schema.c, commit.c and store_*.c only: two connections to one SQLite file
 * (WAL: who reads does not wait for who writes), and the statements that each keeps ready.
 */
#ifndef KEEL_FLEET_DB_H
#define KEEL_FLEET_DB_H

#include <sqlite3.h>

#include "fleet/store.h"

enum fleet_stmt {
	FLEET_BEGIN,
	FLEET_COMMIT,
	FLEET_ROLLBACK,
	FLEET_JOB, /* a job's own beginning, and its two ends */
	FLEET_JOB_GOOD,
	FLEET_JOB_BAD,
	FLEET_PRODUCT_ADD,
	FLEET_PRODUCT_GET,
	FLEET_PRODUCT_ALL,
	FLEET_PUBLISHED_ADD,
	FLEET_PUBLISHED_ALL,
	FLEET_MEASURES_ADD,
	FLEET_MEASURES_ALL,
	FLEET_UNIT_ADD,
	FLEET_UNIT_SAME,
	FLEET_UNIT_FIND,
	FLEET_UNIT_SERIAL,
	FLEET_UNIT_REVOKE,
	FLEET_UNIT_ALL,
	FLEET_UNIT_ROW,
	FLEET_HOME_FIND,
	FLEET_HOME_OF,
	FLEET_HOME_PUT,
	FLEET_HOME_HEARD,
	FLEET_HOME_TAKEN,
	FLEET_DECISION_ADD,
	FLEET_DECISION_TRIM,
	FLEET_FORGET_REPORTS,
	FLEET_FORGET_ODDITIES,
	FLEET_FORGET_DECISIONS,
	FLEET_REPORT_ADD,
	FLEET_REPORT_ALL,
	FLEET_REPORT_RETAIN,
	FLEET_ODDITY_ADD,
	FLEET_STRANGER_ADD,
	FLEET_STRANGER_TRIM,
	FLEET_ODD_ALL,
	FLEET_AUDIT_LAST,
	FLEET_AUDIT_ADD,
	FLEET_AUDIT_ALL,
	FLEET_CASE_ADD,
	FLEET_CASE_BY_NUMBER,
	FLEET_CASE_BY_TOKEN,
	FLEET_CASE_ALL,
	FLEET_CASE_PUT,
	FLEET_MESSAGE_ADD,
	FLEET_MESSAGE_GET,
	FLEET_MESSAGE_ALL,
	FLEET_PIECE_ADD,
	FLEET_PIECE_SAME,
	FLEET_PIECE_GET,
	FLEET_FILE_ALL,
	FLEET_FILES_BYTES,
	FLEET_READER_PUT,
	FLEET_READER_THERE,
	FLEET_READER_ALL,
	FLEET_READER_FORGET,
	FLEET_DESK_KEY_ADD,
	FLEET_DESK_KEY_THERE,
	FLEET_DESK_KEY_NOW,
	FLEET_COPY_PUT,
	FLEET_COPY_FORGET,
	FLEET_COPY_ALL,
	FLEET_MAIL_ADD,
	FLEET_MAIL_NEXT,
	FLEET_MAIL_AGAIN,
	FLEET_MAIL_GONE,
	FLEET_OPERATOR_ADD,
	FLEET_OPERATOR_BY_KEY,
	FLEET_OPERATOR_BY_NAME,
	FLEET_OPERATOR_ALL,
	FLEET_OPERATOR_COUNT,
	FLEET_OPERATOR_SEEN,
	FLEET_OPERATOR_REMOVE,
	FLEET_INVITE_ADD,
	FLEET_INVITE_FIND,
	FLEET_INVITE_DROP,
	FLEET_INVITE_DROP_ALL,
	FLEET_SIGNED_IN_ADD,
	FLEET_SIGNED_IN_FIND,
	FLEET_SIGNED_IN_STAY,
	FLEET_SIGNED_IN_DROP,
	FLEET_SIGNED_IN_DROP_OF,
	FLEET_SIGNED_IN_TRIM,
	FLEET_CHALLENGE_ADD,
	FLEET_CHALLENGE_TRIM,
	FLEET_DECISION_ALL,
	FLEET_REPORT_BEFORE,
	FLEET_EVENT_ALL,
	FLEET_ODD_OF,
	FLEET_AUDIT_BEFORE,
	FLEET_CASE_OVER,
	FLEET_CASE_UNLINK,
	FLEET_CASE_DROP_PIECES,
	FLEET_CASE_DROP_MESSAGES,
	FLEET_CASE_DROP_MAIL,
	FLEET_CASE_DROP,
	FLEET_INVITE_TRIM,
	FLEET_UNIT_NAMED,
	FLEET_FORGET_INBOX,
	FLEET_INBOX_BASE,
	FLEET_INBOX_PUT,
	FLEET_INBOX_REACH,
	FLEET_INBOX_OF,
	FLEET_INBOX_TAKEN,
	FLEET_INBOX_NEWS,
	FLEET_INBOX_LAST,
	FLEET_STMT_COUNT
};

struct fleet_db {
	sqlite3 *db;
	sqlite3_stmt *stmts[FLEET_STMT_COUNT]; /* made at their first use */
};

struct fleet_commits; /* commit.c: the thread that commits */

struct keel_fleet_store {
	struct fleet_db write; /* the committing thread's alone, where there is one */
	struct fleet_db read;
	struct fleet_commits *commits; /* NULL: jobs are run at once */
};

/* --- db.c --- */

KEEL_CHECKED enum keel_err fleet_err(int sqlite);
KEEL_CHECKED enum keel_err fleet_db_open(struct fleet_db *d, const char *path);
void fleet_db_close(struct fleet_db *d);
/** The kept statement, reset, unbound and not running. */
sqlite3_stmt *fleet_stmt(struct fleet_db *d, enum fleet_stmt which);
void fleet_bind_bytes(sqlite3_stmt *q, int at, struct keel_bytes b);
void fleet_bind_text(sqlite3_stmt *q, int at, struct keel_bytes text);
void fleet_bind_int(sqlite3_stmt *q, int at, int64_t v);
/** Valid until the statement's next step or reset. */
struct keel_bytes fleet_column(sqlite3_stmt *q, int at);
/** Copies a text, cut where it is longer. */
void fleet_column_text(sqlite3_stmt *q, int at, char *out, size_t size);
/** Copies a blob of exactly n bytes. KEEL_EFORM: of another length. */
KEEL_CHECKED enum keel_err fleet_column_copy(sqlite3_stmt *q, int at, void *out, size_t n);
/** Runs a statement that gives no rows, and resets it. */
KEEL_CHECKED enum keel_err fleet_run(sqlite3_stmt *q);
/** One step: KEEL_OK is a row, KEEL_ENONE the end. All but a row reset it. */
KEEL_CHECKED enum keel_err fleet_step(sqlite3_stmt *q);

/* --- commit.c --- */

KEEL_CHECKED enum keel_err fleet_commits_open(struct keel_fleet_store *s, struct event_base *base);
void fleet_commits_close(struct keel_fleet_store *s);
/** Queues the job, or runs it. */
void fleet_submit(struct keel_fleet_store *s, struct keel_fleet_write *w,
	enum keel_err (*run)(struct keel_fleet_store *s, struct keel_fleet_write *w));

/* --- what jobs share --- */

/** A unit's row by its id, in a job. KEEL_ENONE. KEEL_ERIGHT: it is revoked; the row is given too. */
KEEL_CHECKED enum keel_err fleet_unit_row(
	struct keel_fleet_store *s, const uint8_t id[KEEL_DEVICE_ID_LEN], int64_t *row);
/** Adds to the audit log, in a job. */
KEEL_CHECKED enum keel_err fleet_audit_add(struct keel_fleet_store *s, int64_t now_s,
	const char *who, const char *action, const char *detail);
/** Fills from a row of homes, whose columns begin at `at`, in the schema's order without unit. */
KEEL_CHECKED enum keel_err fleet_home_read(sqlite3_stmt *q, int at, struct keel_fleet_home *out);
KEEL_CHECKED enum keel_err fleet_unit_read(sqlite3_stmt *q, struct keel_fleet_unit *out);
/** Whether the desk has this key, in a job. KEEL_ENONE. */
/* What an operator reads by, and the copies for it. */
KEEL_CHECKED enum keel_err fleet_reader_forget(struct keel_fleet_store *s, const char *operator);
KEEL_CHECKED enum keel_err fleet_desk_key_there(
	struct keel_fleet_store *s, const struct keel_digest *kid);
#define FLEET_UNIT_COLUMNS 9
#define FLEET_HOME_COLUMNS 13

#endif

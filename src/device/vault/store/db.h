/*
 * The store's inside, shared by its own files only: the SQLite connection, the statements kept
 * ready, what is sealed under what, and which rows count at which generation.
 *
 * Every row has `born` and `gone`: it counts at generation G if born <= G and (gone = 0 or gone > G).
 * A transaction marks what it deletes, and data that it replaces, with gone = G + 1. A record that it
 * replaces changes in its row (one page, docs/decisions/0006); what stood there is kept in memory.
 *  - A plain commit removes the marked rows for good, in the same transaction.
 *  - A renewing commit puts every record as it is now into a new row, and what stood in a row before
 *    back into it, marked; it sets born = G + 1 on what was added, commits, lets the root say G + 1
 *    (that is the commit), and only then removes the marked rows.
 * So a store that was cut in between holds both generations whole, and the root picks one.
 */
#ifndef KEEL_DEVICE_VAULT_STORE_DB_H
#define KEEL_DEVICE_VAULT_STORE_DB_H

#include <sqlite3.h>

#include "device/vault/store/store.h"

#define STORE_COMPARTMENTS_MAX 64
#define STORE_SEAL_OVERHEAD    (KEEL_GCM_NONCE_LEN + KEEL_GCM_TAG_LEN)

enum store_stmt {
	STMT_BEGIN,
	STMT_COMMIT,
	STMT_ROLLBACK,
	STMT_KEY_ADD,
	STMT_KEY_MARK,
	STMT_KEYS_LIVE,
	STMT_KEYS_PROBE,
	STMT_RECORD_ADD,
	STMT_RECORD_SET,
	STMT_RECORD_MARK,
	STMT_RECORD_GET,
	STMT_RECORD_EACH,
	STMT_RECORD_NEXT,
	STMT_DATUM_ADD,
	STMT_DATUM_MARK,
	STMT_DATUM_MARK_ALL,
	STMT_DATUM_EACH,
	STMT_DATUM_EACH_ALL,
	STMT_PURGE_KEYS,
	STMT_PURGE_RECORDS,
	STMT_PURGE_DATA,
	STMT_PURGE_ORPHANS,
	STMT_COUNT
};

struct store_compartment {
	int64_t id;
	char name[KEEL_STORE_NAME_MAX + 1];
	struct keel_key key;
};

/* What a row held, sealed, before this transaction replaced it: a renewal needs it again. */
struct store_former {
	struct store_former *next;
	int64_t row;
	size_t n;
	uint8_t sealed[];
};

struct keel_store {
	sqlite3 *db;
	sqlite3_stmt *stmts[STMT_COUNT];
	struct keel_root place;
	struct keel_key root;
	uint64_t generation;
	struct keel_key record_key;
	struct store_compartment compartments[STORE_COMPARTMENTS_MAX];
	size_t count;
	int64_t next_row;  /* rows of all tables are counted together, never twice while open */
	int64_t first_row; /* the first that this transaction may have added */
	struct store_former *formers;
	bool begun;
	bool failed;   /* a change within the transaction failed: only rollback is allowed */
	bool marked;   /* something in it is to be removed */
	bool rekeyed;  /* the compartments in memory may differ from those before it */
	bool leftover; /* the last renewal's old rows are still there */
	bool broken;   /* memory and disk may disagree: only close is allowed */
};

/* --- store_db.c: SQLite --- */

KEEL_CHECKED enum keel_err store_db_open(struct keel_store *s, const char *path, const char *vfs);
void store_db_close(struct keel_store *s);
/** The kept statement, reset and unbound. It must not be running: no walk inside the same walk. */
sqlite3_stmt *store_stmt(struct keel_store *s, enum store_stmt which);
void store_bind_bytes(sqlite3_stmt *q, int at, struct keel_bytes b);
void store_bind_text(sqlite3_stmt *q, int at, const char *text);
/** The column's content, valid until the statement's next step or reset. */
struct keel_bytes store_column(sqlite3_stmt *q, int at);
const char *store_column_text(sqlite3_stmt *q, int at);
/** Runs a statement that gives no rows, and resets it. */
KEEL_CHECKED enum keel_err store_run(sqlite3_stmt *q);
/** One step: KEEL_OK is a row, KEEL_ENONE the end (reset). Any error resets too. */
KEEL_CHECKED enum keel_err store_step(sqlite3_stmt *q);
/** Runs SQL that is rarely needed, several statements; a and b are bound to ?1 and ?2 where they are. */
KEEL_CHECKED enum keel_err store_exec(struct keel_store *s, const char *sql, uint64_t a, int64_t b);
/** One number. */
KEEL_CHECKED enum keel_err store_number(struct keel_store *s, const char *sql, int64_t *out);
enum keel_err store_err(int sqlite);

/* --- store_seal.c: what is sealed under what, and to what it is bound --- */

enum store_kind { STORE_RECORD_KEY = 1, STORE_COMPARTMENT_KEY, STORE_RECORD, STORE_DATUM };

/** The place of a sealed value; opened anywhere else it gives KEEL_EAUTH. */
struct store_place {
	enum store_kind kind;
	uint64_t generation; /* keys: they are wrapped anew at each */
	int64_t key;         /* keys and data: the key's id */
	int64_t row;
	const char *name;  /* record or compartment */
	const char *datum; /* data */
};

/** out: plain.n + STORE_SEAL_OVERHEAD bytes. */
KEEL_CHECKED enum keel_err store_seal(const struct keel_key *key, const struct store_place *at,
	struct keel_bytes plain, uint8_t *out, struct keel_bytes *sealed);
/** out: cap bytes. KEEL_EAUTH: changed, moved, or another key's. KEEL_EFULL: longer than cap. */
KEEL_CHECKED enum keel_err store_unseal(const struct keel_key *key, const struct store_place *at,
	struct keel_bytes sealed, uint8_t *out, size_t cap, struct keel_bytes *plain);

/* --- store_keys.c: the keys' table and its copy in memory --- */

/** Whether this generation's record key is there and under this root. KEEL_ENONE, KEEL_EAUTH. */
KEEL_CHECKED enum keel_err store_keys_probe(struct keel_store *s);
/** Reads every live key. KEEL_EAUTH: not under this root. KEEL_EFORM: not a set of ours. */
KEEL_CHECKED enum keel_err store_keys_load(struct keel_store *s);
void store_keys_forget(struct keel_store *s);
/** Adds one key (id 0: the record key) to the table, wrapped by `root` at `generation`. */
KEEL_CHECKED enum keel_err store_key_add(struct keel_store *s, const struct keel_key *root,
	uint64_t generation, int64_t id, const char *name, const struct keel_key *key);
struct store_compartment *store_compartment_find(struct keel_store *s, const char *name);
/** Finds it or makes it. KEEL_EFULL: too many. */
KEEL_CHECKED enum keel_err store_compartment_need(
	struct keel_store *s, const char *name, struct store_compartment **out);
/** Wraps the compartments' keys and a new record key under the next root. */
KEEL_CHECKED enum keel_err store_keys_rewrap(struct keel_store *s, const struct keel_key *root,
	const struct keel_key *record_key, uint64_t generation);

/* --- store_records.c --- */

/** Seals every record under the next record key, and leaves this generation's beside it. */
KEEL_CHECKED enum keel_err store_records_rewrap(
	struct keel_store *s, const struct keel_key *record_key, uint64_t generation);
/** The transaction is over: what it replaced is needed no more. */
void store_formers_forget(struct keel_store *s);

/* --- store.c --- */

/** KEEL_ESTATE outside begin and commit, after a failure, or for a name that cannot be one. */
KEEL_CHECKED enum keel_err store_may_change(const struct keel_store *s);
bool store_name_good(const char *name);
/** Notes a change's outcome: after an error only rollback is allowed. Gives it back. */
KEEL_CHECKED enum keel_err store_changed(struct keel_store *s, enum keel_err e);

#endif

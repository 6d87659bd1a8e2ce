/*
 * Durable writes of the sealed store beside SQLite's own plain ones: the same bytes, one a commit,
 * the same file system, WAL and synchronous=FULL for both, in turns; each one's best turn counts.
 * `store_bench DIR`: where to write (a disk, not a tmpfs); the folder made in it is removed again.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "device/vault/identity.h"

#define TURNS   15
#define COMMITS 200

static const uint8_t value[64] = "what a room reports once a minute";

static double now_s(void)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

struct bench {
	char dir[512];
	struct keel_keeper *keeper;
	struct keel_store *store;
	sqlite3 *db;
	sqlite3_stmt *begin, *insert, *commit;
};

static void plain_open(struct bench *b)
{
	char path[600];
	(void)snprintf(path, sizeof(path), "%s/plain.db", b->dir);
	KEEL_MUST(sqlite3_open(path, &b->db) == SQLITE_OK);
	KEEL_MUST(sqlite3_exec(b->db,
			  "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL;"
			  "PRAGMA synchronous = FULL;"
			  "CREATE TABLE data(row INTEGER PRIMARY KEY, datum TEXT, time INTEGER, "
			  "value BLOB)",
			  NULL, NULL, NULL) == SQLITE_OK);
	KEEL_MUST(sqlite3_prepare_v2(b->db, "BEGIN IMMEDIATE", -1, &b->begin, NULL) == SQLITE_OK);
	KEEL_MUST(sqlite3_prepare_v2(b->db, "COMMIT", -1, &b->commit, NULL) == SQLITE_OK);
	KEEL_MUST(sqlite3_prepare_v2(b->db,
			  "INSERT INTO data(datum, time, value) VALUES('presence', ?1, ?2)", -1,
			  &b->insert, NULL) == SQLITE_OK);
}

static void run(sqlite3_stmt *q)
{
	KEEL_MUST(sqlite3_step(q) == SQLITE_DONE && sqlite3_reset(q) == SQLITE_OK);
}

static void plain_write(struct bench *b, int i)
{
	run(b->begin);
	(void)sqlite3_bind_int64(b->insert, 1, i);
	(void)sqlite3_bind_blob(b->insert, 2, value, sizeof(value), SQLITE_STATIC);
	run(b->insert);
	run(b->commit);
}

static void store_write(struct bench *b, int i)
{
	KEEL_MUST(keel_store_begin(b->store) == KEEL_OK);
	KEEL_MUST(keel_datum_add(b->store, "home", "presence", i, KEEL_VIEW(value)) == KEEL_OK);
	KEEL_MUST(keel_store_commit(b->store) == KEEL_OK);
}

/* What the vault does for a command: the owner's counter, in place of the former. */
static void record_write(struct bench *b, int i)
{
	(void)i;
	KEEL_MUST(keel_store_begin(b->store) == KEEL_OK);
	KEEL_MUST(keel_record_put(b->store, "owner", KEEL_VIEW(value)) == KEEL_OK);
	KEEL_MUST(keel_store_commit(b->store) == KEEL_OK);
}

static double turn(struct bench *b, void (*write)(struct bench *b, int i))
{
	double from = now_s();
	for (int i = 0; i < COMMITS; i++)
		write(b, i);
	return COMMITS / (now_s() - from);
}

static enum keel_err count_item(
	void *self, uint64_t row, const char *datum, int64_t time, struct keel_bytes v)
{
	(void)row;
	(void)datum;
	(void)time;
	*(unsigned *)self += v.n == sizeof(value);
	return KEEL_OK;
}

static void reads(struct bench *b)
{
	unsigned items = 0;
	double from = now_s();
	KEEL_MUST(keel_datum_each(b->store, "home", "presence", 0, COMMITS, 0, count_item,
			  &items) == KEEL_OK);
	double each_us = (now_s() - from) * 1e6 / items;
	(void)printf("read back             %8.2f us an item (%u items)\n", each_us, items);
	from = now_s();
	KEEL_MUST(keel_store_begin(b->store) == KEEL_OK);
	KEEL_MUST(keel_compartment_delete(b->store, "home") == KEEL_OK);
	KEEL_MUST(keel_store_commit_renew(b->store) == KEEL_OK);
	(void)printf("compartment destroyed %8.2f ms, with its %u items\n", (now_s() - from) * 1e3,
		items);
}

static double higher(double a, double b)
{
	return a > b ? a : b;
}

static void remove_all(const char *dir)
{
	static const char *const names[] = { "plain.db", "store.db", "root" };
	char path[600];
	for (size_t i = 0; i < KEEL_COUNT(names); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		(void)unlink(path);
	}
	(void)rmdir(dir);
}

int main(int argc, char **argv)
{
	struct bench b = { 0 };
	struct keel_fault f = { 0 };
	double plain = 0;
	double sealed = 0;
	double record = 0;
	(void)snprintf(b.dir, sizeof(b.dir), "%s/store-bench-XXXXXX", argc > 1 ? argv[1] : ".");
	KEEL_MUST(mkdtemp(b.dir) != NULL);
	KEEL_MUST(keel_keeper_file(b.dir, &b.keeper, &f) == KEEL_OK);
	KEEL_MUST(
		keel_store_open(b.dir, NULL, keel_keeper_root(b.keeper), &b.store, &f) == KEEL_OK);
	plain_open(&b);
	for (int i = 0; i < TURNS; i++) {
		plain = higher(plain, turn(&b, plain_write));
		sealed = higher(sealed, turn(&b, store_write));
		record = higher(record, turn(&b, record_write));
	}
	(void)printf("SQLite's own insert   %8.0f commits/s\n", plain);
	(void)printf("datum added           %8.0f commits/s, ratio %.2f (aim 0.8)\n", sealed,
		sealed / plain);
	(void)printf("record replaced       %8.0f commits/s, ratio %.2f\n", record, record / plain);
	reads(&b);
	(void)sqlite3_finalize(b.begin);
	(void)sqlite3_finalize(b.insert);
	(void)sqlite3_finalize(b.commit);
	(void)sqlite3_close(b.db);
	keel_store_close(b.store);
	keel_keeper_close(b.keeper);
	remove_all(b.dir);
	return EXIT_SUCCESS;
}

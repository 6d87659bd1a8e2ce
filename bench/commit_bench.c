/*
 * Durable reports of the maker's service: 64 devices with one outstanding report each, and one alone,
 * through the store that serves (src/fleet/store.h), beside SQLite's own inserts of the same rows, 64 a
 * commit and one, at the same durability, in turns; each one's best turn counts.
 * `commit_bench DIR`: where to write (a disk, not a tmpfs); the folder made in it is removed again.
 */
#include <event2/event.h>
#include <ftw.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "fleet/store.h"

#define TURNS   5
#define REPORTS 6400
#define DEVICES 64
#define NOW     1795852800

static const uint8_t payload[64] = "a SenML pack with a value or two";

static double now_s(void)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* --- the store --- */

struct fleet {
	struct event_base *base;
	struct keel_fleet_store *store;
	unsigned left; /* to be begun */
	unsigned open;
};
struct device {
	struct fleet *fleet;
	struct keel_fleet_reports job;
	struct keel_fleet_report item;
};

static void begin(struct device *d)
{
	d->fleet->left--;
	d->fleet->open++;
	d->item.number++;
	keel_fleet_reports(d->fleet->store, &d->job);
}

static void done(void *self, struct keel_fleet_write *w)
{
	struct device *d = self;
	KEEL_MUST(w->err == KEEL_OK);
	d->fleet->open--;
	if (d->fleet->left > 0)
		begin(d);
	else if (d->fleet->open == 0)
		(void)event_base_loopbreak(d->fleet->base);
}

static void add_device(struct fleet *f, struct device *d, unsigned n)
{
	struct keel_fleet_unit u = { .id = { (uint8_t)n, (uint8_t)(n >> 8) } };
	struct keel_fleet_enrol e = { .who = "bench", .units = &u, .count = 1 };
	struct keel_fleet_session s = { .home = keel_text("aaaaaaaaaaaaaaaa"), .reasons = "" };
	(void)snprintf(u.serial, sizeof(u.serial), "%u", n);
	memcpy(s.id, u.id, sizeof(s.id));
	keel_fleet_enrol(f->store, &e);
	keel_fleet_session(f->store, &s);
	KEEL_MUST(e.write.err == KEEL_OK && s.write.err == KEEL_OK);
	*d = (struct device){ .fleet = f,
		.item = { .time_s = NOW, .until_s = NOW + 1, .payload = KEEL_VIEW(payload) } };
	memcpy(d->job.id, u.id, sizeof(u.id));
	d->job.home = s.home;
	d->job.now_s = NOW;
	d->job.items = &d->item;
	d->job.count = 1;
	d->job.write.done = done;
	d->job.write.self = d;
}

static double reports(struct fleet *f, struct device *all, unsigned devices, unsigned count)
{
	double began = now_s();
	f->left = count;
	for (unsigned i = 0; i < devices; i++)
		begin(&all[i]);
	(void)event_base_dispatch(f->base);
	return count / (now_s() - began);
}

/* --- SQLite alone --- */

static sqlite3 *plain_open(const char *path, sqlite3_stmt **insert)
{
	sqlite3 *db;
	KEEL_MUST(sqlite3_open(path, &db) == SQLITE_OK);
	KEEL_MUST(sqlite3_exec(db,
			  "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
			  "CREATE TABLE reports(row INTEGER PRIMARY KEY, unit INTEGER NOT NULL,"
			  " number INTEGER NOT NULL, kind INTEGER NOT NULL, time INTEGER NOT NULL,"
			  " came INTEGER NOT NULL, until INTEGER NOT NULL, payload BLOB NOT NULL);"
			  "CREATE UNIQUE INDEX reports_of ON reports(unit, number);"
			  "CREATE INDEX reports_until ON reports(until);",
			  NULL, NULL, NULL) == SQLITE_OK);
	KEEL_MUST(sqlite3_prepare_v2(db,
			  "INSERT INTO reports(unit, number, kind, time, came, until, payload)"
			  " VALUES(?1, ?2, 0, ?3, ?3, ?3, ?4)",
			  -1, insert, NULL) == SQLITE_OK);
	return db;
}

static double plain(sqlite3 *db, sqlite3_stmt *insert, unsigned together, unsigned count)
{
	static int64_t number;
	double began = now_s();
	for (unsigned i = 0; i < count; i += together) {
		KEEL_MUST(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL) == SQLITE_OK);
		number++;
		for (unsigned k = 0; k < together; k++) {
			(void)sqlite3_bind_int64(insert, 1, k);
			(void)sqlite3_bind_int64(insert, 2, number);
			(void)sqlite3_bind_int64(insert, 3, NOW);
			(void)sqlite3_bind_blob(insert, 4, payload, sizeof(payload), SQLITE_STATIC);
			KEEL_MUST(sqlite3_step(insert) == SQLITE_DONE);
			(void)sqlite3_reset(insert);
		}
		KEEL_MUST(sqlite3_exec(db, "COMMIT", NULL, NULL, NULL) == SQLITE_OK);
	}
	return count / (now_s() - began);
}

/* --- both --- */

static void best(double *of, double got)
{
	*of = got > *of ? got : *of;
}

static int rm_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st, (void)flag, (void)ftw;
	return remove(path);
}

int main(int argc, char **argv)
{
	static struct device all[DEVICES];
	struct fleet f = { .base = event_base_new() };
	struct keel_fault fault;
	sqlite3_stmt *insert;
	char dir[512], path[600];
	double many = 0, lone = 0, plain_many = 0, plain_lone = 0;
	(void)snprintf(dir, sizeof(dir), "%s/commit-XXXXXX", argc > 1 ? argv[1] : ".");
	KEEL_MUST(mkdtemp(dir) != NULL && f.base != NULL);
	(void)snprintf(path, sizeof(path), "%s/fleet.db", dir);
	KEEL_MUST(keel_fleet_store_open(path, NULL, &f.store, &fault) == KEEL_OK);
	for (unsigned i = 0; i < DEVICES; i++)
		add_device(&f, &all[i], i);
	keel_fleet_store_close(f.store);
	KEEL_MUST(keel_fleet_store_open(path, f.base, &f.store, &fault) == KEEL_OK);
	(void)snprintf(path, sizeof(path), "%s/plain.db", dir);
	sqlite3 *db = plain_open(path, &insert);
	for (int i = 0; i < TURNS; i++) {
		best(&many, reports(&f, all, DEVICES, REPORTS));
		best(&plain_many, plain(db, insert, DEVICES, REPORTS));
		best(&lone, reports(&f, all, 1, REPORTS / 16));
		best(&plain_lone, plain(db, insert, 1, REPORTS / 16));
	}
	(void)printf("SQLite's own rows     %8.0f a second, 64 a commit; %.0f, one a commit\n",
		plain_many, plain_lone);
	(void)printf("reports of 64 devices %8.0f a second, ratio %.2f (aim 0.5)\n", many,
		many / plain_many);
	(void)printf("reports of one device %8.0f a second, ratio %.2f\n", lone, lone / plain_lone);
	keel_fleet_store_close(f.store);
	(void)sqlite3_finalize(insert);
	(void)sqlite3_close(db);
	event_base_free(f.base);
	return nftw(dir, rm_one, 8, FTW_DEPTH | FTW_PHYS);
}

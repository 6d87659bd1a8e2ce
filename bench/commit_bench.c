/*
 * Durable reports of the maker's service: 64 devices with one outstanding report each, and one alone,
 * through the store that serves (src/fleet/store.h), beside SQLite's own inserts of the same rows, 64 a
 * commit and one, at the same durability, in turns; each one's best turn counts.
 * `commit_bench DIR`: where to write (a disk, not a tmpfs); the folder made in it is removed again.
 */
#include <event2/event.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bare.h"
#include "fleet/store.h"
#include "rows.h"

#define TURNS   5
#define REPORTS 6400
#define DEVICES 64
#define NOW     1795852800

static const uint8_t payload[64] = "a SenML pack with a value or two";

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
	double from = keel_now_us();
	f->left = count;
	for (unsigned i = 0; i < devices; i++)
		begin(&all[i]);
	(void)event_base_dispatch(f->base);
	return count * 1e6 / (keel_now_us() - from);
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
	struct keel_rows rows;
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
	keel_rows_open(&rows, path);
	for (int i = 0; i < TURNS; i++) {
		best(&many, reports(&f, all, DEVICES, REPORTS));
		best(&plain_many, keel_rows_run(&rows, DEVICES, REPORTS, KEEL_VIEW(payload)));
		best(&lone, reports(&f, all, 1, REPORTS / 16));
		best(&plain_lone, keel_rows_run(&rows, 1, REPORTS / 16, KEEL_VIEW(payload)));
	}
	(void)printf("SQLite's own rows     %8.0f a second, 64 a commit; %.0f, one a commit\n",
		plain_many, plain_lone);
	(void)printf("reports of 64 devices %8.0f a second, ratio %.2f (aim 0.5)\n", many,
		many / plain_many);
	(void)printf("reports of one device %8.0f a second, ratio %.2f\n", lone, lone / plain_lone);
	keel_fleet_store_close(f.store);
	keel_rows_close(&rows);
	event_base_free(f.base);
	return nftw(dir, rm_one, 8, FTW_DEPTH | FTW_PHYS);
}

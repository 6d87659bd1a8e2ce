/* What has had its time goes, in parts, and nothing else. EN 303 645 6-4. */
#include <ftw.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <unistd.h>

#include "check.h"
#include "fleet/store.h"

#define NOW INT64_C(1795852800)
#define DAY INT64_C(86400)

struct place {
	char dir[64];
	char db[96];
	struct keel_fleet_store *store;
};

static int rm_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st, (void)flag, (void)ftw;
	return remove(path);
}

static void place_clear(struct place *p)
{
	keel_fleet_store_close(p->store);
	(void)nftw(p->dir, rm_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void place_make(struct place *p)
{
	struct keel_fault fault;
	*p = (struct place){ .dir = "/tmp/keel-retain-XXXXXX" };
	CHECK(mkdtemp(p->dir) != NULL);
	(void)snprintf(p->db, sizeof(p->db), "%s/fleet.db", p->dir);
	CHECK(keel_fleet_store_open(p->db, NULL, &p->store, &fault) == KEEL_OK);
}

/* The first number of the first row, or 0. */
static int64_t sql(struct place *p, const char *text)
{
	sqlite3 *db = NULL;
	sqlite3_stmt *q = NULL;
	CHECK(sqlite3_open(p->db, &db) == SQLITE_OK);
	CHECK_ROW(sqlite3_prepare_v2(db, text, -1, &q, NULL) == SQLITE_OK, text);
	int rc = sqlite3_step(q);
	CHECK_ROW(rc == SQLITE_ROW || rc == SQLITE_DONE, text);
	int64_t n = rc == SQLITE_ROW ? sqlite3_column_int64(q, 0) : 0;
	(void)sqlite3_finalize(q);
	(void)sqlite3_close(db);
	return n;
}

/* A case with this row, as the store keeps one: told and heard on these days; due: 0 for nothing. */
static void put_case(struct place *p, int row, int state, int told, int heard, int64_t due)
{
	char text[512];
	(void)snprintf(text, sizeof(text),
		"INSERT INTO cases VALUES(%d, '2026-%d', x'%02x', 'hearth-h1', %d, %lld, %lld, "
		"%lld, %lld, %lld,"
		" zeroblob(32), x'00', 1, 3, 1, 1)",
		row, row, row, state, (long long)NOW, (long long)NOW, (long long)(NOW + told * DAY),
		(long long)(NOW + heard * DAY), (long long)(due == 0 ? INT64_MAX : due));
	(void)sql(p, text);
	(void)snprintf(
		text, sizeof(text), "INSERT INTO case_messages VALUES(%d, 1, 0, 0, 'x')", row);
	(void)sql(p, text);
	(void)snprintf(
		text, sizeof(text), "INSERT INTO mail VALUES(%d, '2026-%d', 1, 0, 0)", row, row);
	(void)sql(p, text);
	(void)snprintf(text, sizeof(text),
		"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)"
		" INSERT INTO case_pieces(cas, file, piece, sealed) SELECT %d, 0, i, 'x' FROM n",
		row == 1 ? 250 : 1, row);
	(void)sql(p, text);
}

/* How many jobs it took until all that has had its time was gone. */
static unsigned retain(struct place *p, int64_t now_s, int64_t case_s)
{
	struct keel_fleet_retain j = { .now_s = now_s, .case_s = case_s };
	unsigned jobs = 0;
	do {
		keel_fleet_retain(p->store, &j);
		CHECK(j.write.err == KEEL_OK);
		jobs++;
	} while (j.more && jobs < 100);
	return jobs;
}

/* A resolved case goes with its files; one in which somebody waits for a word stays, however old. */
static void prov_6_4_a_resolved_case_goes_when_its_time_is_over(void)
{
	enum { ACKNOWLEDGED = 1, FIXED = 3, CLOSED = 4 };
	struct place p;
	place_make(&p);
	put_case(&p, 1, FIXED, 1, 0, 0);
	put_case(&p, 2, CLOSED, 1, 2, NOW + 16 * DAY); /* the reporter wrote once more */
	put_case(&p, 3, ACKNOWLEDGED, 1, 0, NOW + 15 * DAY);
	put_case(&p, 4, CLOSED, 3, 2, 0);
	CHECK(retain(&p, NOW + 5000 * DAY, 0) == 1); /* for good */
	CHECK(retain(&p, NOW + 31 * DAY, 30 * DAY) == 1);
	CHECK(sql(&p, "SELECT count(*) FROM cases") == 4);
	CHECK(retain(&p, NOW + 31 * DAY + 1, 30 * DAY) == 4); /* 250 pieces, and a look */
	CHECK(sql(&p, "SELECT count(*) FROM cases WHERE row = 1") == 0);
	CHECK(sql(&p, "SELECT count(*) FROM cases") == 3);
	CHECK(sql(&p, "SELECT count(*) FROM case_pieces") == 3);
	CHECK(sql(&p, "SELECT count(*) FROM case_messages") == 3);
	CHECK(sql(&p, "SELECT count(*) FROM mail") == 3);
	CHECK(sql(&p, "SELECT count(*) FROM audit WHERE action = 'case.forget' AND detail = "
		      "'2026-1'") == 1);
	CHECK(retain(&p, NOW + 5000 * DAY, 30 * DAY) == 2);
	CHECK(sql(&p, "SELECT count(*) FROM cases WHERE row = 2 OR row = 3") == 2);
	CHECK(sql(&p, "SELECT count(*) FROM cases") == 2);
	place_clear(&p);
}

static void prov_6_4_reports_go_in_parts(void)
{
	struct place p;
	char text[256];
	place_make(&p);
	(void)snprintf(text, sizeof(text),
		"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)"
		" INSERT INTO reports(unit, number, kind, time, came, until, payload)"
		" SELECT 1, i, 0, 0, 0, 99 + (i = 1), 'x' FROM n",
		KEEL_FLEET_RETAIN_MAX + 6);
	(void)sql(&p, text);
	CHECK(retain(&p, 100, DAY) == 2 && sql(&p, "SELECT count(*) FROM reports") == 1);
	place_clear(&p);
}

static void what_ended_by_itself_goes(void)
{
	struct place p;
	place_make(&p);
	(void)sql(&p, "INSERT INTO invitations VALUES('a', 'ann', 100), ('b', 'bob', 101)");
	(void)sql(&p, "INSERT INTO signed_in VALUES('a', 1, 100, 200), ('b', 1, 101, 200)");
	(void)sql(&p, "INSERT INTO challenges VALUES('a', 99), ('b', 100)");
	CHECK(retain(&p, 100, 0) == 1);
	CHECK(sql(&p, "SELECT count(*) FROM invitations") == 1);
	CHECK(sql(&p, "SELECT count(*) FROM signed_in") == 1);
	CHECK(sql(&p, "SELECT count(*) FROM challenges") == 1);
	place_clear(&p);
}

TEST_MAIN(TEST(prov_6_4_a_resolved_case_goes_when_its_time_is_over),
	TEST(prov_6_4_reports_go_in_parts), TEST(what_ended_by_itself_goes))

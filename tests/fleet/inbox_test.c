/* What waits for devices in the store, through its header, on real files. EN 303 645 5.9-3, 5.11-1. */
#include <ftw.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <unistd.h>

#include "check.h"
#include "fleet/inbox.h"

#define NOW    1795852800
#define HOME_A "aaaaaaaaaaaaaaaa"
#define HOME_B "bbbbbbbbbbbbbbbb"
#define MANY   (KEEL_FLEET_TELL_MAX + 500)

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

static void place_open(struct place *p)
{
	struct keel_fault fault;
	CHECK(keel_fleet_store_open(p->db, NULL, &p->store, &fault) == KEEL_OK);
}

static struct keel_fleet_unit unit_of(unsigned n)
{
	struct keel_fleet_unit u = { .id = { (uint8_t)n, (uint8_t)(n >> 8), 7 } };
	(void)snprintf(u.serial, sizeof(u.serial), "H1-%06u", n);
	(void)snprintf(u.model, sizeof(u.model), n % 2 == 0 ? "hearth-h1" : "hearth-h2");
	return u;
}

static struct keel_fleet_session session_of(unsigned n, const char *home)
{
	struct keel_fleet_unit u = unit_of(n);
	struct keel_fleet_session j = { .now_s = NOW,
		.next_s = NOW + 60,
		.home = keel_text(home),
		.owners = keel_text(home[0] != '\0' ? "signed" : ""),
		.owners_number = 1,
		.version = keel_text("1.0.0"),
		.reasons = "",
		.statement = keel_text("eat") };
	memcpy(j.id, u.id, sizeof(j.id));
	return j;
}

static void open_home(struct place *p, unsigned n, const char *home)
{
	struct keel_fleet_session j = session_of(n, home);
	do
		keel_fleet_session(p->store, &j);
	while (j.write.err == KEEL_OK && j.more);
	CHECK(j.write.err == KEEL_OK);
}

/* So many units, in home A. */
static void place_make(struct place *p, unsigned units)
{
	static struct keel_fleet_unit all[MANY];
	struct keel_fleet_enrol j = { .who = "test", .now_s = NOW, .units = all, .count = units };
	*p = (struct place){ .dir = "/tmp/keel-inbox-XXXXXX" };
	CHECK(mkdtemp(p->dir) != NULL);
	(void)snprintf(p->db, sizeof(p->db), "%s/fleet.db", p->dir);
	place_open(p);
	for (unsigned i = 0; i < units; i++)
		all[i] = unit_of(i);
	keel_fleet_enrol(p->store, &j);
	CHECK(j.write.err == KEEL_OK);
	for (unsigned i = 0; i < units && units < MANY; i++)
		open_home(p, i, HOME_A);
}

static void exec_in(const char *path, const char *sql)
{
	sqlite3 *db = NULL;
	CHECK(sqlite3_open(path, &db) == SQLITE_OK);
	CHECK_ROW(sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK, sql);
	(void)sqlite3_close(db);
}

static struct keel_fleet_tell tell_of(const char *to, uint64_t about, const char *payload)
{
	return (struct keel_fleet_tell){ .who = "ann",
		.action = "notice",
		.detail = payload,
		.now_s = NOW,
		.to = to,
		.kind = 1,
		.about = about,
		.payload = keel_text(payload) };
}

static enum keel_err tell(struct place *p, const char *to, uint64_t about, const char *payload)
{
	struct keel_fleet_tell j = tell_of(to, about, payload);
	keel_fleet_tell(p->store, &j);
	return j.write.err;
}

/* What waits, in order: the payloads, and the last number. */
struct seen {
	char text[128];
	uint64_t last;
	bool rises;
};

static bool see(void *self, const struct keel_fleet_item *item)
{
	struct seen *s = self;
	size_t n = strlen(s->text);
	(void)snprintf(s->text + n, sizeof(s->text) - n, "%.*s ", (int)item->payload.n,
		(const char *)item->payload.p);
	s->rises = s->rises && item->number > s->last && item->kind == 1;
	s->last = item->number;
	return true;
}

static struct seen look(struct place *p, unsigned n, const char *home)
{
	struct seen s = { .rises = true };
	struct keel_fleet_unit u = unit_of(n);
	CHECK(keel_fleet_inbox(p->store, u.id, keel_text(home), see, &s) == KEEL_OK);
	CHECK(s.rises);
	return s;
}

static bool waits(struct place *p, unsigned n, const char *expected)
{
	return strcmp(look(p, n, HOME_A).text, expected) == 0;
}

static void take(struct place *p, unsigned n, uint64_t number)
{
	struct keel_fleet_unit u = unit_of(n);
	struct keel_fleet_inbox_taken j = { .number = number };
	memcpy(j.id, u.id, sizeof(j.id));
	keel_fleet_inbox_taken(p->store, &j);
	CHECK(j.write.err == KEEL_OK);
}

static void what_is_told_waits_in_order_until_it_is_taken(void)
{
	struct place p;
	place_make(&p, 4);
	CHECK(tell(&p, "H1-000001", 0, "one") == KEEL_OK);
	CHECK(tell(&p, "hearth-h2", 1, "two") == KEEL_OK); /* 1 and 3 */
	CHECK(waits(&p, 1, "one two ") && waits(&p, 3, "two ") && waits(&p, 0, ""));
	uint64_t last = look(&p, 1, HOME_A).last;
	keel_fleet_store_close(p.store); /* a restart */
	place_open(&p);
	CHECK(waits(&p, 1, "one two "));
	take(&p, 1, last - 1);
	CHECK(waits(&p, 1, "two ") && waits(&p, 3, "two "));
	take(&p, 1, last);
	CHECK(waits(&p, 1, "") && waits(&p, 3, "two "));
	CHECK(tell(&p, "H1-000001", 0, "three") == KEEL_OK);
	CHECK(look(&p, 1, HOME_A).last > last);
	place_clear(&p);
}

/* A device that stays away fills nothing; and what was not taken of the one before is not needed. */
static void of_a_subject_only_the_latest_waits(void)
{
	struct place p;
	place_make(&p, 1);
	for (int i = 0; i < 50; i++)
		CHECK(tell(&p, "H1-000000", 0, "old") == KEEL_OK);
	CHECK(tell(&p, "H1-000000", 1, "other") == KEEL_OK);
	uint64_t before = look(&p, 0, HOME_A).last;
	CHECK(tell(&p, "H1-000000", 0, "new") == KEEL_OK);
	CHECK(waits(&p, 0, "other new ") && look(&p, 0, HOME_A).last > before);
	place_clear(&p);
}

static void nobody_is_told_who_may_not_be(void)
{
	struct place p;
	struct keel_fleet_unit u = unit_of(2);
	struct keel_fleet_revoke r = { .who = "ann", .now_s = NOW, .why = "stolen" };
	struct keel_fleet_session q = session_of(1, HOME_A);
	uint64_t decision = 0;
	place_make(&p, 4);
	open_home(&p, 3, ""); /* nobody's */
	CHECK(tell(&p, "H1-000009", 0, "x") == KEEL_ENONE);
	CHECK(tell(&p, "H1-000003", 0, "x") == KEEL_ESTATE);
	CHECK(tell(&p, "hearth-h1", 0, "x") == KEEL_OK && tell(&p, "hearth-h2", 0, "x") == KEEL_OK);
	CHECK(waits(&p, 0, "x ") && waits(&p, 1, "x ") && waits(&p, 2, "x "));
	CHECK(look(&p, 3, "").text[0] == '\0' && look(&p, 0, HOME_B).text[0] == '\0');
	memcpy(r.id, u.id, sizeof(r.id));
	keel_fleet_revoke(p.store, &r);
	q.decision = KEEL_FLEET_QUARANTINED;
	keel_fleet_session(p.store, &q);
	CHECK(waits(&p, 2, "") && waits(&p, 1, ""));
	CHECK(keel_fleet_standing(p.store, u.id, keel_text(HOME_A), &decision) == KEEL_ERIGHT);
	CHECK(keel_fleet_standing(p.store, q.id, keel_text(HOME_A), &decision) == KEEL_OK &&
		decision == KEEL_FLEET_QUARANTINED);
	CHECK(keel_fleet_standing(p.store, q.id, keel_text(HOME_B), &decision) == KEEL_ESTATE);
	q.decision = KEEL_FLEET_ACCEPTED; /* out of quarantine: it has waited */
	keel_fleet_session(p.store, &q);
	CHECK(waits(&p, 1, "x "));
	place_clear(&p);
}

/* EN 303 645 5.11-1: and the years of reports of the old home go in parts, so that others' commits come between. */
static void prov_5_11_1_a_new_home_begins_when_nothing_of_the_old_one_is_left(void)
{
	struct place p;
	struct keel_fleet_home h;
	struct keel_fleet_session j = session_of(0, HOME_B);
	char sql[256];
	place_make(&p, 1);
	CHECK(tell(&p, "H1-000000", 0, "private") == KEEL_OK);
	(void)snprintf(sql, sizeof(sql),
		"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)"
		" INSERT INTO reports(unit, number, kind, time, came, until, payload)"
		" SELECT 1, i, 0, 0, 0, 9e9, 'x' FROM n",
		KEEL_FLEET_RETAIN_MAX + 5);
	exec_in(p.db, sql);
	keel_fleet_session(p.store, &j);
	CHECK(j.write.err == KEEL_OK && j.more);
	CHECK(keel_fleet_home_find(p.store, j.id, &h) == KEEL_OK &&
		memcmp(h.home, HOME_A, sizeof(h.home)) == 0);
	keel_fleet_session(p.store, &j);
	CHECK(j.write.err == KEEL_OK && !j.more && j.taken == 0);
	CHECK(keel_fleet_home_find(p.store, j.id, &h) == KEEL_OK &&
		memcmp(h.home, HOME_B, sizeof(h.home)) == 0);
	CHECK(look(&p, 0, HOME_B).text[0] == '\0');
	place_clear(&p);
}

/* A backup of before it is brought back: what is told then has a higher number than what was taken. */
static void numbers_rise_beyond_a_backup_that_is_brought_back(void)
{
	struct place p;
	struct keel_fleet_tell j = tell_of("H1-000000", 0, "later");
	place_make(&p, 1);
	CHECK(tell(&p, "H1-000000", 0, "taken") == KEEL_OK);
	uint64_t taken = look(&p, 0, HOME_A).last;
	exec_in(p.db, "DELETE FROM inbox; DELETE FROM sqlite_sequence");
	j.now_s = NOW + 1;
	keel_fleet_tell(p.store, &j);
	CHECK(j.write.err == KEEL_OK && look(&p, 0, HOME_A).last > taken);
	place_clear(&p);
}

static void count_id(void *self, const uint8_t id[KEEL_DEVICE_ID_LEN])
{
	(void)id;
	(*(unsigned *)self)++;
}

static void a_fleet_is_told_in_parts_and_each_unit_once(void)
{
	struct place p;
	struct keel_fleet_tell j = tell_of("hearth-h1", 0, "all");
	unsigned news = 0;
	uint64_t after = 0;
	uint64_t last = 0;
	place_make(&p, MANY);
	exec_in(p.db, "UPDATE units SET model = 'hearth-h1';"
		      "INSERT INTO homes(unit, home, owners, owners_number, taken, dropped, heard, "
		      "next, decision, reasons, version, product,"
		      " token) SELECT row, x'61616161616161616161616161616161', '', 0, "
		      "0, 0, 0, 0, 0, '', '', zeroblob(32),"
		      " zeroblob(16) FROM units");
	keel_fleet_tell(p.store, &j);
	CHECK(j.write.err == KEEL_OK && j.more && j.told == KEEL_FLEET_TELL_MAX);
	CHECK(waits(&p, 0, "all ") && waits(&p, MANY - 1, ""));
	keel_fleet_tell(p.store, &j);
	CHECK(j.write.err == KEEL_OK && !j.more && j.told == MANY);
	CHECK(waits(&p, 0, "all ") && waits(&p, MANY - 1, "all "));
	CHECK(keel_fleet_inbox_last(p.store, &last) == KEEL_OK && last > NOW);
	CHECK(keel_fleet_inbox_news(p.store, &after, count_id, &news) == KEEL_OK);
	CHECK(news == KEEL_FLEET_TELL_MAX && after < last);
	CHECK(keel_fleet_inbox_news(p.store, &after, count_id, &news) == KEEL_OK);
	CHECK(news == MANY && after == last);
	CHECK(keel_fleet_inbox_news(p.store, &after, count_id, &news) == KEEL_OK && news == MANY);
	place_clear(&p);
}

TEST_MAIN(TEST(what_is_told_waits_in_order_until_it_is_taken),
	TEST(of_a_subject_only_the_latest_waits), TEST(nobody_is_told_who_may_not_be),
	TEST(prov_5_11_1_a_new_home_begins_when_nothing_of_the_old_one_is_left),
	TEST(numbers_rise_beyond_a_backup_that_is_brought_back),
	TEST(a_fleet_is_told_in_parts_and_each_unit_once))

/* The service's store through its header, on real files. */
#include <event2/event.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "check.h"
#include "fleet/schema.h"
#include "fleet/store.h"

#define NOW 1795852800

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

static void place_open(struct place *p, struct event_base *base)
{
	struct keel_fault fault;
	CHECK(keel_fleet_store_open(p->db, base, &p->store, &fault) == KEEL_OK);
}

static void place_make(struct place *p)
{
	*p = (struct place){ .dir = "/tmp/keel-fleet-XXXXXX" };
	CHECK(mkdtemp(p->dir) != NULL);
	(void)snprintf(p->db, sizeof(p->db), "%s/fleet.db", p->dir);
}

static struct keel_fleet_unit unit_of(unsigned n)
{
	struct keel_fleet_unit u = { .id = { (uint8_t)n, (uint8_t)(n >> 8), 7 } };
	(void)snprintf(u.serial, sizeof(u.serial), "H1-%06u", n);
	(void)snprintf(u.model, sizeof(u.model), "hearth-h1");
	memset(u.sign.xy, (int)n, sizeof(u.sign.xy));
	memset(u.agree.xy, (int)n + 1, sizeof(u.agree.xy));
	return u;
}

static enum keel_err enrol(struct place *p, const struct keel_fleet_unit *u, size_t n)
{
	struct keel_fleet_enrol j = { .who = "test", .now_s = NOW, .units = u, .count = n };
	keel_fleet_enrol(p->store, &j);
	return j.write.err;
}

/* One unit in a home of this letter. */
static struct keel_fleet_session session_of(const struct keel_fleet_unit *u, const char *home)
{
	struct keel_fleet_session j = { .now_s = NOW,
		.next_s = NOW + 60,
		.home = keel_text(home),
		.owners = keel_text("signed"),
		.owners_number = 3,
		.version = keel_text("1.0.0"),
		.reasons = "",
		.statement = keel_text("eat") };
	memcpy(j.id, u->id, sizeof(j.id));
	return j;
}

static enum keel_err open_home(struct place *p, const struct keel_fleet_unit *u, const char *home)
{
	struct keel_fleet_session j = session_of(u, home);
	keel_fleet_session(p->store, &j);
	return j.write.err;
}

#define HOME_A "aaaaaaaaaaaaaaaa"
#define HOME_B "bbbbbbbbbbbbbbbb"

static struct keel_fleet_reports reports_of(const struct keel_fleet_unit *u,
	const struct keel_fleet_report *items, size_t n, const char *home)
{
	struct keel_fleet_reports j = {
		.home = keel_text(home), .now_s = NOW, .items = items, .count = n
	};
	memcpy(j.id, u->id, sizeof(j.id));
	return j;
}

static struct keel_fleet_report report_of(uint64_t number)
{
	return (struct keel_fleet_report){ .number = number,
		.time_s = NOW - 5,
		.until_s = NOW + 100,
		.payload = keel_text("senml") };
}

static bool count_one(void *self, const struct keel_fleet_report_row *row)
{
	uint64_t *last = self;
	CHECK(row->number > last[1]);
	last[0]++;
	last[1] = row->number;
	return true;
}

static uint64_t kept(struct place *p, const struct keel_fleet_unit *u)
{
	uint64_t seen[2] = { 0 };
	CHECK(keel_fleet_reports_of(p->store, u->id, 0, count_one, seen) == KEEL_OK);
	return seen[0];
}

static int64_t number_in(const char *db, const char *sql)
{
	sqlite3 *c;
	sqlite3_stmt *q = NULL;
	CHECK(sqlite3_open(db, &c) == SQLITE_OK);
	CHECK(sqlite3_prepare_v2(c, sql, -1, &q, NULL) == SQLITE_OK);
	CHECK(sqlite3_step(q) == SQLITE_ROW);
	int64_t n = sqlite3_column_int64(q, 0);
	(void)sqlite3_finalize(q);
	(void)sqlite3_close(c);
	return n;
}

static void exec_in(const char *db, const char *sql)
{
	sqlite3 *c;
	CHECK(sqlite3_open(db, &c) == SQLITE_OK);
	CHECK(sqlite3_exec(c, sql, NULL, NULL, NULL) == SQLITE_OK);
	(void)sqlite3_close(c);
}

/* --- units --- */

static void a_unit_is_found_as_it_was_enrolled(void)
{
	struct place p;
	struct keel_fleet_unit u = unit_of(1);
	struct keel_fleet_unit found;
	place_make(&p);
	place_open(&p, NULL);
	CHECK(enrol(&p, &u, 1) == KEEL_OK);
	CHECK(keel_fleet_unit_find(p.store, u.id, &found) == KEEL_OK);
	u.added_s = NOW;
	CHECK(memcmp(found.id, u.id, sizeof(u.id)) == 0 && strcmp(found.serial, u.serial) == 0);
	CHECK(memcmp(&found.sign, &u.sign, sizeof(u.sign)) == 0 && found.added_s == NOW);
	CHECK(memcmp(&found.agree, &u.agree, sizeof(u.agree)) == 0 && found.revoked_s == 0);
	CHECK(keel_fleet_unit_by_serial(p.store, "H1-000001", &found) == KEEL_OK);
	CHECK(keel_fleet_unit_by_serial(p.store, "H1-00000", &found) == KEEL_ENONE);
	u.id[0] ^= 1;
	CHECK(keel_fleet_unit_find(p.store, u.id, &found) == KEEL_ENONE);
	place_clear(&p);
}

static void a_list_is_enrolled_whole_or_not_at_all(void)
{
	struct place p;
	struct keel_fleet_unit all[3] = { unit_of(1), unit_of(2), unit_of(3) };
	struct keel_fleet_unit found;
	struct keel_fleet_enrol j = { .who = "test", .now_s = NOW, .units = all, .count = 3 };
	place_make(&p);
	place_open(&p, NULL);
	CHECK(enrol(&p, &all[1], 1) == KEEL_OK);
	keel_fleet_enrol(p.store, &j); /* the one that is there is the same */
	CHECK(j.write.err == KEEL_OK && j.added == 2);
	all[0] = unit_of(9);
	all[2].sign.xy[5] ^= 1; /* another key under a known id */
	keel_fleet_enrol(p.store, &j);
	CHECK(j.write.err == KEEL_ESTATE && j.wrong == 2);
	CHECK(keel_fleet_unit_find(p.store, all[0].id, &found) == KEEL_ENONE);
	all[0] = unit_of(9);
	(void)snprintf(all[0].serial, sizeof(all[0].serial), "H1-000002"); /* a known serial */
	CHECK(enrol(&p, all, 1) == KEEL_ESTATE);
	place_clear(&p);
}

static void a_revoked_unit_opens_no_session_and_reports_nothing(void)
{
	struct place p;
	struct keel_fleet_unit u = unit_of(1);
	struct keel_fleet_report r = report_of(1);
	struct keel_fleet_revoke j = { .who = "test", .now_s = NOW, .why = "stolen" };
	place_make(&p);
	place_open(&p, NULL);
	memcpy(j.id, u.id, sizeof(j.id));
	keel_fleet_revoke(p.store, &j);
	CHECK(j.write.err == KEEL_ENONE);
	CHECK(enrol(&p, &u, 1) == KEEL_OK && open_home(&p, &u, HOME_A) == KEEL_OK);
	keel_fleet_revoke(p.store, &j);
	CHECK(j.write.err == KEEL_OK);
	keel_fleet_revoke(p.store, &j);
	CHECK(j.write.err == KEEL_ESTATE);
	CHECK(open_home(&p, &u, HOME_A) == KEEL_ERIGHT);
	struct keel_fleet_reports t = reports_of(&u, &r, 1, HOME_A);
	keel_fleet_reports(p.store, &t);
	CHECK(t.write.err == KEEL_ERIGHT && kept(&p, &u) == 0);
	j.why = NULL;
	keel_fleet_revoke(p.store, &j);
	CHECK(j.write.err == KEEL_OK && open_home(&p, &u, HOME_A) == KEEL_OK);
	place_clear(&p);
}

static void note_serial(void *self, const struct keel_fleet_listed *row)
{
	char *out = self;
	(void)strncat(out, row->unit->serial, 200);
	(void)strncat(out, row->home != NULL ? "+ " : " ", 4);
}

static void units_are_searched_by_serial_model_and_id(void)
{
	static const struct {
		const char *search, *found;
	} rows[] = {
		{ NULL, "H1-000001+ H1-000002 H1-000017 " },
		{ "0017", "H1-000017 " },
		{ "HEARTH", "H1-000001+ H1-000002 H1-000017 " },
		{ "11000700", "H1-000017 " }, /* its id begins with 11 00 07 00 */
		{ "%", "" },
		{ "'; DROP TABLE units; --", "" },
	};
	struct place p;
	struct keel_fleet_unit all[3] = { unit_of(1), unit_of(2), unit_of(17) };
	place_make(&p);
	place_open(&p, NULL);
	CHECK(enrol(&p, all, 3) == KEEL_OK && open_home(&p, &all[0], HOME_A) == KEEL_OK);
	for (size_t i = 0; i < KEEL_COUNT(rows); i++) {
		char seen[256] = "";
		CHECK(keel_fleet_units(p.store, rows[i].search, note_serial, seen) == KEEL_OK);
		CHECK_ROW(strcmp(seen, rows[i].found) == 0, rows[i].search);
	}
	place_clear(&p);
}

/* --- homes --- */

static void prov_5_11_1_a_new_home_finds_nothing_of_the_old_one(void)
{
	struct place p;
	struct keel_fleet_unit u = unit_of(1);
	struct keel_fleet_report r[2] = { report_of(1), report_of(2) };
	struct keel_fleet_home h;
	struct keel_fleet_session s = session_of(&u, HOME_B);
	place_make(&p);
	place_open(&p, NULL);
	r[1].refused = "undeclared";
	CHECK(enrol(&p, &u, 1) == KEEL_OK && open_home(&p, &u, HOME_A) == KEEL_OK);
	struct keel_fleet_reports t = reports_of(&u, r, 2, HOME_A);
	keel_fleet_reports(p.store, &t);
	CHECK(t.write.err == KEEL_OK && t.taken == 2 && kept(&p, &u) == 1);
	s.owners = (struct keel_bytes){ 0 };
	s.owners_number = 0; /* a home begins anew, also its lists' numbers */
	keel_fleet_session(p.store, &s);
	CHECK(s.write.err == KEEL_OK && s.taken == 0 && kept(&p, &u) == 0);
	CHECK(keel_fleet_home_find(p.store, u.id, &h) == KEEL_OK && h.owners_n == 0);
	CHECK(h.home_n == 16 && memcmp(h.home, HOME_B, 16) == 0);
	CHECK(number_in(p.db, "SELECT count(*) FROM oddities") == 0);
	CHECK(number_in(p.db, "SELECT count(*) FROM decisions") == 1);
	keel_fleet_reports(p.store, &t); /* a late call of the old home */
	CHECK(t.write.err == KEEL_ESTATE && kept(&p, &u) == 0);
	place_clear(&p);
}

static void an_older_list_of_owners_is_refused(void)
{
	struct place p;
	struct keel_fleet_unit u = unit_of(1);
	struct keel_fleet_session s = session_of(&u, HOME_A);
	place_make(&p);
	place_open(&p, NULL);
	CHECK(enrol(&p, &u, 1) == KEEL_OK && open_home(&p, &u, HOME_A) == KEEL_OK);
	s.owners_number = 2;
	keel_fleet_session(p.store, &s);
	CHECK(s.write.err == KEEL_ESTALE);
	s.owners = (struct keel_bytes){ 0 };
	s.owners_number = 9;
	keel_fleet_session(p.store, &s);
	CHECK(s.write.err == KEEL_ESTALE);
	s.owners = keel_text("newer");
	keel_fleet_session(p.store, &s);
	CHECK(s.write.err == KEEL_OK);
	place_clear(&p);
}

static void a_decision_is_kept_once_with_its_token(void)
{
	struct place p;
	struct keel_fleet_unit u = unit_of(1);
	struct keel_fleet_session s = session_of(&u, HOME_A);
	struct keel_fleet_home h;
	place_make(&p);
	place_open(&p, NULL);
	CHECK(enrol(&p, &u, 1) == KEEL_OK);
	for (int i = 0; i < 4; i++) { /* accepted twice, then flagged twice */
		s.decision = i < 2 ? KEEL_FLEET_ACCEPTED : KEEL_FLEET_FLAGGED;
		s.reasons = i < 2 ? "" : "debug";
		s.token[0] = (uint8_t)i;
		keel_fleet_session(p.store, &s);
		CHECK(s.write.err == KEEL_OK);
	}
	CHECK(number_in(p.db, "SELECT count(*) FROM decisions") == 2);
	CHECK(keel_fleet_home_find(p.store, u.id, &h) == KEEL_OK && h.token[0] == 3);
	CHECK(h.decision == KEEL_FLEET_FLAGGED && strcmp(h.reasons, "debug") == 0 && !h.quoted);
	s.quoted = true; /* the same finding, by evidence of another grade, is another decision */
	keel_fleet_session(p.store, &s);
	CHECK(number_in(p.db, "SELECT count(*) FROM decisions WHERE quoted = 1") == 1);
	CHECK(keel_fleet_home_find(p.store, u.id, &h) == KEEL_OK && h.quoted);
	place_clear(&p);
}

/* EN 303 645 5.3-12: who was refused for an older version is refused for it again. */
static void prov_5_3_12_a_second_try_is_no_step_forward(void)
{
	struct place p;
	struct keel_fleet_unit u = unit_of(1);
	struct keel_fleet_session s = session_of(&u, HOME_A);
	struct keel_fleet_home h;
	place_make(&p);
	place_open(&p, NULL);
	CHECK(enrol(&p, &u, 1) == KEEL_OK);
	s.version = keel_text("2.0.0");
	keel_fleet_session(p.store, &s);
	s.version = keel_text("1.0.0");
	s.decision = KEEL_FLEET_QUARANTINED;
	s.reasons = "rollback";
	keel_fleet_session(p.store, &s);
	CHECK(s.write.err == KEEL_OK);
	CHECK(keel_fleet_home_find(p.store, u.id, &h) == KEEL_OK);
	CHECK(h.decision == KEEL_FLEET_QUARANTINED && strcmp(h.version, "2.0.0") == 0);
	place_clear(&p);
}

static void a_device_that_changes_its_mind_fills_no_disk(void)
{
	struct place p;
	struct keel_fleet_unit u = unit_of(1);
	struct keel_fleet_session s = session_of(&u, HOME_A);
	place_make(&p);
	place_open(&p, NULL);
	CHECK(enrol(&p, &u, 1) == KEEL_OK);
	for (int i = 0; i < KEEL_FLEET_DECISIONS_MAX + 20; i++) {
		s.reasons = i % 2 == 0 ? "debug" : "walls";
		keel_fleet_session(p.store, &s);
		CHECK(s.write.err == KEEL_OK);
	}
	CHECK(number_in(p.db, "SELECT count(*) FROM decisions") == KEEL_FLEET_DECISIONS_MAX);
	place_clear(&p);
}

static void what_was_heard_never_goes_back(void)
{
	struct place p;
	struct keel_fleet_unit u = unit_of(1);
	struct keel_fleet_heard_one one[2] = { { .heard_s = NOW + 50, .next_s = NOW + 99 },
		{ .id = { 0xee }, .heard_s = NOW } }; /* nobody's */
	struct keel_fleet_heard j = { .all = one, .count = 2 };
	struct keel_fleet_home h;
	place_make(&p);
	place_open(&p, NULL);
	CHECK(enrol(&p, &u, 1) == KEEL_OK && open_home(&p, &u, HOME_A) == KEEL_OK);
	memcpy(one[0].id, u.id, sizeof(u.id));
	for (int i = 0; i < 2; i++) {
		keel_fleet_heard(p.store, &j);
		CHECK(j.write.err == KEEL_OK);
		CHECK(keel_fleet_home_find(p.store, u.id, &h) == KEEL_OK);
		CHECK(h.heard_s == NOW + 50 && h.next_s == NOW + 99);
		one[0].heard_s = NOW + 10;
	}
	place_clear(&p);
}

/* --- reports --- */

static void a_number_is_taken_once(void)
{
	struct place p;
	struct keel_fleet_unit u = unit_of(1);
	struct keel_fleet_report r[3] = { report_of(1), report_of(2), report_of(5) };
	place_make(&p);
	place_open(&p, NULL);
	CHECK(enrol(&p, &u, 1) == KEEL_OK && open_home(&p, &u, HOME_A) == KEEL_OK);
	struct keel_fleet_reports t = reports_of(&u, r, 2, HOME_A);
	keel_fleet_reports(p.store, &t);
	CHECK(t.write.err == KEEL_OK && t.taken == 2 && kept(&p, &u) == 2);
	t.count = 3; /* the answer was lost: the first two come again */
	keel_fleet_reports(p.store, &t);
	CHECK(t.write.err == KEEL_OK && t.taken == 5 && kept(&p, &u) == 3);
	t.count = 0;
	keel_fleet_reports(p.store, &t);
	CHECK(t.write.err == KEEL_OK && t.taken == 5);
	place_clear(&p);
}

static void note_odd(void *self, const struct keel_fleet_odd_row *row)
{
	char *out = self;
	(void)snprintf(out + strlen(out), 200, "%s %s %llu;", row->serial, row->word,
		(unsigned long long)row->count);
}

static void what_is_refused_is_counted_and_its_number_taken(void)
{
	struct place p;
	struct keel_fleet_unit u = unit_of(1);
	struct keel_fleet_report r[3] = { report_of(1), report_of(2), report_of(3) };
	char seen[400] = "";
	place_make(&p);
	place_open(&p, NULL);
	r[0].refused = r[2].refused = "out-of-range";
	CHECK(enrol(&p, &u, 1) == KEEL_OK && open_home(&p, &u, HOME_A) == KEEL_OK);
	struct keel_fleet_reports t = reports_of(&u, r, 3, HOME_A);
	keel_fleet_reports(p.store, &t);
	CHECK(t.write.err == KEEL_OK && t.taken == 3 && kept(&p, &u) == 1);
	CHECK(keel_fleet_odd(p.store, note_odd, seen) == KEEL_OK);
	CHECK(strcmp(seen, "H1-000001 out-of-range 2;") == 0);
	place_clear(&p);
}

static void reports_go_when_their_time_is_over(void)
{
	struct place p;
	struct keel_fleet_unit u = unit_of(1);
	struct keel_fleet_report r[3] = { report_of(1), report_of(2), report_of(3) };
	struct keel_fleet_retain j = { .now_s = NOW + 100 };
	place_make(&p);
	place_open(&p, NULL);
	r[1].until_s = NOW + 99;
	CHECK(enrol(&p, &u, 1) == KEEL_OK && open_home(&p, &u, HOME_A) == KEEL_OK);
	struct keel_fleet_reports t = reports_of(&u, r, 3, HOME_A);
	keel_fleet_reports(p.store, &t);
	keel_fleet_retain(p.store, &j);
	CHECK(j.write.err == KEEL_OK && j.gone == 1 && kept(&p, &u) == 2);
	t.count = 2; /* gone is not forgotten: its number stays taken */
	keel_fleet_reports(p.store, &t);
	CHECK(t.write.err == KEEL_OK && kept(&p, &u) == 2);
	place_clear(&p);
}

static void strangers_are_remembered_but_not_without_end(void)
{
	struct place p;
	struct keel_fleet_stranger j = { .serial = keel_text("X"), .why = "unknown" };
	place_make(&p);
	place_open(&p, NULL);
	for (unsigned i = 0; i < KEEL_FLEET_STRANGERS + 20; i++) {
		j.id[0] = (uint8_t)i;
		j.id[1] = (uint8_t)(i >> 8);
		j.now_s = NOW + i;
		keel_fleet_stranger(p.store, &j);
		CHECK(j.write.err == KEEL_OK);
	}
	CHECK(number_in(p.db, "SELECT count(*) FROM strangers") == KEEL_FLEET_STRANGERS);
	CHECK(number_in(p.db, "SELECT min(last) FROM strangers") == NOW + 20);
	place_clear(&p);
}

/* --- products --- */

static void add_list(void *self, struct keel_bytes list)
{
	(void)list;
	++*(unsigned *)self;
}

static enum keel_err add_until(
	struct place *p, const char *compiled, const char *model, int64_t until)
{
	struct keel_fleet_product_add j = { .who = "test",
		.now_s = NOW + until,
		.compiled = keel_text(compiled),
		.model = keel_text(model),
		.version = keel_text("1"),
		.until = until };
	keel_fleet_product_add(p->store, &j);
	return j.write.err;
}

static void prov_5_3_13_a_published_support_period_is_not_shortened(void)
{
	struct place p;
	struct keel_published h[KEEL_FLEET_PUBLISHED_MAX];
	struct keel_bytes out;
	struct keel_digest digest;
	uint8_t buf[8];
	size_t n = 9;
	place_make(&p);
	place_open(&p, NULL);
	CHECK(keel_fleet_published(p.store, keel_text("a"), h, &n) == KEEL_OK && n == 0);
	CHECK(add_until(&p, "1", "a", 100) == KEEL_OK && add_until(&p, "2", "a", 100) == KEEL_OK);
	CHECK(add_until(&p, "3", "a", 300) == KEEL_OK &&
		add_until(&p, "4", "a", 299) == KEEL_ERANGE);
	CHECK(add_until(&p, "5", "b", 50) == KEEL_OK);
	CHECK(keel_fleet_published(p.store, keel_text("a"), h, &n) == KEEL_OK && n == 2);
	CHECK(h[0].until == 100 && h[1].until == 300 && h[0].on == NOW / 86400);
	const struct keel_bytes refused = keel_text("4");
	keel_sha256(&refused, 1, &digest);
	CHECK(keel_fleet_product_get(p.store, &digest, buf, sizeof(buf), &out) == KEEL_ENONE);
	for (int64_t i = 0; i < 80; i++) { /* more than are shown: the last ones are */
		char text[8];
		(void)snprintf(text, sizeof(text), "c%d", (int)i);
		CHECK(add_until(&p, text, "c", 1000 + i) == KEEL_OK);
	}
	CHECK(keel_fleet_published(p.store, keel_text("c"), h, &n) == KEEL_OK);
	CHECK(n == KEEL_FLEET_PUBLISHED_MAX && h[n - 1].until == 1079 && h[0].until == 1016);
	CHECK(add_until(&p, "6", "c", 1078) == KEEL_ERANGE);
	place_clear(&p);
}

static void a_product_is_known_by_its_digest(void)
{
	struct place p;
	struct keel_fleet_product_add j = { .who = "test",
		.now_s = NOW,
		.compiled = keel_text("compiled"),
		.model = keel_text("hearth-h1"),
		.version = keel_text("1.0.0") };
	struct keel_fleet_measures_add m = { .who = "test", .list = keel_text("list") };
	uint8_t buf[16];
	struct keel_bytes out;
	unsigned lists = 0;
	place_make(&p);
	place_open(&p, NULL);
	keel_sha256(&j.compiled, 1, &m.product);
	keel_fleet_measures_add(p.store, &m);
	CHECK(m.write.err == KEEL_ENONE);
	for (int i = 0; i < 2; i++) {
		keel_fleet_product_add(p.store, &j);
		keel_fleet_measures_add(p.store, &m);
		CHECK(j.write.err == KEEL_OK && m.write.err == KEEL_OK);
	}
	CHECK(keel_fleet_product_get(p.store, &m.product, buf, sizeof(buf), &out) == KEEL_OK);
	CHECK(keel_bytes_is(out, "compiled"));
	CHECK(keel_fleet_product_get(p.store, &m.product, buf, 7, &out) == KEEL_EFULL);
	CHECK(keel_fleet_measures(p.store, &m.product, add_list, &lists) == KEEL_OK && lists == 1);
	CHECK(number_in(p.db, "SELECT count(*) FROM audit") == 2);
	place_clear(&p);
}

/* --- audit --- */

static void the_audit_log_shows_each_change_of_it(void)
{
	static const char *const changes[] = {
		"UPDATE audit SET detail = 'H1-000009' WHERE number = 2",
		"UPDATE audit SET who = 'nobody' WHERE number = 2",
		"UPDATE audit SET time = time + 1 WHERE number = 2",
		"UPDATE audit SET action = 'unit.other' WHERE number = 2",
		"UPDATE audit SET hash = zeroblob(32) WHERE number = 2",
		"UPDATE audit SET hash = x'00' WHERE number = 2",
		"DELETE FROM audit WHERE number = 2",
		"UPDATE audit SET number = 7 WHERE number = 3",
	};
	for (size_t i = 0; i < KEEL_COUNT(changes); i++) {
		struct place p;
		struct keel_fleet_unit all[4] = { unit_of(1), unit_of(2), unit_of(3), unit_of(4) };
		uint64_t bad = 0;
		place_make(&p);
		place_open(&p, NULL);
		CHECK(enrol(&p, all, 3) == KEEL_OK && enrol(&p, &all[3], 1) == KEEL_OK);
		CHECK(keel_fleet_audit(p.store, &bad, NULL, NULL) == KEEL_OK);
		exec_in(p.db, changes[i]);
		CHECK_ROW(keel_fleet_audit(p.store, &bad, NULL, NULL) == KEEL_EAUTH, changes[i]);
		CHECK_ROW(bad == (i == 7 ? 3 : 2), changes[i]);
		place_clear(&p);
	}
}

/* --- versions --- */

static void make_from(const char *sql_file, const char *db)
{
	FILE *f = fopen(sql_file, "r");
	static char sql[65536];
	CHECK(f != NULL);
	sql[fread(sql, 1, sizeof(sql) - 1, f)] = '\0';
	(void)fclose(f);
	exec_in(db, sql);
}

/* Each earlier version, with rows of everything, becomes the present one, and they are still there. */
static void an_older_database_is_brought_up_to_date(void)
{
	for (int version = 1; version < keel_fleet_schema_version(); version++) {
		char file[256];
		struct place p;
		struct keel_fleet_unit u;
		uint64_t bad;
		(void)snprintf(file, sizeof(file), VERSIONS "/%d.sql", version);
		place_make(&p);
		make_from(file, p.db);
		CHECK(number_in(p.db, "PRAGMA user_version") == version);
		place_open(&p, NULL);
		CHECK(number_in(p.db, "PRAGMA user_version") == keel_fleet_schema_version());
		CHECK(keel_fleet_unit_by_serial(p.store, "H1-000001", &u) == KEEL_OK);
		CHECK(kept(&p, &u) == 2);
		CHECK(keel_fleet_audit(p.store, &bad, NULL, NULL) == KEEL_OK);
		place_clear(&p);
	}
}

static void another_programs_file_is_left_alone(void)
{
	static const struct {
		const char *sql;
		enum keel_err e;
	} rows[] = {
		{ "CREATE TABLE mine(x)", KEEL_EFORM },
		{ "PRAGMA user_version = 1", KEEL_EFORM },
		{ "CREATE TABLE x(y); PRAGMA application_id = 1264936300; PRAGMA user_version = "
		  "99",
			KEEL_ESTATE },
	};
	for (size_t i = 0; i < KEEL_COUNT(rows); i++) {
		struct place p;
		struct keel_fault f;
		place_make(&p);
		exec_in(p.db, rows[i].sql);
		CHECK_ROW(
			keel_fleet_store_open(p.db, NULL, &p.store, &f) == rows[i].e, rows[i].sql);
		CHECK(f.what[0] != '\0' && f.next[0] != '\0');
		CHECK(number_in(p.db, "SELECT count(*) FROM sqlite_schema") == (i == 1 ? 0 : 1));
		place_clear(&p);
	}
}

/* --- many at once --- */

struct many {
	struct event_base *base;
	struct place place;
	unsigned done, want, bad;
};

static void count_done(void *self, struct keel_fleet_write *w)
{
	struct many *m = self;
	m->bad += w->err != KEEL_OK;
	if (++m->done == m->want)
		(void)event_base_loopbreak(m->base);
}

static void many_make(struct many *m, unsigned units)
{
	*m = (struct many){ .base = event_base_new() };
	place_make(&m->place);
	place_open(&m->place, NULL);
	for (unsigned i = 0; i < units; i++) {
		struct keel_fleet_unit u = unit_of(i);
		CHECK(enrol(&m->place, &u, 1) == KEEL_OK);
		CHECK(open_home(&m->place, &u, HOME_A) == KEEL_OK);
	}
	keel_fleet_store_close(m->place.store);
	place_open(&m->place, m->base);
}

static void many_clear(struct many *m)
{
	place_clear(&m->place);
	event_base_free(m->base);
}

static void a_job_that_fails_takes_no_other_with_it(void)
{
	enum { N = 60 };
	struct many m;
	struct keel_fleet_reports j[N];
	struct keel_fleet_report r = report_of(1);
	many_make(&m, N);
	m.want = N;
	for (unsigned i = 0; i < N; i++) { /* every third has no such home */
		struct keel_fleet_unit u = unit_of(i);
		j[i] = reports_of(&u, &r, 1, i % 3 == 0 ? HOME_B : HOME_A);
		j[i].write.done = count_done;
		j[i].write.self = &m;
		keel_fleet_reports(m.place.store, &j[i]);
	}
	(void)event_base_dispatch(m.base);
	for (unsigned i = 0; i < N; i++) {
		struct keel_fleet_unit u = unit_of(i);
		CHECK(j[i].write.err == (i % 3 == 0 ? KEEL_ESTATE : KEEL_OK));
		CHECK(kept(&m.place, &u) == (i % 3 == 0 ? 0 : 1));
	}
	many_clear(&m);
}

static void jobs_that_wait_are_done_and_told_at_closing(void)
{
	enum { N = 40 };
	struct many m;
	struct keel_fleet_reports j[N];
	struct keel_fleet_report r = report_of(1);
	many_make(&m, N);
	m.want = N + 1;
	for (unsigned i = 0; i < N; i++) {
		struct keel_fleet_unit u = unit_of(i);
		j[i] = reports_of(&u, &r, 1, HOME_A);
		j[i].write.done = count_done;
		j[i].write.self = &m;
		keel_fleet_reports(m.place.store, &j[i]);
	}
	keel_fleet_store_close(m.place.store);
	m.place.store = NULL;
	CHECK(m.done == N && m.bad == 0);
	CHECK(number_in(m.place.db, "SELECT count(*) FROM reports") == N);
	many_clear(&m);
}

/* --- kill -9 --- */

#define WRITERS 16

/* Each writer has one report under way; what was acknowledged goes up the pipe, one byte at a time. */
struct writer {
	struct many *m;
	struct keel_fleet_reports job;
	struct keel_fleet_report item;
	int up;
	uint8_t n;
};

static void write_next(struct writer *w)
{
	w->item.number++;
	keel_fleet_reports(w->m->place.store, &w->job);
}

static void acknowledged(void *self, struct keel_fleet_write *job)
{
	struct writer *w = self;
	if (job->err != KEEL_OK || write(w->up, &w->n, 1) != 1)
		_exit(1);
	write_next(w);
}

static void write_until_killed(struct place *p, int up)
{
	struct many m = { .base = event_base_new(), .place = *p };
	static struct writer w[WRITERS];
	place_open(&m.place, m.base);
	for (unsigned i = 0; i < WRITERS; i++) {
		struct keel_fleet_unit u = unit_of(i);
		w[i] = (struct writer){ .m = &m, .item = report_of(0), .up = up, .n = (uint8_t)i };
		w[i].job = reports_of(&u, &w[i].item, 1, HOME_A);
		w[i].job.write.done = acknowledged;
		w[i].job.write.self = &w[i];
		write_next(&w[i]);
	}
	(void)event_base_dispatch(m.base);
	_exit(1);
}

/* Reads what was acknowledged, kills amid it when it is this many, and reads what is left. */
static void kill_amid(pid_t child, int down, uint64_t enough, uint64_t acked[WRITERS])
{
	uint8_t got[4096];
	uint64_t all = 0;
	ssize_t n;
	while ((n = read(down, got, sizeof(got))) > 0) {
		for (ssize_t i = 0; i < n; i++)
			acked[got[i] % WRITERS]++;
		bool was = all >= enough;
		all += (uint64_t)n;
		if (!was && all >= enough)
			CHECK(kill(child, SIGKILL) == 0);
	}
	CHECK(all >= enough);
}

/* EN 303 645 5.9-1: what was acknowledged is there after the service was killed, and once. */
static void prov_5_9_1_nothing_acknowledged_is_lost_by_a_kill(void)
{
	struct many m;
	many_make(&m, WRITERS);
	keel_fleet_store_close(m.place.store);
	m.place.store = NULL;
	for (int round = 0; round < 6; round++) {
		int ends[2];
		uint64_t acked[WRITERS] = { 0 };
		uint64_t before[WRITERS];
		place_open(&m.place, NULL);
		for (unsigned i = 0; i < WRITERS; i++) { /* a new home each round: numbers from 1 */
			struct keel_fleet_unit u = unit_of(i);
			CHECK(open_home(&m.place, &u, HOME_B) == KEEL_OK);
			CHECK(open_home(&m.place, &u, HOME_A) == KEEL_OK);
			before[i] = kept(&m.place, &u);
			CHECK(before[i] == 0);
		}
		keel_fleet_store_close(m.place.store);
		m.place.store = NULL;
		CHECK(pipe(ends) == 0);
		pid_t child = fork();
		if (child == 0)
			write_until_killed(&m.place, ends[1]);
		(void)close(ends[1]);
		kill_amid(child, ends[0], 100 + 37 * (uint64_t)round, acked);
		(void)close(ends[0]);
		int status;
		CHECK(waitpid(child, &status, 0) == child && WIFSIGNALED(status));
		place_open(&m.place, NULL);
		for (unsigned i = 0; i < WRITERS; i++) {
			struct keel_fleet_unit u = unit_of(i);
			struct keel_fleet_home h;
			uint64_t n = kept(&m.place, &u); /* each number once, from 1 */
			CHECK(n == acked[i] || n == acked[i] + 1);
			CHECK(keel_fleet_home_find(m.place.store, u.id, &h) == KEEL_OK);
			CHECK(h.taken == n);
		}
		keel_fleet_store_close(m.place.store);
		m.place.store = NULL;
	}
	many_clear(&m);
}

/* --- copies --- */

static void a_backup_is_whole_and_overwrites_nothing(void)
{
	struct place p;
	struct place copy;
	struct keel_fleet_unit all[2] = { unit_of(1), unit_of(2) };
	struct keel_fleet_unit found;
	struct keel_fault f;
	place_make(&p);
	place_make(&copy);
	place_open(&p, NULL);
	CHECK(enrol(&p, all, 2) == KEEL_OK);
	CHECK(keel_fleet_backup(p.store, copy.db, &f) == KEEL_OK);
	CHECK(keel_fleet_backup(p.store, copy.db, &f) == KEEL_EIO && f.next[0] != '\0');
	place_open(&copy, NULL);
	CHECK(keel_fleet_unit_find(copy.store, all[1].id, &found) == KEEL_OK);
	place_clear(&p);
	place_clear(&copy);
}

TEST_MAIN(TEST(a_unit_is_found_as_it_was_enrolled), TEST(a_list_is_enrolled_whole_or_not_at_all),
	TEST(a_revoked_unit_opens_no_session_and_reports_nothing),
	TEST(units_are_searched_by_serial_model_and_id),
	TEST(prov_5_11_1_a_new_home_finds_nothing_of_the_old_one),
	TEST(an_older_list_of_owners_is_refused), TEST(a_decision_is_kept_once_with_its_token),
	TEST(prov_5_3_12_a_second_try_is_no_step_forward),
	TEST(a_device_that_changes_its_mind_fills_no_disk), TEST(what_was_heard_never_goes_back),
	TEST(a_number_is_taken_once), TEST(what_is_refused_is_counted_and_its_number_taken),
	TEST(reports_go_when_their_time_is_over),
	TEST(strangers_are_remembered_but_not_without_end), TEST(a_product_is_known_by_its_digest),
	TEST(prov_5_3_13_a_published_support_period_is_not_shortened),
	TEST(the_audit_log_shows_each_change_of_it), TEST(an_older_database_is_brought_up_to_date),
	TEST(another_programs_file_is_left_alone), TEST(a_job_that_fails_takes_no_other_with_it),
	TEST(jobs_that_wait_are_done_and_told_at_closing),
	TEST(prov_5_9_1_nothing_acknowledged_is_lost_by_a_kill),
	TEST(a_backup_is_whole_and_overwrites_nothing))

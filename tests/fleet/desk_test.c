/* The desk's store through its header, on a real file: EN 303 645 5.2-1. */
#include <ftw.h>
#include <stdlib.h>
#include <unistd.h>

#include "check.h"
#include "desk/sealed.h"
#include "fleet/desk.h"

#define NOW INT64_C(1795852800) /* 2026-11-28 */
#define DAY INT64_C(86400)

struct place {
	char dir[64];
	char db[96];
	struct keel_fleet_store *store;
	struct keel_p256_key desk, reader;
	struct keel_digest kid;
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

static enum keel_err put_reader(struct place *p, const char *operator)
{
	struct keel_desk_reader_put j = { .who = operator,
		.now_s = NOW,
		.pub = p->reader.pub,
		.wrapped = keel_text("wrapped"),
		.how = "code" };
	keel_desk_reader_put(p->store, &j);
	return j.write.err;
}

static enum keel_err add_key(struct place *p, const struct keel_p256_key *key, const char *operator)
{
	uint8_t buf[KEEL_CASE_OPENING_MAX];
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	struct keel_desk_copy copy = { .operator= operator};
	CHECK(keel_desk_copy_write(&p->reader.pub, key, &w) == KEEL_OK);
	CHECK(keel_wr_end(&w, &copy.sealed) == KEEL_OK);
	struct keel_desk_key_add j = {
		.who = "ann", .now_s = NOW, .pub = key->pub, .copies = &copy, .count = 1
	};
	keel_desk_key_add(p->store, &j);
	return j.write.err;
}

/* A store with one operator, who made the desk's key. */
static void place_make(struct place *p)
{
	struct keel_fault fault;
	*p = (struct place){ .dir = "/tmp/keel-desk-XXXXXX" };
	CHECK(mkdtemp(p->dir) != NULL);
	(void)snprintf(p->db, sizeof(p->db), "%s/fleet.db", p->dir);
	CHECK(keel_fleet_store_open(p->db, NULL, &p->store, &fault) == KEEL_OK);
	keel_p256_generate(&p->desk);
	keel_p256_generate(&p->reader);
	keel_desk_kid(&p->desk.pub, &p->kid);
	CHECK(put_reader(p, "ann") == KEEL_OK);
	CHECK(add_key(p, &p->desk, "ann") == KEEL_OK);
}

static struct keel_desk_open report_of(struct place *p, uint8_t token)
{
	return (struct keel_desk_open){ .now_s = NOW,
		.model = keel_text("hearth-h1"),
		.kid = p->kid,
		.token = { { token } },
		.opening = keel_text("opening"),
		.message = keel_text("sealed"),
		.acknowledge_s = 2 * DAY,
		.status_s = 14 * DAY };
}

static enum keel_err report(struct place *p, struct keel_desk_open *j)
{
	keel_desk_open(p->store, j);
	return j->write.err;
}

static enum keel_err say(struct place *p, const struct keel_desk_open *of, enum keel_desk_from from,
	int64_t now_s, const char *sealed)
{
	bool reporter = from == KEEL_DESK_FROM_REPORTER;
	struct keel_desk_say j = { .who = reporter ? NULL : "ann",
		.now_s = now_s,
		.from = from,
		.number = reporter ? NULL : of->number,
		.token = of->token,
		.sealed = keel_text(sealed),
		.mail = of->mail };
	keel_desk_say(p->store, &j);
	return j.write.err;
}

static enum keel_err turn(
	struct place *p, const struct keel_desk_open *of, enum keel_desk_state to, int64_t now_s)
{
	struct keel_desk_turn j = { .who = "ann", .now_s = now_s, .number = of->number, .to = to };
	keel_desk_turn(p->store, &j);
	return j.write.err;
}

static struct keel_desk_case case_of(struct place *p, const struct keel_desk_open *of)
{
	struct keel_desk_case c = { 0 };
	CHECK(keel_desk_case_find(p->store, of->number, &c) == KEEL_OK);
	return c;
}

/* --- cases --- */

static bool is_number(const char *n)
{
	return strncmp(n, "2026-", 5) == 0 &&
	       strspn(n + 5, "0123456789ABCDEFGHJKMNPQRSTVWXYZ") == 4 && n[9] == '\0';
}

static void prov_5_2_1_a_report_is_kept_and_has_a_number(void)
{
	struct place p;
	struct keel_fault fault;
	struct keel_desk_case c;
	place_make(&p);
	struct keel_desk_open j = report_of(&p, 1), other = report_of(&p, 2);
	CHECK(report(&p, &j) == KEEL_OK && report(&p, &other) == KEEL_OK);
	CHECK(is_number(j.number) && is_number(other.number) &&
		strcmp(j.number, other.number) != 0);
	keel_fleet_store_close(p.store);
	CHECK(keel_fleet_store_open(p.db, NULL, &p.store, &fault) == KEEL_OK);
	CHECK(keel_desk_case_by_token(p.store, &j.token, &c) == KEEL_OK);
	CHECK(strcmp(c.number, j.number) == 0 && strcmp(c.model, "hearth-h1") == 0);
	CHECK(c.state == KEEL_DESK_NEW && c.created_s == NOW && c.messages == 1);
	CHECK(memcmp(c.kid.b, p.kid.b, sizeof(c.kid.b)) == 0);
	CHECK(c.opening_n == 7 && memcmp(c.opening, "opening", 7) == 0);
	CHECK(keel_desk_case_by_token(p.store, &(struct keel_digest){ { 9 } }, &c) == KEEL_ENONE);
	place_clear(&p);
}

/* Its answer was lost, and the page asks again. */
static void the_same_report_again_is_one_case(void)
{
	struct place p;
	place_make(&p);
	struct keel_desk_open j = report_of(&p, 1), again = report_of(&p, 1);
	CHECK(report(&p, &j) == KEEL_OK && report(&p, &again) == KEEL_OK);
	CHECK(strcmp(j.number, again.number) == 0);
	again.message = keel_text("another");
	CHECK(report(&p, &again) == KEEL_ESTATE);
	struct keel_desk_open unknown = report_of(&p, 3);
	unknown.kid.b[0] ^= 1;
	CHECK(report(&p, &unknown) == KEEL_ENONE);
	place_clear(&p);
}

struct seen {
	size_t count;
	uint64_t from[8];
	char said[8][16];
};

static bool see(void *self, const struct keel_desk_message *m)
{
	struct seen *s = self;
	CHECK(s->count < 8 && m->sealed.n < 16);
	s->from[s->count] = m->from;
	memcpy(s->said[s->count], m->sealed.p, m->sealed.n);
	s->count++;
	return true;
}

static void the_reporter_does_not_see_notes(void)
{
	struct place p;
	struct seen all = { 0 }, theirs = { 0 };
	place_make(&p);
	struct keel_desk_open j = report_of(&p, 1);
	CHECK(report(&p, &j) == KEEL_OK);
	CHECK(say(&p, &j, KEEL_DESK_NOTE, NOW + 1, "true?") == KEEL_OK);
	CHECK(say(&p, &j, KEEL_DESK_FROM_DESK, NOW + 2, "thanks") == KEEL_OK);
	CHECK(say(&p, &j, KEEL_DESK_FROM_REPORTER, NOW + 3, "more") == KEEL_OK);
	CHECK(say(&p, &j, KEEL_DESK_FROM_REPORTER, NOW + 4, "more") == KEEL_OK);
	CHECK(keel_desk_messages(p.store, j.number, 0, true, see, &all) == KEEL_OK);
	CHECK(keel_desk_messages(p.store, j.number, 1, false, see, &theirs) == KEEL_OK);
	CHECK(all.count == 4 && all.from[1] == KEEL_DESK_NOTE);
	CHECK(theirs.count == 2 && strcmp(theirs.said[0], "thanks") == 0 &&
		theirs.from[1] == KEEL_DESK_FROM_REPORTER);
	CHECK(say(&p, &(struct keel_desk_open){ .token = { { 9 } } }, KEEL_DESK_FROM_REPORTER, NOW,
		      "x") == KEEL_ENONE);
	place_clear(&p);
}

/* --- clocks --- */

static void prov_5_2_1_what_the_maker_promised_is_due(void)
{
	struct place p;
	place_make(&p);
	struct keel_desk_open j = report_of(&p, 1);
	CHECK(report(&p, &j) == KEEL_OK);
	CHECK(case_of(&p, &j).due_s == NOW + 2 * DAY && case_of(&p, &j).acknowledged_s == 0);
	CHECK(say(&p, &j, KEEL_DESK_NOTE, NOW + DAY, "a note tells nobody") == KEEL_OK);
	CHECK(case_of(&p, &j).due_s == NOW + 2 * DAY);
	CHECK(say(&p, &j, KEEL_DESK_FROM_DESK, NOW + DAY, "got it") == KEEL_OK);
	CHECK(case_of(&p, &j).state == KEEL_DESK_ACKNOWLEDGED);
	CHECK(case_of(&p, &j).acknowledged_s == NOW + DAY);
	CHECK(case_of(&p, &j).due_s == NOW + 15 * DAY);
	CHECK(turn(&p, &j, KEEL_DESK_CONFIRMED, NOW + 3 * DAY) == KEEL_OK);
	CHECK(case_of(&p, &j).due_s == NOW + 17 * DAY);
	CHECK(say(&p, &j, KEEL_DESK_FROM_REPORTER, NOW + 4 * DAY, "and?") == KEEL_OK);
	CHECK(case_of(&p, &j).due_s == NOW + 17 * DAY);
	CHECK(turn(&p, &j, KEEL_DESK_FIXED, NOW + 5 * DAY) == KEEL_OK);
	CHECK(case_of(&p, &j).due_s == 0);
	CHECK(say(&p, &j, KEEL_DESK_FROM_REPORTER, NOW + 6 * DAY, "it is not") == KEEL_OK);
	CHECK(case_of(&p, &j).due_s == NOW + 20 * DAY);
	place_clear(&p);
}

static void a_state_is_not_told_twice(void)
{
	struct place p;
	place_make(&p);
	struct keel_desk_open j = report_of(&p, 1);
	CHECK(report(&p, &j) == KEEL_OK);
	CHECK(turn(&p, &j, KEEL_DESK_NEW, NOW) == KEEL_ESTATE);
	CHECK(turn(&p, &j, KEEL_DESK_CLOSED, NOW) == KEEL_OK);
	CHECK(turn(&p, &j, KEEL_DESK_CLOSED, NOW) == KEEL_ESTATE);
	CHECK(turn(&p, &j, KEEL_DESK_STATES, NOW) == KEEL_ESTATE);
	CHECK(turn(&p, &(struct keel_desk_open){ .number = "2026-0000" }, KEEL_DESK_FIXED, NOW) ==
		KEEL_ENONE);
	place_clear(&p);
}

struct order {
	size_t count;
	struct keel_desk_case last;
	char numbers[4][KEEL_DESK_NUMBER_LEN + 1];
};

/* Two at a time. */
static bool list_one(void *self, const struct keel_desk_case *c)
{
	struct order *o = self;
	CHECK(o->count < 4);
	o->last = *c;
	memcpy(o->numbers[o->count++], c->number, sizeof(c->number));
	return o->count % 2 != 0;
}

static void what_is_due_first_comes_first(void)
{
	struct place p;
	struct order o = { 0 };
	place_make(&p);
	struct keel_desk_open calm = report_of(&p, 1), late = report_of(&p, 2),
			      done = report_of(&p, 3);
	late.now_s = NOW - DAY;
	done.now_s = NOW - 30 * DAY;
	CHECK(report(&p, &calm) == KEEL_OK && report(&p, &late) == KEEL_OK &&
		report(&p, &done) == KEEL_OK);
	CHECK(turn(&p, &done, KEEL_DESK_CLOSED, NOW) == KEEL_OK);
	CHECK(keel_desk_cases(p.store, NULL, list_one, &o) == KEEL_OK && o.count == 2);
	struct keel_desk_case last = o.last;
	CHECK(turn(&p, &calm, KEEL_DESK_CLOSED, NOW) == KEEL_OK); /* its place is another now */
	CHECK(keel_desk_cases(p.store, &last, list_one, &o) == KEEL_OK && o.count == 4);
	CHECK(strcmp(o.numbers[0], late.number) == 0);
	CHECK(strcmp(o.numbers[1], calm.number) == 0);
	CHECK(strcmp(o.numbers[2], calm.number) == 0); /* once more, where it stands */
	CHECK(strcmp(o.numbers[3], done.number) == 0);
	place_clear(&p);
}

/* --- files --- */

static enum keel_err piece(struct place *p, const struct keel_desk_open *of, uint64_t file,
	uint64_t number, struct keel_bytes sealed)
{
	struct keel_desk_piece j = {
		.token = of->token, .file = file, .piece = number, .sealed = sealed
	};
	keel_desk_piece(p->store, &j);
	return j.write.err;
}

static void count_file(void *self, uint64_t file, uint64_t pieces, uint64_t bytes)
{
	uint64_t *seen = self;
	seen[0]++;
	seen[1] += pieces;
	seen[2] += bytes;
	CHECK(file == 0 || file == 4);
}

static void a_file_comes_in_pieces_once_each(void)
{
	static uint8_t buf[KEEL_DESK_PIECE_MAX];
	struct place p;
	struct keel_bytes out;
	uint64_t seen[3] = { 0 };
	place_make(&p);
	struct keel_desk_open j = report_of(&p, 1);
	CHECK(report(&p, &j) == KEEL_OK);
	CHECK(piece(&p, &j, 0, 0, keel_text("abc")) == KEEL_OK);
	CHECK(piece(&p, &j, 0, 1, keel_text("de")) == KEEL_OK);
	CHECK(piece(&p, &j, 4, 0, keel_text("f")) == KEEL_OK);
	CHECK(piece(&p, &j, 0, 0, keel_text("abc")) == KEEL_OK);
	CHECK(piece(&p, &j, 0, 0, keel_text("xyz")) == KEEL_ESTATE);
	CHECK(keel_desk_files(p.store, j.number, count_file, seen) == KEEL_OK);
	CHECK(seen[0] == 2 && seen[1] == 3 && seen[2] == 6 && case_of(&p, &j).file_bytes == 6);
	CHECK(keel_desk_piece_get(p.store, j.number, 0, 1, buf, &out) == KEEL_OK);
	CHECK(keel_bytes_is(out, "de"));
	CHECK(keel_desk_piece_get(p.store, j.number, 0, 2, buf, &out) == KEEL_ENONE);
	CHECK(piece(&p, &(struct keel_desk_open){ .token = { { 9 } } }, 0, 0, keel_text("x")) ==
		KEEL_ENONE);
	place_clear(&p);
}

static void a_case_takes_25_mib_of_files_and_no_more(void)
{
	static uint8_t sealed[KEEL_CASE_PIECE_MAX + 80];
	struct place p;
	uint64_t n = 0;
	enum keel_err e;
	place_make(&p);
	struct keel_desk_open j = report_of(&p, 1);
	CHECK(report(&p, &j) == KEEL_OK);
	while ((e = piece(&p, &j, 0, n, KEEL_VIEW(sealed))) == KEEL_OK)
		n++;
	CHECK(e == KEEL_EFULL);
	CHECK(n * KEEL_CASE_PIECE_MAX >= KEEL_CASE_FILES_MAX);
	CHECK(case_of(&p, &j).file_bytes == n * sizeof(sealed));
	place_clear(&p);
}

/* Whoever has a link fills no case so that the desk cannot answer in it. */
static void a_reporter_leaves_the_desk_room_to_answer(void)
{
	struct place p;
	char text[16];
	place_make(&p);
	struct keel_desk_open j = report_of(&p, 1);
	CHECK(report(&p, &j) == KEEL_OK);
	for (unsigned i = 2; i <= KEEL_DESK_REPORTER_MAX; i++) {
		(void)snprintf(text, sizeof(text), "%u", i);
		CHECK(say(&p, &j, KEEL_DESK_FROM_REPORTER, NOW, text) == KEEL_OK);
	}
	CHECK(say(&p, &j, KEEL_DESK_FROM_REPORTER, NOW, "one more") == KEEL_EFULL);
	CHECK(say(&p, &j, KEEL_DESK_FROM_DESK, NOW, "an answer") == KEEL_OK);
	place_clear(&p);
}

/* --- keys --- */

static void see_copy(
	void *self, const struct keel_p256_pub *pub, int64_t made_s, struct keel_bytes sealed)
{
	struct place *p = self;
	struct keel_p256_key out;
	(void)made_s;
	if (memcmp(pub->xy, p->desk.pub.xy, sizeof(pub->xy)) != 0)
		return;
	CHECK(keel_desk_copy_read(&p->reader, sealed, &out) == KEEL_OK);
	CHECK(memcmp(out.d, p->desk.d, sizeof(out.d)) == 0);
}

static void see_none(
	void *self, const struct keel_p256_pub *pub, int64_t made_s, struct keel_bytes sealed)
{
	(void)pub, (void)made_s;
	*(size_t *)self += sealed.n == 0;
}

static void reports_go_to_the_latest_key_and_older_ones_stay_readable(void)
{
	struct place p;
	struct keel_p256_key second;
	struct keel_p256_pub now;
	int64_t made_s;
	size_t without = 0;
	place_make(&p);
	CHECK(keel_desk_key_now(p.store, &now, &made_s) == KEEL_OK && made_s == NOW);
	CHECK(memcmp(now.xy, p.desk.pub.xy, sizeof(now.xy)) == 0);
	keel_p256_generate(&second);
	CHECK(add_key(&p, &second, "bob") == KEEL_ENONE);
	CHECK(add_key(&p, &p.desk, "ann") == KEEL_ESTATE);
	CHECK(add_key(&p, &second, "ann") == KEEL_OK);
	CHECK(keel_desk_key_now(p.store, &now, &made_s) == KEEL_OK);
	CHECK(memcmp(now.xy, second.pub.xy, sizeof(now.xy)) == 0);
	CHECK(keel_desk_copies(p.store, "ann", see_copy, &p) == KEEL_OK);
	CHECK(keel_desk_copies(p.store, "bob", see_none, &without) == KEEL_OK && without == 2);
	place_clear(&p);
}

static void an_operator_is_given_a_copy(void)
{
	struct place p;
	size_t without = 0;
	place_make(&p);
	struct keel_desk_copy_put j = {
		.who = "ann", .now_s = NOW, .kid = p.kid, .copy = { "bob", keel_text("sealed") }
	};
	keel_desk_copy_put(p.store, &j);
	CHECK(j.write.err == KEEL_ENONE);
	CHECK(put_reader(&p, "bob") == KEEL_OK);
	keel_desk_copy_put(p.store, &j);
	CHECK(j.write.err == KEEL_OK);
	CHECK(keel_desk_copies(p.store, "bob", see_none, &without) == KEEL_OK && without == 0);
	/* A new reader key does not open what was sealed to the old one. */
	CHECK(put_reader(&p, "bob") == KEEL_OK);
	CHECK(keel_desk_copies(p.store, "bob", see_none, &without) == KEEL_OK && without == 1);
	place_clear(&p);
}

/* --- mail, audit --- */

static void mail_waits_until_it_went(void)
{
	struct place p;
	struct keel_desk_mail m;
	place_make(&p);
	struct keel_desk_open j = report_of(&p, 1), quiet = report_of(&p, 2);
	j.mail = true;
	CHECK(report(&p, &j) == KEEL_OK && report(&p, &quiet) == KEEL_OK);
	CHECK(say(&p, &j, KEEL_DESK_FROM_REPORTER, NOW + 1, "more") == KEEL_OK);
	CHECK(say(&p, &j, KEEL_DESK_FROM_REPORTER, NOW + 2, "and more") ==
		KEEL_OK); /* one mail says it */
	CHECK(keel_desk_mail_next(p.store, NOW - 1, &m) == KEEL_ENONE);
	CHECK(keel_desk_mail_next(p.store, NOW, &m) == KEEL_OK);
	CHECK(m.first && m.tries == 0 && strcmp(m.number, j.number) == 0);
	struct keel_desk_mailed later = { .row = m.row, .again_s = NOW + 60 };
	keel_desk_mailed(p.store, &later);
	CHECK(keel_desk_mail_next(p.store, NOW + 1, &m) == KEEL_OK && !m.first);
	struct keel_desk_mailed gone = { .row = m.row };
	keel_desk_mailed(p.store, &gone);
	CHECK(keel_desk_mail_next(p.store, NOW + 59, &m) == KEEL_ENONE);
	CHECK(keel_desk_mail_next(p.store, NOW + 60, &m) == KEEL_OK && m.first && m.tries == 1);
	place_clear(&p);
}

struct audit {
	size_t count;
	const char *const *expected;
};

static void audit_one(void *self, const struct keel_fleet_audit_row *row)
{
	struct audit *a = self;
	char line[128];
	(void)snprintf(line, sizeof(line), "%s %s", row->who, row->action);
	CHECK_ROW(a->expected[a->count] != NULL && strcmp(line, a->expected[a->count]) == 0, line);
	a->count += a->expected[a->count] != NULL;
}

static void what_the_desk_does_is_in_the_audit_log(void)
{
	static const char *const expected[] = { "ann desk.reader", "ann desk.key",
		"reporter case.open", "ann case.note", "ann case.answer", "ann case.state", NULL };
	struct place p;
	struct audit a = { .expected = expected };
	uint64_t bad;
	place_make(&p);
	struct keel_desk_open j = report_of(&p, 1);
	CHECK(report(&p, &j) == KEEL_OK);
	CHECK(say(&p, &j, KEEL_DESK_NOTE, NOW, "note") == KEEL_OK);
	CHECK(say(&p, &j, KEEL_DESK_FROM_DESK, NOW, "hello") == KEEL_OK);
	CHECK(turn(&p, &j, KEEL_DESK_FIXED, NOW) == KEEL_OK);
	CHECK(keel_fleet_audit(p.store, &bad, audit_one, &a) == KEEL_OK);
	CHECK(a.count == KEEL_COUNT(expected) - 1);
	place_clear(&p);
}

TEST_MAIN(TEST(prov_5_2_1_a_report_is_kept_and_has_a_number),
	TEST(the_same_report_again_is_one_case), TEST(the_reporter_does_not_see_notes),
	TEST(prov_5_2_1_what_the_maker_promised_is_due), TEST(a_state_is_not_told_twice),
	TEST(what_is_due_first_comes_first), TEST(a_file_comes_in_pieces_once_each),
	TEST(a_case_takes_25_mib_of_files_and_no_more),
	TEST(reports_go_to_the_latest_key_and_older_ones_stay_readable),
	TEST(an_operator_is_given_a_copy), TEST(mail_waits_until_it_went),
	TEST(a_reporter_leaves_the_desk_room_to_answer),
	TEST(what_the_desk_does_is_in_the_audit_log))

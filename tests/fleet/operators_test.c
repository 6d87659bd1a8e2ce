/* Operators, links and sessions of the console, through the store's header, on real files. */
#include <stdlib.h>
#include <unistd.h>

#include "check.h"
#include "fleet/desk.h"
#include "fleet/operators.h"

#define NOW 1795852800

struct place {
	char dir[64], db[96];
	struct keel_fleet_store *store;
};

static void place_open(struct place *p)
{
	struct keel_fault fault;
	CHECK(keel_fleet_store_open(p->db, NULL, &p->store, &fault) == KEEL_OK);
}

static void place_make(struct place *p)
{
	*p = (struct place){ .dir = "/tmp/keel-fleet-XXXXXX" };
	CHECK(mkdtemp(p->dir) != NULL);
	(void)snprintf(p->db, sizeof(p->db), "%s/fleet.db", p->dir);
	place_open(p);
}

static void place_clear(struct place *p)
{
	static const char *const ends[] = { "", "-wal", "-shm" };
	keel_fleet_store_close(p->store);
	for (size_t i = 0; i < KEEL_COUNT(ends); i++) {
		char path[128];
		(void)snprintf(path, sizeof(path), "%s%s", p->db, ends[i]);
		(void)unlink(path);
	}
	(void)rmdir(p->dir);
}

static struct keel_digest digest_of(uint8_t c)
{
	struct keel_digest d;
	memset(d.b, c, sizeof(d.b));
	return d;
}

static enum keel_err invite(struct place *p, const char *name, uint8_t secret, int64_t now_s)
{
	struct keel_fleet_invite j = {
		.who = "test", .now_s = now_s, .name = name, .secret = digest_of(secret)
	};
	keel_fleet_invite(p->store, &j);
	return j.write.err;
}

/* Each challenge and each cookie is told by its number. */
static struct keel_fleet_entry entry_of(uint8_t challenge, uint8_t cookie, int64_t now_s)
{
	static uint8_t bytes[256][32];
	memset(bytes[challenge], challenge, 32);
	return (struct keel_fleet_entry){ .challenge = KEEL_VIEW(bytes[challenge]),
		.challenge_until_s = now_s + 300,
		.cookie = digest_of(cookie) };
}

static enum keel_err add(
	struct place *p, const char *name, uint8_t secret, uint8_t n, uint32_t count)
{
	struct keel_passkey k = { .id = { n }, .id_n = 16, .key = { { n } }, .count = count };
	struct keel_fleet_operator_add j = { .now_s = NOW,
		.entry = entry_of(n, n, NOW),
		.secret = digest_of(secret),
		.name = name,
		.passkey = &k };
	keel_fleet_operator_add(p->store, &j);
	return j.write.err;
}

static enum keel_err sign_in_or_copied(
	struct place *p, uint8_t passkey, uint8_t n, uint32_t count, int64_t now_s, bool *copied)
{
	struct keel_fleet_operator op;
	const uint8_t id[16] = { passkey };
	enum keel_err e = keel_fleet_operator_by_passkey(p->store, KEEL_VIEW(id), &op);
	if (e != KEEL_OK)
		return e;
	struct keel_fleet_sign_in j = {
		.now_s = now_s, .entry = entry_of(n, n, now_s), .op = &op, .count = count
	};
	keel_fleet_sign_in(p->store, &j);
	*copied = j.copied;
	return j.write.err;
}

static enum keel_err sign_in(
	struct place *p, uint8_t passkey, uint8_t n, uint32_t count, int64_t now_s)
{
	bool copied = false;
	enum keel_err e = sign_in_or_copied(p, passkey, n, count, now_s, &copied);
	CHECK(!copied);
	return e;
}

static bool is_copied(struct place *p, uint8_t passkey, uint8_t n, uint32_t count)
{
	bool copied = false;
	return sign_in_or_copied(p, passkey, n, count, NOW, &copied) == KEEL_OK && copied;
}

static enum keel_err is_in(struct place *p, uint8_t cookie, int64_t now_s)
{
	struct keel_fleet_operator op;
	struct keel_digest d = digest_of(cookie);
	int64_t idle_s;
	return keel_fleet_signed_in(p->store, &d, now_s, &op, &idle_s);
}

/* EN 303 645 5.1-1: nobody comes in by something that many services have. */
static void prov_5_1_1_there_is_no_operator_from_the_beginning(void)
{
	struct place p;
	uint64_t n = 9;
	place_make(&p);
	CHECK(keel_fleet_operators_count(p.store, &n) == KEEL_OK && n == 0);
	CHECK(add(&p, "ann", 1, 1, 1) == KEEL_ENONE && is_in(&p, 1, NOW) == KEEL_ENONE);
	CHECK(keel_fleet_operators_count(p.store, &n) == KEEL_OK && n == 0);
	place_clear(&p);
}

static void a_link_serves_once_and_for_a_day(void)
{
	struct place p;
	char name[KEEL_FLEET_OPERATOR_MAX + 1] = "?";
	struct keel_digest d = digest_of(1);
	place_make(&p);
	CHECK(invite(&p, "ann", 1, NOW - KEEL_INVITATION_S) == KEEL_OK);
	CHECK(add(&p, "ann", 1, 1, 1) == KEEL_ENONE);
	CHECK(invite(&p, "ann", 1, NOW) == KEEL_OK);
	CHECK(keel_fleet_invitation_find(p.store, &d, NOW, name) == KEEL_OK);
	CHECK(strcmp(name, "ann") == 0);
	CHECK(add(&p, "bob", 1, 1, 1) == KEEL_ENONE); /* another's link */
	CHECK(add(&p, "ann", 1, 1, 1) == KEEL_OK && is_in(&p, 1, NOW) == KEEL_OK);
	CHECK(keel_fleet_invitation_find(p.store, &d, NOW, name) == KEEL_ENONE);
	CHECK(add(&p, "ann", 1, 2, 1) == KEEL_ENONE);
	CHECK(invite(&p, "ann", 2, NOW) == KEEL_ESTATE); /* she is here */
	place_clear(&p);
}

static void a_newer_link_for_the_same_name_makes_the_older_one_void(void)
{
	struct place p;
	place_make(&p);
	CHECK(invite(&p, "", 1, NOW) == KEEL_OK && invite(&p, "", 2, NOW) == KEEL_OK);
	CHECK(invite(&p, "bob", 3, NOW) == KEEL_OK);
	CHECK(add(&p, "ann", 1, 1, 1) == KEEL_ENONE);
	CHECK(add(&p, "ann", 2, 1, 1) == KEEL_OK);
	CHECK(add(&p, "bob", 3, 2, 1) == KEEL_OK);
	place_clear(&p);
}

static void what_fails_uses_nothing_up(void)
{
	struct place p;
	place_make(&p);
	CHECK(invite(&p, "", 1, NOW) == KEEL_OK && add(&p, "ann", 1, 1, 1) == KEEL_OK);
	CHECK(invite(&p, "", 2, NOW) == KEEL_OK);
	CHECK(add(&p, "ann", 2, 2, 1) == KEEL_ESTATE); /* the name is taken */
	CHECK(add(&p, "bob", 2, 1, 1) == KEEL_ESTALE); /* the challenge is */
	CHECK(add(&p, "bob", 2, 2, 1) == KEEL_OK);     /* and the link is still good */
	place_clear(&p);
}

static void a_challenge_serves_once(void)
{
	struct place p;
	place_make(&p);
	CHECK(invite(&p, "ann", 1, NOW) == KEEL_OK && add(&p, "ann", 1, 1, 1) == KEEL_OK);
	CHECK(sign_in(&p, 1, 1, 2, NOW) == KEEL_ESTALE);
	CHECK(sign_in(&p, 1, 7, 2, NOW) == KEEL_OK);
	CHECK(sign_in(&p, 1, 7, 3, NOW + 300) == KEEL_ESTALE);
	place_clear(&p);
}

static void a_copied_passkey_shows_by_its_count(void)
{
	struct place p;
	place_make(&p);
	CHECK(invite(&p, "ann", 1, NOW) == KEEL_OK && add(&p, "ann", 1, 1, 5) == KEEL_OK);
	CHECK(is_copied(&p, 1, 10, 5) && is_in(&p, 10, NOW) == KEEL_ENONE);
	CHECK(is_copied(&p, 1, 11, 4));
	CHECK(is_copied(&p, 1, 12, 0));
	CHECK(sign_in(&p, 1, 12, 9, NOW) == KEEL_ESTALE); /* its challenge is used */
	CHECK(sign_in(&p, 1, 13, 6, NOW) == KEEL_OK && is_in(&p, 13, NOW) == KEEL_OK);
	CHECK(invite(&p, "bob", 2, NOW) == KEEL_OK && add(&p, "bob", 2, 2, 0) == KEEL_OK);
	CHECK(sign_in(&p, 2, 14, 0, NOW) == KEEL_OK); /* does not count, as synced ones do not */
	CHECK(sign_in(&p, 2, 15, 0, NOW) == KEEL_OK);
	place_clear(&p);
}

static void a_session_ends_when_it_is_idle_and_after_eight_hours_anyway(void)
{
	struct place p;
	struct keel_fleet_cookie stay = { .cookie = digest_of(1) };
	int64_t now = NOW;
	place_make(&p);
	CHECK(invite(&p, "ann", 1, NOW) == KEEL_OK && add(&p, "ann", 1, 1, 1) == KEEL_OK);
	CHECK(is_in(&p, 1, NOW + KEEL_SIGNED_IN_IDLE_S - 1) == KEEL_OK);
	CHECK(is_in(&p, 1, NOW + KEEL_SIGNED_IN_IDLE_S) == KEEL_ENONE);
	CHECK(is_in(&p, 2, NOW) == KEEL_ENONE);
	for (; now < NOW + KEEL_SIGNED_IN_S; now += KEEL_SIGNED_IN_IDLE_S / 2) {
		CHECK(is_in(&p, 1, now) == KEEL_OK);
		stay.now_s = now;
		keel_fleet_stay(p.store, &stay);
		CHECK(stay.write.err == KEEL_OK);
	}
	CHECK(is_in(&p, 1, now) == KEEL_ENONE);
	place_clear(&p);
}

static void who_signs_out_or_is_removed_is_out_also_after_a_restart(void)
{
	struct place p;
	struct keel_fleet_cookie out = { .who = "ann", .now_s = NOW, .cookie = digest_of(1) };
	struct keel_fleet_operator_remove gone = { .who = "ann", .now_s = NOW, .name = "bob" };
	place_make(&p);
	CHECK(invite(&p, "ann", 1, NOW) == KEEL_OK && add(&p, "ann", 1, 1, 1) == KEEL_OK);
	CHECK(invite(&p, "bob", 2, NOW) == KEEL_OK && add(&p, "bob", 2, 2, 1) == KEEL_OK);
	keel_fleet_store_close(p.store);
	place_open(&p);
	CHECK(is_in(&p, 1, NOW) == KEEL_OK && is_in(&p, 2, NOW) == KEEL_OK);
	keel_fleet_sign_out(p.store, &out);
	CHECK(out.write.err == KEEL_OK && is_in(&p, 1, NOW) == KEEL_ENONE);
	CHECK(invite(&p, "bob2", 7, NOW) == KEEL_OK); /* a way back, made before */
	keel_fleet_operator_remove(p.store, &gone);
	CHECK(gone.write.err == KEEL_OK && is_in(&p, 2, NOW) == KEEL_ENONE);
	CHECK(add(&p, "bob2", 7, 7, 1) == KEEL_ENONE);
	CHECK(sign_in(&p, 2, 20, 9, NOW) == KEEL_ENONE);
	keel_fleet_operator_remove(p.store, &gone);
	CHECK(gone.write.err == KEEL_ENONE);
	gone.name = "ann"; /* nobody locks everybody out */
	keel_fleet_operator_remove(p.store, &gone);
	CHECK(gone.write.err == KEEL_ESTATE && sign_in(&p, 1, 21, 9, NOW) == KEEL_OK);
	CHECK(invite(&p, "bob", 3, NOW) == KEEL_OK && add(&p, "bob", 3, 3, 1) == KEEL_OK);
	place_clear(&p);
}

static void count_reader(void *self, const struct keel_desk_reader *row)
{
	(void)row;
	++*(size_t *)self;
}

/* Else the next operator of this name is taken for them, and is given what they cannot open. */
static void who_is_removed_reads_no_reports(void)
{
	struct place p;
	struct keel_p256_key key;
	size_t readers = 0;
	struct keel_fleet_operator_remove gone = { .who = "ann", .now_s = NOW, .name = "bob" };
	place_make(&p);
	CHECK(invite(&p, "ann", 1, NOW) == KEEL_OK && add(&p, "ann", 1, 1, 1) == KEEL_OK);
	CHECK(invite(&p, "bob", 2, NOW) == KEEL_OK && add(&p, "bob", 2, 2, 1) == KEEL_OK);
	keel_p256_generate(&key);
	struct keel_desk_reader_put put = { .who = "bob",
		.now_s = NOW,
		.pub = key.pub,
		.wrapped = keel_text("wrapped"),
		.how = "code" };
	keel_desk_reader_put(p.store, &put);
	CHECK(keel_desk_readers(p.store, count_reader, &readers) == KEEL_OK && readers == 1);
	keel_fleet_operator_remove(p.store, &gone);
	readers = 0;
	CHECK(gone.write.err == KEEL_OK);
	CHECK(keel_desk_readers(p.store, count_reader, &readers) == KEEL_OK && readers == 0);
	place_clear(&p);
}

static void note(void *self, const struct keel_fleet_audit_row *row)
{
	char *out = self;
	(void)strncat(out, row->who, 20);
	(void)strncat(out, " ", 2);
	(void)strncat(out, row->action, 40);
	(void)strncat(out, " ", 2);
	(void)strncat(out, row->detail, 20);
	(void)strncat(out, "; ", 3);
}

static void each_act_of_an_operator_is_in_the_audit_log(void)
{
	struct place p;
	char seen[512] = "";
	uint64_t bad;
	struct keel_fleet_cookie out = { .who = "ann", .now_s = NOW, .cookie = digest_of(1) };
	struct keel_fleet_operator_remove gone = { .who = "ann", .now_s = NOW, .name = "bob" };
	place_make(&p);
	CHECK(invite(&p, "", 1, NOW) == KEEL_OK && add(&p, "ann", 1, 1, 1) == KEEL_OK);
	CHECK(invite(&p, "bob", 2, NOW) == KEEL_OK && add(&p, "bob", 2, 2, 1) == KEEL_OK);
	CHECK(sign_in(&p, 2, 30, 2, NOW) == KEEL_OK);
	CHECK(is_copied(&p, 2, 31, 2));
	keel_fleet_operator_remove(p.store, &gone);
	keel_fleet_sign_out(p.store, &out);
	keel_fleet_sign_out(p.store, &out); /* is out already */
	CHECK(keel_fleet_audit(p.store, &bad, note, seen) == KEEL_OK);
	CHECK(strcmp(seen, "test operator.invite ; ann operator.add ann; "
			   "test operator.invite bob; bob operator.add bob; bob operator.sign-in ; "
			   "bob operator.copied-passkey ; "
			   "ann operator.remove bob; ann operator.sign-out ; ") == 0);
	place_clear(&p);
}

static void names_are_short_and_plain(void)
{
	static const struct {
		const char *name;
		bool fits;
	} rows[] = { { "ann", true }, { "Zoë Ångström", true }, { "", false }, { "a\nb", false },
		{ "\xff", false }, { "1234567890123456789012345678901234567890", true },
		{ "12345678901234567890123456789012345678901", false } };
	for (size_t i = 0; i < KEEL_COUNT(rows); i++)
		CHECK_ROW(keel_fleet_operator_name_fits(keel_text(rows[i].name)) == rows[i].fits,
			rows[i].name);
}

TEST_MAIN(TEST(prov_5_1_1_there_is_no_operator_from_the_beginning),
	TEST(a_link_serves_once_and_for_a_day),
	TEST(a_newer_link_for_the_same_name_makes_the_older_one_void),
	TEST(what_fails_uses_nothing_up), TEST(a_challenge_serves_once),
	TEST(a_copied_passkey_shows_by_its_count),
	TEST(a_session_ends_when_it_is_idle_and_after_eight_hours_anyway),
	TEST(who_signs_out_or_is_removed_is_out_also_after_a_restart),
	TEST(who_is_removed_reads_no_reports), TEST(each_act_of_an_operator_is_in_the_audit_log),
	TEST(names_are_short_and_plain))

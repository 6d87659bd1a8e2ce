/* The vault and the maker's service: what a session is opened with, reports, and the signed time. */
#include <inttypes.h>
#include <stdlib.h>

#include "check.h"
#include "device/vault_engine/home.h"
#include "owner/statement.h"
#include "session/senml.h"
#include "session/time.h"

#define ORIGIN  "https://fleet.example"
#define SUPPORT INT64_C(2016576000) /* the end of support */
#define DAY_MS  (86400 * UINT64_C(1000))
#define NOWHERE UINT64_MAX
#define WAY_MS  20

static struct home home;
static struct keel_member ann;
static struct keel_p256_key root, work, agree, session;
static uint8_t voucher_buf[KEEL_VOUCHER_MAX];
static struct keel_bytes voucher;

static struct keel_bytes write_voucher(const struct keel_p256_key *by, int64_t from, int64_t until)
{
	const struct keel_signer signer = keel_signer_of(by);
	const struct keel_service_keys keys = { work.pub, agree.pub, from, until };
	struct keel_wr w = keel_wr_of(voucher_buf, sizeof(voucher_buf));
	struct keel_bytes out;
	KEEL_MUST(keel_voucher_write(&signer, &by->pub, &keys, &w) == KEEL_OK);
	KEEL_MUST(keel_wr_end(&w, &out) == KEEL_OK);
	return out;
}

/* A device that knows a service; the engine counts its starts only where there is one. */
static void make(void)
{
	home_make(&home);
	keel_p256_generate(&root);
	keel_p256_generate(&work);
	keel_p256_generate(&agree);
	keel_p256_generate(&session);
	home.rules.service = (struct keel_rule_service){ .declared = true,
		.url = ORIGIN,
		.root = root.pub,
		.drift = 5000,
		.support_until_s = SUPPORT };
	home.rules.maker_key = home.maker.pub;
	voucher = write_voucher(&root, 0, INT64_MAX);
	home_close(&home);
	KEEL_MUST(home_open(&home));
}

static enum keel_err attest(struct keel_vault_attested *out)
{
	static uint8_t buf[KEEL_ANSWER_MAX];
	static const uint8_t nonce[32] = { 9 };
	return keel_vault_attest(
		home.vault, KEEL_VIEW(nonce), keel_text(ORIGIN), &session.pub, buf, out);
}

/* One session: attested, the way taken, and the service's word on the time. */
static enum keel_err open_at(int64_t now, uint64_t taken)
{
	uint8_t buf[KEEL_TIME_MAX], st[KEEL_THUMBPRINT_LEN];
	struct keel_vault_attested a;
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	struct keel_bytes time;
	const struct keel_signer signer = keel_signer_of(&work);
	const struct keel_service_keys keys = { .sign = work.pub, .agree = agree.pub };
	keel_service_thumbprint(&keys, st);
	KEEL_MUST(attest(&a) == KEEL_OK);
	KEEL_MUST(keel_time_write(&signer, st, home.label.id, a.nonce, now, &w) == KEEL_OK);
	KEEL_MUST(keel_wr_end(&w, &time) == KEEL_OK);
	home.time.ms += WAY_MS;
	return keel_vault_session(home.vault, taken, voucher, time);
}

static void tell(const char *detail)
{
	CHECK(keel_vault_event(home.vault, "undeclared-port", keel_text(detail), true) == KEEL_OK);
}

static uint8_t report_buf[KEEL_OUT_MAX + 64];

static uint64_t next_after(uint64_t number)
{
	struct keel_vault_report r;
	enum keel_err e = keel_vault_report_next(home.vault, number, report_buf, &r);
	return e == KEEL_OK ? r.number : NOWHERE;
}

static size_t waiting(void)
{
	size_t n = 0;
	for (uint64_t at = next_after(0); at != NOWHERE; at = next_after(at))
		n++;
	return n;
}

/* --- what a session is opened with --- */

/* EN 303 645 5.7-1, 5.5-1: the statement is for this origin, nonce and key alone, and says it all. */
static void prov_5_7_1_a_session_opens_by_what_the_device_is_and_runs(void)
{
	struct keel_vault_attested a = { 0 };
	struct keel_bytes payload;
	struct keel_statement s;
	struct keel_p256_pub key;
	static const uint8_t nonce[32] = { 9 };
	make();
	home_claim(&home, &ann);
	keel_vault_files(home.vault, true, 2);
	CHECK(attest(&a) == KEEL_OK);
	CHECK(keel_cose_verify1(&home.identity.sign, a.statement, (struct keel_bytes){ 0 },
		      &payload) == KEEL_OK);
	CHECK(keel_statement_read(payload, KEEL_STATEMENT_PROFILE_SESSION, KEEL_VIEW(nonce),
		      keel_text(ORIGIN), &s) == KEEL_OK);
	CHECK(keel_statement_read(payload, KEEL_STATEMENT_PROFILE, KEEL_VIEW(nonce),
		      keel_text(ORIGIN), &s) == KEEL_EAUTH);
	keel_cose_key_pub(&s.cnf.key, &key);
	CHECK(memcmp(&key, &session.pub, sizeof(key)) == 0);
	CHECK(keel_bytes_equal(s.home, KEEL_VIEW(ann.home)) && s.boots == 1);
	CHECK(keel_bytes_equal(a.home, s.home) && a.owners.n > 0);
	CHECK(s.files.listed && s.files.wrong == 2);
	CHECK(s.debug == KEEL_DEBUG_DISABLED && keel_bytes_is(s.serial, "S-0001"));
	home_end(&home);
}

/* An uplink that was broken into gets no statement for somebody else. */
static void prov_5_5_1_only_the_declared_service_is_told(void)
{
	static uint8_t buf[KEEL_ANSWER_MAX];
	static const uint8_t nonce[32] = { 9 };
	struct keel_vault_attested a;
	make();
	CHECK(keel_vault_attest(home.vault, KEEL_VIEW(nonce), keel_text("https://other.example"),
		      &session.pub, buf, &a) == KEEL_ERIGHT);
	home_end(&home);
}

static void nobodys_device_names_no_home(void)
{
	struct keel_vault_attested a = { 0 };
	make();
	CHECK(attest(&a) == KEEL_OK && a.home.n == 0 && a.owners.n == 0);
	home_end(&home);
}

static void starts_are_counted_and_not_those_of_the_vault_alone(void)
{
	struct keel_vault_attested a = { 0 };
	struct keel_bytes payload;
	struct keel_statement s = { 0 };
	make();
	home_close(&home);
	KEEL_MUST(home_open(&home));
	home_reboot(&home);
	CHECK(attest(&a) == KEEL_OK);
	CHECK(keel_cose_verify1(&home.identity.sign, a.statement, (struct keel_bytes){ 0 },
		      &payload) == KEEL_OK);
	CHECK(keel_schema_read(&keel_statement_schema, payload, &s, NULL) == KEEL_OK);
	CHECK(s.boots == 2);
	home_end(&home);
}

static void without_a_service_nothing_is_attested_nor_reported(void)
{
	struct keel_vault_attested a;
	home_make(&home);
	home_claim(&home, &ann);
	CHECK(attest(&a) == KEEL_ESTATE);
	tell("tcp 0.0.0.0:9999");
	CHECK(next_after(0) == NOWHERE);
	home_end(&home);
}

static void a_session_is_stale_once_what_it_told_has_changed(void)
{
	struct keel_member bob;
	make();
	home_claim(&home, &ann);
	CHECK(!keel_vault_session_stale(home.vault));
	CHECK(open_at(home.time.wall, 0) == KEEL_OK && !keel_vault_session_stale(home.vault));
	home_join(&home, &ann, NULL, 0, &bob);
	CHECK(keel_vault_session_stale(home.vault));
	CHECK(open_at(home.time.wall, 0) == KEEL_OK && !keel_vault_session_stale(home.vault));
	keel_vault_files(home.vault, true, 1);
	CHECK(keel_vault_session_stale(home.vault));
	home_end(&home);
}

/* --- reports --- */

/* EN 303 645 5.9-3: numbered from 1 in a home, kept over a loss of power, gone once they are taken. */
static void prov_5_9_3_reports_wait_in_order_and_outlive_a_loss_of_power(void)
{
	make();
	home_claim(&home, &ann);
	tell("one");
	tell("two");
	tell("three");
	CHECK(next_after(0) == 1 && next_after(1) == 2 && next_after(2) == 3);
	home_reboot(&home);
	CHECK(waiting() == 3);
	CHECK(keel_vault_report_taken(home.vault, 2) == KEEL_OK);
	CHECK(next_after(0) == 3);
	home_reboot(&home);
	CHECK(next_after(0) == 3 && waiting() == 1);
	CHECK(keel_vault_report_taken(home.vault, 3) == KEEL_OK);
	tell("four");
	CHECK(next_after(0) == 4);
	CHECK(keel_vault_report_taken(home.vault, 9) ==
		KEEL_ERANGE); /* none of that number was made */
	CHECK(next_after(0) == 4);
	home_end(&home);
}

static void a_report_says_what_happened(void)
{
	struct keel_vault_report r = { 0 };
	struct keel_report_event event;
	make();
	home_claim(&home, &ann);
	tell("tcp 0.0.0.0:9999");
	CHECK(keel_vault_report_next(home.vault, 0, report_buf, &r) == KEEL_OK);
	CHECK(r.kind == KEEL_REPORT_EVENT && r.time == home.time.wall && r.dropped == 0);
	CHECK(keel_schema_read(&keel_report_event_schema, r.payload, &event, NULL) == KEEL_OK);
	CHECK(keel_bytes_is(event.word, "undeclared-port"));
	CHECK(keel_bytes_is(event.detail, "tcp 0.0.0.0:9999"));
	home_end(&home);
}

static void what_waits_already_is_not_told_twice(void)
{
	make();
	home_claim(&home, &ann);
	for (int i = 0; i < 5; i++)
		tell("the same");
	CHECK(waiting() == 1);
	CHECK(keel_vault_report_taken(home.vault, 1) == KEEL_OK);
	tell("the same");
	CHECK(next_after(0) == 2);
	home_end(&home);
}

/* Who tries codes is somebody at home: the service learns that it happened, not where from. */
static void prov_6_4_the_address_of_a_wrong_code_stays_at_home(void)
{
	struct keel_vault_report r = { 0 };
	struct keel_report_event event;
	make();
	home_claim(&home, &ann);
	CHECK(keel_vault_event(home.vault, "wrong-code", keel_text("192.168.1.7"), true) ==
		KEEL_OK);
	CHECK(keel_vault_report_next(home.vault, 0, report_buf, &r) == KEEL_OK);
	CHECK(keel_schema_read(&keel_report_event_schema, r.payload, &event, NULL) == KEEL_OK);
	CHECK(keel_bytes_is(event.word, "wrong-code") && event.detail.n == 0);
	home_end(&home);
}

/* Bounded: the oldest goes, and is counted. */
static void prov_5_9_3_a_long_outage_fills_no_disk(void)
{
	struct keel_vault_report r = { 0 };
	char detail[32];
	make();
	home_claim(&home, &ann);
	for (int i = 1; i <= 300; i++) {
		(void)snprintf(detail, sizeof(detail), "port %d", i);
		tell(detail);
	}
	CHECK(waiting() == 256 && next_after(0) == 45);
	home_reboot(&home);
	CHECK(keel_vault_report_next(home.vault, 0, report_buf, &r) == KEEL_OK);
	CHECK(r.number == 45 && r.dropped == 44);
	home_end(&home);
}

/* --- telemetry --- */

static void pass(uint64_t s)
{
	home.time.ms += s * 1000;
	home.time.wall += (int64_t)s;
	CHECK(keel_vault_tick(home.vault) == KEEL_OK);
}

/* EN 303 645 5.10-1, 6-4: what is declared, as often as declared, and no more. */
static void prov_6_4_telemetry_is_reported_as_often_as_declared(void)
{
	struct keel_vault_report r = { 0 };
	struct keel_senml pack;
	struct keel_senml_record record = { 0 };
	const struct keel_rule_telemetry *t = &home.rules.telemetry[0];
	make();
	home_claim(&home, &ann);
	CHECK(keel_vault_report(home.vault, keel_text(t->name), 7000) == KEEL_OK);
	pass(61);
	CHECK(waiting() == 0);
	pass(t->every_s);
	CHECK(keel_vault_report_next(home.vault, 0, report_buf, &r) == KEEL_OK);
	CHECK(r.kind == KEEL_REPORT_TELEMETRY && keel_senml_open(r.payload, &pack) == KEEL_OK);
	CHECK(keel_senml_next(&pack, &record) && keel_bytes_is(record.name, t->name));
	CHECK(record.value == 7000 && keel_bytes_is(record.unit, t->unit));
	CHECK(record.time_ms == home.time.wall * 1000);
	pass(61);
	CHECK(waiting() == 1);
	pass(t->every_s);
	CHECK(waiting() == 2);
	home_end(&home);
}

/* EN 303 645 5.9-3: in a long outage the oldest telemetry goes first, security events last. */
static void prov_5_9_3_telemetry_makes_room_for_security_events(void)
{
	char detail[32];
	const struct keel_rule_telemetry *t = &home.rules.telemetry[0];
	make();
	home_claim(&home, &ann);
	tell("the first");
	CHECK(keel_vault_report(home.vault, keel_text(t->name), 7000) == KEEL_OK);
	pass(t->every_s + 61);
	pass(t->every_s + 61);
	CHECK(waiting() == 3 && next_after(1) == 2);
	for (int i = 1; i <= 254; i++) {
		(void)snprintf(detail, sizeof(detail), "port %d", i);
		tell(detail);
	}
	CHECK(waiting() == 256 && next_after(0) == 1 && next_after(1) == 3); /* 2 went */
	tell("one more");
	CHECK(next_after(0) == 1 && next_after(1) == 4);
	tell("and another");
	CHECK(next_after(0) == 4); /* nothing but events is left: now the oldest of them */
	home_end(&home);
}

/* A number of a home before never meets one of this. */
static void a_reset_forgets_reports_and_begins_anew(void)
{
	make();
	home_claim(&home, &ann);
	tell("one");
	CHECK(keel_vault_button(home.vault, BUTTON_HELD) == KEEL_OK);
	CHECK(next_after(0) == NOWHERE);
	tell("nobody's");
	CHECK(next_after(0) == NOWHERE);
	home_claim(&home, &ann);
	tell("of the next home");
	CHECK(next_after(0) == 1 && waiting() == 1);
	home_end(&home);
}

static void what_the_service_has_is_forgotten_when_a_session_opens(void)
{
	make();
	home_claim(&home, &ann);
	tell("one");
	tell("two");
	CHECK(open_at(home.time.wall, 1) == KEEL_OK);
	CHECK(next_after(0) == 2);
	home_end(&home);
}

/* --- notices --- */

static uint64_t noted;

static enum keel_err note(uint64_t number, uint64_t code, const char *about)
{
	const struct keel_notice n = { .code = code, .about = keel_text(about) };
	return keel_vault_notice(home.vault, number, &n, &noted);
}

/* The details of the events that notices made, in order. */
static const char *told_owners(void)
{
	static char text[256];
	const struct keel_events_args a = { 0 };
	struct keel_events_result r;
	struct keel_event_item e;
	size_t n = 0;
	text[0] = '\0';
	CHECK(home_ask(&home, &ann, KEEL_OP_EVENTS, &a, &r) == KEEL_OK);
	while (keel_list_next(&keel_event_item_row, &r.events, &e))
		if (e.word.n > 7 && memcmp(e.word.p, "notice-", 7) == 0)
			n += (size_t)snprintf(text + n, sizeof(text) - n, "%.*s=%.*s ",
				(int)e.word.n - 7, (const char *)e.word.p + 7, (int)e.detail.n,
				(const char *)e.detail.p);
	return text;
}

/* EN 303 645 5.9-3: each number once, also after a loss of power. */
static void prov_5_9_3_a_notice_is_taken_once(void)
{
	make();
	CHECK(note(1, KEEL_NOTICE_UPDATE, "2.0") == KEEL_ESTATE);
	home_claim(&home, &ann);
	CHECK(note(7, KEEL_NOTICE_UPDATE, "2.0") == KEEL_OK && noted == 7);
	CHECK(note(7, KEEL_NOTICE_UPDATE, "9.9") == KEEL_OK && noted == 7);
	CHECK(note(3, KEEL_NOTICE_VULNERABILITY, "OLD") == KEEL_OK && noted == 7);
	CHECK(strcmp(told_owners(), "update=2.0 ") == 0);
	home_reboot(&home);
	CHECK(note(7, KEEL_NOTICE_UPDATE, "9.9") == KEEL_OK && noted == 7);
	CHECK(strcmp(told_owners(), "update=2.0 ") == 0);
	CHECK(waiting() == 0); /* the service knows: it said so */
	CHECK(keel_vault_button(home.vault, BUTTON_HELD) == KEEL_OK);
	home_claim(
		&home, &ann); /* another home: nothing of the old one's, and numbers of its own */
	CHECK(told_owners()[0] == '\0');
	CHECK(note(2, KEEL_NOTICE_UPDATE, "2.0") == KEEL_OK && noted == 2);
	home_end(&home);
}

/* EN 303 645 5.3-11, 5.3-13: a service that was taken over has no words, and no day, of its own. */
static void prov_5_3_11_a_service_cannot_say_what_it_likes(void)
{
	make();
	home_claim(&home, &ann);
	CHECK(note(1, KEEL_NOTICE_UPDATE, "call 0800") == KEEL_OK && noted == 1);
	CHECK(note(2, KEEL_NOTICE_CODES, "1") == KEEL_OK && noted == 2);
	CHECK(note(3, KEEL_NOTICE_SUPPORT, "2033-11-30") == KEEL_OK && noted == 3);
	CHECK(told_owners()[0] == '\0');
	CHECK(note(4, KEEL_NOTICE_SUPPORT, "2033-12-01") == KEEL_OK);
	CHECK(note(5, KEEL_NOTICE_SUPPORT, "2034-12-01") == KEEL_OK && noted == 5);
	CHECK(strcmp(told_owners(), "support=2034-12-01 ") == 0);
	home_end(&home);
}

/* However many it sends: each code has one place, and no other event goes for them. */
static void prov_5_3_11_notices_wash_no_other_event_away(void)
{
	make();
	home_claim(&home, &ann);
	tell("tcp 9999");
	for (uint64_t n = 1; n <= 300; n++) {
		char about[16];
		(void)snprintf(about, sizeof(about), "CVE-%" PRIu64, n);
		CHECK(note(n, KEEL_NOTICE_VULNERABILITY, about) == KEEL_OK);
	}
	CHECK(strcmp(told_owners(), "vulnerability=CVE-300 ") == 0);
	CHECK(note(301, KEEL_NOTICE_VULNERABILITY, "CVE-300") == KEEL_OK && noted == 301);
	CHECK(strcmp(told_owners(), "vulnerability=CVE-300 ") == 0);
	home_end(&home);
}

/* --- the time --- */

static int64_t told_time(void)
{
	struct keel_state_result r = { 0 };
	CHECK(home_ask(&home, &ann, KEEL_OP_STATE, NULL, &r) == KEEL_OK);
	return r.time;
}

static bool owner_was_told(const char *word)
{
	struct keel_events_result r = { 0 };
	struct keel_event_item item;
	const struct keel_events_args a = { .after = 0 };
	bool found = false;
	CHECK(home_ask(&home, &ann, KEEL_OP_EVENTS, &a, &r) == KEEL_OK);
	for (struct keel_list rest = r.events; keel_list_next(&keel_event_item_row, &rest, &item);)
		found |= keel_bytes_is(item.word, word);
	return found;
}

static void the_first_sight_in_a_start_moves_the_time_forward_freely(void)
{
	make();
	home_claim(&home, &ann);
	int64_t later = home.time.wall + 400 * INT64_C(86400);
	home.time.wall = 0;
	CHECK(open_at(later, 0) == KEEL_OK && told_time() == later);
	home.time.ms += 5000;
	CHECK(told_time() == later + 5);
	home_end(&home);
}

/* EN 303 645 5.5-1: a service that was broken into cannot turn a device's clock at will. */
static void prov_5_5_1_after_that_only_as_far_as_the_declared_drift(void)
{
	make();
	home_claim(&home, &ann);
	int64_t now = home.time.wall;
	CHECK(open_at(now, 0) == KEEL_OK);
	home.time.ms += 10 * DAY_MS;
	CHECK(open_at(now + 864000 + 40, 0) == KEEL_OK); /* 5 s a day explain it */
	CHECK(told_time() == now + 864000 + 40);
	CHECK(!owner_was_told("clock-jump"));
	home.time.ms += DAY_MS;
	now += 864000 + 40 + 86400;
	CHECK(open_at(now + 60, 0) == KEEL_ERANGE && owner_was_told("clock-jump"));
	CHECK(open_at(now - 60, 0) == KEEL_ERANGE);
	int64_t seen = told_time();
	CHECK(seen >= now && seen <= now + 1);
	CHECK(open_at(now - 1, 0) == KEEL_OK && told_time() >= seen); /* never back */
	home_end(&home);
}

static void no_time_is_believed_that_cannot_be(void)
{
	make();
	home_claim(&home, &ann);
	home.time.ms += 60000;
	KEEL_MUST(keel_vault_tick(home.vault) == KEEL_OK); /* it keeps the time that it knows */
	CHECK(open_at(home.time.wall - 86400, 0) == KEEL_ERANGE);
	CHECK(open_at(SUPPORT + 2 * 86400, 0) == KEEL_ERANGE);
	CHECK(owner_was_told("clock-jump"));
	CHECK(open_at(home.time.wall, 0) == KEEL_OK);
	home_end(&home);
}

static void a_time_is_taken_once_and_from_the_service_only(void)
{
	struct keel_p256_key stranger;
	struct keel_vault_attested a;
	make();
	home_claim(&home, &ann);
	CHECK(keel_vault_session(home.vault, 0, voucher, keel_text("x")) == KEEL_ESTATE);
	CHECK(attest(&a) == KEEL_OK);
	CHECK(keel_vault_session(home.vault, 0, voucher, keel_text("x")) != KEEL_OK);
	keel_p256_generate(&stranger);
	voucher = write_voucher(&stranger, 0, INT64_MAX);
	CHECK(open_at(home.time.wall, 0) == KEEL_EAUTH);
	voucher = write_voucher(&root, 0, home.time.wall - 1); /* its keys have rolled over */
	CHECK(open_at(home.time.wall, 0) == KEEL_ESTALE);
	home_end(&home);
}

TEST_MAIN(TEST(prov_5_7_1_a_session_opens_by_what_the_device_is_and_runs),
	TEST(prov_5_5_1_only_the_declared_service_is_told), TEST(nobodys_device_names_no_home),
	TEST(starts_are_counted_and_not_those_of_the_vault_alone),
	TEST(without_a_service_nothing_is_attested_nor_reported),
	TEST(a_session_is_stale_once_what_it_told_has_changed),
	TEST(prov_5_9_3_reports_wait_in_order_and_outlive_a_loss_of_power),
	TEST(a_report_says_what_happened), TEST(what_waits_already_is_not_told_twice),
	TEST(prov_6_4_the_address_of_a_wrong_code_stays_at_home),
	TEST(prov_5_9_3_a_long_outage_fills_no_disk),
	TEST(prov_6_4_telemetry_is_reported_as_often_as_declared),
	TEST(prov_5_9_3_telemetry_makes_room_for_security_events),
	TEST(a_reset_forgets_reports_and_begins_anew), TEST(prov_5_9_3_a_notice_is_taken_once),
	TEST(prov_5_3_11_a_service_cannot_say_what_it_likes),
	TEST(prov_5_3_11_notices_wash_no_other_event_away),
	TEST(what_the_service_has_is_forgotten_when_a_session_opens),
	TEST(the_first_sight_in_a_start_moves_the_time_forward_freely),
	TEST(prov_5_5_1_after_that_only_as_far_as_the_declared_drift),
	TEST(no_time_is_believed_that_cannot_be),
	TEST(a_time_is_taken_once_and_from_the_service_only))

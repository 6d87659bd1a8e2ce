/* The console's calls over real TLS: coming in, devices, operators, files. */
#include <time.h>

#include "check.h"
#include "console_place.h"
#include "session/report.h"
#include "session/senml.h"

#define HOME "aaaaaaaaaaaaaaaa"

/* --- coming in --- */

static void an_operator_comes_in_by_link_and_passkey_and_again_by_passkey(void)
{
	struct console_place p;
	place_start(&p);
	place_new_link(&p, "");
	CHECK(place_call(&p, "me", "{}") == 401);
	CHECK(place_join(&p, "ann") == 200 && strcmp(place_word(&p, "name"), "ann") == 0);
	CHECK(strstr(p.set_cookie, "__Host-keel=") == p.set_cookie);
	CHECK(strstr(p.set_cookie, "; Path=/;") && strstr(p.set_cookie, "; Secure"));
	CHECK(strstr(p.set_cookie, "; HttpOnly") && strstr(p.set_cookie, "; SameSite=Strict"));
	place_take_cookie(&p);
	CHECK(place_call(&p, "me", "{}") == 200 && strcmp(place_word(&p, "name"), "ann") == 0);
	CHECK(place_call(&p, "sign-out", "{}") == 200 && strstr(p.set_cookie, "Max-Age=0") != NULL);
	CHECK(place_call(&p, "me", "{}") == 401);
	CHECK(place_sign_in(&p) == 200);
	place_take_cookie(&p);
	CHECK(place_call(&p, "me", "{}") == 200);
	place_stop(&p);
}

static void a_link_lets_one_in(void)
{
	struct console_place p;
	char body[128];
	place_start_in(&p);
	CHECK(!place_prepare(&p, "webauthn.create", ORIGIN, place_secret_of(&p)));
	CHECK(strcmp(place_word(&p, "error"), "none") == 0);
	CHECK(place_call(&p, "invite", "{\"name\":\"bob\"}") == 200);
	(void)snprintf(p.link, sizeof(p.link), "%s", place_word(&p, "link"));
	CHECK(strstr(p.link, ORIGIN "/console/#join=") == p.link);
	(void)snprintf(body, sizeof(body), "{\"secret\":\"%s\"}", place_secret_of(&p));
	CHECK(place_call(&p, "challenge", body) == 200 &&
		strcmp(place_word(&p, "name"), "bob") == 0);
	p.key = authenticator_make("fleet.example");
	CHECK(place_join(&p, "eve") == 404); /* the link is bob's */
	CHECK(place_join(&p, "bob") == 409); /* with ann's credential id */
	CHECK(place_call(&p, "invite", "{\"name\":\"ann\"}") == 409);
	place_stop(&p);
}

static void what_a_passkey_says_is_refused(void)
{
	struct console_place p;
	char cookie[sizeof(p.cookie)];
	place_start_in(&p);
	memcpy(cookie, p.cookie, sizeof(cookie));
	p.cookie[0] = '\0';
	p.key.count++;
	CHECK(place_prepare(&p, "webauthn.get", "https://evil.example", NULL) &&
		place_sign_again(&p) == 403);
	CHECK(place_prepare(&p, "webauthn.create", ORIGIN, NULL) && place_sign_again(&p) == 403);
	CHECK(place_prepare(&p, "webauthn.get", ORIGIN, NULL));
	p.key.flags = 0x01; /* present, not verified */
	CHECK(place_sign_again(&p) == 403);
	p.key.flags = 0x05;
	CHECK(place_sign_again(&p) == 200);
	CHECK(place_sign_again(&p) == 403); /* the same challenge */
	CHECK(place_prepare(&p, "webauthn.get", ORIGIN, NULL));
	CHECK(place_sign_again(&p) == 403); /* the count stands still: a copy */
	CHECK(strstr(place_word(&p, "sentence"), "copy") != NULL);
	memcpy(p.cookie, cookie, sizeof(cookie)); /* who is in already sees it */
	CHECK(place_call(&p, "audit", "{}") == 200);
	json_t *last = json_array_get(json_object_get(p.said, "rows"), 0);
	CHECK(strcmp(json_string_value(json_object_get(last, "action")),
		      "operator.copied-passkey") == 0);
	p.cookie[0] = '\0';
	struct authenticator own = p.key;
	p.key = authenticator_make("fleet.example");
	p.key.count = own.count;
	CHECK(place_sign_in(&p) == 403); /* another key under ann's credential id */
	uint8_t old[KEEL_PASSKEY_CHALLENGE_LEN] = { 1 };
	p.key = own;
	p.key.count++;
	authenticator_client(&p.key, "webauthn.get", ORIGIN, old);
	CHECK(place_sign_again(&p) == 403); /* a challenge of its own */
	CHECK(place_call(&p, "me", "{}") == 401);
	place_stop(&p);
}

/* EN 303 645 5.5-5: nothing is told or changed without authentication, or for another page. */
static void prov_5_5_5_nothing_is_answered_to_strangers_or_other_pages(void)
{
	static const char *const calls[] = { "me", "devices", "device", "telemetry",
		"device-events", "events", "odd", "policy", "operators", "audit", "invite",
		"remove", "revoke", "reinstate", "sign-out", "desk", "desk-reader", "desk-key",
		"desk-copy", "cases", "case", "case-piece", "case-answer", "case-note",
		"case-state" };
	static const char *const sites[] = { "", "Sec-Fetch-Site: cross-site\r\n",
		"Sec-Fetch-Site: same-site\r\n", "Sec-Fetch-Site: none\r\n",
		"Origin: https://app.example\r\nSec-Fetch-Site: same-site\r\n" };
	struct console_place p;
	char head[512];
	char cookie[64];
	place_start_in(&p);
	memcpy(cookie, p.cookie, sizeof(cookie));
	for (size_t i = 0; i < KEEL_COUNT(calls); i++) {
		p.cookie[0] = '\0';
		CHECK_ROW(place_call(&p, calls[i], "{}") == 401, calls[i]);
		memcpy(p.cookie, cookie, sizeof(cookie));
		p.cookie[5] ^= 1;
		CHECK_ROW(place_call(&p, calls[i], "{}") == 401, calls[i]);
		memcpy(p.cookie, cookie, sizeof(cookie));
	}
	for (size_t i = 0; i < KEEL_COUNT(sites); i++) {
		(void)snprintf(head, sizeof(head),
			"POST /console/api/me HTTP/1.1\r\nContent-Type: application/json\r\n"
			"Cookie: __Host-keel=%s\r\n%s",
			p.cookie, sites[i]);
		CHECK_ROW(place_ask(&p, head, "{}") == 403, sites[i]);
	}
	(void)snprintf(head, sizeof(head),
		"POST /console/api/me HTTP/1.1\r\nContent-Type: text/plain\r\n" SAME
		"Cookie: __Host-keel=%s\r\n",
		p.cookie);
	CHECK(place_ask(&p, head, "{}") == 415);
	CHECK(place_call(&p, "me", "{}") == 200);
	place_stop(&p);
}

static void what_a_call_does_not_take_is_refused(void)
{
	static const struct {
		const char *call, *body;
		unsigned status;
	} rows[] = {
		{ "me", "", 400 },
		{ "me", "[]", 400 },
		{ "me", "{\"search\":\"x\"}", 400 },
		{ "devices", "{\"search\":1}", 400 },
		{ "device", "{}", 400 },
		{ "device", "{\"id\":\"00\"}", 400 },
		{ "device", "{\"id\":\"0000000000000000000000000000000G\"}", 400 },
		{ "device", "{\"id\":\"00000000000000000000000000000000\"}", 404 },
		{ "revoke", "{\"id\":\"01000700000000000000000000000000\",\"why\":\"\"}", 400 },
		{ "remove", "{\"name\":\"\"}", 400 },
		{ "invite", "{\"name\":\"service\"}", 400 },
		{ "invite", "{\"name\":\"reporter\"}", 400 },
		{ "invite", "{\"name\":\"cli:root\"}", 400 },
		{ "remove", "{\"name\":\"nobody\"}", 404 },
		{ "remove", "{\"name\":\"ann\"}", 409 },
		{ "nothing", "{}", 404 },
	};
	struct console_place p;
	place_start_in(&p);
	for (size_t i = 0; i < KEEL_COUNT(rows); i++)
		CHECK_ROW(
			place_call(&p, rows[i].call, rows[i].body) == rows[i].status, rows[i].body);
	place_stop(&p);
}

/* --- what is shown --- */

static struct keel_fleet_unit unit_of(unsigned n)
{
	struct keel_fleet_unit u = { .id = { (uint8_t)n, (uint8_t)(n >> 8), 7 } };
	(void)snprintf(u.serial, sizeof(u.serial), "H1-%06u", n);
	(void)snprintf(u.model, sizeof(u.model), "hearth-h1");
	return u;
}

static void enrol(struct console_place *p, unsigned from, unsigned n)
{
	struct keel_fleet_unit *all = calloc(n, sizeof(*all));
	struct keel_fleet_enrol j = {
		.who = "test", .now_s = time(NULL), .units = all, .count = n
	};
	for (unsigned i = 0; i < n; i++)
		all[i] = unit_of(from + i);
	keel_fleet_enrol(p->store, &j);
	CHECK(j.write.err == KEEL_OK);
	free(all);
}

static void open_home(struct console_place *p, unsigned n, uint64_t decision, const char *reasons)
{
	struct keel_fleet_session j = { .now_s = time(NULL),
		.next_s = time(NULL) + 600,
		.home = keel_text(HOME),
		.version = keel_text("1.2.0"),
		.decision = decision,
		.reasons = reasons,
		.quoted = n == 7,
		.statement = keel_text("eat") };
	struct keel_fleet_unit u = unit_of(n);
	memcpy(j.id, u.id, sizeof(j.id));
	keel_fleet_session(p->store, &j);
	CHECK(j.write.err == KEEL_OK);
}

static void report(struct console_place *p, unsigned n, uint64_t number, uint64_t kind,
	struct keel_bytes payload, const char *refused)
{
	const struct keel_fleet_report r = { .number = number,
		.kind = kind,
		.time_s = time(NULL) - 10,
		.until_s = time(NULL) + 1000,
		.payload = payload,
		.refused = refused };
	struct keel_fleet_reports j = { .home = keel_text(HOME),
		.now_s = time(NULL),
		.next_s = time(NULL) + 600,
		.items = &r,
		.count = 1 };
	struct keel_fleet_unit u = unit_of(n);
	memcpy(j.id, u.id, sizeof(j.id));
	keel_fleet_reports(p->store, &j);
	CHECK(j.write.err == KEEL_OK);
}

static void report_starts(struct console_place *p, unsigned n, uint64_t number, int64_t value)
{
	uint8_t buf[256];
	struct keel_bytes pack;
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	const struct keel_senml_record r = { .name = keel_text("boiler starts"),
		.unit = keel_text("1"),
		.value = value,
		.time_ms = INT64_C(1795852800000) };
	keel_senml_begin(&w, 1);
	keel_senml_put(&w, &r);
	CHECK(keel_wr_end(&w, &pack) == KEEL_OK);
	report(p, n, number, KEEL_REPORT_TELEMETRY, pack, NULL);
}

static void report_event(struct console_place *p, unsigned n, uint64_t number, const char *name)
{
	uint8_t buf[256];
	struct keel_bytes payload;
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	const struct keel_report_event ev = {
		.has = 3, .word = keel_text(name), .detail = keel_text("tcp 0.0.0.0:4444")
	};
	keel_schema_write(&keel_report_event_schema, &ev, &w);
	CHECK(keel_wr_end(&w, &payload) == KEEL_OK);
	report(p, n, number, KEEL_REPORT_EVENT, payload, NULL);
}

static void devices_are_listed_a_page_at_a_time(void)
{
	struct console_place p;
	place_start_in(&p);
	CHECK(place_call(&p, "devices", "{}") == 200);
	CHECK(json_array_size(json_object_get(p.said, "devices")) == 0);
	enrol(&p, 1, 250);
	open_home(&p, 7, KEEL_FLEET_QUARANTINED, "debug: enabled");
	open_home(&p, 8, KEEL_FLEET_ACCEPTED, "");
	size_t seen = 0;
	char after[80] = "";
	for (int page = 0; page < 3; page++) {
		char body[128];
		(void)snprintf(body, sizeof(body), "{\"after\":\"%s\"}", after);
		CHECK(place_call(&p, "devices", body) == 200);
		seen += json_array_size(json_object_get(p.said, "devices"));
		CHECK((json_object_get(p.said, "counts") != NULL) == (page == 0));
		(void)snprintf(after, sizeof(after), "%s", place_word(&p, "after"));
		CHECK((after[0] == '\0') == (page == 2));
	}
	CHECK(seen == 250);
	CHECK(place_call(&p, "devices", "{\"search\":\"H1-00024\",\"state\":\"never heard\"}") ==
		200);
	CHECK(json_array_size(json_object_get(p.said, "devices")) == 10);
	CHECK(place_call(&p, "devices", "{\"state\":\"quarantined\"}") == 200);
	CHECK(json_array_size(json_object_get(p.said, "devices")) == 1);
	CHECK(strcmp(place_word_of(place_row(&p, "devices", 0), "serial"), "H1-000007") == 0);
	CHECK(strcmp(place_word_of(place_row(&p, "devices", 0), "why"), "debug: enabled") == 0);
	json_t *counts = json_object_get(p.said, "counts");
	CHECK(json_integer_value(json_object_get(counts, "never heard")) == 248);
	CHECK(json_integer_value(json_object_get(counts, "here")) == 1);
	place_stop(&p);
}

#define SEVEN "{\"id\":\"07000700000000000000000000000000\"}"

static void a_devices_story_is_told(void)
{
	struct console_place p;
	place_start_in(&p);
	enrol(&p, 7, 2);
	open_home(&p, 7, KEEL_FLEET_FLAGGED, "unmeasured: no list");
	open_home(&p, 8, KEEL_FLEET_ACCEPTED, "");
	report_starts(&p, 7, 1, 17500);
	report_event(&p, 7, 2, "undeclared-port");
	report_starts(&p, 7, 3, -2000);
	report(&p, 7, 4, 0, keel_text("x"), "undeclared");
	report_event(&p, 8, 1, "file-changed");
	CHECK(place_call(&p, "device", SEVEN) == 200);
	CHECK(strcmp(place_word(&p, "serial"), "H1-000007") == 0 &&
		strcmp(place_word(&p, "state"), "flagged") == 0);
	CHECK(strcmp(place_word_of(place_row(&p, "decisions", 0), "reasons"),
		      "unmeasured: no list") == 0);
	CHECK(strcmp(place_word_of(place_row(&p, "decisions", 0), "grade"), "quoted by TPM") == 0);
	CHECK(strcmp(place_word(&p, "grade"), "quoted by TPM") == 0);
	CHECK(strcmp(place_word_of(place_row(&p, "odd", 0), "what"), "undeclared") == 0);
	CHECK(place_call(&p, "telemetry", SEVEN) == 200);
	CHECK(json_array_size(json_object_get(p.said, "points")) == 2);
	json_t *point = place_row(&p, "points", 1); /* the latest report is first */
	CHECK(json_integer_value(json_array_get(point, 0)) == 1795852800);
	CHECK(strcmp(json_string_value(json_array_get(point, 1)), "boiler starts") == 0);
	CHECK(json_real_value(json_array_get(point, 2)) == 17.5);
	CHECK(place_call(&p, "device-events", SEVEN) == 200);
	CHECK(json_array_size(json_object_get(p.said, "events")) == 1);
	CHECK(strcmp(place_word_of(place_row(&p, "events", 0), "word"), "undeclared-port") == 0);
	CHECK(place_call(&p, "events", "{}") == 200);
	CHECK(json_array_size(json_object_get(p.said, "events")) == 2);
	CHECK(strcmp(place_word_of(place_row(&p, "events", 0), "serial"), "H1-000008") == 0);
	CHECK(place_call(&p, "odd", "{}") == 200 && place_row(&p, "odd", 0) != NULL);
	CHECK(place_call(&p, "policy", "{}") == 200);
	CHECK(strcmp(place_word_of(place_row(&p, "rules", 0), "action"), "quarantine") == 0);
	place_stop(&p);
}

static void many_events_are_paged_without_loss(void)
{
	struct console_place p;
	size_t seen = 0;
	long long before = 0;
	place_start_in(&p);
	enrol(&p, 7, 1);
	open_home(&p, 7, KEEL_FLEET_ACCEPTED, "");
	for (uint64_t n = 1; n <= 230; n++)
		report_event(&p, 7, n, "room-restarted");
	for (int page = 0; page < 3; page++) {
		char body[64];
		(void)snprintf(body, sizeof(body), page > 0 ? "{\"before\":%lld}" : "{}", before);
		CHECK(place_call(&p, "events", body) == 200);
		seen += json_array_size(json_object_get(p.said, "events"));
		before = json_integer_value(json_object_get(p.said, "before"));
		CHECK((before == 0) == (page == 2));
	}
	CHECK(seen == 230);
	place_stop(&p);
}

static void what_an_operator_does_is_done_and_in_the_audit_log(void)
{
	struct console_place p;
	uint64_t bad;
	struct keel_fleet_unit u;
	place_start_in(&p);
	enrol(&p, 7, 1);
	CHECK(place_call(&p, "revoke",
		      "{\"id\":\"07000700000000000000000000000000\",\"why\":\"stolen\"}") == 200);
	CHECK(keel_fleet_unit_by_serial(p.store, "H1-000007", &u) == KEEL_OK);
	CHECK(u.revoked_s != 0 && strcmp(u.revoked_why, "stolen") == 0);
	CHECK(place_call(&p, "audit", "{}") == 200);
	CHECK(strcmp(place_word_of(place_row(&p, "rows", 0), "action"), "unit.revoke") == 0);
	CHECK(strcmp(place_word_of(place_row(&p, "rows", 0), "who"), "ann") == 0);
	CHECK(place_call(&p, "revoke",
		      "{\"id\":\"07000700000000000000000000000000\",\"why\":\"again\"}") == 409);
	CHECK(place_call(&p, "reinstate", SEVEN) == 200);
	CHECK(keel_fleet_unit_by_serial(p.store, "H1-000007", &u) == KEEL_OK && u.revoked_s == 0);
	CHECK(place_call(&p, "operators", "{}") == 200 && strcmp(place_word(&p, "me"), "ann") == 0);
	CHECK(strcmp(place_word_of(place_row(&p, "operators", 0), "name"), "ann") == 0);
	CHECK(keel_fleet_audit(p.store, &bad, NULL, NULL) == KEEL_OK);
	place_stop(&p);
}

/* --- pages --- */

static void the_pages_files_are_served_and_no_others(void)
{
	static const struct {
		const char *path;
		unsigned status;
	} rows[] = { { "/console/", 200 }, { "/console/app-1.js", 200 },
		{ "/console/index.html", 404 }, { "/console/notes.txt", 404 },
		{ "/console/../fleet.db", 400 }, { "/console/%2e%2e/fleet.db", 400 },
		{ "/console", 404 } };
	struct console_place p;
	place_start(&p);
	for (size_t i = 0; i < KEEL_COUNT(rows); i++) {
		char head[128];
		(void)snprintf(head, sizeof(head), "GET %s HTTP/1.1\r\n", rows[i].path);
		CHECK_ROW(place_ask(&p, head, "") == rows[i].status, rows[i].path);
	}
	place_stop(&p);
}

TEST_MAIN(TEST(an_operator_comes_in_by_link_and_passkey_and_again_by_passkey),
	TEST(a_link_lets_one_in), TEST(what_a_passkey_says_is_refused),
	TEST(prov_5_5_5_nothing_is_answered_to_strangers_or_other_pages),
	TEST(what_a_call_does_not_take_is_refused), TEST(devices_are_listed_a_page_at_a_time),
	TEST(a_devices_story_is_told), TEST(many_events_are_paged_without_loss),
	TEST(what_an_operator_does_is_done_and_in_the_audit_log),
	TEST(the_pages_files_are_served_and_no_others))

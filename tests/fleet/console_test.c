/* The console's calls over real TLS, by a browser's words and an authenticator in software. */
#include <event2/event.h>
#include <jansson.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "authenticator.h"
#include "check.h"
#include "core/base64url.h"
#include "fleet/console/console.h"
#include "http/tls.h"
#include "peer.h"
#include "session/report.h"
#include "session/senml.h"

#define ORIGIN  "https://fleet.example"
#define WAIT_MS 5000
#define HOME    "aaaaaaaaaaaaaaaa"
#define SAME    "Sec-Fetch-Site: same-origin\r\n"

struct place {
	char dir[64], db[96], web[96];
	struct keel_fleet_store *store; /* the test's own connection */
	pid_t pid;
	uint16_t port;
	char link[KEEL_CONSOLE_LINK_MAX];
	char cookie[64];
	struct authenticator key;
	json_t *said; /* the last answer's body */
	char set_cookie[256];
};

static uint64_t now_ms(void *self)
{
	(void)self;
	return peer_now_ms();
}

static int64_t wall_s(void *self)
{
	(void)self;
	return time(NULL);
}

/* --- the server's process --- */

static void on_call(void *self, struct keel_http_call *call)
{
	keel_console_serve(self, call);
}

static void on_over(void *self, struct keel_http_call *call, enum keel_http_over why)
{
	(void)self;
	keel_console_over(call, why);
}

static void on_term(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what;
	(void)event_base_loopbreak(arg);
}

static void serve(const struct place *p, int fd)
{
	static const struct keel_console_rule rules[] = { { "debug", "quarantine" }, { 0 } };
	static const char *const hosts[] = { "fleet.example:443" };
	struct event_base *base = event_base_new();
	const struct keel_clock clock = { .now_ms = now_ms, .wall_s = wall_s };
	const struct keel_console_config config = {
		.origin = ORIGIN, .clock = clock, .policy = rules
	};
	struct keel_console *c = keel_console_new(&config);
	struct keel_fleet_store *store;
	struct keel_http_server *server;
	struct keel_http_config http = {
		.limits = keel_http_strict,
		.times = { 9000, 9000, 9000, 9000, 9000, 1000 },
		.quota = { .connections = 64, .v6_bits = 64 },
		.gate = { .origin = "https://app.example", .hosts = hosts, .host_count = 1 },
		.connections = 64,
		.self = c,
		.clock = clock,
	};
	struct peer_pem pem;
	struct keel_fault fault;
	struct ssl_ctx_st *tls;
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	KEEL_MUST(keel_console_files(c, p->web, &fault) == KEEL_OK);
	http.routes = keel_console_routes(c, NULL, 0, on_call, on_over, &http.route_count);
	peer_pem_make(&pem);
	KEEL_MUST(keel_tls_open(keel_text(pem.chain), keel_text(pem.key), &tls, &fault) == KEEL_OK);
	KEEL_MUST(keel_fleet_store_open(p->db, base, &store, &fault) == KEEL_OK);
	keel_console_open(c, store);
	KEEL_MUST(keel_http_server_open(base, tls, &http, &server) == KEEL_OK);
	KEEL_MUST(keel_http_server_listen(server, fd) == KEEL_OK);
	struct event *term = evsignal_new(base, SIGTERM, on_term, base);
	(void)event_add(term, NULL);
	(void)event_base_dispatch(base);
	keel_fleet_store_close(store);
	keel_http_server_close(server);
	keel_console_free(c);
	event_free(term);
	event_base_free(base);
	SSL_CTX_free(tls);
}

/* --- a place --- */

static void write_file(const char *dir, const char *name, const char *text)
{
	char path[192];
	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	FILE *f = fopen(path, "w");
	KEEL_MUST(f != NULL && fputs(text, f) >= 0 && fclose(f) == 0);
}

static void new_link(struct place *p, const char *name)
{
	struct keel_fleet_invite j = { .who = "test", .now_s = time(NULL), .name = name };
	keel_console_link(ORIGIN, &j.secret, p->link);
	keel_fleet_invite(p->store, &j);
	CHECK(j.write.err == KEEL_OK);
}

static void start(struct place *p)
{
	struct keel_fault fault;
	*p = (struct place){ .dir = "/tmp/keel-console-XXXXXX",
		.key = authenticator_make("fleet.example") };
	CHECK(mkdtemp(p->dir) != NULL);
	(void)snprintf(p->db, sizeof(p->db), "%s/fleet.db", p->dir);
	(void)snprintf(p->web, sizeof(p->web), "%s/web", p->dir);
	CHECK(mkdir(p->web, 0700) == 0);
	write_file(p->web, "index.html", "<!doctype html><title>console</title>");
	write_file(p->web, "app-1.js", "1;");
	write_file(p->web, "notes.txt", "not a file of a page");
	CHECK(keel_fleet_store_open(p->db, NULL, &p->store, &fault) == KEEL_OK);
	int fd = peer_listen(false, &p->port);
	p->pid = fork();
	if (p->pid == 0) {
		serve(p, fd);
		exit(0); /* the sanitizers look for leaks here */
	}
	(void)close(fd);
}

static void stop(struct place *p)
{
	static const char *const files[] = { "fleet.db", "fleet.db-wal", "fleet.db-shm",
		"web/index.html", "web/app-1.js", "web/notes.txt" };
	int status = -1;
	(void)kill(p->pid, SIGTERM);
	CHECK(waitpid(p->pid, &status, 0) == p->pid && status == 0);
	json_decref(p->said);
	keel_fleet_store_close(p->store);
	for (size_t i = 0; i < KEEL_COUNT(files); i++) {
		char path[192];
		(void)snprintf(path, sizeof(path), "%s/%s", p->dir, files[i]);
		(void)unlink(path);
	}
	(void)rmdir(p->web);
	(void)rmdir(p->dir);
}

/* --- calls --- */

static unsigned ask(struct place *p, const char *head, const char *body)
{
	static struct peer peer;
	static struct peer_answer answer;
	static char text[16384];
	struct peer_at at = { .port = p->port };
	(void)snprintf(text, sizeof(text),
		"%sHost: fleet.example:443\r\nContent-Length: %zu\r\n\r\n%s", head, strlen(body),
		body);
	if (!peer_open(&peer, &at))
		return 0;
	bool heard = peer_say_text(&peer, text) && peer_hear(&peer, &answer, WAIT_MS, false);
	peer_close(&peer);
	if (!heard)
		return 0;
	const char *set = peer_field(&answer, "Set-Cookie");
	(void)snprintf(p->set_cookie, sizeof(p->set_cookie), "%s", set != NULL ? set : "");
	json_decref(p->said);
	p->said =
		json_loadb((const char *)answer.body, answer.body_n, JSON_REJECT_DUPLICATES, NULL);
	return answer.status;
}

/* A page's call, with the cookie that the place has. */
static unsigned call(struct place *p, const char *name, const char *body)
{
	char head[512];
	(void)snprintf(head, sizeof(head),
		"POST /console/api/%s HTTP/1.1\r\nContent-Type: application/json\r\n" SAME "%s%s%s",
		name, p->cookie[0] != '\0' ? "Cookie: other=1; __Host-keel=" : "", p->cookie,
		p->cookie[0] != '\0' ? "\r\n" : "");
	return ask(p, head, body);
}

static const char *word(const struct place *p, const char *name)
{
	const char *text = json_string_value(json_object_get(p->said, name));
	return text != NULL ? text : "";
}

static json_t *row(const struct place *p, const char *list, size_t n)
{
	return json_array_get(json_object_get(p->said, list), n);
}

static const char *word_of(json_t *row, const char *name)
{
	const char *text = json_string_value(json_object_get(row, name));
	return text != NULL ? text : "";
}

static void take_cookie(struct place *p)
{
	const char *from = strchr(p->set_cookie, '=');
	size_t n = from != NULL ? strcspn(from + 1, ";") : 0;
	(void)snprintf(p->cookie, sizeof(p->cookie), "%.*s", (int)n, from != NULL ? from + 1 : "");
}

static void text64(struct keel_bytes b, char *out, size_t cap)
{
	struct keel_wr w = keel_wr_of(out, cap - 1);
	struct keel_bytes text;
	keel_base64url_write(b, &w);
	KEEL_MUST(keel_wr_end(&w, &text) == KEEL_OK);
	out[text.n] = '\0';
}

static const char *secret_of(const struct place *p)
{
	return strstr(p->link, "#join=") + 6;
}

/* A challenge, and the browser's words over it. */
static bool prepare(struct place *p, const char *type, const char *origin, const char *secret)
{
	char body[128];
	uint8_t challenge[KEEL_PASSKEY_CHALLENGE_LEN];
	struct keel_bytes got;
	struct keel_wr w = keel_wr_of(challenge, sizeof(challenge));
	(void)snprintf(body, sizeof(body), secret != NULL ? "{\"secret\":\"%s\"}" : "{}", secret);
	if (call(p, "challenge", body) != 200)
		return false;
	keel_base64url_read(keel_text(word(p, "challenge")), &w);
	CHECK(keel_wr_end(&w, &got) == KEEL_OK && got.n == sizeof(challenge));
	CHECK(strcmp(word(p, "rp"), "fleet.example") == 0);
	authenticator_client(&p->key, type, origin, challenge);
	return true;
}

static unsigned enter(struct place *p, const char *name)
{
	static char body[4096];
	char client[1024];
	char data[1024];
	authenticator_data(&p->key, true);
	text64(keel_text(p->key.client), client, sizeof(client));
	text64((struct keel_bytes){ p->key.data, p->key.data_n }, data, sizeof(data));
	(void)snprintf(body, sizeof(body),
		"{\"secret\":\"%s\",\"name\":\"%s\",\"client\":\"%s\",\"authenticator\":\"%s\"}",
		secret_of(p), name, client, data);
	return call(p, "register", body);
}

static unsigned join(struct place *p, const char *name)
{
	return prepare(p, "webauthn.create", ORIGIN, secret_of(p)) ? enter(p, name) : 0;
}

static unsigned sign_again(struct place *p)
{
	static char body[4096];
	char client[1024];
	char data[1024];
	char signature[256];
	char credential[64];
	authenticator_data(&p->key, false);
	authenticator_sign(&p->key);
	text64(keel_text(p->key.client), client, sizeof(client));
	text64((struct keel_bytes){ p->key.data, p->key.data_n }, data, sizeof(data));
	text64((struct keel_bytes){ p->key.signature, p->key.signature_n }, signature,
		sizeof(signature));
	text64(keel_text(AUTHENTICATOR_ID), credential, sizeof(credential));
	(void)snprintf(body, sizeof(body),
		"{\"credential\":\"%s\",\"client\":\"%s\",\"authenticator\":\"%s\",\"signature\":"
		"\"%s\"}",
		credential, client, data, signature);
	return call(p, "sign-in", body);
}

static unsigned sign_in(struct place *p)
{
	p->key.count++;
	return prepare(p, "webauthn.get", ORIGIN, NULL) ? sign_again(p) : 0;
}

/* Somebody who is in. */
static void start_in(struct place *p)
{
	start(p);
	new_link(p, "");
	CHECK(join(p, "ann") == 200);
	take_cookie(p);
}

/* --- coming in --- */

static void an_operator_comes_in_by_link_and_passkey_and_again_by_passkey(void)
{
	struct place p;
	start(&p);
	new_link(&p, "");
	CHECK(call(&p, "me", "{}") == 401);
	CHECK(join(&p, "ann") == 200 && strcmp(word(&p, "name"), "ann") == 0);
	CHECK(strstr(p.set_cookie, "__Host-keel=") == p.set_cookie);
	CHECK(strstr(p.set_cookie, "; Path=/;") && strstr(p.set_cookie, "; Secure"));
	CHECK(strstr(p.set_cookie, "; HttpOnly") && strstr(p.set_cookie, "; SameSite=Strict"));
	take_cookie(&p);
	CHECK(call(&p, "me", "{}") == 200 && strcmp(word(&p, "name"), "ann") == 0);
	CHECK(call(&p, "sign-out", "{}") == 200 && strstr(p.set_cookie, "Max-Age=0") != NULL);
	CHECK(call(&p, "me", "{}") == 401);
	CHECK(sign_in(&p) == 200);
	take_cookie(&p);
	CHECK(call(&p, "me", "{}") == 200);
	stop(&p);
}

static void a_link_lets_one_in(void)
{
	struct place p;
	char body[128];
	start_in(&p);
	CHECK(!prepare(&p, "webauthn.create", ORIGIN, secret_of(&p)));
	CHECK(strcmp(word(&p, "error"), "none") == 0);
	CHECK(call(&p, "invite", "{\"name\":\"bob\"}") == 200);
	(void)snprintf(p.link, sizeof(p.link), "%s", word(&p, "link"));
	CHECK(strstr(p.link, ORIGIN "/console/#join=") == p.link);
	(void)snprintf(body, sizeof(body), "{\"secret\":\"%s\"}", secret_of(&p));
	CHECK(call(&p, "challenge", body) == 200 && strcmp(word(&p, "name"), "bob") == 0);
	p.key = authenticator_make("fleet.example");
	CHECK(join(&p, "eve") == 404); /* the link is bob's */
	CHECK(join(&p, "bob") == 409); /* with ann's credential id */
	CHECK(call(&p, "invite", "{\"name\":\"ann\"}") == 409);
	stop(&p);
}

static void what_a_passkey_says_is_refused(void)
{
	struct place p;
	char cookie[sizeof(p.cookie)];
	start_in(&p);
	memcpy(cookie, p.cookie, sizeof(cookie));
	p.cookie[0] = '\0';
	p.key.count++;
	CHECK(prepare(&p, "webauthn.get", "https://evil.example", NULL) && sign_again(&p) == 403);
	CHECK(prepare(&p, "webauthn.create", ORIGIN, NULL) && sign_again(&p) == 403);
	CHECK(prepare(&p, "webauthn.get", ORIGIN, NULL));
	p.key.flags = 0x01; /* present, not verified */
	CHECK(sign_again(&p) == 403);
	p.key.flags = 0x05;
	CHECK(sign_again(&p) == 200);
	CHECK(sign_again(&p) == 403); /* the same challenge */
	CHECK(prepare(&p, "webauthn.get", ORIGIN, NULL));
	CHECK(sign_again(&p) == 403); /* the count stands still: a copy */
	CHECK(strstr(word(&p, "sentence"), "copy") != NULL);
	memcpy(p.cookie, cookie, sizeof(cookie)); /* who is in already sees it */
	CHECK(call(&p, "audit", "{}") == 200);
	json_t *last = json_array_get(json_object_get(p.said, "rows"), 0);
	CHECK(strcmp(json_string_value(json_object_get(last, "action")),
		      "operator.copied-passkey") == 0);
	p.cookie[0] = '\0';
	struct authenticator own = p.key;
	p.key = authenticator_make("fleet.example");
	p.key.count = own.count;
	CHECK(sign_in(&p) == 403); /* another key under ann's credential id */
	uint8_t old[KEEL_PASSKEY_CHALLENGE_LEN] = { 1 };
	p.key = own;
	p.key.count++;
	authenticator_client(&p.key, "webauthn.get", ORIGIN, old);
	CHECK(sign_again(&p) == 403); /* a challenge of its own */
	CHECK(call(&p, "me", "{}") == 401);
	stop(&p);
}

/* EN 303 645 5.5-5: nothing is told or changed without authentication, or for another page. */
static void prov_5_5_5_nothing_is_answered_to_strangers_or_other_pages(void)
{
	static const char *const calls[] = { "me", "devices", "device", "telemetry",
		"device-events", "events", "odd", "policy", "operators", "audit", "invite",
		"remove", "revoke", "reinstate", "sign-out" };
	static const char *const sites[] = { "", "Sec-Fetch-Site: cross-site\r\n",
		"Sec-Fetch-Site: same-site\r\n", "Sec-Fetch-Site: none\r\n",
		"Origin: https://app.example\r\nSec-Fetch-Site: same-site\r\n" };
	struct place p;
	char head[512];
	char cookie[64];
	start_in(&p);
	memcpy(cookie, p.cookie, sizeof(cookie));
	for (size_t i = 0; i < KEEL_COUNT(calls); i++) {
		p.cookie[0] = '\0';
		CHECK_ROW(call(&p, calls[i], "{}") == 401, calls[i]);
		memcpy(p.cookie, cookie, sizeof(cookie));
		p.cookie[5] ^= 1;
		CHECK_ROW(call(&p, calls[i], "{}") == 401, calls[i]);
		memcpy(p.cookie, cookie, sizeof(cookie));
	}
	for (size_t i = 0; i < KEEL_COUNT(sites); i++) {
		(void)snprintf(head, sizeof(head),
			"POST /console/api/me HTTP/1.1\r\nContent-Type: application/json\r\n"
			"Cookie: __Host-keel=%s\r\n%s",
			p.cookie, sites[i]);
		CHECK_ROW(ask(&p, head, "{}") == 403, sites[i]);
	}
	(void)snprintf(head, sizeof(head),
		"POST /console/api/me HTTP/1.1\r\nContent-Type: text/plain\r\n" SAME
		"Cookie: __Host-keel=%s\r\n",
		p.cookie);
	CHECK(ask(&p, head, "{}") == 415);
	CHECK(call(&p, "me", "{}") == 200);
	stop(&p);
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
		{ "remove", "{\"name\":\"nobody\"}", 404 },
		{ "remove", "{\"name\":\"ann\"}", 409 },
		{ "nothing", "{}", 404 },
	};
	struct place p;
	start_in(&p);
	for (size_t i = 0; i < KEEL_COUNT(rows); i++)
		CHECK_ROW(call(&p, rows[i].call, rows[i].body) == rows[i].status, rows[i].body);
	stop(&p);
}

/* --- what is shown --- */

static struct keel_fleet_unit unit_of(unsigned n)
{
	struct keel_fleet_unit u = { .id = { (uint8_t)n, (uint8_t)(n >> 8), 7 } };
	(void)snprintf(u.serial, sizeof(u.serial), "H1-%06u", n);
	(void)snprintf(u.model, sizeof(u.model), "hearth-h1");
	return u;
}

static void enrol(struct place *p, unsigned from, unsigned n)
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

static void open_home(struct place *p, unsigned n, uint64_t decision, const char *reasons)
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

static void report(struct place *p, unsigned n, uint64_t number, uint64_t kind,
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

static void report_starts(struct place *p, unsigned n, uint64_t number, int64_t value)
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

static void report_event(struct place *p, unsigned n, uint64_t number, const char *name)
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
	struct place p;
	start_in(&p);
	CHECK(call(&p, "devices", "{}") == 200);
	CHECK(json_array_size(json_object_get(p.said, "devices")) == 0);
	enrol(&p, 1, 250);
	open_home(&p, 7, KEEL_FLEET_QUARANTINED, "debug: enabled");
	open_home(&p, 8, KEEL_FLEET_ACCEPTED, "");
	size_t seen = 0;
	char after[80] = "";
	for (int page = 0; page < 3; page++) {
		char body[128];
		(void)snprintf(body, sizeof(body), "{\"after\":\"%s\"}", after);
		CHECK(call(&p, "devices", body) == 200);
		seen += json_array_size(json_object_get(p.said, "devices"));
		CHECK((json_object_get(p.said, "counts") != NULL) == (page == 0));
		(void)snprintf(after, sizeof(after), "%s", word(&p, "after"));
		CHECK((after[0] == '\0') == (page == 2));
	}
	CHECK(seen == 250);
	CHECK(call(&p, "devices", "{\"search\":\"H1-00024\",\"state\":\"never heard\"}") == 200);
	CHECK(json_array_size(json_object_get(p.said, "devices")) == 10);
	CHECK(call(&p, "devices", "{\"state\":\"quarantined\"}") == 200);
	CHECK(json_array_size(json_object_get(p.said, "devices")) == 1);
	CHECK(strcmp(word_of(row(&p, "devices", 0), "serial"), "H1-000007") == 0);
	CHECK(strcmp(word_of(row(&p, "devices", 0), "why"), "debug: enabled") == 0);
	json_t *counts = json_object_get(p.said, "counts");
	CHECK(json_integer_value(json_object_get(counts, "never heard")) == 248);
	CHECK(json_integer_value(json_object_get(counts, "here")) == 1);
	stop(&p);
}

#define SEVEN "{\"id\":\"07000700000000000000000000000000\"}"

static void a_devices_story_is_told(void)
{
	struct place p;
	start_in(&p);
	enrol(&p, 7, 2);
	open_home(&p, 7, KEEL_FLEET_FLAGGED, "unmeasured: no list");
	open_home(&p, 8, KEEL_FLEET_ACCEPTED, "");
	report_starts(&p, 7, 1, 17500);
	report_event(&p, 7, 2, "undeclared-port");
	report_starts(&p, 7, 3, -2000);
	report(&p, 7, 4, 0, keel_text("x"), "undeclared");
	report_event(&p, 8, 1, "file-changed");
	CHECK(call(&p, "device", SEVEN) == 200);
	CHECK(strcmp(word(&p, "serial"), "H1-000007") == 0 &&
		strcmp(word(&p, "state"), "flagged") == 0);
	CHECK(strcmp(word_of(row(&p, "decisions", 0), "reasons"), "unmeasured: no list") == 0);
	CHECK(strcmp(word_of(row(&p, "decisions", 0), "grade"), "quoted by TPM") == 0);
	CHECK(strcmp(word(&p, "grade"), "quoted by TPM") == 0);
	CHECK(strcmp(word_of(row(&p, "odd", 0), "what"), "undeclared") == 0);
	CHECK(call(&p, "telemetry", SEVEN) == 200);
	CHECK(json_array_size(json_object_get(p.said, "points")) == 2);
	json_t *point = row(&p, "points", 1); /* the latest report is first */
	CHECK(json_integer_value(json_array_get(point, 0)) == 1795852800);
	CHECK(strcmp(json_string_value(json_array_get(point, 1)), "boiler starts") == 0);
	CHECK(json_real_value(json_array_get(point, 2)) == 17.5);
	CHECK(call(&p, "device-events", SEVEN) == 200);
	CHECK(json_array_size(json_object_get(p.said, "events")) == 1);
	CHECK(strcmp(word_of(row(&p, "events", 0), "word"), "undeclared-port") == 0);
	CHECK(call(&p, "events", "{}") == 200);
	CHECK(json_array_size(json_object_get(p.said, "events")) == 2);
	CHECK(strcmp(word_of(row(&p, "events", 0), "serial"), "H1-000008") == 0);
	CHECK(call(&p, "odd", "{}") == 200 && row(&p, "odd", 0) != NULL);
	CHECK(call(&p, "policy", "{}") == 200);
	CHECK(strcmp(word_of(row(&p, "rules", 0), "action"), "quarantine") == 0);
	stop(&p);
}

static void many_events_are_paged_without_loss(void)
{
	struct place p;
	size_t seen = 0;
	long long before = 0;
	start_in(&p);
	enrol(&p, 7, 1);
	open_home(&p, 7, KEEL_FLEET_ACCEPTED, "");
	for (uint64_t n = 1; n <= 230; n++)
		report_event(&p, 7, n, "room-restarted");
	for (int page = 0; page < 3; page++) {
		char body[64];
		(void)snprintf(body, sizeof(body), page > 0 ? "{\"before\":%lld}" : "{}", before);
		CHECK(call(&p, "events", body) == 200);
		seen += json_array_size(json_object_get(p.said, "events"));
		before = json_integer_value(json_object_get(p.said, "before"));
		CHECK((before == 0) == (page == 2));
	}
	CHECK(seen == 230);
	stop(&p);
}

static void what_an_operator_does_is_done_and_in_the_audit_log(void)
{
	struct place p;
	uint64_t bad;
	struct keel_fleet_unit u;
	start_in(&p);
	enrol(&p, 7, 1);
	CHECK(call(&p, "revoke",
		      "{\"id\":\"07000700000000000000000000000000\",\"why\":\"stolen\"}") == 200);
	CHECK(keel_fleet_unit_by_serial(p.store, "H1-000007", &u) == KEEL_OK);
	CHECK(u.revoked_s != 0 && strcmp(u.revoked_why, "stolen") == 0);
	CHECK(call(&p, "audit", "{}") == 200);
	CHECK(strcmp(word_of(row(&p, "rows", 0), "action"), "unit.revoke") == 0);
	CHECK(strcmp(word_of(row(&p, "rows", 0), "who"), "ann") == 0);
	CHECK(call(&p, "revoke",
		      "{\"id\":\"07000700000000000000000000000000\",\"why\":\"again\"}") == 409);
	CHECK(call(&p, "reinstate", SEVEN) == 200);
	CHECK(keel_fleet_unit_by_serial(p.store, "H1-000007", &u) == KEEL_OK && u.revoked_s == 0);
	CHECK(call(&p, "operators", "{}") == 200 && strcmp(word(&p, "me"), "ann") == 0);
	CHECK(strcmp(word_of(row(&p, "operators", 0), "name"), "ann") == 0);
	CHECK(keel_fleet_audit(p.store, &bad, NULL, NULL) == KEEL_OK);
	stop(&p);
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
	struct place p;
	start(&p);
	for (size_t i = 0; i < KEEL_COUNT(rows); i++) {
		char head[128];
		(void)snprintf(head, sizeof(head), "GET %s HTTP/1.1\r\n", rows[i].path);
		CHECK_ROW(ask(&p, head, "") == rows[i].status, rows[i].path);
	}
	stop(&p);
}

TEST_MAIN(TEST(an_operator_comes_in_by_link_and_passkey_and_again_by_passkey),
	TEST(a_link_lets_one_in), TEST(what_a_passkey_says_is_refused),
	TEST(prov_5_5_5_nothing_is_answered_to_strangers_or_other_pages),
	TEST(what_a_call_does_not_take_is_refused), TEST(devices_are_listed_a_page_at_a_time),
	TEST(a_devices_story_is_told), TEST(many_events_are_paged_without_loss),
	TEST(what_an_operator_does_is_done_and_in_the_audit_log),
	TEST(the_pages_files_are_served_and_no_others))

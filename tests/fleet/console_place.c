#include "console_place.h"

#include <event2/event.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "check.h"
#include "core/base64url.h"
#include "http/tls.h"
#include "peer.h"

#define WAIT_MS 5000

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

static void serve(const struct console_place *p, int fd)
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

void place_new_link(struct console_place *p, const char *name)
{
	struct keel_fleet_invite j = { .who = "test", .now_s = time(NULL), .name = name };
	keel_console_link(ORIGIN, &j.secret, p->link);
	keel_fleet_invite(p->store, &j);
	CHECK(j.write.err == KEEL_OK);
}

void place_start(struct console_place *p)
{
	struct keel_fault fault;
	*p = (struct console_place){ .dir = "/tmp/keel-console-XXXXXX",
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

void place_stop(struct console_place *p)
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

unsigned place_ask(struct console_place *p, const char *head, const char *body)
{
	static struct peer peer;
	static struct peer_answer answer;
	static char text[65536];
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
unsigned place_call(struct console_place *p, const char *name, const char *body)
{
	char head[512];
	(void)snprintf(head, sizeof(head),
		"POST /console/api/%s HTTP/1.1\r\nContent-Type: application/json\r\n" SAME "%s%s%s",
		name, p->cookie[0] != '\0' ? "Cookie: other=1; __Host-keel=" : "", p->cookie,
		p->cookie[0] != '\0' ? "\r\n" : "");
	return place_ask(p, head, body);
}

const char *place_word(const struct console_place *p, const char *name)
{
	const char *text = json_string_value(json_object_get(p->said, name));
	return text != NULL ? text : "";
}

json_t *place_row(const struct console_place *p, const char *list, size_t n)
{
	return json_array_get(json_object_get(p->said, list), n);
}

const char *place_word_of(json_t *row, const char *name)
{
	const char *text = json_string_value(json_object_get(row, name));
	return text != NULL ? text : "";
}

void place_take_cookie(struct console_place *p)
{
	const char *from = strchr(p->set_cookie, '=');
	size_t n = from != NULL ? strcspn(from + 1, ";") : 0;
	(void)snprintf(p->cookie, sizeof(p->cookie), "%.*s", (int)n, from != NULL ? from + 1 : "");
}

void place_text64(struct keel_bytes b, char *out, size_t cap)
{
	struct keel_wr w = keel_wr_of(out, cap - 1);
	struct keel_bytes text;
	keel_base64url_write(b, &w);
	KEEL_MUST(keel_wr_end(&w, &text) == KEEL_OK);
	out[text.n] = '\0';
}

const char *place_secret_of(const struct console_place *p)
{
	return strstr(p->link, "#join=") + 6;
}

/* A challenge, and the browser's words over it. */
bool place_prepare(
	struct console_place *p, const char *type, const char *origin, const char *secret)
{
	char body[128];
	uint8_t challenge[KEEL_PASSKEY_CHALLENGE_LEN];
	struct keel_bytes got;
	struct keel_wr w = keel_wr_of(challenge, sizeof(challenge));
	(void)snprintf(body, sizeof(body), secret != NULL ? "{\"secret\":\"%s\"}" : "{}", secret);
	if (place_call(p, "challenge", body) != 200)
		return false;
	keel_base64url_read(keel_text(place_word(p, "challenge")), &w);
	CHECK(keel_wr_end(&w, &got) == KEEL_OK && got.n == sizeof(challenge));
	CHECK(strcmp(place_word(p, "rp"), "fleet.example") == 0);
	authenticator_client(&p->key, type, origin, challenge);
	return true;
}

static unsigned enter(struct console_place *p, const char *name)
{
	static char body[4096];
	char client[1024];
	char data[1024];
	authenticator_data(&p->key, true);
	place_text64(keel_text(p->key.client), client, sizeof(client));
	place_text64((struct keel_bytes){ p->key.data, p->key.data_n }, data, sizeof(data));
	(void)snprintf(body, sizeof(body),
		"{\"secret\":\"%s\",\"name\":\"%s\",\"client\":\"%s\",\"authenticator\":\"%s\"}",
		place_secret_of(p), name, client, data);
	return place_call(p, "register", body);
}

unsigned place_join(struct console_place *p, const char *name)
{
	return place_prepare(p, "webauthn.create", ORIGIN, place_secret_of(p)) ? enter(p, name) : 0;
}

unsigned place_sign_again(struct console_place *p)
{
	static char body[4096];
	char client[1024];
	char data[1024];
	char signature[256];
	char credential[64];
	authenticator_data(&p->key, false);
	authenticator_sign(&p->key);
	place_text64(keel_text(p->key.client), client, sizeof(client));
	place_text64((struct keel_bytes){ p->key.data, p->key.data_n }, data, sizeof(data));
	place_text64((struct keel_bytes){ p->key.signature, p->key.signature_n }, signature,
		sizeof(signature));
	place_text64(keel_text(AUTHENTICATOR_ID), credential, sizeof(credential));
	(void)snprintf(body, sizeof(body),
		"{\"credential\":\"%s\",\"client\":\"%s\",\"authenticator\":\"%s\",\"signature\":"
		"\"%s\"}",
		credential, client, data, signature);
	return place_call(p, "sign-in", body);
}

unsigned place_sign_in(struct console_place *p)
{
	p->key.count++;
	return place_prepare(p, "webauthn.get", ORIGIN, NULL) ? place_sign_again(p) : 0;
}

/* Somebody who is in. */
void place_start_in(struct console_place *p)
{
	place_start(p);
	place_new_link(p, "");
	CHECK(place_join(p, "ann") == 200);
	place_take_cookie(p);
}

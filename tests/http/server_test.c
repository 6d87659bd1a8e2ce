/* The server through real sockets and TLS, by clients that are slow, endless, many or malformed. */
#include <errno.h>
#include <event2/event.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "check.h"
#include "http/after.h"
#include "http/server.h"
#include "http/tls.h"
#include "peer.h"

#define APP      "https://app.example"
#define GET_ROOT "GET / HTTP/1.1\r\nHost: hub.local\r\n\r\n"
#define ROOT     "GET / HTTP/1.1\r\nHost: hub.local:443\r\n"
#define BODY_MAX 16384
#define WAIT_MS  3000
#define SOON_MS  1500 /* more than any deadline below */
#define CROWD    8
#define ALL      24
#define PAGE     "<!DOCTYPE html><title>hub</title>\n"

/* What a test wants of the server; the rest is as below. */
struct wish {
	struct keel_http_times times;
	struct keel_http_quota quota;
	size_t connections;
	size_t shakings;
};

static const struct wish usual = {
	.times = { 400, 400, 400, 400, 400, 400 },
	.quota = { .connections = CROWD, .v6_bits = 128 },
	.connections = ALL,
};

/* What the server's process tells the test. */
struct told {
	uint64_t refused[KEEL_HTTP_REFUSALS];
	size_t connections;
	unsigned gone;
	unsigned waited;
	unsigned kept;   /* ends at which the handler found what it kept */
	unsigned stale;  /* beginnings at which something was kept already */
	unsigned nested; /* handlers that ran within another connection's */
};

struct place {
	pid_t pid;
	uint16_t port;
	uint16_t port6;
	struct told *told;
};

/* --- the server's process --- */

struct inside {
	struct event_base *base;
	struct keel_http_server *server;
	struct told *told;
	struct keel_http_call *held;
	struct event *later;
	bool answering; /* another call, from within a handler */
};

static void give_page(void *self, struct keel_http_call *call)
{
	(void)self;
	keel_http_answer(call, &(struct keel_http_answer){ .status = 200,
				       .type = "text/html; charset=utf-8",
				       .body = keel_text(PAGE) });
}

static void give_back(void *self, struct keel_http_call *call)
{
	(void)self;
	keel_http_answer(call, &(struct keel_http_answer){ .status = 200,
				       .type = "application/cbor",
				       .body = keel_http_call_body(call) });
}

static void hold(void *self, struct keel_http_call *call)
{
	struct inside *in = self;
	in->held = call;
	(void)keel_http_after(in->later, 100);
}

static void hold_for_ever(void *self, struct keel_http_call *call)
{
	struct inside *in = self;
	in->told->stale += keel_http_call_kept(call) != NULL;
	keel_http_call_keep(call, in);
}

static void hold_quietly(void *self, struct keel_http_call *call)
{
	((struct inside *)self)->held = call;
}

/* Answers whoever is held, and is not done with that yet when the answer has gone. */
static void release(void *self, struct keel_http_call *call)
{
	struct inside *in = self;
	in->answering = true;
	if (in->held != NULL)
		give_page(in, in->held);
	in->held = NULL;
	in->answering = false;
	give_page(in, call);
}

static void look(void *self, struct keel_http_call *call)
{
	struct inside *in = self;
	in->told->nested += in->answering;
	give_page(in, call);
}

static void answer_later(evutil_socket_t fd, short what, void *arg)
{
	struct inside *in = arg;
	(void)fd;
	(void)what;
	if (in->held != NULL)
		give_page(in, in->held);
	in->held = NULL;
}

static void note_over(void *self, struct keel_http_call *call, enum keel_http_over why)
{
	struct inside *in = self;
	if (in->held == call)
		in->held = NULL;
	in->told->kept += keel_http_call_kept(call) == in;
	in->told->gone += why == KEEL_HTTP_GONE;
	in->told->waited += why == KEEL_HTTP_WAITED;
}

static const struct keel_http_route routes[] = {
	{ .method = KEEL_HTTP_GET, .path = "/", .handle = give_page },
	{ .method = KEEL_HTTP_GET, .path = "/under/", .below = true, .handle = give_page },
	{ .method = KEEL_HTTP_POST,
		.path = "/back",
		.body_max = BODY_MAX,
		.type = "application/cbor",
		.handle = give_back },
	{ .method = KEEL_HTTP_GET,
		.path = "/later",
		.hold_ms = 5000,
		.handle = hold,
		.over = note_over },
	{ .method = KEEL_HTTP_GET,
		.path = "/held",
		.hold_ms = 5000,
		.handle = hold_quietly,
		.over = note_over },
	{ .method = KEEL_HTTP_GET, .path = "/release", .handle = release },
	{ .method = KEEL_HTTP_GET, .path = "/look", .handle = look },
	{ .method = KEEL_HTTP_GET,
		.path = "/never",
		.hold_ms = 300,
		.handle = hold_for_ever,
		.over = note_over },
	{ .method = KEEL_HTTP_GET,
		.path = "/patient",
		.hold_ms = 60000,
		.handle = hold_for_ever,
		.over = note_over },
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

static void tell(evutil_socket_t fd, short what, void *arg)
{
	struct inside *in = arg;
	(void)fd;
	(void)what;
	memcpy(in->told->refused, keel_http_server_refused(in->server), sizeof(in->told->refused));
	in->told->connections = keel_http_server_connections(in->server);
}

static void on_term(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)event_base_loopbreak(arg);
}

static struct keel_http_config config_of(const struct wish *w, struct inside *in)
{
	static const char *const hosts[] = { "hub.local", "hub.local:443" };
	struct keel_http_config c = {
		.limits = keel_http_strict,
		.times = w->times,
		.quota = w->quota,
		.gate = { .origin = APP, .hosts = hosts, .host_count = KEEL_COUNT(hosts) },
		.connections = w->connections,
		.shakings = w->shakings,
		.routes = routes,
		.route_count = KEEL_COUNT(routes),
		.self = in,
		.clock = { .now_ms = now_ms, .wall_s = wall_s },
	};
	c.limits.chunked = true;
	return c;
}

static void serve(const struct wish *w, const int fds[2], struct told *told)
{
	struct inside in = { .base = event_base_new(), .told = told };
	struct keel_http_config c = config_of(w, &in);
	struct peer_pem pem;
	struct keel_fault fault;
	struct ssl_ctx_st *tls;
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	peer_pem_make(&pem);
	KEEL_MUST(keel_tls_open(keel_text(pem.chain), keel_text(pem.key), &tls, &fault) == KEEL_OK);
	KEEL_MUST(keel_http_server_open(in.base, tls, &c, &in.server) == KEEL_OK);
	for (int i = 0; i < 2; i++)
		KEEL_MUST(keel_http_server_listen(in.server, fds[i]) == KEEL_OK);
	struct event *teller = event_new(in.base, -1, EV_PERSIST, tell, &in);
	struct event *term = evsignal_new(in.base, SIGTERM, on_term, in.base);
	in.later = event_new(in.base, -1, 0, answer_later, &in);
	(void)keel_http_after(teller, 10);
	(void)event_add(term, NULL);
	(void)event_base_dispatch(in.base);
	keel_http_server_close(in.server);
	event_free(teller);
	event_free(term);
	event_free(in.later);
	event_base_free(in.base);
	SSL_CTX_free(tls);
}

static struct place start(const struct wish *w)
{
	struct place p = { 0 };
	int fds[2] = { peer_listen(false, &p.port), peer_listen(true, &p.port6) };
	p.told = mmap(
		NULL, sizeof(*p.told), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	KEEL_MUST(p.told != MAP_FAILED);
	p.pid = fork();
	KEEL_MUST(p.pid >= 0);
	if (p.pid == 0) {
		serve(w, fds, p.told);
		exit(0); /* the sanitizers look for leaks here */
	}
	(void)close(fds[0]);
	(void)close(fds[1]);
	return p;
}

/* It lived until now, and ends cleanly. */
static void stop(struct place *p)
{
	int status = -1;
	(void)kill(p->pid, SIGTERM);
	CHECK(waitpid(p->pid, &status, 0) == p->pid && status == 0);
	(void)munmap(p->told, sizeof(*p->told));
}

static struct peer_at at(const struct place *p)
{
	return (struct peer_at){ .port = p->port };
}

static struct peer peer;
static struct peer_answer answer;

static bool open_to(const struct place *p)
{
	struct peer_at a = at(p);
	return peer_open(&peer, &a);
}

/* One request on a fresh connection; 0: no answer. */
static unsigned ask(const struct place *p, const char *text)
{
	if (!open_to(p) || !peer_say_text(&peer, text))
		return 0;
	return peer_hear(&peer, &answer, WAIT_MS, false) ? answer.status : 0;
}

static bool counted(const struct place *p, enum keel_http_refusal why, uint64_t n)
{
	for (unsigned i = 0; i < 100; i++) {
		if (p->told->refused[why] >= n)
			return p->told->refused[why] == n;
		peer_sleep_ms(20);
	}
	return false;
}

/* --- what an honest client gets --- */

static void a_page_is_served_over_both_families(void)
{
	struct place p = start(&usual);
	struct peer_at v6 = { .port = p.port6, .v6 = true };
	CHECK(ask(&p, ROOT "\r\n") == 200);
	CHECK(peer_say_text(&peer, GET_ROOT) && peer_hear(&peer, &answer, WAIT_MS, false));
	CHECK(answer.status == 200); /* 443 goes without saying */
	peer_close(&peer);
	CHECK(peer_open(&peer, &v6) && SSL_version(peer.ssl) == TLS1_3_VERSION);
	char text[128];
	(void)snprintf(text, sizeof(text), "GET / HTTP/1.1\r\nHost: [::1]:%u\r\n\r\n", p.port6);
	for (int i = 0; i < 3; i++) {
		CHECK(peer_say_text(&peer, text) && peer_hear(&peer, &answer, WAIT_MS, false));
		CHECK(answer.status == 200 && answer.body_n == strlen(PAGE));
	}
	CHECK(peer_field(&answer, "Server") == NULL && peer_field(&answer, "Date") != NULL);
	CHECK(strcmp(peer_field(&answer, "X-Content-Type-Options"), "nosniff") == 0);
	CHECK(peer_field(&answer, "Connection") == NULL);
	peer_close(&peer);
	stop(&p);
}

static void head_and_close_are_understood(void)
{
	struct wish w = usual;
	w.times.idle_ms = 30000; /* it is not for idleness that it ends */
	struct place p = start(&w);
	CHECK(open_to(&p));
	CHECK(peer_say_text(&peer, "HEAD / HTTP/1.1\r\nHost: hub.local:443\r\n\r\n"));
	CHECK(peer_hear(&peer, &answer, WAIT_MS, true) && answer.status == 200);
	CHECK(strtoul(peer_field(&answer, "Content-Length"), NULL, 10) == strlen(PAGE));
	CHECK(peer_say_text(&peer, ROOT "Connection: close\r\n\r\n"));
	CHECK(peer_hear(&peer, &answer, WAIT_MS, false) && answer.status == 200);
	CHECK(strcmp(peer_field(&answer, "Connection"), "close") == 0);
	CHECK(peer_ended(&peer, WAIT_MS));
	peer_close(&peer);
	stop(&p);
}

static void pipelined_requests_are_answered_in_order(void)
{
	struct place p = start(&usual);
	static const char text[] = ROOT
		"\r\n"
		"POST /back HTTP/1.1\r\nHost: hub.local:443\r\nContent-Type: application/cbor\r\n"
		"Content-Length: 3\r\n\r\nabc"
		"GET /later HTTP/1.1\r\nHost: hub.local:443\r\n\r\n"
		"POST /back HTTP/1.1\r\nHost: hub.local:443\r\nContent-Type: application/cbor\r\n"
		"Transfer-Encoding: chunked\r\n\r\n2\r\nde\r\n1\r\nf\r\n0\r\n\r\n"
		"GET /none HTTP/1.1\r\nHost: hub.local:443\r\n\r\n" ROOT "\r\n";
	CHECK(open_to(&p) && peer_say_text(&peer, text));
	CHECK(peer_hear(&peer, &answer, WAIT_MS, false) && answer.body_n == strlen(PAGE));
	CHECK(peer_hear(&peer, &answer, WAIT_MS, false) && answer.body_n == 3);
	CHECK(memcmp(answer.body, "abc", 3) == 0);
	CHECK(peer_hear(&peer, &answer, WAIT_MS, false) && answer.body_n == strlen(PAGE));
	CHECK(peer_hear(&peer, &answer, WAIT_MS, false) && answer.body_n == 3);
	CHECK(memcmp(answer.body, "def", 3) == 0);
	CHECK(peer_hear(&peer, &answer, WAIT_MS, false) && answer.status == 404);
	CHECK(peer_ended(&peer, WAIT_MS)); /* what follows a refusal is not read */
	peer_close(&peer);
	stop(&p);
}

/* More answers than the client takes: the server waits, and loses none. */
static void a_pipeline_that_is_not_read_is_held_back(void)
{
	struct wish w = usual;
	w.times.write_ms = 5000;
	w.times.head_ms = 5000;
	w.times.idle_ms = 5000;
	struct place p = start(&w);
	enum { REQUESTS = 2000 };
	CHECK(open_to(&p));
	pid_t writer = fork();
	if (writer == 0) {
		bool good = true;
		for (int i = 0; i < REQUESTS && good; i++)
			good = peer_say_text(&peer, ROOT "\r\n");
		_exit(good ? 0 : 1);
	}
	peer_sleep_ms(300);
	int heard = 0;
	while (heard < REQUESTS && peer_hear(&peer, &answer, WAIT_MS, false) &&
		answer.status == 200)
		heard++;
	CHECK(heard == REQUESTS);
	CHECK(waitpid(writer, NULL, 0) == writer);
	peer_close(&peer);
	stop(&p);
}

static void a_body_that_comes_in_pieces_is_taken_whole(void)
{
	struct place p = start(&usual);
	static uint8_t body[BODY_MAX];
	for (size_t i = 0; i < sizeof(body); i++)
		body[i] = (uint8_t)(i * 7);
	CHECK(open_to(&p));
	CHECK(peer_say_text(&peer,
		"POST /back HTTP/1.1\r\nHost: hub.local:443\r\n"
		"Content-Type: application/cbor\r\nContent-Length: 16384\r\n\r\n"));
	for (size_t i = 0; i < 16; i++) {
		CHECK(peer_say(&peer, body + 1024 * i, 1024));
		peer_sleep_ms(5);
	}
	CHECK(peer_hear(&peer, &answer, WAIT_MS, false) && answer.body_n == sizeof(body));
	CHECK(memcmp(answer.body, body, sizeof(body)) == 0);
	peer_close(&peer);
	stop(&p);
}

static void an_answer_may_come_later(void)
{
	struct place p = start(&usual);
	CHECK(ask(&p, "GET /later HTTP/1.1\r\nHost: hub.local:443\r\n\r\n") == 200);
	CHECK(peer_say_text(&peer, ROOT "\r\n") && peer_hear(&peer, &answer, WAIT_MS, false));
	CHECK(p.told->gone == 0 && p.told->waited == 0);
	peer_close(&peer);
	stop(&p);
}

static void an_answer_that_never_comes_is_503(void)
{
	struct place p = start(&usual);
	CHECK(ask(&p, "GET /never HTTP/1.1\r\nHost: hub.local:443\r\n\r\n") == 503);
	CHECK(peer_ended(&peer, WAIT_MS) && counted(&p, KEEL_HTTP_BUSY, 1));
	CHECK(p.told->waited == 1);
	peer_close(&peer);
	stop(&p);
}

static void who_holds_an_answer_hears_that_its_client_went(void)
{
	struct place p = start(&usual);
	CHECK(open_to(&p));
	CHECK(peer_say_text(&peer, "GET /patient HTTP/1.1\r\nHost: hub.local:443\r\n\r\n"));
	peer_sleep_ms(100);
	CHECK(p.told->gone == 0);
	peer_close(&peer);
	for (int i = 0; i < 100 && p.told->gone == 0; i++)
		peer_sleep_ms(20);
	CHECK(p.told->gone == 1);
	stop(&p);
}

/* Whoever answers a held call is in the middle of something: what waits behind that call waits for the loop. */
static void no_handler_runs_within_another(void)
{
	struct place p = start(&usual);
	struct peer other;
	const struct peer_at at = { .port = p.port };
	CHECK(open_to(&p) && peer_open(&other, &at));
	CHECK(peer_say_text(&peer, "GET /held HTTP/1.1\r\nHost: hub.local:443\r\n\r\n"
				   "GET /look HTTP/1.1\r\nHost: hub.local:443\r\n\r\n"));
	peer_sleep_ms(100);
	CHECK(peer_say_text(&other, "GET /release HTTP/1.1\r\nHost: hub.local:443\r\n\r\n"));
	CHECK(peer_hear(&other, &answer, WAIT_MS, false) && answer.status == 200);
	CHECK(peer_hear(&peer, &answer, WAIT_MS, false) && answer.status == 200);
	CHECK(peer_hear(&peer, &answer, WAIT_MS, false) && answer.status == 200);
	CHECK(p.told->nested == 0);
	peer_close(&other);
	peer_close(&peer);
	stop(&p);
}

static void a_route_may_have_all_that_lies_below_it(void)
{
	static const struct {
		const char *ask;
		unsigned status;
	} rows[] = {
		{ "GET /under/ ", 200 },
		{ "GET /under/a ", 200 },
		{ "GET /under/a/b%2e?c=d ", 200 },
		{ "HEAD /under/a ", 200 },
		{ "OPTIONS /under/a ", 204 },
		{ "GET /under ", 404 },
		{ "GET /unde ", 404 },
		{ "GET /Under/a ", 404 },
		{ "GET //under/a ", 404 },
		{ "DELETE /under/a ", 405 },
		{ "GET /back/ ", 404 },
	};
	for (size_t i = 0; i < KEEL_COUNT(rows); i++) {
		struct place p = start(&usual);
		char text[128];
		(void)snprintf(text, sizeof(text), "%sHTTP/1.1\r\nHost: hub.local:443\r\n\r\n",
			rows[i].ask);
		CHECK_ROW(open_to(&p), rows[i].ask);
		CHECK_ROW(peer_say_text(&peer, text) &&
				  peer_hear(&peer, &answer, WAIT_MS, rows[i].ask[0] == 'H') &&
				  answer.status == rows[i].status,
			rows[i].ask);
		peer_close(&peer);
		stop(&p);
	}
}

/* A place serves one connection after another: what was kept with a call ends with it. */
static void what_is_kept_with_a_call_is_there_at_its_end_and_not_after(void)
{
	struct place p = start(&usual);
	for (int i = 0; i < 2; i++) {
		CHECK(ask(&p, "GET /never HTTP/1.1\r\nHost: hub.local:443\r\n\r\n") == 503);
		peer_close(&peer);
	}
	CHECK(p.told->waited == 2 && p.told->kept == 2 && p.told->stale == 0);
	stop(&p);
}

/* --- what is refused --- */

#define HUB       "Host: hub.local:443\r\n"
#define POST_BACK "POST /back HTTP/1.1\r\n" HUB

/* clang-format off */
static const struct {
	const char *why;
	const char *text;
	unsigned status;
	enum keel_http_refusal counted;
} refusals[] = {
	{ "bare LF",            "GET / HTTP/1.1\nHost: a\n\n",                      400, KEEL_HTTP_BYTE },
	{ "no Host",            "GET / HTTP/1.1\r\n\r\n",                           400, KEEL_HTTP_HOST },
	{ "folded line",        ROOT "X: a\r\n b\r\n\r\n",                          400, KEEL_HTTP_FIELD },
	{ "length beside chunked", POST_BACK "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n", 400, KEEL_HTTP_LENGTH },
	{ "bad chunk",          POST_BACK "Content-Type: application/cbor\r\nTransfer-Encoding: chunked\r\n\r\n+3\r\n", 400, KEEL_HTTP_CHUNK },
	{ "no length",          POST_BACK "\r\n",                                   411, KEEL_HTTP_NO_LENGTH },
	{ "body too long",      POST_BACK "Content-Type: application/cbor\r\nContent-Length: 16385\r\n\r\n", 413, KEEL_HTTP_LONG_BODY },
	{ "chunks too long",    POST_BACK "Content-Type: application/cbor\r\nTransfer-Encoding: chunked\r\n\r\n4001\r\n", 413, KEEL_HTTP_LONG_BODY },
	{ "a body for a page",  ROOT "Content-Length: 1\r\n\r\nx",                  413, KEEL_HTTP_LONG_BODY },
	{ "another type",       POST_BACK "Content-Type: text/plain\r\nContent-Length: 1\r\n\r\nx", 415, KEEL_HTTP_TYPE },
	{ "no type",            POST_BACK "Content-Length: 1\r\n\r\nx",             415, KEEL_HTTP_TYPE },
	{ "Expect",             POST_BACK "Content-Length: 1\r\nExpect: 100-continue\r\n\r\n", 417, KEEL_HTTP_EXPECT },
	{ "HTTP/1.0",           "GET / HTTP/1.0\r\n" HUB "\r\n",                    505, KEEL_HTTP_VERSION },
	{ "unknown method",     "BREW / HTTP/1.1\r\n" HUB "\r\n",                   501, KEEL_HTTP_METHOD },
	{ "gzip",               POST_BACK "Transfer-Encoding: gzip, chunked\r\n\r\n", 501, KEEL_HTTP_CODING },
	{ "no such path",       "GET /etc/passwd HTTP/1.1\r\n" HUB "\r\n",          404, KEEL_HTTP_NO_ROUTE },
	{ "no such method",     "PUT / HTTP/1.1\r\n" HUB "Content-Length: 0\r\n\r\n", 405, KEEL_HTTP_NO_METHOD },
	{ "another Host",       "GET / HTTP/1.1\r\nHost: rebound.example\r\n\r\n",  421, KEEL_HTTP_MISDIRECTED },
	{ "another port",       "GET / HTTP/1.1\r\nHost: hub.local:444\r\n\r\n",    421, KEEL_HTTP_MISDIRECTED },
	{ "another's address",  "GET / HTTP/1.1\r\nHost: 127.0.0.9:443\r\n\r\n",    421, KEEL_HTTP_MISDIRECTED },
	{ "another Origin",     ROOT "Origin: https://evil.example\r\n\r\n",        403, KEEL_HTTP_ORIGIN },
	{ "Origin by http",     ROOT "Origin: http://app.example\r\n\r\n",          403, KEEL_HTTP_ORIGIN },
	{ "Origin with a tail", ROOT "Origin: " APP ".evil.example\r\n\r\n",        403, KEEL_HTTP_ORIGIN },
	{ "Origin null",        ROOT "Origin: null\r\n\r\n",                        403, KEEL_HTTP_ORIGIN },
	{ "empty Origin",       ROOT "Origin:\r\n\r\n",                             403, KEEL_HTTP_ORIGIN },
	{ "OPTIONS of a stranger", "OPTIONS /back HTTP/1.1\r\n" HUB "Origin: https://evil.example\r\n\r\n", 403, KEEL_HTTP_ORIGIN },
};
/* clang-format on */

/* EN 303 645 5.13-1: each is refused by its status, counted by its kind, and the connection closed. */
static void prov_5_13_1a_what_is_refused_closes_the_connection(void)
{
	uint64_t expected[KEEL_HTTP_REFUSALS] = { 0 };
	struct place p = start(&usual);
	for (size_t i = 0; i < KEEL_COUNT(refusals); i++) {
		CHECK_ROW(ask(&p, refusals[i].text) == refusals[i].status, refusals[i].why);
		CHECK_ROW(peer_ended(&peer, WAIT_MS), refusals[i].why);
		CHECK_ROW(strcmp(peer_field(&answer, "Connection"), "close") == 0, refusals[i].why);
		CHECK_ROW(peer_field(&answer, "Access-Control-Allow-Origin") == NULL,
			refusals[i].why);
		peer_close(&peer);
		CHECK_ROW(counted(&p, refusals[i].counted, ++expected[refusals[i].counted]),
			refusals[i].why);
	}
	stop(&p);
}

static void the_app_may_ask_and_nobody_else(void)
{
	struct place p = start(&usual);
	CHECK(ask(&p, "OPTIONS /back HTTP/1.1\r\n" HUB "Origin: " APP "\r\n"
		      "Access-Control-Request-Method: POST\r\n"
		      "Access-Control-Request-Headers: content-type\r\n"
		      "Access-Control-Request-Private-Network: true\r\n\r\n") == 204);
	CHECK(strcmp(peer_field(&answer, "Access-Control-Allow-Origin"), APP) == 0);
	CHECK(strstr(peer_field(&answer, "Access-Control-Allow-Methods"), "POST") != NULL);
	CHECK(strcmp(peer_field(&answer, "Access-Control-Allow-Headers"), "content-type") == 0);
	CHECK(strcmp(peer_field(&answer, "Access-Control-Allow-Private-Network"), "true") == 0);
	CHECK(strcmp(peer_field(&answer, "Vary"), "Origin") == 0);
	CHECK(peer_say_text(&peer, "OPTIONS / HTTP/1.1\r\n" HUB "\r\n"));
	CHECK(peer_hear(&peer, &answer, WAIT_MS, false) && answer.status == 204);
	CHECK(peer_field(&answer, "Access-Control-Allow-Origin") == NULL);
	CHECK(strcmp(peer_field(&answer, "Allow"), "OPTIONS, GET, HEAD") == 0);
	CHECK(peer_say_text(&peer, POST_BACK "Origin: " APP "\r\nContent-Type: application/cbor\r\n"
					     "Content-Length: 1\r\n\r\nx"));
	CHECK(peer_hear(&peer, &answer, WAIT_MS, false) && answer.status == 200);
	CHECK(strcmp(peer_field(&answer, "Access-Control-Allow-Origin"), APP) == 0);
	peer_close(&peer);
	stop(&p);
}

static void endless_heads_are_cut(void)
{
	struct place p = start(&usual);
	CHECK(open_to(&p));
	bool open = peer_say_text(&peer, ROOT);
	for (int i = 0; i < 2000 && open; i++)
		open = peer_say_text(&peer, "X: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n");
	CHECK(peer_hear(&peer, &answer, WAIT_MS, false) && answer.status == 431);
	CHECK(counted(&p, KEEL_HTTP_LONG_HEAD, 1));
	peer_close(&peer);
	CHECK(open_to(&p));
	open = true;
	for (int i = 0; i < 2000 && open; i++)
		open = peer_say_text(&peer, "GETGETGETGETGETGETGETGETGETGETGETGETGETGETGET");
	CHECK(peer_hear(&peer, &answer, WAIT_MS, false) && answer.status == 414);
	peer_close(&peer);
	stop(&p);
}

/* --- time --- */

/* A byte now and then prolongs nothing: the deadline is absolute. */
static uint64_t drip(const struct place *p, const char *first, unsigned status)
{
	uint64_t began = peer_now_ms();
	CHECK(open_to(p) && peer_say_text(&peer, first));
	for (int i = 0; i < 60; i++) {
		if (!peer_say_text(&peer, "x") || peer_hear(&peer, &answer, 20, false))
			break;
	}
	CHECK(answer.status == status);
	answer.status = 0;
	uint64_t took = peer_now_ms() - began;
	peer_close(&peer);
	return took;
}

static void a_head_that_drips_is_cut_at_its_deadline(void)
{
	struct place p = start(&usual);
	uint64_t took = drip(&p, ROOT "X: ", 408);
	CHECK(took >= 350 && took < SOON_MS && counted(&p, KEEL_HTTP_LATE, 1));
	stop(&p);
}

static void a_body_that_drips_is_cut_at_its_deadline(void)
{
	struct place p = start(&usual);
	uint64_t took = drip(&p,
		POST_BACK "Content-Type: application/cbor\r\n"
			  "Content-Length: 16000\r\n\r\n",
		408);
	CHECK(took >= 350 && took < SOON_MS && counted(&p, KEEL_HTTP_LATE, 1));
	took = drip(&p,
		POST_BACK "Content-Type: application/cbor\r\n"
			  "Transfer-Encoding: chunked\r\n\r\n3e80\r\n",
		408);
	CHECK(took >= 350 && took < SOON_MS && counted(&p, KEEL_HTTP_LATE, 2));
	stop(&p);
}

static void an_idle_connection_ends(void)
{
	struct place p = start(&usual);
	CHECK(open_to(&p) && !peer_ended(&peer, 200) && peer_ended(&peer, SOON_MS));
	peer_close(&peer);
	stop(&p);
}

static bool raw_ended(const struct peer *p, unsigned wait_ms)
{
	char byte;
	const struct timeval t = { .tv_sec = wait_ms / 1000, .tv_usec = wait_ms % 1000 * 1000 };
	(void)setsockopt(p->fd, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof(t));
	ssize_t n;
	do
		n = recv(p->fd, &byte, 1, 0);
	while (n > 0);
	return n == 0 || errno == ECONNRESET;
}

static void a_handshake_that_never_ends_is_cut(void)
{
	static const char record[] = "\x16\x03\x01\x02";
	struct place p = start(&usual);
	struct peer_at a = at(&p);
	CHECK(peer_dial(&peer, &a) && raw_ended(&peer, SOON_MS));
	peer_close(&peer);
	CHECK(peer_dial(&peer, &a));
	uint64_t began = peer_now_ms();
	for (size_t i = 0; i < 60 && send(peer.fd, &record[i < 4 ? i : 3], 1, MSG_NOSIGNAL) == 1;
		i++)
		peer_sleep_ms(20);
	CHECK(peer_now_ms() - began < SOON_MS && raw_ended(&peer, SOON_MS));
	peer_close(&peer);
	CHECK(counted(&p, KEEL_HTTP_TLS, 2));
	stop(&p);
}

static void a_client_that_takes_no_answer_is_cut(void)
{
	struct wish w = usual;
	w.times.idle_ms = 10000;
	w.times.head_ms = 10000;
	struct place p = start(&w);
	CHECK(open_to(&p));
	static uint8_t body[BODY_MAX];
	pid_t writer = fork();
	if (writer == 0) {
		while (peer_say_text(&peer, POST_BACK "Content-Type: application/cbor\r\n"
						      "Content-Length: 16384\r\n\r\n") &&
			peer_say(&peer, body, sizeof(body)))
			;
		_exit(0);
	}
	CHECK(counted(&p, KEEL_HTTP_SLOW, 1));
	peer_close(&peer);
	CHECK(waitpid(writer, NULL, 0) == writer);
	stop(&p);
}

/* --- many --- */

static void prov_5_6_one_address_cannot_take_all_places(void)
{
	struct wish w = usual;
	w.times.idle_ms = 20000;
	struct place p = start(&w);
	struct peer_at a = at(&p);
	struct peer_at other = at(&p);
	static struct peer many[CROWD + 4];
	size_t in = 0;
	other.from = "127.0.0.2";
	for (size_t i = 0; i < KEEL_COUNT(many); i++)
		in += peer_open(&many[i], &a);
	CHECK(in == CROWD && counted(&p, KEEL_HTTP_CROWD, KEEL_COUNT(many) - CROWD));
	CHECK(peer_open(&peer, &other) && peer_say_text(&peer, ROOT "\r\n"));
	CHECK(peer_hear(&peer, &answer, WAIT_MS, false) && answer.status == 200);
	peer_close(&peer);
	for (size_t i = 0; i < KEEL_COUNT(many); i++)
		peer_close(&many[i]);
	stop(&p);
}

/* Many addresses together fill the house: who waits longest makes way, and the newcomer is served. */
static void a_full_house_lets_the_newcomer_in(void)
{
	struct wish w = usual;
	w.times.idle_ms = 20000;
	struct place p = start(&w);
	static struct peer many[ALL];
	char from[16];
	for (size_t i = 0; i < ALL; i++) {
		struct peer_at a = at(&p);
		(void)snprintf(from, sizeof(from), "127.0.0.%zu", 3 + i / CROWD);
		a.from = from;
		CHECK(peer_open(&many[i], &a));
	}
	CHECK(ask(&p, ROOT "\r\n") == 200);
	CHECK(counted(&p, KEEL_HTTP_FULL, 1));
	CHECK(peer_ended(&many[0], WAIT_MS) && !peer_ended(&many[ALL - 1], 50));
	peer_close(&peer);
	for (size_t i = 0; i < ALL; i++)
		peer_close(&many[i]);
	stop(&p);
}

/* So with one that sends a body and never ends it: it has no place of its own. */
static void a_body_that_drips_makes_way_in_a_full_house(void)
{
	struct wish w = usual;
	w.times.body_ms = 20000;
	struct place p = start(&w);
	static struct peer many[ALL];
	char from[16];
	for (size_t i = 0; i < ALL; i++) {
		struct peer_at a = at(&p);
		(void)snprintf(from, sizeof(from), "127.0.0.%zu", 3 + i / CROWD);
		a.from = from;
		CHECK(peer_open(&many[i], &a));
		CHECK(peer_say_text(&many[i], POST_BACK "Content-Type: application/cbor\r\n"
							"Content-Length: 16000\r\n\r\nx"));
	}
	CHECK(ask(&p, ROOT "\r\n") == 200);
	CHECK(counted(&p, KEEL_HTTP_FULL, 1));
	peer_close(&peer);
	for (size_t i = 0; i < ALL; i++)
		peer_close(&many[i]);
	stop(&p);
}

/* Handshakes that never end take no more memory than some may: the oldest go, who has shaken hands stays. */
static void handshakes_under_way_are_limited(void)
{
	struct wish w = usual;
	w.times.shake_ms = 20000;
	w.times.idle_ms = 20000;
	w.shakings = 2;
	struct place p = start(&w);
	static struct peer first, silent[3];
	struct peer_at a = at(&p);
	CHECK(peer_open(&first, &a));
	for (size_t i = 0; i < KEEL_COUNT(silent); i++)
		CHECK(peer_dial(&silent[i], &a));
	CHECK(counted(&p, KEEL_HTTP_FULL, 1));
	CHECK(ask(&p, ROOT "\r\n") == 200 && counted(&p, KEEL_HTTP_FULL, 2));
	CHECK(!peer_ended(&first, 50));
	peer_close(&peer);
	peer_close(&first);
	for (size_t i = 0; i < KEEL_COUNT(silent); i++)
		peer_close(&silent[i]);
	stop(&p);
}

static void requests_and_connections_a_second_are_limited(void)
{
	struct wish w = usual;
	w.quota.requests = (struct keel_http_rate){ .a_second = 5, .at_once = 10 };
	w.quota.connects = (struct keel_http_rate){ .a_second = 1, .at_once = 3 };
	struct place p = start(&w);
	unsigned served = 0;
	CHECK(open_to(&p));
	for (int i = 0; i < 20; i++) {
		if (!peer_say_text(&peer, ROOT "\r\n") ||
			!peer_hear(&peer, &answer, WAIT_MS, false))
			break;
		served += answer.status == 200;
	}
	CHECK(answer.status == 429 && strcmp(peer_field(&answer, "Retry-After"), "1") == 0);
	CHECK(served >= 10 && served <= 12 && counted(&p, KEEL_HTTP_RATE, 1));
	peer_close(&peer);
	unsigned in = 0;
	for (int i = 0; i < 6; i++) {
		in += open_to(&p);
		peer_close(&peer);
	}
	CHECK(in >= 2 && in <= 3);
	peer_sleep_ms(1100);
	CHECK(open_to(&p));
	peer_close(&peer);
	stop(&p);
}

/* --- TLS --- */

static void prov_5_5_1_only_tls_1_3_is_spoken(void)
{
	struct place p = start(&usual);
	struct peer_at old = at(&p);
	struct peer_at h2 = at(&p);
	struct peer_at h1 = at(&p);
	old.version = TLS1_2_VERSION;
	h2.alpn = "\x02h2";
	h1.alpn = "\x02h2\x08http/1.1";
	CHECK(!peer_open(&peer, &old));
	CHECK(!peer_open(&peer, &h2));
	CHECK(peer_open(&peer, &h1));
	const unsigned char *chosen;
	unsigned n;
	SSL_get0_alpn_selected(peer.ssl, &chosen, &n);
	CHECK(n == 8 && memcmp(chosen, "http/1.1", 8) == 0);
	peer_close(&peer);
	CHECK(counted(&p, KEEL_HTTP_TLS, 2));
	stop(&p);
}

static void garbage_for_tls_ends_the_connection(void)
{
	struct place p = start(&usual);
	struct peer_at a = at(&p);
	static const char *const garbage[] = { ROOT "\r\n", "\x16\x03\x01\xff\xff", "\x80\x2e\x01",
		"\x15\x03\x03\x03\x02\x02\x28", "SSH-2.0-x\r\n" };
	for (size_t i = 0; i < KEEL_COUNT(garbage); i++) {
		CHECK(peer_dial(&peer, &a));
		CHECK(send(peer.fd, garbage[i], strlen(garbage[i]), MSG_NOSIGNAL) > 0);
		CHECK_ROW(raw_ended(&peer, SOON_MS), garbage[i]);
		peer_close(&peer);
	}
	CHECK(counted(&p, KEEL_HTTP_TLS, KEEL_COUNT(garbage)));
	/* And in the middle of a connection that was good. */
	CHECK(open_to(&p) && send(peer.fd, "\x17\x03\x03\x00\x20garbagegarbagegarbagegarbage1234",
				     37, MSG_NOSIGNAL) > 0);
	CHECK(raw_ended(&peer, SOON_MS));
	peer_close(&peer);
	CHECK(ask(&p, ROOT "\r\n") == 200);
	peer_close(&peer);
	stop(&p);
}

/* A session is resumed without early data: a request cannot be replayed by who recorded it. */
static void sessions_resume_without_early_data(void)
{
	struct place p = start(&usual);
	struct peer_at a = at(&p);
	CHECK(ask(&p, ROOT "\r\n") == 200);
	a.resume = SSL_SESSION_dup(SSL_get0_session(peer.ssl)); /* it dies with a rude goodbye */
	CHECK(SSL_SESSION_is_resumable(a.resume) == 1);
	CHECK(SSL_SESSION_get_max_early_data(a.resume) == 0);
	peer_close(&peer);
	CHECK(peer_open(&peer, &a) && SSL_session_reused(peer.ssl) == 1);
	CHECK(peer_say_text(&peer, ROOT "\r\n") && peer_hear(&peer, &answer, WAIT_MS, false));
	CHECK(SSL_renegotiate(peer.ssl) == 0);
	peer_close(&peer);
	SSL_SESSION_free(a.resume);
	stop(&p);
}

static void half_a_connection_gets_its_answer(void)
{
	struct place p = start(&usual);
	CHECK(open_to(&p) && peer_say_text(&peer, ROOT "\r\n"));
	(void)SSL_shutdown(peer.ssl);
	(void)shutdown(peer.fd, SHUT_WR);
	CHECK(peer_hear(&peer, &answer, WAIT_MS, false) && answer.status == 200);
	CHECK(peer_ended(&peer, WAIT_MS));
	peer_close(&peer);
	/* Half a request, and then the end: nothing to answer, and the place is free again. */
	CHECK(open_to(&p) && peer_say_text(&peer, ROOT));
	(void)shutdown(peer.fd, SHUT_WR);
	CHECK(peer_ended(&peer, SOON_MS));
	peer_close(&peer);
	for (int i = 0; i < 100 && p.told->connections > 0; i++)
		peer_sleep_ms(20);
	CHECK(p.told->connections == 0);
	stop(&p);
}

static void a_key_that_does_not_fit_shows_at_once(void)
{
	struct peer_pem a;
	struct peer_pem b;
	struct keel_fault fault;
	struct ssl_ctx_st *tls = NULL;
	peer_pem_make(&a);
	peer_pem_make(&b);
	CHECK(keel_tls_open(keel_text(a.chain), keel_text(b.key), &tls, &fault) == KEEL_EFORM);
	CHECK(keel_tls_open(keel_text("x"), keel_text(a.key), &tls, &fault) == KEEL_EFORM);
	CHECK(keel_tls_open(keel_text(a.chain), keel_text(""), &tls, &fault) == KEEL_EFORM);
	CHECK(tls == NULL && fault.what[0] != '\0' && fault.next[0] != '\0');
}

TEST_MAIN(TEST(a_page_is_served_over_both_families), TEST(head_and_close_are_understood),
	TEST(pipelined_requests_are_answered_in_order),
	TEST(a_pipeline_that_is_not_read_is_held_back),
	TEST(a_body_that_comes_in_pieces_is_taken_whole), TEST(an_answer_may_come_later),
	TEST(an_answer_that_never_comes_is_503),
	TEST(who_holds_an_answer_hears_that_its_client_went), TEST(no_handler_runs_within_another),
	TEST(a_route_may_have_all_that_lies_below_it),
	TEST(what_is_kept_with_a_call_is_there_at_its_end_and_not_after),
	TEST(prov_5_13_1a_what_is_refused_closes_the_connection),
	TEST(the_app_may_ask_and_nobody_else), TEST(endless_heads_are_cut),
	TEST(a_head_that_drips_is_cut_at_its_deadline),
	TEST(a_body_that_drips_is_cut_at_its_deadline), TEST(an_idle_connection_ends),
	TEST(a_handshake_that_never_ends_is_cut), TEST(a_client_that_takes_no_answer_is_cut),
	TEST(prov_5_6_one_address_cannot_take_all_places), TEST(a_full_house_lets_the_newcomer_in),
	TEST(a_body_that_drips_makes_way_in_a_full_house), TEST(handshakes_under_way_are_limited),
	TEST(requests_and_connections_a_second_are_limited),
	TEST(prov_5_5_1_only_tls_1_3_is_spoken), TEST(garbage_for_tls_ends_the_connection),
	TEST(sessions_resume_without_early_data), TEST(half_a_connection_gets_its_answer),
	TEST(a_key_that_does_not_fit_shows_at_once))

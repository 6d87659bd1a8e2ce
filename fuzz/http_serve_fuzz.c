/*
 * Behind the reader: whatever a head says, it is served only where its Host is this one, its Origin
 * the app's or its own, and its path, method, type and length are a route's. And whatever is
 * answered is one answer: lines of the known kinds, a body of the told length, nothing that the
 * client wrote, and readable by the app's origin only. No socket: the answer is taken from the
 * connection's output.
 */
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "http/conn.h"

#define APP      "https://app.example"
#define PAGE     "<p>page</p>"
#define PORT     8443
#define BODY_MAX 64

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static const char *const hosts[] = { "hub.local", "hub.home.arpa:443" };

static void give_page(void *self, struct keel_http_call *call)
{
	(void)self;
	keel_http_answer(
		call, &(struct keel_http_answer){
			      .status = 200, .type = "text/html", .body = keel_text(PAGE) });
}

/* The door's kinds of routes. */
static const struct keel_http_route routes[] = {
	{ .method = KEEL_HTTP_GET, .path = "/", .handle = give_page },
	{ .method = KEEL_HTTP_POST,
		.path = "/v1/hello",
		.body_max = BODY_MAX,
		.type = "application/cbor",
		.handle = give_page },
	{ .method = KEEL_HTTP_PUT, .path = "/", .body_max = BODY_MAX, .handle = give_page },
};

static uint64_t now_ms(void *self)
{
	(void)self;
	return 1;
}

static int64_t wall_s(void *self)
{
	(void)self;
	return 1800000000;
}

static struct keel_http_server *server;
static struct keel_http_call *call;

static void begin(void)
{
	const struct keel_http_config c = { .limits = keel_http_strict,
		.quota = { .connections = 1, .v6_bits = 128 },
		.gate = { .origin = APP, .hosts = hosts, .host_count = KEEL_COUNT(hosts) },
		.connections = 1,
		.routes = routes,
		.route_count = KEEL_COUNT(routes),
		.clock = { now_ms, wall_s, NULL } };
	struct event_base *base = event_base_new();
	KEEL_MUST(keel_http_server_open(base, NULL, &c, &server) == KEEL_OK);
	call = LIST_FIRST(&server->free);
	call->bev = bufferevent_socket_new(base, -1, 0);
	KEEL_MUST(evbuffer_unfreeze(bufferevent_get_output(call->bev), 1) == 0); /* to be taken */
	call->address = keel_http_address_enter(server->addresses, &call->from, 1);
	call->here = (struct keel_http_place){ .address = { [10] = 0xff, 0xff, 192, 0, 2, 1 },
		.port = PORT };
	call->stepping = true; /* so that an answer does not look for the next request */
}

/* --- what was judged ------------------------------------------------------------------------- */

static bool begins(struct keel_bytes b, const char *with)
{
	size_t n = strlen(with);
	return b.n >= n && strncasecmp((const char *)b.p, with, n) == 0;
}

static void check_served(const struct keel_http_head *h)
{
	struct keel_bytes host = h->known[KEEL_HTTP_F_HOST];
	struct keel_bytes origin = h->known[KEEL_HTTP_F_ORIGIN];
	const struct keel_http_route *r = call->route;
	KEEL_MUST(begins(host, "hub.local:8443") || begins(host, "hub.local:0") ||
		  begins(host, "hub.home.arpa") || begins(host, "192.0.2.1:") ||
		  begins(host, "[::ffff:") || begins(host, "[0"));
	KEEL_MUST(origin.p == NULL || keel_bytes_is(origin, APP) ||
		  (origin.n == host.n + 8 && memcmp(origin.p + 8, host.p, host.n) == 0));
	KEEL_MUST((r == NULL) == (h->method == KEEL_HTTP_OPTIONS));
	KEEL_MUST(h->length <= (r == NULL ? 0 : r->body_max));
	if (r == NULL)
		return;
	KEEL_MUST(keel_bytes_is(h->path, r->path) &&
		  (h->method == r->method ||
			  (h->method == KEEL_HTTP_HEAD && r->method == KEEL_HTTP_GET)));
	KEEL_MUST(r->type == NULL ||
		  keel_http_same_word(h->known[KEEL_HTTP_F_CONTENT_TYPE], r->type));
}

/* --- what was answered ----------------------------------------------------------------------- */

struct answer {
	unsigned status;
	size_t length;
	bool close, cross;
	struct keel_bytes body;
};

static void read_line(const char *line, struct answer *a)
{
	static const char *const others[] = { "Date: ", "Content-Type: text/",
		"Cache-Control: ", "X-Content-Type-Options: ", "Vary: Origin", "Retry-After: 1",
		"Allow: OPTIONS", "Access-Control-Allow-Methods: OPTIONS",
		"Access-Control-Allow-Headers: content-type",
		"Access-Control-Max-Age: ", "Access-Control-Allow-Private-Network: true" };
	if (strncmp(line, "Content-Length: ", 16) == 0) {
		a->length = strtoul(line + 16, NULL, 10);
		return;
	}
	a->close |= strcmp(line, "Connection: close") == 0;
	a->cross |= strcmp(line, "Access-Control-Allow-Origin: " APP) == 0;
	bool known = strcmp(line, "Connection: close") == 0 ||
		     strcmp(line, "Access-Control-Allow-Origin: " APP) == 0;
	for (size_t i = 0; i < KEEL_COUNT(others); i++)
		known |= strncmp(line, others[i], strlen(others[i])) == 0;
	KEEL_MUST(known);
}

static struct answer read_answer(char *text, size_t n)
{
	struct answer a = { 0 };
	char *end = strstr(text, "\r\n\r\n");
	KEEL_MUST(end != NULL && strncmp(text, "HTTP/1.1 ", 9) == 0);
	a.status = (unsigned)strtoul(text + 9, NULL, 10);
	a.body = (struct keel_bytes){ (uint8_t *)end + 4, n - (size_t)(end + 4 - text) };
	end[2] = '\0';
	for (char *line = strstr(text, "\r\n") + 2; *line != '\0';) {
		char *next = strstr(line, "\r\n");
		*next = '\0';
		read_line(line, &a);
		line = next + 2;
	}
	return a;
}

/* One byte stays before it, so that it is not written straight to TLS, of which there is none. */
static struct answer take_answer(void)
{
	static char text[KEEL_HTTP_DIRECT_MAX + 1];
	struct evbuffer *out = bufferevent_get_output(call->bev);
	(void)evbuffer_drain(out, 1);
	int n = evbuffer_remove(out, text, sizeof(text) - 1);
	KEEL_MUST(n > 0 && evbuffer_get_length(out) == 0);
	text[n] = '\0';
	return read_answer(text, (size_t)n);
}

static void check_answer(const struct answer *a, enum keel_http_refusal no)
{
	const struct keel_http_head *h = &server->head;
	bool bare = h->method == KEEL_HTTP_HEAD || a->status == 204;
	KEEL_MUST(a->body.n == (bare ? 0 : a->length));
	KEEL_MUST(a->cross == call->cross);
	if (no != KEEL_HTTP_FINE) {
		KEEL_MUST(a->status == keel_http_refusal_status(no) && a->close);
		return;
	}
	KEEL_MUST(a->status == (h->method == KEEL_HTTP_OPTIONS ? 204 : 200));
	KEEL_MUST(a->close == h->close && (bare || keel_bytes_is(a->body, PAGE)));
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct keel_bytes in = { p, n };
	size_t seen = 0;
	size_t size = 0;
	if (server == NULL)
		begin();
	if (keel_http_head_end(in, &keel_http_strict, &seen, &size) != KEEL_HTTP_FINE ||
		keel_http_head_read((struct keel_bytes){ p, size }, &keel_http_strict,
			&server->head) != KEEL_HTTP_FINE)
		return 0;
	enum keel_http_refusal no = keel_serve_judge(call);
	if (no == KEEL_HTTP_FINE)
		check_served(&server->head);
	KEEL_MUST(evbuffer_add(bufferevent_get_output(call->bev), "-", 1) == 0);
	if (no == KEEL_HTTP_FINE)
		keel_serve(call, (struct keel_bytes){ 0 });
	else
		keel_serve_refusal(call, no);
	const struct answer a = take_answer();
	check_answer(&a, no);
	return 0;
}

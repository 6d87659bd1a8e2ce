#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <string.h>

#include "http/conn.h"

#define ALLOW_MAX   96
#define EXPLAIN_MAX 256

static const struct keel_http_head *head_of(const struct keel_http_call *c)
{
	return &c->server->head;
}

/* Byte by byte: nothing is decoded, and no dots are followed. */
static bool is_at(const struct keel_http_route *r, struct keel_bytes path)
{
	size_t n = strlen(r->path);
	if (r->below && path.n > n)
		path.n = n;
	return keel_bytes_is(path, r->path);
}

/* HEAD asks for what GET would answer. */
static bool takes(const struct keel_http_route *r, enum keel_http_method m)
{
	return r->method == m || (m == KEEL_HTTP_HEAD && r->method == KEEL_HTTP_GET);
}

static enum keel_http_refusal find_route(struct keel_http_call *c)
{
	const struct keel_http_config *config = &c->server->config;
	const struct keel_http_head *h = head_of(c);
	enum keel_http_refusal no = KEEL_HTTP_NO_ROUTE;
	c->route = NULL;
	for (size_t i = 0; i < config->route_count; i++) {
		const struct keel_http_route *r = &config->routes[i];
		if (!is_at(r, h->path))
			continue;
		if (h->method == KEEL_HTTP_OPTIONS)
			return KEEL_HTTP_FINE;
		no = KEEL_HTTP_NO_METHOD;
		if (takes(r, h->method)) {
			c->route = r;
			return KEEL_HTTP_FINE;
		}
	}
	return no;
}

/* The media type, without regard to case; parameters are not taken. */
static bool type_fits(const struct keel_http_route *r, const struct keel_http_head *h)
{
	return r == NULL || r->type == NULL ||
	       keel_http_same_word(h->known[KEEL_HTTP_F_CONTENT_TYPE], r->type);
}

enum keel_http_refusal keel_serve_judge(struct keel_http_call *c)
{
	const struct keel_http_head *h = head_of(c);
	c->close = h->close;
	c->head_only = h->method == KEEL_HTTP_HEAD;
	c->cross = false;
	enum keel_http_refusal no = keel_http_gate_check(&c->server->config.gate, &c->here, h);
	if (no != KEEL_HTTP_FINE)
		return no;
	c->cross = h->known[KEEL_HTTP_F_ORIGIN].p != NULL;
	if (!keel_http_address_ask(c->server->addresses, c->address, keel_conn_now(c)))
		return KEEL_HTTP_RATE;
	no = find_route(c);
	if (no == KEEL_HTTP_FINE && h->length > (c->route != NULL ? c->route->body_max : 0))
		no = KEEL_HTTP_LONG_BODY;
	if (no == KEEL_HTTP_FINE && !type_fits(c->route, h))
		no = KEEL_HTTP_TYPE;
	return no;
}

static const char *date_of(struct keel_http_server *s)
{
	int64_t now = keel_wall_s(&s->config.clock);
	if (now != s->date_s) {
		s->date_s = now;
		keel_http_date(now, s->date);
	}
	return s->date;
}

/* The one origin, or one's own (then no browser asks, but it does no harm). */
static struct keel_bytes origin_of(const struct keel_http_call *c)
{
	const char *origin = c->server->config.gate.origin;
	return c->cross && origin != NULL ? keel_text(origin) : (struct keel_bytes){ 0 };
}

/* By way of libevent: where much waits already, or the answer is large. */
static void write_through_buffer(
	struct evbuffer *out, const struct keel_http_answer *a, const struct keel_http_framing *f)
{
	struct evbuffer_iovec v;
	struct keel_bytes all = { 0 };
	KEEL_MUST(evbuffer_reserve_space(out, (ev_ssize_t)keel_http_answer_size(a, f), &v, 1) == 1);
	struct keel_wr w = keel_wr_of(v.iov_base, v.iov_len);
	keel_http_answer_write(&w, a, f);
	KEEL_MUST(keel_wr_end(&w, &all) == KEEL_OK);
	v.iov_len = all.n;
	KEEL_MUST(evbuffer_commit_space(out, &v, 1) == 0);
}

/*
 * Straight to TLS, as long as nothing waits before it: libevent would ask epoll whether the socket
 * is writable, which costs two calls for each answer (13.7 us a request, against 10). What TLS does
 * not take goes through the buffer, from which libevent repeats the write with the same bytes.
 */
void keel_serve_write(struct keel_http_call *c, const struct keel_http_answer *a)
{
	struct evbuffer *out = bufferevent_get_output(c->bev);
	uint8_t *buf = c->server->answer;
	struct keel_bytes all = { 0 };
	struct keel_http_framing f = {
		.date = date_of(c->server),
		.origin = origin_of(c),
		.head_only = c->head_only,
		.close = c->close,
	};
	if (evbuffer_get_length(out) > 0 || keel_http_answer_size(a, &f) > KEEL_HTTP_DIRECT_MAX) {
		write_through_buffer(out, a, &f);
		return;
	}
	struct keel_wr w = keel_wr_of(buf, KEEL_HTTP_DIRECT_MAX);
	keel_http_answer_write(&w, a, &f);
	KEEL_MUST(keel_wr_end(&w, &all) == KEEL_OK);
	int done = SSL_write(bufferevent_openssl_get_ssl(c->bev), all.p, (int)all.n);
	size_t taken = done > 0 ? (size_t)done : 0;
	if (done <= 0)
		ERR_clear_error();
	if (taken < all.n)
		KEEL_MUST(evbuffer_add(out, all.p + taken, all.n - taken) == 0);
}

/* "Allow: GET, HEAD, OPTIONS" for this path, or the same under CORS's name. */
static void allow_line(const struct keel_http_call *c, const char *name, char out[static ALLOW_MAX])
{
	struct keel_wr w = keel_wr_of(out, ALLOW_MAX - 1);
	struct keel_bytes line = { 0 };
	keel_wr_text(&w, name);
	keel_wr_text(&w, ": OPTIONS");
	for (size_t i = 0; i < c->server->config.route_count; i++) {
		const struct keel_http_route *r = &c->server->config.routes[i];
		if (!is_at(r, head_of(c)->path))
			continue;
		keel_wr_text(&w, ", ");
		keel_wr_text(&w, keel_http_method_word(r->method));
		if (r->method == KEEL_HTTP_GET)
			keel_wr_text(&w, ", HEAD");
	}
	KEEL_MUST(keel_wr_end(&w, &line) == KEEL_OK);
	out[line.n] = '\0';
}

/* A browser asks before the app's first request (Fetch §4.8; Private Network Access §3.1). */
static void answer_options(struct keel_http_call *c)
{
	const struct keel_http_head *h = head_of(c);
	char allow[ALLOW_MAX];
	const char *fields[5] = { allow };
	bool asked = c->cross && h->known[KEEL_HTTP_F_ASKED_METHOD].p != NULL;
	allow_line(c, asked ? "Access-Control-Allow-Methods" : "Allow", allow);
	if (asked) {
		fields[1] = "Access-Control-Allow-Headers: content-type";
		fields[2] = "Access-Control-Max-Age: 600";
		if (keel_bytes_is(h->known[KEEL_HTTP_F_ASKED_PRIVATE], "true"))
			fields[3] = "Access-Control-Allow-Private-Network: true";
	}
	keel_http_answer(c, &(struct keel_http_answer){ .status = 204, .fields = fields });
}

void keel_serve(struct keel_http_call *c, struct keel_bytes body)
{
	c->body = body;
	c->kept = NULL;
	c->number++;
	keel_conn_go(c, CONN_HELD);
	if (c->route == NULL)
		answer_options(c);
	else
		c->route->handle(c->server->config.self, c);
}

static const char *explain_plainly(enum keel_http_refusal why, struct keel_wr *w)
{
	keel_wr_text(w, "refused: ");
	keel_wr_text(w, keel_http_refusal_word(why));
	keel_wr_text(w, "\n");
	return "text/plain; charset=utf-8";
}

void keel_serve_refusal(struct keel_http_call *c, enum keel_http_refusal why)
{
	const struct keel_http_config *config = &c->server->config;
	uint8_t text[EXPLAIN_MAX];
	char allow[ALLOW_MAX];
	const char *fields[2] = { why == KEEL_HTTP_NO_METHOD ? allow : NULL };
	struct keel_wr w = keel_wr_of(text, sizeof(text));
	struct keel_http_answer a = { .status = keel_http_refusal_status(why), .fields = fields };
	c->close = true;
	if (fields[0] != NULL)
		allow_line(c, "Allow", allow);
	a.type = config->explain != NULL ? config->explain(why, &w) : explain_plainly(why, &w);
	a.retry_after_s = a.status == 429 || a.status == 503 ? 1 : 0;
	KEEL_MUST(keel_wr_end(&w, &a.body) == KEEL_OK);
	keel_serve_write(c, &a);
}

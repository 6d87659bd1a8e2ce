/*
 * One connection, from accept to close:
 *
 *	SHAKING → IDLE → HEAD → BODY → HELD → (WRITING →) IDLE … → CLOSING → LINGER → FREE
 *
 * Every state has an absolute deadline. What was refused is answered, and the connection closed:
 * nothing that follows a malformed request is ever read as a request.
 */
#include "http/conn.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#define OUTPUT_MAX 65536 /* answers that wait to be taken before the next request is looked at */
#define LINGER_MAX 65536 /* bytes thrown away after a refusal before the connection is cut */

uint64_t keel_conn_now(const struct keel_http_call *c)
{
	return keel_now_ms(&c->server->config.clock);
}

static uint32_t time_of(const struct keel_http_call *c, enum conn_state state)
{
	const struct keel_http_times *t = &c->server->config.times;
	switch (state) {
	case CONN_FREE:
		return 0;
	case CONN_SHAKING:
		return t->shake_ms;
	case CONN_IDLE:
		return t->idle_ms;
	case CONN_HEAD:
		return t->head_ms;
	case CONN_BODY:
		return t->body_ms;
	case CONN_HELD:
		return c->route != NULL ? c->route->hold_ms : t->write_ms;
	case CONN_WRITING:
	case CONN_CLOSING:
		return t->write_ms;
	case CONN_LINGER:
		return t->linger_ms;
	}
	return 0;
}

void keel_conn_go(struct keel_http_call *c, enum conn_state state)
{
	c->state = state;
	c->since_ms = keel_conn_now(c);
	c->until_ms = c->since_ms + time_of(c, state);
}

/* Out of the handshake, whichever way. */
static void shaken(struct keel_http_call *c)
{
	if (c->state != CONN_SHAKING)
		return;
	TAILQ_REMOVE(&c->server->shaking, c, shake);
	c->server->shaking_count--;
}

void keel_conn_close(struct keel_http_call *c)
{
	struct keel_http_server *s = c->server;
	bool held = c->state == CONN_HELD;
	const struct keel_http_route *r = c->route;
	if (c->state != CONN_SHAKING) {
		(void)SSL_shutdown(bufferevent_openssl_get_ssl(c->bev));
		ERR_clear_error();
	}
	shaken(c);
	bufferevent_free(c->bev);
	keel_http_address_leave(s->addresses, c->address);
	c->bev = NULL;
	c->state = CONN_FREE;
	s->count--;
	LIST_REMOVE(c, link);
	if (held && r != NULL && r->over != NULL)
		r->over(s->config.self, c, KEEL_HTTP_GONE);
	LIST_INSERT_HEAD(&s->free, c, link);
}

/* The last answer is on its way: our half of the connection ends; the client's may take a while. */
static void linger(struct keel_http_call *c)
{
	(void)SSL_shutdown(bufferevent_openssl_get_ssl(c->bev));
	ERR_clear_error();
	(void)shutdown(bufferevent_getfd(c->bev), SHUT_WR);
	c->drained = 0;
	keel_conn_go(c, CONN_LINGER);
}

/* libevent may have written all of it already, before the state was there. */
static void close_behind(struct keel_http_call *c)
{
	keel_conn_go(c, CONN_CLOSING);
	if (evbuffer_get_length(bufferevent_get_output(c->bev)) == 0)
		linger(c);
}

static void throw_away(struct keel_http_call *c)
{
	struct evbuffer *in = bufferevent_get_input(c->bev);
	c->drained += evbuffer_get_length(in);
	(void)evbuffer_drain(in, evbuffer_get_length(in));
	if (c->state == CONN_LINGER && c->drained > LINGER_MAX)
		keel_conn_close(c);
}

void keel_conn_refuse(struct keel_http_call *c, enum keel_http_refusal why)
{
	c->server->refused[why]++;
	keel_serve_refusal(c, why);
	c->route = NULL;
	close_behind(c);
}

/* The request is answered: out of the input with it, and on to the next. */
static void finish(struct keel_http_call *c)
{
	bool full = evbuffer_get_length(bufferevent_get_output(c->bev)) > OUTPUT_MAX;
	c->route = NULL;
	if (c->close)
		close_behind(c);
	else
		keel_conn_go(c, full ? CONN_WRITING : CONN_IDLE);
}

/* True with the whole body, MORE or a refusal in *no otherwise. raw: what follows the head. */
static bool body_is_here(
	struct keel_http_call *c, struct keel_bytes raw, enum keel_http_refusal *no, size_t *used)
{
	const struct keel_http_head *h = &c->server->head;
	if (h->chunked) {
		*no = keel_http_chunks_scan(
			&c->chunks, raw, c->route != NULL ? c->route->body_max : 0);
		*used = c->chunks.at;
		return *no == KEEL_HTTP_FINE;
	}
	*no = h->length > raw.n ? KEEL_HTTP_MORE : KEEL_HTTP_FINE;
	*used = (size_t)h->length;
	return *no == KEEL_HTTP_FINE;
}

/* A whole request: the handler sees it, then it leaves the input. */
static void hand_over(struct keel_http_call *c, uint8_t *raw, size_t used)
{
	struct keel_bytes body = { raw, used };
	size_t size = c->head_size;
	if (c->server->head.chunked)
		body = keel_http_chunks_join(&c->chunks, raw);
	keel_serve(c, body);
	if (c->state == CONN_FREE)
		return;
	c->body = (struct keel_bytes){ 0 };
	(void)evbuffer_drain(bufferevent_get_input(c->bev), size + used);
	c->seen = 0;
	c->head_size = 0;
}

static enum keel_http_refusal read_head(struct keel_http_call *c, struct keel_bytes in)
{
	const struct keel_http_limits *limits = &c->server->config.limits;
	size_t size;
	enum keel_http_refusal no = keel_http_head_end(in, limits, &c->seen, &size);
	if (no == KEEL_HTTP_FINE)
		no = keel_http_head_read(
			(struct keel_bytes){ in.p, size }, limits, &c->server->head);
	if (no == KEEL_HTTP_FINE)
		no = keel_serve_judge(c);
	if (no == KEEL_HTTP_FINE) {
		c->head_size = size;
		c->need = size + (size_t)c->server->head.length;
		c->chunks = (struct keel_http_chunks){ 0 };
	}
	return no;
}

/* The head was read and judged when it came; its views have moved since. */
static void read_head_again(struct keel_http_call *c, struct keel_bytes in)
{
	KEEL_MUST(keel_http_head_read((struct keel_bytes){ in.p, c->head_size },
			  &c->server->config.limits, &c->server->head) == KEEL_HTTP_FINE);
}

static void go_on_waiting(struct keel_http_call *c, enum conn_state state)
{
	if (c->state != state)
		keel_conn_go(c, state);
}

/* One request from the input. False: nothing more to do now. */
static bool step(struct keel_http_call *c)
{
	struct evbuffer *buf = bufferevent_get_input(c->bev);
	size_t n = evbuffer_get_length(buf);
	if (n == 0 || (c->state == CONN_BODY && n < c->need))
		return false;
	uint8_t *p = evbuffer_pullup(buf, -1);
	KEEL_MUST(p != NULL);
	struct keel_bytes in = { p, n };
	enum keel_http_refusal no = KEEL_HTTP_FINE;
	size_t used = 0;
	if (c->state == CONN_BODY)
		read_head_again(c, in);
	else
		no = read_head(c, in);
	if (no == KEEL_HTTP_MORE)
		go_on_waiting(c, CONN_HEAD);
	else if (no == KEEL_HTTP_FINE &&
		 !body_is_here(c, (struct keel_bytes){ p + c->head_size, n - c->head_size }, &no,
			 &used) &&
		 no == KEEL_HTTP_MORE)
		go_on_waiting(c, CONN_BODY);
	else if (no != KEEL_HTTP_FINE)
		keel_conn_refuse(c, no);
	else
		hand_over(c, p + c->head_size, used);
	return c->state == CONN_IDLE;
}

static void conn_step(struct keel_http_call *c)
{
	c->stepping = true;
	while ((c->state == CONN_IDLE || c->state == CONN_HEAD || c->state == CONN_BODY) && step(c))
		;
	c->stepping = false;
}

/*
 * A call that was held is answered from another call's handler, or from a timer: the requests that wait
 * behind it are not handled within that, but by the loop. Else a client that sends its next request
 * without waiting would have it run in the middle of what somebody else's handler is doing.
 */
void keel_http_answer(struct keel_http_call *c, const struct keel_http_answer *a)
{
	KEEL_MUST(c->state == CONN_HELD);
	keel_serve_write(c, a);
	finish(c);
	if (!c->stepping && c->state == CONN_IDLE &&
		evbuffer_get_length(bufferevent_get_input(c->bev)) > 0)
		bufferevent_trigger(
			c->bev, EV_READ, BEV_TRIG_IGNORE_WATERMARKS | BEV_TRIG_DEFER_CALLBACKS);
}

void keel_http_refuse(struct keel_http_call *c, enum keel_http_refusal why)
{
	KEEL_MUST(c->state == CONN_HELD);
	keel_conn_refuse(c, why);
}

/* The handler may still answer; then the same connection may hold its next request already. */
static void waited(struct keel_http_call *c)
{
	const struct keel_http_route *r = c->route;
	uint64_t number = c->number;
	if (r != NULL && r->over != NULL)
		r->over(c->server->config.self, c, KEEL_HTTP_WAITED);
	if (c->state == CONN_HELD && c->number == number)
		keel_conn_refuse(c, KEEL_HTTP_BUSY);
}

void keel_conn_late(struct keel_http_call *c)
{
	switch (c->state) {
	case CONN_FREE:
		return;
	case CONN_SHAKING:
		c->server->refused[KEEL_HTTP_TLS]++;
		break;
	case CONN_HEAD:
	case CONN_BODY:
		keel_conn_refuse(c, KEEL_HTTP_LATE);
		return;
	case CONN_HELD:
		waited(c);
		return;
	case CONN_WRITING:
	case CONN_CLOSING:
		c->server->refused[KEEL_HTTP_SLOW]++;
		break;
	case CONN_IDLE:
	case CONN_LINGER:
		break;
	}
	keel_conn_close(c);
}

/* --- libevent's side --- */

static void on_read(struct bufferevent *bev, void *arg)
{
	struct keel_http_call *c = arg;
	(void)bev;
	if (c->state == CONN_CLOSING || c->state == CONN_LINGER)
		throw_away(c);
	else
		conn_step(c);
}

/* The output is empty. */
static void on_write(struct bufferevent *bev, void *arg)
{
	struct keel_http_call *c = arg;
	(void)bev;
	if (c->state == CONN_CLOSING) {
		linger(c);
	} else if (c->state == CONN_WRITING) {
		keel_conn_go(c, CONN_IDLE);
		conn_step(c);
	}
}

/* A client that has ended its half still gets what was answered; what is held, it waits for no more. */
static void on_end(struct keel_http_call *c)
{
	bool waits = evbuffer_get_length(bufferevent_get_output(c->bev)) > 0;
	if (waits && c->state != CONN_HELD && c->state != CONN_LINGER)
		keel_conn_go(c, CONN_CLOSING);
	else
		keel_conn_close(c);
}

static void on_event(struct bufferevent *bev, short what, void *arg)
{
	struct keel_http_call *c = arg;
	(void)bev;
	if ((what & BEV_EVENT_CONNECTED) != 0) {
		shaken(c);
		keel_conn_go(c, CONN_IDLE);
		return;
	}
	if (c->state == CONN_SHAKING)
		c->server->refused[KEEL_HTTP_TLS]++;
	ERR_clear_error();
	if ((what & BEV_EVENT_EOF) != 0 && c->state != CONN_SHAKING)
		on_end(c);
	else
		keel_conn_close(c);
}

bool keel_conn_open(struct keel_http_call *c, int fd)
{
	struct keel_http_server *s = c->server;
	SSL *ssl = SSL_new(s->tls);
	if (ssl == NULL)
		return false;
	c->bev = bufferevent_openssl_socket_new(
		s->base, fd, ssl, BUFFEREVENT_SSL_ACCEPTING, BEV_OPT_CLOSE_ON_FREE);
	if (c->bev == NULL) {
		SSL_free(ssl);
		return false;
	}
	/* A client that ends without TLS's goodbye: lengths frame everything, so nothing is cut. */
	bufferevent_openssl_set_allow_dirty_shutdown(c->bev, 1);
	bufferevent_setcb(c->bev, on_read, on_write, on_event, c);
	bufferevent_setwatermark(c->bev, EV_READ, 0, s->input_max);
	c->seen = 0;
	c->head_size = 0;
	c->route = NULL;
	c->close = false;
	c->cross = false;
	c->head_only = false;
	keel_conn_go(c, CONN_SHAKING);
	TAILQ_INSERT_TAIL(&s->shaking, c, shake);
	s->shaking_count++;
	(void)bufferevent_enable(c->bev, EV_READ | EV_WRITE);
	return true;
}

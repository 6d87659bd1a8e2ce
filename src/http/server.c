#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "http/after.h"
#include "http/conn.h"

#define REMEMBERED  256 /* addresses without a connection whose rates are still known */
#define TICK_MAX_MS 250
#define TICK_MIN_MS 5

static bool start_tick(struct keel_http_server *s)
{
	s->ticking = true;
	return keel_http_after(s->tick, s->tick_ms);
}

/* Deadlines are looked at by one timer, so that a request costs none; it rests with the server. */
static void on_tick(evutil_socket_t fd, short what, void *arg)
{
	struct keel_http_server *s = arg;
	uint64_t now = keel_now_ms(&s->config.clock);
	struct keel_http_call *c = LIST_FIRST(&s->used);
	(void)fd;
	(void)what;
	while (c != NULL) {
		struct keel_http_call *next = LIST_NEXT(c, link);
		if (now >= c->until_ms)
			keel_conn_late(c);
		c = next;
	}
	s->ticking = false;
	if (s->count > 0)
		(void)start_tick(s);
}

/* The shortest time decides how often deadlines are looked at. */
static uint64_t tick_of(const struct keel_http_times *t)
{
	const uint32_t all[] = { t->shake_ms, t->idle_ms, t->head_ms, t->body_ms, t->write_ms,
		t->linger_ms };
	uint64_t tick = TICK_MAX_MS;
	for (size_t i = 0; i < KEEL_COUNT(all); i++)
		tick = all[i] / 8 < tick ? all[i] / 8 : tick;
	return tick > TICK_MIN_MS ? tick : TICK_MIN_MS;
}

/*
 * Among those that the server waits for, the one that it has waited for longest: a body that drips holds
 * no place that somebody else needs. Who waits for the server, and who takes its answer, stays.
 */
static struct keel_http_call *find_idle(struct keel_http_server *s)
{
	struct keel_http_call *found = NULL;
	struct keel_http_call *c;
	LIST_FOREACH(c, &s->used, link)
	{
		bool waits = c->state == CONN_SHAKING || c->state == CONN_IDLE ||
			     c->state == CONN_HEAD || c->state == CONN_BODY ||
			     c->state == CONN_LINGER;
		if (waits && (found == NULL || c->since_ms < found->since_ms))
			found = c;
	}
	return found;
}

static struct keel_http_call *take_place(struct keel_http_server *s)
{
	if (s->config.shakings > 0 && s->shaking_count >= s->config.shakings) {
		s->refused[KEEL_HTTP_FULL]++;
		keel_conn_close(TAILQ_FIRST(&s->shaking));
	}
	if (LIST_EMPTY(&s->free)) {
		struct keel_http_call *idle = find_idle(s);
		s->refused[KEEL_HTTP_FULL]++;
		if (idle == NULL)
			return NULL;
		keel_conn_close(idle);
	}
	return LIST_FIRST(&s->free);
}

static bool let_in(struct keel_http_server *s, int fd, const struct sockaddr *from)
{
	struct sockaddr_storage here;
	socklen_t n = sizeof(here);
	struct keel_http_place place = keel_http_place_of(from);
	if (getsockname(fd, (struct sockaddr *)&here, &n) != 0)
		return false;
	struct keel_http_address *a =
		keel_http_address_enter(s->addresses, &place, keel_now_ms(&s->config.clock));
	if (a == NULL) {
		s->refused[KEEL_HTTP_CROWD]++;
		return false;
	}
	struct keel_http_call *c = take_place(s);
	if (c != NULL) {
		c->address = a;
		c->from = place;
		c->here = keel_http_place_of((const struct sockaddr *)&here);
	}
	if (c == NULL || !keel_conn_open(c, fd)) {
		keel_http_address_leave(s->addresses, a);
		return false;
	}
	LIST_REMOVE(c, link);
	LIST_INSERT_HEAD(&s->used, c, link);
	s->count++;
	return true;
}

static void on_accept(
	struct evconnlistener *l, evutil_socket_t fd, struct sockaddr *from, int n, void *arg)
{
	struct keel_http_server *s = arg;
	(void)l;
	(void)n;
	if (!let_in(s, fd, from))
		(void)close(fd);
	else if (!s->ticking)
		(void)start_tick(s);
}

/* Out of descriptors or memory: libevent tries again when the socket is next readable. */
static void on_accept_error(struct evconnlistener *l, void *arg)
{
	struct keel_http_server *s = arg;
	struct keel_http_call *idle = find_idle(s);
	(void)l;
	s->refused[KEEL_HTTP_FULL]++;
	if (idle != NULL)
		keel_conn_close(idle);
}

/* The longest request: its head, and the longest body of any route. */
static size_t input_max(const struct keel_http_config *c)
{
	size_t max = 0;
	for (size_t i = 0; i < c->route_count; i++)
		max = c->routes[i].body_max > max ? c->routes[i].body_max : max;
	return c->limits.head + (c->limits.chunked ? KEEL_HTTP_CHUNKS_RAW(max) : max);
}

enum keel_err keel_http_server_open(struct event_base *base, struct ssl_ctx_st *tls,
	const struct keel_http_config *config, struct keel_http_server **out)
{
	struct keel_http_server *s = calloc(1, sizeof(*s));
	KEEL_MUST(s != NULL && config->connections > 0);
	s->base = base;
	s->tls = tls;
	s->config = *config;
	s->tick_ms = tick_of(&config->times);
	s->input_max = input_max(config);
	s->addresses = keel_http_addresses_new(config->connections + REMEMBERED, &config->quota);
	s->all = calloc(config->connections, sizeof(*s->all));
	s->tick = event_new(base, -1, 0, on_tick, s);
	KEEL_MUST(s->all != NULL && s->tick != NULL);
	LIST_INIT(&s->free);
	LIST_INIT(&s->used);
	TAILQ_INIT(&s->shaking);
	for (size_t i = 0; i < config->connections; i++) {
		s->all[i].server = s;
		LIST_INSERT_HEAD(&s->free, &s->all[i], link);
	}
	(void)signal(SIGPIPE, SIG_IGN); /* OpenSSL writes to sockets that the client has closed */
	keel_http_date(1, s->date);     /* gmtime's first call looks for a time zone's file */
	s->date[0] = '\0';
	*out = s;
	return KEEL_OK;
}

enum keel_err keel_http_server_listen(struct keel_http_server *s, int fd)
{
	int on = 1;
	if (s->listener_count == KEEL_HTTP_LISTENERS_MAX)
		return KEEL_EFULL;
	/* Connections inherit it: an answer goes out at once. */
	if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) != 0 ||
		evutil_make_socket_nonblocking(fd) != 0)
		return KEEL_EIO;
	struct evconnlistener *l =
		evconnlistener_new(s->base, on_accept, s, LEV_OPT_CLOSE_ON_EXEC, 0, fd);
	if (l == NULL)
		return KEEL_EIO;
	evconnlistener_set_error_cb(l, on_accept_error);
	s->listeners[s->listener_count++] = l;
	return KEEL_OK;
}

void keel_http_server_close(struct keel_http_server *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < s->listener_count; i++)
		evconnlistener_free(s->listeners[i]);
	while (!LIST_EMPTY(&s->used))
		keel_conn_close(LIST_FIRST(&s->used));
	event_free(s->tick);
	keel_http_addresses_free(s->addresses);
	free(s->all);
	free(s);
}

const uint64_t *keel_http_server_refused(const struct keel_http_server *s)
{
	return s->refused;
}

size_t keel_http_server_connections(const struct keel_http_server *s)
{
	return s->count;
}

const struct keel_http_head *keel_http_call_head(const struct keel_http_call *call)
{
	return &call->server->head;
}

struct keel_bytes keel_http_call_body(const struct keel_http_call *call)
{
	return call->body;
}

const struct keel_http_place *keel_http_call_from(const struct keel_http_call *call)
{
	return &call->from;
}

void keel_http_call_keep(struct keel_http_call *call, void *what)
{
	call->kept = what;
}

void *keel_http_call_kept(const struct keel_http_call *call)
{
	return call->kept;
}

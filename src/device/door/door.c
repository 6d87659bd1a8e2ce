#include "device/door/door.h"

#include <event2/event.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/break.h"
#include "device/door/counts.h"
#include "device/door/page.h"
#include "device/door/waiting.h"
#include "device/door/words.h"
#include "http/after.h"
#include "http/tls.h"

#define PEM_MAX    16384
#define HOSTS_MAX  8
#define VAULT_MS   5000 /* how long the vault may think */
#define COUNT_MS   1000 /* how often the monitor hears of refusals */
#define COUNTS_LOG 10   /* … and how many of these go into one line of the log */

struct door {
	struct keel_room_env *env;
	struct event_base *base;
	struct ssl_ctx_st *tls;
	struct keel_http_server *server;
	struct event *ends[ROOM_COUNT];
	struct event *counter;
	struct keel_waiting waiting;
	struct keel_page page;
	const char *hosts[HOSTS_MAX];
	struct keel_door_counts counts;
	unsigned turns;
};

/* --- requests --- */

static void give_page(void *self, struct keel_http_call *call)
{
	const struct door *d = self;
	struct keel_http_answer a = keel_page_answer(&d->page);
	if (keel_broken("page-with-script"))
		a.body = keel_text("<script>alert(1)</script>");
	keel_http_answer(call, &a);
}

static void say_no(struct keel_http_call *call, unsigned status, enum keel_err e, const char *why)
{
	uint8_t text[256];
	struct keel_wr w = keel_wr_of(text, sizeof(text));
	struct keel_http_answer a = {
		.status = status, .type = KEEL_DOOR_TYPE, .retry_after_s = 1
	};
	keel_door_refusal(&w, e, why, 1);
	KEEL_MUST(keel_wr_end(&w, &a.body) == KEEL_OK);
	keel_http_answer(call, &a);
}

static void say_away(struct keel_http_call *call)
{
	say_no(call, 503, KEEL_ESTATE, "The device's vault is away for a moment; try again.");
}

/* "/v1/hello" is PATH_HELLO: the routes have no others. */
static enum keel_path path_of(struct keel_http_call *call)
{
	static const char before[] = "/v1/";
	struct keel_bytes path = keel_http_call_head(call)->path;
	size_t n = sizeof(before) - 1;
	enum keel_path i = 0;
	while (i < PATH_COUNT &&
		!keel_bytes_is((struct keel_bytes){ path.p + n, path.n - n }, keel_path_words[i]))
		i++;
	KEEL_MUST(i < PATH_COUNT);
	return i;
}

static bool ask(struct door *d, const struct keel_waiting_place *p)
{
	char from[KEEL_HTTP_ADDRESS_TEXT];
	keel_http_place_text(keel_http_call_from(p->call), from);
	const struct msg_request m = { .has = 15,
		.id = p->id,
		.path = p->path,
		.from = keel_text(from),
		.body = { p->body, p->n } };
	return keel_room_send(d->env, ROOM_VAULT, MSG_REQUEST, &m) == KEEL_OK;
}

/* As many of those that wait as the vault is to have now. */
static void ask_vault(struct door *d)
{
	const struct keel_waiting_place *p;
	while ((p = keel_waiting_next(&d->waiting)) != NULL)
		if (!ask(d, p))
			say_away(keel_waiting_take(&d->waiting, p->id));
}

static void wait_for_vault(void *self, struct keel_http_call *call)
{
	struct door *d = self;
	struct keel_http_call *moved;
	if (keel_waiting_add(&d->waiting, call, path_of(call), &moved) != KEEL_OK) {
		keel_http_refuse(call, KEEL_HTTP_BUSY);
		return;
	}
	if (moved != NULL)
		keel_http_refuse(moved, KEEL_HTTP_BUSY);
	ask_vault(d);
}

static void vault_is_late(void *self, struct keel_http_call *call, enum keel_http_over why)
{
	struct door *d = self;
	keel_waiting_forget(&d->waiting, call);
	if (why == KEEL_HTTP_WAITED)
		say_away(call);
	ask_vault(d);
}

/* An answer that nobody waits for any more is no error of the vault's. */
static enum keel_err take_answer(
	struct keel_room_env *env, enum keel_room_id from, const void *body, void *self)
{
	struct door *d = self;
	const struct msg_answer *m = body;
	struct keel_http_call *call = keel_waiting_take(&d->waiting, m->id);
	(void)env;
	(void)from;
	if (call != NULL)
		keel_http_answer(call, &(struct keel_http_answer){ .status = (unsigned)m->status,
					       .type = KEEL_DOOR_TYPE,
					       .body = m->body });
	ask_vault(d);
	return KEEL_OK;
}

/* clang-format off */
#define SEALED(p) { .method = KEEL_HTTP_POST, .path = (p), .body_max = KEEL_REQUEST_MAX, \
	.type = KEEL_DOOR_TYPE, .hold_ms = VAULT_MS, .handle = wait_for_vault, .over = vault_is_late }
static const struct keel_http_route routes[] = {
	{ .method = KEEL_HTTP_GET, .path = "/", .handle = give_page },
	SEALED("/v1/hello"),
	SEALED("/v1/claim"),
	SEALED("/v1/request"),
	SEALED("/v1/interrogate"),
};
/* clang-format on */

struct keel_http_config keel_door_limits(void)
{
	return (struct keel_http_config){
		.limits = keel_http_strict,
		.times = { .shake_ms = 5000,
			.idle_ms = 30000,
			.head_ms = 5000,
			.body_ms = 10000,
			.write_ms = 10000,
			.linger_ms = 1000 },
		.quota = { .connections = 16,
			.connects = { .a_second = 10, .at_once = 30 },
			.requests = { .a_second = 50, .at_once = 100 },
			.v6_bits = 128 },
		.connections = 128,
		.routes = routes,
		.route_count = KEEL_COUNT(routes),
		.explain = keel_door_explain,
	};
}

/* --- counting --- */

static void on_count(evutil_socket_t fd, short what, void *arg)
{
	struct door *d = arg;
	const uint64_t *refused = keel_http_server_refused(d->server);
	(void)fd;
	(void)what;
	keel_door_counts_tell(&d->counts, d->env, refused);
	if (++d->turns % COUNTS_LOG == 0)
		keel_door_counts_log(&d->counts, d->env, refused);
}

/* --- the lines to other rooms --- */

static void on_line(evutil_socket_t fd, short what, void *arg)
{
	struct door *d = arg;
	(void)what;
	if (!keel_room_handle(d->env, fd)) /* the parent is gone */
		(void)event_base_loopbreak(d->base);
}

static void unwatch(struct door *d, enum keel_room_id room)
{
	if (d->ends[room] != NULL)
		event_free(d->ends[room]);
	d->ends[room] = NULL;
}

static void watch(struct door *d, enum keel_room_id room)
{
	int fds[ROOM_COUNT];
	keel_room_fds(d->env, fds);
	unwatch(d, room);
	if (fds[room] < 0)
		return;
	d->ends[room] = event_new(d->base, fds[room], EV_READ | EV_PERSIST, on_line, d);
	KEEL_MUST(d->ends[room] != NULL && event_add(d->ends[room], NULL) == 0);
}

/* What was asked of a vault that ended is asked again by whoever asked; the same bytes do no harm. */
static void on_peer(struct keel_room_env *env, enum keel_room_id peer, bool up, void *self)
{
	struct door *d = self;
	struct keel_http_call *call;
	(void)env;
	if (up)
		watch(d, peer);
	else
		unwatch(d, peer);
	while (peer == ROOM_VAULT && (call = keel_waiting_take_any(&d->waiting)) != NULL)
		say_away(call);
}

static const struct keel_answer answers[] = {
	{ MSG_ANSWER, 0, take_answer },
};

/* --- opening --- */

static enum keel_err fail(struct keel_fault *f, enum keel_err e, const char *what, const char *next)
{
	*f = (struct keel_fault){ .err = e };
	(void)snprintf(f->what, sizeof(f->what), "%s", what);
	(void)snprintf(f->next, sizeof(f->next), "%s", next);
	return e;
}

static enum keel_err read_handed(const struct keel_room_env *env, const char *name,
	uint8_t buf[PEM_MAX], struct keel_bytes *out, struct keel_fault *f)
{
	int fd = keel_room_fd(env, name);
	ssize_t n = fd < 0 ? -1 : pread(fd, buf, PEM_MAX, 0);
	if (n <= 0 || n == PEM_MAX)
		return fail(f, KEEL_EIO, "the door's certificate or its key cannot be read",
			"put door.crt and door.key (PEM, under 16 kB each) into the home of keeld");
	*out = (struct keel_bytes){ buf, (size_t)n };
	return KEEL_OK;
}

static enum keel_err open_tls(struct door *d, struct keel_fault *f)
{
	static uint8_t chain_pem[PEM_MAX];
	static uint8_t key_pem[PEM_MAX];
	struct keel_bytes chain;
	struct keel_bytes key;
	enum keel_err e = read_handed(d->env, "door.crt", chain_pem, &chain, f);
	if (e == KEEL_OK)
		e = read_handed(d->env, "door.key", key_pem, &key, f);
	if (e == KEEL_OK)
		e = keel_tls_open(chain, key, &d->tls, f);
	explicit_bzero(key_pem, sizeof(key_pem));
	if (e == KEEL_OK && keel_broken("old-tls"))
		(void)SSL_CTX_set_min_proto_version(d->tls, TLS1_2_VERSION);
	return e;
}

static enum keel_err make_page(struct door *d, struct keel_fault *f)
{
	struct keel_bytes bytes = keel_room_product(d->env);
	struct keel_product product;
	const char *origin = keel_room_option(d->env, "origin", 0);
	if (origin != NULL && !keel_page_is_origin(origin))
		return fail(f, KEEL_EFORM, "the app's origin is not one",
			"give it as https://app.example or https://app.example:8443, in small "
			"letters");
	if (bytes.n > 0 && keel_product_read(bytes, &product) != KEEL_OK)
		return fail(f, KEEL_EFORM, "the compiled declaration is none",
			"compile product.yaml again: keel compile");
	keel_page_make(&d->page, origin, bytes.n > 0 ? &product : NULL);
	return KEEL_OK;
}

static enum keel_err open_server(struct door *d)
{
	struct keel_http_config c = keel_door_limits();
	c.gate.origin = keel_room_option(d->env, "origin", 0);
	for (size_t i = 0; i < HOSTS_MAX; i++) {
		d->hosts[i] = keel_room_option(d->env, "host", i);
		c.gate.host_count += d->hosts[i] != NULL;
	}
	c.gate.hosts = d->hosts;
	c.self = d;
	c.clock = *keel_room_clock(d->env);
	return keel_http_server_open(d->base, d->tls, &c, &d->server);
}

static enum keel_err open_listeners(struct door *d, struct keel_fault *f)
{
	for (int i = 0; i < KEEL_DOOR_LISTENERS_MAX; i++) {
		char name[16];
		(void)snprintf(name, sizeof(name), "listen/%d", i);
		int fd = keel_room_fd(d->env, name);
		if (fd >= 0 && keel_http_server_listen(d->server, fd) != KEEL_OK)
			return fail(
				f, KEEL_EIO, "the door's listening socket cannot be watched", "");
	}
	return KEEL_OK;
}

static enum keel_err door_open(struct door *d, struct keel_fault *f)
{
	d->base = event_base_new();
	if (d->base == NULL)
		return fail(f, KEEL_EIO, "the door's loop cannot be made", "");
	enum keel_err e = open_tls(d, f);
	if (e == KEEL_OK)
		e = make_page(d, f);
	if (e == KEEL_OK)
		e = open_server(d);
	if (e == KEEL_OK)
		e = open_listeners(d, f);
	if (e != KEEL_OK)
		return e;
	d->counter = event_new(d->base, -1, EV_PERSIST, on_count, d);
	KEEL_MUST(d->counter != NULL && keel_http_after(d->counter, COUNT_MS));
	keel_room_listen(d->env, answers, KEEL_COUNT(answers), on_peer, d);
	for (enum keel_room_id i = 0; i < ROOM_COUNT; i++)
		watch(d, i);
	return KEEL_OK;
}

static void door_close(struct door *d)
{
	for (enum keel_room_id i = 0; i < ROOM_COUNT; i++)
		unwatch(d, i);
	if (d->counter != NULL)
		event_free(d->counter);
	keel_http_server_close(d->server);
	SSL_CTX_free(d->tls);
	if (d->base != NULL)
		event_base_free(d->base);
}

int door_main(struct keel_room_env *env)
{
	static struct door d; /* one a process, as the process is one room */
	struct keel_fault fault = { 0 };
	int status = 0;
	d.env = env;
	if (door_open(&d, &fault) == KEEL_OK) {
		keel_room_confine(env);
		(void)event_base_dispatch(d.base);
	} else {
		status = keel_room_fail(env, &fault);
	}
	door_close(&d);
	return status;
}

/* keel-fleet serve: opens everything, puts the walls up, answers until it is told to end. */
#include <event2/event.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/files.h"
#include "fleet/command.h"
#include "fleet/inbox.h"
#include "fleet/listen.h"
#include "fleet/service.h"
#include "fleet/signer.h"
#include "fleet/walls.h"
#include "http/after.h"
#include "http/tls.h"

#define PEM_MAX       65536
#define TICK_MS       500
#define RETAIN_TICKS  1200 /* how often what has had its time is deleted */
#define SHAKINGS      1024 /* half a second of what a core takes up: 50 MB */
#define SITE_TIMES    16   /* of what one address may: a site's /48, whose networks are many */
#define OTHER_FILES   64   /* descriptors beside the connections' */
#define KEY_SOON_DAYS 30   /* before its end an operator is told */
#define DAY_S         86400

struct serving {
	struct keel_fleet_service service;
	const struct keel_fleet_ask *ask;
	struct ssl_ctx_st *tls;
	struct event *tick;
	struct event *ends[2];
	struct event *signer_end;
	struct keel_fleet_retain retain;
	bool retaining, retain_more; /* under way; and was not all */
	unsigned ticks;
	struct keel_fleet_listeners listeners;
	char host[KEEL_FLEET_TEXT_MAX + 1];
	const char *hosts[1];
};

/* --- clock --- */

static uint64_t now_ms(void *self)
{
	struct timespec t;
	(void)self;
	KEEL_MUST(clock_gettime(CLOCK_BOOTTIME, &t) == 0);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static int64_t wall_s(void *self)
{
	(void)self;
	return (int64_t)time(NULL);
}

/* --- what happens by itself --- */

static void retained(void *self, struct keel_fleet_write *w)
{
	struct serving *v = self;
	v->retaining = false;
	v->retain_more = w->err == KEEL_OK && v->retain.more;
}

static void on_tick(evutil_socket_t fd, short what, void *arg)
{
	struct serving *v = arg;
	(void)fd, (void)what;
	v->ticks++;
	keel_fleet_inbox_tick(&v->service);
	keel_fleet_presence_note(&v->service, false);
	if ((v->ticks % RETAIN_TICKS == 1 || v->retain_more) && !v->retaining) {
		v->retaining = true;
		v->retain = (struct keel_fleet_retain){
			.write = { .done = retained, .self = v },
			.now_s = keel_fleet_now(&v->service),
			.case_s = (int64_t)v->service.config.case_days * DAY_S,
		};
		keel_fleet_retain(v->service.store, &v->retain);
	}
}

static void on_end(evutil_socket_t fd, short what, void *arg)
{
	struct serving *v = arg;
	(void)fd, (void)what;
	(void)event_base_loopbreak(v->service.base);
}

void keel_fleet_lost_signer(struct keel_fleet_service *s)
{
	s->signer_lost = true;
	(void)event_base_loopbreak(s->base);
}

/* It says nothing unasked, and an answer is read where it was asked: this is its end. */
static void on_signer(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what;
	keel_fleet_lost_signer(arg);
}

/* --- opening --- */

/* policy.yaml may be missing: then the default holds. */
static enum keel_err read_policy(struct serving *v, struct keel_fault *fault)
{
	char path[KEEL_FLEET_PATH_MAX];
	char text[16384];
	struct keel_bytes content;
	struct keel_yaml_fault where = { 0 };
	v->service.policy = keel_policy_default();
	enum keel_err e = keel_fleet_path(v->ask->dir, "policy.yaml", path, fault);
	if (e == KEEL_OK)
		e = keel_file_read(path, text, sizeof(text), &content, fault);
	if (e == KEEL_ENONE)
		return KEEL_OK;
	if (e != KEEL_OK || keel_policy_read(content, &v->service.policy, &where) == KEEL_OK)
		return e;
	return keel_fault_format(fault, KEEL_ERANGE, where.next, "policy.yaml:%u:%u: %.120s",
		where.at.line, where.at.column, where.what);
}

static void say_key_ends(const struct keel_fleet_key *key, int64_t now_s)
{
	int64_t days = (key->pub.until - now_s) / DAY_S;
	if (days < KEY_SOON_DAYS)
		(void)fprintf(stderr,
			"keel-fleet: the key that the service works with ends in %lld days\n"
			"  Devices take no session from it after that.\n"
			"  Next: keel-fleet key roll, then start the service again.\n",
			(long long)days);
}

static enum keel_err load_keys(struct serving *v, struct keel_fault *fault)
{
	struct keel_fleet_service *s = &v->service;
	enum keel_err e = keel_fleet_keys_load(v->ask->dir, v->ask->now_s, &s->keys, fault);
	if (e != KEEL_OK)
		return e;
	say_key_ends(&s->keys.all[0], v->ask->now_s);
	for (size_t i = 0; i < s->keys.count; i++) {
		const struct keel_fleet_key *k = &s->keys.all[i];
		struct keel_judge_key *j = &s->judge_keys.key[i];
		memcpy(j->st, k->st, sizeof(j->st));
		j->sign = k->verify; /* closed with keys */
		j->agree = keel_agreer_of(&k->agree);
		j->until = k->pub.until;
	}
	s->judge_keys.count = s->keys.count;
	return KEEL_OK;
}

static enum keel_err start_signer(struct serving *v, struct keel_fault *fault)
{
	struct keel_fleet_service *s = &v->service;
	char name[64];
	char path[KEEL_FLEET_PATH_MAX];
	(void)snprintf(name, sizeof(name), "keys/%u/sign.pem", s->keys.all[0].number);
	enum keel_err e = keel_fleet_path(v->ask->dir, name, path, fault);
	return e == KEEL_OK ? keel_fleet_signer_start(path, &s->keys.all[0].pub.agree,
				      s->config.origin, &s->signer, fault)
			    : e;
}

static enum keel_err read_pem(const struct serving *v, const char *name, uint8_t buf[PEM_MAX],
	struct keel_bytes *out, struct keel_fault *fault)
{
	char path[KEEL_FLEET_PATH_MAX];
	(void)snprintf(path, sizeof(path), "%s", name);
	enum keel_err e = KEEL_OK;
	if (name[0] != '/')
		e = keel_fleet_path(v->ask->dir, name, path, fault);
	if (e == KEEL_OK)
		e = keel_file_read(path, buf, PEM_MAX, out, fault);
	if (e == KEEL_ENONE)
		(void)snprintf(fault->next, sizeof(fault->next),
			"put the server's certificate and its key (PEM) there, or name others in "
			"config.yaml");
	return e;
}

static enum keel_err open_tls(struct serving *v, struct keel_fault *fault)
{
	static uint8_t chain_pem[PEM_MAX];
	static uint8_t key_pem[PEM_MAX];
	struct keel_bytes chain;
	struct keel_bytes key;
	enum keel_err e = read_pem(v, v->service.config.certificate, chain_pem, &chain, fault);
	if (e == KEEL_OK)
		e = read_pem(v, v->service.config.key, key_pem, &key, fault);
	if (e == KEEL_OK)
		e = keel_tls_open(chain, key, &v->tls, fault);
	keel_wipe(key_pem, sizeof(key_pem));
	return e;
}

static enum keel_err open_reports(struct serving *v, struct keel_fault *fault)
{
	const char *pages = v->service.config.desk;
	char path[KEEL_FLEET_PATH_MAX];
	(void)snprintf(path, sizeof(path), "%s", pages);
	enum keel_err e = KEEL_OK;
	if (pages[0] != '/' && pages[0] != '\0')
		e = keel_fleet_path(v->ask->dir, pages, path, fault);
	return e == KEEL_OK ? keel_reports_open(path, &v->service.reports, fault) : e;
}

/* The origin's host and port are the one Host that is answered to, beside the address itself. */
static void name_host(struct serving *v)
{
	const char *host = v->service.config.origin + sizeof("https://") - 1;
	bool port = strrchr(host, ':') != NULL && strrchr(host, ':') > strrchr(host, ']');
	(void)snprintf(v->host, sizeof(v->host), "%s%s", host, port ? "" : ":443");
	v->hosts[0] = v->host;
}

static enum keel_err open_server(struct serving *v, struct keel_fault *fault)
{
	struct keel_fleet_service *s = &v->service;
	const struct keel_fleet_config *c = &s->config;
	const uint32_t requests = (uint32_t)c->address_requests;
	const struct keel_http_config config = {
		.limits = keel_http_strict,
		.times = { .shake_ms = 10000,
			.idle_ms = 120000,
			.head_ms = 10000,
			.body_ms = 20000,
			.write_ms = 20000,
			.linger_ms = 1000 },
		.quota = { .connections = (size_t)c->address_connections,
			.connects = { .a_second = (uint32_t)(c->address_connections + 1) / 2,
				.at_once = (uint32_t)c->address_connections },
			.requests = { .a_second = requests, .at_once = 2 * requests },
			.v6_bits = 64,
			.v6_wide_bits = 48,
			.v6_wide_times = SITE_TIMES },
		.gate = { .origin = c->app_origin[0] != '\0' ? c->app_origin : NULL,
			.hosts = v->hosts,
			.host_count = 1 },
		.connections = (size_t)c->connections,
		.shakings = SHAKINGS,
		.routes = s->routes,
		.route_count = s->route_count,
		.self = s,
		.clock = s->clock,
		.explain = keel_fleet_explain,
	};
	name_host(v);
	enum keel_err e = keel_http_server_open(v->service.base, v->tls, &config, &s->server);
	if (e == KEEL_OK)
		e = keel_fleet_listen(c, s->server, &v->listeners, fault);
	return e;
}

static enum keel_err open_store(struct serving *v, struct keel_fault *fault)
{
	struct keel_fleet_service *s = &v->service;
	char path[KEEL_FLEET_PATH_MAX];
	enum keel_err e = keel_fleet_path(v->ask->dir, KEEL_FLEET_DATABASE, path, fault);
	if (e == KEEL_OK)
		e = keel_fleet_store_open(path, v->service.base, &s->store, fault);
	if (e != KEEL_OK)
		return e;
	e = keel_fleet_inbox_last(s->store, &s->inbox_seen);
	if (e != KEEL_OK)
		return keel_fault_fill(fault, e, "the database cannot be read", "look at the disk");
	s->products = keel_fleet_products_new(s->store);
	s->pages = keel_fleet_pages_new(s->store, &s->config);
	s->devices = keel_fleet_devices_new();
	s->verified = keel_verified_new((size_t)s->config.connections * 2);
	return KEEL_OK;
}

static void watch(struct serving *v)
{
	static const int ends[] = { SIGTERM, SIGINT };
	v->tick = event_new(v->service.base, -1, EV_PERSIST, on_tick, v);
	KEEL_MUST(v->tick != NULL && keel_http_after(v->tick, TICK_MS));
	v->signer_end =
		event_new(v->service.base, v->service.signer, EV_READ, on_signer, &v->service);
	KEEL_MUST(v->signer_end != NULL && event_add(v->signer_end, NULL) == 0);
	for (size_t i = 0; i < KEEL_COUNT(ends); i++) {
		v->ends[i] = evsignal_new(v->service.base, ends[i], on_end, v);
		KEEL_MUST(v->ends[i] != NULL && event_add(v->ends[i], NULL) == 0);
	}
}

/*
 * In this order: what other files hold; then no file but the database's; then the store, whose
 * thread is the last that can be made; then no call but those that serving needs.
 */
static enum keel_err open_all(struct serving *v, struct keel_fault *fault)
{
	struct keel_fleet_service *s = &v->service;
	s->clock = (struct keel_clock){ .now_ms = now_ms, .wall_s = wall_s };
	v->service.base = event_base_new();
	KEEL_MUST(v->service.base != NULL);
	keel_crypto_warm();
	enum keel_err e = keel_fleet_config_load(v->ask->dir, &s->config, fault);
	if (e == KEEL_OK)
		e = read_policy(v, fault);
	if (e == KEEL_OK)
		e = load_keys(v, fault);
	if (e == KEEL_OK)
		e = open_tls(v, fault);
	if (e == KEEL_OK)
		e = open_reports(v, fault);
	if (e == KEEL_OK)
		e = start_signer(v, fault);
	if (e == KEEL_OK)
		e = keel_fleet_console_load(s, v->ask->dir, fault);
	if (e == KEEL_OK)
		e = open_server(v, fault);
	if (e != KEEL_OK)
		return e;
	char data[KEEL_FLEET_PATH_MAX];
	e = keel_fleet_path(v->ask->dir, KEEL_FLEET_DATA, data, fault);
	if (e != KEEL_OK)
		return e;
	keel_fleet_wall_files(data, (size_t)s->config.connections + OTHER_FILES);
	e = open_store(v, fault);
	if (e != KEEL_OK)
		return e;
	watch(v);
	keel_fleet_console_open(s);
	keel_fleet_wall_calls(KEEL_FLEET_WORKER);
	return KEEL_OK;
}

static void close_all(struct serving *v)
{
	struct keel_fleet_service *s = &v->service;
	if (s->store != NULL && s->devices != NULL)
		keel_fleet_presence_note(s, true);
	keel_fleet_store_close(s->store); /* those who wait for it are answered */
	keel_http_server_close(s->server);
	keel_console_free(s->console);
	keel_fleet_devices_free(s->devices);
	keel_reports_close(s->reports);
	keel_fleet_products_free(s->products);
	keel_fleet_pages_free(s->pages);
	keel_verified_free(s->verified);
	for (size_t i = 0; i < KEEL_COUNT(v->ends); i++)
		if (v->ends[i] != NULL)
			event_free(v->ends[i]);
	if (v->signer_end != NULL)
		event_free(v->signer_end);
	if (v->tick != NULL)
		event_free(v->tick);
	keel_fleet_listen_end(&v->listeners);
	if (s->signer >= 0)
		(void)close(s->signer);
	SSL_CTX_free(v->tls);
	if (v->service.base != NULL)
		event_base_free(v->service.base);
	keel_fleet_keys_clear(&s->keys);
}

enum keel_err keel_fleet_do_serve(const struct keel_fleet_ask *ask, struct keel_fault *fault)
{
	static struct serving v; /* one a process */
	v.ask = ask;
	v.service.signer = -1;
	enum keel_err e = open_all(&v, fault);
	if (e == KEEL_OK) {
		(void)printf("keel-fleet: %s, port %u\n", v.service.config.origin,
			keel_fleet_listen_port(&v.listeners));
		(void)fflush(stdout);
		(void)event_base_dispatch(v.service.base);
	}
	if (e == KEEL_OK && v.service.signer_lost)
		e = keel_fault_fill(fault, KEEL_EIO,
			"the signer has ended, and with it the service",
			"start it again; a line above may say what ended the signer");
	close_all(&v);
	return e;
}

#include "device/uplink/room.h"

#include <assert.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "device/uplink/uplink.h"
#include "keel/profile.h"

#define WAIT_MAX_MS 60000
#define ROOTS_MAX   (1 << 20)
#define DNS_PORT    53

uint64_t uplink_now(const struct uplink *u)
{
	return keel_now_ms(keel_room_clock(u->env));
}

static void step(struct uplink *u)
{
	uint64_t now = uplink_now(u);
	if (u->state == AWAY && now >= u->due_ms)
		uplink_happen(u, DUE, NULL);
	else if (u->state == ATTEST && now >= u->vault_ms)
		uplink_fail(u, "vault");
	else if (u->state == CONNECTED)
		uplink_go_on(u, now);
}

/* --- what the vault says --- */

static enum keel_err on_attested(
	struct keel_room_env *env, enum keel_room_id from, const void *body, void *self)
{
	struct uplink *u = self;
	(void)env, (void)from;
	/* A late answer to a question before this one changes nothing. */
	if (((const struct msg_attested *)body)->id == u->opening.id)
		uplink_happen(u, ATTESTED, body);
	return KEEL_OK;
}

static enum keel_err on_renew(
	struct keel_room_env *env, enum keel_room_id from, const void *body, void *self)
{
	struct uplink *u = self;
	uint64_t soon = uplink_now(u) + UPLINK_RENEW_LEAST_MS;
	(void)env, (void)from, (void)body;
	if (u->state == CONNECTED && soon < u->stale_ms)
		u->stale_ms = soon;
	return KEEL_OK;
}

/* Of a session that is over: the vault hands it out again. */
static enum keel_err on_out(
	struct keel_room_env *env, enum keel_room_id from, const void *body, void *self)
{
	struct uplink *u = self;
	(void)env, (void)from;
	return u->state == CONNECTED ? keel_outbox_put(&u->outbox, body) : KEEL_OK;
}

static enum keel_err on_answer(
	struct keel_room_env *env, enum keel_room_id from, const void *body, void *self)
{
	struct uplink *u = self;
	(void)env, (void)from;
	keel_relay_answered(&u->relay, body);
	return KEEL_OK;
}

static enum keel_err on_noted(
	struct keel_room_env *env, enum keel_room_id from, const void *body, void *self)
{
	struct uplink *u = self;
	(void)env, (void)from;
	keel_relay_noted(&u->relay, ((const struct msg_taken *)body)->number);
	return KEEL_OK;
}

/* A vault that was started anew knows of no session. */
static void on_peer(struct keel_room_env *env, enum keel_room_id peer, bool up, void *self)
{
	struct uplink *u = self;
	(void)env;
	if (peer == ROOM_VAULT && !up && u->state != AWAY)
		uplink_fail(u, "vault");
}

static const struct keel_answer answers[] = {
	{ MSG_ATTESTED, 0, on_attested },
	{ MSG_RENEW, 0, on_renew },
	{ MSG_OUT, 0, on_out },
	{ MSG_ANSWER, 0, on_answer },
	{ MSG_NOTED, 0, on_noted },
};

/* --- the loop --- */

static void sooner(uint64_t *next, uint64_t at)
{
	if (at < *next)
		*next = at;
}

static int wait_ms(const struct uplink *u)
{
	uint64_t now = uplink_now(u), next = now + WAIT_MAX_MS;
	if (u->state == AWAY)
		sooner(&next, u->due_ms);
	if (u->state == ATTEST || keel_relay_waits(&u->relay))
		sooner(&next, u->vault_ms);
	bool idle = u->state == CONNECTED && u->relay.state == RELAY_IDLE;
	if (idle && !keel_web_busy(u->web, WEB_CALL))
		sooner(&next, u->stale_ms);
	if (idle && !keel_web_busy(u->web, WEB_POLL))
		sooner(&next, u->poll_ms);
	return next > now ? (int)(next - now) : 0;
}

static int serve(struct uplink *u)
{
	keel_room_listen(u->env, answers, KEEL_COUNT(answers), on_peer, u);
	u->due_ms = keel_backoff_next(&u->backoff, uplink_now(u), 0);
	while (!u->servers_gone) {
		int fds[ROOM_COUNT];
		struct pollfd p[ROOM_COUNT];
		keel_room_fds(u->env, fds);
		for (size_t i = 0; i < ROOM_COUNT; i++)
			p[i] = (struct pollfd){ .fd = fds[i], .events = POLLIN };
		keel_web_wait(u->web, p, ROOM_COUNT, wait_ms(u));
		for (size_t i = 0; i < ROOM_COUNT; i++)
			if (p[i].revents != 0 && !keel_room_handle(u->env, p[i].fd))
				return 0;
		step(u);
	}
	KEEL_ROOM_LOG(u->env, KEEL_LOG_WARN, "uplink.name-servers-changed",
		KEEL_LOG_WORD("next", "start"));
	return 1;
}

/* --- opening --- */

static_assert(KEEL_SERVICE_URL_MAX <= KEEL_ORIGIN_MAX, "what can be declared can be called");

static enum keel_err service_of(
	const struct keel_room_env *env, struct keel_opening *out, struct keel_fault *fault)
{
	struct keel_product p;
	struct keel_p256_pub root;
	enum keel_err e = keel_schema_read(&keel_product_schema, keel_room_product(env), &p, NULL);
	if (e == KEEL_OK && !keel_has(&p, KEEL_PRODUCT_SERVICE))
		e = KEEL_ENONE;
	if (e == KEEL_OK)
		e = keel_product_service_key(&p, root.xy);
	if (e == KEEL_OK)
		e = keel_opening_init(out, p.service.url, &root);
	if (e != KEEL_OK)
		*fault = (struct keel_fault){ .err = e,
			.what = "the declaration names no service that can be called",
			.next = "compile it again: keel compile product.yaml" };
	return e;
}

/* The roots; malloc'd, or NULL where there are none. */
static uint8_t *roots_of(const struct keel_room_env *env, size_t *n)
{
	int fd = keel_room_fd(env, "service.ca");
	struct stat st;
	if (fd < 0 || fstat(fd, &st) != 0 || st.st_size <= 0 || st.st_size > ROOTS_MAX)
		return NULL;
	uint8_t *pem = malloc((size_t)st.st_size);
	ssize_t got = pem == NULL ? -1 : pread(fd, pem, (size_t)st.st_size, 0);
	*n = got > 0 ? (size_t)got : 0;
	return pem;
}

static enum keel_err open_all(struct uplink *u, struct keel_fault *fault)
{
	size_t n = 0;
	keel_crypto_warm();
	enum keel_err e = service_of(u->env, &u->opening, fault);
	if (e != KEEL_OK)
		return e;
	uint8_t *roots = roots_of(u->env, &n);
	e = keel_web_open(u->opening.origin, (struct keel_bytes){ roots, n }, &u->web, fault);
	free(roots);
	return e;
}

int keel_uplink_run(struct keel_room_env *env, uint64_t (*random)(void *self))
{
	struct keel_fault fault = { 0 };
	struct uplink *u = calloc(1, sizeof(*u));
	KEEL_MUST(u != NULL);
	u->env = env;
	keel_backoff_init(&u->backoff, random, NULL);
	if (open_all(u, &fault) != KEEL_OK)
		return keel_room_fail(env, &fault);
	const uint16_t ports[] = { keel_web_port(u->web), DNS_PORT };
	keel_room_confine_to(env, ports, KEEL_COUNT(ports));
	int status = serve(u);
	keel_web_close(u->web);
	keel_opening_clear(&u->opening);
	free(u);
	return status;
}

static uint64_t random_bits(void *self)
{
	uint64_t bits;
	(void)self;
	keel_random(&bits, sizeof(bits));
	return bits;
}

int uplink_main(struct keel_room_env *env)
{
	return keel_uplink_run(env, random_bits);
}

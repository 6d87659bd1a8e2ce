#include "http/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/random.h>

#define CHAINS 1024

struct bucket {
	uint64_t level; /* in thousandths */
	uint64_t at_ms;
};

struct keel_http_address {
	uint8_t key[KEEL_HTTP_ADDRESS_LEN];
	unsigned bits;                  /* of the key: an address and a prefix may look the same */
	unsigned times;                 /* how many times the quota is its due */
	struct keel_http_address *wide; /* the prefix that it is in; NULL: none is counted */
	size_t connections;
	struct bucket connects;
	struct bucket requests;
	LIST_ENTRY(keel_http_address) chain;
	TAILQ_ENTRY(keel_http_address) rest; /* while it has no connection; the oldest first */
};

LIST_HEAD(chain, keel_http_address);

struct keel_http_addresses {
	struct keel_http_quota quota;
	uint64_t seed; /* so that nobody can choose addresses of one chain */
	struct chain chains[CHAINS];
	TAILQ_HEAD(, keel_http_address) resting;
	struct keel_http_address *all;
};

static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

struct keel_http_place keel_http_place_of(const struct sockaddr *sa)
{
	struct keel_http_place p = { 0 };
	if (sa->sa_family == AF_INET6) {
		struct sockaddr_in6 in6;
		memcpy(&in6, sa, sizeof(in6));
		memcpy(p.address, &in6.sin6_addr, sizeof(p.address));
		p.port = ntohs(in6.sin6_port);
	} else if (sa->sa_family == AF_INET) {
		struct sockaddr_in in;
		memcpy(&in, sa, sizeof(in));
		memcpy(p.address, mapped, sizeof(mapped));
		memcpy(p.address + sizeof(mapped), &in.sin_addr, 4);
		p.port = ntohs(in.sin_port);
	}
	return p;
}

void keel_http_place_text(const struct keel_http_place *p, char out[KEEL_HTTP_ADDRESS_TEXT])
{
	bool v4 = memcmp(p->address, mapped, sizeof(mapped)) == 0;
	const void *from = v4 ? p->address + sizeof(mapped) : p->address;
	KEEL_MUST(inet_ntop(v4 ? AF_INET : AF_INET6, from, out, KEEL_HTTP_ADDRESS_TEXT) != NULL);
}

struct keel_http_addresses *keel_http_addresses_new(
	size_t places, const struct keel_http_quota *quota)
{
	struct keel_http_addresses *t = calloc(1, sizeof(*t));
	KEEL_MUST(t != NULL && places > 0 && quota->v6_bits <= 128 && quota->v6_bits % 8 == 0);
	KEEL_MUST(quota->v6_wide_bits <= quota->v6_bits && quota->v6_wide_bits % 8 == 0);
	if (quota->v6_wide_bits > 0)
		places *= 2;
	t->all = calloc(places, sizeof(*t->all));
	KEEL_MUST(t->all != NULL);
	KEEL_MUST(getrandom(&t->seed, sizeof(t->seed), 0) == sizeof(t->seed));
	t->quota = *quota;
	TAILQ_INIT(&t->resting);
	for (size_t i = 0; i < places; i++)
		TAILQ_INSERT_TAIL(&t->resting, &t->all[i], rest);
	return t;
}

void keel_http_addresses_free(struct keel_http_addresses *t)
{
	if (t == NULL)
		return;
	free(t->all);
	free(t);
}

static struct chain *chain_of(struct keel_http_addresses *t, const uint8_t *key)
{
	uint64_t half[2];
	memcpy(half, key, sizeof(half));
	uint64_t h = (half[0] ^ t->seed) * 0x9e3779b97f4a7c15u;
	h = (h ^ h >> 29 ^ half[1]) * 0xbf58476d1ce4e5b9u;
	return &t->chains[(h ^ h >> 32) % CHAINS];
}

static bool is(const struct keel_http_address *a, const uint8_t *key, unsigned bits)
{
	return a->bits == bits && memcmp(a->key, key, sizeof(a->key)) == 0;
}

/* A new address takes the place of the one that has been away longest. */
static struct keel_http_address *find(
	struct keel_http_addresses *t, const uint8_t *key, unsigned bits, unsigned times)
{
	struct chain *chain = chain_of(t, key);
	struct keel_http_address *a;
	LIST_FOREACH(a, chain, chain)
	if (is(a, key, bits))
		return a;
	a = TAILQ_FIRST(&t->resting);
	if (a == NULL)
		return NULL;
	if (a->chain.le_prev != NULL)
		LIST_REMOVE(a, chain);
	memcpy(a->key, key, sizeof(a->key));
	a->bits = bits;
	a->times = times;
	a->wide = NULL;
	a->connects = (struct bucket){ .level = 1000ull * times * t->quota.connects.at_once };
	a->requests = (struct bucket){ .level = 1000ull * times * t->quota.requests.at_once };
	LIST_INSERT_HEAD(chain, a, chain);
	return a;
}

/* A token bucket: fills by a_second, holds at_once. */
static bool take(
	struct bucket *b, const struct keel_http_rate *rate, unsigned times, uint64_t now_ms)
{
	if (rate->a_second == 0)
		return true;
	uint64_t full = 1000ull * times * rate->at_once;
	uint64_t flow = (uint64_t)times * rate->a_second;
	uint64_t passed = now_ms > b->at_ms ? now_ms - b->at_ms : 0;
	uint64_t missing = full - b->level;
	b->level = passed >= missing / flow + 1 ? full : b->level + passed * flow;
	b->at_ms = now_ms;
	if (b->level < 1000)
		return false;
	b->level -= 1000;
	return true;
}

/* Counts it in at an address, or at a prefix. */
static struct keel_http_address *enter_one(struct keel_http_addresses *t, const uint8_t *address,
	unsigned bits, unsigned times, uint64_t now_ms)
{
	uint8_t key[KEEL_HTTP_ADDRESS_LEN] = { 0 };
	memcpy(key, address, bits / 8);
	struct keel_http_address *a = find(t, key, bits, times);
	if (a == NULL || a->connections >= times * t->quota.connections)
		return NULL;
	if (!take(&a->connects, &t->quota.connects, times, now_ms))
		return NULL;
	if (a->connections++ == 0)
		TAILQ_REMOVE(&t->resting, a, rest);
	return a;
}

static void leave_one(struct keel_http_addresses *t, struct keel_http_address *a)
{
	if (--a->connections == 0)
		TAILQ_INSERT_TAIL(&t->resting, a, rest);
}

/*
 * The address first: what it is refused, its neighbours do not pay for. While it has a connection, its
 * prefix has one too, so that the prefix keeps its place.
 */
struct keel_http_address *keel_http_address_enter(
	struct keel_http_addresses *t, const struct keel_http_place *from, uint64_t now_ms)
{
	const struct keel_http_quota *q = &t->quota;
	bool v4 = memcmp(from->address, mapped, sizeof(mapped)) == 0;
	struct keel_http_address *a = enter_one(t, from->address, v4 ? 128 : q->v6_bits, 1, now_ms);
	if (a == NULL || v4 || q->v6_wide_bits == 0)
		return a;
	struct keel_http_address *wide =
		enter_one(t, from->address, q->v6_wide_bits, q->v6_wide_times, now_ms);
	if (wide != NULL) {
		a->wide = wide;
		return a;
	}
	leave_one(t, a);
	return NULL;
}

void keel_http_address_leave(struct keel_http_addresses *t, struct keel_http_address *a)
{
	if (a->wide != NULL)
		leave_one(t, a->wide);
	leave_one(t, a);
}

bool keel_http_address_ask(
	const struct keel_http_addresses *t, struct keel_http_address *a, uint64_t now_ms)
{
	const struct keel_http_rate *rate = &t->quota.requests;
	return take(&a->requests, rate, 1, now_ms) &&
	       (a->wide == NULL || take(&a->wide->requests, rate, a->wide->times, now_ms));
}

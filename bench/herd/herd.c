/*
 * A hundred thousand devices come back after an outage, in virtual time, by the very code that the
 * uplink waits by (src/device/uplink/backoff.h). What else could be done is that code, given other
 * random bits (no jitter: always the widest wait) or not told what the service asked.
 *
 *	herd [--devices N] [--outage S] [--rate SESSIONS_A_SECOND] [--queue S] [--ask S] [--series]
 *
 * The service does `rate` sessions a second and lets as many wait as it does in `queue` seconds. Whom
 * it has no place for it turns away with Retry-After; that costs it a share of a session, too, for it
 * shakes hands before it can say so. Where even that would take longer than a device waits, the
 * device goes without an answer. --series prints, for each second, attempts and who is back.
 */
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/err.h"
#include "device/uplink/backoff.h"

#define SECONDS_MAX  7200
#define REFUSAL_PART 0.25  /* of a session: TLS's handshake without the statement's checks */
#define PATIENCE_MS  20000 /* the uplink's, for an answer */

struct service {
	uint64_t devices, outage_s, rate, queue_s, ask_s;
};

struct way {
	const char *name;
	uint64_t (*random)(void *self);
	bool heeds; /* what the service asks */
};

struct device {
	struct keel_backoff backoff;
	uint64_t due_ms;
};

struct outcome {
	uint64_t attempts[SECONDS_MAX]; /* in each second after the outage began */
	uint64_t back[SECONDS_MAX];
	uint64_t refused, lost, last_ms;
};

/* --- chance, the same in every run (splitmix64) --- */

static uint64_t chance(void *self)
{
	uint64_t *state = self;
	uint64_t z = (*state += 0x9e3779b97f4a7c15u);
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

static uint64_t none(void *self)
{
	(void)self;
	return UINT64_MAX;
}

/* --- the devices, the next one first: a heap of their numbers --- */

struct heap {
	const struct device *of;
	uint32_t *at;
	size_t n;
};

static bool sooner(const struct heap *h, size_t a, size_t b)
{
	return h->of[h->at[a]].due_ms < h->of[h->at[b]].due_ms;
}

static void swap(struct heap *h, size_t a, size_t b)
{
	uint32_t t = h->at[a];
	h->at[a] = h->at[b];
	h->at[b] = t;
}

static void sink(struct heap *h, size_t i)
{
	for (size_t child; (child = 2 * i + 1) < h->n; i = child) {
		if (child + 1 < h->n && sooner(h, child + 1, child))
			child++;
		if (!sooner(h, child, i))
			return;
		swap(h, i, child);
	}
}

static void heapify(struct heap *h)
{
	for (size_t i = h->n / 2; i-- > 0;)
		sink(h, i);
}

/* --- one run --- */

enum end { BACK, REFUSED, LOST };

/* free_at: when the service has done what it took so far, in ms. */
static enum end attempt(const struct service *s, uint64_t now_ms, double *free_at)
{
	double now = (double)now_ms, cost = 1000.0 / (double)s->rate;
	if (now_ms < s->outage_s * 1000)
		return LOST;
	*free_at = *free_at > now ? *free_at : now;
	double waits = *free_at - now;
	if (waits > PATIENCE_MS)
		return LOST;
	bool taken = waits <= (double)(s->queue_s * 1000);
	*free_at += taken ? cost : cost * REFUSAL_PART;
	return taken ? BACK : REFUSED;
}

static void count(struct outcome *o, uint64_t now_ms, enum end end)
{
	o->attempts[now_ms / 1000]++;
	o->refused += end == REFUSED;
	o->lost += end == LOST;
	if (end != BACK)
		return;
	o->back[now_ms / 1000]++;
	o->last_ms = now_ms;
}

/* All lose the service at one moment, as when it is restarted: the worst that can happen. */
static void run(const struct service *s, const struct way *w, struct outcome *o)
{
	size_t n = (size_t)s->devices;
	struct device *devices = calloc(n, sizeof(*devices));
	struct heap h = { .of = devices, .at = calloc(n, sizeof(*h.at)), .n = n };
	uint64_t seed = 4;
	double free_at = 0;
	KEEL_MUST(devices != NULL && h.at != NULL);
	for (size_t i = 0; i < h.n; i++) {
		keel_backoff_init(&devices[i].backoff, w->random, &seed);
		devices[i].due_ms = keel_backoff_next(&devices[i].backoff, 0, 0);
		h.at[i] = (uint32_t)i;
	}
	heapify(&h);
	while (h.n > 0) {
		struct device *d = &devices[h.at[0]];
		if (d->due_ms >= SECONDS_MAX * 1000ull)
			break; /* not all came back */
		enum end end = attempt(s, d->due_ms, &free_at);
		count(o, d->due_ms, end);
		if (end == BACK)
			h.at[0] = h.at[--h.n];
		else
			d->due_ms = keel_backoff_next(
				&d->backoff, d->due_ms, end == REFUSED && w->heeds ? s->ask_s : 0);
		sink(&h, 0);
	}
	free(h.at);
	free(devices);
}

/* --- what is told --- */

static uint64_t second_by_which(const struct service *s, const struct outcome *o, uint64_t percent)
{
	uint64_t back = 0;
	for (uint64_t t = 0; t < SECONDS_MAX; t++) {
		back += o->back[t];
		if (back * 100 >= s->devices * percent)
			return t < s->outage_s ? 0 : t - s->outage_s + 1;
	}
	return UINT64_MAX;
}

static void print_second(uint64_t s)
{
	if (s == UINT64_MAX)
		(void)printf(" %8s", "never");
	else
		(void)printf(" %6llu s", (unsigned long long)s);
}

static void tell(const struct service *s, const struct way *w, const struct outcome *o)
{
	uint64_t peak = 0;
	for (uint64_t t = s->outage_s; t < SECONDS_MAX; t++)
		peak = o->attempts[t] > peak ? o->attempts[t] : peak;
	(void)printf("%-20s %8llu/s", w->name, (unsigned long long)peak);
	print_second(second_by_which(s, o, 50));
	print_second(second_by_which(s, o, 99));
	print_second(second_by_which(s, o, 100));
	(void)printf(
		" %10llu %10llu\n", (unsigned long long)o->refused, (unsigned long long)o->lost);
}

static void series(const struct way *w, const struct outcome *o)
{
	uint64_t back = 0;
	for (uint64_t t = 0; t <= o->last_ms / 1000; t++) {
		back += o->back[t];
		(void)printf("%s\t%llu\t%llu\t%llu\n", w->name, (unsigned long long)t,
			(unsigned long long)o->attempts[t], (unsigned long long)back);
	}
}

static const struct way ways[] = {
	{ "keel", chance, true },
	{ "Retry-After ignored", chance, false },
	{ "no jitter", none, true },
	{ "neither", none, false },
};

static bool options_read(int argc, char **argv, struct service *s, bool *plot)
{
	uint64_t *numbers[] = { &s->devices, &s->outage_s, &s->rate, &s->queue_s, &s->ask_s };
	static const struct option names[] = { { "devices", required_argument, NULL, 0 },
		{ "outage", required_argument, NULL, 1 }, { "rate", required_argument, NULL, 2 },
		{ "queue", required_argument, NULL, 3 }, { "ask", required_argument, NULL, 4 },
		{ "series", no_argument, NULL, 5 }, { 0 } };
	for (int name; (name = getopt_long(argc, argv, "", names, NULL)) != -1;) {
		if (name == '?')
			return false;
		if (name == 5)
			*plot = true;
		else
			*numbers[name] = strtoull(optarg, NULL, 10);
	}
	return s->devices > 0 && s->devices <= UINT32_MAX && s->rate > 0 &&
	       s->outage_s < SECONDS_MAX;
}

int main(int argc, char **argv)
{
	struct service s = { 100000, 5, 1500, 4, 60 };
	struct outcome *o = calloc(1, sizeof(*o));
	bool plot = false;
	KEEL_MUST(o != NULL);
	if (!options_read(argc, argv, &s, &plot)) {
		(void)fputs("herd: the options are in bench/herd/herd.c\n", stderr);
		return 2;
	}
	if (!plot)
		(void)printf("%-20s %10s %8s %8s %8s %10s %10s\n", "", "peak", "50 %", "99 %",
			"all", "refused", "unheard");
	for (size_t i = 0; i < KEEL_COUNT(ways); i++) {
		memset(o, 0, sizeof(*o));
		run(&s, &ways[i], o);
		if (plot)
			series(&ways[i], o);
		else
			tell(&s, &ways[i], o);
	}
	free(o);
	return 0;
}

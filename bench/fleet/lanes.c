#include "fleet/lanes.h"

#include <stdlib.h>

#include "bare.h"

struct lanes {
	const struct errand *errands;
	size_t count, stride;
	size_t open; /* connections that are there, and later: that have something to do */
	double *took_us;
};
struct lane {
	struct lanes *of;
	struct client client;
	size_t at; /* its errand now */
	double since_us;
};

static void leave(struct lanes *l, struct event_base *base)
{
	if (--l->open == 0)
		(void)event_base_loopbreak(base);
}

static void send_next(struct lane *lane)
{
	struct lanes *l = lane->of;
	if (lane->at >= l->count) {
		leave(l, lane->client.all->base);
		return;
	}
	lane->since_us = keel_now_us();
	client_send(&lane->client, l->errands[lane->at].request);
}

static void answered(struct client *c, struct keel_bytes body)
{
	struct lane *lane = c->self;
	const struct errand *e = &lane->of->errands[lane->at];
	lane->of->took_us[lane->at] = keel_now_us() - lane->since_us;
	if (e->take != NULL)
		e->take(e->self, body);
	lane->at += lane->of->stride;
	send_next(lane);
}

static void connected(struct client *c)
{
	struct lane *lane = c->self;
	leave(lane->of, c->all->base);
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static struct lanes_result result_of(struct lanes *l, double us)
{
	qsort(l->took_us, l->count, sizeof(*l->took_us), by_size);
	return (struct lanes_result){ .a_second = (double)l->count * 1e6 / us,
		.p50_ms = l->took_us[l->count / 2] / 1e3,
		.p99_ms = l->took_us[l->count * 99 / 100] / 1e3,
		.max_ms = l->took_us[l->count - 1] / 1e3 };
}

struct lanes_result lanes_run(
	struct clients *all, size_t lanes, const struct errand *errands, size_t count)
{
	struct lanes l = { .errands = errands, .count = count, .stride = lanes, .open = lanes };
	struct lane *lane = calloc(lanes, sizeof(*lane));
	l.took_us = calloc(count, sizeof(*l.took_us));
	KEEL_MUST(lane != NULL && l.took_us != NULL);
	for (size_t i = 0; i < lanes; i++) {
		lane[i] = (struct lane){ .of = &l,
			.at = i,
			.client = { .all = all, .connected = connected, .answered = answered } };
		lane[i].client.self = &lane[i];
		client_open(&lane[i].client);
	}
	(void)event_base_dispatch(all->base);
	double from = keel_now_us();
	l.open = lanes;
	for (size_t i = 0; i < lanes; i++)
		send_next(&lane[i]);
	(void)event_base_dispatch(all->base);
	struct lanes_result r = result_of(&l, keel_now_us() - from);
	for (size_t i = 0; i < lanes; i++)
		client_close(&lane[i].client);
	free(lane);
	free(l.took_us);
	return r;
}

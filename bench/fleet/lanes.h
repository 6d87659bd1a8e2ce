/*
 * Requests that were made ready before the clock starts, on so many connections with one outstanding
 * each: connection k sends the requests k, k + lanes, k + 2 lanes …, each when the one before is answered.
 */
#ifndef KEEL_BENCH_FLEET_LANES_H
#define KEEL_BENCH_FLEET_LANES_H

#include "fleet/client.h"

struct errand {
	struct keel_bytes request;
	/* NULL: the answer says nothing that is needed. The body's bytes live until it returns. */
	void (*take)(void *self, struct keel_bytes body);
	void *self;
};

struct lanes_result {
	double a_second;
	double p50_ms, p99_ms, max_ms; /* of one request */
};

/** The connections are open before the clock starts. */
struct lanes_result lanes_run(
	struct clients *all, size_t lanes, const struct errand *errands, size_t count);

#endif

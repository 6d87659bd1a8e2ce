#include "core/clock.h"

static uint64_t now(void *self)
{
	const struct keel_test_clock *c = self;
	return c->ms;
}

static int64_t wall(void *self)
{
	const struct keel_test_clock *c = self;
	return c->wall;
}

struct keel_clock keel_test_clock_of(struct keel_test_clock *c)
{
	return (struct keel_clock){ .now_ms = now, .wall_s = wall, .self = c };
}

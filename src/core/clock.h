/* The clock seam: a device's sense of time, which a test can drive. */
#ifndef KEEL_CORE_CLOCK_H
#define KEEL_CORE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

/** now_ms: since boot, never goes back. wall_s: Unix time, or 0 while it is not known. */
struct keel_clock {
	uint64_t (*now_ms)(void *self);
	int64_t (*wall_s)(void *self);
	void *self;
};

static inline uint64_t keel_now_ms(const struct keel_clock *c)
{
	return c->now_ms(c->self);
}

static inline int64_t keel_wall_s(const struct keel_clock *c)
{
	return c->wall_s(c->self);
}

/** A clock that a test moves by hand. */
struct keel_test_clock {
	uint64_t ms;
	int64_t wall;
};

struct keel_clock keel_test_clock_of(struct keel_test_clock *c);

#endif

/* One YAML scalar as the C value of its kind (core/schema.h). */
#ifndef KEEL_PROFILE_SCALAR_H
#define KEEL_PROFILE_SCALAR_H

#include "core/schema.h"

/* What a scalar came to; u for unsigned kinds, choices and bools. */
struct keel_scalar {
	int64_t i;
	uint64_t u;
};

/** A decimal with at most three places, as thousandths. False: not one. */
bool keel_scalar_number(struct keel_bytes text, int64_t *out);
/** "2 days", "24 hours", "90 s": seconds. */
bool keel_scalar_duration(struct keel_bytes text, uint64_t *out);
/** "2026-12-01": days since 1970-01-01; only dates that exist. */
bool keel_scalar_date(struct keel_bytes text, int64_t *out);
/** Decimal digits without a leading zero. */
bool keel_scalar_uint(struct keel_bytes text, uint64_t *out);

#endif

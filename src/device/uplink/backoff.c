#include "device/uplink/backoff.h"

/* Further doublings change nothing: the cap is below. */
#define DOUBLINGS_MAX 16

void keel_backoff_init(struct keel_backoff *b, uint64_t (*random)(void *self), void *self)
{
	*b = (struct keel_backoff){ .random = random, .self = self };
}

void keel_backoff_opened(struct keel_backoff *b, uint64_t now_ms)
{
	if (b->opened_ms == 0)
		b->opened_ms = now_ms > 0 ? now_ms : 1;
}

static uint64_t window_ms(unsigned failed)
{
	unsigned doublings = failed < DOUBLINGS_MAX ? failed : DOUBLINGS_MAX;
	uint64_t window = (uint64_t)KEEL_BACKOFF_FIRST_MS << doublings;
	return window < KEEL_BACKOFF_CAP_MS ? window : KEEL_BACKOFF_CAP_MS;
}

/* 0..max, both with the same chance as all between: max has fewer than 32 bits. */
static uint64_t part_of(struct keel_backoff *b, uint64_t max)
{
	return ((b->random(b->self) >> 32) * (max + 1)) >> 32;
}

uint64_t keel_backoff_next(struct keel_backoff *b, uint64_t now_ms, uint64_t asked_s)
{
	if (b->opened_ms > 0 && now_ms - b->opened_ms >= KEEL_BACKOFF_STEADY_MS)
		b->failed = 0;
	b->opened_ms = 0;
	uint64_t asked =
		(asked_s < KEEL_BACKOFF_ASKED_MAX ? asked_s : KEEL_BACKOFF_ASKED_MAX) * 1000;
	uint64_t window = window_ms(b->failed++);
	uint64_t least = asked > KEEL_BACKOFF_LEAST_MS ? asked : KEEL_BACKOFF_LEAST_MS;
	return now_ms + least + part_of(b, window > asked ? window : asked);
}

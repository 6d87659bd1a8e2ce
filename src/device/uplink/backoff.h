/*
 * When to try again: capped exponential back-off with full jitter, so that a hundred thousand devices
 * that lost one service do not come back at one moment (docs/herd.md). A wait is
 *
 *	floor + a random part of the window
 *
 * The window doubles with each failure, from FIRST to CAP. The floor is LEAST, or what the service
 * asked for (Retry-After); the window is then at least as wide as that wait, for whoever was turned
 * away together would otherwise come together. A session that lasted STEADY ends the count.
 * EN 303 645 5.9-3. Pure: no clock and no generator but what the caller gives.
 */
#ifndef KEEL_DEVICE_UPLINK_BACKOFF_H
#define KEEL_DEVICE_UPLINK_BACKOFF_H

#include <stdint.h>

#define KEEL_BACKOFF_LEAST_MS  250    /* no two attempts are nearer */
#define KEEL_BACKOFF_FIRST_MS  10000  /* the window after the first failure */
#define KEEL_BACKOFF_CAP_MS    300000 /* and the widest without the service's word */
#define KEEL_BACKOFF_ASKED_MAX 3600   /* s; a service that asks for more is mistaken */
#define KEEL_BACKOFF_STEADY_MS 60000  /* a session that lasted so long was one */

struct keel_backoff {
	uint64_t (*random)(void *self); /* 64 random bits */
	void *self;
	unsigned failed;    /* attempts, since a session lasted */
	uint64_t opened_ms; /* when the session began that is there now; 0: none */
};

void keel_backoff_init(struct keel_backoff *b, uint64_t (*random)(void *self), void *self);
/** A session is open. One that is renewed without a break is the same one. */
void keel_backoff_opened(struct keel_backoff *b, uint64_t now_ms);
/**
 * An attempt failed, or the session ended: gives when the next one is due, by the same clock.
 * asked_s: what the service said in Retry-After; 0: nothing.
 */
uint64_t keel_backoff_next(struct keel_backoff *b, uint64_t now_ms, uint64_t asked_s);

#endif

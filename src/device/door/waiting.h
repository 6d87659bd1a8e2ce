/* The requests that wait for the vault's answer: few in all, fewer of one address. */
#ifndef KEEL_DEVICE_DOOR_WAITING_H
#define KEEL_DEVICE_DOOR_WAITING_H

#include "http/server.h"

#define KEEL_WAITING_MAX         16
#define KEEL_WAITING_ADDRESS_MAX 4

/** Private but for its size; starts as {0}. */
struct keel_waiting {
	uint64_t last; /* the last id that was given */
	struct {
		uint64_t id; /* 0: nobody waits here */
		struct keel_http_call *call;
	} of[KEEL_WAITING_MAX];
};

/** Gives an id that none had before. KEEL_EFULL: too many wait, in all or from this address. */
KEEL_CHECKED enum keel_err keel_waiting_add(
	struct keel_waiting *w, struct keel_http_call *call, uint64_t *id);
/** Takes the call of that id out. NULL: nobody waits for it (any more). */
struct keel_http_call *keel_waiting_take(struct keel_waiting *w, uint64_t id);
/** Forgets a call that ended by itself. */
void keel_waiting_forget(struct keel_waiting *w, const struct keel_http_call *call);
/** Takes out any call; NULL: nobody waits. */
struct keel_http_call *keel_waiting_take_any(struct keel_waiting *w);

#endif

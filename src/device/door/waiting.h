/*
 * The requests that wait for the vault's answer: few in all, fewer of one address, and only some of
 * them at the vault, which works at one after the other. Who floods waits behind themselves: the
 * vault gets the oldest, and an address that has no place yet gets one of whoever has most.
 *
 * What the vault was asked stays its until it has answered, whether anybody waits for that or not: a
 * client that goes leaves its request there, and it counts as its address's.
 */
#ifndef KEEL_DEVICE_DOOR_WAITING_H
#define KEEL_DEVICE_DOOR_WAITING_H

#include "device/messages.h"
#include "http/server.h"

#define KEEL_WAITING_MAX         16
#define KEEL_WAITING_ADDRESS_MAX 4
#define KEEL_WAITING_ASKED_MAX   4 /* at the vault: so many of the longest fit into its line */

struct keel_waiting_place {
	uint64_t id; /* 0: nobody waits here */
	bool asked;  /* the vault has it, or had */
	struct keel_http_call *call;
	enum keel_path path;
	size_t n;
	uint8_t body[KEEL_REQUEST_MAX];
};

/* What the vault was asked and has not answered. */
struct keel_waiting_asked {
	uint64_t id; /* 0: nothing */
	uint8_t address[KEEL_HTTP_ADDRESS_LEN];
};

/** Private but for its size; starts as {0}. */
struct keel_waiting {
	uint64_t last; /* the last id that was given */
	struct keel_waiting_place of[KEEL_WAITING_MAX];
	struct keel_waiting_asked asked[KEEL_WAITING_ASKED_MAX];
};

/**
 * Takes the call in, with a copy of its body. KEEL_EFULL: too many wait, in all or from this address.
 *
 * moved  who had to make way and waits no more, or NULL
 */
KEEL_CHECKED enum keel_err keel_waiting_add(struct keel_waiting *w, struct keel_http_call *call,
	enum keel_path path, struct keel_http_call **moved);
/** The next that the vault is to be asked; it counts as asked. NULL: none, or it has enough. */
const struct keel_waiting_place *keel_waiting_next(struct keel_waiting *w);
/**
 * The vault answered (or cannot be asked): takes the call of that id out. NULL: nobody waits for it
 * (any more). The vault answers in order: what it was asked before and nobody waits for is over, too.
 */
struct keel_http_call *keel_waiting_take(struct keel_waiting *w, uint64_t id);
/** Forgets a call that ended by itself. */
void keel_waiting_forget(struct keel_waiting *w, const struct keel_http_call *call);
/** The vault ended: takes out any call. NULL: nobody waits, and the next vault has been asked nothing. */
struct keel_http_call *keel_waiting_take_any(struct keel_waiting *w);

#endif

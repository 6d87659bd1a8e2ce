/*
 * The two ways to a hub: its own door, at home, and the maker's service, from anywhere. The same sealed
 * bytes go either way; the service carries them, and can do no more with them. docs/service.md.
 */
#ifndef KEEL_CLI_WAY_H
#define KEEL_CLI_WAY_H

#include "cli/keys.h"

/** Which way this run goes. Begins as {0}: at home. */
struct keel_way {
	bool away;
	bool json;      /* how it is told */
	bool told;      /* which way it is */
	uint64_t heard; /* away: when the service last heard the hub, Unix seconds */
};

/** Turns to the service for the rest of the run; false where there is none, or it was turned to before. */
bool keel_way_turn(struct keel_way *way, const struct keel_keys *keys);

/** What came of a request. */
struct keel_carried {
	struct keel_bytes answer; /* a view into the buffer; {0} where nothing came */
	long status;              /* 0 where none came */
	bool by_hub;              /* false: the service's own refusal */
};

/**
 * keel_post of a sealed request to /v1/request, on this way: what the hub's door gives, or, in its
 * place, what the service says to it. out is set on error, too.
 * KEEL_EIO, KEEL_EFORM: no answer, or none of the kind; the fault tells.
 */
KEEL_CHECKED enum keel_err keel_way_post(struct keel_way *way, const struct keel_keys *keys,
	const struct keel_member *m, struct keel_bytes sealed, uint8_t buf[KEEL_POST_MAX],
	struct keel_carried *out, struct keel_fault *fault);

/**
 * Tells on standard error which way it went, once, where there are two; for a script as an object
 * {"way": "home"}, or {"way": "away", "service": URL, "last_heard": Unix seconds}.
 */
void keel_way_tell(struct keel_way *way, const struct keel_keys *keys);

#endif

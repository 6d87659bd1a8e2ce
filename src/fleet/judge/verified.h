/*
 * The sessions that a worker has seen: token's digest to its claims and key, so that a call costs a
 * hash and a MAC. Nothing is lost with it: a token that is not there is verified once more.
 */
#ifndef KEEL_FLEET_JUDGE_VERIFIED_H
#define KEEL_FLEET_JUDGE_VERIFIED_H

#include "owner/names.h"

/** What a verified token says, and the key that both sides agree. */
struct keel_session {
	struct keel_key key;
	uint8_t device[KEEL_DEVICE_ID_LEN];
	uint8_t home[KEEL_HOME_ID_LEN];
	size_t home_n; /* 0 in the factory state */
	int64_t expires;
	bool only_updates;
};

struct keel_verified;

/** Holds at most so many sessions (some 170 bytes each); beyond it the one that came first makes way. */
struct keel_verified *keel_verified_new(size_t capacity);
/** Wipes every key. */
void keel_verified_free(struct keel_verified *v);

/** NULL: not there, or expired. Valid until the next change. */
const struct keel_session *keel_verified_find(
	struct keel_verified *v, const struct keel_digest *token, int64_t now);
/** Gives what was kept. A token that is there already keeps its place. */
const struct keel_session *keel_verified_keep(struct keel_verified *v,
	const struct keel_digest *token, const struct keel_session *session);
/** A device's sessions go; the caller knows that its tokens are no longer good (revoked). */
void keel_verified_forget(struct keel_verified *v, const uint8_t device[KEEL_DEVICE_ID_LEN]);
size_t keel_verified_count(const struct keel_verified *v);

#endif

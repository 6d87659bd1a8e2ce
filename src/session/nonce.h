/*
 * The service's nonce: its time, 8 random bytes, and a MAC over both, so that any worker that has the
 * key knows it again and nobody keeps a list. docs/service.md, Opening a session. EN 303 645 5.5-1.
 */
#ifndef KEEL_SESSION_NONCE_H
#define KEEL_SESSION_NONCE_H

#include "crypto/crypto.h"

#define KEEL_SESSION_NONCE_LEN    32 /* time 8, random 8, MAC 16 */
#define KEEL_SESSION_NONCE_AGE_S  60
#define KEEL_SESSION_NONCE_SKEW_S 5 /* by which the clock of another worker may be ahead */

/** key: the workers' own, for nothing else. */
void keel_session_nonce_make(
	const struct keel_key *key, int64_t now, uint8_t nonce[KEEL_SESSION_NONCE_LEN]);
/** KEEL_EAUTH: not ours. KEEL_ESTALE: older than its age, or from a time to come. */
KEEL_CHECKED enum keel_err keel_session_nonce_check(
	const struct keel_key *key, struct keel_bytes nonce, int64_t now);

#endif

/*
 * Judges a call in a session: whose it is, and what it says. docs/service.md, Calls in a session.
 * EN 303 645 5.5-1, 5.5-7.
 */
#ifndef KEEL_FLEET_JUDGE_CALLS_H
#define KEEL_FLEET_JUDGE_CALLS_H

#include "fleet/judge/verified.h"
#include "session/call.h"

#define KEEL_JUDGE_KEYS 4 /* pairs S that are good at the same time: while one rolls over, two */

/** A pair S as a worker has it: it verifies by S.sign, and agrees by S.agree. */
struct keel_judge_key {
	uint8_t st[KEEL_THUMBPRINT_LEN];
	struct keel_p256_opened sign;
	struct keel_agreer agree;
	int64_t until; /* the voucher's */
};
struct keel_judge_keys {
	struct keel_judge_key key[KEEL_JUDGE_KEYS];
	size_t count;
};

/** A body as it came, and the session it is of. Lives as long as both. */
struct keel_judge_call {
	struct keel_call call;
	const struct keel_session *session;
};

/**
 * Whose call it is: from what was verified before, or by its token, which is then kept.
 *
 * KEEL_ESHORT, KEEL_EFORM, KEEL_ERANGE: not a call. KEEL_EAUTH: no key of ours signed its token, or
 * for another origin. KEEL_ESTALE: token or key have ended. The three last: open a session anew.
 */
KEEL_CHECKED enum keel_err keel_judge_call(struct keel_verified *v,
	const struct keel_judge_keys *keys, struct keel_bytes origin, int64_t now,
	struct keel_bytes body, struct keel_judge_call *out);
/** What it says: keel_call_open under the session's key, for its device and home. */
KEEL_CHECKED enum keel_err keel_judge_call_args(const struct keel_judge_call *call,
	const char *path, const struct keel_schema *schema, void *args);

#endif

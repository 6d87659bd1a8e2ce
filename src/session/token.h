/*
 * The token of a session: a CWT (RFC 8392), Sign1 by S.sign with kid ST, bound to the session's key C
 * by cnf (RFC 8747). Any worker checks it without a database. It is good for nobody who does not hold
 * C: session/call.h. docs/service.md, Opening a session. EN 303 645 5.5-1, 5.5-5.
 */
#ifndef KEEL_SESSION_TOKEN_H
#define KEEL_SESSION_TOKEN_H

#include "crypto/cose_key.h"
#include "owner/names.h"

#define KEEL_TOKEN_MAX    768
#define KEEL_TOKEN_TTL_S  900
#define KEEL_TOKEN_SKEW_S 5 /* by which the clock of the worker that issued it may be ahead */
#define KEEL_ORIGIN_MAX   128
#define KEEL_CTI_LEN      16

struct keel_token {
	uint32_t has;
	struct keel_bytes issuer, audience; /* both the service's origin */
	int64_t expires, issued;
	struct keel_bytes cti;
	struct keel_cnf cnf; /* C */
	struct keel_bytes device;
	struct keel_bytes home; /* empty in the factory state */
	bool only_updates;      /* in quarantine: nothing but the inbox of updates */
};
extern const struct keel_schema keel_token_schema;

/** KEEL_ERANGE: a claim that the schema forbids, or it would not be valid for a second. KEEL_EFULL. */
KEEL_CHECKED enum keel_err keel_token_write(const struct keel_signer *sign,
	const uint8_t st[KEEL_THUMBPRINT_LEN], const struct keel_token *token, struct keel_wr *w);
/** By which S it says that it was signed, unverified: to look the key up. KEEL_EFORM: no token. */
KEEL_CHECKED enum keel_err keel_token_kid(struct keel_bytes in, uint8_t st[KEEL_THUMBPRINT_LEN]);
/**
 * Verified under S.sign; views live as long as `in`.
 *
 * now  Unix seconds, or 0 for a device that does not know the time
 *
 * KEEL_EAUTH: not signed by this key, changed, or for another origin. KEEL_ESTALE: it expired, or is
 * of a time to come. KEEL_ESHORT, KEEL_EFORM, KEEL_ERANGE.
 */
KEEL_CHECKED enum keel_err keel_token_verify(const struct keel_p256_opened *key,
	struct keel_bytes in, struct keel_bytes origin, int64_t now, struct keel_token *out);

#endif

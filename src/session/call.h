/*
 * A call in a session: [token, Mac0], MACed by a key that both sides agree from C (the session's key,
 * which the token names) and S.agree, so that a stolen token is good for nobody. The path is under the
 * MAC as external AAD. docs/service.md, Calls in a session; docs/decisions/0013. EN 303 645 5.5-1, 5.5-7.
 */
#ifndef KEEL_SESSION_CALL_H
#define KEEL_SESSION_CALL_H

#include "owner/names.h"

#define KEEL_CALL_MAX 65536 /* a whole body */

#define KEEL_PATH_NONCE   "/v1/session/nonce"
#define KEEL_PATH_SESSION "/v1/session"
#define KEEL_PATH_REPORT  "/v1/report"
#define KEEL_PATH_INBOX   "/v1/inbox"
#define KEEL_PATH_ANSWER  "/v1/answer"

/**
 * The key of a session. The device: C and S.agree; the service: S.agree and the token's cnf.
 * KEEL_EAUTH: peer's point is not on the curve. An error of the agreer's.
 */
KEEL_CHECKED enum keel_err keel_session_key(const struct keel_agreer *own,
	const struct keel_p256_pub *peer, struct keel_bytes token, struct keel_key *out);

/** In whose name a device calls: what it holds while its session lasts. */
struct keel_caller {
	struct keel_bytes token;
	const struct keel_key *key;
	struct keel_bytes device, home; /* as the token names them */
};
/** A body for a path. KEEL_ERANGE: args that their schema forbids. KEEL_EFULL. 128 KiB of stack. */
KEEL_CHECKED enum keel_err keel_call_write(const struct keel_caller *caller, const char *path,
	const struct keel_schema *schema, const void *args, struct keel_wr *w);

/** A body as it came. The token says under which key the other half is to be opened. */
struct keel_call {
	uint32_t has;
	struct keel_bytes token, mac0;
};
extern const struct keel_schema keel_call_schema;
/**
 * Opens the other half, once the token is verified and its key agreed; views in args live as long as
 * the body.
 *
 * KEEL_EAUTH: not under this key, changed, or made for another path, device or home.
 * KEEL_ESHORT, KEEL_EFORM, KEEL_ERANGE: not a call, or args that the schema does not allow.
 */
KEEL_CHECKED enum keel_err keel_call_open(const struct keel_call *call, const struct keel_key *key,
	const char *path, struct keel_bytes device, struct keel_bytes home,
	const struct keel_schema *schema, void *args);

#endif

/*
 * How a session opens: the bodies of /v1/session/nonce (whose request is empty, keel_nothing_schema)
 * and of /v1/session. docs/service.md, Opening a session. EN 303 645 5.5-1, 5.7-1.
 */
#ifndef KEEL_SESSION_OPEN_H
#define KEEL_SESSION_OPEN_H

#include "owner/ops.h"
#include "session/nonce.h"
#include "session/time.h"

struct keel_nonce_result {
	uint32_t has;
	struct keel_bytes nonce;
	struct keel_bytes voucher;
};
extern const struct keel_schema keel_nonce_result_schema;

struct keel_open_args {
	uint32_t has;
	struct keel_bytes statement;   /* Sign1 by D, the session's profile */
	struct keel_bytes endorsement; /* Sign1 by the maker */
	struct keel_bytes owners;      /* Sign1 by D, envelope 11; absent in the factory state */
	struct keel_bytes nonce;       /* the device's, for the signed time */
};
extern const struct keel_schema keel_open_args_schema;
enum { KEEL_OPEN_OWNERS = 2 }; /* its row, for keel_has */

struct keel_open_result {
	uint32_t has;
	struct keel_bytes token;
	uint64_t valid_s;
	bool only_updates;
	uint64_t taken;         /* last report of this home that is durable */
	struct keel_bytes time; /* Sign1 by S.sign */
};
extern const struct keel_schema keel_open_result_schema;

#endif

/*
 * What an owner asks and what the device answers: the frames and the table of operations.
 * docs/protocol.md, Requests. EN 303 645 5.5-7, 5.13-1.
 */
#ifndef KEEL_OWNER_REQUEST_H
#define KEEL_OWNER_REQUEST_H

#include "owner/names.h"

/** Operations; below 32 they only read. Values travel. */
enum keel_op_number {
	KEEL_OP_CHALLENGE = 1,
	KEEL_OP_STATE = 2,
	KEEL_OP_HISTORY = 3,
	KEEL_OP_KEPT = 4,
	KEEL_OP_EXPORT = 5,
	KEEL_OP_PEOPLE = 6,
	KEEL_OP_EVENTS = 7,
	KEEL_OP_STATEMENT = 8,
	KEEL_OP_PRODUCT = 9,
	KEEL_OP_COMMAND = 32,
	KEEL_OP_INVITE = 33,
	KEEL_OP_REMOVE = 34,
	KEEL_OP_DELETE = 35,
	KEEL_OP_RENAME = 36,
	KEEL_OP_CONSENT = 37,
	KEEL_OP_LEAVE = 38,
	KEEL_OP_VOUCH = 39,
};
#define KEEL_OP_COUNT 17

/** One row of the table: the schemas of its args and of its result (owner/ops.h has the structs). */
struct keel_op {
	uint64_t number;
	const char *name;
	bool changes; /* travels as a change, signed inside the request */
	const struct keel_schema *args, *result;
};
extern const struct keel_op keel_ops[KEEL_OP_COUNT];
/** NULL: no such operation. */
const struct keel_op *keel_op_of(uint64_t number);

/** Body of a request, sealed, envelope 7: op (and args), or change; never both. */
struct keel_request {
	uint32_t has;
	struct keel_bytes nonce;
	uint64_t op;
	struct keel_bytes args;    /* an encoded map */
	struct keel_bytes change;  /* Sign1 by O.sign, kid OT, envelope 9 */
	struct keel_bytes padding; /* zeros: owner/pad.h */
};
extern const struct keel_schema keel_request_schema;
enum {
	KEEL_REQUEST_OP = 1,
	KEEL_REQUEST_ARGS = 2,
	KEEL_REQUEST_CHANGE = 3,
	KEEL_REQUEST_PADDING = 4,
};

/** Body of a change. */
struct keel_change {
	uint32_t has;
	uint64_t op;
	struct keel_bytes challenge;
	uint64_t counter;
	struct keel_bytes args;
};
extern const struct keel_schema keel_change_schema;

/** Body of an answer, sealed, envelope 8. */
struct keel_request_answer {
	uint32_t has;
	struct keel_bytes nonce;
	uint64_t error; /* enum keel_err; 0 is fine */
	struct keel_bytes result;
	struct keel_bytes sentence;
	struct keel_bytes padding;
};
extern const struct keel_schema keel_request_answer_schema;
enum { KEEL_ANSWER_RESULT = 2, KEEL_ANSWER_SENTENCE = 3, KEEL_ANSWER_PADDING = 4 };
#define KEEL_SENTENCE_MAX 300

#endif

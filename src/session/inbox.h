/*
 * The inbox: what waits at the service for a device, numbered for each device, and the device's answer
 * to an owner's request that came by it. docs/service.md, Calls in a session. EN 303 645 5.9-3.
 */
#ifndef KEEL_SESSION_INBOX_H
#define KEEL_SESSION_INBOX_H

#include "owner/ops.h"

#define KEEL_INBOX_WAIT_MAX_S 50
#define KEEL_INBOX_ITEMS_MAX  16
/* A sealed request or answer, with what its seal adds. */
#define KEEL_RELAYED_MAX (KEEL_BODY_MAX + 1024)

/**
 * Values travel; a kind that a device does not know it names as taken, and does nothing. A request is
 * answered under its number; all others are kept until a number that is not lower is named as taken.
 */
enum keel_inbox_kind {
	KEEL_INBOX_REQUEST = 0, /* an owner's sealed request */
	KEEL_INBOX_NOTICE = 1,  /* session/notice.h */
};

struct keel_inbox_args {
	uint32_t has;
	uint64_t taken;  /* the last of what is kept: the service forgets up to it */
	uint64_t wait_s; /* how long the call may be held while there is nothing */
};
extern const struct keel_schema keel_inbox_args_schema;

struct keel_inbox_item {
	uint32_t has;
	uint64_t number;
	uint64_t kind;
	struct keel_bytes payload;
};
extern const struct keel_schema keel_inbox_item_schema;
extern const struct keel_row keel_inbox_item_row;

struct keel_inbox_result {
	uint32_t has;
	struct keel_list items; /* keel_inbox_item_row; requests first, in each the numbers rise */
};
extern const struct keel_schema keel_inbox_result_schema;

/** Args of an answer; its result is keel_nothing_schema. */
struct keel_answer_args {
	uint32_t has;
	uint64_t number; /* of the request */
	uint64_t status; /* and body: as the door would have given them */
	struct keel_bytes body;
};
extern const struct keel_schema keel_answer_args_schema;

#endif

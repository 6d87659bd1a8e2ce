/* A member's requests to their hub, whole: sealed, posted, opened, checked, decoded. */
#ifndef KEEL_CLI_TALK_H
#define KEEL_CLI_TALK_H

#include "cli/way.h"

/** One person at one hub. Large (it holds the answer): one a program. */
struct keel_talk {
	struct keel_keys keys;
	struct keel_way way;
	struct keel_member member;
	uint8_t answer[KEEL_POST_MAX]; /* sealed, as it came */
	uint8_t plain[KEEL_POST_MAX];  /* opened; results are views into it */
};

/** Opens the folder and reads the member. */
KEEL_CHECKED enum keel_err keel_talk_open(
	const char *dir, struct keel_talk *out, struct keel_fault *fault);
void keel_talk_close(struct keel_talk *t);

/**
 * Asks; fills `result` (a struct of the op's result schema, may be NULL). args NULL: none.
 * Any error of the device comes back as it is, with its sentence in fault->what.
 * Views in result live until the next call.
 */
KEEL_CHECKED enum keel_err keel_talk_ask(struct keel_talk *t, enum keel_op_number op,
	const void *args, void *result, struct keel_fault *fault);
/** Fetches a challenge, signs, saves the counter before it is used, and asks. */
KEEL_CHECKED enum keel_err keel_talk_change(struct keel_talk *t, enum keel_op_number op,
	const void *args, void *result, struct keel_fault *fault);

/**
 * Sends already sealed bytes and opens the answer to `nonce`. A hub that is busy (429, 503) is sent the
 * same bytes again, for 4 s at most (cli/again.h). Where no hub of ours answers at its door, the same
 * bytes go by the service, if one is known; standard error says which way (cli/way.h).
 */
KEEL_CHECKED enum keel_err keel_talk_send(struct keel_talk *t, const struct keel_op *op,
	struct keel_bytes sealed, const uint8_t nonce[KEEL_REQUEST_NONCE_LEN], void *result,
	struct keel_fault *fault);

/**
 * POST of a plain message; a refusal becomes an error with its sentence.
 *
 * undecided  whether nothing was decided by this answer (none came, a room is away): what was sent
 *            may have been taken before all the same. May be NULL.
 */
KEEL_CHECKED enum keel_err keel_talk_post(const struct keel_door_at *door, const char *path,
	struct keel_bytes body, uint8_t buf[KEEL_POST_MAX], struct keel_bytes *answer,
	bool *undecided, struct keel_fault *fault);

#endif

/*
 * Proof of work in the place of a CAPTCHA: who reports a vulnerability spends a second of a processor,
 * so that a flood costs its sender. Nobody has to see, hear or have an account. EN 303 645 5.2-1.
 *
 * The challenge is a text; the proof is a decimal number such that SHA-256(challenge ‖ number) begins
 * with as many zero bits as the challenge asks for. It asks for more while many come.
 * Checked without a memory of who was given which; those that were used are remembered until they end.
 */
#ifndef KEEL_FLEET_WORK_H
#define KEEL_FLEET_WORK_H

#include "crypto/crypto.h"

#define KEEL_WORK_CHALLENGE_LEN 66 /* hexadecimal */
#define KEEL_WORK_GOOD_S        600
#define KEEL_WORK_BITS          18 /* a quarter of a million hashes, half a second */
#define KEEL_WORK_BITS_MAX      24
#define KEEL_WORK_USED_MAX      4096

/** Private but for its size. */
struct keel_work {
	struct keel_key key;
	struct keel_work_used {
		uint8_t random[8];
		int64_t until_s;
	} used[KEEL_WORK_USED_MAX];
	size_t count; /* of those that are used and have not ended, when it was last looked */
};

void keel_work_init(struct keel_work *w);

/** A new challenge, with its NUL; gives the bits that it asks for. */
unsigned keel_work_ask(struct keel_work *w, int64_t now_s, char out[KEEL_WORK_CHALLENGE_LEN + 1]);

/**
 * Takes a proof, once. KEEL_EFORM: no challenge, or no number. KEEL_EAUTH: not ours (or from before a
 * restart), or not enough work. KEEL_ESTALE: it ended, or was used. KEEL_EFULL: too many at a time.
 */
KEEL_CHECKED enum keel_err keel_work_take(
	struct keel_work *w, int64_t now_s, struct keel_bytes challenge, struct keel_bytes number);

#endif

/*
 * The signer: a process that holds S.sign, and nothing else. The worker, which reads what the whole
 * internet sends, asks it for the two things that a session's opening needs signed, and it signs no
 * bytes of the worker's: it makes token and time itself, of claims that it has read by their schema
 * and held against its own clock and origin. So a worker that was taken over opens sessions for as
 * long as it is taken over, and takes no signature along that is good for longer than a token.
 * EN 303 645 5.4-1, 5.6-7.
 */
#ifndef KEEL_FLEET_SIGNER_H
#define KEEL_FLEET_SIGNER_H

#include "session/time.h"
#include "session/token.h"

#define KEEL_FLEET_SIGNER_ROLE "signer" /* this program's first word, when it is one */

struct keel_fleet_signed {
	uint8_t buf[KEEL_TOKEN_MAX + KEEL_TIME_MAX + 64];
	struct keel_bytes token, time; /* views of buf */
};

/**
 * Starts one, by a fresh exec of this program: before the worker's walls stand.
 *
 * key    path of S.sign's PEM
 * agree  S.agree's public half: both together are ST, the kid
 * fd     out: the worker's end
 *
 * KEEL_EIO; the fault tells. A signer that cannot read its key ends, and the first ask is KEEL_EIO.
 */
KEEL_CHECKED enum keel_err keel_fleet_signer_start(const char *key,
	const struct keel_p256_pub *agree, const char *origin, int *fd, struct keel_fault *fault);

/** KEEL_ERANGE: claims that it does not sign. KEEL_EIO: it has ended; so should the worker. */
KEEL_CHECKED enum keel_err keel_fleet_signer_ask(int fd, const struct keel_token *claims,
	struct keel_bytes device_nonce, struct keel_fleet_signed *out);

/** The signer's own judgement, apart from its process: what it would sign at this time. */
KEEL_CHECKED enum keel_err keel_fleet_signer_check(
	const struct keel_token *claims, struct keel_bytes origin, int64_t now_s);

/** The role's main: argv has key, S.agree in hexadecimal, origin; descriptor 3 is the worker. */
int keel_fleet_signer_main(int argc, char **argv);

#endif

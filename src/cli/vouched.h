/* Whether a maker vouches for the device that made a statement. EN 303 645 5.4-2. */
#ifndef KEEL_CLI_VOUCHED_H
#define KEEL_CLI_VOUCHED_H

#include "crypto/crypto.h"
#include "owner/ops.h"

/** Whom the caller trusts: the maker's key and the model. Views live as long as the program. */
struct keel_maker_of {
	struct keel_p256_pub key;
	struct keel_bytes model;
};

/** From the maker's compiled declaration: one a program. KEEL_EFORM: it is none; the fault tells. */
KEEL_CHECKED enum keel_err keel_maker_read(
	const char *path, struct keel_maker_of *out, struct keel_fault *fault);

/**
 * Verifies that the endorsed device made this statement about itself, for this question, and that the
 * maker endorsed it as their model; maker NULL: nobody who could be named, so that the statement only
 * fits the key that came with it.
 *
 * device  the key that signed it
 *
 * KEEL_EAUTH: a copy, a device of another maker or model, or an answer to another question.
 */
KEEL_CHECKED enum keel_err keel_vouched(const struct keel_statement_result *r,
	const struct keel_statement_args *asked, const struct keel_maker_of *maker,
	struct keel_p256_pub *device, struct keel_fault *fault);

#endif

/* `keel interrogate`: the device's signed statement, verified and shown. EN 303 645 5.6-2, 5.12-3. */
#ifndef KEEL_CLI_INTERROGATE_H
#define KEEL_CLI_INTERROGATE_H

#include "crypto/crypto.h"

/** `keel interrogate URL`; 0 verified, 1 refused, 2 not understood, 3 nobody vouched for the key. */
int keel_cli_interrogate(int argc, char **argv);

/** Verifies a statement under a device's key, our nonce and audience, and shows it. KEEL_EAUTH. */
KEEL_CHECKED enum keel_err keel_statement_show(const struct keel_p256_pub *device,
	struct keel_bytes statement, struct keel_bytes nonce, struct keel_bytes aud, bool json,
	struct keel_fault *fault);

#endif

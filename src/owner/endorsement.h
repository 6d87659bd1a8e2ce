/*
 * The maker's endorsement of a unit: Sign1 by the unit-signing key, envelope 1, kid SHA-256 of its
 * public point. docs/protocol.md. EN 303 645 5.4-2.
 */
#ifndef KEEL_OWNER_ENDORSEMENT_H
#define KEEL_OWNER_ENDORSEMENT_H

#include "owner/claim.h"

#define KEEL_ENDORSEMENT_MAX 512

/** Written by the maker at provisioning. */
KEEL_CHECKED enum keel_err keel_endorsement_write(const struct keel_p256_key *maker,
	const uint8_t id[KEEL_DEVICE_ID_LEN], const struct keel_endorsement *body,
	struct keel_wr *w);
/** Verified under the maker's key; views live as long as `in`. KEEL_EAUTH: another maker's, or changed. */
KEEL_CHECKED enum keel_err keel_endorsement_verify(struct keel_bytes in,
	const struct keel_p256_pub *maker, uint8_t id[KEEL_DEVICE_ID_LEN],
	struct keel_endorsement *out);
/** The same by whoever verifies often and keeps the maker's key open. */
KEEL_CHECKED enum keel_err keel_endorsement_verify_opened(struct keel_bytes in,
	const struct keel_p256_pub *maker, const struct keel_p256_opened *key,
	uint8_t id[KEEL_DEVICE_ID_LEN], struct keel_endorsement *out);
/** What it says, unverified: for who has no maker's key, and says so. */
KEEL_CHECKED enum keel_err keel_endorsement_peek(
	struct keel_bytes in, uint8_t id[KEEL_DEVICE_ID_LEN], struct keel_endorsement *out);

#endif

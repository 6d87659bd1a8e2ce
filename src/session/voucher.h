/*
 * The voucher: the service's root R says which two keys the service works with, S, and for how long.
 * Sign1 by R, kid SHA-256 of R's point, envelope 19 of no single device. docs/service.md, Keys of the
 * service. EN 303 645 5.5-1.
 */
#ifndef KEEL_SESSION_VOUCHER_H
#define KEEL_SESSION_VOUCHER_H

#include "owner/names.h"

#define KEEL_VOUCHER_MAX 512

/** What the service works with. */
struct keel_service_keys {
	struct keel_p256_pub sign, agree;
	int64_t from, until; /* Unix seconds */
};
/** ST, the kid of what S signs. */
void keel_service_thumbprint(const struct keel_service_keys *s, uint8_t st[KEEL_THUMBPRINT_LEN]);

/** KEEL_ERANGE: it would not be valid for a second. */
KEEL_CHECKED enum keel_err keel_voucher_write(const struct keel_signer *root,
	const struct keel_p256_pub *root_pub, const struct keel_service_keys *keys,
	struct keel_wr *w);
/**
 * Verified under R, whose key the declaration names; the keys are on the curve.
 *
 * now  Unix seconds, or 0 where the device does not know the time: then only the signed time that
 *      comes with the session is held against the voucher (session/time.h)
 *
 * KEEL_EAUTH: another root's, or changed. KEEL_ESTALE: it ended before now. One that begins after now
 * is taken: a device that lay in a drawer for a year has an old clock, and learns the time from these
 * very keys. KEEL_ESHORT, KEEL_EFORM, KEEL_ERANGE.
 */
KEEL_CHECKED enum keel_err keel_voucher_verify(struct keel_bytes in,
	const struct keel_p256_pub *root, int64_t now, struct keel_service_keys *out);

#endif

/*
 * The service's signed time, over a nonce of the device: Sign1 by S.sign, kid ST, envelope 22.
 * docs/service.md, Opening a session. EN 303 645 5.5-1.
 */
#ifndef KEEL_SESSION_TIME_H
#define KEEL_SESSION_TIME_H

#include "session/voucher.h"

#define KEEL_TIME_MAX       256
#define KEEL_TIME_NONCE_LEN 16

KEEL_CHECKED enum keel_err keel_time_write(const struct keel_signer *sign,
	const uint8_t st[KEEL_THUMBPRINT_LEN], const uint8_t id[KEEL_DEVICE_ID_LEN],
	struct keel_bytes nonce, int64_t now, struct keel_wr *w);
/**
 * Verified under the keys of a voucher, for this device and the nonce that it sent.
 *
 * KEEL_EAUTH: not by these keys, changed, for another device or nonce. KEEL_ESTALE: a time at which
 * the voucher does not hold, so that a key that leaked cannot set a clock beyond its own end.
 * KEEL_ESHORT, KEEL_EFORM, KEEL_ERANGE.
 */
KEEL_CHECKED enum keel_err keel_time_verify(struct keel_bytes in,
	const struct keel_service_keys *keys, const uint8_t id[KEEL_DEVICE_ID_LEN],
	struct keel_bytes nonce, int64_t *now);

#endif

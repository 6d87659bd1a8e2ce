/*
 * The keys of the service, in its folder:
 *
 *	keys/root.pem           R, which vouches for S; only `init` and `key roll` read it
 *	keys/root.pub           its public half, 128 hexadecimal digits, as the declaration has it
 *	keys/N/sign.pem         S.sign; only the signer reads it (signer.h)
 *	keys/N/agree.pem        S.agree
 *	keys/N/nonce            32 bytes: by which the service knows its own nonces again
 *	keys/N/voucher.cbor     R's word for S.sign and S.agree, and until when
 *
 * The highest N is the present S; those before it are kept as long as their vouchers last, so that
 * tokens which they signed are still known. EN 303 645 5.4-1, 5.5-6.
 */
#ifndef KEEL_FLEET_KEYS_H
#define KEEL_FLEET_KEYS_H

#include "crypto/crypto.h"
#include "session/voucher.h"

#define KEEL_FLEET_KEYS_MAX 4
#define KEEL_FLEET_KEY_DAYS 400 /* how long a voucher lasts */

struct keel_fleet_key {
	unsigned number;
	uint8_t st[KEEL_THUMBPRINT_LEN];
	struct keel_service_keys pub;
	struct keel_p256_opened verify; /* S.sign's public half */
	struct keel_p256_key agree;
	struct keel_key nonce;
	uint8_t voucher[KEEL_VOUCHER_MAX];
	size_t voucher_n;
};

struct keel_fleet_keys {
	struct keel_fleet_key all[KEEL_FLEET_KEYS_MAX]; /* the present one first */
	size_t count;
	struct keel_p256_pub root;
};

/** Makes R and the first S. KEEL_ESTATE: there is an R already. */
KEEL_CHECKED enum keel_err keel_fleet_keys_make(
	const char *dir, int64_t now_s, struct keel_fleet_keys *out, struct keel_fault *fault);
/** Makes the next S. KEEL_ENONE: R is not there (it may be kept elsewhere, and brought for this). */
KEEL_CHECKED enum keel_err keel_fleet_keys_roll(
	const char *dir, int64_t now_s, struct keel_fleet_keys *out, struct keel_fault *fault);
/** Those that still hold. KEEL_ENONE: there are none. KEEL_ESTALE: all have ended. */
KEEL_CHECKED enum keel_err keel_fleet_keys_load(
	const char *dir, int64_t now_s, struct keel_fleet_keys *out, struct keel_fault *fault);
void keel_fleet_keys_clear(struct keel_fleet_keys *keys);

/** The S that this thumbprint names, or NULL. */
const struct keel_fleet_key *keel_fleet_key_of(
	const struct keel_fleet_keys *keys, const uint8_t st[KEEL_THUMBPRINT_LEN]);

#endif

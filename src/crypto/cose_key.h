/*
 * A P-256 public key as COSE has it (COSE_Key, RFC 9052 §7, RFC 9053 §7.1.1), and the claim `cnf`
 * that binds a token or a statement to one (RFC 8747 §3.2):
 *
 *	COSE_Key = {1: 2, -1: 1, -2: x, -3: y}    cnf = {1: COSE_Key}
 */
#ifndef KEEL_CRYPTO_COSE_KEY_H
#define KEEL_CRYPTO_COSE_KEY_H

#include "core/schema.h"
#include "crypto/crypto.h"

struct keel_cose_key {
	uint32_t has;
	int64_t kty, crv;
	struct keel_bytes x, y;
};
extern const struct keel_schema keel_cose_key_schema;

struct keel_cnf {
	uint32_t has;
	struct keel_cose_key key;
};
extern const struct keel_schema keel_cnf_schema;

/** Views into pub. */
struct keel_cose_key keel_cose_key_of(const struct keel_p256_pub *pub);
struct keel_cnf keel_cnf_of(const struct keel_p256_pub *pub);
/** Of one that its schema has checked. Whether the point is on the curve, keel_p256_check says. */
void keel_cose_key_pub(const struct keel_cose_key *key, struct keel_p256_pub *out);

#endif

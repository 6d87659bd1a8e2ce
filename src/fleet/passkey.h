/*
 * Passkeys (WebAuthn Level 3), pure: what an operator's browser sends at registering and at signing
 * in, verified; libfido2 reads the authenticator's data and verifies its signature. ES256, user
 * verification demanded, attestation none: which make of authenticator it is tells this service nothing.
 *
 * The browser's own words (clientDataJSON) are read as WebAuthn §5.8.1.2 allows whoever is no full
 * JSON reader: its first members stand in one order and in one spelling, byte for byte.
 */
#ifndef KEEL_FLEET_PASSKEY_H
#define KEEL_FLEET_PASSKEY_H

#include "fleet/operators.h"

#define KEEL_PASSKEY_CHALLENGE_LEN                                                                 \
	32 /* time 8, random 8, MAC 16: no list is kept of those that were given */
#define KEEL_PASSKEY_CHALLENGE_S 300 /* a person looks for their key */

/** key: of all workers, for nothing else. */
void keel_passkey_challenge_make(
	const struct keel_key *key, int64_t now_s, uint8_t challenge[KEEL_PASSKEY_CHALLENGE_LEN]);
/** KEEL_EAUTH: not ours. KEEL_ESTALE: too old. That it serves once, the store sees to. */
KEEL_CHECKED enum keel_err keel_passkey_challenge_check(const struct keel_key *key,
	const uint8_t challenge[KEEL_PASSKEY_CHALLENGE_LEN], int64_t now_s);

/** Before the walls: the library's own preparations. */
void keel_passkey_warm(void);

enum keel_passkey_act { KEEL_PASSKEY_CREATE, KEEL_PASSKEY_GET };

/**
 * Reads clientDataJSON.
 *
 * origin     the only one that is taken
 * challenge  written with KEEL_OK
 *
 * KEEL_EFORM: not as a browser writes it. KEEL_EAUTH: for another act or origin, or in a frame of one.
 */
KEEL_CHECKED enum keel_err keel_client_data_read(struct keel_bytes json, enum keel_passkey_act act,
	const char *origin, uint8_t challenge[KEEL_PASSKEY_CHALLENGE_LEN]);

/** What a browser sends of a new passkey, or of a signature. */
struct keel_passkey_said {
	struct keel_bytes client_data;
	struct keel_bytes authenticator; /* authenticator data, WebAuthn §6.1 */
	struct keel_bytes signature;     /* DER; empty at registering */
};

/**
 * Registers. rp: the relying party's id, a host.
 *
 * KEEL_EFORM: no authenticator data with an ES256 key. KEEL_EAUTH: for another rp, or its user was not
 * verified.
 */
KEEL_CHECKED enum keel_err keel_passkey_read(
	const char *rp, const struct keel_passkey_said *said, struct keel_passkey *out);

/**
 * Verifies a signature by a known passkey.
 *
 * count  how often it says it has signed; whether that may be, the store judges
 *
 * KEEL_EFORM, KEEL_EAUTH.
 */
KEEL_CHECKED enum keel_err keel_passkey_verify(const char *rp, const struct keel_passkey *passkey,
	const struct keel_passkey_said *said, uint32_t *count);

#endif

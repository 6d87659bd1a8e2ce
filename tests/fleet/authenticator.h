/* An authenticator in software: makes what a browser and a security key would send, right or wrong. */
#ifndef KEEL_TESTS_AUTHENTICATOR_H
#define KEEL_TESTS_AUTHENTICATOR_H

#include "fleet/passkey.h"

#define AUTHENTICATOR_ID "credential-id-16"

struct authenticator {
	struct keel_p256_key key;
	const char *rp;
	uint8_t flags;
	uint32_t count;
	uint8_t data[512]; /* authenticator data */
	size_t data_n;
	char client[512];
	uint8_t signature[80];
	size_t signature_n;
};

/** User present and verified, and a new key. */
struct authenticator authenticator_make(const char *rp);
/** clientDataJSON as Chromium writes it. */
void authenticator_client(struct authenticator *a, const char *type, const char *origin,
	const uint8_t challenge[KEEL_PASSKEY_CHALLENGE_LEN]);
/** With the key: as at registering; else as at signing in. */
void authenticator_data(struct authenticator *a, bool with_key);
/** Signs what the two above wrote. */
void authenticator_sign(struct authenticator *a);
struct keel_passkey_said authenticator_said(const struct authenticator *a);

#endif

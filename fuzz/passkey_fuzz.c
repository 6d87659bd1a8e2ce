/*
 * What anybody posts to come into the console: a browser's clientDataJSON (first byte even), or an
 * authenticator's data (odd). Client data that is taken names our origin and the act, and its
 * challenge is in it; data that is taken holds the hash of our host and a key on the curve.
 */
#include <string.h>

#include "core/base64url.h"
#include "fleet/passkey.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

#define RP     "fleet.example"
#define ORIGIN "https://fleet.example"

static void client_data(struct keel_bytes in, enum keel_passkey_act act)
{
	static const char *const types[] = { "\"webauthn.create\"", "\"webauthn.get\"" };
	uint8_t challenge[KEEL_PASSKEY_CHALLENGE_LEN];
	char text[64];
	struct keel_bytes b;
	if (keel_client_data_read(in, act, ORIGIN, challenge) != KEEL_OK)
		return;
	struct keel_wr w = keel_wr_of(text, sizeof(text));
	keel_base64url_write(KEEL_VIEW(challenge), &w);
	KEEL_MUST(keel_wr_end(&w, &b) == KEEL_OK);
	KEEL_MUST(memmem(in.p, in.n, b.p, b.n) != NULL);
	KEEL_MUST(memmem(in.p, in.n, "\"" ORIGIN "\"", sizeof(ORIGIN) + 1) != NULL);
	KEEL_MUST(memmem(in.p, in.n, types[act], strlen(types[act])) != NULL);
}

static void authenticator(struct keel_bytes in)
{
	const struct keel_passkey_said said = {
		.client_data = in, .authenticator = in, .signature = in
	};
	const struct keel_bytes rp = keel_text(RP);
	struct keel_passkey k;
	struct keel_digest hash;
	uint32_t count;
	keel_sha256(&rp, 1, &hash);
	if (keel_passkey_read(RP, &said, &k) != KEEL_OK)
		return;
	KEEL_MUST(memcmp(in.p, hash.b, sizeof(hash.b)) == 0);
	KEEL_MUST(keel_p256_check(&k.key) == KEEL_OK && k.id_n > 0 && k.id_n <= sizeof(k.id));
	KEEL_MUST(keel_passkey_verify(RP, &k, &said, &count) != KEEL_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	if (n == 0 || n > 4000)
		return 0;
	const struct keel_bytes in = { p + 1, n - 1 };
	if (p[0] % 2 == 1)
		authenticator(in);
	else
		client_data(in, p[0] % 4 == 0 ? KEEL_PASSKEY_GET : KEEL_PASSKEY_CREATE);
	return 0;
}

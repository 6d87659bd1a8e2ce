/* HKDF over any backend's HMAC. RFC 5869 §2.2, §2.3. */
#include <string.h>

#include "crypto/crypto.h"

void keel_hkdf(struct keel_bytes secret, struct keel_bytes salt, struct keel_bytes info,
	uint8_t *out, size_t out_n)
{
	KEEL_MUST(out_n <= (size_t)255 * KEEL_SHA256_LEN);
	struct keel_digest prk;
	struct keel_digest t;
	keel_hmac(salt, &secret, 1, &prk);
	size_t before = 0; /* length of T(i-1); T(0) is empty */
	for (uint8_t i = 1; out_n > 0; i++) {
		const struct keel_bytes parts[] = { { t.b, before }, info, { &i, 1 } };
		keel_hmac(KEEL_VIEW(prk.b), parts, KEEL_COUNT(parts), &t);
		before = out_n < sizeof(t.b) ? out_n : sizeof(t.b);
		memcpy(out, t.b, before);
		out += before;
		out_n -= before;
	}
	keel_wipe(&prk, sizeof(prk));
	keel_wipe(&t, sizeof(t));
}

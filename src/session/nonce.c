#include "session/nonce.h"

#include <string.h>

#define SAID_LEN 16 /* time and random */
#define MAC_LEN  16

static void mac_of(const struct keel_key *key, const uint8_t *said, struct keel_digest *out)
{
	const struct keel_bytes parts[] = { keel_text("keel session nonce"), { said, SAID_LEN } };
	keel_hmac(KEEL_VIEW(key->b), parts, KEEL_COUNT(parts), out);
}

void keel_session_nonce_make(
	const struct keel_key *key, int64_t now, uint8_t nonce[KEEL_SESSION_NONCE_LEN])
{
	struct keel_digest mac;
	struct keel_wr w = keel_wr_of(nonce, KEEL_SESSION_NONCE_LEN);
	keel_wr_u64be(&w, (uint64_t)now);
	keel_random(nonce + w.n, SAID_LEN - w.n);
	mac_of(key, nonce, &mac);
	memcpy(nonce + SAID_LEN, mac.b, MAC_LEN);
}

enum keel_err keel_session_nonce_check(
	const struct keel_key *key, struct keel_bytes nonce, int64_t now)
{
	struct keel_digest mac;
	if (nonce.n != KEEL_SESSION_NONCE_LEN)
		return KEEL_EAUTH;
	mac_of(key, nonce.p, &mac);
	if (!keel_ct_equal((struct keel_bytes){ mac.b, MAC_LEN },
		    (struct keel_bytes){ nonce.p + SAID_LEN, MAC_LEN }))
		return KEEL_EAUTH;
	struct keel_rd r = keel_rd_of(nonce);
	int64_t made = (int64_t)keel_rd_u64be(&r); /* ours, so no number that overflows below */
	return made + KEEL_SESSION_NONCE_AGE_S < now || made > now + KEEL_SESSION_NONCE_SKEW_S
		       ? KEEL_ESTALE
		       : KEEL_OK;
}

#include "fleet/work.h"

#include <string.h>

#include "core/hex.h"

#define SAID_LEN   17 /* time, 8 random bytes, bits */
#define MAC_LEN    16
#define RANDOM_AT  8
#define BITS_AT    16
#define NUMBER_MAX 20
#define CALM       32 /* so many reports in KEEL_WORK_GOOD_S make nothing harder */

static void mac_of(const struct keel_work *w, const uint8_t *said, struct keel_digest *out)
{
	const struct keel_bytes parts[] = { keel_text("keel work"), { said, SAID_LEN } };
	keel_hmac(KEEL_VIEW(w->key.b), parts, KEEL_COUNT(parts), out);
}

void keel_work_init(struct keel_work *w)
{
	*w = (struct keel_work){ 0 };
	keel_random(w->key.b, sizeof(w->key.b));
}

/* One bit more with each doubling. */
static unsigned bits_now(struct keel_work *w, int64_t now_s)
{
	unsigned bits = KEEL_WORK_BITS;
	w->count = 0;
	for (size_t i = 0; i < KEEL_WORK_USED_MAX; i++)
		w->count += w->used[i].until_s > now_s;
	for (size_t n = CALM; n < w->count && bits < KEEL_WORK_BITS_MAX; n *= 2)
		bits++;
	return bits;
}

unsigned keel_work_ask(struct keel_work *w, int64_t now_s, char out[KEEL_WORK_CHALLENGE_LEN + 1])
{
	uint8_t bytes[SAID_LEN + KEEL_SHA256_LEN];
	struct keel_wr said = keel_wr_of(bytes, sizeof(bytes));
	struct keel_digest mac;
	unsigned bits = bits_now(w, now_s);
	keel_wr_u64be(&said, (uint64_t)now_s);
	keel_random(keel_wr_room(&said, 8), 8);
	keel_wr_u8(&said, (uint8_t)bits);
	mac_of(w, bytes, &mac);
	memcpy(bytes + SAID_LEN, mac.b, MAC_LEN);
	keel_hex_write((struct keel_bytes){ bytes, SAID_LEN + MAC_LEN }, out);
	return bits;
}

static bool is_number(struct keel_bytes n)
{
	if (n.n == 0 || n.n > NUMBER_MAX)
		return false;
	for (size_t i = 0; i < n.n; i++)
		if (n.p[i] < '0' || n.p[i] > '9')
			return false;
	return true;
}

static unsigned zero_bits(const struct keel_digest *d)
{
	unsigned n = 0;
	while (n < 8 * sizeof(d->b) && (d->b[n / 8] & (0x80u >> n % 8)) == 0)
		n++;
	return n;
}

/* A free place; or KEEL_ESTALE where it was used. */
static enum keel_err use(
	struct keel_work *w, int64_t now_s, const uint8_t random[8], int64_t until_s)
{
	struct keel_work_used *place = NULL;
	for (size_t i = 0; i < KEEL_WORK_USED_MAX; i++) {
		struct keel_work_used *u = &w->used[i];
		if (u->until_s <= now_s)
			place = u;
		else if (memcmp(u->random, random, sizeof(u->random)) == 0)
			return KEEL_ESTALE;
	}
	if (place == NULL)
		return KEEL_EFULL;
	memcpy(place->random, random, sizeof(place->random));
	place->until_s = until_s;
	return KEEL_OK;
}

enum keel_err keel_work_take(
	struct keel_work *w, int64_t now_s, struct keel_bytes challenge, struct keel_bytes number)
{
	uint8_t bytes[SAID_LEN + MAC_LEN];
	struct keel_digest d;
	const struct keel_bytes work[] = { challenge, number };
	/* Small letters only: one challenge has one spelling. */
	if (keel_hex_read(challenge, bytes, sizeof(bytes)) != KEEL_OK || !is_number(number))
		return KEEL_EFORM;
	mac_of(w, bytes, &d);
	if (!keel_ct_equal((struct keel_bytes){ d.b, MAC_LEN },
		    (struct keel_bytes){ bytes + SAID_LEN, MAC_LEN }))
		return KEEL_EAUTH;
	struct keel_rd r = keel_rd_of(KEEL_VIEW(bytes));
	int64_t made_s = (int64_t)keel_rd_u64be(&r); /* ours, so no number that overflows below */
	if (made_s + KEEL_WORK_GOOD_S <= now_s)
		return KEEL_ESTALE;
	keel_sha256(work, KEEL_COUNT(work), &d);
	if (zero_bits(&d) < bytes[BITS_AT])
		return KEEL_EAUTH;
	return use(w, now_s, bytes + RANDOM_AT, made_s + KEEL_WORK_GOOD_S);
}

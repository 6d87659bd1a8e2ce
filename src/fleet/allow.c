#include "fleet/allow.h"

#include <string.h>

#define HOUR_S 3600

void keel_allow_init(struct keel_allow *a, uint32_t an_hour, uint32_t all_an_hour)
{
	*a = (struct keel_allow){ .an_hour = an_hour, .all_an_hour = all_an_hour };
}

static void prefix_of(const struct keel_http_place *from, uint8_t out[KEEL_HTTP_ADDRESS_LEN])
{
	static const uint8_t v4[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };
	memcpy(out, from->address, KEEL_HTTP_ADDRESS_LEN);
	if (memcmp(out, v4, sizeof(v4)) != 0)
		memset(out + 8, 0, KEEL_HTTP_ADDRESS_LEN - 8);
}

static bool ended(const struct keel_allow_place *p, int64_t now_s)
{
	return p->since_s == 0 || p->since_s + HOUR_S <= now_s;
}

/* Its own place, else one whose hour is over, else the one that ends first. */
static struct keel_allow_place *place_of(
	struct keel_allow *a, const uint8_t prefix[KEEL_HTTP_ADDRESS_LEN], int64_t now_s)
{
	struct keel_allow_place *best = &a->places[1];
	for (size_t i = 1; i < KEEL_ALLOW_PLACES; i++) {
		struct keel_allow_place *p = &a->places[i];
		if (!ended(p, now_s) && memcmp(p->prefix, prefix, sizeof(p->prefix)) == 0)
			return p;
		if (p->since_s < best->since_s)
			best = p;
	}
	*best = (struct keel_allow_place){ 0 };
	memcpy(best->prefix, prefix, sizeof(best->prefix));
	return best;
}

static uint32_t wait_of(struct keel_allow_place *p, uint32_t an_hour, int64_t now_s)
{
	if (ended(p, now_s)) {
		p->since_s = now_s;
		p->count = 0;
	}
	return p->count < an_hour ? 0 : (uint32_t)(p->since_s + HOUR_S - now_s);
}

uint32_t keel_allow_wait(struct keel_allow *a, const struct keel_http_place *from, int64_t now_s)
{
	uint8_t prefix[KEEL_HTTP_ADDRESS_LEN];
	prefix_of(from, prefix);
	struct keel_allow_place *own = place_of(a, prefix, now_s), *all = &a->places[0];
	uint32_t wait_s = wait_of(own, a->an_hour, now_s);
	if (wait_s == 0)
		wait_s = wait_of(all, a->all_an_hour, now_s);
	if (wait_s > 0)
		return wait_s;
	own->count++;
	all->count++;
	return 0;
}

/* How many reports an address may send in an hour: a table of fixed size, which a test's clock drives. */
#ifndef KEEL_FLEET_ALLOW_H
#define KEEL_FLEET_ALLOW_H

#include "core/bytes.h"
#include "http/address.h"

#define KEEL_ALLOW_PLACES 1024

/** Private but for its size. The first place counts them all together. */
struct keel_allow {
	uint32_t an_hour, all_an_hour;
	struct keel_allow_place {
		uint8_t prefix[KEEL_HTTP_ADDRESS_LEN];
		int64_t since_s; /* the hour's beginning; 0: free */
		uint32_t count;
	} places[KEEL_ALLOW_PLACES];
};

void keel_allow_init(struct keel_allow *a, uint32_t an_hour, uint32_t all_an_hour);

/** Counts one in. 0: it may; else so many seconds it waits, and is not counted. Of IPv6, /64 counts. */
uint32_t keel_allow_wait(struct keel_allow *a, const struct keel_http_place *from, int64_t now_s);

#endif

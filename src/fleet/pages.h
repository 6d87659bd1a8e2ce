/*
 * The public pages of the fleet's products (public/site.h), from what the store has: read anew after a
 * minute. Of a model's declarations the one that was added last speaks. EN 303 645 5.2-1, 5.3-13.
 */
#ifndef KEEL_FLEET_PAGES_H
#define KEEL_FLEET_PAGES_H

#include "fleet/config.h"
#include "fleet/store.h"
#include "http/answer.h"

struct keel_fleet_pages;

/** config: the service's; lives as long. */
struct keel_fleet_pages *keel_fleet_pages_new(
	struct keel_fleet_store *store, const struct keel_fleet_config *config);
void keel_fleet_pages_free(struct keel_fleet_pages *p);
/** Valid until the next call. */
struct keel_http_answer keel_fleet_pages_answer(
	struct keel_fleet_pages *p, struct keel_bytes path, int64_t now_s);

#endif

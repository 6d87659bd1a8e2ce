/*
 * The products as a judge needs them, kept ready: read when a device first names one, and again a
 * minute later, so that what an operator adds is known soon.
 */
#ifndef KEEL_FLEET_PRODUCTS_H
#define KEEL_FLEET_PRODUCTS_H

#include "fleet/judge/product.h"
#include "fleet/store.h"

struct keel_fleet_products;

struct keel_fleet_products *keel_fleet_products_new(struct keel_fleet_store *store);
void keel_fleet_products_free(struct keel_fleet_products *p);

/** NULL: there is none of this digest. Valid until the next call. */
const struct keel_judge_product *keel_fleet_products_find(
	struct keel_fleet_products *p, struct keel_bytes digest, int64_t now_s);

#endif

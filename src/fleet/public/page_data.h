/* The parts of a product's page that go through a list: the privacy notice, and what is open. */
#ifndef KEEL_FLEET_PUBLIC_PAGE_DATA_H
#define KEEL_FLEET_PUBLIC_PAGE_DATA_H

#include "core/bytes.h"
#include "keel/profile.h"

/** Each personal datum: purpose, ground, how long, who gets it. EN 303 645 6-1. */
void keel_page_data_write(struct keel_wr *w, const struct keel_product *p);
/** Each telemetry: purpose, range, how often, how long the service keeps it. 6-4, 6-5. */
void keel_page_telemetry_write(struct keel_wr *w, const struct keel_product *p);
/** Each sensor. 5.8-3. */
void keel_page_sensors_write(struct keel_wr *w, const struct keel_product *p);
/** Each interface, when it is open, and why. 5.6-1. */
void keel_page_interfaces_write(struct keel_wr *w, const struct keel_product *p);

#endif

/*
 * A product's public facts for programs: everything that its page says, by the names of product.yaml(5).
 * Durations are seconds and their names end in _s; dates and moments are as in RFC 3339.
 */
#ifndef KEEL_FLEET_PUBLIC_FACTS_JSON_H
#define KEEL_FLEET_PUBLIC_FACTS_JSON_H

#include "fleet/public/site.h"
#include "http/json.h"

void keel_facts_json_write(
	struct keel_wr *w, const struct keel_site *site, const struct keel_site_product *p);

/** What the service learns of every device that calls it, beside telemetry (docs/service.md); NULL ends them. */
extern const char *const keel_session_facts[];

/** A date, in days since 1970-01-01, as "2033-12-01". */
void keel_facts_json_date(struct keel_json *j, const char *name, int64_t days);

#endif

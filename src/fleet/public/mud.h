/*
 * The Manufacturer Usage Description (RFC 8520): with whom the product speaks, for the network that it
 * is put into: the maker's service by its name, and who is at home at the interfaces that it opens.
 * A network needs no more than that and, which every MUD manager allows by itself, DNS and NTP.
 */
#ifndef KEEL_FLEET_PUBLIC_MUD_H
#define KEEL_FLEET_PUBLIC_MUD_H

#include "fleet/public/site.h"

#define KEEL_MUD_CACHE_HOURS 24

/** As application/mud+json. The file is not signed: a MUD manager has TLS alone to trust. */
void keel_mud_write(
	struct keel_wr *w, const struct keel_site *site, const struct keel_site_product *p);

#endif

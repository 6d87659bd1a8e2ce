/* The page of one product, for who owns it, thinks of buying it, or has found a weakness in it. */
#ifndef KEEL_FLEET_PUBLIC_PAGE_H
#define KEEL_FLEET_PUBLIC_PAGE_H

#include "fleet/public/site.h"

void keel_product_page_write(
	struct keel_wr *w, const struct keel_site *site, const struct keel_site_product *p);

#endif

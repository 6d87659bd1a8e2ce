/* security.txt (RFC 9116): where to report, for every product of this origin. EN 303 645 5.2-1. */
#ifndef KEEL_FLEET_PUBLIC_SECURITY_TXT_H
#define KEEL_FLEET_PUBLIC_SECURITY_TXT_H

#include "fleet/public/site.h"

#define KEEL_SECURITY_TXT_PATH "/.well-known/security.txt"
/** How long a copy is good, at most. It is made anew for who asks, so it never is about to end. */
#define KEEL_SECURITY_TXT_DAYS 90

/**
 * The service's own form first, if it has one; then contacts and policies in the order of the products, each once; what is no URI as RFC 9116 wants it
 * (§2.5.2 to §2.5.7: https where it is of the web) is left out.
 *
 * KEEL_ENONE: no product names a contact, so there is no such file; w is as it was.
 */
KEEL_CHECKED enum keel_err keel_security_txt_write(struct keel_wr *w, const struct keel_site *site);

#endif

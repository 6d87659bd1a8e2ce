/*
 * The addresses of the service's name, asked by the room itself: libcurl's resolver needs threads,
 * which a room may not have. Bounded: the name servers of /etc/resolv.conf (three at most) are asked
 * once each, two seconds long, and no domain is searched.
 */
#ifndef KEEL_DEVICE_UPLINK_RESOLVE_H
#define KEEL_DEVICE_UPLINK_RESOLVE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/err.h"

#define KEEL_ADDRESSES_LEN 400 /* eight IPv6 addresses with their commas */

/** Before the walls: what libc loads at its first answer. */
void keel_resolve_warm(void);

/** Whether this is an address already, for which nobody has to be asked; IPv6 without brackets. */
bool keel_resolve_is_address(const char *host);

/**
 * Fills out with addresses and commas between them, in the order in which they are best tried
 * (RFC 6724), eight at most. KEEL_ENONE: no such name, or nobody answered. KEEL_ESTATE: the system's
 * list of name servers was replaced and cannot be read behind the walls: the room has to start anew.
 */
KEEL_CHECKED enum keel_err keel_resolve(const char *host, char out[KEEL_ADDRESSES_LEN]);

#endif

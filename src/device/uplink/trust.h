/* Whom the uplink's client takes for the service: the roots it was given, by the name it calls. */
#ifndef KEEL_DEVICE_UPLINK_TRUST_H
#define KEEL_DEVICE_UPLINK_TRUST_H

#include "core/bytes.h"
#include "device/uplink/curl.h"

/**
 * TLS 1.3, and a certificate of that name under these roots (PEM, copied) and no others, that has not ended.
 * That it begins later shows how far behind the clock of this device is, and nothing about who is there:
 * a year in a drawer must not keep it from the signed time that the connection brings. docs/decisions/0017.
 * False: this libcurl cannot do it. EN 303 645 5.5-1.
 */
bool keel_trust_set(const struct keel_curl *api, CURL *c, struct keel_bytes roots);

#endif

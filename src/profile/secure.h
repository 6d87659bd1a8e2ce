/*
 * What a declaration opens to a network, and where it sends people: whether others on the way can
 * read or change it. Each gives NULL where all is well, else what to write in its place.
 */
#ifndef KEEL_PROFILE_SECURE_H
#define KEEL_PROFILE_SECURE_H

#include "core/bytes.h"

/**
 * A protocol of an interface on tcp, udp or radio: best-practice cryptography, or one that networks
 * are made of and that carries nothing of the product's. EN 303 645 5.5-1, 5.5-5.
 */
const char *keel_secure_protocol(struct keel_bytes name);
/** Words that may send their reader to a page: none of it by http. */
const char *keel_secure_words(struct keel_bytes words);
/** Where vulnerabilities are reported to, as RFC 9116 allows: a page, a mailbox or a telephone. */
const char *keel_secure_contact(struct keel_bytes contact);
const char *keel_secure_page(struct keel_bytes url);
/**
 * An origin as a browser writes it: https://, a host in small letters or an IPv6 address in brackets, and
 * perhaps a port other than 443. It is compared by its bytes, so it has one spelling (docs/service.md).
 */
const char *keel_secure_origin(struct keel_bytes url);

#endif

/*
 * What each client's address may take: connections at once, new ones a second, requests a second.
 * A table of fixed size; addresses that went are remembered until their place is needed.
 */
#ifndef KEEL_HTTP_ADDRESS_H
#define KEEL_HTTP_ADDRESS_H

#include "core/bytes.h"

#define KEEL_HTTP_ADDRESS_LEN  16
#define KEEL_HTTP_ADDRESS_TEXT 48

struct sockaddr;

/** An address and its port; IPv4 as ::ffff:a.b.c.d. */
struct keel_http_place {
	uint8_t address[KEEL_HTTP_ADDRESS_LEN];
	uint16_t port;
};

struct keel_http_place keel_http_place_of(const struct sockaddr *sa);
/** "192.0.2.1" or "2001:db8::1", with its NUL. */
void keel_http_place_text(const struct keel_http_place *p, char out[KEEL_HTTP_ADDRESS_TEXT]);

/** So many a second, and so many at once after a rest. 0 a second: no limit. */
struct keel_http_rate {
	uint32_t a_second;
	uint32_t at_once;
};

struct keel_http_quota {
	size_t connections; /* of one address at once */
	struct keel_http_rate connects;
	struct keel_http_rate requests;
	unsigned
		v6_bits; /* how much of an IPv6 address counts: 128 in a home, 64 in the internet */
	/*
	 * And all within a wider prefix together may have so many times as much: a site is given 2^16
	 * networks of 64 bits (RFC 6177), and none of them costs it anything. 0: no such limit.
	 */
	unsigned v6_wide_bits, v6_wide_times;
};

struct keel_http_addresses;
struct keel_http_address;

/** places: how many addresses (and as many prefixes) are known at once; at least one a connection. */
struct keel_http_addresses *keel_http_addresses_new(
	size_t places, const struct keel_http_quota *quota);
void keel_http_addresses_free(struct keel_http_addresses *t);

/** Counts a new connection in. NULL: this address may have no more now. */
struct keel_http_address *keel_http_address_enter(
	struct keel_http_addresses *t, const struct keel_http_place *from, uint64_t now_ms);
void keel_http_address_leave(struct keel_http_addresses *t, struct keel_http_address *a);
/** Whether it may send one more request now. */
bool keel_http_address_ask(
	const struct keel_http_addresses *t, struct keel_http_address *a, uint64_t now_ms);

#endif

/*
 * Whose requests are taken: a Host that is this one, and an Origin (where a browser sends one) that
 * is the app's or one's own. Against DNS rebinding and pages of strangers; docs/threats.md.
 */
#ifndef KEEL_HTTP_GATE_H
#define KEEL_HTTP_GATE_H

#include "http/address.h"
#include "http/request.h"

struct keel_http_gate {
	const char *origin; /* the app's one origin, "https://app.example"; NULL: none */
	const char *const
		*hosts; /* names of this server: "hub.local" (at its own port), "hub.local:443" */
	size_t host_count;
};

/**
 * KEEL_HTTP_MISDIRECTED, KEEL_HTTP_ORIGIN, or KEEL_HTTP_FINE.
 *
 * here  where the connection arrived: this address, written as a literal, is a Host too
 */
KEEL_CHECKED enum keel_http_refusal keel_http_gate_check(const struct keel_http_gate *g,
	const struct keel_http_place *here, const struct keel_http_head *h);

#endif

#include "http/gate.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#define HTTPS_PORT 443

/* Cuts ":8443" off; `otherwise` where there is none. The reader has checked its digits. */
static uint32_t cut_port(struct keel_bytes *host, uint32_t otherwise)
{
	uint32_t port = 0;
	size_t n = host->n;
	while (n > 0 && host->p[n - 1] >= '0' && host->p[n - 1] <= '9')
		n--;
	if (n == 0 || n == host->n || host->p[n - 1] != ':')
		return otherwise;
	for (size_t i = n; i < host->n; i++)
		port = 10 * port + (uint32_t)(host->p[i] - '0');
	host->n = n - 1;
	return port;
}

/* Whether a host without port is the literal of this address. */
static bool is_literal_of(struct keel_bytes host, const struct keel_http_place *here)
{
	char text[KEEL_HTTP_ADDRESS_TEXT] = "::ffff:";
	bool v6 = host.n > 2 && host.p[0] == '[';
	size_t at = v6 ? 0 : strlen(text);
	size_t n = v6 ? host.n - 2 : host.n;
	uint8_t address[KEEL_HTTP_ADDRESS_LEN];
	if (n >= sizeof(text) - at)
		return false;
	memcpy(text + at, host.p + (v6 ? 1 : 0), n);
	text[at + n] = '\0';
	return inet_pton(AF_INET6, text, address) == 1 &&
	       memcmp(address, here->address, sizeof(address)) == 0;
}

static bool same_name(struct keel_bytes a, struct keel_bytes b)
{
	return a.n == b.n && strncasecmp((const char *)a.p, (const char *)b.p, a.n) == 0;
}

static bool is_host(
	const struct keel_http_gate *g, const struct keel_http_place *here, struct keel_bytes host)
{
	uint32_t port = cut_port(&host, HTTPS_PORT);
	for (size_t i = 0; i < g->host_count; i++) {
		struct keel_bytes own = keel_text(g->hosts[i]);
		if (cut_port(&own, here->port) == port && same_name(host, own))
			return true;
	}
	return port == here->port && is_literal_of(host, here);
}

/* An origin is compared byte by byte: browsers write it in one way only (RFC 6454 §6.2). */
static bool is_origin(const struct keel_http_gate *g, const struct keel_http_head *h)
{
	static const char scheme[] = "https://";
	struct keel_bytes origin = h->known[KEEL_HTTP_F_ORIGIN];
	struct keel_bytes host = h->known[KEEL_HTTP_F_HOST];
	if (origin.p == NULL || (g->origin != NULL && keel_bytes_is(origin, g->origin)))
		return true;
	size_t n = sizeof(scheme) - 1;
	return origin.n == n + host.n && memcmp(origin.p, scheme, n) == 0 &&
	       memcmp(origin.p + n, host.p, host.n) == 0;
}

enum keel_http_refusal keel_http_gate_check(const struct keel_http_gate *g,
	const struct keel_http_place *here, const struct keel_http_head *h)
{
	if (!is_host(g, here, h->known[KEEL_HTTP_F_HOST]))
		return KEEL_HTTP_MISDIRECTED;
	return is_origin(g, h) ? KEEL_HTTP_FINE : KEEL_HTTP_ORIGIN;
}

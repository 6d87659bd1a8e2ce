#include "fleet/public/mud.h"

#include <string.h>

#include "core/decimal.h"
#include "http/json.h"
#include "profile/say.h"

enum { DAY_S = 86400, SYSTEMINFO_MAX = 60, TEXT_MAX = 256, NAME_MAX_BYTES = 96 };

/* The four lists: one for each version of IP and each way. */
struct way {
	const char *list;
	const char *type;
	const char *ip;
	bool from_device;
};
static const struct way ways[] = {
	{ "from-ipv4", "ipv4-acl-type", "ipv4", true },
	{ "from-ipv6", "ipv6-acl-type", "ipv6", true },
	{ "to-ipv4", "ipv4-acl-type", "ipv4", false },
	{ "to-ipv6", "ipv6-acl-type", "ipv6", false },
};

/* One peer: where it is, and the port at its end (the service) or at the device's (who is at home). */
struct peer {
	struct keel_bytes dns; /* empty: the local networks */
	struct keel_bytes name;
	bool tcp;
	bool device_calls;
	uint64_t port;
};

/* Host and port of an origin; 443 where it names none. A name has no colon, an address has brackets. */
static struct peer service_of(const struct keel_service *s)
{
	struct keel_rd r = keel_rd_of(s->url);
	struct peer peer = { .name = keel_text("service"), .tcp = true, .device_calls = true };
	(void)keel_rd_take(&r, strlen("https://"));
	if (keel_rd_peek(&r) == '[') {
		(void)keel_rd_u8(&r);
		peer.dns = keel_rd_until(&r, ']');
	} else {
		size_t n = 0;
		while (n < r.n && r.p[n] != ':')
			n++;
		peer.dns = keel_rd_take(&r, n);
	}
	for (int c = keel_rd_peek(&r); c >= 0; c = keel_rd_peek(&r)) {
		(void)keel_rd_u8(&r);
		if (c >= '0' && c <= '9')
			peer.port = peer.port * 10 + (uint64_t)(c - '0');
	}
	peer.port = peer.port > 0 ? peer.port : 443;
	return peer;
}

static void write_port(struct keel_json *j, const char *end, uint64_t port)
{
	keel_json_open(j, end, '{');
	keel_json_word(j, "operator", "eq");
	keel_json_uint(j, "port", port);
	keel_json_close(j, '}');
}

/* The port is the service's where the device calls, else the device's own: so which end of a packet
 * it stands at depends on who calls and which way the packet goes. */
static void write_transport(struct keel_json *j, const struct way *way, const struct peer *peer)
{
	bool destination = way->from_device == peer->device_calls;
	keel_json_open(j, peer->tcp ? "tcp" : "udp", '{');
	if (peer->tcp)
		keel_json_word(j, "ietf-mud:direction-initiated",
			peer->device_calls ? "from-device" : "to-device");
	write_port(j, destination ? "destination-port" : "source-port", peer->port);
	keel_json_close(j, '}');
}

static void write_matches(struct keel_json *j, const struct way *way, const struct peer *peer)
{
	keel_json_open(j, "matches", '{');
	if (peer->dns.n == 0) {
		keel_json_open(j, "ietf-mud:mud", '{');
		keel_json_open(
			j, "local-networks", '['); /* RFC 7951 §6.9: how YANG's empty is written */
		keel_json_null(j, NULL);
		keel_json_close(j, ']');
		keel_json_close(j, '}');
	}
	keel_json_open(j, way->ip, '{');
	if (peer->dns.n > 0)
		keel_json_text(j,
			way->from_device ? "ietf-acldns:dst-dnsname" : "ietf-acldns:src-dnsname",
			peer->dns);
	keel_json_uint(j, "protocol", peer->tcp ? 6 : 17);
	keel_json_close(j, '}');
	write_transport(j, way, peer);
	keel_json_close(j, '}');
}

static void write_ace(struct keel_json *j, const struct way *way, const struct peer *peer)
{
	keel_json_open(j, NULL, '{');
	keel_json_text(j, "name", peer->name);
	write_matches(j, way, peer);
	keel_json_open(j, "actions", '{');
	keel_json_word(j, "forwarding", "accept");
	keel_json_close(j, '}');
	keel_json_close(j, '}');
}

/* An interface may be named "service", too: each entry of a list needs its own name. */
static void write_home(struct keel_json *j, const struct way *way, const struct keel_interface *i)
{
	char name[NAME_MAX_BYTES];
	struct keel_wr w = keel_wr_of(name, sizeof(name));
	struct peer peer = { .tcp = i->transport == KEEL_TRANSPORT_TCP, .port = i->port };
	keel_wr_text(&w, "home: ");
	keel_wr_bytes(&w, i->name);
	KEEL_MUST(keel_wr_end(&w, &peer.name) == KEEL_OK);
	write_ace(j, way, &peer);
}

/* What is never open needs nothing of the network. */
static bool is_at_home(const struct keel_interface *i)
{
	return i->open.count > 0 &&
	       (i->transport == KEEL_TRANSPORT_TCP || i->transport == KEEL_TRANSPORT_UDP);
}

static void write_list(struct keel_json *j, const struct way *way, const struct keel_product *p)
{
	struct keel_list rest = p->interfaces;
	struct keel_interface i;
	keel_json_open(j, NULL, '{');
	keel_json_word(j, "name", way->list);
	keel_json_word(j, "type", way->type);
	keel_json_open(j, "aces", '{');
	keel_json_open(j, "ace", '[');
	if (keel_has(p, KEEL_PRODUCT_SERVICE)) {
		struct peer service = service_of(&p->service);
		write_ace(j, way, &service);
	}
	while (keel_list_next(&keel_interface_row, &rest, &i))
		if (is_at_home(&i))
			write_home(j, way, &i);
	keel_json_close(j, ']');
	keel_json_close(j, '}');
	keel_json_close(j, '}');
}

static void write_policy(struct keel_json *j, const char *name, bool from_device)
{
	keel_json_open(j, name, '{');
	keel_json_open(j, "access-lists", '{');
	keel_json_open(j, "access-list", '[');
	for (size_t i = 0; i < KEEL_COUNT(ways); i++) {
		if (ways[i].from_device != from_device)
			continue;
		keel_json_open(j, NULL, '{');
		keel_json_word(j, "name", ways[i].list);
		keel_json_close(j, '}');
	}
	keel_json_close(j, ']');
	keel_json_close(j, '}');
	keel_json_close(j, '}');
}

/* "https://fleet.example/p/MODEL/" and what follows. */
static void write_url(struct keel_json *j, const char *name, const struct keel_site *site,
	const struct keel_product *p, const char *file)
{
	char url[TEXT_MAX + 3 * 64];
	struct keel_wr w = keel_wr_of(url, sizeof(url));
	struct keel_bytes text = { 0 };
	keel_wr_bytes(&w, site->origin);
	keel_site_path(&w, p);
	keel_wr_text(&w, file);
	KEEL_MUST(keel_wr_end(&w, &text) == KEEL_OK);
	keel_json_text(j, name, text);
}

/* §3.4, akin to a version number: since when the file says what it says. */
static void write_last_update(
	struct keel_json *j, const struct keel_site *site, const struct keel_site_product *p)
{
	char text[32];
	struct keel_wr w = keel_wr_of(text, sizeof(text));
	struct keel_bytes all = { 0 };
	int64_t over_s = (keel_site_until(p) + 1) * DAY_S;
	bool over = !keel_site_supported(site, p) && over_s > p->declared_s;
	keel_say_moment(&w, over ? over_s : p->declared_s);
	KEEL_MUST(keel_wr_end(&w, &all) == KEEL_OK);
	keel_json_text(j, "last-update", all);
}

/* §3.7: at most 60 characters; none of them is cut in its middle. */
static void write_systeminfo(struct keel_json *j, const struct keel_model *m)
{
	char text[TEXT_MAX];
	struct keel_wr w = keel_wr_of(text, sizeof(text));
	struct keel_bytes all = { 0 };
	size_t characters = 0;
	size_t n = 0;
	keel_wr_bytes(&w, m->name);
	keel_wr_text(&w, ", ");
	keel_wr_bytes(&w, m->type);
	KEEL_MUST(keel_wr_end(&w, &all) == KEEL_OK);
	for (; n < all.n; n++)
		if ((all.p[n] & 0xc0) != 0x80 && characters++ == SYSTEMINFO_MAX)
			break;
	keel_json_text(j, "systeminfo", (struct keel_bytes){ all.p, n });
}

/* §3.8: no firmware-rev and no software-rev, for the software can be updated and the URL cannot. */
static void write_description(
	struct keel_json *j, const struct keel_site *site, const struct keel_site_product *p)
{
	keel_json_open(j, "ietf-mud:mud", '{');
	keel_json_uint(j, "mud-version", 1);
	write_url(j, "mud-url", site, p->product, "mud.json");
	write_last_update(j, site, p);
	keel_json_uint(j, "cache-validity", KEEL_MUD_CACHE_HOURS);
	keel_json_bool(j, "is-supported", keel_site_supported(site, p));
	write_systeminfo(j, &p->product->model);
	keel_json_text(j, "mfg-name", p->product->maker.name);
	keel_json_text(j, "model-name", p->product->model.identifier);
	write_url(j, "documentation", site, p->product, "");
	write_policy(j, "from-device-policy", true);
	write_policy(j, "to-device-policy", false);
	keel_json_close(j, '}');
}

void keel_mud_write(
	struct keel_wr *w, const struct keel_site *site, const struct keel_site_product *p)
{
	struct keel_json j = keel_json_of(w);
	keel_json_open(&j, NULL, '{');
	write_description(&j, site, p);
	keel_json_open(&j, "ietf-access-control-list:acls", '{');
	keel_json_open(&j, "acl", '[');
	for (size_t i = 0; i < KEEL_COUNT(ways); i++)
		write_list(&j, &ways[i], p->product);
	keel_json_close(&j, ']');
	keel_json_close(&j, '}');
	keel_json_close(&j, '}');
}

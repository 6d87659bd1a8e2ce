#include "profile/secure.h"

#include <string.h>

#define UNKNOWN         "write a protocol that man product.yaml names, or close it with open: []"
#define INSTEAD(secure) "speak " secure " in its place and declare that, or close it with open: []"

/* A name that is missing is not known to be secure. NULL: it is. */
/* clang-format off */
static const struct {
	const char *name, *lacks;
} protocols[] = {
	/* Best-practice cryptography, with keys of both ends or of the server. */
	{ "https",     NULL }, /* over TLS 1.3: the owners' door */
	{ "tls",       NULL },
	{ "dtls",      NULL },
	{ "wss",       NULL },
	{ "mqtts",     NULL },
	{ "coaps",     NULL },
	{ "oscore",    NULL }, /* RFC 8613, with EDHOC or keys of each pair */
	{ "ssh",       NULL },
	{ "sftp",      NULL },
	{ "wireguard", NULL },
	{ "ipsec",     NULL },
	{ "matter",    NULL },
	{ "thread",    NULL },
	{ "z-wave-s2", NULL },
	{ "wpa2",      NULL },
	{ "wpa3",      NULL },
	{ "ble-secure-connections", NULL }, /* LE Secure Connections only, no Just Works */
	/* What an IP network is made of; nothing of the product's may travel in it. */
	{ "dhcp",      NULL },
	{ "dns",       NULL },
	{ "mdns",      NULL },
	{ "ntp",       NULL },
	/* Anybody on the way reads and changes these. */
	{ "telnet",    INSTEAD("ssh") },
	{ "rlogin",    INSTEAD("ssh") },
	{ "rsh",       INSTEAD("ssh") },
	{ "http",      INSTEAD("https") },
	{ "ws",        INSTEAD("wss") },
	{ "upnp",      INSTEAD("https") },
	{ "ssdp",      INSTEAD("mdns") },
	{ "snmp",      INSTEAD("https") },
	{ "rtsp",      INSTEAD("tls") },
	{ "modbus",    INSTEAD("tls") },
	{ "mqtt",      INSTEAD("mqtts") },
	{ "coap",      INSTEAD("coaps or oscore") },
	{ "ftp",       INSTEAD("sftp") },
	{ "tftp",      INSTEAD("https") },
	{ "wep",       INSTEAD("wpa3") },
	{ "wpa",       INSTEAD("wpa3") },
	{ "ble",       INSTEAD("ble-secure-connections") },
};
/* clang-format on */

const char *keel_secure_protocol(struct keel_bytes name)
{
	for (size_t i = 0; i < KEEL_COUNT(protocols); i++)
		if (keel_bytes_is(name, protocols[i].name))
			return protocols[i].lacks;
	return UNKNOWN;
}

static bool begins(struct keel_bytes text, const char *with)
{
	size_t n = strlen(with);
	return text.n > n && memcmp(text.p, with, n) == 0;
}

const char *keel_secure_words(struct keel_bytes words)
{
	while (words.n > 0 && !begins(words, "http://"))
		words = (struct keel_bytes){ words.p + 1, words.n - 1 };
	return words.n > 0 ? "serve the page by https, and write https:// in the place of http://"
			   : NULL;
}

const char *keel_secure_contact(struct keel_bytes contact)
{
	bool secure = begins(contact, "https://") || begins(contact, "mailto:") ||
		      begins(contact, "tel:");
	return secure ? NULL : "write a contact that begins with https://, mailto: or tel:";
}

static bool is_port(struct keel_bytes text)
{
	unsigned port = 0;
	for (size_t i = 0; i < text.n && i < 5; i++) {
		if (text.p[i] < '0' || text.p[i] > '9')
			return false;
		port = port * 10 + (unsigned)(text.p[i] - '0');
	}
	return text.n > 0 && text.n <= 5 && text.p[0] != '0' && port <= 65535 && port != 443;
}

/* How much of the text is of these characters alone. */
static size_t span(struct keel_bytes text, const char *of)
{
	size_t n = 0;
	while (n < text.n && text.p[n] != '\0' && strchr(of, text.p[n]) != NULL)
		n++;
	return n;
}

/* The length of the host that the text begins with; 0: it begins with none. */
static size_t host(struct keel_bytes text)
{
	bool v6 = text.n > 0 && text.p[0] == '[';
	if (!v6) {
		bool begins_well = text.n > 0 && text.p[0] != '.' && text.p[0] != '-';
		return begins_well ? span(text, "abcdefghijklmnopqrstuvwxyz0123456789.-") : 0;
	}
	size_t n = 1 + span((struct keel_bytes){ text.p + 1, text.n - 1 }, "0123456789abcdef:.");
	return n > 2 && n < text.n && text.p[n] == ']' ? n + 1 : 0;
}

const char *keel_secure_origin(struct keel_bytes url)
{
	static const char next[] = "write https:// and a host in small letters, with a : and a "
				   "port where that is not 443, and nothing behind it";
	const size_t https = strlen("https://");
	if (!begins(url, "https://"))
		return next;
	struct keel_bytes rest = { url.p + https, url.n - https };
	size_t n = host(rest);
	if (n == 0)
		return next;
	rest = (struct keel_bytes){ rest.p + n, rest.n - n };
	bool ends = rest.n == 0 ||
		    (rest.p[0] == ':' && is_port((struct keel_bytes){ rest.p + 1, rest.n - 1 }));
	return ends ? NULL : next;
}

const char *keel_secure_page(struct keel_bytes url)
{
	return begins(url, "https://")
		       ? NULL
		       : "write the address of its page, which begins with https://";
}

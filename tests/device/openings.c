#include "device/openings.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/err.h"
#include "device/home.h"

#define PROTOCOL  253    /* RFC 3692: for experiments */
#define ETHERTYPE 0x88b5 /* IEEE 802: likewise */

static const struct {
	int family, type;
	const char *where; /* with the place of the number or name */
} kinds[OPENINGS] = {
	{ AF_INET, SOCK_STREAM, "tcp 0.0.0.0:%u" },
	{ AF_INET6, SOCK_STREAM, "tcp6 [::]:%u" },
	{ AF_INET, SOCK_DGRAM, "udp 0.0.0.0:%u" },
	{ AF_INET6, SOCK_DGRAM, "udp6 [::]:%u" },
	{ AF_UNIX, SOCK_STREAM, "unix @keel-stream-%u" },
	{ AF_UNIX, SOCK_DGRAM, "unix @keel-dgram-%u" },
	{ AF_INET, SOCK_RAW, "raw 0.0.0.0:%u" },
	{ AF_INET6, SOCK_RAW, "raw6 [::]:%u" },
	{ AF_PACKET, SOCK_RAW, "packet protocol %04x" },
};

static socklen_t address_of(int family, unsigned number, const char *where, void *out)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons((uint16_t)number) };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)number) };
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	if (family == AF_INET) {
		memcpy(out, &v4, sizeof(v4));
		return sizeof(v4);
	}
	if (family == AF_INET6) {
		memcpy(out, &v6, sizeof(v6));
		return sizeof(v6);
	}
	const char *name = strchr(where, '@') + 1;
	memcpy(un.sun_path + 1, name, strlen(name));
	memcpy(out, &un, sizeof(un));
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(name));
}

static bool bind_to(int fd, int family, int type, unsigned number, const char *where)
{
	struct sockaddr_storage a = { 0 };
	int on = 1;
	socklen_t n = address_of(family, number, where, &a);
	if (family == AF_INET6 && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) != 0)
		return false;
	return bind(fd, (struct sockaddr *)&a, n) == 0 &&
	       (type != SOCK_STREAM || listen(fd, 1) == 0);
}

int opening_make(size_t i, char where[96])
{
	int family = kinds[i].family, type = kinds[i].type;
	bool packet = family == AF_PACKET, raw = type == SOCK_RAW && !packet;
	unsigned number = packet ? ETHERTYPE : raw ? PROTOCOL : home_free_port();
	int protocol = packet ? htons(ETHERTYPE) : raw ? PROTOCOL : 0;
	int fd = socket(family, type | SOCK_CLOEXEC, protocol);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	(void)snprintf(where, 96, kinds[i].where, number);
#pragma GCC diagnostic pop
	if (fd < 0) {
		(void)printf("left out: no %s here (%s)\n", where, strerror(errno));
		return -1;
	}
	if (type != SOCK_RAW)
		KEEL_MUST(bind_to(fd, family, type, number, where));
	return fd;
}

#include "device/monitor/sockets.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LINE_MAX_LEN 512
#define TCP_LISTENS  0x0Au
#define UDP_BOUND    0x07u
#define UNIX_LISTENS 0x10000u
#define UNIX_DGRAM   2u

static const char *const tables[SOCKET_KIND_COUNT] = {
	[SOCKET_TCP] = "tcp",
	[SOCKET_TCP6] = "tcp6",
	[SOCKET_UDP] = "udp",
	[SOCKET_UDP6] = "udp6",
	[SOCKET_RAW] = "raw",
	[SOCKET_RAW6] = "raw6",
	[SOCKET_PACKET] = "packet",
	[SOCKET_UNIX] = "unix",
};

const char *keel_socket_table(enum keel_socket_kind kind)
{
	return tables[kind];
}

/*
 * An address stands there as 32-bit words, each printed as this machine's number of four bytes in
 * network order: stored back as a number they are those bytes, whatever the byte order.
 */
static bool address_of(const char *hex, char out[INET6_ADDRSTRLEN])
{
	uint8_t bytes[16];
	size_t words = strlen(hex) / 8;
	if (strlen(hex) % 8 != 0 || (words != 1 && words != 4))
		return false;
	for (size_t i = 0; i < words; i++) {
		uint32_t word;
		if (sscanf(hex + 8 * i, "%8" SCNx32, &word) != 1)
			return false;
		memcpy(bytes + 4 * i, &word, 4);
	}
	return inet_ntop(words == 1 ? AF_INET : AF_INET6, bytes, out, INET6_ADDRSTRLEN) != NULL;
}

static bool is_open(enum keel_socket_kind kind, unsigned state)
{
	if (kind == SOCKET_TCP || kind == SOCKET_TCP6)
		return state == TCP_LISTENS;
	if (kind == SOCKET_UDP || kind == SOCKET_UDP6)
		return state == UDP_BOUND;
	return true;
}

/* "  0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 12345 1 …" */
static bool inet_line(enum keel_socket_kind kind, const char *line, struct keel_socket *out)
{
	char local[40], address[INET6_ADDRSTRLEN];
	unsigned port, state;
	struct keel_socket s = { .kind = kind };
	if (sscanf(line,
		    " %*u: %39[0-9A-Fa-f]:%4x %*[0-9A-Fa-f]:%*4x %2x %*x:%*x %*x:%*x %*x %*u %*u "
		    "%" SCNu64,
		    local, &port, &state, &s.inode) != 4)
		return false;
	if (!is_open(kind, state) || !address_of(local, address))
		return false;
	bool six = strlen(local) > 8;
	s.port = (uint16_t)port;
	(void)snprintf(s.where, sizeof(s.where), six ? "%s [%s]:%u" : "%s %s:%u", tables[kind],
		address, port);
	*out = s;
	return true;
}

/* "ffff8881 3      3    0003   2     1       0      0      12345" */
static bool packet_line(const char *line, struct keel_socket *out)
{
	unsigned protocol;
	struct keel_socket s = { .kind = SOCKET_PACKET };
	if (sscanf(line, "%*s %*u %*u %x %*d %*u %*u %*u %" SCNu64, &protocol, &s.inode) != 2)
		return false;
	(void)snprintf(s.where, sizeof(s.where), "packet protocol %04x", protocol);
	*out = s;
	return true;
}

/* "ffff8881: 00000002 00000000 00010000 0001 01 12345 @name" */
static bool unix_line(const char *line, struct keel_socket *out)
{
	char path[64];
	unsigned flags, type;
	struct keel_socket s = { .kind = SOCKET_UNIX };
	if (sscanf(line, "%*[^:]: %*x %*x %x %x %*x %" SCNu64 " %63[^\n]", &flags, &type, &s.inode,
		    path) != 4)
		return false;
	if (path[0] != '@' || ((flags & UNIX_LISTENS) == 0 && type != UNIX_DGRAM))
		return false;
	for (char *c = path; *c != '\0'; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
	(void)snprintf(s.where, sizeof(s.where), "unix %s", path);
	*out = s;
	return true;
}

bool keel_socket_read(enum keel_socket_kind kind, const char *line, struct keel_socket *out)
{
	if (kind == SOCKET_UNIX)
		return unix_line(line, out);
	if (kind == SOCKET_PACKET)
		return packet_line(line, out);
	return inet_line(kind, line, out);
}

struct visit {
	enum keel_socket_kind kind;
	void (*each)(void *self, const struct keel_socket *s);
	void *self;
};

/* Hands over the whole lines in buf and moves the rest to its start; gives the rest's length. */
static size_t lines_of(char *buf, size_t n, const struct visit *v)
{
	char *line = buf;
	struct keel_socket s;
	for (char *end; (end = memchr(line, '\n', n - (size_t)(line - buf))) != NULL;
		line = end + 1) {
		*end = '\0';
		if (keel_socket_read(v->kind, line, &s))
			v->each(v->self, &s);
	}
	size_t rest = n - (size_t)(line - buf);
	if (rest == n)
		return 0; /* no line is so long: an overlong one is dropped */
	memmove(buf, line, rest);
	return rest;
}

static bool table_each(int pid, const struct visit *v)
{
	char path[64], buf[16 * LINE_MAX_LEN];
	size_t n = 0;
	ssize_t got;
	(void)snprintf(path, sizeof(path), "/proc/%d/net/%s", pid, tables[v->kind]);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	while ((got = read(fd, buf + n, sizeof(buf) - n)) > 0)
		n = lines_of(buf, n + (size_t)got, v);
	(void)close(fd);
	return got == 0;
}

enum keel_err keel_sockets_each(
	int pid, void (*each)(void *self, const struct keel_socket *s), void *self)
{
	bool any = false;
	for (enum keel_socket_kind kind = 0; kind < SOCKET_KIND_COUNT; kind++) {
		struct visit v = { .kind = kind, .each = each, .self = self };
		any |= table_each(pid, &v);
	}
	return any ? KEEL_OK : KEEL_EIO;
}

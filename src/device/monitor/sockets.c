#include "device/monitor/sockets.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LINE_MAX_LEN 512
#define WORDS_MAX    12
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

/* A line's words; a table's columns are counted from 0. */
struct words {
	struct keel_bytes of[WORDS_MAX];
	size_t n;
};

static struct words words_of(const char *line)
{
	struct words w = { .n = 0 };
	while (w.n < WORDS_MAX) {
		line += strspn(line, " ");
		size_t n = strcspn(line, " ");
		if (n == 0)
			break;
		w.of[w.n++] = (struct keel_bytes){ (const uint8_t *)line, n };
		line += n;
	}
	return w;
}

static int digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 99;
}

static bool number_of(struct keel_bytes word, unsigned base, uint64_t max, uint64_t *out)
{
	uint64_t v = 0;
	for (size_t i = 0; i < word.n; i++) {
		unsigned d = (unsigned)digit(word.p[i]);
		if (d >= base || v > (max - d) / base)
			return false;
		v = v * base + d;
	}
	*out = v;
	return word.n > 0;
}

/*
 * An address stands there as 32-bit words, each printed as this machine's number of four bytes in
 * network order: stored back as a number they are those bytes, whatever the byte order.
 */
static bool address_of(struct keel_bytes hex, char out[INET6_ADDRSTRLEN])
{
	uint8_t bytes[16];
	if (hex.n != 8 && hex.n != 32)
		return false;
	for (size_t i = 0; i < hex.n / 8; i++) {
		uint64_t v;
		if (!number_of((struct keel_bytes){ hex.p + 8 * i, 8 }, 16, UINT32_MAX, &v))
			return false;
		uint32_t word = (uint32_t)v;
		memcpy(bytes + 4 * i, &word, 4);
	}
	return inet_ntop(hex.n == 8 ? AF_INET : AF_INET6, bytes, out, INET6_ADDRSTRLEN) != NULL;
}

static bool is_open(enum keel_socket_kind kind, uint64_t state)
{
	if (kind == SOCKET_TCP || kind == SOCKET_TCP6)
		return state == TCP_LISTENS;
	if (kind == SOCKET_UDP || kind == SOCKET_UDP6)
		return state == UDP_BOUND;
	return true;
}

/* "  0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 12345 1 …" */
static bool inet_line(enum keel_socket_kind kind, const struct words *w, struct keel_socket *out)
{
	char address[INET6_ADDRSTRLEN];
	struct keel_socket s = { .kind = kind };
	uint64_t port, state;
	if (w->n < 10)
		return false;
	struct keel_rd r = keel_rd_of(w->of[1]);
	struct keel_bytes local = keel_rd_until(&r, ':');
	struct keel_bytes after = keel_rd_rest(&r);
	if (keel_rd_end(&r) != KEEL_OK || !number_of(after, 16, UINT16_MAX, &port) ||
		!number_of(w->of[3], 16, UINT8_MAX, &state) ||
		!number_of(w->of[9], 10, UINT64_MAX, &s.inode))
		return false;
	if (!is_open(kind, state) || !address_of(local, address))
		return false;
	s.port = (uint16_t)port;
	(void)snprintf(s.where, sizeof(s.where), local.n > 8 ? "%s [%s]:%u" : "%s %s:%u",
		tables[kind], address, s.port);
	*out = s;
	return true;
}

/* "ffff8881 3      3    0003   2     1       0      0      12345" */
static bool packet_line(const struct words *w, struct keel_socket *out)
{
	struct keel_socket s = { .kind = SOCKET_PACKET };
	uint64_t protocol;
	if (w->n < 9 || !number_of(w->of[3], 16, UINT16_MAX, &protocol) ||
		!number_of(w->of[8], 10, UINT64_MAX, &s.inode))
		return false;
	(void)snprintf(s.where, sizeof(s.where), "packet protocol %04x", (unsigned)protocol);
	*out = s;
	return true;
}

/* "ffff8881: 00000002 00000000 00010000 0001 01 12345 @name" */
static bool unix_line(const struct words *w, struct keel_socket *out)
{
	struct keel_socket s = { .kind = SOCKET_UNIX };
	uint64_t flags, type;
	if (w->n < 8 || !number_of(w->of[3], 16, UINT32_MAX, &flags) ||
		!number_of(w->of[4], 16, UINT16_MAX, &type) ||
		!number_of(w->of[6], 10, UINT64_MAX, &s.inode))
		return false;
	struct keel_bytes name = w->of[7];
	if (name.p[0] != '@' || ((flags & UNIX_LISTENS) == 0 && type != UNIX_DGRAM))
		return false;
	(void)snprintf(s.where, sizeof(s.where), "unix %.*s", name.n < 64 ? (int)name.n : 64,
		(const char *)name.p);
	for (char *c = s.where; *c != '\0'; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
	*out = s;
	return true;
}

bool keel_socket_read(enum keel_socket_kind kind, const char *line, struct keel_socket *out)
{
	struct words w = words_of(line);
	if (kind == SOCKET_UNIX)
		return unix_line(&w, out);
	if (kind == SOCKET_PACKET)
		return packet_line(&w, out);
	return inet_line(kind, &w, out);
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

/* The sockets that the door takes connections from: those that the declaration opens in this state. */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "core/break.h"
#include "device/parent.h"
#include "device/talk.h"

#define BACKLOG 128

static const char next_listen[] =
	"free the port (ss -lntp shows who has it), or choose another in the declaration";

static enum keel_err no_address(const char *address, struct keel_fault *fault)
{
	*fault = (struct keel_fault){ .err = KEEL_ERANGE,
		.next = "give --address an IPv4 or IPv6 address of this device" };
	(void)snprintf(fault->what, sizeof(fault->what), "no address: %s", address);
	return KEEL_ERANGE;
}

static int bound(const struct addrinfo *a, bool both)
{
	int fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP);
	int on = 1, six_only = !both;
	if (fd < 0)
		return -1;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0 &&
		(a->ai_family != AF_INET6 || setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &six_only,
						     sizeof(six_only)) == 0) &&
		bind(fd, a->ai_addr, a->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0)
		return fd;
	int why = errno;
	keel_fd_close(&fd);
	errno = why;
	return -1;
}

/* both: an IPv6 address that takes IPv4 too. */
static enum keel_err listen_at(struct keel_parent *p, const char *address, uint16_t port, bool both,
	struct keel_fault *fault)
{
	char number[8], where[128];
	struct addrinfo *a;
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE };
	(void)snprintf(number, sizeof(number), "%u", port);
	if (getaddrinfo(address, number, &hints, &a) != 0)
		return no_address(address, fault);
	int fd = bound(a, both);
	freeaddrinfo(a);
	(void)snprintf(where, sizeof(where), "at %s port %u", address, port);
	if (fd < 0)
		return keel_fault_of_os(fault, "listen", where, next_listen);
	if (p->listener_count == KEEL_LISTENERS_MAX) {
		keel_fd_close(&fd);
		*fault = (struct keel_fault){ .err = KEEL_EFULL, .what = "too many listeners" };
		return KEEL_EFULL;
	}
	p->listeners[p->listener_count++] = fd;
	return KEEL_OK;
}

/* Everywhere: by IPv6 for both, or by IPv4 on a kernel without IPv6. */
static enum keel_err listen_everywhere(
	struct keel_parent *p, uint16_t port, struct keel_fault *fault)
{
	enum keel_err e = listen_at(p, "::", port, true, fault);
	if (e == KEEL_EIO && (fault->os == EAFNOSUPPORT || fault->os == EADDRNOTAVAIL))
		e = listen_at(p, "0.0.0.0", port, false, fault);
	return e;
}

static enum keel_err listen_for(struct keel_parent *p, uint16_t port, struct keel_fault *fault)
{
	const struct keel_options *o = p->options;
	if (o->address_count == 0)
		return listen_everywhere(p, port, fault);
	enum keel_err e = KEEL_OK;
	for (size_t i = 0; e == KEEL_OK && i < o->address_count; i++)
		e = listen_at(p, o->addresses[i], port, false, fault);
	return e;
}

/* Only where the drill asks for it: what no hub may do with its network. */
static void open_abstract(void)
{
	static const char name[] = "\0undeclared";
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	const socklen_t n = offsetof(struct sockaddr_un, sun_path) + sizeof(name) - 1;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	memcpy(at.sun_path, name, sizeof(name));
	if (bind(fd, (const struct sockaddr *)&at, n) != 0 || listen(fd, 1) != 0)
		keel_fd_close(&fd);
}

static void say_in_clear(const char *own)
{
	static const char said[] = "set temperature: celsius 21";
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(9999) };
	keel_auto(keel_fd_close) int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	(void)inet_pton(AF_INET, own, &to.sin_addr);
	to.sin_addr.s_addr ^= htonl(3); /* the other end of the hub's cable */
	(void)sendto(fd, said, sizeof(said) - 1, 0, (const struct sockaddr *)&to, sizeof(to));
}

enum keel_err keel_listeners_open(struct keel_parent *p, struct keel_fault *fault)
{
	/* Until the vault has said which state it is, the door is where it is in any of them. */
	unsigned now = p->state_known ? 1u << p->state : ~0u;
	keel_listeners_close(p);
	enum keel_err e = KEEL_OK;
	for (size_t i = 0; e == KEEL_OK && i < p->declared.port_count; i++) {
		const struct keel_port *d = &p->declared.ports[i];
		if (d->https && !d->udp && (d->states & now) != 0)
			e = listen_for(p, d->port, fault);
	}
	if (e == KEEL_OK && keel_broken("undeclared-port"))
		e = listen_at(p, "0.0.0.0", 9999, false, fault);
	if (keel_broken("undeclared-abstract"))
		open_abstract();
	if (keel_broken("said-in-clear") && p->options->address_count > 0)
		say_in_clear(p->options->addresses[0]);
	if (e != KEEL_OK)
		keel_listeners_close(p);
	return e;
}

void keel_listeners_close(struct keel_parent *p)
{
	while (p->listener_count > 0)
		keel_fd_close(&p->listeners[--p->listener_count]);
}

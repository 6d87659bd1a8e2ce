#include "fleet/listen.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG 1024

static bool bound(int fd, const struct addrinfo *at)
{
	const int on = 1;
	const int off = 0;
	bool good = setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0;
	if (good && at->ai_family == AF_INET6)
		good = setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off)) == 0;
	return good && bind(fd, at->ai_addr, at->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0;
}

/* *out: the listening socket. */
static enum keel_err listen_at(
	const char *address, const char *port, int *out, struct keel_fault *fault)
{
	const struct addrinfo want = { .ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV,
		.ai_socktype = SOCK_STREAM };
	struct addrinfo *at = NULL;
	*out = -1;
	if (getaddrinfo(address, port, &want, &at) != 0)
		return keel_fault_format(fault, KEEL_ERANGE,
			"write an address of this machine into config.yaml: \"::\", \"0.0.0.0\"",
			"%.60s is no address", address);
	*out = socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool good = *out >= 0 && bound(*out, at);
	int os = errno;
	freeaddrinfo(at);
	return good ? KEEL_OK
		    : keel_fault_format(fault, KEEL_EIO,
			      "end what listens there, or name another address or port in "
			      "config.yaml",
			      "cannot listen on %.60s port %s: %s", address, port, strerror(os));
}

enum keel_err keel_fleet_listen(const struct keel_fleet_config *c, struct keel_http_server *server,
	struct keel_fleet_listeners *out, struct keel_fault *fault)
{
	char list[sizeof(c->address)];
	char port[8];
	char *rest = NULL;
	(void)snprintf(list, sizeof(list), "%s", c->address);
	(void)snprintf(port, sizeof(port), "%u", (unsigned)c->port);
	for (const char *a = strtok_r(list, " ", &rest); a != NULL;
		a = strtok_r(NULL, " ", &rest)) {
		if (out->count == KEEL_COUNT(out->fd))
			return keel_fault_format(fault, KEEL_ERANGE,
				"write fewer, or \"::\" for all",
				"config.yaml names more than %zu addresses", out->count);
		enum keel_err e = listen_at(a, port, &out->fd[out->count], fault);
		out->count += out->fd[out->count] >= 0;
		if (e != KEEL_OK)
			return e;
		if (keel_http_server_listen(server, out->fd[out->count - 1]) != KEEL_OK)
			return keel_fault_fill(
				fault, KEEL_EIO, "the listening socket cannot be watched", "");
	}
	return out->count > 0 ? KEEL_OK
			      : keel_fault_fill(fault, KEEL_ERANGE, "config.yaml names no address",
					"write an address of this machine: \"::\", \"0.0.0.0\"");
}

void keel_fleet_listen_end(struct keel_fleet_listeners *l)
{
	while (l->count > 0)
		(void)close(l->fd[--l->count]);
}

unsigned keel_fleet_listen_port(const struct keel_fleet_listeners *l)
{
	struct sockaddr_storage at = { 0 };
	socklen_t n = sizeof(at);
	if (l->count == 0 || getsockname(l->fd[0], (struct sockaddr *)&at, &n) != 0)
		return 0;
	return keel_http_place_of((const struct sockaddr *)&at).port;
}

#include "device/uplink/resolve.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <resolv.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define ADDRESSES_MAX 8
#define SERVERS_FILE  "/etc/resolv.conf"

#define TIMEOUT_S 2

/* The name servers as they are now, each asked once, for the name as it is: no domain is searched. */
static void bound(void)
{
	(void)res_init();
	_res.retrans = TIMEOUT_S;
	_res.retry = 1;
	_res.options &= ~(unsigned long)(RES_DEFNAMES | RES_DNSRCH);
}

static int ask(const char *host, struct addrinfo **out)
{
	const struct addrinfo wanted = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM };
	bound();
	return getaddrinfo(host, NULL, &wanted, out);
}

void keel_resolve_warm(void)
{
	struct addrinfo *found = NULL;
	if (ask("localhost", &found) == 0)
		freeaddrinfo(found);
}

bool keel_resolve_is_address(const char *host)
{
	struct in6_addr any;
	return inet_pton(AF_INET, host, &any) == 1 || inet_pton(AF_INET6, host, &any) == 1;
}

/*
 * Landlock allows the file that was there when the walls went up, not one that took its place. libc
 * would go on with a name server on this machine, and never say so.
 */
static bool servers_known(void)
{
	FILE *f = fopen(SERVERS_FILE, "re");
	bool known = f != NULL || errno == ENOENT;
	if (f != NULL)
		(void)fclose(f);
	return known;
}

static const void *address_of(const struct addrinfo *a)
{
	return a->ai_family == AF_INET
		       ? (const void *)&((const struct sockaddr_in *)(const void *)a->ai_addr)
				 ->sin_addr
		       : (const void *)&((const struct sockaddr_in6 *)(const void *)a->ai_addr)
				 ->sin6_addr;
}

static void add(char *out, const struct addrinfo *a)
{
	char address[INET6_ADDRSTRLEN];
	size_t n = strlen(out);
	if (inet_ntop(a->ai_family, address_of(a), address, sizeof(address)) != NULL)
		(void)snprintf(out + n, KEEL_ADDRESSES_LEN - n, "%s%s", n == 0 ? "" : ",", address);
}

enum keel_err keel_resolve(const char *host, char out[KEEL_ADDRESSES_LEN])
{
	struct addrinfo *found = NULL;
	size_t n = 0;
	if (!servers_known())
		return KEEL_ESTATE;
	if (ask(host, &found) != 0)
		return KEEL_ENONE;
	out[0] = '\0';
	for (const struct addrinfo *a = found; a != NULL && n < ADDRESSES_MAX; a = a->ai_next, n++)
		add(out, a);
	freeaddrinfo(found);
	return out[0] == '\0' ? KEEL_ENONE : KEEL_OK;
}

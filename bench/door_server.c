/*
 * The door's plain page as the door serves it (its limits, its page, its TLS), without the limits
 * that one address has, so that one load generator can be all owners at once.
 * door_server PORT CHAIN.pem KEY.pem
 */
#include <arpa/inet.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#include "device/door/door.h"
#include "device/door/page.h"
#include "http/tls.h"

#define PEM_MAX 16384

static struct keel_page page;

static void give_page(void *self, struct keel_http_call *call)
{
	(void)self;
	struct keel_http_answer a = keel_page_answer(&page);
	keel_http_answer(call, &a);
}

static const struct keel_http_route routes[] = {
	{ .method = KEEL_HTTP_GET, .path = "/", .handle = give_page },
};

static uint64_t now_ms(void *self)
{
	struct timespec t;
	(void)self;
	KEEL_MUST(clock_gettime(CLOCK_BOOTTIME, &t) == 0);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static int64_t wall_s(void *self)
{
	struct timespec t;
	(void)self;
	KEEL_MUST(clock_gettime(CLOCK_REALTIME, &t) == 0);
	return t.tv_sec;
}

static struct keel_bytes file(const char *path, uint8_t buf[PEM_MAX])
{
	FILE *f = fopen(path, "re");
	KEEL_MUST(f != NULL);
	size_t n = fread(buf, 1, PEM_MAX, f);
	(void)fclose(f);
	return (struct keel_bytes){ buf, n };
}

static int listen_at(uint16_t port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(port) };
	int on = 1;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	KEEL_MUST(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0);
	KEEL_MUST(bind(fd, (struct sockaddr *)&a, sizeof(a)) == 0 && listen(fd, 512) == 0);
	return fd;
}

int main(int argc, char **argv)
{
	static uint8_t chain[PEM_MAX];
	static uint8_t key[PEM_MAX];
	struct keel_fault fault;
	struct ssl_ctx_st *tls;
	struct keel_http_server *server;
	if (argc != 4)
		return 2;
	struct keel_http_config c = keel_door_limits();
	c.quota = (struct keel_http_quota){ .connections = 1024, .v6_bits = 128 };
	c.connections = 1024;
	c.routes = routes;
	c.route_count = KEEL_COUNT(routes);
	c.clock = (struct keel_clock){ .now_ms = now_ms, .wall_s = wall_s };
	keel_page_make(&page, "https://app.example", NULL);
	struct event_base *base = event_base_new();
	KEEL_MUST(keel_tls_open(file(argv[2], chain), file(argv[3], key), &tls, &fault) == KEEL_OK);
	KEEL_MUST(keel_http_server_open(base, tls, &c, &server) == KEEL_OK);
	KEEL_MUST(keel_http_server_listen(
			  server, listen_at((uint16_t)strtoul(argv[1], NULL, 10))) == KEEL_OK);
	return event_base_dispatch(base);
}

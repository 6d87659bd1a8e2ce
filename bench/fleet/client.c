#include "fleet/client.h"

#include <arpa/inet.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define HEAD_MAX 512

void clients_init(struct clients *all)
{
	all->base = event_base_new();
	all->tls = SSL_CTX_new(TLS_client_method());
	KEEL_MUST(all->base != NULL && all->tls != NULL);
	KEEL_MUST(SSL_CTX_set_min_proto_version(all->tls, TLS1_3_VERSION) == 1);
	(void)SSL_CTX_set_mode(all->tls, SSL_MODE_RELEASE_BUFFERS);
	/* The server's certificate is verified by nobody: it costs the client only. */
	SSL_CTX_set_verify(all->tls, SSL_VERIFY_NONE, NULL);
}

void clients_aim(struct clients *all, uint16_t port)
{
	all->to = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons(port) };
	all->to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
}

static void give_up(const char *what, struct keel_bytes text)
{
	(void)fprintf(stderr, "fleet_load: %s: ", what);
	(void)fwrite(text.p, 1, text.n, stderr);
	(void)fprintf(stderr, "\n");
	exit(1);
}

/* Where the head ends and how long the body is; false while it is not there. */
static bool whole(const uint8_t *p, size_t n, size_t *head, size_t *body)
{
	const uint8_t *end = memmem(p, n, "\r\n\r\n", 4);
	const uint8_t *length = memmem(p, n, "Content-Length: ", 16);
	if (end == NULL)
		return false;
	KEEL_MUST(length != NULL && length < end);
	*head = (size_t)(end - p) + 4;
	*body = strtoul((const char *)length + 16, NULL, 10);
	return n >= *head + *body;
}

static void on_read(struct bufferevent *bev, void *arg)
{
	struct client *c = arg;
	struct evbuffer *in = bufferevent_get_input(bev);
	size_t n = evbuffer_get_length(in), head, body;
	uint8_t *p = evbuffer_pullup(in, -1);
	if (n == 0 || !whole(p, n, &head, &body))
		return;
	if (!c->waits || n != head + body || memcmp(p, "HTTP/1.1 200", 12) != 0)
		give_up("no answer to what was asked", (struct keel_bytes){ p, n });
	static uint8_t copy[65536];
	KEEL_MUST(body <= sizeof(copy));
	memcpy(copy, p + head, body);
	(void)evbuffer_drain(in, n);
	c->waits = false;
	c->answered(c, (struct keel_bytes){ copy, body });
}

static void on_event(struct bufferevent *bev, short what, void *arg)
{
	struct client *c = arg;
	int on = 1;
	if ((what & BEV_EVENT_CONNECTED) == 0)
		give_up("a connection ended", keel_text(""));
	(void)setsockopt(bufferevent_getfd(bev), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	c->connected(c);
}

void client_open(struct client *c)
{
	SSL *ssl = SSL_new(c->all->tls);
	KEEL_MUST(ssl != NULL);
	c->waits = false;
	c->bev = bufferevent_openssl_socket_new(
		c->all->base, -1, ssl, BUFFEREVENT_SSL_CONNECTING, BEV_OPT_CLOSE_ON_FREE);
	KEEL_MUST(c->bev != NULL);
	bufferevent_setcb(c->bev, on_read, NULL, on_event, c);
	(void)bufferevent_enable(c->bev, EV_READ | EV_WRITE);
	KEEL_MUST(bufferevent_socket_connect(
			  c->bev, (struct sockaddr *)&c->all->to, sizeof(c->all->to)) == 0);
}

void client_send(struct client *c, struct keel_bytes request)
{
	KEEL_MUST(!c->waits);
	c->waits = true;
	KEEL_MUST(bufferevent_write(c->bev, request.p, request.n) == 0);
}

void client_close(struct client *c)
{
	if (c->bev != NULL)
		bufferevent_free(c->bev);
	c->bev = NULL;
}

struct keel_bytes client_request(const char *host, const char *path, struct keel_bytes body)
{
	char *p = malloc(HEAD_MAX + body.n);
	KEEL_MUST(p != NULL);
	int n = body.n == 0
			? snprintf(p, HEAD_MAX, "GET %s HTTP/1.1\r\nHost: %s\r\n\r\n", path, host)
			: snprintf(p, HEAD_MAX,
				  "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: "
				  "application/cbor\r\n"
				  "Content-Length: %zu\r\n\r\n",
				  path, host, body.n);
	KEEL_MUST(n > 0 && n < HEAD_MAX);
	if (body.n > 0)
		memcpy(p + n, body.p, body.n);
	return (struct keel_bytes){ (const uint8_t *)p, (size_t)n + body.n };
}

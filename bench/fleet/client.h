/*
 * A client of the service: one TLS 1.3 connection with one request outstanding, on libevent as the
 * server's own (http/conn.c). Any answer but 200 ends the program: a figure of refusals is none.
 */
#ifndef KEEL_BENCH_FLEET_CLIENT_H
#define KEEL_BENCH_FLEET_CLIENT_H

#include <event2/event.h>
#include <netinet/in.h>
#include <openssl/ssl.h>

#include "core/bytes.h"

/** Where they connect to, and by what. */
struct clients {
	struct event_base *base;
	SSL_CTX *tls;
	struct sockaddr_in to;
};

struct client {
	struct clients *all;
	struct bufferevent *bev; /* NULL: not open */
	bool waits;              /* a request is outstanding */
	void (*connected)(struct client *c);
	void (*answered)(struct client *c, struct keel_bytes body); /* may send the next */
	void *self;
};

void clients_init(struct clients *all);
void clients_aim(struct clients *all, uint16_t port);
/** all, connected, answered and self are the caller's to set before. */
void client_open(struct client *c);
void client_send(struct client *c, struct keel_bytes request);
void client_close(struct client *c);

/** A whole request in memory of its own: POST where there is a body, else GET. */
struct keel_bytes client_request(const char *host, const char *path, struct keel_bytes body);

#endif

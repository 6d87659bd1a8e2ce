/* A client's kept connection to a door, from one of this machine's addresses. Ends the program where it fails. */
#ifndef KEEL_BENCH_PEER_H
#define KEEL_BENCH_PEER_H

#include <openssl/ssl.h>

#include "core/bytes.h"

struct bench_peer {
	SSL_CTX *ctx;
	SSL *ssl;
	int fd;
	char host[80];
};

/** from: the address it asks from. ca: a PEM file; the certificate has to name the address. */
void bench_peer_open(struct bench_peer *p, const char *address, const char *port, const char *ca,
	const char *from);
void bench_peer_close(struct bench_peer *p);
/** POST /v1/request. Gives the status, and the body as a view of buf. */
unsigned bench_peer_post(struct bench_peer *p, struct keel_bytes sent, uint8_t *buf, size_t cap,
	struct keel_bytes *body);
void bench_pause_ms(unsigned ms);

#endif

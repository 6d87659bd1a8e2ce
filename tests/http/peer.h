/* A client for the tests of door and server: real sockets, real TLS, and what no honest client does. */
#ifndef KEEL_TESTS_HTTP_PEER_H
#define KEEL_TESTS_HTTP_PEER_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct peer_pem {
	char chain[2048];
	char key[1024];
};

/** A fresh P-256 key and a certificate that it signed itself. */
void peer_pem_make(struct peer_pem *out);

/** A listening socket on 127.0.0.1 or ::1, at a port of the system's choice. */
int peer_listen(bool v6, uint16_t *port);

struct peer_at {
	uint16_t port;
	bool v6;
	const char *from;    /* "127.0.0.2"; NULL: as the system likes */
	int version;         /* TLS1_2_VERSION; 0: any */
	const char *alpn;    /* "\x02h2"; NULL: none */
	SSL_SESSION *resume; /* NULL: a full handshake */
};

struct peer {
	int fd;
	SSL *ssl;
	char buf[70000]; /* what came and was not given out yet */
	size_t n;
};

/** Connects by TCP only. */
bool peer_dial(struct peer *p, const struct peer_at *at);
/** Connects and shakes hands. False: one of them was refused (p is closed then). */
bool peer_open(struct peer *p, const struct peer_at *at);
void peer_close(struct peer *p);

/** False where the connection is gone. */
bool peer_say(struct peer *p, const void *bytes, size_t n);
bool peer_say_text(struct peer *p, const char *text);

struct peer_answer {
	unsigned status;
	char head[4096]; /* with its NUL */
	uint8_t body[1 << 20];
	size_t body_n;
};

/** The next answer. False: none within wait_ms, or the connection ended. head_only: it was a HEAD. */
bool peer_hear(struct peer *p, struct peer_answer *out, unsigned wait_ms, bool head_only);
/** Whether the server ends the connection within wait_ms, and says nothing more. */
bool peer_ended(struct peer *p, unsigned wait_ms);
/** The value of a field in an answer's head; NULL: it is not there. Valid until the next call. */
const char *peer_field(const struct peer_answer *a, const char *name);

/** Milliseconds since some moment. */
uint64_t peer_now_ms(void);
void peer_sleep_ms(unsigned ms);

#endif

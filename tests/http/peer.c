#include "peer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define CONNECT_MS 5000

static void must(bool good, const char *what)
{
	if (good)
		return;
	(void)fprintf(stderr, "the test itself fails: %s (%s)\n", what, strerror(errno));
	abort();
}

uint64_t peer_now_ms(void)
{
	struct timespec t;
	must(clock_gettime(CLOCK_MONOTONIC, &t) == 0, "clock");
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

void peer_sleep_ms(unsigned ms)
{
	struct timespec t = { .tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000 };
	(void)nanosleep(&t, NULL);
}

static void text_of(BIO *b, char *out, size_t cap)
{
	int n = BIO_read(b, out, (int)cap - 1);
	must(n > 0 && (size_t)n < cap - 1, "PEM");
	out[n] = '\0';
	BIO_free(b);
}

void peer_pem_make(struct peer_pem *out)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *x = X509_new();
	BIO *chain = BIO_new(BIO_s_mem());
	BIO *pem = BIO_new(BIO_s_mem());
	must(key != NULL && x != NULL && chain != NULL && pem != NULL, "memory");
	X509_set_version(x, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
	X509_gmtime_adj(X509_getm_notBefore(x), -60);
	X509_gmtime_adj(X509_getm_notAfter(x), 3600);
	X509_set_pubkey(x, key);
	X509_NAME *name = X509_get_subject_name(x);
	X509_NAME_add_entry_by_txt(
		name, "CN", MBSTRING_ASC, (const unsigned char *)"hub.local", -1, -1, 0);
	X509_set_issuer_name(x, name);
	must(X509_sign(x, key, EVP_sha256()) > 0, "sign");
	must(PEM_write_bio_X509(chain, x) == 1, "PEM");
	must(PEM_write_bio_PrivateKey(pem, key, NULL, NULL, 0, NULL, NULL) == 1, "PEM");
	text_of(chain, out->chain, sizeof(out->chain));
	text_of(pem, out->key, sizeof(out->key));
	X509_free(x);
	EVP_PKEY_free(key);
}

static socklen_t address(bool v6, const char *text, uint16_t port, struct sockaddr_storage *out)
{
	memset(out, 0, sizeof(*out));
	if (v6) {
		struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = htons(port) };
		must(inet_pton(AF_INET6, text != NULL ? text : "::1", &in6.sin6_addr) == 1, "::1");
		memcpy(out, &in6, sizeof(in6));
		return sizeof(in6);
	}
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(port) };
	must(inet_pton(AF_INET, text != NULL ? text : "127.0.0.1", &in.sin_addr) == 1, "127.0.0.1");
	memcpy(out, &in, sizeof(in));
	return sizeof(in);
}

int peer_listen(bool v6, uint16_t *port)
{
	struct sockaddr_storage a;
	socklen_t n = address(v6, NULL, 0, &a);
	int fd = socket(v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	must(fd >= 0 && bind(fd, (struct sockaddr *)&a, n) == 0 && listen(fd, 512) == 0, "listen");
	must(getsockname(fd, (struct sockaddr *)&a, &n) == 0, "getsockname");
	struct sockaddr_in in; /* the port stands at the same place in both */
	memcpy(&in, &a, sizeof(in));
	*port = ntohs(in.sin_port);
	return fd;
}

bool peer_dial(struct peer *p, const struct peer_at *at)
{
	struct sockaddr_storage a;
	int on = 1;
	struct timeval limit = { .tv_sec = CONNECT_MS / 1000 };
	(void)signal(SIGPIPE, SIG_IGN); /* servers hang up on us */
	p->ssl = NULL;
	p->n = 0;
	p->fd = socket(at->v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	must(p->fd >= 0, "socket");
	(void)setsockopt(p->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	(void)setsockopt(p->fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	(void)setsockopt(p->fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	if (at->from != NULL) {
		socklen_t n = address(at->v6, at->from, 0, &a);
		must(bind(p->fd, (struct sockaddr *)&a, n) == 0, "bind");
	}
	socklen_t n = address(at->v6, NULL, at->port, &a);
	if (connect(p->fd, (struct sockaddr *)&a, n) == 0)
		return true;
	peer_close(p);
	return false;
}

static SSL *client_of(const struct peer_at *at)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	must(ctx != NULL, "memory");
	SSL_CTX_clear_mode(
		ctx, SSL_MODE_AUTO_RETRY); /* one record a read, so that waits end in time */
	if (at->version != 0)
		SSL_CTX_set_max_proto_version(ctx, at->version);
	if (at->alpn != NULL)
		SSL_CTX_set_alpn_protos(
			ctx, (const unsigned char *)at->alpn, (unsigned)strlen(at->alpn));
	SSL *ssl = SSL_new(ctx);
	must(ssl != NULL, "memory");
	SSL_CTX_free(ctx);
	if (at->resume != NULL)
		SSL_set_session(ssl, at->resume);
	return ssl;
}

bool peer_open(struct peer *p, const struct peer_at *at)
{
	if (!peer_dial(p, at))
		return false;
	p->ssl = client_of(at);
	SSL_set_fd(p->ssl, p->fd);
	if (SSL_connect(p->ssl) == 1)
		return true;
	peer_close(p);
	return false;
}

void peer_close(struct peer *p)
{
	SSL_free(p->ssl);
	if (p->fd >= 0)
		(void)close(p->fd);
	p->ssl = NULL;
	p->fd = -1;
	ERR_clear_error();
}

bool peer_say(struct peer *p, const void *bytes, size_t n)
{
	ERR_clear_error();
	return SSL_write(p->ssl, bytes, (int)n) == (int)n;
}

bool peer_say_text(struct peer *p, const char *text)
{
	return peer_say(p, text, strlen(text));
}

/* Adds what comes next. False: nothing came by then, or the end. */
static bool more(struct peer *p, uint64_t until_ms, bool *ended)
{
	int r;
	do {
		uint64_t now = peer_now_ms();
		struct pollfd f = { .fd = p->fd, .events = POLLIN };
		int wait = now < until_ms ? (int)(until_ms - now) : 0;
		if (SSL_pending(p->ssl) == 0 && poll(&f, 1, wait) <= 0)
			return false;
		ERR_clear_error();
		r = SSL_read(p->ssl, p->buf + p->n, (int)(sizeof(p->buf) - 1 - p->n));
	} while (r <= 0 && SSL_get_error(p->ssl, r) == SSL_ERROR_WANT_READ); /* a ticket */
	*ended = r <= 0;
	p->n += r > 0 ? (size_t)r : 0;
	return r > 0;
}

const char *peer_field(const struct peer_answer *a, const char *name)
{
	static char value[512];
	size_t n = strlen(name);
	for (const char *line = strstr(a->head, "\r\n"); line != NULL && line[2] != '\0';
		line = strstr(line + 2, "\r\n")) {
		if (strncasecmp(line + 2, name, n) != 0 || line[2 + n] != ':')
			continue;
		const char *from = line + 2 + n + 1;
		from += strspn(from, " ");
		(void)snprintf(value, sizeof(value), "%.*s", (int)strcspn(from, "\r"), from);
		return value;
	}
	return NULL;
}

static size_t length_of(const struct peer_answer *a)
{
	const char *value = peer_field(a, "Content-Length");
	return value != NULL ? strtoul(value, NULL, 10) : 0;
}

static void drop(struct peer *p, size_t n)
{
	p->n -= n;
	memmove(p->buf, p->buf + n, p->n);
}

/* It may be longer than what is kept of a peer. */
static bool take_body(struct peer *p, struct peer_answer *out, uint64_t until_ms)
{
	bool ended = false;
	must(out->body_n <= sizeof(out->body), "a body that long");
	for (size_t have = 0; have < out->body_n;) {
		size_t n = p->n < out->body_n - have ? p->n : out->body_n - have;
		memcpy(out->body + have, p->buf, n);
		drop(p, n);
		have += n;
		if (have < out->body_n && !more(p, until_ms, &ended))
			return false;
	}
	return true;
}

bool peer_hear(struct peer *p, struct peer_answer *out, unsigned wait_ms, bool head_only)
{
	uint64_t until = peer_now_ms() + wait_ms;
	bool ended = false;
	const char *end = NULL;
	for (;;) {
		p->buf[p->n] = '\0';
		end = strstr(p->buf, "\r\n\r\n");
		if (end != NULL)
			break;
		if (!more(p, until, &ended))
			return false;
	}
	size_t head = (size_t)(end - p->buf) + 4;
	must(head < sizeof(out->head), "a head that long");
	memcpy(out->head, p->buf, head);
	out->head[head] = '\0';
	out->status = (unsigned)strtoul(out->head + sizeof("HTTP/1.1"), NULL, 10);
	out->body_n = head_only ? 0 : length_of(out);
	drop(p, head);
	return take_body(p, out, until);
}

bool peer_ended(struct peer *p, unsigned wait_ms)
{
	uint64_t until = peer_now_ms() + wait_ms;
	bool ended = false;
	if (p->n > 0)
		return false;
	return !more(p, until, &ended) && ended;
}

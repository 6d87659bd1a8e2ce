#include "peer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static struct sockaddr_in address_of(const char *text, const char *port)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	a.sin_port = htons((uint16_t)strtoul(port, NULL, 10));
	KEEL_MUST(inet_pton(AF_INET, text, &a.sin_addr) == 1);
	return a;
}

void bench_peer_open(struct bench_peer *p, const char *address, const char *port, const char *ca,
	const char *from)
{
	struct sockaddr_in own = address_of(from, "0"), to = address_of(address, port);
	int on = 1;
	(void)snprintf(p->host, sizeof(p->host), "%s:%s", address, port);
	p->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	KEEL_MUST(p->fd >= 0 && bind(p->fd, (struct sockaddr *)&own, sizeof(own)) == 0);
	KEEL_MUST(connect(p->fd, (struct sockaddr *)&to, sizeof(to)) == 0);
	KEEL_MUST(setsockopt(p->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) == 0);
	p->ctx = SSL_CTX_new(TLS_client_method());
	KEEL_MUST(p->ctx != NULL && SSL_CTX_load_verify_file(p->ctx, ca) == 1);
	SSL_CTX_set_verify(p->ctx, SSL_VERIFY_PEER, NULL);
	p->ssl = SSL_new(p->ctx);
	KEEL_MUST(p->ssl != NULL && SSL_set_fd(p->ssl, p->fd) == 1);
	KEEL_MUST(X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(p->ssl), address) == 1);
	KEEL_MUST(SSL_connect(p->ssl) == 1);
}

void bench_peer_close(struct bench_peer *p)
{
	(void)SSL_shutdown(p->ssl);
	SSL_free(p->ssl);
	SSL_CTX_free(p->ctx);
	(void)close(p->fd);
}

/* Bytes of the head, once it is there whole; 0 before. */
static size_t head_of(const char *text, size_t *length)
{
	const char *end = strstr(text, "\r\n\r\n");
	const char *field = strcasestr(text, "\r\nContent-Length:");
	if (end == NULL)
		return 0;
	KEEL_MUST(field != NULL && field < end);
	*length = strtoul(field + sizeof("\r\nContent-Length:") - 1, NULL, 10);
	return (size_t)(end + 4 - text);
}

static unsigned answer(struct bench_peer *p, uint8_t *buf, size_t cap, struct keel_bytes *body)
{
	size_t n = 0, head = 0, length = 0;
	while (head == 0 || n < head + length) {
		KEEL_MUST(n < cap - 1);
		int got = SSL_read(p->ssl, buf + n, (int)(cap - 1 - n));
		KEEL_MUST(got > 0);
		n += (size_t)got;
		buf[n] = '\0';
		if (head == 0)
			head = head_of((const char *)buf, &length);
	}
	*body = (struct keel_bytes){ buf + head, length };
	return (unsigned)strtoul((const char *)buf + sizeof("HTTP/1.1 ") - 1, NULL, 10);
}

unsigned bench_peer_post(struct bench_peer *p, struct keel_bytes sent, uint8_t *buf, size_t cap,
	struct keel_bytes *body)
{
	int n = snprintf((char *)buf, cap,
		"POST /v1/request HTTP/1.1\r\nHost: %s\r\nContent-Type: application/cbor\r\n"
		"Content-Length: %zu\r\n\r\n",
		p->host, sent.n);
	KEEL_MUST(n > 0 && sent.n < cap - (size_t)n);
	memcpy(buf + n, sent.p, sent.n);
	KEEL_MUST(SSL_write(p->ssl, buf, n + (int)sent.n) == n + (int)sent.n);
	return answer(p, buf, cap, body);
}

void bench_pause_ms(unsigned ms)
{
	struct timespec t = { .tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000 };
	(void)nanosleep(&t, NULL);
}

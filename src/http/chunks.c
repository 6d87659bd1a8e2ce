#include "http/chunks.h"

#include <string.h>

#define SIZE_DIGITS 7

static int digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	uint8_t lower = c | 0x20;
	return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* "1*HEXDIG CRLF"; used is the line's length. Each byte is judged as soon as it is there. */
static enum keel_http_refusal read_size(struct keel_bytes in, size_t *size, size_t *used)
{
	size_t n = 0;
	size_t v = 0;
	while (n < in.n && n <= SIZE_DIGITS && digit(in.p[n]) >= 0)
		v = 16 * v + (size_t)digit(in.p[n++]);
	if (n > SIZE_DIGITS)
		return KEEL_HTTP_LONG_BODY;
	if (n < in.n && (n == 0 || in.p[n] != '\r'))
		return KEEL_HTTP_CHUNK;
	if (n + 1 < in.n && in.p[n + 1] != '\n')
		return KEEL_HTTP_CHUNK;
	if (n + 2 > in.n)
		return KEEL_HTTP_MORE;
	*size = v;
	*used = n + 2;
	return KEEL_HTTP_FINE;
}

/* The CRLF behind a chunk's data, or behind the last chunk. */
static enum keel_http_refusal read_crlf(struct keel_bytes in)
{
	if ((in.n > 0 && in.p[0] != '\r') || (in.n > 1 && in.p[1] != '\n'))
		return KEEL_HTTP_CHUNK;
	return in.n < 2 ? KEEL_HTTP_MORE : KEEL_HTTP_FINE;
}

enum keel_http_refusal keel_http_chunks_scan(
	struct keel_http_chunks *c, struct keel_bytes raw, size_t body_max)
{
	for (;;) {
		struct keel_bytes in = { raw.p + c->at, raw.n - c->at };
		size_t size;
		size_t head;
		enum keel_http_refusal no = read_size(in, &size, &head);
		if (no == KEEL_HTTP_FINE && size > body_max - c->body)
			no = KEEL_HTTP_LONG_BODY;
		if (no == KEEL_HTTP_FINE && size > in.n - head)
			no = KEEL_HTTP_MORE;
		if (no == KEEL_HTTP_FINE)
			no = read_crlf(
				(struct keel_bytes){ in.p + head + size, in.n - head - size });
		if (no == KEEL_HTTP_MORE && raw.n >= KEEL_HTTP_CHUNKS_RAW(body_max))
			no = KEEL_HTTP_LONG_BODY;
		if (no != KEEL_HTTP_FINE)
			return no;
		c->at += head + size + 2;
		c->body += size;
		if (size == 0)
			return KEEL_HTTP_FINE;
	}
}

struct keel_bytes keel_http_chunks_join(const struct keel_http_chunks *c, uint8_t *raw)
{
	size_t from = 0;
	size_t to = 0;
	while (from < c->at) {
		size_t size = 0;
		size_t head = 0;
		KEEL_MUST(read_size((struct keel_bytes){ raw + from, c->at - from }, &size,
				  &head) == KEEL_HTTP_FINE);
		memmove(raw + to, raw + from + head, size);
		to += size;
		from += head + size + 2;
	}
	KEEL_MUST(to == c->body);
	return (struct keel_bytes){ raw, to };
}

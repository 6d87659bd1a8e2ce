/*
 * A head that is accepted says nothing that its own text does not: written again and read again it
 * is the same head, and its written text is read as itself. A chunked body is found at the same
 * place whether it comes whole or byte by byte, and its data are not longer than the raw bytes.
 */
#include <stdlib.h>
#include <string.h>

#include "http/chunks.h"

#define BODY_MAX 300

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static struct keel_http_limits limits(void)
{
	struct keel_http_limits l = keel_http_strict;
	l.chunked = true;
	return l;
}

static void check_same(const struct keel_http_head *a, const struct keel_http_head *b)
{
	KEEL_MUST(a->method == b->method && a->length == b->length && a->close == b->close);
	KEEL_MUST(a->chunked == b->chunked && a->count == b->count);
	KEEL_MUST(keel_bytes_equal(a->target, b->target) && keel_bytes_equal(a->path, b->path));
	KEEL_MUST(keel_bytes_equal(a->query, b->query));
	for (size_t i = 0; i < KEEL_HTTP_F_COUNT; i++)
		KEEL_MUST(keel_bytes_equal(a->known[i], b->known[i]) &&
			  (a->known[i].p == NULL) == (b->known[i].p == NULL));
	for (size_t i = 0; i < a->count; i++)
		KEEL_MUST(keel_bytes_equal(a->fields[i].name, b->fields[i].name) &&
			  keel_bytes_equal(a->fields[i].value, b->fields[i].value));
}

static void check_written_again(const struct keel_http_head *a)
{
	static uint8_t buf[2 * KEEL_HTTP_HEAD_MAX];
	struct keel_http_limits l = limits();
	struct keel_http_head b;
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	struct keel_bytes text = { 0 };
	size_t seen = 0;
	size_t size = 0;
	l.head = sizeof(buf); /* a space behind each colon may make it longer */
	keel_http_head_write(&w, a);
	KEEL_MUST(keel_wr_end(&w, &text) == KEEL_OK);
	KEEL_MUST(keel_http_head_end(text, &l, &seen, &size) == KEEL_HTTP_FINE && size == text.n);
	KEEL_MUST(keel_http_head_read(text, &l, &b) == KEEL_HTTP_FINE);
	check_same(a, &b);
}

/* The head's end by dripping bytes is the one that was found at once. */
static void check_dripped(struct keel_bytes in, enum keel_http_refusal whole, size_t size)
{
	struct keel_http_limits l = limits();
	enum keel_http_refusal no = KEEL_HTTP_MORE;
	size_t seen = 0;
	size_t end = 0;
	for (size_t n = 0; n <= in.n && no == KEEL_HTTP_MORE; n++)
		no = keel_http_head_end((struct keel_bytes){ in.p, n }, &l, &seen, &end);
	KEEL_MUST(no == whole && (no != KEEL_HTTP_FINE || end == size));
}

static void check_chunks(struct keel_bytes in)
{
	struct keel_http_chunks at_once = { 0 };
	struct keel_http_chunks dripped = { 0 };
	enum keel_http_refusal no = keel_http_chunks_scan(&at_once, in, BODY_MAX);
	enum keel_http_refusal last = KEEL_HTTP_MORE;
	for (size_t n = 0; n <= in.n && last == KEEL_HTTP_MORE; n++)
		last = keel_http_chunks_scan(&dripped, (struct keel_bytes){ in.p, n }, BODY_MAX);
	if (no != KEEL_HTTP_FINE)
		return;
	KEEL_MUST(
		last == KEEL_HTTP_FINE && dripped.at == at_once.at && dripped.body == at_once.body);
	uint8_t *raw = malloc(in.n);
	memcpy(raw, in.p, in.n);
	struct keel_bytes body = keel_http_chunks_join(&at_once, raw);
	KEEL_MUST(body.n == at_once.body && body.n + 5 <= at_once.at && body.n <= BODY_MAX);
	free(raw);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct keel_http_limits l = limits();
	struct keel_http_head head;
	struct keel_bytes in = { p, n };
	size_t seen = 0;
	size_t size = 0;
	enum keel_http_refusal no = keel_http_head_end(in, &l, &seen, &size);
	check_dripped(in, no, size);
	if (no != KEEL_HTTP_FINE)
		return 0;
	if (keel_http_head_read((struct keel_bytes){ p, size }, &l, &head) != KEEL_HTTP_FINE)
		return 0;
	check_written_again(&head);
	if (head.chunked)
		check_chunks((struct keel_bytes){ p + size, n - size });
	return 0;
}

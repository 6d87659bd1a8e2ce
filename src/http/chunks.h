/* A chunked body (RFC 9112 §7.1), strictly: hex sizes, no extensions, no trailers. No I/O, no heap. */
#ifndef KEEL_HTTP_CHUNKS_H
#define KEEL_HTTP_CHUNKS_H

#include "http/request.h"

/** How far the scan is; starts as {0}. */
struct keel_http_chunks {
	size_t at;   /* raw bytes that are whole chunks; with KEEL_HTTP_FINE the whole raw body */
	size_t body; /* bytes of data in them */
};

/** The most raw bytes that a body of at most n bytes of data may take; more is KEEL_HTTP_LONG_BODY. */
#define KEEL_HTTP_CHUNKS_RAW(n) (2 * (n) + 256)

/** Moves over the chunks that are whole; `raw` begins at the body's first byte every time. */
KEEL_CHECKED enum keel_http_refusal keel_http_chunks_scan(
	struct keel_http_chunks *c, struct keel_bytes raw, size_t body_max);

/** Moves the data of a body that was scanned to KEEL_HTTP_FINE to its front, in place. */
struct keel_bytes keel_http_chunks_join(const struct keel_http_chunks *c, uint8_t *raw);

#endif

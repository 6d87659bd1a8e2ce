/* The inside of the reader: for request.c, fields.c and classes.c only. */
#ifndef KEEL_HTTP_HEAD_H
#define KEEL_HTTP_HEAD_H

#include "http/request.h"

/* What a byte may be part of. */
enum {
	IN_TOKEN = 1,  /* tchar, RFC 9110 §5.6.2 */
	IN_VALUE = 2,  /* field-vchar, obs-text, space, tab: RFC 9110 §5.5 */
	IN_TARGET = 4, /* pchar, "/", "?" and "%": RFC 3986 §3.3, §3.4 */
	IN_HOST = 8,   /* what we take of a reg-name: letters, digits, "-", "." */
	IS_HEX = 16,
};

extern const uint8_t keel_http_class_of[256];

static inline bool keel_http_is(uint8_t byte, uint8_t class)
{
	return (keel_http_class_of[byte] & class) != 0;
}

/* How many of the first bytes are of that class. */
static inline size_t keel_http_span(struct keel_bytes b, uint8_t class)
{
	size_t i = 0;
	while (i < b.n && keel_http_is(b.p[i], class))
		i++;
	return i;
}

static inline struct keel_bytes keel_http_cut(struct keel_bytes b, size_t from)
{
	return (struct keel_bytes){ b.p + from, b.n - from };
}

/* One line without its CRLF. */
KEEL_CHECKED enum keel_http_refusal keel_http_next_line(struct keel_rd *r, struct keel_bytes *line);

/* fields.c: all fields up to the empty line, each checked alone. */
KEEL_CHECKED enum keel_http_refusal keel_http_fields_read(
	struct keel_rd *r, const struct keel_http_limits *limits, struct keel_http_head *out);

#endif

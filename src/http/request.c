#include "http/request.h"

#include <string.h>
#include <strings.h>

#include "http/head.h"

const struct keel_http_limits keel_http_strict = {
	.head = KEEL_HTTP_HEAD_MAX,
	.target = KEEL_HTTP_TARGET_MAX,
	.fields = KEEL_HTTP_FIELDS_MAX,
};

/* clang-format off */
static const struct method {
	const char *word;
	bool body; /* it has one, so its length must be told */
} methods[KEEL_HTTP_METHODS] = {
	[KEEL_HTTP_GET]     = { "GET",     false },
	[KEEL_HTTP_HEAD]    = { "HEAD",    false },
	[KEEL_HTTP_POST]    = { "POST",    true  },
	[KEEL_HTTP_PUT]     = { "PUT",     true  },
	[KEEL_HTTP_PATCH]   = { "PATCH",   true  },
	[KEEL_HTTP_DELETE]  = { "DELETE",  false },
	[KEEL_HTTP_OPTIONS] = { "OPTIONS", false },
};
/* clang-format on */

const char *keel_http_method_word(enum keel_http_method m)
{
	return m < KEEL_HTTP_METHODS ? methods[m].word : "unknown";
}

bool keel_http_same_word(struct keel_bytes a, const char *b)
{
	struct keel_bytes t = keel_text(b);
	return a.n == t.n && (a.n == 0 || strncasecmp((const char *)a.p, b, a.n) == 0);
}

static enum keel_http_refusal too_long(size_t seen)
{
	return seen == 0 ? KEEL_HTTP_LONG_TARGET : KEEL_HTTP_LONG_HEAD;
}

enum keel_http_refusal keel_http_head_end(
	struct keel_bytes in, const struct keel_http_limits *limits, size_t *seen, size_t *size)
{
	struct keel_bytes head = { in.p, in.n < limits->head ? in.n : limits->head };
	while (*seen < head.n) {
		const uint8_t *line = head.p + *seen;
		const uint8_t *lf = memchr(line, '\n', head.n - *seen);
		if (lf == NULL)
			break;
		if (lf == line || lf[-1] != '\r')
			return KEEL_HTTP_BYTE;
		*seen = (size_t)(lf - head.p) + 1;
		if (lf == line + 1) {
			*size = *seen;
			return KEEL_HTTP_FINE;
		}
	}
	return in.n >= limits->head ? too_long(*seen) : KEEL_HTTP_MORE;
}

/* One line without its CRLF. */
enum keel_http_refusal keel_http_next_line(struct keel_rd *r, struct keel_bytes *line)
{
	*line = keel_rd_until(r, '\r');
	uint8_t lf = keel_rd_u8(r);
	return r->err == KEEL_OK && lf == '\n' ? KEEL_HTTP_FINE : KEEL_HTTP_BYTE;
}

/* "." and ".." as segments, escaped or not: a client resolves them before it sends. */
static bool is_dots(struct keel_bytes segment)
{
	size_t dots = 0;
	while (segment.n > 0) {
		bool plain = segment.p[0] == '.';
		if (!plain &&
			(segment.n < 3 || strncasecmp((const char *)segment.p, "%2e", 3) != 0))
			return false;
		segment = keel_http_cut(segment, plain ? 1 : 3);
		dots++;
	}
	return dots == 1 || dots == 2;
}

static bool path_has_dots(struct keel_bytes path)
{
	for (struct keel_bytes rest = path; rest.n > 0;) {
		rest = keel_http_cut(rest, 1); /* the '/' */
		const uint8_t *end = memchr(rest.p, '/', rest.n);
		size_t n = end != NULL ? (size_t)(end - rest.p) : rest.n;
		if (is_dots((struct keel_bytes){ rest.p, n }))
			return true;
		rest = keel_http_cut(rest, n);
	}
	return false;
}

static uint8_t hex_value(uint8_t c)
{
	return (uint8_t)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
}

/* Every '%' begins two hex digits, and none of them hides a control character. */
static bool escapes_are_fine(struct keel_bytes b)
{
	for (size_t i = 0; i < b.n; i++) {
		if (b.p[i] != '%')
			continue;
		if (b.n - i < 3 || !keel_http_is(b.p[i + 1], IS_HEX) ||
			!keel_http_is(b.p[i + 2], IS_HEX))
			return false;
		unsigned c = 16u * hex_value(b.p[i + 1]) + hex_value(b.p[i + 2]);
		if (c < 0x20 || c == 0x7f)
			return false;
	}
	return true;
}

/* origin-form, or asterisk-form with OPTIONS (RFC 9112 §3.2.1, §3.2.4). */
static enum keel_http_refusal read_target(struct keel_bytes t, struct keel_http_head *out)
{
	out->target = t;
	out->path = t;
	out->query = (struct keel_bytes){ 0 };
	if (keel_bytes_is(t, "*"))
		return out->method == KEEL_HTTP_OPTIONS ? KEEL_HTTP_FINE : KEEL_HTTP_TARGET;
	if (t.n == 0 || t.p[0] != '/' || keel_http_span(t, IN_TARGET) != t.n ||
		!escapes_are_fine(t))
		return KEEL_HTTP_TARGET;
	const uint8_t *mark = memchr(t.p, '?', t.n);
	if (mark != NULL) {
		out->path.n = (size_t)(mark - t.p);
		out->query = keel_http_cut(t, out->path.n + 1);
	}
	return path_has_dots(out->path) ? KEEL_HTTP_TARGET : KEEL_HTTP_FINE;
}

static enum keel_http_refusal read_method(struct keel_bytes word, enum keel_http_method *out)
{
	for (size_t i = 0; i < KEEL_COUNT(methods); i++)
		if (keel_bytes_is(word, methods[i].word)) {
			*out = (enum keel_http_method)i;
			return KEEL_HTTP_FINE;
		}
	return KEEL_HTTP_METHOD;
}

/* "HTTP/" DIGIT "." DIGIT; of these only 1.1. */
static enum keel_http_refusal read_version(struct keel_bytes v)
{
	if (keel_bytes_is(v, "HTTP/1.1"))
		return KEEL_HTTP_FINE;
	bool some = v.n == 8 && memcmp(v.p, "HTTP/", 5) == 0 && v.p[5] >= '0' && v.p[5] <= '9' &&
		    v.p[6] == '.' && v.p[7] >= '0' && v.p[7] <= '9';
	return some ? KEEL_HTTP_VERSION : KEEL_HTTP_LINE;
}

static enum keel_http_refusal read_line(
	struct keel_bytes line, const struct keel_http_limits *limits, struct keel_http_head *out)
{
	struct keel_rd r = keel_rd_of(line);
	struct keel_bytes method = keel_rd_until(&r, ' ');
	struct keel_bytes target = keel_rd_until(&r, ' ');
	struct keel_bytes version = keel_rd_rest(&r);
	if (r.err != KEEL_OK || method.n == 0 || keel_http_span(method, IN_TOKEN) != method.n)
		return KEEL_HTTP_LINE;
	if (target.n > limits->target)
		return KEEL_HTTP_LONG_TARGET;
	enum keel_http_refusal no = read_version(version);
	if (no == KEEL_HTTP_FINE)
		no = read_method(method, &out->method);
	return no == KEEL_HTTP_FINE ? read_target(target, out) : no;
}

/* What the fields say together about the body (RFC 9112 §6.3), and that there is a Host (§3.2). */
static enum keel_http_refusal check_together(
	const struct keel_http_limits *limits, const struct keel_http_head *h)
{
	bool length = h->known[KEEL_HTTP_F_CONTENT_LENGTH].p != NULL;
	if (h->known[KEEL_HTTP_F_HOST].p == NULL)
		return KEEL_HTTP_HOST;
	if (length && h->chunked)
		return KEEL_HTTP_LENGTH;
	if (h->chunked && !limits->chunked)
		return KEEL_HTTP_NO_LENGTH;
	if (methods[h->method].body && !length && !h->chunked)
		return KEEL_HTTP_NO_LENGTH;
	return KEEL_HTTP_FINE;
}

enum keel_http_refusal keel_http_head_read(
	struct keel_bytes in, const struct keel_http_limits *limits, struct keel_http_head *out)
{
	struct keel_rd r = keel_rd_of(in);
	struct keel_bytes line;
	memset(out, 0, offsetof(struct keel_http_head, fields));
	out->size = in.n;
	enum keel_http_refusal no = keel_http_next_line(&r, &line);
	if (no == KEEL_HTTP_FINE)
		no = read_line(line, limits, out);
	if (no == KEEL_HTTP_FINE)
		no = keel_http_fields_read(&r, limits, out);
	if (no == KEEL_HTTP_FINE && keel_rd_end(&r) != KEEL_OK)
		no = KEEL_HTTP_LINE;
	return no == KEEL_HTTP_FINE ? check_together(limits, out) : no;
}

void keel_http_head_write(struct keel_wr *w, const struct keel_http_head *h)
{
	keel_wr_text(w, methods[h->method].word);
	keel_wr_u8(w, ' ');
	keel_wr_bytes(w, h->target);
	keel_wr_text(w, " HTTP/1.1\r\n");
	for (size_t i = 0; i < h->count; i++) {
		keel_wr_bytes(w, h->fields[i].name);
		keel_wr_text(w, ": ");
		keel_wr_bytes(w, h->fields[i].value);
		keel_wr_text(w, "\r\n");
	}
	keel_wr_text(w, "\r\n");
}

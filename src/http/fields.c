#include <string.h>
#include <strings.h>

#include "http/head.h"

static enum keel_http_refusal read_field(struct keel_bytes line, struct keel_http_field *out)
{
	out->name = (struct keel_bytes){ line.p, keel_http_span(line, IN_TOKEN) };
	if (out->name.n == 0 || out->name.n == line.n || line.p[out->name.n] != ':')
		return KEEL_HTTP_FIELD;
	struct keel_bytes v = keel_http_cut(line, out->name.n + 1);
	if (keel_http_span(v, IN_VALUE) != v.n)
		return KEEL_HTTP_BYTE;
	while (v.n > 0 && (v.p[0] == ' ' || v.p[0] == '\t'))
		v = keel_http_cut(v, 1);
	while (v.n > 0 && (v.p[v.n - 1] == ' ' || v.p[v.n - 1] == '\t'))
		v.n--;
	out->value = v;
	return KEEL_HTTP_FINE;
}

static bool is_digits(struct keel_bytes b, size_t max)
{
	for (size_t i = 0; i < b.n; i++)
		if (b.p[i] < '0' || b.p[i] > '9')
			return false;
	return b.n > 0 && b.n <= max;
}

/* host [":" port]; the host a name, an IPv4 address, or an IPv6 one in brackets. */
static enum keel_http_refusal read_host(struct keel_bytes v, struct keel_http_head *out)
{
	(void)out;
	size_t n = 0;
	if (v.n > 0 && v.p[0] == '[') {
		for (n = 1; n < v.n &&
			    (keel_http_is(v.p[n], IS_HEX) || v.p[n] == ':' || v.p[n] == '.');)
			n++;
		if (n < 4 || n == v.n || v.p[n++] != ']')
			return KEEL_HTTP_HOST;
	} else {
		n = keel_http_span(v, IN_HOST);
	}
	struct keel_bytes port = keel_http_cut(v, n);
	if (n == 0 || n > 255 ||
		(port.n > 0 && (port.p[0] != ':' || !is_digits(keel_http_cut(port, 1), 5))))
		return KEEL_HTTP_HOST;
	return KEEL_HTTP_FINE;
}

/* 1*DIGIT as everybody writes it: no sign, no list, no zeros before it (RFC 9110 §8.6). */
static enum keel_http_refusal read_length(struct keel_bytes v, struct keel_http_head *out)
{
	if (!is_digits(v, 18) || (v.n > 1 && v.p[0] == '0'))
		return KEEL_HTTP_LENGTH;
	out->length = 0;
	for (size_t i = 0; i < v.n; i++)
		out->length = 10 * out->length + (uint64_t)(v.p[i] - '0');
	return KEEL_HTTP_FINE;
}

static enum keel_http_refusal read_coding(struct keel_bytes v, struct keel_http_head *out)
{
	out->chunked = keel_http_same_word(v, "chunked");
	return out->chunked ? KEEL_HTTP_FINE : KEEL_HTTP_CODING;
}

/* A list of tokens; empty elements are allowed (RFC 9110 §5.6.1.2). */
static enum keel_http_refusal read_connection(struct keel_bytes v, struct keel_http_head *out)
{
	while (v.n > 0) {
		size_t n = keel_http_span(v, IN_TOKEN);
		if (keel_http_same_word((struct keel_bytes){ v.p, n }, "close"))
			out->close = true;
		v = keel_http_cut(v, n);
		while (v.n > 0 && (v.p[0] == ' ' || v.p[0] == '\t'))
			v = keel_http_cut(v, 1);
		if (v.n > 0 && v.p[0] != ',')
			return KEEL_HTTP_FIELD;
		while (v.n > 0 && (v.p[0] == ' ' || v.p[0] == '\t' || v.p[0] == ','))
			v = keel_http_cut(v, 1);
	}
	return KEEL_HTTP_FINE;
}

static enum keel_http_refusal read_expect(struct keel_bytes v, struct keel_http_head *out)
{
	(void)v;
	(void)out;
	return KEEL_HTTP_EXPECT;
}

/* clang-format off */
static const struct known {
	const char *name;
	size_t n;
	enum keel_http_refusal twice; /* FINE: it may stand more than once */
	enum keel_http_refusal (*read)(struct keel_bytes, struct keel_http_head *);
} known[KEEL_HTTP_F_COUNT] = {
#define NAME(s) s, sizeof(s) - 1
	[KEEL_HTTP_F_HOST]              = { NAME("Host"),              KEEL_HTTP_HOST,   read_host },
	[KEEL_HTTP_F_ORIGIN]            = { NAME("Origin"),            KEEL_HTTP_TWICE,  NULL },
	[KEEL_HTTP_F_CONNECTION]        = { NAME("Connection"),        KEEL_HTTP_FINE,   read_connection },
	[KEEL_HTTP_F_CONTENT_TYPE]      = { NAME("Content-Type"),      KEEL_HTTP_TWICE,  NULL },
	[KEEL_HTTP_F_CONTENT_LENGTH]    = { NAME("Content-Length"),    KEEL_HTTP_LENGTH, read_length },
	[KEEL_HTTP_F_TRANSFER_ENCODING] = { NAME("Transfer-Encoding"), KEEL_HTTP_TWICE,  read_coding },
	[KEEL_HTTP_F_EXPECT]            = { NAME("Expect"),            KEEL_HTTP_TWICE,  read_expect },
	[KEEL_HTTP_F_AUTHORIZATION]     = { NAME("Authorization"),     KEEL_HTTP_TWICE,  NULL },
	[KEEL_HTTP_F_COOKIE]            = { NAME("Cookie"), KEEL_HTTP_TWICE, NULL },
	[KEEL_HTTP_F_FETCH_SITE]        = { NAME("Sec-Fetch-Site"), KEEL_HTTP_TWICE, NULL },
	[KEEL_HTTP_F_ASKED_METHOD]      = { NAME("Access-Control-Request-Method"), KEEL_HTTP_TWICE, NULL },
	[KEEL_HTTP_F_ASKED_FIELDS]      = { NAME("Access-Control-Request-Headers"), KEEL_HTTP_TWICE, NULL },
	[KEEL_HTTP_F_ASKED_PRIVATE]     = { NAME("Access-Control-Request-Private-Network"), KEEL_HTTP_TWICE, NULL },
#undef NAME
};
/* clang-format on */

static enum keel_http_refusal note_known(
	const struct keel_http_field *f, struct keel_http_head *out)
{
	for (size_t i = 0; i < KEEL_COUNT(known); i++) {
		const struct known *k = &known[i];
		if (f->name.n != k->n || strncasecmp((const char *)f->name.p, k->name, k->n) != 0)
			continue;
		if (out->known[i].p != NULL && k->twice != KEEL_HTTP_FINE)
			return k->twice;
		out->known[i] = f->value;
		return k->read != NULL ? k->read(f->value, out) : KEEL_HTTP_FINE;
	}
	return KEEL_HTTP_FINE;
}

enum keel_http_refusal keel_http_fields_read(
	struct keel_rd *r, const struct keel_http_limits *limits, struct keel_http_head *out)
{
	for (;;) {
		struct keel_bytes line;
		enum keel_http_refusal no = keel_http_next_line(r, &line);
		if (no != KEEL_HTTP_FINE || line.n == 0)
			return no;
		if (out->count == limits->fields || out->count == KEEL_HTTP_FIELDS_MAX)
			return KEEL_HTTP_LONG_HEAD;
		struct keel_http_field *f = &out->fields[out->count];
		no = read_field(line, f);
		if (no == KEEL_HTTP_FINE)
			no = note_known(f, out);
		if (no != KEEL_HTTP_FINE)
			return no;
		out->count++;
	}
}

#include "http/request.h"

#include <string.h>
#include <strings.h>

const struct keel_http_limits keel_http_strict = {
	.head = KEEL_HTTP_HEAD_MAX,
	.target = KEEL_HTTP_TARGET_MAX,
	.fields = KEEL_HTTP_FIELDS_MAX,
};

/* clang-format off */
static const struct refusal {
	const char *word;
	uint16_t status;
} refusals[KEEL_HTTP_REFUSALS] = {
	[KEEL_HTTP_FINE]        = { "fine",        0   },
	[KEEL_HTTP_MORE]        = { "more",        0   },
	[KEEL_HTTP_BYTE]        = { "byte",        400 },
	[KEEL_HTTP_LINE]        = { "line",        400 },
	[KEEL_HTTP_TARGET]      = { "target",      400 },
	[KEEL_HTTP_FIELD]       = { "field",       400 },
	[KEEL_HTTP_HOST]        = { "host",        400 },
	[KEEL_HTTP_TWICE]       = { "twice",       400 },
	[KEEL_HTTP_LENGTH]      = { "length",      400 },
	[KEEL_HTTP_CHUNK]       = { "chunk",       400 },
	[KEEL_HTTP_NO_LENGTH]   = { "no_length",   411 },
	[KEEL_HTTP_LONG_BODY]   = { "long_body",   413 },
	[KEEL_HTTP_LONG_TARGET] = { "long_target", 414 },
	[KEEL_HTTP_EXPECT]      = { "expect",      417 },
	[KEEL_HTTP_LONG_HEAD]   = { "long_head",   431 },
	[KEEL_HTTP_METHOD]      = { "method",      501 },
	[KEEL_HTTP_CODING]      = { "coding",      501 },
	[KEEL_HTTP_VERSION]     = { "version",     505 },
	[KEEL_HTTP_ORIGIN]      = { "origin",      403 },
	[KEEL_HTTP_NO_ROUTE]    = { "no_route",    404 },
	[KEEL_HTTP_NO_METHOD]   = { "no_method",   405 },
	[KEEL_HTTP_LATE]        = { "late",        408 },
	[KEEL_HTTP_TYPE]        = { "type",        415 },
	[KEEL_HTTP_MISDIRECTED] = { "misdirected", 421 },
	[KEEL_HTTP_RATE]        = { "rate",        429 },
	[KEEL_HTTP_BUSY]        = { "busy",        503 },
	[KEEL_HTTP_TLS]         = { "tls",         0   },
	[KEEL_HTTP_CROWD]       = { "crowd",       0   },
	[KEEL_HTTP_FULL]        = { "full",        0   },
	[KEEL_HTTP_SLOW]        = { "slow",        0   },
};

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

unsigned keel_http_refusal_status(enum keel_http_refusal r)
{
	return r < KEEL_HTTP_REFUSALS ? refusals[r].status : 500;
}

const char *keel_http_refusal_word(enum keel_http_refusal r)
{
	return r < KEEL_HTTP_REFUSALS ? refusals[r].word : "unknown";
}

const char *keel_http_method_word(enum keel_http_method m)
{
	return m < KEEL_HTTP_METHODS ? methods[m].word : "unknown";
}

/* What a byte may be part of. */
enum {
	IN_TOKEN = 1,  /* tchar, RFC 9110 §5.6.2 */
	IN_VALUE = 2,  /* field-vchar, obs-text, space, tab: RFC 9110 §5.5 */
	IN_TARGET = 4, /* pchar, "/", "?" and "%": RFC 3986 §3.3, §3.4 */
	IN_HOST = 8,   /* what we take of a reg-name: letters, digits, "-", "." */
	IS_HEX = 16,
};

#define ALNUM (IN_TOKEN | IN_VALUE | IN_TARGET | IN_HOST)
#define HEX   (ALNUM | IS_HEX)
#define TT    (IN_TOKEN | IN_VALUE | IN_TARGET)
#define TV    (IN_TOKEN | IN_VALUE)
#define VG    (IN_VALUE | IN_TARGET)

/* clang-format off */
static const uint8_t class_of[256] = {
	['\t'] = IN_VALUE, [' '] = IN_VALUE, ['"'] = IN_VALUE, ['<'] = IN_VALUE, ['>'] = IN_VALUE,
	['['] = IN_VALUE, [']'] = IN_VALUE, ['{'] = IN_VALUE, ['}'] = IN_VALUE, ['\\'] = IN_VALUE,
	['!'] = TT, ['$'] = TT, ['%'] = TT, ['&'] = TT, ['\''] = TT, ['*'] = TT, ['+'] = TT,
	['_'] = TT, ['~'] = TT, ['-'] = TT | IN_HOST, ['.'] = TT | IN_HOST,
	['#'] = TV, ['^'] = TV, ['`'] = TV, ['|'] = TV,
	['('] = VG, [')'] = VG, [','] = VG, ['/'] = VG, [':'] = VG, [';'] = VG, ['='] = VG, ['?'] = VG, ['@'] = VG,
	['0' ... '9'] = HEX, ['A' ... 'F'] = HEX, ['a' ... 'f'] = HEX,
	['G' ... 'Z'] = ALNUM, ['g' ... 'z'] = ALNUM,
	[0x80 ... 0xff] = IN_VALUE,
};
/* clang-format on */

/* How many of the first bytes are of that class. */
static size_t span(struct keel_bytes b, uint8_t class)
{
	size_t i = 0;
	while (i < b.n && (class_of[b.p[i]] & class) != 0)
		i++;
	return i;
}

static struct keel_bytes cut(struct keel_bytes b, size_t from)
{
	return (struct keel_bytes){ b.p + from, b.n - from };
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
static enum keel_http_refusal next_line(struct keel_rd *r, struct keel_bytes *line)
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
		segment = cut(segment, plain ? 1 : 3);
		dots++;
	}
	return dots == 1 || dots == 2;
}

static bool path_has_dots(struct keel_bytes path)
{
	for (struct keel_bytes rest = path; rest.n > 0;) {
		rest = cut(rest, 1); /* the '/' */
		const uint8_t *end = memchr(rest.p, '/', rest.n);
		size_t n = end != NULL ? (size_t)(end - rest.p) : rest.n;
		if (is_dots((struct keel_bytes){ rest.p, n }))
			return true;
		rest = cut(rest, n);
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
		if (b.n - i < 3 || !(class_of[b.p[i + 1]] & IS_HEX) ||
			!(class_of[b.p[i + 2]] & IS_HEX))
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
	if (t.n == 0 || t.p[0] != '/' || span(t, IN_TARGET) != t.n || !escapes_are_fine(t))
		return KEEL_HTTP_TARGET;
	const uint8_t *mark = memchr(t.p, '?', t.n);
	if (mark != NULL) {
		out->path.n = (size_t)(mark - t.p);
		out->query = cut(t, out->path.n + 1);
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
	if (r.err != KEEL_OK || method.n == 0 || span(method, IN_TOKEN) != method.n)
		return KEEL_HTTP_LINE;
	if (target.n > limits->target)
		return KEEL_HTTP_LONG_TARGET;
	enum keel_http_refusal no = read_version(version);
	if (no == KEEL_HTTP_FINE)
		no = read_method(method, &out->method);
	return no == KEEL_HTTP_FINE ? read_target(target, out) : no;
}

static enum keel_http_refusal read_field(struct keel_bytes line, struct keel_http_field *out)
{
	out->name = (struct keel_bytes){ line.p, span(line, IN_TOKEN) };
	if (out->name.n == 0 || out->name.n == line.n || line.p[out->name.n] != ':')
		return KEEL_HTTP_FIELD;
	struct keel_bytes v = cut(line, out->name.n + 1);
	if (span(v, IN_VALUE) != v.n)
		return KEEL_HTTP_BYTE;
	while (v.n > 0 && (v.p[0] == ' ' || v.p[0] == '\t'))
		v = cut(v, 1);
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
		for (n = 1;
			n < v.n && (class_of[v.p[n]] & IS_HEX || v.p[n] == ':' || v.p[n] == '.');)
			n++;
		if (n < 4 || n == v.n || v.p[n++] != ']')
			return KEEL_HTTP_HOST;
	} else {
		n = span(v, IN_HOST);
	}
	struct keel_bytes port = cut(v, n);
	if (n == 0 || n > 255 || (port.n > 0 && (port.p[0] != ':' || !is_digits(cut(port, 1), 5))))
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
		size_t n = span(v, IN_TOKEN);
		if (keel_http_same_word((struct keel_bytes){ v.p, n }, "close"))
			out->close = true;
		v = cut(v, n);
		while (v.n > 0 && (v.p[0] == ' ' || v.p[0] == '\t'))
			v = cut(v, 1);
		if (v.n > 0 && v.p[0] != ',')
			return KEEL_HTTP_FIELD;
		while (v.n > 0 && (v.p[0] == ' ' || v.p[0] == '\t' || v.p[0] == ','))
			v = cut(v, 1);
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

static enum keel_http_refusal read_fields(
	struct keel_rd *r, const struct keel_http_limits *limits, struct keel_http_head *out)
{
	for (;;) {
		struct keel_bytes line;
		enum keel_http_refusal no = next_line(r, &line);
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
	enum keel_http_refusal no = next_line(&r, &line);
	if (no == KEEL_HTTP_FINE)
		no = read_line(line, limits, out);
	if (no == KEEL_HTTP_FINE)
		no = read_fields(&r, limits, out);
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

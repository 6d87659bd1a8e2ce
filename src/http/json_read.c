#include "http/json_read.h"

#include <string.h>

#include "core/base64url.h"
#include "core/cbor_head.h"

#define NUMBER_MAX ((UINT64_C(1) << 53) - 1)

static void skip_space(struct keel_rd *r)
{
	for (int c = keel_rd_peek(r); c == ' ' || c == '\t' || c == '\n' || c == '\r';
		c = keel_rd_peek(r))
		(void)keel_rd_u8(r);
}

/* The next token's first byte, taken if it is this one. */
static bool take(struct keel_rd *r, char c)
{
	skip_space(r);
	if (keel_rd_peek(r) != c)
		return false;
	(void)keel_rd_u8(r);
	return true;
}

static void expect(struct keel_rd *r, char c)
{
	if (!take(r, c))
		keel_rd_fail(r, KEEL_EFORM);
}

/* --- texts --- */

static uint32_t hex4(struct keel_rd *r)
{
	uint32_t v = 0;
	for (int i = 0; i < 4; i++) {
		static const char digits[] = "0123456789abcdef";
		uint8_t c = keel_rd_u8(r);
		const char *at =
			memchr(digits, c >= 'A' && c <= 'F' ? c | 0x20 : c, sizeof(digits) - 1);
		if (at == NULL)
			keel_rd_fail(r, KEEL_EFORM);
		else
			v = v << 4 | (uint32_t)(at - digits);
	}
	return v;
}

static void write_utf8(struct keel_wr *w, uint32_t c)
{
	if (c < 0x80) {
		keel_wr_u8(w, (uint8_t)c);
		return;
	}
	unsigned more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
	static const uint8_t first[] = { 0, 0xc0, 0xe0, 0xf0 };
	keel_wr_u8(w, (uint8_t)(first[more] | c >> 6 * more));
	while (more-- > 0)
		keel_wr_u8(w, (uint8_t)(0x80 | (c >> 6 * more & 0x3f)));
}

/* \uXXXX, and two of them for what lies past the first plane; half of such a pair is nothing. */
static void unicode(struct keel_rd *r, struct keel_wr *w)
{
	uint32_t c = hex4(r);
	if (c >= 0xd800 && c < 0xdc00) {
		uint8_t again[2] = { keel_rd_u8(r) };
		again[1] = keel_rd_u8(r);
		if (again[0] != '\\' || again[1] != 'u')
			keel_rd_fail(r, KEEL_EFORM);
		uint32_t low = hex4(r);
		if (low < 0xdc00 || low > 0xdfff)
			keel_rd_fail(r, KEEL_EFORM);
		c = 0x10000 + ((c - 0xd800) << 10) + (low & 0x3ff);
	} else if (c >= 0xdc00 && c <= 0xdfff) {
		keel_rd_fail(r, KEEL_EFORM);
	}
	if (r->err == KEEL_OK)
		write_utf8(w, c);
}

static void escape(struct keel_rd *r, struct keel_wr *w)
{
	static const char from[] = "\"\\/bfnrt";
	static const char to[] = "\"\\/\b\f\n\r\t";
	uint8_t c = keel_rd_u8(r);
	const char *at = memchr(from, c, sizeof(from) - 1);
	if (c == 'u')
		unicode(r, w);
	else if (at != NULL)
		keel_wr_u8(w, (uint8_t)to[at - from]);
	else
		keel_rd_fail(r, KEEL_EFORM);
}

static struct keel_bytes read_text(struct keel_rd *r, struct keel_wr *strings)
{
	size_t from = strings->n;
	expect(r, '"');
	while (r->err == KEEL_OK && keel_rd_peek(r) != '"') {
		uint8_t c = keel_rd_u8(r);
		if (c < 0x20)
			keel_rd_fail(r, KEEL_EFORM);
		else if (c == '\\')
			escape(r, strings);
		else
			keel_wr_u8(strings, c);
	}
	expect(r, '"');
	if (strings->err != KEEL_OK)
		keel_rd_fail(r, strings->err);
	if (r->err != KEEL_OK)
		return (struct keel_bytes){ 0 };
	return (struct keel_bytes){ strings->p + from, strings->n - from };
}

/* Decoded over itself: what is decoded is shorter than what it is decoded from. */
static struct keel_bytes decode(struct keel_rd *r, struct keel_wr *strings, struct keel_bytes text)
{
	struct keel_bytes out = { 0 };
	if (r->err != KEEL_OK)
		return out;
	struct keel_wr w = keel_wr_of(strings->p + (text.p - strings->p), text.n);
	keel_base64url_read(text, &w);
	if (keel_wr_end(&w, &out) != KEEL_OK)
		keel_rd_fail(r, KEEL_EFORM);
	return out;
}

/* --- numbers --- */

static uint64_t read_uint(struct keel_rd *r)
{
	uint64_t v = 0;
	unsigned digits = 0;
	skip_space(r);
	bool zero = keel_rd_peek(r) == '0';
	for (int c = keel_rd_peek(r); c >= '0' && c <= '9'; c = keel_rd_peek(r)) {
		v = 10 * v + (uint64_t)(keel_rd_u8(r) - '0');
		if (++digits > 16)
			keel_rd_fail(r, KEEL_ERANGE);
	}
	if (digits == 0 || (zero && digits > 1))
		keel_rd_fail(r, KEEL_EFORM);
	if (v > NUMBER_MAX)
		keel_rd_fail(r, KEEL_ERANGE);
	return v;
}

/* --- the object --- */

static void read_value(
	struct keel_rd *r, const struct keel_json_field *f, struct keel_wr *strings, void *out)
{
	void *at = (uint8_t *)out + f->at;
	if (f->kind == KEEL_JSON_UINT) {
		uint64_t v = read_uint(r);
		if (v > f->max)
			keel_rd_fail(r, KEEL_ERANGE);
		if (r->err == KEEL_OK)
			*(uint64_t *)at = v;
		return;
	}
	struct keel_bytes b = read_text(r, strings);
	if (f->kind == KEEL_JSON_BYTES)
		b = decode(r, strings, b);
	else if (r->err == KEEL_OK && keel_utf8_check(b, true) != KEEL_OK)
		keel_rd_fail(r, KEEL_EFORM);
	if (b.n > f->max)
		keel_rd_fail(r, KEEL_ERANGE);
	if (r->err == KEEL_OK)
		*(struct keel_bytes *)at = b;
}

/* count: there is none of this name. */
static size_t find(const struct keel_json_field *fields, size_t count, struct keel_bytes name)
{
	size_t i = 0;
	while (i < count && !keel_bytes_is(name, fields[i].name))
		i++;
	return i;
}

enum keel_err keel_json_read(struct keel_bytes in, const struct keel_json_field *fields,
	size_t count, uint32_t may, uint32_t must, struct keel_wr *strings, void *out)
{
	struct keel_rd r = keel_rd_of(in);
	uint32_t has = 0;
	KEEL_MUST(count <= KEEL_JSON_FIELDS_MAX);
	expect(&r, '{');
	bool more = !take(&r, '}');
	while (more && r.err == KEEL_OK) {
		skip_space(&r);
		size_t i = find(fields, count, read_text(&r, strings));
		uint32_t bit = i < count ? UINT32_C(1) << i : 0;
		if ((bit & may & ~has) == 0) {
			keel_rd_fail(&r, KEEL_EFORM);
			break;
		}
		has |= bit;
		expect(&r, ':');
		skip_space(&r);
		read_value(&r, &fields[i], strings, out);
		more = take(&r, ',');
		if (!more)
			expect(&r, '}');
	}
	skip_space(&r);
	enum keel_err e = keel_rd_end(&r);
	if (e == KEEL_ESHORT || (e == KEEL_OK && (has & must) != must))
		return KEEL_EFORM;
	return e;
}

#include "http/form.h"

#include <string.h>

#include "core/cbor_head.h"

static int digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* What a browser writes as it is (WHATWG URL §1.3, the form-urlencoded set), and what curl leaves. */
static bool plain(uint8_t c)
{
	return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') ||
	       (c != 0 && strchr("*-._~", c) != NULL);
}

/* One name or value, up to `stop` or the end, decoded. */
static void decode(struct keel_rd *r, const char *stops, struct keel_wr *w)
{
	while (r->err == KEEL_OK && r->n > 0 && strchr(stops, keel_rd_peek(r)) == NULL) {
		uint8_t c = keel_rd_u8(r);
		if (c == '%') {
			int high = digit(keel_rd_u8(r));
			int low = digit(keel_rd_u8(r));
			if (high < 0 || low < 0)
				keel_rd_fail(r, KEEL_EFORM);
			c = (uint8_t)(high * 16 + low);
		} else if (c == '+') {
			c = ' ';
		} else if (!plain(c)) {
			keel_rd_fail(r, KEEL_EFORM);
		}
		keel_wr_u8(w, c);
	}
}

static struct keel_form_field *field_of(
	struct keel_form_field *fields, size_t count, struct keel_bytes name)
{
	for (size_t i = 0; i < count; i++)
		if (keel_bytes_is(name, fields[i].name))
			return &fields[i];
	return NULL;
}

/* A value ends where the next begins, so each has bytes of its own, perhaps none of length. */
static enum keel_err read_one(
	struct keel_rd *r, struct keel_form_field *fields, size_t count, struct keel_wr *w)
{
	const size_t name_at = w->n;
	decode(r, "=&", w);
	struct keel_form_field *f =
		field_of(fields, count, (struct keel_bytes){ w->p + name_at, w->n - name_at });
	if (r->err != KEEL_OK || f == NULL || f->value.p != NULL || keel_rd_u8(r) != '=')
		return KEEL_EFORM;
	const size_t at = w->n;
	decode(r, "&", w);
	f->value = (struct keel_bytes){ w->p + at, w->n - at };
	if (r->err != KEEL_OK || keel_utf8_check(f->value, false) != KEEL_OK)
		return KEEL_EFORM;
	return f->value.n <= f->max ? KEEL_OK : KEEL_ERANGE;
}

enum keel_err keel_form_read(
	struct keel_bytes form, struct keel_form_field *fields, size_t count, uint8_t *buf)
{
	struct keel_rd r = keel_rd_of(form);
	struct keel_wr w = keel_wr_of(buf, form.n);
	for (size_t i = 0; i < count; i++)
		fields[i].value = (struct keel_bytes){ 0 };
	while (r.n > 0) {
		enum keel_err e = read_one(&r, fields, count, &w);
		if (e != KEEL_OK)
			return e;
		if (r.n > 0 && (keel_rd_u8(&r) != '&' || r.n == 0))
			return KEEL_EFORM;
	}
	return KEEL_OK;
}

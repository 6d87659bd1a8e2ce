#include "core/bytes.h"

#include "core/mem.h"

struct keel_bytes keel_text(const char *s)
{
	return (struct keel_bytes){ (const uint8_t *)s, strlen(s) };
}

bool keel_bytes_equal(struct keel_bytes a, struct keel_bytes b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

bool keel_bytes_is(struct keel_bytes a, const char *s)
{
	return keel_bytes_equal(a, keel_text(s));
}

enum keel_err keel_bytes_copy(struct keel_bytes in, uint8_t *out, size_t n)
{
	if (in.n != n)
		return KEEL_ERANGE;
	if (n > 0)
		memcpy(out, in.p, n);
	return KEEL_OK;
}

enum keel_err keel_size_add(size_t a, size_t b, size_t *out)
{
	size_t sum;
	if (__builtin_add_overflow(a, b, &sum))
		return KEEL_ERANGE;
	*out = sum;
	return KEEL_OK;
}

struct keel_rd keel_rd_of(struct keel_bytes in)
{
	return (struct keel_rd){ in.p, in.n, KEEL_OK };
}

/* A failed reader has nothing left, so the check for length is the only one a read needs. */
void keel_rd_fail(struct keel_rd *r, enum keel_err e)
{
	if (r->err == KEEL_OK)
		r->err = e;
	r->n = 0;
}

static uint64_t big_endian(struct keel_rd *r, size_t n)
{
	if (r->n < n) {
		keel_rd_fail(r, KEEL_ESHORT);
		return 0;
	}
	uint64_t v = 0;
	for (size_t i = 0; i < n; i++)
		v = v << 8 | r->p[i];
	r->p += n;
	r->n -= n;
	return v;
}

uint8_t keel_rd_u8(struct keel_rd *r)
{
	return (uint8_t)big_endian(r, 1);
}

uint16_t keel_rd_u16be(struct keel_rd *r)
{
	return (uint16_t)big_endian(r, 2);
}

uint32_t keel_rd_u32be(struct keel_rd *r)
{
	return (uint32_t)big_endian(r, 4);
}

uint64_t keel_rd_u64be(struct keel_rd *r)
{
	return big_endian(r, 8);
}

struct keel_bytes keel_rd_take(struct keel_rd *r, size_t n)
{
	if (n > r->n) {
		keel_rd_fail(r, KEEL_ESHORT);
		return (struct keel_bytes){ 0 };
	}
	if (n == 0)
		return (struct keel_bytes){ 0 };
	struct keel_bytes b = { r->p, n };
	r->p += n;
	r->n -= n;
	return b;
}

struct keel_bytes keel_rd_rest(struct keel_rd *r)
{
	return keel_rd_take(r, r->n);
}

struct keel_bytes keel_rd_until(struct keel_rd *r, uint8_t stop)
{
	const uint8_t *end = r->n > 0 ? memchr(r->p, stop, r->n) : NULL;
	if (end == NULL) {
		keel_rd_fail(r, KEEL_ESHORT);
		return (struct keel_bytes){ 0 };
	}
	struct keel_bytes b = keel_rd_take(r, (size_t)(end - r->p));
	(void)keel_rd_u8(r);
	return b;
}

int keel_rd_peek(const struct keel_rd *r)
{
	return r->n > 0 ? r->p[0] : -1;
}

enum keel_err keel_rd_end(const struct keel_rd *r)
{
	if (r->err != KEEL_OK)
		return r->err;
	return r->n == 0 ? KEEL_OK : KEEL_EFORM;
}

struct keel_wr keel_wr_of(void *buf, size_t cap)
{
	return (struct keel_wr){ buf, cap, 0, KEEL_OK };
}

void keel_wr_fail(struct keel_wr *w, enum keel_err e)
{
	if (w->err == KEEL_OK)
		w->err = e;
	w->cap = w->n; /* no room any more: later writes fail by the one check they have */
}

uint8_t *keel_wr_room(struct keel_wr *w, size_t n)
{
	if (n > w->cap - w->n) {
		keel_wr_fail(w, KEEL_EFULL);
		return NULL;
	}
	uint8_t *p = w->p + w->n;
	w->n += n;
	return p;
}

static void put_big_endian(struct keel_wr *w, uint64_t v, size_t n)
{
	uint8_t *p = keel_wr_room(w, n);
	for (size_t i = n; p != NULL && i-- > 0; v >>= 8)
		p[i] = (uint8_t)v;
}

void keel_wr_u8(struct keel_wr *w, uint8_t v)
{
	put_big_endian(w, v, 1);
}

void keel_wr_u16be(struct keel_wr *w, uint16_t v)
{
	put_big_endian(w, v, 2);
}

void keel_wr_u32be(struct keel_wr *w, uint32_t v)
{
	put_big_endian(w, v, 4);
}

void keel_wr_u64be(struct keel_wr *w, uint64_t v)
{
	put_big_endian(w, v, 8);
}

void keel_wr_bytes(struct keel_wr *w, struct keel_bytes b)
{
	if (b.n == 0)
		return;
	uint8_t *p = keel_wr_room(w, b.n);
	if (p != NULL)
		memcpy(p, b.p, b.n);
}

void keel_wr_text(struct keel_wr *w, const char *s)
{
	keel_wr_bytes(w, keel_text(s));
}

enum keel_err keel_wr_end(const struct keel_wr *w, struct keel_bytes *out)
{
	if (w->err == KEEL_OK)
		*out = (struct keel_bytes){ w->p, w->n };
	return w->err;
}

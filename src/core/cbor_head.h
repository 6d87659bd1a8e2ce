/* Private to core: an item's head, inline because the reader of schemas lives on it. */
#ifndef KEEL_CORE_CBOR_HEAD_H
#define KEEL_CORE_CBOR_HEAD_H

#include "core/cbor.h"

enum keel_cbor_major {
	MAJOR_UINT,
	MAJOR_NINT,
	MAJOR_BYTES,
	MAJOR_TEXT,
	MAJOR_ARRAY,
	MAJOR_MAP,
	MAJOR_TAG,
	MAJOR_SIMPLE
};

struct keel_cbor_head {
	uint8_t major;
	uint8_t info; /* the five low bits */
	uint64_t u;   /* the argument */
};

/* An argument of 1, 2, 4 or 8 bytes; one that fits into less is not the shortest form. */
static inline uint64_t keel_cbor_long_argument(struct keel_rd *r, uint8_t major, uint8_t info)
{
	static const uint64_t least[] = { 24, 0x100, 0x10000, 0x100000000 };
	if (info > 27) { /* reserved, or indefinite length */
		keel_rd_fail(r, KEEL_EFORM);
		return 0;
	}
	size_t n = (size_t)1 << (info - 24);
	if (r->n < n) {
		keel_rd_fail(r, KEEL_ESHORT);
		return 0;
	}
	uint64_t u = 0;
	for (size_t i = 0; i < n; i++)
		u = u << 8 | r->p[i];
	r->p += n;
	r->n -= n;
	if (major != MAJOR_SIMPLE && u < least[info - 24])
		keel_rd_fail(r, KEEL_EFORM);
	return u;
}

/* Reads one head. After an error it is a zero. Floats and simple values are not checked here. */
static inline struct keel_cbor_head keel_cbor_head(struct keel_rd *r)
{
	struct keel_cbor_head h = { 0 };
	if (r->n == 0) {
		keel_rd_fail(r, KEEL_ESHORT);
		return h;
	}
	h.major = r->p[0] >> 5;
	h.info = r->p[0] & 31;
	r->p++;
	r->n--;
	h.u = h.info < 24 ? h.info : keel_cbor_long_argument(r, h.major, h.info);
	return r->err == KEEL_OK ? h : (struct keel_cbor_head){ 0 };
}

/* The content of a string whose head was read. */
static inline struct keel_bytes keel_cbor_content(struct keel_rd *r, uint64_t n)
{
	if (n > r->n) {
		keel_rd_fail(r, KEEL_ESHORT);
		return (struct keel_bytes){ 0 };
	}
	return keel_rd_take(r, (size_t)n);
}

/*
 * KEEL_OK if the bytes are UTF-8 (no surrogates, shortest form). With `plain`, control characters
 * (C0, DEL, C1) are KEEL_ERANGE.
 */
enum keel_err keel_utf8_check(struct keel_bytes b, bool plain);

/* Moves over `items` whole items that are known to be well formed. */
void keel_cbor_skip(struct keel_rd *r, size_t items);

/* As keel_cbor_take, for an item that stands inside `outside` containers. */
struct keel_bytes keel_cbor_take_inside(struct keel_rd *r, unsigned outside);

#endif

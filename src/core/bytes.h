/* Views, and the bounds-checked reader and writer that everything from outside goes through. */
#ifndef KEEL_CORE_BYTES_H
#define KEEL_CORE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"

/** A view: somebody else owns the bytes; {0} is the empty view. */
struct keel_bytes {
	const uint8_t *p;
	size_t n;
};

/** A view of a C string, without its NUL. */
struct keel_bytes keel_text(const char *s);

/** A view of an array, of its whole size. */
#define KEEL_VIEW(array) ((struct keel_bytes){ (const uint8_t *)(array), sizeof(array) })

/** Same length and same bytes. Not for secrets: its time depends on the content. */
bool keel_bytes_equal(struct keel_bytes a, struct keel_bytes b);

/** Whether the view spells exactly this C string. */
bool keel_bytes_is(struct keel_bytes a, const char *s);

/** Copies to a caller's array of exactly n bytes. KEEL_ERANGE: another length; out untouched. */
KEEL_CHECKED enum keel_err keel_bytes_copy(struct keel_bytes in, uint8_t *out, size_t n);

/** *out = a + b. KEEL_ERANGE on overflow, out untouched. */
KEEL_CHECKED enum keel_err keel_size_add(size_t a, size_t b, size_t *out);

/**
 * The reader. Its error sticks: after the first one every read gives 0 or the empty view,
 * so a format is read as it is described and checked once, with keel_rd_end.
 * Private but for its size; views that it gives live as long as its input.
 */
struct keel_rd {
	const uint8_t *p;
	size_t n; /* bytes left */
	enum keel_err err;
};

struct keel_rd keel_rd_of(struct keel_bytes in);
uint8_t keel_rd_u8(struct keel_rd *r);
uint16_t keel_rd_u16be(struct keel_rd *r);
uint32_t keel_rd_u32be(struct keel_rd *r);
uint64_t keel_rd_u64be(struct keel_rd *r);
struct keel_bytes keel_rd_take(struct keel_rd *r, size_t n);
struct keel_bytes keel_rd_rest(struct keel_rd *r);
/** Up to and without the first `stop`, which is read too. KEEL_ESHORT where there is none. */
struct keel_bytes keel_rd_until(struct keel_rd *r, uint8_t stop);
/** The next byte without taking it, or -1 at the end or after an error. */
int keel_rd_peek(const struct keel_rd *r);
/** Sets the sticky error, if none is set yet. */
void keel_rd_fail(struct keel_rd *r, enum keel_err e);
/** KEEL_OK if nothing went wrong and nothing is left; KEEL_EFORM for a tail nobody declared. */
KEEL_CHECKED enum keel_err keel_rd_end(const struct keel_rd *r);

/** The writer, over a caller's buffer; KEEL_EFULL sticks. Private but for its size. */
struct keel_wr {
	uint8_t *p;
	size_t cap;
	size_t n; /* bytes written */
	enum keel_err err;
};

struct keel_wr keel_wr_of(void *buf, size_t cap);
void keel_wr_u8(struct keel_wr *w, uint8_t v);
void keel_wr_u16be(struct keel_wr *w, uint16_t v);
void keel_wr_u32be(struct keel_wr *w, uint32_t v);
void keel_wr_u64be(struct keel_wr *w, uint64_t v);
void keel_wr_bytes(struct keel_wr *w, struct keel_bytes b);
void keel_wr_text(struct keel_wr *w, const char *s);
/** The place for n more bytes, which the caller fills; NULL, and KEEL_EFULL in w, without it. */
uint8_t *keel_wr_room(struct keel_wr *w, size_t n);
void keel_wr_fail(struct keel_wr *w, enum keel_err e);
/** What was written, as a view into the caller's buffer; out untouched on error. */
KEEL_CHECKED enum keel_err keel_wr_end(const struct keel_wr *w, struct keel_bytes *out);

#endif

/*
 * CBOR (RFC 8949): writes the deterministic encoding (§4.2.1), reads strictly: well-formed,
 * shortest form, definite lengths, valid UTF-8, map keys sorted and never twice, bounded depth.
 * No heap, no recursion. Most code does not call this but core/schema.h.
 */
#ifndef KEEL_CORE_CBOR_H
#define KEEL_CORE_CBOR_H

#include "core/bytes.h"

#define KEEL_CBOR_DEPTH_MAX 12

enum keel_cbor_type {
	KEEL_CBOR_UINT,
	KEEL_CBOR_NINT,
	KEEL_CBOR_BYTES,
	KEEL_CBOR_TEXT,
	KEEL_CBOR_ARRAY,
	KEEL_CBOR_MAP,
	KEEL_CBOR_TAG,
	KEEL_CBOR_BOOL,
	KEEL_CBOR_NULL,
	KEEL_CBOR_UNDEFINED,
	KEEL_CBOR_SIMPLE,
	KEEL_CBOR_FLOAT,
};

/** One item's head. For BYTES and TEXT, `bytes` is the content; it is read already. */
struct keel_cbor_item {
	enum keel_cbor_type type;
	/* UINT: value; NINT: -1-u; ARRAY, MAP: items, pairs; TAG, SIMPLE: number; BOOL: 0, 1 */
	uint64_t u;
	double f; /* FLOAT */
	struct keel_bytes bytes;
};

/** Reads one head (and a string's content). KEEL_ESHORT, KEEL_EFORM stick in r. */
struct keel_cbor_item keel_cbor_read(struct keel_rd *r);

/** Takes one whole item, nested ones too, checked strictly; gives its encoding as a view. */
struct keel_bytes keel_cbor_take(struct keel_rd *r);

/** KEEL_OK if `in` is exactly one strict, deterministic item. */
KEEL_CHECKED enum keel_err keel_cbor_check(struct keel_bytes in);

/* Typed reads: another type is KEEL_EFORM, a value that does not fit KEEL_ERANGE; both stick. */
uint64_t keel_cbor_read_uint(struct keel_rd *r);
int64_t keel_cbor_read_int(struct keel_rd *r);
bool keel_cbor_read_bool(struct keel_rd *r);
struct keel_bytes keel_cbor_read_bytes(struct keel_rd *r);
struct keel_bytes keel_cbor_read_text(struct keel_rd *r);
size_t keel_cbor_read_array(struct keel_rd *r);
size_t keel_cbor_read_map(struct keel_rd *r);

/** How long the head of an item is that has this argument: 1 to 9 bytes. */
size_t keel_cbor_head_len(uint64_t argument);

/* Writes. The caller writes a map's keys in bytewise order of their encodings (§4.2.1). */
void keel_cbor_uint(struct keel_wr *w, uint64_t v);
void keel_cbor_int(struct keel_wr *w, int64_t v);
void keel_cbor_bytes(struct keel_wr *w, struct keel_bytes b);
void keel_cbor_text(struct keel_wr *w, const char *s);
void keel_cbor_text_of(struct keel_wr *w, struct keel_bytes utf8);
void keel_cbor_array(struct keel_wr *w, size_t items);
void keel_cbor_map(struct keel_wr *w, size_t pairs);
void keel_cbor_tag(struct keel_wr *w, uint64_t tag);
void keel_cbor_bool(struct keel_wr *w, bool v);
void keel_cbor_null(struct keel_wr *w);
/** The shortest of half, single and double that keeps the value. */
void keel_cbor_float(struct keel_wr *w, double v);

#endif

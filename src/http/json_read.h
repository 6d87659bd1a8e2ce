/*
 * Reads one flat JSON object (RFC 8259) against a table of what may stand in it, into a struct: for
 * requests of a page of our own. Strict: nothing but texts and whole numbers, no name twice, none that
 * the table does not have, no tail. No heap.
 */
#ifndef KEEL_HTTP_JSON_READ_H
#define KEEL_HTTP_JSON_READ_H

#include "core/bytes.h"

enum keel_json_kind {
	KEEL_JSON_TEXT,  /* struct keel_bytes: UTF-8 without control characters */
	KEEL_JSON_BYTES, /* struct keel_bytes: a text in base64url, decoded */
	KEEL_JSON_UINT,  /* uint64_t, up to 2^53 - 1 as RFC 8259 §6 has it */
};

struct keel_json_field {
	const char *name;
	enum keel_json_kind kind;
	uint16_t at;  /* offset in the struct */
	uint64_t max; /* bytes, as decoded; or the number */
};

#define KEEL_JSON_FIELDS_MAX 32

/**
 * fields  a bit of `may` and of `must` for each: what may stand there, what has to
 * strings where texts are decoded into; what is read are views of it
 * out     fields that do not stand there are left as they are
 *
 * KEEL_EFORM: no such object. KEEL_ERANGE: a value is longer or higher than it may be. KEEL_EFULL:
 * strings is too small; as large as `in` is always enough. In each case `out` may be written in part.
 */
KEEL_CHECKED enum keel_err keel_json_read(struct keel_bytes in,
	const struct keel_json_field *fields, size_t count, uint32_t may, uint32_t must,
	struct keel_wr *strings, void *out);

#endif

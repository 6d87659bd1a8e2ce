/*
 * Schemas: constant tables that say what a message is. One table reads CBOR into a struct,
 * writes the struct back, and (with names) checks the same mapping in YAML (src/profile).
 * A message is checked whole (form, types, ranges, lengths, allowed and required keys) before
 * any field of it is used. EN 303 645 5.13-1A, 5.13-1B.
 *
 *	struct greeting { uint32_t has; uint64_t age_s; struct keel_bytes name; };
 *	static const struct keel_row greeting_rows[] = {
 *		{ .label = 1, .name = "age",  .kind = KEEL_UINT, .max = 99, KEEL_AT(struct greeting, age_s) },
 *		{ .label = 2, .name = "name", .kind = KEEL_TEXT, .max = 20, .optional = true,
 *		  KEEL_AT(struct greeting, name) },
 *	};
 *	const struct keel_schema greeting = KEEL_SCHEMA("greeting", KEEL_AS_MAP, greeting_rows, struct greeting);
 */
#ifndef KEEL_CORE_SCHEMA_H
#define KEEL_CORE_SCHEMA_H

#include "core/bytes.h"

/* What a row holds, and the C type that stands at its place in the struct. */
enum keel_kind {
	KEEL_UINT,   /* uint64_t; min..max (max 0: no upper bound) */
	KEEL_INT,    /* int64_t; min..max (both 0: any) */
	KEEL_NUMBER, /* int64_t, thousandths of its unit; in YAML a decimal with at most 3 places */
	KEEL_DURATION, /* uint64_t, seconds; in YAML "2 days", "24 hours" */
	KEEL_DATE,     /* int64_t, days since 1970-01-01; in YAML 2026-12-01 */
	KEEL_CHOICE,   /* uint64_t, index into choices; in YAML the word */
	KEEL_BOOL,     /* bool; in YAML yes or no */
	KEEL_BYTES,    /* struct keel_bytes; min..max is its length. Not for YAML */
	KEEL_TEXT,     /* struct keel_bytes, UTF-8 without control characters; min..max bytes */
	KEEL_MAP,      /* the struct of `of`, in place */
	KEEL_LIST,     /* struct keel_list; min..max items, each as `item` says */
	KEEL_ANY, /* struct keel_bytes: one item's encoding, well formed and nothing more known */
};

/** Items of a list, still encoded and already checked; keel_list_next walks it. */
struct keel_list {
	struct keel_bytes cbor; /* the items, without the array's head */
	size_t count;
};

struct keel_row {
	int32_t label;    /* the CBOR key; in a tuple its position says it and this is 0 */
	const char *name; /* the YAML key and the word in error texts */
	enum keel_kind kind;
	bool optional; /* absent is allowed; `has` tells */
	uint16_t at;   /* offsetof in the struct */
	int64_t min, max;
	const struct keel_schema *of; /* KEEL_MAP */
	const struct keel_row *item;  /* KEEL_LIST; its `at` is 0 */
	const char *const *choices;   /* KEEL_CHOICE, NULL ends them */
	const char *hint; /* for a person, where the name does not say it all; or NULL */
};

#define KEEL_AT(type, member) .at = (uint16_t)offsetof(type, member)

enum keel_form {
	KEEL_AS_MAP,   /* labels to values; an unknown label is KEEL_EFORM */
	KEEL_AS_TUPLE, /* an array of exactly the rows, in order; none optional */
};

/** At most 32 rows. The struct begins with `uint32_t has`, one bit a row that is present. */
struct keel_schema {
	const char *name;
	enum keel_form form;
	const struct keel_row *rows; /* maps: in the order of their encoded labels */
	size_t count;
	size_t size;
};

#define KEEL_SCHEMA(n, f, r, type)                                                                 \
	{                                                                                          \
		.name = (n), .form = (f), .rows = (r), .count = KEEL_COUNT(r),                     \
		.size = sizeof(type)                                                               \
	}

/** Where a message was refused: the row's name ("fields[2].min"), for logs and error texts. */
struct keel_where {
	char path[96];
};

/**
 * Checks `in` whole, and only then fills `out` (of s->size bytes; wholly set, absent rows zero).
 * Views in it live as long as `in`. `where` may be NULL.
 * KEEL_ESHORT, KEEL_EFORM, KEEL_ERANGE; out untouched on error. No heap, no recursion.
 */
KEEL_CHECKED enum keel_err keel_schema_read(
	const struct keel_schema *s, struct keel_bytes in, void *out, struct keel_where *where);

/**
 * Writes the struct deterministically. KEEL_ERANGE in w: a value that the schema forbids, so what
 * was written can always be read. Rows that are not optional are written whatever `has` says.
 */
void keel_schema_write(const struct keel_schema *s, const void *in, struct keel_wr *w);

/**
 * Appends one item to a list that is being made: its encoding goes to the end of `items` (a writer
 * over the caller's own buffer, which lives until the list's record is written), and `list`, which
 * began as {0}, names one more. An error sticks in `items`, and writing the list is KEEL_ERANGE.
 *
 *	uint8_t buf[512];
 *	struct keel_wr items = keel_wr_of(buf, sizeof(buf));
 *	for (size_t i = 0; i < n; i++)
 *		keel_list_add(&field_item, &fields[i], &items, &message.fields);
 *	keel_schema_write(&message_schema, &message, w);
 */
void keel_list_add(
	const struct keel_row *item, const void *in, struct keel_wr *items, struct keel_list *list);

/** Whether a row (by its index) was present: `has` is the struct's first member. */
bool keel_has(const void *record, size_t row);

/**
 * Walks a list that a schema has checked, filling `out` by the row's kind (a struct for KEEL_MAP,
 * else its C type). False at the end. `rest` starts as a copy of the list.
 */
bool keel_list_next(const struct keel_row *item, struct keel_list *rest, void *out);

/** Checks the table itself (order, counts, bounds): for tests, once for each schema. */
KEEL_CHECKED enum keel_err keel_schema_check(const struct keel_schema *s);

#endif

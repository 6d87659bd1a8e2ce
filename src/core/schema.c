#include "core/schema.h"

#include "core/cbor_head.h"
#include "core/mem.h"
#include "core/schema_value.h"

#define ROWS_MAX 32 /* the bits of `has` */

bool keel_has(const void *record, size_t row)
{
	uint32_t has;
	memcpy(&has, record, sizeof(has));
	return row < ROWS_MAX && (has >> row & 1) != 0;
}

/* Where a label stands in the bytewise order of encodings: 0, 1, 2, … and then -1, -2, … */
static uint64_t rank(int32_t label)
{
	return label < 0 ? (uint64_t)(-1 - (int64_t)label) + UINT32_MAX : (uint64_t)label;
}

static bool signed_kind(enum keel_kind kind)
{
	return kind == KEEL_INT || kind == KEEL_NUMBER || kind == KEEL_DATE;
}

static bool bounds_ok(const struct keel_row *row)
{
	if (signed_kind(row->kind))
		return row->min <= row->max;
	return row->min >= 0 && (row->max == 0 || row->min <= row->max);
}

/* The kind and what it needs beside it. */
static bool kind_ok(const struct keel_row *row)
{
	if ((unsigned)row->kind > KEEL_ANY || !bounds_ok(row))
		return false;
	if (row->kind == KEEL_MAP)
		return row->of != NULL;
	if (row->kind == KEEL_LIST)
		return row->item != NULL && row->item->at == 0;
	if (row->kind == KEEL_CHOICE)
		return row->choices != NULL && row->choices[0] != NULL;
	return true;
}

static bool apart(const struct keel_row *a, const struct keel_row *b)
{
	return a->at >= b->at + keel_value_size(b) || b->at >= a->at + keel_value_size(a);
}

/* Its place lies in the struct, behind `has`, and is no other row's. */
static bool place_ok(const struct keel_schema *s, size_t i)
{
	const struct keel_row *row = &s->rows[i];
	if (row->at < sizeof(uint32_t) || row->at + keel_value_size(row) > s->size)
		return false;
	for (size_t k = 0; k < i; k++)
		if (!apart(row, &s->rows[k]))
			return false;
	return true;
}

static bool label_ok(const struct keel_schema *s, size_t i)
{
	const struct keel_row *row = &s->rows[i];
	if (row->name == NULL)
		return false;
	if (s->form == KEEL_AS_TUPLE)
		return row->label == 0 && !row->optional;
	return i == 0 || rank(s->rows[i - 1].label) < rank(row->label);
}

static bool table_ok(const struct keel_schema *s)
{
	if (s->name == NULL || s->count > ROWS_MAX || s->size < sizeof(uint32_t))
		return false;
	for (size_t i = 0; i < s->count; i++)
		if (!label_ok(s, i) || !kind_ok(&s->rows[i]) || !place_ok(s, i))
			return false;
	return true;
}

/* The schema that a row leads to, through lists of lists; *ok false for an item that is wrong. */
static const struct keel_schema *below(const struct keel_row *row, unsigned *depth, bool *ok)
{
	for (; row->kind == KEEL_LIST; row = row->item) {
		if (++*depth > KEEL_CBOR_DEPTH_MAX || !kind_ok(row->item)) {
			*ok = false;
			return NULL;
		}
	}
	return row->kind == KEEL_MAP ? row->of : NULL;
}

struct level {
	const struct keel_schema *schema;
	size_t next;
	unsigned depth; /* containers open in its rows */
};

enum keel_err keel_schema_check(const struct keel_schema *s)
{
	struct level open[KEEL_CBOR_DEPTH_MAX] = { { s, 0, 1 } };
	unsigned n = table_ok(s) ? 1 : 0;
	bool ok = n > 0;
	while (ok && n > 0) {
		struct level *l = &open[n - 1];
		if (l->next == l->schema->count) {
			n--;
			continue;
		}
		unsigned depth = l->depth;
		const struct keel_schema *inner = below(&l->schema->rows[l->next++], &depth, &ok);
		if (inner == NULL)
			continue;
		ok = depth < KEEL_CBOR_DEPTH_MAX && table_ok(inner);
		if (ok)
			open[n++] = (struct level){ inner, 0, depth + 1 };
	}
	return ok ? KEEL_OK : KEEL_EFORM;
}


#include "core/cbor_head.h"
#include "core/mem.h"
#include "core/schema_value.h"

struct level {
	const struct keel_schema *schema;
	const uint8_t *in;
	size_t next;
};

struct walk {
	struct keel_wr *w;
	unsigned depth;
	struct level open[KEEL_CBOR_DEPTH_MAX];
};

/* A row that must be there is written whatever `has` says. */
static bool present(const struct level *l, size_t row)
{
	return !l->schema->rows[row].optional || keel_has(l->in, row);
}

static void enter(struct walk *walk, const struct keel_schema *s, const uint8_t *in)
{
	if (walk->depth == KEEL_CBOR_DEPTH_MAX) {
		keel_wr_fail(walk->w, KEEL_ERANGE);
		return;
	}
	struct level l = { s, in, 0 };
	size_t pairs = 0;
	for (size_t i = 0; i < s->count; i++)
		pairs += present(&l, i);
	if (s->form == KEEL_AS_MAP)
		keel_cbor_map(walk->w, pairs);
	else
		keel_cbor_array(walk->w, s->count);
	walk->open[walk->depth++] = l;
}

static enum keel_err check_any(struct keel_bytes item, unsigned depth)
{
	struct keel_rd r = keel_rd_of(item);
	(void)keel_cbor_take_inside(&r, depth);
	return keel_rd_end(&r);
}

/* What reading would refuse is not written. */
static bool allowed(const struct walk *walk, const struct keel_row *row, const union keel_value *v)
{
	enum keel_err e = keel_value_check(row, v);
	if (e == KEEL_OK && row->kind == KEEL_LIST)
		e = keel_list_check(row, &v->list, walk->depth);
	else if (e == KEEL_OK && row->kind == KEEL_ANY)
		e = check_any(v->bytes, walk->depth);
	return e == KEEL_OK;
}

static void put(struct keel_wr *w, const struct keel_row *row, const union keel_value *v)
{
	switch (row->kind) {
	case KEEL_UINT:
	case KEEL_DURATION:
	case KEEL_CHOICE:
		keel_cbor_uint(w, v->u);
		break;
	case KEEL_INT:
	case KEEL_NUMBER:
	case KEEL_DATE:
		keel_cbor_int(w, v->i);
		break;
	case KEEL_BOOL:
		keel_cbor_bool(w, v->b);
		break;
	case KEEL_BYTES:
		keel_cbor_bytes(w, v->bytes);
		break;
	case KEEL_TEXT:
		keel_cbor_text_of(w, v->bytes);
		break;
	case KEEL_LIST:
		keel_cbor_array(w, v->list.count);
		keel_wr_bytes(w, v->list.cbor);
		break;
	case KEEL_ANY:
		keel_wr_bytes(w, v->bytes);
		break;
	case KEEL_MAP:
		break;
	}
}

static void write_value(struct walk *walk, const struct keel_row *row, const uint8_t *at)
{
	union keel_value v;
	if (row->kind == KEEL_MAP) {
		enter(walk, row->of, at);
		return;
	}
	keel_value_load(row, at, &v);
	if (allowed(walk, row, &v))
		put(walk->w, row, &v);
	else
		keel_wr_fail(walk->w, KEEL_ERANGE);
}

static void write_open(struct walk *walk)
{
	while (walk->depth > 0 && walk->w->err == KEEL_OK) {
		struct level *l = &walk->open[walk->depth - 1];
		size_t i = l->next++;
		if (i == l->schema->count) {
			walk->depth--;
		} else if (present(l, i)) {
			const struct keel_row *row = &l->schema->rows[i];
			if (l->schema->form == KEEL_AS_MAP)
				keel_cbor_int(walk->w, row->label);
			write_value(walk, row, l->in + row->at);
		}
	}
}

void keel_schema_write(const struct keel_schema *s, const void *in, struct keel_wr *w)
{
	struct walk walk = { .w = w };
	enter(&walk, s, in);
	write_open(&walk);
}

void keel_list_add(
	const struct keel_row *item, const void *in, struct keel_wr *items, struct keel_list *list)
{
	struct walk walk = { .w = items };
	write_value(&walk, item, in);
	write_open(&walk);
	list->count++;
	list->cbor = (struct keel_bytes){ items->p, items->n };
}

#include "core/schema_value.h"

#include "core/cbor_head.h"
#include "core/mem.h"

/* clang-format off */
static const uint8_t sizes[] = {
	[KEEL_UINT]     = sizeof(uint64_t),
	[KEEL_INT]      = sizeof(int64_t),
	[KEEL_NUMBER]   = sizeof(int64_t),
	[KEEL_DURATION] = sizeof(uint64_t),
	[KEEL_DATE]     = sizeof(int64_t),
	[KEEL_CHOICE]   = sizeof(uint64_t),
	[KEEL_BOOL]     = sizeof(bool),
	[KEEL_BYTES]    = sizeof(struct keel_bytes),
	[KEEL_TEXT]     = sizeof(struct keel_bytes),
	[KEEL_MAP]      = 0, /* its struct's own */
	[KEEL_LIST]     = sizeof(struct keel_list),
	[KEEL_ANY]      = sizeof(struct keel_bytes),
};
/* clang-format on */

size_t keel_value_size(const struct keel_row *row)
{
	return row->kind == KEEL_MAP ? row->of->size : sizes[row->kind];
}

/* By bytes: a struct's place need not be aligned, and its type is the row's business. */
void keel_value_store(const struct keel_row *row, const union keel_value *v, uint8_t *at)
{
	memcpy(at, v, sizes[row->kind]);
}

void keel_value_load(const struct keel_row *row, const uint8_t *at, union keel_value *v)
{
	memset(v, 0, sizeof(*v));
	memcpy(v, at, sizes[row->kind]);
}

static bool within(const struct keel_row *row, uint64_t u)
{
	return u >= (uint64_t)row->min && (row->max == 0 || u <= (uint64_t)row->max);
}

static bool within_signed(const struct keel_row *row, int64_t i)
{
	return (row->min == 0 && row->max == 0) || (i >= row->min && i <= row->max);
}

static bool chosen(const struct keel_row *row, uint64_t index)
{
	for (uint64_t i = 0; row->choices[i] != NULL; i++)
		if (i == index)
			return true;
	return false;
}

enum keel_err keel_value_check(const struct keel_row *row, const union keel_value *v)
{
	bool fits = true;
	switch (row->kind) {
	case KEEL_UINT:
	case KEEL_DURATION:
		fits = within(row, v->u);
		break;
	case KEEL_INT:
	case KEEL_NUMBER:
	case KEEL_DATE:
		fits = within_signed(row, v->i);
		break;
	case KEEL_CHOICE:
		fits = chosen(row, v->u);
		break;
	case KEEL_BYTES:
		fits = within(row, v->bytes.n);
		break;
	case KEEL_TEXT:
		if (within(row, v->bytes.n))
			return keel_utf8_check(v->bytes, true);
		fits = false;
		break;
	case KEEL_LIST:
		fits = within(row, v->list.count);
		break;
	case KEEL_BOOL:
	case KEEL_MAP:
	case KEEL_ANY:
		break;
	}
	return fits ? KEEL_OK : KEEL_ERANGE;
}

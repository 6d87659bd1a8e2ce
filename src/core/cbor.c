#include "core/cbor.h"

#include "core/cbor_float.h"
#include "core/cbor_head.h"
#include "core/mem.h"

#define SIMPLE_FALSE     20
#define SIMPLE_TRUE      21
#define SIMPLE_NULL      22
#define SIMPLE_UNDEFINED 23
#define SIMPLE_NEXT_BYTE 24
#define SIMPLE_HALF      25
#define SIMPLE_DOUBLE    27

static double double_of(uint64_t bits)
{
	double f;
	memcpy(&f, &bits, sizeof(f));
	return f;
}

/* A float must not fit into the next smaller size, and there is one NaN. */
static void read_float(
	struct keel_rd *r, const struct keel_cbor_head *h, struct keel_cbor_item *out)
{
	enum keel_float_size size = (enum keel_float_size)(h->info - SIMPLE_HALF);
	uint64_t bits = keel_float_widen(h->u, size);
	uint64_t less;
	bool nan = keel_float_is_nan(bits);
	bool strange = nan && (size != FLOAT_HALF || h->u != KEEL_NAN_HALF);
	if (strange || (size > FLOAT_HALF && keel_float_narrow(bits, size - 1, &less)))
		keel_rd_fail(r, KEEL_EFORM);
	else
		*out = (struct keel_cbor_item){ .type = KEEL_CBOR_FLOAT, .f = double_of(bits) };
}

static void read_simple(
	struct keel_rd *r, const struct keel_cbor_head *h, struct keel_cbor_item *out)
{
	if (h->info >= SIMPLE_HALF) {
		read_float(r, h, out);
		return;
	}
	if (h->info == SIMPLE_NEXT_BYTE && h->u < 32) { /* RFC 8949 §3.3 */
		keel_rd_fail(r, KEEL_EFORM);
		return;
	}
	*out = (struct keel_cbor_item){ .type = KEEL_CBOR_SIMPLE, .u = h->u };
	if (h->u == SIMPLE_FALSE || h->u == SIMPLE_TRUE)
		*out = (struct keel_cbor_item){ .type = KEEL_CBOR_BOOL, .u = h->u - SIMPLE_FALSE };
	else if (h->u == SIMPLE_NULL)
		out->type = KEEL_CBOR_NULL;
	else if (h->u == SIMPLE_UNDEFINED)
		out->type = KEEL_CBOR_UNDEFINED;
}

/* Every item has at least one byte: a count that the input cannot hold ends here, not in a loop. */
static void check_count(struct keel_rd *r, const struct keel_cbor_head *h)
{
	size_t most = h->major == MAJOR_MAP ? r->n / 2 : r->n;
	if ((h->major == MAJOR_MAP || h->major == MAJOR_ARRAY) && h->u > most)
		keel_rd_fail(r, KEEL_ESHORT);
}

static void read_text(struct keel_rd *r, uint64_t n, struct keel_cbor_item *out)
{
	struct keel_bytes text = keel_cbor_content(r, n);
	if (keel_utf8_check(text, false) != KEEL_OK)
		keel_rd_fail(r, KEEL_EFORM);
	out->bytes = text;
}

struct keel_cbor_item keel_cbor_read(struct keel_rd *r)
{
	struct keel_cbor_head h = keel_cbor_head(r);
	struct keel_cbor_item item = { .type = (enum keel_cbor_type)h.major, .u = h.u };
	check_count(r, &h);
	if (h.major == MAJOR_SIMPLE)
		read_simple(r, &h, &item);
	else if (h.major == MAJOR_BYTES)
		item.bytes = keel_cbor_content(r, h.u);
	else if (h.major == MAJOR_TEXT)
		read_text(r, h.u, &item);
	return r->err == KEEL_OK ? item : (struct keel_cbor_item){ 0 };
}

/* A container that is not closed yet. */
struct open {
	uint64_t left; /* items to come; a map's keys and values count singly */
	bool map;
	const uint8_t *start;   /* of the key that is being read */
	struct keel_bytes last; /* the key before it */
};

/* Keys rise in the bytewise order of their encodings (§4.2.1); an equal one is a duplicate. */
static void key_done(struct keel_rd *r, struct open *map)
{
	struct keel_bytes key = { map->start, (size_t)(r->p - map->start) };
	size_t common = key.n < map->last.n ? key.n : map->last.n;
	if (map->last.n > 0 && memcmp(map->last.p, key.p, common) >= 0)
		keel_rd_fail(r, KEEL_EFORM); /* no encoding is another's beginning */
	map->last = key;
}

/* Opens the container that a head begins; an item without content needs none. */
static bool opens(const struct keel_cbor_item *item, struct open *out)
{
	*out = (struct open){ .left = item->u, .map = item->type == KEEL_CBOR_MAP };
	if (item->type == KEEL_CBOR_MAP)
		out->left = item->u * 2;
	else if (item->type == KEEL_CBOR_TAG)
		out->left = 1;
	return item->type == KEEL_CBOR_MAP || item->type == KEEL_CBOR_ARRAY ||
	       item->type == KEEL_CBOR_TAG;
}

static bool awaits_key(const struct open *o)
{
	return o->map && o->left % 2 == 0;
}

/* One item is whole: so is each container that it was the last item of. Gives what stays open. */
static unsigned close_full(struct keel_rd *r, struct open *stack, unsigned depth)
{
	while (depth > 0) {
		struct open *o = &stack[depth - 1];
		if (awaits_key(o))
			key_done(r, o);
		if (--o->left > 0)
			break;
		depth--;
	}
	return depth;
}

struct keel_bytes keel_cbor_take_inside(struct keel_rd *r, unsigned outside)
{
	struct open stack[KEEL_CBOR_DEPTH_MAX];
	unsigned depth = 0;
	const uint8_t *start = r->p;
	do {
		if (depth > 0 && awaits_key(&stack[depth - 1]))
			stack[depth - 1].start = r->p;
		struct keel_cbor_item item = keel_cbor_read(r);
		struct open o;
		if (opens(&item, &o)) {
			if (depth + outside >= KEEL_CBOR_DEPTH_MAX) {
				keel_rd_fail(r, KEEL_EFORM);
				break;
			}
			if (o.left > 0) {
				stack[depth++] = o;
				continue;
			}
		}
		depth = close_full(r, stack, depth);
	} while (depth > 0 && r->err == KEEL_OK);
	if (r->err != KEEL_OK)
		return (struct keel_bytes){ 0 };
	return (struct keel_bytes){ start, (size_t)(r->p - start) };
}

struct keel_bytes keel_cbor_take(struct keel_rd *r)
{
	return keel_cbor_take_inside(r, 0);
}

enum keel_err keel_cbor_check(struct keel_bytes in)
{
	struct keel_rd r = keel_rd_of(in);
	(void)keel_cbor_take(&r);
	return keel_rd_end(&r);
}

void keel_cbor_skip(struct keel_rd *r, size_t items)
{
	while (items > 0 && r->err == KEEL_OK) {
		struct keel_cbor_head h = keel_cbor_head(r);
		items--;
		if (h.major == MAJOR_BYTES || h.major == MAJOR_TEXT)
			(void)keel_cbor_content(r, h.u);
		else if (h.major == MAJOR_ARRAY || h.major == MAJOR_MAP)
			items += (size_t)h.u << (h.major == MAJOR_MAP);
		else if (h.major == MAJOR_TAG)
			items++;
	}
}

static struct keel_cbor_item expect(struct keel_rd *r, enum keel_cbor_type type)
{
	struct keel_cbor_item item = keel_cbor_read(r);
	if (item.type == type)
		return item;
	keel_rd_fail(r, KEEL_EFORM);
	return (struct keel_cbor_item){ 0 };
}

uint64_t keel_cbor_read_uint(struct keel_rd *r)
{
	return expect(r, KEEL_CBOR_UINT).u;
}

int64_t keel_cbor_read_int(struct keel_rd *r)
{
	struct keel_cbor_item item = keel_cbor_read(r);
	if (item.type != KEEL_CBOR_UINT && item.type != KEEL_CBOR_NINT) {
		keel_rd_fail(r, KEEL_EFORM);
		return 0;
	}
	if (item.u > INT64_MAX) {
		keel_rd_fail(r, KEEL_ERANGE);
		return 0;
	}
	return item.type == KEEL_CBOR_NINT ? -1 - (int64_t)item.u : (int64_t)item.u;
}

bool keel_cbor_read_bool(struct keel_rd *r)
{
	return expect(r, KEEL_CBOR_BOOL).u == 1;
}

struct keel_bytes keel_cbor_read_bytes(struct keel_rd *r)
{
	return expect(r, KEEL_CBOR_BYTES).bytes;
}

struct keel_bytes keel_cbor_read_text(struct keel_rd *r)
{
	return expect(r, KEEL_CBOR_TEXT).bytes;
}

size_t keel_cbor_read_array(struct keel_rd *r)
{
	return (size_t)expect(r, KEEL_CBOR_ARRAY).u;
}

size_t keel_cbor_read_map(struct keel_rd *r)
{
	return (size_t)expect(r, KEEL_CBOR_MAP).u;
}

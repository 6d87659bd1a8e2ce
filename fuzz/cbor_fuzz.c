/*
 * What the strict reader accepts, Debian's libcbor decodes and encodes to the same bytes; and read
 * item by item and written again by our own writer, it is the same bytes too.
 */
#include <cbor.h>
#include <stdlib.h>
#include <string.h>

#include "core/cbor.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

/* libcbor's encoder rounds what is below a half's smallest normal number. */
static bool libcbor_encodes(struct keel_bytes in)
{
	struct keel_rd r = keel_rd_of(in);
	while (r.n > 0) {
		struct keel_cbor_item item = keel_cbor_read(&r);
		if (item.f != 0 && item.f > -0x1p-14 && item.f < 0x1p-14)
			return false;
	}
	return true;
}

static void check_same_float(struct keel_bytes in, const cbor_item_t *item)
{
	struct keel_rd r = keel_rd_of(in);
	double ours = keel_cbor_read(&r).f;
	double theirs = cbor_float_get_float(item);
	KEEL_MUST(ours == theirs || (ours != ours && theirs != theirs));
}

static void check_against_libcbor(struct keel_bytes in)
{
	struct cbor_load_result result;
	unsigned char *again = NULL;
	size_t size = 0;
	cbor_item_t *item = cbor_load(in.p, in.n, &result);
	KEEL_MUST(item != NULL && result.read == in.n);
	if (cbor_isa_float_ctrl(item) && cbor_is_float(item))
		check_same_float(in, item);
	if (libcbor_encodes(in)) {
		size_t n = cbor_serialize_alloc(item, &again, &size);
		KEEL_MUST(n == in.n && memcmp(again, in.p, n) == 0);
		free(again);
	}
	cbor_decref(&item);
}

static void write_head(struct keel_wr *w, const struct keel_cbor_item *item)
{
	switch (item->type) {
	case KEEL_CBOR_UINT:
		keel_cbor_uint(w, item->u);
		break;
	case KEEL_CBOR_NINT:
		if (item->u <= INT64_MAX) {
			keel_cbor_int(w, -1 - (int64_t)item->u);
		} else { /* no C integer holds it */
			keel_wr_u8(w, 0x3b);
			keel_wr_u64be(w, item->u);
		}
		break;
	case KEEL_CBOR_BYTES:
		keel_cbor_bytes(w, item->bytes);
		break;
	case KEEL_CBOR_TEXT:
		keel_cbor_text_of(w, item->bytes);
		break;
	case KEEL_CBOR_ARRAY:
		keel_cbor_array(w, (size_t)item->u);
		break;
	case KEEL_CBOR_MAP:
		keel_cbor_map(w, (size_t)item->u);
		break;
	case KEEL_CBOR_TAG:
		keel_cbor_tag(w, item->u);
		break;
	case KEEL_CBOR_BOOL:
		keel_cbor_bool(w, item->u == 1);
		break;
	case KEEL_CBOR_NULL:
		keel_cbor_null(w);
		break;
	case KEEL_CBOR_UNDEFINED:
		keel_wr_u8(w, 0xf7);
		break;
	case KEEL_CBOR_SIMPLE: /* Keel writes none: by hand */
		keel_wr_u8(w, item->u < 24 ? (uint8_t)(0xe0 | item->u) : 0xf8);
		if (item->u >= 24)
			keel_wr_u8(w, (uint8_t)item->u);
		break;
	case KEEL_CBOR_FLOAT:
		keel_cbor_float(w, item->f);
		break;
	}
}

static void check_written_again(struct keel_bytes in)
{
	struct keel_rd r = keel_rd_of(in);
	uint8_t *buf = malloc(in.n);
	struct keel_wr w = keel_wr_of(buf, in.n);
	struct keel_bytes again = { 0 };
	while (r.n > 0 && r.err == KEEL_OK) {
		struct keel_cbor_item item = keel_cbor_read(&r);
		write_head(&w, &item);
	}
	KEEL_MUST(keel_rd_end(&r) == KEEL_OK);
	KEEL_MUST(keel_wr_end(&w, &again) == KEEL_OK && keel_bytes_equal(in, again));
	free(buf);
}

/* libcbor 0.8 decodes no simple values but the four that have names, and not the tags 6 to 20. */
static bool libcbor_decodes(struct keel_bytes in)
{
	struct keel_rd r = keel_rd_of(in);
	while (r.n > 0) {
		struct keel_cbor_item item = keel_cbor_read(&r);
		bool strange_tag = item.type == KEEL_CBOR_TAG && item.u >= 6 && item.u <= 20;
		if (item.type == KEEL_CBOR_SIMPLE || strange_tag)
			return false;
	}
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct keel_bytes in = { p, n };
	if (keel_cbor_check(in) != KEEL_OK)
		return 0;
	check_written_again(in);
	if (libcbor_decodes(in))
		check_against_libcbor(in);
	return 0;
}

#include "core/cbor_float.h"
#include "core/cbor_head.h"
#include "core/mem.h"

static void head(struct keel_wr *w, enum keel_cbor_major major, uint64_t u)
{
	uint8_t first = (uint8_t)(major << 5);
	if (u < 24) {
		keel_wr_u8(w, first | (uint8_t)u);
	} else if (u <= UINT8_MAX) {
		keel_wr_u8(w, first | 24);
		keel_wr_u8(w, (uint8_t)u);
	} else if (u <= UINT16_MAX) {
		keel_wr_u8(w, first | 25);
		keel_wr_u16be(w, (uint16_t)u);
	} else if (u <= UINT32_MAX) {
		keel_wr_u8(w, first | 26);
		keel_wr_u32be(w, (uint32_t)u);
	} else {
		keel_wr_u8(w, first | 27);
		keel_wr_u64be(w, u);
	}
}

size_t keel_cbor_head_len(uint64_t argument)
{
	return argument < 24            ? 1
	       : argument <= UINT8_MAX  ? 2
	       : argument <= UINT16_MAX ? 3
	       : argument <= UINT32_MAX ? 5
					: 9;
}

void keel_cbor_uint(struct keel_wr *w, uint64_t v)
{
	head(w, MAJOR_UINT, v);
}

void keel_cbor_int(struct keel_wr *w, int64_t v)
{
	if (v < 0)
		head(w, MAJOR_NINT, (uint64_t)(-1 - v));
	else
		head(w, MAJOR_UINT, (uint64_t)v);
}

void keel_cbor_bytes(struct keel_wr *w, struct keel_bytes b)
{
	head(w, MAJOR_BYTES, b.n);
	keel_wr_bytes(w, b);
}

void keel_cbor_text(struct keel_wr *w, const char *s)
{
	keel_cbor_text_of(w, keel_text(s));
}

void keel_cbor_text_of(struct keel_wr *w, struct keel_bytes utf8)
{
	if (keel_utf8_check(utf8, false) != KEEL_OK)
		keel_wr_fail(w, KEEL_EFORM);
	head(w, MAJOR_TEXT, utf8.n);
	keel_wr_bytes(w, utf8);
}

void keel_cbor_array(struct keel_wr *w, size_t items)
{
	head(w, MAJOR_ARRAY, items);
}

void keel_cbor_map(struct keel_wr *w, size_t pairs)
{
	head(w, MAJOR_MAP, pairs);
}

void keel_cbor_tag(struct keel_wr *w, uint64_t tag)
{
	head(w, MAJOR_TAG, tag);
}

void keel_cbor_bool(struct keel_wr *w, bool v)
{
	keel_wr_u8(w, v ? 0xf5 : 0xf4);
}

void keel_cbor_null(struct keel_wr *w)
{
	keel_wr_u8(w, 0xf6);
}

void keel_cbor_float(struct keel_wr *w, double v)
{
	uint64_t bits;
	uint64_t narrow = KEEL_NAN_HALF;
	memcpy(&bits, &v, sizeof(bits));
	if (keel_float_is_nan(bits) || keel_float_narrow(bits, FLOAT_HALF, &narrow)) {
		keel_wr_u8(w, 0xf9);
		keel_wr_u16be(w, (uint16_t)narrow);
	} else if (keel_float_narrow(bits, FLOAT_SINGLE, &narrow)) {
		keel_wr_u8(w, 0xfa);
		keel_wr_u32be(w, (uint32_t)narrow);
	} else {
		keel_wr_u8(w, 0xfb);
		keel_wr_u64be(w, bits);
	}
}

#include <math.h>

#include "check.h"
#include "core/cbor.h"
#include "hex.h"

static enum keel_err check_hex(const char *hex)
{
	uint8_t buf[256];
	return keel_cbor_check(hex_bytes(hex, buf, sizeof(buf)));
}

/* Inputs that a strict reader refuses (RFC 8949 §3, §4.2.1, §5.6, Appendix F). */
static const struct {
	const char *hex;
	enum keel_err err;
	const char *why;
} refused[] = {
	{ "", KEEL_ESHORT, "nothing" },
	{ "0000", KEEL_EFORM, "a tail" },
	{ "1817", KEEL_EFORM, "23 in two bytes" },
	{ "1900ff", KEEL_EFORM, "255 in three bytes" },
	{ "1a0000ffff", KEEL_EFORM, "65535 in five bytes" },
	{ "1b00000000ffffffff", KEEL_EFORM, "2^32-1 in nine bytes" },
	{ "3817", KEEL_EFORM, "-24 in two bytes" },
	{ "580161", KEEL_EFORM, "a length in two bytes" },
	{ "7803616263", KEEL_EFORM, "a text's length in two bytes" },
	{ "980100", KEEL_EFORM, "an array's length in two bytes" },
	{ "b8010000", KEEL_EFORM, "a map's length in two bytes" },
	{ "d80100", KEEL_EFORM, "a tag in two bytes" },
	{ "18", KEEL_ESHORT, "no argument" },
	{ "19ff", KEEL_ESHORT, "half an argument" },
	{ "1b00000001000000", KEEL_ESHORT, "seven eighths of an argument" },
	{ "1c", KEEL_EFORM, "reserved 28" },
	{ "3d", KEEL_EFORM, "reserved 29" },
	{ "5e", KEEL_EFORM, "reserved 30" },
	{ "fc", KEEL_EFORM, "reserved 28, major 7" },
	{ "1f", KEEL_EFORM, "indefinite integer" },
	{ "5f4100ff", KEEL_EFORM, "indefinite byte string" },
	{ "7f6161ff", KEEL_EFORM, "indefinite text" },
	{ "9f00ff", KEEL_EFORM, "indefinite array" },
	{ "bf0000ff", KEEL_EFORM, "indefinite map" },
	{ "df00", KEEL_EFORM, "indefinite tag" },
	{ "ff", KEEL_EFORM, "a break alone" },
	{ "41", KEEL_ESHORT, "a string without its byte" },
	{ "5bffffffffffffffff00", KEEL_ESHORT, "a string of 2^64-1 bytes" },
	{ "9bffffffffffffffff00", KEEL_ESHORT, "an array of 2^64-1 items" },
	{ "bbffffffffffffffff0000", KEEL_ESHORT, "a map of 2^64-1 pairs" },
	{ "bb80000000000000000000", KEEL_ESHORT, "a map of 2^63 pairs" },
	{ "8200", KEEL_ESHORT, "an item is missing" },
	{ "a100", KEEL_ESHORT, "a value is missing" },
	{ "c0", KEEL_ESHORT, "a tag of nothing" },
	{ "818181", KEEL_ESHORT, "nested and nothing in it" },
	{ "a200000000", KEEL_EFORM, "a key twice" },
	{ "a201000000", KEEL_EFORM, "keys unsorted" },
	{ "a220000000", KEEL_EFORM, "a negative key before a positive one" },
	{ "a2616200616100", KEEL_EFORM, "text keys unsorted" },
	{ "a262616100616200", KEEL_EFORM, "a longer text key first" },
	{ "a281000081000000", KEEL_EFORM, "an array as key twice" },
	{ "a20000a2000000000000", KEEL_EFORM, "a key twice in a key" },
	{ "a201a200000000000200", KEEL_EFORM, "a key twice in a value" },
	{ "6180", KEEL_EFORM, "UTF-8: a continuation alone" },
	{ "62c0af", KEEL_EFORM, "UTF-8: overlong /" },
	{ "62c1bf", KEEL_EFORM, "UTF-8: overlong DEL" },
	{ "63e08080", KEEL_EFORM, "UTF-8: overlong NUL in three" },
	{ "64f08fbfbf", KEEL_EFORM, "UTF-8: overlong U+FFFF" },
	{ "63eda080", KEEL_EFORM, "UTF-8: a surrogate" },
	{ "63edbfbf", KEEL_EFORM, "UTF-8: the last surrogate" },
	{ "64f4908080", KEEL_EFORM, "UTF-8: past U+10FFFF" },
	{ "64f5808080", KEEL_EFORM, "UTF-8: F5" },
	{ "62c341", KEEL_EFORM, "UTF-8: no continuation" },
	{ "61c3", KEEL_EFORM, "UTF-8: cut" },
	{ "62e6b0", KEEL_EFORM, "UTF-8: cut in three" },
	{ "63f09085", KEEL_EFORM, "UTF-8: cut in four" },
	{ "63e6b041", KEEL_EFORM, "UTF-8: third byte no continuation" },
	{ "63e64180", KEEL_EFORM, "UTF-8: second byte no continuation" },
	{ "63e6c080", KEEL_EFORM, "UTF-8: second byte a first one" },
	{ "63e0c080", KEEL_EFORM, "UTF-8: E0 and a first byte" },
	{ "63ed4180", KEEL_EFORM, "UTF-8: ED and a letter" },
	{ "64f0c08080", KEEL_EFORM, "UTF-8: F0 and a first byte" },
	{ "64f4418080", KEEL_EFORM, "UTF-8: F4 and a letter" },
	{ "61ff", KEEL_EFORM, "UTF-8: FF" },
	{ "f800", KEEL_EFORM, "simple(0) in two bytes" },
	{ "f814", KEEL_EFORM, "false in two bytes" },
	{ "f818", KEEL_EFORM, "simple(24)" },
	{ "f81f", KEEL_EFORM, "simple(31)" },
	{ "f8", KEEL_ESHORT, "half a simple value" },
	{ "f97e01", KEEL_EFORM, "another NaN" },
	{ "f9fe00", KEEL_EFORM, "a negative NaN" },
	{ "f97c01", KEEL_EFORM, "a signalling NaN" },
	{ "fa7fc00000", KEEL_EFORM, "NaN as single" },
	{ "fa7fc00001", KEEL_EFORM, "NaN as single that fits no half" },
	{ "fb7ff8000000000001", KEEL_EFORM, "NaN that fits no single" },
	{ "fa3f800000", KEEL_EFORM, "1.0 as single" },
	{ "fb3ff0000000000000", KEEL_EFORM, "1.0 as double" },
	{ "fb3ff0000020000000", KEEL_EFORM, "a single as double" },
	{ "fa33800000", KEEL_EFORM, "the smallest half as single" },
	{ "fb36a0000000000000", KEEL_EFORM, "the smallest single as double" },
	{ "fa80000000", KEEL_EFORM, "-0.0 as single" },
	{ "fa477fe000", KEEL_EFORM, "65504 as single" },
	{ "fa", KEEL_ESHORT, "a float without its bytes" },
};

static void prov_5_13_1b_what_is_not_strict_cbor_is_refused(void)
{
	for (size_t i = 0; i < KEEL_COUNT(refused); i++)
		CHECK_ROW(check_hex(refused[i].hex) == refused[i].err, refused[i].why);
}

/* Their neighbours on the right side of the line. */
static void strict_cbor_is_accepted(void)
{
	static const char *const rows[] = { "1818", "190100", "1a00010000", "1b0000000100000000",
		"3bffffffffffffffff", "f820", "f8ff", "f97e00", "fa47800000" /* 65536 */,
		"fa33000000" /* half of the smallest half */, "fa00000001",
		"fb3690000000000000" /* half of the smallest single */, "fb0000000000000001",
		"fb47f0000000000000" /* 2^128 */, "a3000020006000", "a2616100616200",
		"a2810000810100", "64f48fbfbf", "63ed9fbf", "63ee8080", "62c280", "80", "a0",
		"c000" };
	for (size_t i = 0; i < KEEL_COUNT(rows); i++)
		CHECK_ROW(check_hex(rows[i]) == KEEL_OK, rows[i]);
}

static enum keel_err nested(uint8_t head, size_t depth)
{
	uint8_t buf[64];
	memset(buf, head, depth);
	buf[depth] = 0;
	return keel_cbor_check((struct keel_bytes){ buf, depth + 1 });
}

static void depth_is_bounded(void)
{
	CHECK(nested(0x81, KEEL_CBOR_DEPTH_MAX) == KEEL_OK);
	CHECK(nested(0x81, KEEL_CBOR_DEPTH_MAX + 1) == KEEL_EFORM);
	CHECK(nested(0xc1, KEEL_CBOR_DEPTH_MAX) == KEEL_OK); /* tags nest too */
	CHECK(nested(0xc1, KEEL_CBOR_DEPTH_MAX + 1) == KEEL_EFORM);
	CHECK(nested(0x81, 63) == KEEL_EFORM);
}

static void take_gives_one_whole_item_and_stops_behind_it(void)
{
	uint8_t buf[16];
	struct keel_bytes in = hex_bytes("a1018202036101", buf, sizeof(buf));
	struct keel_rd r = keel_rd_of(in);
	struct keel_bytes item = keel_cbor_take(&r);
	CHECK(item.p == buf && item.n == 5);
	CHECK(keel_bytes_is(keel_cbor_read_text(&r), "\x01"));
	CHECK(keel_rd_end(&r) == KEEL_OK);
	r = keel_rd_of((struct keel_bytes){ buf, 4 });
	CHECK(keel_cbor_take(&r).p == NULL && keel_rd_end(&r) == KEEL_ESHORT);
}

static void typed_reads_give_what_was_written(void)
{
	uint8_t buf[128];
	struct keel_bytes out = { 0 };
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	keel_cbor_array(&w, 9);
	keel_cbor_uint(&w, UINT64_MAX);
	keel_cbor_int(&w, INT64_MIN);
	keel_cbor_int(&w, INT64_MAX);
	keel_cbor_bytes(&w, keel_text("ab"));
	keel_cbor_text(&w, "k\xc3\xbc");
	keel_cbor_map(&w, 1);
	keel_cbor_bool(&w, false);
	keel_cbor_bool(&w, true);
	keel_cbor_tag(&w, 18);
	keel_cbor_null(&w);
	keel_cbor_float(&w, 0.5);
	keel_cbor_int(&w, -1);
	CHECK(keel_wr_end(&w, &out) == KEEL_OK && keel_cbor_check(out) == KEEL_OK);
	struct keel_rd r = keel_rd_of(out);
	CHECK(keel_cbor_read_array(&r) == 9);
	CHECK(keel_cbor_read_uint(&r) == UINT64_MAX);
	CHECK(keel_cbor_read_int(&r) == INT64_MIN);
	CHECK(keel_cbor_read_int(&r) == INT64_MAX);
	CHECK(keel_bytes_is(keel_cbor_read_bytes(&r), "ab"));
	CHECK(keel_bytes_is(keel_cbor_read_text(&r), "k\xc3\xbc"));
	CHECK(keel_cbor_read_map(&r) == 1);
	CHECK(keel_cbor_read_bool(&r) == false);
	CHECK(keel_cbor_read_bool(&r) == true);
	struct keel_cbor_item item = keel_cbor_read(&r);
	CHECK(item.type == KEEL_CBOR_TAG && item.u == 18);
	CHECK(keel_cbor_read(&r).type == KEEL_CBOR_NULL);
	CHECK(keel_cbor_read(&r).f == 0.5);
	CHECK(keel_cbor_read_int(&r) == -1);
	CHECK(keel_rd_end(&r) == KEEL_OK);
}

static void read_as(size_t type, struct keel_rd *r)
{
	switch (type) {
	case 0:
		(void)keel_cbor_read_uint(r);
		break;
	case 1:
		(void)keel_cbor_read_int(r);
		break;
	case 2:
		(void)keel_cbor_read_bytes(r);
		break;
	case 3:
		(void)keel_cbor_read_text(r);
		break;
	case 4:
		(void)keel_cbor_read_array(r);
		break;
	case 5:
		(void)keel_cbor_read_map(r);
		break;
	default:
		(void)keel_cbor_read_bool(r);
		break;
	}
}

static void simple_values_have_their_types(void)
{
	static const struct {
		const char *hex;
		enum keel_cbor_type type;
		uint64_t u;
	} rows[] = {
		{ "f4", KEEL_CBOR_BOOL, 0 },
		{ "f5", KEEL_CBOR_BOOL, 1 },
		{ "f6", KEEL_CBOR_NULL, 22 },
		{ "f7", KEEL_CBOR_UNDEFINED, 23 },
		{ "f3", KEEL_CBOR_SIMPLE, 19 },
		{ "f820", KEEL_CBOR_SIMPLE, 32 },
	};
	uint8_t buf[4];
	for (size_t i = 0; i < KEEL_COUNT(rows); i++) {
		struct keel_rd r = keel_rd_of(hex_bytes(rows[i].hex, buf, sizeof(buf)));
		struct keel_cbor_item item = keel_cbor_read(&r);
		CHECK_ROW(item.type == rows[i].type && item.u == rows[i].u, rows[i].hex);
		CHECK_ROW(keel_rd_end(&r) == KEEL_OK, rows[i].hex);
	}
}

static void another_type_is_refused(void)
{
	/* one item of each type: unsigned, negative, bytes, text, array, map, bool */
	static const char *const items[] = { "01", "20", "4100", "6161", "80", "a0", "f5" };
	uint8_t buf[16];
	for (size_t i = 0; i < KEEL_COUNT(items); i++) {
		for (size_t as = 0; as < KEEL_COUNT(items); as++) {
			struct keel_rd r = keel_rd_of(hex_bytes(items[i], buf, sizeof(buf)));
			read_as(as, &r);
			bool fits = i == as || (i == 0 && as == 1);
			CHECK_ROW(keel_rd_end(&r) == (fits ? KEEL_OK : KEEL_EFORM), items[i]);
		}
	}
}

/* So a loop over a count is bounded by the input. */
static void a_count_that_the_input_cannot_hold_is_short_at_once(void)
{
	static const char *const rows[] = { "a100", "a2000000", "82f5", "9affffffff00" };
	uint8_t buf[16];
	for (size_t i = 0; i < KEEL_COUNT(rows); i++) {
		struct keel_rd r = keel_rd_of(hex_bytes(rows[i], buf, sizeof(buf)));
		CHECK_ROW(keel_cbor_read(&r).u == 0, rows[i]);
		CHECK_ROW(keel_rd_end(&r) == KEEL_ESHORT, rows[i]);
	}
}

static void an_integer_that_no_c_type_holds_is_out_of_range(void)
{
	static const char *const rows[] = { "1b8000000000000000", "3b8000000000000000" };
	uint8_t buf[16];
	for (size_t i = 0; i < KEEL_COUNT(rows); i++) {
		struct keel_rd r = keel_rd_of(hex_bytes(rows[i], buf, sizeof(buf)));
		CHECK(keel_cbor_read_int(&r) == 0);
		CHECK_ROW(keel_rd_end(&r) == KEEL_ERANGE, rows[i]);
	}
}

static void a_float_is_written_in_the_shortest_form_that_keeps_it(void)
{
	static const struct {
		double v;
		const char *hex;
	} rows[] = {
		{ 0.0, "f90000" },
		{ -0.0, "f98000" },
		{ 1.0, "f93c00" },
		{ 1.1, "fb3ff199999999999a" },
		{ 65504.0, "f97bff" },
		{ 65505.0, "fa477fe100" },
		{ 65536.0, "fa47800000" },
		{ 0x1p-24, "f90001" },
		{ 0x1p-25, "fa33000000" },
		{ 0x3p-24, "f90003" },
		{ 0x1.8p-24, "fa33c00000" },
		{ 0x1p-14, "f90400" },
		{ 0x1.ff8p-15, "f903ff" },
		{ 0x1p-149, "fa00000001" },
		{ 0x1p-150, "fb3690000000000000" },
		{ 0x1p-126, "fa00800000" },
		{ 0x1p-127, "fa00400000" },
		{ 0x1p-1074, "fb0000000000000001" },
		{ 0x1.fffffep127, "fa7f7fffff" },
		{ 0x1p128, "fb47f0000000000000" },
		{ -4.1, "fbc010666666666666" },
		{ (double)INFINITY, "f97c00" },
		{ -(double)INFINITY, "f9fc00" },
		{ (double)NAN, "f97e00" },
		{ -(double)NAN, "f97e00" },
	};
	for (size_t i = 0; i < KEEL_COUNT(rows); i++) {
		uint8_t buf[16];
		uint8_t want[16];
		struct keel_bytes out = { 0 };
		struct keel_wr w = keel_wr_of(buf, sizeof(buf));
		keel_cbor_float(&w, rows[i].v);
		CHECK(keel_wr_end(&w, &out) == KEEL_OK);
		CHECK_ROW(keel_bytes_equal(out, hex_bytes(rows[i].hex, want, sizeof(want))),
			rows[i].hex);
		struct keel_rd r = keel_rd_of(out);
		double again = keel_cbor_read(&r).f;
		CHECK_ROW(keel_rd_end(&r) == KEEL_OK, rows[i].hex);
		CHECK_ROW(again == rows[i].v || (isnan(again) && isnan(rows[i].v)), rows[i].hex);
		CHECK_ROW(isnan(again) || signbit(again) == signbit(rows[i].v), rows[i].hex);
	}
}

/* Every half there is: read, and written again as it was. */
static void every_half_survives(void)
{
	for (uint32_t half = 0; half <= UINT16_MAX; half++) {
		uint8_t in[3] = { 0xf9, (uint8_t)(half >> 8), (uint8_t)half };
		uint8_t buf[16];
		struct keel_bytes out = { 0 };
		struct keel_rd r = keel_rd_of(KEEL_VIEW(in));
		struct keel_cbor_item item = keel_cbor_read(&r);
		bool nan = (half & 0x7fff) > 0x7c00;
		CHECK((keel_rd_end(&r) == KEEL_OK) == (!nan || half == 0x7e00));
		if (keel_rd_end(&r) != KEEL_OK)
			continue;
		struct keel_wr w = keel_wr_of(buf, sizeof(buf));
		keel_cbor_float(&w, item.f);
		CHECK(keel_wr_end(&w, &out) == KEEL_OK && keel_bytes_equal(out, KEEL_VIEW(in)));
	}
}

static void a_text_that_is_not_utf8_is_not_written(void)
{
	uint8_t buf[16];
	struct keel_bytes out = { 0 };
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	keel_cbor_text(&w, "\xff");
	CHECK(keel_wr_end(&w, &out) == KEEL_EFORM);
}

static void an_item_that_was_cut_anywhere_is_short(void)
{
	uint8_t buf[64];
	struct keel_bytes in = hex_bytes(
		"a40118ff02190100036461626364048363c3a97ac1f93c00a120f5", buf, sizeof(buf));
	CHECK(keel_cbor_check(in) == KEEL_OK);
	for (size_t n = 0; n < in.n; n++)
		CHECK(keel_cbor_check((struct keel_bytes){ buf, n }) == KEEL_ESHORT);
}

TEST_MAIN(TEST(prov_5_13_1b_what_is_not_strict_cbor_is_refused), TEST(strict_cbor_is_accepted),
	TEST(depth_is_bounded), TEST(take_gives_one_whole_item_and_stops_behind_it),
	TEST(typed_reads_give_what_was_written), TEST(simple_values_have_their_types),
	TEST(another_type_is_refused), TEST(a_count_that_the_input_cannot_hold_is_short_at_once),
	TEST(an_integer_that_no_c_type_holds_is_out_of_range),
	TEST(a_float_is_written_in_the_shortest_form_that_keeps_it), TEST(every_half_survives),
	TEST(a_text_that_is_not_utf8_is_not_written), TEST(an_item_that_was_cut_anywhere_is_short))

/* RFC 8949 Appendix A (tests/vectors/cbor-appendix-a.json). */
#include <string.h>

#include "check.h"
#include "core/cbor.h"
#include "vectors.h"

/* Well formed for RFC 7049, from which the file is; RFC 8949 §3.3 forbids simple values below 32. */
#define NO_LONGER_WELL_FORMED "f818"

static const json_t *all;

static struct keel_bytes input(const json_t *vector, uint8_t *buf, size_t cap)
{
	return vectors_field(vector, "hex", buf, cap);
}

static void what_is_deterministic_is_accepted_and_nothing_else(void)
{
	size_t i;
	json_t *vector;
	json_array_foreach((json_t *)(uintptr_t)all, i, vector)
	{
		uint8_t buf[64];
		const char *hex = vectors_text(vector, "hex");
		bool strict = json_is_true(json_object_get(vector, "roundtrip")) &&
			      strcmp(hex, NO_LONGER_WELL_FORMED) != 0;
		CHECK_ROW((keel_cbor_check(input(vector, buf, sizeof(buf))) == KEEL_OK) == strict,
			hex);
	}
	CHECK(i == 82);
}

/* The file has bignums as plain numbers; to Keel they are a tag and its bytes. */
static bool same_number(double want, const struct keel_cbor_item *got)
{
	switch (got->type) {
	case KEEL_CBOR_UINT:
		return (double)got->u == want;
	case KEEL_CBOR_NINT:
		return -1 - (double)got->u == want;
	case KEEL_CBOR_FLOAT:
		return got->f == want;
	case KEEL_CBOR_TAG:
		return want >= 0x1p64 ? got->u == 2 : got->u == 3 && want <= -0x1p64;
	default:
		return false;
	}
}

static bool same_value(const json_t *want, const struct keel_cbor_item *got)
{
	switch (json_typeof(want)) {
	case JSON_STRING:
		return got->type == KEEL_CBOR_TEXT &&
		       keel_bytes_is(got->bytes, json_string_value(want));
	case JSON_INTEGER:
	case JSON_REAL:
		return same_number(json_number_value(want), got);
	case JSON_TRUE:
	case JSON_FALSE:
		return got->type == KEEL_CBOR_BOOL && got->u == json_is_true(want);
	case JSON_NULL:
		return got->type == KEEL_CBOR_NULL;
	case JSON_ARRAY:
		return got->type == KEEL_CBOR_ARRAY && got->u == json_array_size(want);
	case JSON_OBJECT:
		return got->type == KEEL_CBOR_MAP && got->u == json_object_size(want);
	}
	return false;
}

static void values_are_those_of_the_rfc(void)
{
	size_t i;
	size_t compared = 0;
	json_t *vector;
	json_array_foreach((json_t *)(uintptr_t)all, i, vector)
	{
		uint8_t buf[64];
		const json_t *want = json_object_get(vector, "decoded");
		if (want == NULL || !json_is_true(json_object_get(vector, "roundtrip")))
			continue;
		struct keel_rd r = keel_rd_of(input(vector, buf, sizeof(buf)));
		struct keel_cbor_item item = keel_cbor_read(&r);
		CHECK_ROW(same_value(want, &item), vectors_text(vector, "hex"));
		compared++;
	}
	CHECK(compared > 40);
}

static const struct check_test tests[] = {
	TEST(what_is_deterministic_is_accepted_and_nothing_else),
	TEST(values_are_those_of_the_rfc),
};

int main(int argc, char **argv)
{
	json_t *file = vectors_load_reals("cbor-appendix-a.json");
	all = file;
	int result = check_main(tests, KEEL_COUNT(tests), argc, argv);
	json_decref(file);
	return result;
}

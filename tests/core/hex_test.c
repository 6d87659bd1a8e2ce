#include <string.h>

#include "check.h"
#include "core/hex.h"

static void every_byte_survives_its_two_digits(void)
{
	for (unsigned c = 0; c < 256; c++) {
		const uint8_t in[] = { (uint8_t)c, (uint8_t)~c };
		uint8_t out[2] = { 0 };
		char text[KEEL_HEX_SIZE(2)], plain[8];
		keel_hex_write(KEEL_VIEW(in), text);
		(void)snprintf(plain, sizeof(plain), "%02x%02x", in[0], in[1]);
		CHECK_ROW(strcmp(text, plain) == 0, plain);
		CHECK_ROW(keel_hex_read(keel_text(text), out, 2) == KEEL_OK &&
				  memcmp(in, out, 2) == 0,
			plain);
	}
}

static void nothing_is_no_digit(void)
{
	char text[KEEL_HEX_SIZE(0)] = "x";
	keel_hex_write((struct keel_bytes){ 0 }, text);
	CHECK(text[0] == '\0');
	CHECK(keel_hex_read((struct keel_bytes){ 0 }, NULL, 0) == KEEL_OK);
}

static void what_is_no_small_digit_or_has_another_length_is_refused(void)
{
	static const char *const rows[] = { "", "0", "00", "000", "00000", "000000", "0A00", "00g0",
		"-100", "+100", " 100", "0x00", "000/", "000:", "000`", "00\xc3\xa9" };
	for (size_t i = 0; i < KEEL_COUNT(rows); i++) {
		uint8_t out[2] = { 7, 8 };
		CHECK_ROW(keel_hex_read(keel_text(rows[i]), out, 2) == KEEL_EFORM, rows[i]);
		CHECK_ROW(out[0] == 7 && out[1] == 8, rows[i]);
	}
	uint8_t out[2] = { 7, 8 };
	CHECK(keel_hex_read(KEEL_VIEW("00\0"), out, 2) == KEEL_EFORM); /* a NUL is no digit */
	CHECK(out[0] == 7);
}

TEST_MAIN(TEST(every_byte_survives_its_two_digits), TEST(nothing_is_no_digit),
	TEST(what_is_no_small_digit_or_has_another_length_is_refused))

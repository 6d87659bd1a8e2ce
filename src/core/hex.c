#include "core/hex.h"

void keel_hex_write(struct keel_bytes b, char *out)
{
	static const char digits[] = "0123456789abcdef";
	for (size_t i = 0; i < b.n; i++) {
		out[2 * i] = digits[b.p[i] >> 4];
		out[2 * i + 1] = digits[b.p[i] & 15];
	}
	out[2 * b.n] = '\0';
}

/* 16: no digit. */
static unsigned value_of(uint8_t c)
{
	unsigned digit = c - (unsigned)'0';
	unsigned letter = c - (unsigned)'a';
	return digit < 10 ? digit : letter < 6 ? letter + 10 : 16;
}

enum keel_err keel_hex_read(struct keel_bytes text, uint8_t *out, size_t n)
{
	if (text.n / 2 != n || text.n % 2 != 0)
		return KEEL_EFORM;
	for (size_t i = 0; i < text.n; i++)
		if (value_of(text.p[i]) > 15)
			return KEEL_EFORM;
	for (size_t i = 0; i < n; i++)
		out[i] = (uint8_t)(value_of(text.p[2 * i]) << 4 | value_of(text.p[2 * i + 1]));
	return KEEL_OK;
}

#include "fleet/hex.h"

#include <string.h>

static const char digits[] = "0123456789abcdef";

void keel_fleet_hex_write(struct keel_bytes b, char *out)
{
	for (size_t i = 0; i < b.n; i++) {
		out[2 * i] = digits[b.p[i] >> 4];
		out[2 * i + 1] = digits[b.p[i] & 15];
	}
	out[2 * b.n] = '\0';
}

void keel_fleet_hex_print(FILE *out, struct keel_bytes b)
{
	for (size_t i = 0; i < b.n; i++)
		(void)fprintf(out, "%02x", b.p[i]);
}

bool keel_fleet_hex_read(const char *text, size_t n, uint8_t *out)
{
	for (size_t i = 0; i < n; i++) {
		const char *d = text[i] != '\0' ? strchr(digits, text[i]) : NULL;
		if (d == NULL)
			return false;
		out[i / 2] = (uint8_t)(i % 2 == 0 ? (d - digits) << 4 : out[i / 2] | (d - digits));
	}
	return n % 2 == 0;
}

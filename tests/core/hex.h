/* Hex in the tests of core, which also run where there is no JSON library. */
#ifndef KEEL_TESTS_CORE_HEX_H
#define KEEL_TESTS_CORE_HEX_H

#include <stdlib.h>

#include "core/bytes.h"

static inline uint8_t hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return (uint8_t)(c - '0');
	if (c >= 'a' && c <= 'f')
		return (uint8_t)(c - 'a' + 10);
	abort(); /* a slip in a test's own table */
}

static inline struct keel_bytes hex_bytes(const char *hex, uint8_t *buf, size_t cap)
{
	size_t n = 0;
	for (; hex[2 * n] != '\0'; n++) {
		if (n == cap)
			abort();
		buf[n] = (uint8_t)(hex_digit(hex[2 * n]) << 4 | hex_digit(hex[2 * n + 1]));
	}
	return (struct keel_bytes){ buf, n };
}

#endif

/* Hex in the tests that also run where there is no JSON library. */
#ifndef KEEL_TESTS_HEX_H
#define KEEL_TESTS_HEX_H

#include <stdlib.h>

#include "core/hex.h"

static inline struct keel_bytes hex_bytes(const char *hex, uint8_t *buf, size_t cap)
{
	struct keel_bytes text = keel_text(hex);
	if (text.n / 2 > cap || keel_hex_read(text, buf, text.n / 2) != KEEL_OK)
		abort(); /* a slip in a test's own table */
	return (struct keel_bytes){ buf, text.n / 2 };
}

#endif

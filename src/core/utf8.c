#include "core/cbor_head.h"

/* The length that a first byte, not an ASCII one, announces; 0: a continuation, C0, C1, F5…FF. */
static size_t announced(uint8_t first)
{
	if (first < 0xc2)
		return 0;
	if (first < 0xe0)
		return 2;
	if (first < 0xf0)
		return 3;
	return first < 0xf5 ? 4 : 0;
}

/* The second byte's bounds shut out overlong forms, surrogates and what lies past U+10FFFF. */
static bool second_fits(uint8_t first, uint8_t second)
{
	switch (first) {
	case 0xe0:
		return second >= 0xa0 && second <= 0xbf;
	case 0xed:
		return second >= 0x80 && second <= 0x9f;
	case 0xf0:
		return second >= 0x90 && second <= 0xbf;
	case 0xf4:
		return second >= 0x80 && second <= 0x8f;
	default:
		return second >= 0x80 && second <= 0xbf;
	}
}

/* The length of the character at p, of two bytes and more, or 0. */
static size_t sequence(const uint8_t *p, size_t left)
{
	size_t n = announced(p[0]);
	if (n < 2 || n > left || !second_fits(p[0], p[1]))
		return 0;
	for (size_t i = 2; i < n; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	return n;
}

static bool control(const uint8_t *p)
{
	return p[0] < 0x20 || p[0] == 0x7f || (p[0] == 0xc2 && p[1] < 0xa0);
}

enum keel_err keel_utf8_check(struct keel_bytes b, bool plain)
{
	bool controls = false;
	for (size_t i = 0; i < b.n;) {
		size_t n = b.p[i] < 0x80 ? 1 : sequence(b.p + i, b.n - i);
		if (n == 0)
			return KEEL_EFORM;
		controls |= control(b.p + i);
		i += n;
	}
	return controls && plain ? KEEL_ERANGE : KEEL_OK;
}

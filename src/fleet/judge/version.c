#include "fleet/judge/version.h"

#include <string.h>

static bool digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

/* Takes the digits that `v` begins with, without leading zeros: any length, so that none overflows. */
static struct keel_bytes take_number(struct keel_bytes *v)
{
	size_t n = 0;
	while (v->n > 0 && v->p[0] == '0')
		*v = (struct keel_bytes){ v->p + 1, v->n - 1 };
	while (n < v->n && digit(v->p[n]))
		n++;
	struct keel_bytes number = { v->p, n };
	*v = (struct keel_bytes){ v->p + n, v->n - n };
	return number;
}

static int compare_numbers(struct keel_bytes a, struct keel_bytes b)
{
	if (a.n != b.n)
		return a.n < b.n ? -1 : 1;
	return a.n == 0 ? 0 : memcmp(a.p, b.p, a.n);
}

/* At an end: 1.2 is before 1.2.1, and after 1.2-rc1. */
static int compare_ends(struct keel_bytes a, struct keel_bytes b)
{
	if (a.n == 0 && b.n == 0)
		return 0;
	if (a.n == 0)
		return b.p[0] == '-' ? 1 : -1;
	return a.p[0] == '-' ? -1 : 1;
}

int keel_version_compare(struct keel_bytes a, struct keel_bytes b)
{
	while (a.n > 0 && b.n > 0) {
		if (digit(a.p[0]) && digit(b.p[0])) {
			struct keel_bytes x = take_number(&a), y = take_number(&b);
			int c = compare_numbers(x, y);
			if (c != 0)
				return c;
			continue;
		}
		if (a.p[0] != b.p[0])
			return a.p[0] == '-' ? -1 : b.p[0] == '-' ? 1 : a.p[0] - b.p[0];
		a = (struct keel_bytes){ a.p + 1, a.n - 1 };
		b = (struct keel_bytes){ b.p + 1, b.n - 1 };
	}
	return compare_ends(a, b);
}

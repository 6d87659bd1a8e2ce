#include "core/decimal.h"

/* By subtraction: a microcontroller would need its compiler's library to divide 64 bits. */
static const uint64_t powers[] = { 10000000000000000000u, 1000000000000000000u, 100000000000000000u,
	10000000000000000u, 1000000000000000u, 100000000000000u, 10000000000000u, 1000000000000u,
	100000000000u, 10000000000u, 1000000000u, 100000000u, 10000000u, 1000000u, 100000u, 10000u,
	1000u, 100u, 10u, 1u };

static void digits_of(uint64_t v, uint8_t digits[static KEEL_COUNT(powers)])
{
	for (size_t i = 0; i < KEEL_COUNT(powers); i++)
		for (digits[i] = '0'; v >= powers[i]; v -= powers[i])
			digits[i]++;
}

/* From the first digit that says something up to `end`; the last of them in any case. */
static void write_digits(struct keel_wr *w, const uint8_t *digits, size_t end)
{
	size_t from = 0;
	while (from + 1 < end && digits[from] == '0')
		from++;
	keel_wr_bytes(w, (struct keel_bytes){ digits + from, end - from });
}

void keel_decimal_uint(struct keel_wr *w, uint64_t v)
{
	uint8_t digits[KEEL_COUNT(powers)];
	digits_of(v, digits);
	write_digits(w, digits, KEEL_COUNT(powers));
}

void keel_decimal_thousandths(struct keel_wr *w, int64_t v)
{
	uint8_t digits[KEEL_COUNT(powers)];
	size_t point = KEEL_COUNT(powers) - 3;
	size_t end = KEEL_COUNT(powers);
	digits_of(v < 0 ? 0 - (uint64_t)v : (uint64_t)v, digits);
	while (end > point && digits[end - 1] == '0')
		end--;
	keel_wr_text(w, v < 0 ? "-" : "");
	write_digits(w, digits, point);
	keel_wr_text(w, end > point ? "." : "");
	keel_wr_bytes(w, (struct keel_bytes){ digits + point, end - point });
}

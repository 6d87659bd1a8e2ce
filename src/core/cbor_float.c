#include "core/cbor_float.h"

#define FRACTION   52 /* of a double */
#define BIAS       1023
#define EXPONENT   0x7ffu
#define HIDDEN     ((uint64_t)1 << FRACTION)
#define DOUBLE_INF ((uint64_t)EXPONENT << FRACTION)

struct shape {
	unsigned fraction; /* bits */
	unsigned exponent; /* bits */
	int bias;
};

static const struct shape shapes[] = {
	[FLOAT_HALF] = { 10, 5, 15 },
	[FLOAT_SINGLE] = { 23, 8, 127 },
	[FLOAT_DOUBLE] = { FRACTION, 11, BIAS },
};

bool keel_float_is_nan(uint64_t bits)
{
	return (bits & ~((uint64_t)1 << 63)) > DOUBLE_INF;
}

/* A subnormal's fraction is shifted up until its first bit is the hidden one. */
static uint64_t normalize(uint64_t fraction, int exponent)
{
	while ((fraction & HIDDEN) == 0) {
		fraction <<= 1;
		exponent--;
	}
	return (uint64_t)(exponent + BIAS) << FRACTION | (fraction & ~HIDDEN);
}

uint64_t keel_float_widen(uint64_t bits, enum keel_float_size from)
{
	const struct shape *s = &shapes[from];
	if (from == FLOAT_DOUBLE)
		return bits;
	uint64_t sign = bits >> (s->fraction + s->exponent) << 63;
	unsigned top = (1u << s->exponent) - 1;
	unsigned exponent = (unsigned)(bits >> s->fraction) & top;
	uint64_t fraction = (bits & (((uint64_t)1 << s->fraction) - 1)) << (FRACTION - s->fraction);
	if (exponent == top)
		return sign | DOUBLE_INF | fraction;
	if (exponent > 0)
		return sign | (uint64_t)((int)exponent - s->bias + BIAS) << FRACTION | fraction;
	return fraction == 0 ? sign : sign | normalize(fraction, 1 - s->bias);
}

/* `bits` without its sign, finite and not zero; the fraction's lost bits must all be zero. */
static bool narrow_finite(uint64_t bits, const struct shape *s, uint64_t *out)
{
	int exponent = (int)(bits >> FRACTION) - BIAS;
	uint64_t fraction = (bits & (HIDDEN - 1)) | HIDDEN;
	unsigned lost = FRACTION - s->fraction;
	if (bits < HIDDEN || exponent > s->bias)
		return false;               /* a subnormal double, or too big */
	int below = 1 - s->bias - exponent; /* > 0: becomes a subnormal, shifted by so much */
	if (below > (int)s->fraction)
		return false;
	if (below > 0)
		lost += (unsigned)below;
	if ((fraction & (((uint64_t)1 << lost) - 1)) != 0)
		return false;
	uint64_t biased = below > 0 ? 0 : (uint64_t)(exponent + s->bias);
	*out = biased << s->fraction | (fraction >> lost & (((uint64_t)1 << s->fraction) - 1));
	return true;
}

bool keel_float_narrow(uint64_t bits, enum keel_float_size to, uint64_t *out)
{
	const struct shape *s = &shapes[to];
	uint64_t value = bits & ~((uint64_t)1 << 63);
	uint64_t narrow = 0;
	if (keel_float_is_nan(bits))
		return false;
	if (value == DOUBLE_INF)
		narrow = ((uint64_t)(1u << s->exponent) - 1) << s->fraction;
	else if (value != 0 && !narrow_finite(value, s, &narrow))
		return false;
	*out = bits >> 63 << (s->fraction + s->exponent) | narrow;
	return true;
}

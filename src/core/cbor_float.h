/* Private to core: the three sizes of IEEE 754 as bits, without any floating-point arithmetic. */
#ifndef KEEL_CORE_CBOR_FLOAT_H
#define KEEL_CORE_CBOR_FLOAT_H

#include <stdbool.h>
#include <stdint.h>

/* Heads: 0xf9, 0xfa, 0xfb. */
enum keel_float_size { FLOAT_HALF, FLOAT_SINGLE, FLOAT_DOUBLE };

/* The only NaN that there is on the wire, as a half (f97e00) and as a double. */
#define KEEL_NAN_HALF   0x7e00u
#define KEEL_NAN_DOUBLE 0x7ff8000000000000u

/* Widens to the double of the same value. */
uint64_t keel_float_widen(uint64_t bits, enum keel_float_size from);

/* Narrows a double's bits; false where a bit would be lost, *out untouched. */
bool keel_float_narrow(uint64_t bits, enum keel_float_size to, uint64_t *out);

bool keel_float_is_nan(uint64_t double_bits);

#endif

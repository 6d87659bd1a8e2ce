/* Durations and amounts of a declaration, as a person reads them. */
#ifndef KEEL_PROFILE_SAY_H
#define KEEL_PROFILE_SAY_H

#include "core/bytes.h"

/** "30 days": in the largest unit that gives a whole number. */
void keel_say_duration(struct keel_wr *w, uint64_t s);
/** "21.5 °C". Units as in RFC 8428; those without a usual sign are written as they are. */
void keel_say_amount(struct keel_wr *w, int64_t thousandths, struct keel_bytes unit);
/** The unit alone, with a space before it: " °C"; nothing where there is none to say. */
void keel_say_unit(struct keel_wr *w, struct keel_bytes unit);

#endif

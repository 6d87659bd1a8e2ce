/* Durations, amounts and moments of a declaration as text. */
#ifndef KEEL_PROFILE_SAY_H
#define KEEL_PROFILE_SAY_H

#include "core/bytes.h"

/** "30 days": in the largest unit that gives a whole number. */
void keel_say_duration(struct keel_wr *w, uint64_t s);
/** "every 14 days"; where it is one, "every hour". */
void keel_say_every(struct keel_wr *w, uint64_t s);
/** "21.5 °C". Units as in RFC 8428; those without a usual sign are written as they are. */
void keel_say_amount(struct keel_wr *w, int64_t thousandths, struct keel_bytes unit);
/** The unit alone, with a space before it: " °C"; nothing where there is none to say. */
void keel_say_unit(struct keel_wr *w, struct keel_bytes unit);

/** Unix seconds as RFC 3339 has them, in UTC: "2026-11-28T08:10:00Z". Not before 1970. */
void keel_say_moment(struct keel_wr *w, int64_t unix_s);

#endif

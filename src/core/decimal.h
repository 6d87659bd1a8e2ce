/* Numbers as decimal text. */
#ifndef KEEL_CORE_DECIMAL_H
#define KEEL_CORE_DECIMAL_H

#include "core/bytes.h"

void keel_decimal_uint(struct keel_wr *w, uint64_t v);
/** Thousandths, without zeros at the end: 21500 is "21.5", -7000 is "-7". */
void keel_decimal_thousandths(struct keel_wr *w, int64_t v);

#endif

/* Values of the physical world, as a person reads them: with the unit that the product declares. */
#ifndef KEEL_CLI_AMOUNT_H
#define KEEL_CLI_AMOUNT_H

#include <stdio.h>

#include "keel/profile.h"

/* The declared units; empty where the declaration does not know the name. */
struct keel_bytes keel_unit_of_value(const struct keel_product *p, struct keel_bytes name);
/** Of the value whose history this personal datum is. */
struct keel_bytes keel_unit_of_datum(const struct keel_product *p, struct keel_bytes datum);
struct keel_bytes keel_unit_of_field(
	const struct keel_product *p, struct keel_bytes message, struct keel_bytes field);

/** "21.5": thousandths, without trailing zeros. */
void keel_amount_number(FILE *out, int64_t thousandths);
/** "21.5 °C". Units as in RFC 8428; those without a usual sign are shown as they are. */
void keel_amount_show(FILE *out, int64_t thousandths, struct keel_bytes unit);

#endif

#include "cli/amount.h"

#include <inttypes.h>

struct keel_bytes keel_unit_of_value(const struct keel_product *p, struct keel_bytes name)
{
	struct keel_list rest = p->values;
	struct keel_value v;
	while (keel_list_next(&keel_value_row, &rest, &v))
		if (keel_bytes_equal(v.name, name))
			return v.unit;
	return (struct keel_bytes){ 0 };
}

struct keel_bytes keel_unit_of_datum(const struct keel_product *p, struct keel_bytes datum)
{
	struct keel_list rest = p->values;
	struct keel_value v;
	while (keel_list_next(&keel_value_row, &rest, &v))
		if (keel_bytes_equal(v.history, datum))
			return v.unit;
	return (struct keel_bytes){ 0 };
}

static struct keel_bytes unit_in(struct keel_list rest, struct keel_bytes field)
{
	struct keel_message_field f;
	while (keel_list_next(&keel_message_field_row, &rest, &f))
		if (keel_bytes_equal(f.name, field))
			return f.unit;
	return (struct keel_bytes){ 0 };
}

struct keel_bytes keel_unit_of_field(
	const struct keel_product *p, struct keel_bytes message, struct keel_bytes field)
{
	struct keel_list rest = p->messages;
	struct keel_message m;
	while (keel_list_next(&keel_message_row, &rest, &m))
		if (keel_bytes_equal(m.name, message))
			return unit_in(m.fields, field);
	return (struct keel_bytes){ 0 };
}

void keel_amount_number(FILE *out, int64_t thousandths)
{
	bool negative = thousandths < 0;
	uint64_t u = negative ? 0 - (uint64_t)thousandths : (uint64_t)thousandths;
	char rest[5];
	int n = snprintf(rest, sizeof(rest), ".%03u", (unsigned)(u % 1000));
	while (n > 1 && rest[n - 1] == '0')
		rest[--n] = '\0';
	(void)fprintf(out, "%s%" PRIu64 "%s", negative ? "-" : "", u / 1000, n > 1 ? rest : "");
}

void keel_amount_show(FILE *out, int64_t thousandths, struct keel_bytes unit)
{
	/* As in the owner's app: web/owner/src/words.js. */
	static const struct {
		const char *unit, *sign;
	} signs[] = { { "1", "" }, { "d", "" }, { "Cel", " °C" }, { "%RH", " %" } };
	keel_amount_number(out, thousandths);
	for (size_t i = 0; i < KEEL_COUNT(signs); i++)
		if (keel_bytes_is(unit, signs[i].unit)) {
			(void)fputs(signs[i].sign, out);
			return;
		}
	if (unit.n > 0)
		(void)fprintf(out, " %.*s", (int)unit.n, (const char *)unit.p);
}

#include "cli/amount.h"

#include "core/decimal.h"
#include "profile/say.h"

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

/* Numbers of at most 20 digits, units of at most 16 bytes (product.c). */
static void put(FILE *out, const struct keel_wr *w)
{
	struct keel_bytes text = { 0 };
	KEEL_MUST(keel_wr_end(w, &text) == KEEL_OK);
	(void)fwrite(text.p, 1, text.n, out);
}

void keel_amount_number(FILE *out, int64_t thousandths)
{
	char buf[32];
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	keel_decimal_thousandths(&w, thousandths);
	put(out, &w);
}

void keel_amount_show(FILE *out, int64_t thousandths, struct keel_bytes unit)
{
	char buf[128];
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	keel_say_amount(&w, thousandths, unit);
	put(out, &w);
}

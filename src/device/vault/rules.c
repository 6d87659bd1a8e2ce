#include "device/vault/rules.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/break.h"

const struct keel_rule_message *keel_rule_message_of(
	const struct keel_rules *r, struct keel_bytes name)
{
	for (size_t i = 0; i < r->messages; i++)
		if (keel_bytes_is(name, r->message[i].name))
			return &r->message[i];
	return NULL;
}

const struct keel_rule_value *keel_rule_value_of(const struct keel_rules *r, struct keel_bytes name)
{
	for (size_t i = 0; i < r->values; i++)
		if (keel_bytes_is(name, r->value[i].name))
			return &r->value[i];
	return NULL;
}

const struct keel_rule_telemetry *keel_rule_telemetry_of(
	const struct keel_rules *r, struct keel_bytes name)
{
	for (size_t i = 0; i < r->telemetries; i++)
		if (keel_bytes_is(name, r->telemetry[i].name))
			return &r->telemetry[i];
	return NULL;
}

const struct keel_rule_datum *keel_rule_datum_of(const struct keel_rules *r, struct keel_bytes name)
{
	for (size_t i = 0; i < r->data; i++)
		if (keel_bytes_is(name, r->datum[i].name))
			return &r->datum[i];
	return NULL;
}

/* Thousandths as people write them: 5000 is "5", 21500 "21.5". */
static void decimal(int64_t thousandths, char out[32])
{
	uint64_t u = thousandths < 0 ? 0 - (uint64_t)thousandths : (uint64_t)thousandths;
	int n = snprintf(out, 32, "%s%" PRIu64 ".%03u", thousandths < 0 ? "-" : "", u / 1000,
		(unsigned)(u % 1000));
	while (n > 0 && out[n - 1] == '0')
		out[--n] = '\0';
	if (n > 0 && out[n - 1] == '.')
		out[n - 1] = '\0';
}

static enum keel_err say_range(const struct keel_rule_field *f, char *sentence)
{
	char min[32], max[32], step[32];
	decimal(f->min, min);
	decimal(f->max, max);
	decimal(f->step, step);
	(void)snprintf(sentence, KEEL_SENTENCE_MAX, "%s may be %s to %s %s%s%s.", f->name, min, max,
		f->unit, f->step > 1 ? ", in steps of " : "", f->step > 1 ? step : "");
	return KEEL_ERANGE;
}

static bool fits(const struct keel_rule_field *f, int64_t value)
{
	if (keel_broken("range-ignored"))
		return true;
	if (value < f->min || value > f->max)
		return false;
	if (keel_broken("step-ignored"))
		return true;
	return f->step <= 0 || ((uint64_t)value - (uint64_t)f->min) % (uint64_t)f->step == 0;
}

static size_t field_at(const struct keel_rule_message *m, struct keel_bytes name)
{
	size_t i = 0;
	while (i < m->count && !keel_bytes_is(name, m->fields[i].name))
		i++;
	return i;
}

enum keel_err keel_rule_check(const struct keel_rule_message *m, struct keel_list fields,
	char sentence[KEEL_SENTENCE_MAX])
{
	struct keel_field_item f;
	uint32_t seen = 0;
	while (keel_list_next(&keel_field_item_row, &fields, &f)) {
		size_t i = field_at(m, f.name);
		if (i == m->count || (seen & 1U << i) != 0) {
			(void)snprintf(sentence, KEEL_SENTENCE_MAX,
				"\"%s\" has no such field, or has it twice.", m->name);
			return KEEL_ERANGE;
		}
		if (!fits(&m->fields[i], f.value))
			return say_range(&m->fields[i], sentence);
		seen |= 1U << i;
	}
	for (size_t i = 0; i < m->count; i++)
		if ((seen & 1U << i) == 0) {
			(void)snprintf(sentence, KEEL_SENTENCE_MAX, "\"%s\" needs %s.", m->name,
				m->fields[i].name);
			return KEEL_ERANGE;
		}
	return KEEL_OK;
}

#include "fleet/judge/report.h"

#include <string.h>

/* What is judged, and what comes of it; pace is a copy until all is judged. */
struct judging {
	const struct keel_judge_product *product;
	int64_t item_s, now;
	struct keel_pace pace[KEEL_JUDGE_TELEMETRY_MAX + 1];
	struct keel_report_judged out;
};

const char *keel_odd_word(enum keel_odd odd)
{
	static const char *const words[KEEL_ODD_COUNT] = {
		[KEEL_ODD_NOT] = "kept",
		[KEEL_ODD_KIND] = "kind",
		[KEEL_ODD_FORM] = "form",
		[KEEL_ODD_UNDECLARED] = "undeclared",
		[KEEL_ODD_UNIT] = "unit",
		[KEEL_ODD_RANGE] = "range",
		[KEEL_ODD_TIME] = "time",
		[KEEL_ODD_OFTEN] = "often",
	};
	return words[odd];
}

/*
 * Each measurement is due a period after the one before; who comes earlier saves nothing up, and what
 * came early moves the next one all the same. So the declared pace is kept in the long run, whatever
 * a reboot or a clock that was set does to two of them.
 */
static bool in_pace(int64_t *due_s, int64_t at, int64_t every_s, int64_t early)
{
	if (*due_s > at + early * every_s)
		return false;
	*due_s = (*due_s > at ? *due_s : at) + every_s;
	return true;
}

static enum keel_odd judge_time(struct judging *j, size_t i, int64_t time_ms)
{
	int64_t every_s = (int64_t)j->product->telemetry[i].every_s;
	int64_t at = time_ms > 0 ? time_ms / 1000 : j->item_s;
	int64_t kept_s = (int64_t)j->product->telemetry[i].for_s;
	if (at > j->now + KEEL_REPORT_AHEAD_S || (at > 0 && at < j->now - kept_s))
		return KEEL_ODD_TIME;
	bool fits = at > 0 ? in_pace(&j->pace[i].due_s, at, every_s, KEEL_PACE_EARLY)
			   : in_pace(&j->pace[i].untimed_due_s, j->now, every_s, KEEL_PACE_UNTIMED);
	return fits ? KEEL_ODD_NOT : KEEL_ODD_OFTEN;
}

static size_t declared(const struct keel_judge_product *p, struct keel_bytes name)
{
	size_t i = 0;
	while (i < p->telemetry_count && !keel_bytes_equal(p->telemetry[i].name, name))
		i++;
	return i;
}

static enum keel_odd judge_record(struct judging *j, const struct keel_senml_record *r)
{
	size_t i = declared(j->product, r->name);
	if (i == j->product->telemetry_count)
		return KEEL_ODD_UNDECLARED;
	const struct keel_telemetry *t = &j->product->telemetry[i];
	if (!keel_bytes_equal(r->unit, t->unit))
		return KEEL_ODD_UNIT;
	if (r->value < t->min || r->value > t->max)
		return KEEL_ODD_RANGE;
	if (j->out.keep_s == 0 || t->for_s < j->out.keep_s)
		j->out.keep_s = t->for_s;
	return judge_time(j, i, r->time_ms);
}

static enum keel_odd judge_pack(struct judging *j, struct keel_bytes payload)
{
	struct keel_senml pack;
	struct keel_senml_record r;
	enum keel_odd odd = KEEL_ODD_NOT;
	if (keel_senml_open(payload, &pack) != KEEL_OK)
		return KEEL_ODD_FORM;
	while (odd == KEEL_ODD_NOT && keel_senml_next(&pack, &r))
		odd = judge_record(j, &r);
	if (odd != KEEL_ODD_NOT)
		memcpy(j->out.detail, r.name.p, r.name.n);
	return odd;
}

static enum keel_odd judge_event(struct judging *j, struct keel_bytes payload)
{
	struct keel_report_event event;
	struct keel_pace *pace = &j->pace[j->product->telemetry_count];
	if (keel_schema_read(&keel_report_event_schema, payload, &event, NULL) != KEEL_OK)
		return KEEL_ODD_FORM;
	return in_pace(&pace->untimed_due_s, j->now, KEEL_EVENT_EVERY_S, KEEL_PACE_UNTIMED)
		       ? KEEL_ODD_NOT
		       : KEEL_ODD_OFTEN;
}

struct keel_report_judged keel_judge_report(const struct keel_judge_product *product,
	const struct keel_report_item *item, int64_t now, struct keel_pace *pace)
{
	struct judging j = { .product = product, .item_s = item->time, .now = now };
	size_t paces = (product->telemetry_count + 1) * sizeof(*pace);
	memcpy(j.pace, pace, paces);
	if (item->kind == KEEL_REPORT_TELEMETRY)
		j.out.odd = judge_pack(&j, item->payload);
	else if (item->kind == KEEL_REPORT_EVENT)
		j.out.odd = judge_event(&j, item->payload);
	else
		j.out.odd = KEEL_ODD_KIND;
	if (j.out.odd == KEEL_ODD_NOT)
		memcpy(pace, j.pace, paces);
	else
		j.out.keep_s = 0;
	return j.out;
}

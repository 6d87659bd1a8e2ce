/*
 * What waits to be told to the maker's service: sealed, bounded, numbered within the home id, so that
 * a reset collides with nothing. Where there is no room the oldest telemetry goes first and is counted,
 * security events last. Nobody owns the device: nothing is reported. EN 303 645 5.9-3, 5.10-1.
 *
 * Records: report/<number>, and reports: the last number and how many went for want of room.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "device/vault/engine.h"
#include "device/vault/records.h"
#include "session/senml.h"

#define PREFIX   "report/"
#define COUNTERS "reports"
#define REPEATS  16 /* so far back the same event is looked for */

static void name_of(uint64_t number, char out[RECORD_NAME_SIZE])
{
	(void)snprintf(out, RECORD_NAME_SIZE, PREFIX "%016" PRIx64, number);
}

static enum keel_err put_counters(struct keel_vault *v)
{
	const struct reports_record r = { .last = v->reports.last, .dropped = v->reports.dropped };
	return vault_put(v, COUNTERS, &vault_reports_schema, &r);
}

/* --- in the caller's transaction ------------------------------------------------------------- */

static void forget_at(struct vault_reports *q, size_t i)
{
	q->count--;
	memmove(&q->of[i], &q->of[i + 1], (q->count - i) * sizeof(q->of[0]));
}

/* The oldest telemetry, else the oldest. */
static size_t least(const struct vault_reports *q)
{
	for (size_t i = 0; i < q->count; i++)
		if (q->of[i].kind == KEEL_REPORT_TELEMETRY)
			return i;
	return 0;
}

static enum keel_err make_room(struct keel_vault *v)
{
	struct vault_reports *q = &v->reports;
	if (q->count < REPORTS_MAX)
		return KEEL_OK;
	size_t i = least(q);
	enum keel_err e = vault_drop_number(v, PREFIX, q->of[i].number);
	if (e != KEEL_OK)
		return e;
	forget_at(q, i);
	q->dropped++;
	return KEEL_OK;
}

enum keel_err vault_report_put(
	struct keel_vault *v, enum keel_report_kind kind, struct keel_bytes payload)
{
	char name[RECORD_NAME_SIZE];
	struct vault_reports *q = &v->reports;
	if (!v->s.rules->service.declared || !v->home.owned)
		return KEEL_OK;
	enum keel_err e = make_room(v);
	if (e != KEEL_OK)
		return e;
	const struct report_record r = { .number = q->last + 1,
		.kind = (uint64_t)kind,
		.time = vault_wall(v),
		.payload = payload };
	name_of(r.number, name);
	e = vault_put(v, name, &vault_report_schema, &r);
	if (e != KEEL_OK)
		return e;
	q->last = r.number;
	q->of[q->count++] = (struct vault_report){ r.number, (uint8_t)kind };
	return put_counters(v);
}

/* Told already and not sent yet: once is enough, so that nobody outside fills the queue with it. */
static bool waits(const struct keel_vault *v, struct keel_bytes payload)
{
	uint8_t buf[KEEL_OUT_MAX + 64];
	struct keel_vault_report r;
	uint64_t from = v->reports.last > REPEATS ? v->reports.last - REPEATS : 0;
	while (keel_vault_report_next(v, from, buf, &r) == KEEL_OK) {
		if (r.kind == KEEL_REPORT_EVENT && keel_bytes_equal(r.payload, payload))
			return true;
		from = r.number;
	}
	return false;
}

enum keel_err vault_report_event(struct keel_vault *v, const char *word, struct keel_bytes detail)
{
	uint8_t buf[KEEL_OUT_MAX];
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	struct keel_bytes payload;
	const struct keel_report_event event = { .word = keel_text(word), .detail = detail };
	keel_schema_write(&keel_report_event_schema, &event, &w);
	enum keel_err e = keel_wr_end(&w, &payload);
	if (e != KEEL_OK || waits(v, payload))
		return e;
	return vault_report_put(v, KEEL_REPORT_EVENT, payload);
}

/* --- telemetry ------------------------------------------------------------------------------- */

static bool is_due(const struct keel_vault *v, size_t i, int64_t *value)
{
	return vault_now_ms(v) >= v->telemetry[i].due_ms &&
	       keel_vault_telemetry(v, i, value) == KEEL_OK;
}

static void put_record(const struct keel_vault *v, const struct keel_rule_telemetry *t,
	int64_t value, struct keel_wr *w)
{
	const struct keel_senml_record r = { .name = keel_text(t->name),
		.unit = keel_text(t->unit),
		.value = value,
		.time_ms = vault_wall(v) * 1000 };
	keel_senml_put(w, &r);
}

enum keel_err vault_report_telemetry(struct keel_vault *v)
{
	for (size_t i = 0; i < v->s.rules->telemetries; i++) {
		uint8_t buf[KEEL_SENML_RECORD_MAX + 8];
		struct keel_wr w = keel_wr_of(buf, sizeof(buf));
		struct keel_bytes pack;
		int64_t value;
		if (!is_due(v, i, &value))
			continue;
		keel_senml_begin(&w, 1);
		put_record(v, &v->s.rules->telemetry[i], value, &w);
		enum keel_err e = keel_wr_end(&w, &pack);
		if (e == KEEL_OK)
			e = vault_report_put(v, KEEL_REPORT_TELEMETRY, pack);
		if (e != KEEL_OK)
			return e;
	}
	return KEEL_OK;
}

void vault_telemetry_reported(struct keel_vault *v)
{
	int64_t value;
	for (size_t i = 0; i < v->s.rules->telemetries; i++)
		if (is_due(v, i, &value))
			v->telemetry[i].due_ms =
				vault_now_ms(v) + v->s.rules->telemetry[i].every_s * 1000;
}

/* --- the engine's life ----------------------------------------------------------------------- */

static enum keel_err load_one(void *self, const char *name, struct keel_bytes value)
{
	struct vault_reports *q = self;
	struct report_record r;
	(void)name;
	if (q->count == REPORTS_MAX)
		return KEEL_EFULL;
	enum keel_err e = keel_schema_read(&vault_report_schema, value, &r, NULL);
	if (e == KEEL_OK)
		q->of[q->count++] = (struct vault_report){ r.number, (uint8_t)r.kind };
	return e;
}

enum keel_err vault_load_reports(struct keel_vault *v)
{
	uint8_t buf[64];
	struct keel_bytes value;
	struct reports_record r = { 0 };
	memset(&v->reports, 0, sizeof(v->reports));
	enum keel_err e = keel_record_get(v->s.store, COUNTERS, buf, sizeof(buf), &value);
	if (e == KEEL_ENONE)
		return KEEL_OK;
	if (e == KEEL_OK)
		e = keel_schema_read(&vault_reports_schema, value, &r, NULL);
	v->reports.last = r.last;
	v->reports.dropped = r.dropped;
	return e == KEEL_OK ? keel_record_each(v->s.store, PREFIX, load_one, &v->reports) : e;
}

/* --- the uplink ------------------------------------------------------------------------------ */

static const struct vault_report *after(const struct vault_reports *q, uint64_t number)
{
	for (size_t i = 0; i < q->count; i++)
		if (q->of[i].number > number)
			return &q->of[i];
	return NULL;
}

enum keel_err keel_vault_report_next(const struct keel_vault *v, uint64_t number,
	uint8_t buf[KEEL_OUT_MAX + 64], struct keel_vault_report *out)
{
	char name[RECORD_NAME_SIZE];
	struct keel_bytes value;
	struct report_record r;
	const struct vault_report *next = after(&v->reports, number);
	if (next == NULL)
		return KEEL_ENONE;
	name_of(next->number, name);
	enum keel_err e = keel_record_get(v->s.store, name, buf, KEEL_OUT_MAX + 64, &value);
	if (e == KEEL_OK)
		e = keel_schema_read(&vault_report_schema, value, &r, NULL);
	if (e == KEEL_OK)
		*out = (struct keel_vault_report){ .number = r.number,
			.kind = (enum keel_report_kind)r.kind,
			.time = r.time,
			.payload = r.payload,
			.dropped = v->reports.dropped };
	return e;
}

static enum keel_err drop_taken(struct keel_vault *v, uint64_t number)
{
	const struct vault_reports *q = &v->reports;
	for (size_t i = 0; i < q->count && q->of[i].number <= number; i++) {
		enum keel_err e = vault_drop_number(v, PREFIX, q->of[i].number);
		if (e != KEEL_OK)
			return e;
	}
	return KEEL_OK;
}

enum keel_err keel_vault_report_taken(struct keel_vault *v, uint64_t number)
{
	struct vault_reports *q = &v->reports;
	if (q->count == 0 || q->of[0].number > number)
		return KEEL_OK;
	if (number > q->last)
		return KEEL_ERANGE; /* of another home, or invented */
	enum keel_err e = vault_begin(v);
	if (e != KEEL_OK)
		return e;
	e = drop_taken(v, number);
	if (e == KEEL_OK)
		e = keel_store_commit(v->s.store);
	if (e != KEEL_OK) {
		keel_store_rollback(v->s.store);
		enum keel_err again = vault_reload(v);
		return again == KEEL_OK ? e : again;
	}
	while (q->count > 0 && q->of[0].number <= number)
		forget_at(q, 0);
	return KEEL_OK;
}

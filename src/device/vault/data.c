/* Personal data and histories: only what is declared, only with the consent it needs, only as long
 * as declared. EN 303 645 6-2, 6-3A, 6-6, 5.11-1. */
#include <string.h>

#include "core/cbor.h"
#include "core/hex.h"
#include "device/vault/engine.h"

const struct vault_decision *vault_decision_of(const struct vault_decisions *d, const char *datum)
{
	for (size_t i = 0; i < d->n; i++)
		if (strcmp(d->of[i].datum, datum) == 0)
			return &d->of[i];
	return NULL;
}

void vault_decide(struct vault_decisions *d, const char *datum, bool given)
{
	size_t i = 0;
	while (i < d->n && strcmp(d->of[i].datum, datum) != 0)
		i++;
	KEEL_MUST(i < KEEL_COUNT(d->of));
	strncpy(d->of[i].datum, datum, KEEL_NAME_MAX);
	d->of[i].given = given;
	if (i == d->n)
		d->n++;
}

enum keel_consent vault_consent(
	const struct keel_vault *v, const struct keel_rule_datum *d, const struct vault_owner *o)
{
	if (!d->consent)
		return KEEL_CONSENT_NOT_NEEDED;
	const struct vault_decisions *by =
		d->person && o != NULL ? &o->decisions : &v->home.decisions;
	const struct vault_decision *said = vault_decision_of(by, d->name);
	return said != NULL && said->given ? KEEL_CONSENT_GIVEN : KEEL_CONSENT_NOT_GIVEN;
}

/* A decision about a person's datum is made when anybody of the home made it for themselves. */
static bool decided(const struct keel_vault *v, const struct keel_rule_datum *d,
	const struct vault_home *home, const struct vault_owner *next)
{
	if (!d->consent || vault_decision_of(&home->decisions, d->name) != NULL)
		return true;
	if (d->person && next != NULL && vault_decision_of(&next->decisions, d->name) != NULL)
		return true;
	for (size_t i = 0; i < OWNERS_MAX && d->person; i++)
		if (v->owners[i].used &&
			vault_decision_of(&v->owners[i].decisions, d->name) != NULL)
			return true;
	return false;
}

const struct keel_rule_datum *vault_undecided(
	const struct keel_vault *v, const struct vault_home *home, const struct vault_owner *next)
{
	const struct keel_rules *r = v->s.rules;
	for (size_t i = 0; i < r->data; i++)
		if (!decided(v, &r->datum[i], home, next))
			return &r->datum[i];
	return NULL;
}

/* Whose compartment: the home's, or that of a person of this home. */
static enum keel_err whose(struct keel_vault *v, const struct keel_rule_datum *d,
	struct keel_bytes person, struct vault_owner **o, char compartment[COMPARTMENT_SIZE])
{
	char hex[KEEL_HEX_SIZE(KEEL_THUMBPRINT_LEN)];
	*o = NULL;
	memcpy(compartment, HOME, sizeof(HOME));
	if (!d->person)
		return KEEL_OK;
	for (size_t i = 0; i < OWNERS_MAX && *o == NULL; i++) {
		keel_hex_write(KEEL_VIEW(v->owners[i].person), hex);
		if (v->owners[i].used && keel_bytes_is(person, hex))
			*o = &v->owners[i];
	}
	if (*o == NULL)
		return KEEL_ENONE;
	vault_compartment_of(*o, compartment);
	return KEEL_OK;
}

uint64_t keel_vault_deletions(const struct keel_vault *v)
{
	return v->home.deletions;
}

enum keel_err keel_vault_keep(struct keel_vault *v, struct keel_bytes datum,
	struct keel_bytes person, struct keel_bytes value)
{
	char compartment[COMPARTMENT_SIZE];
	struct vault_owner *o;
	const struct keel_rule_datum *d = keel_rule_datum_of(v->s.rules, datum);
	enum keel_err e = d == NULL ? KEEL_ENONE : whose(v, d, person, &o, compartment);
	if (e != KEEL_OK)
		return e;
	if (d->telemetry)
		return KEEL_ENONE; /* it is sent, not kept */
	if (!v->home.owned)
		return KEEL_ESTATE;
	if (vault_consent(v, d, o) == KEEL_CONSENT_NOT_GIVEN)
		return KEEL_ERIGHT;
	e = vault_begin(v);
	if (e != KEEL_OK)
		return e;
	e = keel_datum_set(v->s.store, compartment, d->name, vault_time(v), value);
	if (e == KEEL_OK)
		e = keel_store_commit(v->s.store);
	if (e != KEEL_OK)
		keel_store_rollback(v->s.store);
	return e;
}

struct recall {
	uint8_t *buf;
	struct keel_bytes value;
	bool found;
};

static enum keel_err take(
	void *self, uint64_t row, const char *datum, int64_t time, struct keel_bytes value)
{
	struct recall *r = self;
	(void)row, (void)datum, (void)time;
	if (value.n > KEEL_DATUM_MAX)
		return KEEL_EFULL;
	if (value.n > 0)
		memcpy(r->buf, value.p, value.n);
	r->value = (struct keel_bytes){ r->buf, value.n };
	r->found = true;
	return KEEL_OK;
}

enum keel_err keel_vault_recall(struct keel_vault *v, struct keel_bytes datum,
	struct keel_bytes person, uint8_t *buf, struct keel_bytes *value)
{
	char compartment[COMPARTMENT_SIZE];
	struct vault_owner *o;
	struct recall r = { .buf = buf };
	const struct keel_rule_datum *d = keel_rule_datum_of(v->s.rules, datum);
	enum keel_err e = d == NULL ? KEEL_ENONE : whose(v, d, person, &o, compartment);
	if (e == KEEL_OK)
		e = keel_datum_each(v->s.store, compartment, d->name, 0, INT64_MAX, 0, take, &r);
	if (e == KEEL_OK && !r.found)
		e = KEEL_ENONE;
	if (e == KEEL_OK)
		*value = r.value;
	return e;
}

static void note_value(struct keel_vault *v, const struct keel_rule_value *rule, int64_t value)
{
	struct vault_value *now = &v->values[rule - v->s.rules->value];
	now->value = value;
	now->at_ms = vault_now_ms(v);
	now->known = true;
	now->unsaved = rule->history[0] != '\0';
}

static bool may_be_sent(const struct keel_vault *v, const struct keel_rule_telemetry *t)
{
	const struct keel_rule_datum *asked =
		t->consent ? keel_rule_datum_of(v->s.rules, keel_text(t->name)) : NULL;
	return !t->consent ||
	       (asked != NULL && vault_consent(v, asked, NULL) == KEEL_CONSENT_GIVEN);
}

/* Out of its range it would be refused by the service; without consent it is nobody's to know. */
static enum keel_err note_telemetry(
	struct keel_vault *v, const struct keel_rule_telemetry *rule, int64_t value)
{
	size_t i = (size_t)(rule - v->s.rules->telemetry);
	if (value < rule->min || value > rule->max)
		return KEEL_ERANGE;
	v->telemetry[i].known = may_be_sent(v, rule);
	v->telemetry[i].value = value;
	return KEEL_OK;
}

enum keel_err keel_vault_report(struct keel_vault *v, struct keel_bytes name, int64_t value)
{
	const struct keel_rule_value *told = keel_rule_value_of(v->s.rules, name);
	const struct keel_rule_telemetry *sent = keel_rule_telemetry_of(v->s.rules, name);
	if (told == NULL && sent == NULL)
		return KEEL_ENONE;
	v->app_seen = true;
	v->app_seen_ms = vault_now_ms(v);
	if (told != NULL)
		note_value(v, told, value);
	return sent != NULL ? note_telemetry(v, sent, value) : KEEL_OK;
}

enum keel_err keel_vault_telemetry(const struct keel_vault *v, size_t i, int64_t *value)
{
	if (i >= v->s.rules->telemetries || !v->telemetry[i].known ||
		!may_be_sent(v, &v->s.rules->telemetry[i]))
		return KEEL_ENONE;
	*value = v->telemetry[i].value;
	return KEEL_OK;
}

/* One point a tick of what came since: a history is no recording of everything. */
static enum keel_err write_point(struct keel_vault *v, size_t i)
{
	const struct keel_rule_datum *d =
		keel_rule_datum_of(v->s.rules, keel_text(v->s.rules->value[i].history));
	uint8_t buf[9];
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	struct keel_bytes value;
	if (d == NULL || d->person || vault_consent(v, d, NULL) == KEEL_CONSENT_NOT_GIVEN)
		return KEEL_OK;
	keel_cbor_int(&w, v->values[i].value);
	enum keel_err e = keel_wr_end(&w, &value);
	return e == KEEL_OK ? keel_datum_add(v->s.store, HOME, d->name, vault_wall(v), value) : e;
}

/* Points bear times: while the device does not know the time, it has none to keep. */
enum keel_err vault_write_histories(struct keel_vault *v)
{
	for (size_t i = 0; i < v->s.rules->values && vault_wall(v) > 0 && v->home.owned; i++) {
		if (!v->values[i].unsaved)
			continue;
		enum keel_err e = write_point(v, i);
		if (e != KEEL_OK)
			return e;
	}
	return KEEL_OK;
}

void vault_histories_written(struct keel_vault *v)
{
	for (size_t i = 0; i < KEEL_RULES_VALUES; i++)
		v->values[i].unsaved = false;
}

/* EN 303 645 6-6: no longer than declared, in the home's and in every person's compartment. */
enum keel_err vault_prune(struct keel_vault *v)
{
	char compartment[COMPARTMENT_SIZE];
	for (size_t i = 0; i < v->s.rules->data && vault_wall(v) > 0; i++) {
		const struct keel_rule_datum *d = &v->s.rules->datum[i];
		int64_t before = vault_wall(v) - (int64_t)d->for_s;
		enum keel_err e = KEEL_OK;
		if (d->for_s > 0 && !d->person)
			e = keel_datum_prune(v->s.store, HOME, d->name, before);
		for (size_t k = 0; k < OWNERS_MAX && e == KEEL_OK; k++) {
			if (!v->owners[k].used || !d->person || d->for_s == 0)
				continue;
			vault_compartment_of(&v->owners[k], compartment);
			e = keel_datum_prune(v->s.store, compartment, d->name, before);
		}
		if (e != KEEL_OK && e != KEEL_ENONE)
			return e;
	}
	return KEEL_OK;
}

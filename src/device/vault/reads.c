/* What owners may read. */
#include <string.h>

#include "core/cbor.h"
#include "device/vault/engine.h"

#define APP_ALIVE_MS (60 * 1000ULL) /* so long after its last word the program counts as there */

enum vault_no vault_read_challenge(
	struct keel_vault *v, struct vault_owner *o, const void *args, void *result)
{
	struct keel_challenge_result *r = result;
	(void)args;
	vault_challenge_make(v, o, v->encoded);
	r->challenge = (struct keel_bytes){ v->encoded, KEEL_CHALLENGE_LEN };
	r->valid_s = CHALLENGE_S;
	r->last_counter = o->counter;
	return NO_NOT;
}

static bool app_alive(const struct keel_vault *v)
{
	return v->app_seen && vault_now_ms(v) - v->app_seen_ms <= APP_ALIVE_MS;
}

/* What guests are not told: the values that histories of personal data are made of stay visible, as
 * they are the device's state; everything kept is not. */
enum vault_no vault_read_state(
	struct keel_vault *v, struct vault_owner *o, const void *args, void *result)
{
	struct keel_state_result *r = result;
	struct keel_list_maker values = keel_list_maker_of(v->lists, sizeof(v->lists));
	struct keel_list_maker accepted = keel_list_maker_of(v->more_lists, sizeof(v->more_lists));
	(void)args;
	for (size_t i = 0; i < v->s.rules->values; i++) {
		const struct keel_value_item item = { .name = keel_text(v->s.rules->value[i].name),
			.value = v->values[i].value,
			.age_s = (vault_now_ms(v) - v->values[i].at_ms) / 1000 };
		if (v->values[i].known && !keel_list_put(&values, &keel_value_item_schema, &item))
			return NO_STORE;
	}
	for (size_t i = 0; i < v->s.rules->messages; i++) {
		const struct vault_command *c = &v->accepted[i];
		const struct keel_accepted_item item = { .message = keel_text(c->message),
			.fields = { { c->fields, c->fields_n }, c->fields_count } };
		if (c->number > 0 && vault_may_send(o, c->message) &&
			!keel_list_put(&accepted, &keel_accepted_item_schema, &item))
			break; /* more than an answer holds: the first ones */
	}
	r->values = keel_list_made(&values);
	r->accepted = keel_list_made(&accepted);
	r->app_alive = app_alive(v);
	r->time = vault_wall(v);
	r->role = o->role;
	r->events = v->event_number;
	return NO_NOT;
}

/* --- history --------------------------------------------------------------------------------- */

struct points {
	struct keel_list_maker m;
	bool more, no_number;
};

static enum keel_err add_point(
	void *self, uint64_t row, const char *datum, int64_t time, struct keel_bytes value)
{
	struct points *p = self;
	struct keel_rd r = keel_rd_of(value);
	const struct keel_point_item item = { .time = time, .value = keel_cbor_read_int(&r) };
	(void)row, (void)datum;
	p->no_number = keel_rd_end(&r) != KEEL_OK;
	p->more = !p->no_number &&
		  (p->m.count >= 500 || !keel_list_put(&p->m, &keel_point_item_schema, &item));
	return p->more || p->no_number ? KEEL_EFULL : KEEL_OK;
}

static bool is_history(const struct keel_rules *r, const char *datum)
{
	for (size_t i = 0; i < r->values; i++)
		if (strcmp(r->value[i].history, datum) == 0)
			return true;
	return false;
}

enum vault_no vault_read_history(
	struct keel_vault *v, struct vault_owner *o, const void *args, void *result)
{
	const struct keel_history_args *a = args;
	struct keel_history_result *r = result;
	struct points p = { .m = keel_list_maker_of(v->lists, sizeof(v->lists)) };
	const struct keel_rule_datum *d = keel_rule_datum_of(v->s.rules, a->datum);
	(void)o;
	if (d == NULL)
		return NO_DATUM;
	if (!is_history(v->s.rules, d->name))
		return NO_HISTORY;
	enum keel_err e =
		keel_datum_each(v->s.store, HOME, d->name, a->from, a->to, 0, add_point, &p);
	if (e != KEEL_OK && !p.more)
		return NO_STORE;
	r->points = keel_list_made(&p.m);
	r->more = p.more;
	return NO_NOT;
}

/* --- what is kept, and all of it ------------------------------------------------------------- */

enum vault_no vault_read_kept(
	struct keel_vault *v, struct vault_owner *o, const void *args, void *result)
{
	struct keel_kept_result *r = result;
	struct keel_list_maker m = keel_list_maker_of(v->lists, sizeof(v->lists));
	char mine[COMPARTMENT_SIZE];
	vault_compartment_of(o, mine);
	(void)args;
	for (size_t i = 0; i < v->s.rules->data; i++) {
		const struct keel_rule_datum *d = &v->s.rules->datum[i];
		struct keel_kept_item item = { .datum = keel_text(d->name),
			.of = d->person ? KEEL_OF_PERSON : KEEL_OF_HOME,
			.consent = vault_consent(v, d, o) };
		enum keel_err e = keel_datum_count(
			v->s.store, d->person ? mine : HOME, d->name, &item.items, &item.oldest);
		if (e == KEEL_ENONE)
			e = KEEL_OK;
		if (e != KEEL_OK || !keel_list_put(&m, &keel_kept_item_schema, &item))
			return NO_STORE;
	}
	r->data = keel_list_made(&m);
	return NO_NOT;
}

struct export
{
	struct keel_list_maker m;
	uint64_t row;
	bool full;
};

static enum keel_err add_export(
	void *self, uint64_t row, const char *datum, int64_t time, struct keel_bytes value)
{
	struct export *x = self;
	const struct keel_export_item item = {
		.datum = keel_text(datum), .time = time > 0 ? time : 0, .value = value
	};
	x->full = x->m.count >= 500 || !keel_list_put(&x->m, &keel_export_item_schema, &item);
	if (x->full)
		return KEEL_EFULL;
	x->row = row;
	return KEEL_OK;
}

/* The cursor: the last row that was given, twice, and 1 more in the person's own compartment. */
enum vault_no vault_read_export(
	struct keel_vault *v, struct vault_owner *o, const void *args, void *result)
{
	const struct keel_export_args *a = args;
	struct keel_export_result *r = result;
	char mine[COMPARTMENT_SIZE];
	bool person = a->cursor & 1;
	vault_compartment_of(o, mine);
	struct export x = { .m = keel_list_maker_of(v->lists, sizeof(v->lists)),
		.row = a->cursor / 2 };
	enum keel_err e = keel_datum_each(v->s.store, person ? mine : HOME, NULL, INT64_MIN,
		INT64_MAX, x.row, add_export, &x);
	if (e != KEEL_OK && e != KEEL_ENONE && !x.full)
		return NO_STORE;
	r->data = keel_list_made(&x.m);
	r->next = x.full ? x.row * 2 + person : person ? 0 : 1;
	return NO_NOT;
}

/* --- people ---------------------------------------------------------------------------------- */

enum keel_err vault_sign_owners(struct keel_vault *v, struct keel_bytes *out)
{
	uint8_t items[OWNERS_MAX * 40], payload[OWNERS_MAX * 40 + 160];
	struct keel_list_maker m = keel_list_maker_of(items, sizeof(items));
	struct keel_wr inner = keel_wr_of(payload, sizeof(payload));
	struct keel_wr w = keel_wr_of(v->encoded, sizeof(v->encoded));
	struct keel_bytes written, none = { 0 };
	const struct keel_names names = { KEEL_VIEW(v->unit.id), KEEL_VIEW(v->home.id), { 0 } };
	for (size_t i = 0; i < OWNERS_MAX; i++) {
		const struct keel_owner_item item = { .owner = KEEL_VIEW(v->owners[i].print),
			.role = v->owners[i].role };
		if (v->owners[i].used && !keel_list_put(&m, &keel_owner_item_schema, &item))
			return KEEL_EFULL;
	}
	const struct keel_owners_list list = { .owners = keel_list_made(&m),
		.number = v->home.list_number };
	enum keel_err e = keel_payload_write(
		KEEL_FOR_OWNERS, &names, &keel_owners_list_schema, &list, &inner);
	if (e == KEEL_OK)
		e = keel_wr_end(&inner, &written);
	if (e == KEEL_OK)
		e = keel_cose_sign1(&v->s.identity->signer, KEEL_VIEW(v->s.identity->thumbprint),
			none, written, &w);
	return e == KEEL_OK ? keel_wr_end(&w, out) : e;
}

enum vault_no vault_read_people(
	struct keel_vault *v, struct vault_owner *o, const void *args, void *result)
{
	struct keel_people_result *r = result;
	struct keel_list_maker m = keel_list_maker_of(v->lists, sizeof(v->lists));
	(void)o, (void)args;
	for (size_t i = 0; i < OWNERS_MAX; i++) {
		const struct vault_owner *p = &v->owners[i];
		const struct keel_person_item item = { .owner = KEEL_VIEW(p->print),
			.role = p->role,
			.name = keel_text(p->name),
			.until = p->until,
			.since = p->since };
		if (p->used && !keel_list_put(&m, &keel_person_item_schema, &item))
			return NO_STORE;
	}
	r->people = keel_list_made(&m);
	return vault_sign_owners(v, &r->owners) == KEEL_OK ? NO_NOT : NO_STORE;
}

enum vault_no vault_read_statement(
	struct keel_vault *v, struct vault_owner *o, const void *args, void *result)
{
	(void)o;
	return vault_statement(v, TO_OWNER, args, NULL, result);
}

enum vault_no vault_read_product(
	struct keel_vault *v, struct vault_owner *o, const void *args, void *result)
{
	struct keel_product_result *r = result;
	(void)o, (void)args;
	r->product = v->s.rules->product;
	return NO_NOT;
}

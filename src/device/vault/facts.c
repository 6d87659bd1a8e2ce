#include "device/vault/facts.h"

#include <stdio.h>
#include <string.h>

#include "device/rooms.h"
#include "keel/profile.h"
#include "owner/statement.h"

/* Copies a declared text; the declaration's table keeps it shorter than any of these. */
#define COPY(to, from) copy_text((to), sizeof(to), (from))

static bool copy_text(char *out, size_t size, struct keel_bytes text)
{
	if (text.n >= size)
		return false;
	if (text.n > 0)
		memcpy(out, text.p, text.n);
	out[text.n] = '\0';
	return true;
}

static bool rule_of_message(const struct keel_message *m, struct keel_rule_message *out)
{
	struct keel_list rest = m->fields;
	struct keel_message_field f;
	out->guests = m->from == KEEL_FROM_GUEST;
	out->remembered = m->remembered;
	out->may_wait_s = m->may_wait_s;
	while (keel_list_next(&keel_message_field_row, &rest, &f)) {
		if (out->count == KEEL_COUNT(out->fields))
			return false;
		struct keel_rule_field *to = &out->fields[out->count++];
		to->min = f.min;
		to->max = f.max;
		to->step = f.step;
		if (!COPY(to->name, f.name) || !COPY(to->unit, f.unit))
			return false;
	}
	return COPY(out->name, m->name);
}

static bool take_messages(const struct keel_product *p, struct keel_rules *out)
{
	struct keel_list rest = p->messages;
	struct keel_message m;
	while (keel_list_next(&keel_message_row, &rest, &m))
		if (out->messages == KEEL_COUNT(out->message) ||
			!rule_of_message(&m, &out->message[out->messages++]))
			return false;
	return true;
}

static bool take_values(const struct keel_product *p, struct keel_rules *out)
{
	struct keel_list rest = p->values;
	struct keel_value v;
	while (keel_list_next(&keel_value_row, &rest, &v)) {
		if (out->values == KEEL_COUNT(out->value))
			return false;
		struct keel_rule_value *to = &out->value[out->values++];
		if (!COPY(to->name, v.name) || !COPY(to->history, v.history))
			return false;
	}
	return true;
}

static bool take_data(const struct keel_product *p, struct keel_rules *out)
{
	struct keel_list rest = p->personal_data;
	struct keel_personal_datum d;
	while (keel_list_next(&keel_personal_datum_row, &rest, &d)) {
		if (out->data == KEEL_COUNT(out->datum))
			return false;
		struct keel_rule_datum *to = &out->datum[out->data++];
		to->consent = d.basis == KEEL_BASIS_CONSENT;
		to->person = d.of == KEEL_DATUM_OF_PERSON;
		to->for_s = d.for_s;
		if (!COPY(to->name, d.name))
			return false;
	}
	return true;
}

/* What is sent only with consent stands among the data, where its consent is asked for and kept. */
static bool take_telemetry(const struct keel_product *p, struct keel_rules *out)
{
	struct keel_list rest = p->telemetry;
	struct keel_telemetry t;
	while (keel_list_next(&keel_telemetry_row, &rest, &t)) {
		if (out->telemetries == KEEL_COUNT(out->telemetry) ||
			(t.consent && out->data == KEEL_COUNT(out->datum)))
			return false;
		struct keel_rule_telemetry *to = &out->telemetry[out->telemetries++];
		to->consent = t.consent;
		to->min = t.min;
		to->max = t.max;
		to->every_s = t.every_s;
		if (!COPY(to->name, t.name) || !COPY(to->unit, t.unit))
			return false;
		if (!t.consent)
			continue;
		struct keel_rule_datum *asked = &out->datum[out->data++];
		*asked = (struct keel_rule_datum){ .consent = true, .telemetry = true };
		memcpy(asked->name, to->name, sizeof(asked->name));
	}
	return true;
}

static bool can_be_asked(const struct keel_rules *r)
{
	size_t n = 0;
	for (size_t i = 0; i < r->data; i++)
		n += r->datum[i].consent;
	return n <= KEEL_RULES_CONSENTS;
}

static bool take_integrity(const struct keel_product *p, struct keel_rules *out)
{
	struct keel_list rest = p->integrity.on_change;
	uint64_t reaction;
	out->integrity = keel_has(p, KEEL_PRODUCT_INTEGRITY);
	while (keel_list_next(&keel_on_change_row, &rest, &reaction))
		out->isolate |= reaction == KEEL_ON_CHANGE_ISOLATE;
	return true;
}

/* In which states a way in for debugging is open: what a session tells of it. */
static bool take_debug(const struct keel_product *p, struct keel_rules *out)
{
	struct keel_list rest = p->interfaces;
	struct keel_interface i;
	while (keel_list_next(&keel_interface_row, &rest, &i))
		for (unsigned s = 0; i.debug && s < STATE_COUNT; s++)
			out->debug |= keel_interface_is_open(&i, s) ? 1u << s : 0;
	return keel_product_maker_key(p, out->maker_key.xy) == KEEL_OK;
}

static bool take_service(const struct keel_product *p, struct keel_rules *out)
{
	struct keel_rule_service *s = &out->service;
	s->declared = keel_has(p, KEEL_PRODUCT_SERVICE);
	if (!s->declared)
		return true;
	s->drift = p->service.drift;
	s->support_until_s = p->support.until * 86400;
	return COPY(s->url, p->service.url) && keel_product_service_key(p, s->root.xy) == KEEL_OK;
}

enum keel_err keel_rules_of(struct keel_bytes compiled, struct keel_rules *out)
{
	struct keel_product p;
	enum keel_err e = keel_product_read(compiled, &p);
	if (e != KEEL_OK)
		return e;
	/* Longer than an answer: owners could never be told what it declares. */
	if (compiled.n > KEEL_PRODUCT_MAX)
		return KEEL_EFULL;
	memset(out, 0, sizeof(*out));
	out->product = compiled;
	keel_date_write(p.support.until, out->support_until);
	bool fits = COPY(out->maker, p.maker.name) && COPY(out->name, p.model.name) &&
		    COPY(out->model, p.model.identifier) && COPY(out->version, p.model.version) &&
		    take_messages(&p, out) && take_values(&p, out) && take_data(&p, out) &&
		    take_telemetry(&p, out) && can_be_asked(out) && take_integrity(&p, out) &&
		    take_debug(&p, out) && take_service(&p, out);
	return fits ? KEEL_OK : KEEL_EFULL;
}

bool keel_facts_of_its_maker(const struct keel_vault *v, struct keel_bytes compiled)
{
	struct keel_product p;
	struct keel_p256_pub maker;
	return keel_product_read(compiled, &p) == KEEL_OK &&
	       keel_product_maker_key(&p, maker.xy) == KEEL_OK && keel_vault_endorsed_by(v, &maker);
}

static struct keel_list measured(struct keel_list programs, uint8_t *buf, size_t cap)
{
	struct keel_list rest = programs;
	struct keel_list_maker m = keel_list_maker_of(buf, cap);
	struct msg_program p;
	while (keel_list_next(&keel_program_item, &rest, &p))
		(void)keel_list_put(&m, &keel_measured_item_schema,
			&(struct keel_measured_item){ .name = p.name, .digest = p.sha256 });
	return keel_list_made(&m);
}

/* "door: network": the room, and the wall that it lacks. */
static struct keel_list missing(const struct msg_facts *facts, uint8_t *buf, size_t cap)
{
	struct keel_list rest = facts->missing;
	struct keel_list_maker m = keel_list_maker_of(buf, cap);
	struct msg_gap g;
	while (keel_list_next(&keel_gap_item, &rest, &g)) {
		char text[64];
		int n = snprintf(text, sizeof(text), "%s: %s", keel_rooms[g.room].name,
			keel_wall_words[g.wall]);
		(void)keel_list_put_text(&m, (struct keel_bytes){ (uint8_t *)text, (size_t)n });
	}
	return keel_list_made(&m);
}

static struct keel_list open_now(
	const struct keel_product *p, uint64_t state, uint8_t *buf, size_t cap)
{
	struct keel_list rest = p->interfaces;
	struct keel_list_maker m = keel_list_maker_of(buf, cap);
	struct keel_interface i;
	while (keel_list_next(&keel_interface_row, &rest, &i))
		if (keel_interface_is_open(&i, state))
			(void)keel_list_put_text(&m, i.name);
	return keel_list_made(&m);
}

enum keel_err keel_facts_take(struct keel_vault *v, struct keel_bytes compiled,
	const struct msg_facts *facts, enum keel_device_state state)
{
	uint8_t programs[1024];
	uint8_t extended[4096];
	uint8_t walls[2048];
	uint8_t interfaces[2048];
	struct keel_product p;
	enum keel_err e = keel_product_read(compiled, &p);
	if (e != KEEL_OK)
		return e;
	const struct keel_vault_facts f = {
		.measured = measured(facts->programs, programs, sizeof(programs)),
		.extended = measured(facts->extended, extended, sizeof(extended)),
		.missing = missing(facts, walls, sizeof(walls)),
		.open = open_now(&p, (uint64_t)state, interfaces, sizeof(interfaces)),
	};
	return keel_vault_facts(v, &f);
}

enum keel_err keel_facts_state(
	struct keel_vault *v, struct keel_bytes compiled, enum keel_device_state state)
{
	uint8_t interfaces[2048];
	struct keel_product p;
	enum keel_err e = keel_product_read(compiled, &p);
	if (e != KEEL_OK)
		return e;
	const struct keel_list open = open_now(&p, (uint64_t)state, interfaces, sizeof(interfaces));
	return keel_vault_interfaces(v, &open);
}

/*
 * keel-fleet enrol: the list that `keel provision --enrol` made, line by line. Each endorsement is
 * verified under the key of a product that the fleet has, and says the unit's keys and model; the
 * list's other columns are for people, and have to agree with it.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/files.h"
#include "core/hex.h"
#include "fleet/command.h"
#include "keel/profile.h"
#include "owner/endorsement.h"

#define LINE_HEAD  "serial,id,endorsement"
#define MAKERS_MAX 64

/* Whose signature makes a unit of which model. */
struct maker {
	struct keel_p256_pub key;
	char model[KEEL_FLEET_MODEL_MAX + 1];
};

struct list {
	struct maker makers[MAKERS_MAX];
	size_t maker_count;
	struct keel_fleet_unit *units;
	size_t count, room;
	unsigned line;
	const char *path;
	struct keel_fault *fault;
};

__attribute__((format(printf, 4, 5))) static enum keel_err refuse(
	struct list *l, enum keel_err e, const char *next, const char *what, ...)
{
	char text[120];
	va_list args;
	va_start(args, what);
	/* NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): va_start is right above */
	(void)vsnprintf(text, sizeof(text), what, args);
	va_end(args);
	return keel_fault_format(l->fault, e, next, "%.60s:%u: %s", l->path, l->line, text);
}

/* --- makers --- */

static bool knows(const struct list *l, const struct keel_p256_pub *key, struct keel_bytes model)
{
	for (size_t i = 0; i < l->maker_count; i++)
		if (memcmp(&l->makers[i].key, key, sizeof(*key)) == 0 &&
			keel_bytes_is(model, l->makers[i].model))
			return true;
	return false;
}

static void add_maker(void *self, const struct keel_fleet_product_row *row)
{
	struct list *l = self;
	struct keel_product p;
	struct maker *m = &l->makers[l->maker_count];
	if (l->maker_count == MAKERS_MAX || keel_product_read(row->compiled, &p) != KEEL_OK ||
		keel_product_maker_key(&p, m->key.xy) != KEEL_OK ||
		p.model.identifier.n > KEEL_FLEET_MODEL_MAX ||
		knows(l, &m->key, p.model.identifier))
		return;
	(void)snprintf(m->model, sizeof(m->model), "%.*s", (int)p.model.identifier.n,
		(const char *)p.model.identifier.p);
	l->maker_count++;
}

/* --- a line --- */

static void copy_unit(struct keel_fleet_unit *u, const struct keel_endorsement *body)
{
	(void)snprintf(u->serial, sizeof(u->serial), "%.*s", (int)body->serial.n,
		(const char *)body->serial.p);
	(void)snprintf(u->model, sizeof(u->model), "%.*s", (int)body->model.n,
		(const char *)body->model.p);
	memcpy(u->sign.xy, body->sign.p, sizeof(u->sign.xy));
	memcpy(u->agree.xy, body->agree.p, sizeof(u->agree.xy));
}

/* By a maker whose product has this model; a maker may have several keys over the years. */
static enum keel_err verify(
	struct list *l, struct keel_bytes endorsement, struct keel_fleet_unit *u)
{
	struct keel_endorsement body;
	enum keel_err e = keel_endorsement_peek(endorsement, u->id, &body);
	if (e != KEEL_OK || body.serial.n > KEEL_FLEET_SERIAL_MAX ||
		body.model.n > KEEL_FLEET_MODEL_MAX)
		return refuse(l, KEEL_EFORM, "make the list by keel provision --enrol",
			"that is no endorsement");
	bool model = false;
	for (size_t i = 0; i < l->maker_count; i++) {
		if (!keel_bytes_is(body.model, l->makers[i].model))
			continue;
		model = true;
		if (keel_endorsement_verify(endorsement, &l->makers[i].key, u->id, &body) ==
			KEEL_OK) {
			copy_unit(u, &body);
			return KEEL_OK;
		}
	}
	if (!model)
		return refuse(l, KEEL_ENONE,
			"add it first: keel-fleet product add DIR product.cbor",
			"the fleet has no product of the model %.*s", (int)body.model.n,
			(const char *)body.model.p);
	return refuse(l, KEEL_EAUTH,
		"enrol the units that this maker made, with the declaration that names their key",
		"the endorsement is not by the key that the product names");
}

static struct keel_fleet_unit *next_unit(struct list *l)
{
	if (l->count == l->room) {
		l->room = l->room == 0 ? 64 : 2 * l->room;
		l->units = realloc(l->units, l->room * sizeof(*l->units));
		KEEL_MUST(l->units != NULL);
	}
	l->units[l->count] = (struct keel_fleet_unit){ 0 };
	return &l->units[l->count];
}

/* What stands between two commas. */
static struct keel_bytes between(const char *from, const char *to)
{
	return (struct keel_bytes){ (const uint8_t *)from + 1, (size_t)(to - from - 1) };
}

static enum keel_err read_line(struct list *l, const char *line)
{
	static const char form[] = "make the list by keel provision --enrol";
	uint8_t endorsement[KEEL_ENDORSEMENT_MAX];
	uint8_t id[KEEL_DEVICE_ID_LEN];
	const char *comma = strchr(line, ',');
	const char *second = comma != NULL ? strchr(comma + 1, ',') : NULL;
	if (second == NULL || keel_hex_read(between(comma, second), id, sizeof(id)) != KEEL_OK)
		return refuse(l, KEEL_EFORM, form, "a line is " LINE_HEAD);
	struct keel_bytes digits = keel_text(second + 1);
	size_t n = digits.n / 2;
	if (n > sizeof(endorsement) || keel_hex_read(digits, endorsement, n) != KEEL_OK)
		return refuse(l, KEEL_EFORM, form, "the endorsement is not in hexadecimal digits");
	struct keel_fleet_unit *u = next_unit(l);
	enum keel_err e = verify(l, (struct keel_bytes){ endorsement, n }, u);
	if (e != KEEL_OK)
		return e;
	if (memcmp(id, u->id, sizeof(id)) != 0 || strlen(u->serial) != (size_t)(comma - line) ||
		strncmp(u->serial, line, (size_t)(comma - line)) != 0)
		return refuse(l, KEEL_ERANGE, form,
			"serial or id differ from what the maker endorsed: %s", u->serial);
	l->count++;
	return KEEL_OK;
}

static enum keel_err read_list(struct list *l, FILE *f)
{
	char *line = NULL;
	size_t room = 0;
	enum keel_err e = KEEL_OK;
	while (e == KEEL_OK && getline(&line, &room, f) >= 0) {
		l->line++;
		line[strcspn(line, "\r\n")] = '\0';
		if (l->line == 1 ? strcmp(line, LINE_HEAD) != 0 : line[0] == '\0')
			e = refuse(l, KEEL_EFORM, "make the list by keel provision --enrol",
				"a list begins with the line " LINE_HEAD ", and has no empty one");
		else if (l->line > 1)
			e = read_line(l, line);
	}
	free(line);
	if (e == KEEL_OK && l->count == 0)
		e = refuse(l, KEEL_EFORM, "make the list by keel provision --enrol",
			"there is no unit in it");
	return e;
}

static enum keel_err store_list(
	struct list *l, const struct keel_fleet_ask *ask, struct keel_fleet_store *s)
{
	struct keel_fleet_enrol j = {
		.who = ask->who, .now_s = ask->now_s, .units = l->units, .count = l->count
	};
	keel_fleet_enrol(s, &j);
	if (j.write.err == KEEL_ESTATE) {
		l->line = (unsigned)j.wrong + 2;
		return refuse(l, KEEL_ESTATE,
			"find out which of the two is false: keel-fleet units DIR SERIAL",
			"the fleet has another unit with this serial or id: %s",
			l->units[j.wrong].serial);
	}
	if (j.write.err != KEEL_OK)
		return keel_fault_fill(l->fault, j.write.err, "the units could not be kept", "");
	if (ask->json)
		(void)printf("{\"units\":%zu,\"new\":%zu}\n", l->count, j.added);
	else
		(void)printf("%zu unit%s enrolled, %zu of them new\n", l->count,
			l->count == 1 ? "" : "s", j.added);
	return KEEL_OK;
}

enum keel_err keel_fleet_do_enrol(const struct keel_fleet_ask *ask, struct keel_fault *fault)
{
	static struct list l; /* large, and one a program */
	keel_auto(keel_fleet_close) struct keel_fleet_store *s = NULL;
	l = (struct list){ .path = ask->words[0], .fault = fault };
	enum keel_err e = keel_fleet_open(ask, &s, fault);
	if (e == KEEL_OK)
		e = keel_fleet_products(s, add_maker, &l);
	if (e != KEEL_OK)
		return e;
	FILE *f = fopen(l.path, "re");
	if (f == NULL)
		return keel_file_failed(fault, "open", l.path);
	e = read_list(&l, f);
	(void)fclose(f);
	if (e == KEEL_OK)
		e = store_list(&l, ask, s);
	free(l.units);
	return e;
}

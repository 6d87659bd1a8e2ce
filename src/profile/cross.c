#include "profile/cross.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "profile/provisions.h"
#include "profile/secure.h"

#define GUEST_MESSAGES_MAX 16 /* what one guest can be granted: docs/protocol.md, request 33 */
#define CONSENTS_MAX       16 /* what setup.decisions can ask for */

struct cross {
	const struct keel_declaration *d;
	struct keel_yaml_fault *fault;
};

/* Any item of any list, by its first row: that is its name in each of them. */
union item {
	struct keel_interface interface;
	struct keel_parameter parameter;
	struct keel_personal_datum datum;
	struct keel_telemetry telemetry;
	struct keel_value value;
	struct keel_message message;
	struct keel_message_field field;
	struct keel_hardware hardware;
	struct keel_autonomy autonomy;
	struct keel_decision decision;
	struct keel_sensing sensing;
	struct keel_exception exception;
};

__attribute__((format(printf, 4, 5))) static bool refuse(
	struct cross *c, const char *path, const char *next, const char *what, ...)
{
	va_list args;
	va_start(args, what);
	/* NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): va_start is right above */
	(void)vsnprintf(c->fault->what, sizeof(c->fault->what), what, args);
	va_end(args);
	(void)snprintf(c->fault->next, sizeof(c->fault->next), "%s", next);
	c->fault->at = keel_declaration_where(c->d, path);
	return false;
}

/* refuse, at a field of the item that stands at `path`. */
static bool refuse_field(
	struct cross *c, const char *path, const char *field, const char *next, const char *what)
{
	char whole[160];
	(void)snprintf(whole, sizeof(whole), "%s.%s", path, field);
	return refuse(c, whole, next, "%s", what);
}

static struct keel_bytes name_of(const struct keel_row *item, const union item *x)
{
	struct keel_bytes name;
	memcpy(&name, (const uint8_t *)x + item->of->rows[0].at, sizeof(name));
	return name;
}

/* Where the first item of this name stands in the list; its length where there is none. */
static size_t index_of(const struct keel_row *item, struct keel_list list, struct keel_bytes name)
{
	union item x;
	size_t i = 0;
	while (keel_list_next(item, &list, &x) && !keel_bytes_equal(name_of(item, &x), name))
		i++;
	return i;
}

static bool names_once(
	struct cross *c, const struct keel_row *item, struct keel_list list, const char *path)
{
	struct keel_list rest = list;
	union item x;
	char field[160];
	char next[80];
	for (size_t i = 0; keel_list_next(item, &rest, &x); i++) {
		struct keel_bytes name = name_of(item, &x);
		if (index_of(item, list, name) == i)
			continue;
		(void)snprintf(field, sizeof(field), "%s[%zu].%s", path, i, item->of->rows[0].name);
		(void)snprintf(next, sizeof(next), "keep one of them, or give each its own %s",
			item->of->rows[0].name);
		return refuse(c, field, next, "%.*s stands here twice",
			(int)(name.n < 80 ? name.n : 80), (const char *)name.p);
	}
	return true;
}

static bool words_once(
	struct cross *c, const struct keel_row *word, struct keel_list rest, const char *path)
{
	uint64_t seen = 0;
	uint64_t v;
	char at[160];
	for (size_t i = 0; keel_list_next(word, &rest, &v); i++) {
		(void)snprintf(at, sizeof(at), "%s[%zu]", path, i);
		if ((seen >> v & 1) != 0)
			return refuse(c, at, "keep one of them", "%s stands here twice",
				word->choices[v]);
		seen |= (uint64_t)1 << v;
	}
	return true;
}

static bool is_datum(const struct cross *c, struct keel_bytes name)
{
	const struct keel_list data = c->d->product.personal_data;
	return index_of(&keel_personal_datum_row, data, name) < data.count;
}

static bool is_telemetry(const struct cross *c, struct keel_bytes name)
{
	const struct keel_list telemetry = c->d->product.telemetry;
	return index_of(&keel_telemetry_row, telemetry, name) < telemetry.count;
}

/* Another interface before this one on the same port. */
static bool port_taken(struct cross *c, const struct keel_interface *i)
{
	struct keel_list rest = c->d->product.interfaces;
	struct keel_interface x;
	while (keel_list_next(&keel_interface_row, &rest, &x) && !keel_bytes_equal(x.name, i->name))
		if (x.transport == i->transport && x.port == i->port)
			return true;
	return false;
}

static bool interface_ok(struct cross *c, const union item *x, const char *path)
{
	const struct keel_interface *i = &x->interface;
	bool socket = i->transport == KEEL_TRANSPORT_TCP || i->transport == KEEL_TRANSPORT_UDP;
	char open[160];
	(void)snprintf(open, sizeof(open), "%s.open", path);
	if (socket && i->port == 0)
		return refuse_field(c, path, "port", "write port: and its number",
			"a tcp or udp interface needs a port");
	if (!socket && i->port != 0)
		return refuse_field(c, path, "port",
			"remove the port, or write transport: tcp or udp",
			"only tcp and udp have ports");
	if (socket && port_taken(c, i))
		return refuse_field(c, path, "port", "give each interface its own port",
			"another interface has this port");
	return words_once(c, &keel_open_row, i->open, open);
}

static bool value_ok(struct cross *c, const union item *x, const char *path)
{
	const struct keel_value *v = &x->value;
	if (v->min >= v->max)
		return refuse_field(c, path, "max", "write a max that is larger than the min",
			"the range is empty: max is not above min");
	return v->history.n == 0 || is_datum(c, v->history) ||
	       refuse_field(c, path, "history",
		       "declare it under personal_data, or write a name that stands there",
		       "personal_data declares no such datum");
}

static bool is_one_of(uint8_t c, const char *more)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c != '\0' && strchr(more, c) != NULL);
}

/* RFC 8428 §4.5.1. A space travels as _ (session/senml.h), so that _ itself is none of them. */
static bool is_senml_name(struct keel_bytes name)
{
	for (size_t i = 0; i < name.n; i++)
		if (!is_one_of(name.p[i], i == 0 ? "" : " -:./"))
			return false;
	return true;
}

static bool telemetry_ok(struct cross *c, const union item *x, const char *path)
{
	const struct keel_telemetry *t = &x->telemetry;
	if (t->min > t->max)
		return refuse_field(c, path, "max", "write a max that is not below the min",
			"the range is empty: max is below min");
	if (is_datum(c, t->name)) /* a decision names either by its name alone */
		return refuse_field(c, path, "name", "give each a name of its own",
			"personal_data has this name, too");
	return is_senml_name(t->name) ||
	       refuse_field(c, path, "name",
		       "begin with a letter or a digit, and take letters, digits, spaces, "
		       "- : . and /",
		       "telemetry travels as SenML, which knows no such name");
}

static bool field_ok(struct cross *c, const union item *x, const char *path)
{
	const struct keel_message_field *f = &x->field;
	if (f->min >= f->max)
		return refuse_field(c, path, "max", "write a max that is larger than the min",
			"the range is empty: max is not above min");
	return (f->max - f->min) % f->step == 0 ||
	       refuse_field(c, path, "step", "write a step that leads from min exactly to max",
		       "the steps miss the max");
}

static bool decision_ok(struct cross *c, const union item *x, const char *path)
{
	struct keel_bytes datum = x->decision.datum;
	return datum.n == 0 || is_datum(c, datum) || is_telemetry(c, datum) ||
	       refuse_field(c, path, "datum",
		       "declare it under personal_data or telemetry, or write a name that "
		       "stands there",
		       "neither personal_data nor telemetry declares it");
}

static bool hardware_ok(struct cross *c, const union item *x, const char *path)
{
	struct keel_bytes f = x->hardware.file;
	bool inside =
		memchr(f.p, '/', f.n) == NULL && !keel_bytes_is(f, ".") && !keel_bytes_is(f, "..");
	return inside || refuse_field(c, path, "file",
				 "write the name alone: keeld is told the folder by --hardware",
				 "a file's name has no folder in it");
}

static bool exception_ok(struct cross *c, const union item *x, const char *path)
{
	for (size_t i = 0; i < keel_provision_count; i++)
		if (keel_bytes_is(x->exception.provision, keel_provisions[i].number))
			return true;
	return refuse_field(c, path, "provision",
		"write the number as the standard does, like 5.7-1 or 6-4; keel check --json lists "
		"all",
		"EN 303 645 has no such provision");
}

typedef bool each(struct cross *c, const union item *x, const char *path);

static bool all_ok(struct cross *c, const struct keel_row *item, struct keel_list list,
	const char *path, each *ok)
{
	union item x;
	char at[128];
	if (!names_once(c, item, list, path))
		return false;
	for (size_t i = 0; keel_list_next(item, &list, &x); i++) {
		(void)snprintf(at, sizeof(at), "%s[%zu]", path, i);
		if (ok != NULL && !ok(c, &x, at))
			return false;
	}
	return true;
}

static bool message_ok(struct cross *c, const union item *x, const char *path)
{
	char fields[160];
	(void)snprintf(fields, sizeof(fields), "%s.fields", path);
	return all_ok(c, &keel_message_field_row, x->message.fields, fields, field_ok);
}

static bool guests_ok(struct cross *c)
{
	struct keel_list rest = c->d->product.messages;
	struct keel_message m;
	size_t n = 0;
	while (keel_list_next(&keel_message_row, &rest, &m))
		n += m.from == KEEL_FROM_GUEST;
	return n <= GUEST_MESSAGES_MAX ||
	       refuse(c, "messages", "keep some of them for owners",
		       "%zu messages may come from guests; a guest can be granted %d", n,
		       GUEST_MESSAGES_MAX);
}

static bool consents_ok(struct cross *c)
{
	struct keel_list data = c->d->product.personal_data;
	struct keel_list telemetry = c->d->product.telemetry;
	struct keel_personal_datum d;
	struct keel_telemetry t;
	size_t n = 0;
	while (keel_list_next(&keel_personal_datum_row, &data, &d))
		n += d.basis == KEEL_BASIS_CONSENT;
	while (keel_list_next(&keel_telemetry_row, &telemetry, &t))
		n += t.consent;
	return n <= CONSENTS_MAX ||
	       refuse(c, "telemetry", "send less that needs consent",
		       "%zu data and telemetries need consent; setup can ask for %d", n,
		       CONSENTS_MAX);
}

static bool no_key(struct cross *c, const char *path)
{
	return refuse(c, path, "write the public point, x and y, in digits 0 to 9 and a to f",
		"the key is not hexadecimal");
}

/* Its public pages stand at /p/IDENTIFIER/, where a browser takes these for steps in the folders, even escaped. */
static bool model_ok(struct cross *c)
{
	const struct keel_bytes id = c->d->product.model.identifier;
	return (!keel_bytes_is(id, ".") && !keel_bytes_is(id, "..")) ||
	       refuse(c, "model.identifier", "give the model a name with a letter or a digit in it",
		       "no page can have the address %.*s", (int)id.n, (const char *)id.p);
}

/* What a device sends has to have a way, and who works with a key every day is not the maker. */
static bool service_ok(struct cross *c)
{
	const struct keel_product *p = &c->d->product;
	uint8_t xy[64];
	if (!keel_has(p, KEEL_PRODUCT_SERVICE))
		return p->telemetry.count == 0 ||
		       refuse(c, "telemetry", "declare the service that gets it under service",
			       "telemetry is declared, and no service");
	const char *next = keel_secure_origin(p->service.url);
	if (next != NULL)
		return refuse(c, "service.url", next, "the address is no origin");
	if (keel_product_service_key(p, xy) != KEEL_OK)
		return no_key(c, "service.key");
	return !keel_bytes_equal(p->service.key, p->maker.key) ||
	       refuse(c, "service.key", "make the service a key of its own, and write that",
		       "it is the maker's unit-signing key");
}

static bool whole_ok(struct cross *c)
{
	const struct keel_product *p = &c->d->product;
	uint8_t xy[64];
	if (keel_product_maker_key(p, xy) != KEEL_OK)
		return no_key(c, "maker.key");
	if (p->support.from >= p->support.until)
		return refuse(c, "support.until", "write a later date than support.from",
			"support ends before it begins");
	return model_ok(c) && service_ok(c) && guests_ok(c) && consents_ok(c) &&
	       words_once(c, &keel_on_change_row, p->integrity.on_change, "integrity.on_change");
}

enum keel_err keel_declaration_cross(
	const struct keel_declaration *d, struct keel_yaml_fault *fault)
{
	const struct keel_product *p = &d->product;
	/* clang-format off */
	const struct {
		const char *path;
		const struct keel_row *item;
		const struct keel_list *list;
		each *ok;
	} lists[] = {
		{ "interfaces",          &keel_interface_row,      &p->interfaces,      interface_ok },
		{ "security_parameters", &keel_parameter_row,      &p->parameters,      NULL         },
		{ "personal_data",       &keel_personal_datum_row, &p->personal_data,   NULL         },
		{ "telemetry",           &keel_telemetry_row,      &p->telemetry,       telemetry_ok },
		{ "values",              &keel_value_row,          &p->values,          value_ok     },
		{ "messages",            &keel_message_row,        &p->messages,        message_ok   },
		{ "hardware",            &keel_hardware_row,       &p->hardware,        hardware_ok  },
		{ "autonomy",            &keel_autonomy_row,       &p->autonomy,        NULL         },
		{ "setup.decisions",     &keel_decision_row,       &p->setup.decisions, decision_ok  },
		{ "sensing",             &keel_sensing_row,        &p->sensing,         NULL         },
		{ "exceptions",          &keel_exception_row,      &p->exceptions,      exception_ok },
	};
	/* clang-format on */
	struct cross c = { d, fault };
	for (size_t i = 0; i < KEEL_COUNT(lists); i++)
		if (!all_ok(&c, lists[i].item, *lists[i].list, lists[i].path, lists[i].ok))
			return KEEL_EFORM;
	return whole_ok(&c) ? KEEL_OK : KEEL_EFORM;
}

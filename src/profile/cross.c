#include "profile/cross.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct cross {
	const struct keel_declaration *d;
	const struct keel_product *p;
	struct keel_yaml_fault *fault;
};

__attribute__((format(printf, 4, 5))) static bool refuse(
	const struct cross *c, const char *what, const char *next, const char *path, ...)
{
	char at[96];
	va_list args;
	va_start(args, path);
	(void)vsnprintf(at, sizeof(at), path, args);
	va_end(args);
	c->fault->at = keel_declaration_where(c->d, at);
	(void)snprintf(c->fault->what, sizeof(c->fault->what), "%s", what);
	(void)snprintf(c->fault->next, sizeof(c->fault->next), "%s", next);
	return false;
}

/* Large enough for an item of any list; each begins with its name, the first row. */
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
	struct keel_sensing sensing;
	struct keel_exception exception;
};

static struct keel_bytes name_of(const struct keel_row *row, const union item *item)
{
	struct keel_bytes name;
	memcpy(&name, (const uint8_t *)item + row->of->rows[0].at, sizeof(name));
	return name;
}

/* The index of the first item with this name; the list's count where there is none. */
static size_t find(const struct keel_row *row, const struct keel_list *list, struct keel_bytes name)
{
	struct keel_list rest = *list;
	union item item;
	size_t i = 0;
	while (keel_list_next(row, &rest, &item) && !keel_bytes_equal(name_of(row, &item), name))
		i++;
	return i;
}

static bool names_once(const struct cross *c, const struct keel_row *row,
	const struct keel_list *list, const char *path)
{
	struct keel_list rest = *list;
	union item item;
	for (size_t i = 0; keel_list_next(row, &rest, &item); i++)
		if (find(row, list, name_of(row, &item)) < i)
			return refuse(c, "this name stands here twice", "give each its own name",
				"%s[%zu].%s", path, i, row->of->rows[0].name);
	return true;
}

static bool all_names_once(const struct cross *c)
{
	const struct keel_product *p = c->p;
	return names_once(c, &keel_interface_row, &p->interfaces, "interfaces") &&
	       names_once(c, &keel_parameter_row, &p->parameters, "security_parameters") &&
	       names_once(c, &keel_personal_datum_row, &p->personal_data, "personal_data") &&
	       names_once(c, &keel_telemetry_row, &p->telemetry, "telemetry") &&
	       names_once(c, &keel_value_row, &p->values, "values") &&
	       names_once(c, &keel_message_row, &p->messages, "messages") &&
	       names_once(c, &keel_hardware_row, &p->hardware, "hardware") &&
	       names_once(c, &keel_autonomy_row, &p->autonomy, "autonomy") &&
	       names_once(c, &keel_sensing_row, &p->sensing, "sensing") &&
	       names_once(c, &keel_exception_row, &p->exceptions, "exceptions");
}

static bool head(const struct cross *c)
{
	uint8_t key[64];
	if (keel_product_maker_key(c->p, key) != KEEL_OK)
		return refuse(c, "key is no public point",
			"write x and y as 128 digits 0-9 and a-f", "maker.key");
	return c->p->support.from < c->p->support.until ||
	       refuse(c, "support ends before it begins", "write a later date than support.from",
		       "support.until");
}

static bool interfaces(const struct cross *c)
{
	struct keel_list rest = c->p->interfaces;
	struct keel_interface x;
	for (size_t i = 0; keel_list_next(&keel_interface_row, &rest, &x); i++) {
		bool ip = x.transport == KEEL_TRANSPORT_TCP || x.transport == KEEL_TRANSPORT_UDP;
		if (ip != (x.port != 0))
			return refuse(c,
				ip ? "tcp and udp need a port" : "only tcp and udp have a port",
				ip ? "write its port" : "leave the port out",
				"interfaces[%zu].port", i);
	}
	return true;
}

static bool values(const struct cross *c)
{
	struct keel_list rest = c->p->values;
	struct keel_value x;
	for (size_t i = 0; keel_list_next(&keel_value_row, &rest, &x); i++) {
		if (x.min >= x.max)
			return refuse(c, "max is not above min", "write a larger max",
				"values[%zu].max", i);
		if (x.history.n > 0 && find(&keel_personal_datum_row, &c->p->personal_data,
					       x.history) == c->p->personal_data.count)
			return refuse(c, "no personal datum has this name",
				"declare it under personal_data", "values[%zu].history", i);
	}
	return true;
}

static bool fields(const struct cross *c, const struct keel_message *m, size_t at)
{
	struct keel_list rest = m->fields;
	struct keel_message_field x;
	char path[40];
	(void)snprintf(path, sizeof(path), "messages[%zu].fields", at);
	for (size_t i = 0; keel_list_next(&keel_message_field_row, &rest, &x); i++) {
		if (x.min >= x.max)
			return refuse(c, "max is not above min", "write a larger max",
				"%s[%zu].max", path, i);
		if ((x.max - x.min) % x.step != 0)
			return refuse(c, "step does not lead from min to max",
				"write a step that divides max - min", "%s[%zu].step", path, i);
	}
	return names_once(c, &keel_message_field_row, &m->fields, path);
}

static bool messages(const struct cross *c)
{
	struct keel_list rest = c->p->messages;
	struct keel_message x;
	for (size_t i = 0; keel_list_next(&keel_message_row, &rest, &x); i++)
		if (!fields(c, &x, i))
			return false;
	return true;
}

static bool decisions(const struct cross *c)
{
	struct keel_list rest = c->p->setup.decisions;
	struct keel_decision x;
	for (size_t i = 0; keel_list_next(&keel_decision_row, &rest, &x); i++)
		if (x.datum.n > 0 && find(&keel_personal_datum_row, &c->p->personal_data,
					     x.datum) == c->p->personal_data.count)
			return refuse(c, "no personal datum has this name",
				"declare it under personal_data", "setup.decisions[%zu].datum", i);
	return true;
}

enum keel_err keel_declaration_cross(
	const struct keel_declaration *d, struct keel_yaml_fault *fault)
{
	const struct cross c = { d, &d->product, fault };
	return head(&c) && all_names_once(&c) && interfaces(&c) && values(&c) && messages(&c) &&
			       decisions(&c)
		       ? KEEL_OK
		       : KEEL_EFORM;
}

#include "fleet/config.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cli/fault.h"
#include "profile/scalar.h"
#include "profile/tree.h"

enum kind { TEXT, ORIGIN, NUMBER, DATE };

/* clang-format off */
static const struct value {
	const char *name;
	enum kind kind;
	uint16_t at;
	uint64_t min, max;
	const char *preset;
	const char *comment;
} values[] = {
	{ "origin", ORIGIN, offsetof(struct keel_fleet_config, origin), 1, KEEL_FLEET_TEXT_MAX, "",
		"Where devices and owners reach the service; the declarations have it as service: url." },
	{ "app_origin", ORIGIN, offsetof(struct keel_fleet_config, app_origin), 0, KEEL_FLEET_TEXT_MAX, "",
		"The origin of the owner's app, whose pages may talk to the service; empty: none." },
	{ "address", TEXT, offsetof(struct keel_fleet_config, address), 1, KEEL_FLEET_TEXT_MAX, "::",
		"Where it listens: \"::\" is every address of this machine, IPv4 too; several with blanks between them." },
	{ "port", NUMBER, offsetof(struct keel_fleet_config, port), 0, 65535, "8450",
		"0: any that is free." },
	{ "certificate", TEXT, offsetof(struct keel_fleet_config, certificate), 1, KEEL_FLEET_TEXT_MAX, "tls.crt",
		"PEM, the certificate first and then those above it; and its key. In this folder, or absolute." },
	{ "key", TEXT, offsetof(struct keel_fleet_config, key), 1, KEEL_FLEET_TEXT_MAX, "tls.key", NULL },
	{ "desk", TEXT, offsetof(struct keel_fleet_config, desk), 0, KEEL_FLEET_TEXT_MAX, "",
		"The folder of the pages for who reports a vulnerability, as npm run build of web/desk made it; empty: none." },
	{ "case_days", NUMBER, offsetof(struct keel_fleet_config, case_days), 0, 36500, "730",
		"A report that is fixed or closed is deleted, with its files, so many days after the last word in it: long enough\n"
		"# for advisories and for who meets the same again; a reporter's words are not kept for ever. 0: they are." },
	{ "mail_server", TEXT, offsetof(struct keel_fleet_config, mail_server), 0, KEEL_FLEET_TEXT_MAX, "",
		"Where keel-fleet mail sends word of a report: \"smtps://mail.example:465\"; empty: no mail." },
	{ "mail_from", TEXT, offsetof(struct keel_fleet_config, mail_from), 0, KEEL_FLEET_TEXT_MAX, "", NULL },
	{ "mail_to", TEXT, offsetof(struct keel_fleet_config, mail_to), 0, KEEL_FLEET_TEXT_MAX, "", NULL },
	{ "mail_user", TEXT, offsetof(struct keel_fleet_config, mail_user), 0, KEEL_FLEET_TEXT_MAX, "",
		"Where the mail server asks for them: a name, and the file in this folder that has the password." },
	{ "mail_password", TEXT, offsetof(struct keel_fleet_config, mail_password), 0, KEEL_FLEET_TEXT_MAX, "keys/mail.password", NULL },
	{ "console", TEXT, offsetof(struct keel_fleet_config, console), 0, KEEL_FLEET_TEXT_MAX, "",
		"The folder of the operators' console (web/console, built); empty: this service has none." },
	{ "connections", NUMBER, offsetof(struct keel_fleet_config, connections), 1, 100000, "12000",
		"At once; about 15 kB each. A device that waits holds one." },
	{ "address_connections", NUMBER, offsetof(struct keel_fleet_config, address_connections), 1, 100000, "256",
		"Of one address at once, and its requests a second: what a building behind one address needs." },
	{ "address_requests", NUMBER, offsetof(struct keel_fleet_config, address_requests), 1, 1000000, "200", NULL },
	{ "statement_batch", TEXT, offsetof(struct keel_fleet_config, batch), 0, KEEL_FLEET_TEXT_MAX, "",
		"The UK statement of compliance (PSTI), on each product's page once all of these are said:\n"
		"# which units it is for (all), who signs, their name and function, where, when (2026-12-01)." },
	{ "statement_signature", TEXT, offsetof(struct keel_fleet_config, signature), 0, KEEL_FLEET_TEXT_MAX, "", NULL },
	{ "statement_signatory", TEXT, offsetof(struct keel_fleet_config, signatory), 0, KEEL_FLEET_TEXT_MAX, "", NULL },
	{ "statement_function", TEXT, offsetof(struct keel_fleet_config, function), 0, KEEL_FLEET_TEXT_MAX, "", NULL },
	{ "statement_place", TEXT, offsetof(struct keel_fleet_config, place), 0, KEEL_FLEET_TEXT_MAX, "", NULL },
	{ "statement_date", DATE, offsetof(struct keel_fleet_config, issued), 0, 0, "", NULL },
};
/* clang-format on */

static const char first_line[] = "# keel-fleet, the maker's service: man keel-fleet.\n";

/* The only value without a preset that is good for everybody is the origin. */
static const char *preset_of(const struct value *v, const char *origin)
{
	return v == &values[0] ? origin : v->preset;
}

enum keel_err keel_fleet_config_write(const char *origin, struct keel_wr *w)
{
	keel_wr_text(w, first_line);
	for (size_t i = 0; i < KEEL_COUNT(values); i++) {
		const struct value *v = &values[i];
		char line[KEEL_FLEET_TEXT_MAX + 80];
		const char *quote = v->kind == NUMBER || v->kind == DATE ? "" : "\"";
		if (v->comment != NULL) {
			keel_wr_text(w, "\n# ");
			keel_wr_text(w, v->comment);
			keel_wr_text(w, "\n");
		}
		(void)snprintf(line, sizeof(line), "%s: %s%s%s\n", v->name, quote,
			preset_of(v, origin), quote);
		keel_wr_text(w, line);
	}
	return w->err;
}

bool keel_fleet_is_origin(const char *text)
{
	static const char scheme[] = "https://";
	size_t n = sizeof(scheme) - 1;
	if (strncmp(text, scheme, n) != 0 || text[n] == '\0')
		return false;
	const char *host = text + n;
	size_t named = strspn(host, "abcdefghijklmnopqrstuvwxyz0123456789.-[]:");
	return host[named] == '\0' && host[0] != ':' && strlen(text) <= 128;
}

/* --- reading --- */

__attribute__((format(printf, 4, 5))) static enum keel_err refuse(
	struct keel_fault *f, struct keel_yaml_mark at, const char *next, const char *what, ...)
{
	char text[120];
	va_list args;
	va_start(args, what);
	/* NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): va_start is right above */
	(void)vsnprintf(text, sizeof(text), what, args);
	va_end(args);
	return keel_fault_format(
		f, KEEL_EFORM, next, "config.yaml:%u:%u: %s", at.line, at.column, text);
}

static enum keel_err take_number(const struct value *v, struct keel_bytes text, uint64_t *out)
{
	uint64_t n;
	if (!keel_scalar_uint(text, &n) || n < v->min || n > v->max)
		return KEEL_ERANGE;
	*out = n;
	return KEEL_OK;
}

static enum keel_err take_text(const struct value *v, struct keel_bytes text, char *out)
{
	if (text.n < v->min || text.n > v->max || memchr(text.p, 0, text.n) != NULL)
		return KEEL_ERANGE;
	memcpy(out, text.p, text.n);
	out[text.n] = '\0';
	return v->kind == ORIGIN && text.n > 0 && !keel_fleet_is_origin(out) ? KEEL_ERANGE
									     : KEEL_OK;
}

static enum keel_err take(
	const struct value *v, struct keel_bytes text, struct keel_fleet_config *out)
{
	char *at = (char *)out + v->at;
	if (v->kind == NUMBER)
		return take_number(v, text, (uint64_t *)(void *)at);
	if (v->kind == DATE)
		return text.n == 0 || keel_scalar_date(text, (int64_t *)(void *)at) ? KEEL_OK
										    : KEEL_ERANGE;
	return take_text(v, text, at);
}

static enum keel_err refuse_value(
	struct keel_fault *f, const struct value *v, const struct keel_yaml_node *n)
{
	char next[120];
	if (v->kind == NUMBER)
		(void)snprintf(next, sizeof(next), "write a number from %llu to %llu",
			(unsigned long long)v->min, (unsigned long long)v->max);
	else if (v->kind == DATE)
		(void)snprintf(next, sizeof(next), "write a date, 2026-12-01, or nothing");
	else if (v->kind == ORIGIN)
		(void)snprintf(next, sizeof(next),
			"write https://fleet.example or https://fleet.example:8450, in small "
			"letters");
	else
		(void)snprintf(next, sizeof(next), "write a text of %llu to %llu bytes",
			(unsigned long long)v->min, (unsigned long long)v->max);
	return refuse(f, n->at, next, "%s cannot be that", v->name);
}

static enum keel_err read_node(
	const struct keel_yaml_node *n, struct keel_fleet_config *out, struct keel_fault *f)
{
	for (size_t i = 0; i < KEEL_COUNT(values); i++) {
		const struct value *v = &values[i];
		if (!keel_bytes_is(n->key, v->name))
			continue;
		if (n->kind != KEEL_YAML_SCALAR || take(v, n->text, out) != KEEL_OK)
			return refuse_value(f, v, n);
		return KEEL_OK;
	}
	return refuse(f, n->key_at, "take it out; man keel-fleet has the names", "there is no %.*s",
		(int)n->key.n, (const char *)n->key.p);
}

enum keel_err keel_fleet_config_read(
	struct keel_bytes file, struct keel_fleet_config *out, struct keel_fault *fault)
{
	struct keel_yaml *y = NULL;
	struct keel_yaml_fault where = { 0 };
	struct keel_fleet_config c = { 0 };
	for (size_t i = 1; i < KEEL_COUNT(values); i++)
		KEEL_MUST(take(&values[i], keel_text(values[i].preset), &c) == KEEL_OK);
	if (keel_yaml_read(file, &y, &where) != KEEL_OK)
		return refuse(fault, where.at, where.next, "%s", where.what);
	const struct keel_yaml_node *root = keel_yaml_root(y);
	enum keel_err e = root->kind == KEEL_YAML_MAP
				  ? KEEL_OK
				  : refuse(fault, root->at, "write name: value, a line each",
					    "that is no mapping");
	for (const struct keel_yaml_node *n = root->first; e == KEEL_OK && n != NULL; n = n->next)
		e = read_node(n, &c, fault);
	keel_yaml_free(y);
	if (e == KEEL_OK && c.origin[0] == '\0')
		e = keel_fault_fill(fault, KEEL_EFORM, "config.yaml names no origin",
			"write origin: https://fleet.example");
	if (e == KEEL_OK)
		*out = c;
	return e;
}

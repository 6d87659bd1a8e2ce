#include "fleet/public/facts_json.h"

#include <stdio.h>
#include <string.h>

#include "http/json.h"
#include "profile/say.h"

/* What is for everybody. Keys and where a program finds its hardware are nobody's to act on. */
static const size_t parts[] = { KEEL_PRODUCT_MODEL, KEEL_PRODUCT_VULNERABILITIES,
	KEEL_PRODUCT_INTERFACES, KEEL_PRODUCT_PERSONAL_DATA, KEEL_PRODUCT_TELEMETRY,
	KEEL_PRODUCT_AUTONOMY, KEEL_PRODUCT_UPDATE, KEEL_PRODUCT_SETUP, KEEL_PRODUCT_SENSING,
	KEEL_PRODUCT_DELETION, KEEL_PRODUCT_EXCEPTIONS };

void keel_facts_json_date(struct keel_json *j, const char *name, int64_t days)
{
	char date[11];
	keel_date_write(days, date);
	keel_json_word(j, name, date);
}

/* The same for every product: the session's statement and reports, and what a relay sees. 6-5. */
const char *const keel_session_facts[] = {
	"What it is: its maker, model and serial number, an identifier of its own, and the "
	"internet "
	"address that it calls from.",
	"What runs on it: the software's version, fingerprints of its programs, and whether its "
	"files "
	"are as the maker made them.",
	"How it stands: whether it is set up and what is left to do, what is open, which of its "
	"inner "
	"protections are missing, how long it has run and how often it was started.",
	"Whose it is: a random number for the home, and fingerprints of its owners' keys. No name.",
	"What threatened it, such as a wrong code or a changed file, and which port or file that "
	"was.",
	"When you use it from afar: which key asked, when, and how large it was in steps of 256 "
	"bytes. "
	"What you ask, and the answer, only you and the product can read.",
	NULL,
};

static void write_record(struct keel_json *j, const struct keel_schema *s, const uint8_t *record);

static void write_moment(struct keel_json *j, const char *name, int64_t unix_s)
{
	char text[32];
	struct keel_wr w = keel_wr_of(text, sizeof(text));
	struct keel_bytes all = { 0 };
	keel_say_moment(&w, unix_s);
	KEEL_MUST(keel_wr_end(&w, &all) == KEEL_OK);
	keel_json_text(j, name, all);
}

/* Room for any item of any list: a record or a choice. */
union item {
	uint64_t choice;
	struct keel_interface interface;
	struct keel_personal_datum datum;
	struct keel_telemetry telemetry;
	struct keel_autonomy autonomy;
	struct keel_decision decision;
	struct keel_sensing sensing;
	struct keel_exception exception;
};

static void write_value(
	struct keel_json *j, const struct keel_row *row, const char *name, const void *at);

static void write_list(
	struct keel_json *j, const struct keel_row *item, const char *name, struct keel_list rest)
{
	union item x;
	KEEL_MUST(item->kind == KEEL_CHOICE || item->of->size <= sizeof(x));
	keel_json_open(j, name, '[');
	while (keel_list_next(item, &rest, &x))
		write_value(j, item, NULL, &x);
	keel_json_close(j, ']');
}

static void write_duration(struct keel_json *j, const char *name, uint64_t s)
{
	char with_unit[64];
	(void)snprintf(with_unit, sizeof(with_unit), "%s_s", name);
	keel_json_uint(j, with_unit, s);
}

static void write_number(
	struct keel_json *j, const struct keel_row *row, const char *name, const void *at)
{
	int64_t v;
	memcpy(&v, at, sizeof(v));
	if (row->kind == KEEL_DATE)
		keel_facts_json_date(j, name, v);
	else if (row->kind == KEEL_NUMBER)
		keel_json_amount(j, name, v);
	else if (row->kind == KEEL_DURATION)
		write_duration(j, name, (uint64_t)v);
	else if (row->kind == KEEL_CHOICE)
		keel_json_word(j, name, row->choices[v]);
	else
		keel_json_uint(j, name, (uint64_t)v);
}

static void write_value(
	struct keel_json *j, const struct keel_row *row, const char *name, const void *at)
{
	struct keel_bytes text;
	struct keel_list list;
	if (row->kind == KEEL_TEXT) {
		memcpy(&text, at, sizeof(text));
		keel_json_text(j, name, text);
	} else if (row->kind == KEEL_LIST) {
		memcpy(&list, at, sizeof(list));
		write_list(j, row->item, name, list);
	} else if (row->kind == KEEL_BOOL) {
		keel_json_bool(j, name, *(const bool *)at);
	} else if (row->kind == KEEL_MAP) {
		keel_json_open(j, name, '{');
		write_record(j, row->of, at);
		keel_json_close(j, '}');
	} else {
		write_number(j, row, name, at);
	}
}

/* A list that is not there is an empty one: that nothing is kept is a fact, too. */
static void write_record(struct keel_json *j, const struct keel_schema *s, const uint8_t *record)
{
	for (size_t i = 0; i < s->count; i++)
		if (keel_has(record, i) || s->rows[i].kind == KEEL_LIST)
			write_value(j, &s->rows[i], s->rows[i].name, record + s->rows[i].at);
}

static void write_parts(struct keel_json *j, const struct keel_product *p)
{
	for (size_t i = 0; i < KEEL_COUNT(parts); i++) {
		const struct keel_row *row = &keel_product_schema.rows[parts[i]];
		if (keel_has(p, parts[i]) || row->kind == KEEL_LIST)
			write_value(j, row, row->name, (const uint8_t *)p + row->at);
	}
}

static void write_maker(struct keel_json *j, const struct keel_maker *m)
{
	keel_json_open(j, "maker", '{');
	keel_json_text(j, "name", m->name);
	keel_json_text(j, "address", m->address);
	keel_json_close(j, '}');
}

static void write_support(
	struct keel_json *j, const struct keel_site *site, const struct keel_site_product *p)
{
	const struct keel_support *s = &p->product->support;
	keel_json_open(j, "support", '{');
	keel_facts_json_date(j, "from", s->from);
	keel_facts_json_date(j, "until", keel_site_until(p));
	keel_json_bool(j, "supported", keel_site_supported(site, p));
	if (s->published.n > 0)
		keel_json_text(j, "published", s->published);
	keel_json_open(j, "history", '[');
	for (size_t i = 0; i < p->published_count; i++) {
		keel_json_open(j, NULL, '{');
		keel_facts_json_date(j, "on", p->published[i].on);
		keel_facts_json_date(j, "until", p->published[i].until);
		keel_json_close(j, '}');
	}
	keel_json_close(j, ']');
	keel_json_close(j, '}');
}

static void write_statement(
	struct keel_json *j, const struct keel_site *site, const struct keel_site_product *p)
{
	const char *missing = keel_statement_missing(site, p);
	keel_json_open(j, "statement_of_compliance", '{');
	keel_json_bool(j, "offered", missing == NULL);
	if (missing != NULL)
		keel_json_word(j, "why_not", missing);
	keel_json_close(j, '}');
}

static void write_service(struct keel_json *j, const struct keel_product *p)
{
	if (!keel_has(p, KEEL_PRODUCT_SERVICE))
		return;
	keel_json_open(j, "service", '{');
	keel_json_text(j, "url", p->service.url);
	keel_json_open(j, "learns", '[');
	for (const char *const *fact = keel_session_facts; *fact != NULL; fact++)
		keel_json_word(j, NULL, *fact);
	keel_json_close(j, ']');
	keel_json_close(j, '}');
}

void keel_facts_json_write(
	struct keel_wr *w, const struct keel_site *site, const struct keel_site_product *p)
{
	struct keel_json j = keel_json_of(w);
	keel_json_open(&j, NULL, '{');
	write_moment(&j, "declared", p->declared_s);
	write_maker(&j, &p->product->maker);
	write_support(&j, site, p);
	write_parts(&j, p->product);
	if (site->form.n > 0)
		keel_json_text(&j, "report_form", site->form);
	write_service(&j, p->product);
	write_statement(&j, site, p);
	keel_json_close(&j, '}');
}

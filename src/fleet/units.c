/* keel-fleet units, odd, revoke, reinstate: the fleet, for an operator. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cli/show.h"
#include "cli/table.h"
#include "fleet/command.h"
#include "owner/statement.h"

struct shown {
	struct keel_table table;
	int64_t now_s;
	bool json;
};

static void print_time(FILE *out, int64_t at_s)
{
	struct tm tm;
	time_t t = (time_t)at_s;
	char text[24];
	if (gmtime_r(&t, &tm) != NULL && strftime(text, sizeof(text), "%F %T", &tm) > 0)
		(void)fputs(text, out);
}

/* --- units --- */

static void json_member(const char *name, const char *text)
{
	(void)printf(",\"%s\":", name);
	keel_show_json_text(stdout, keel_text(text));
}

static void unit_json(const struct keel_fleet_listed *row, const char *state)
{
	const struct keel_fleet_home *h = row->home;
	(void)printf("{\"id\":\"");
	keel_show_hex(stdout, KEEL_VIEW(row->unit->id));
	(void)printf("\"");
	json_member("serial", row->unit->serial);
	json_member("model", row->unit->model);
	json_member("state", state);
	if (row->unit->revoked_s != 0)
		json_member("revoked", row->unit->revoked_why);
	if (h != NULL) {
		json_member("version", h->version);
		json_member("decision", keel_fleet_decision_word(h->decision));
		json_member("reasons", h->reasons);
		json_member("grade", keel_grade_word(h->quoted));
		(void)printf(",\"heard\":%" PRId64 ",\"next\":%" PRId64 ",\"reports\":%" PRIu64
			     ",\"dropped\":%" PRIu64,
			h->heard_s, h->next_s, h->taken, h->dropped);
	}
	(void)printf(",\"refused\":%" PRIu64 "}\n", row->odd);
}

static void show_unit(void *self, const struct keel_fleet_listed *row)
{
	struct shown *v = self;
	const struct keel_fleet_home *h = row->home;
	const char *state = keel_fleet_state_word(row, v->now_s);
	const char *why = row->unit->revoked_s != 0 ? row->unit->revoked_why
			  : h != NULL               ? h->reasons
						    : "";
	if (v->json) {
		unit_json(row, state);
		return;
	}
	(void)fputs(row->unit->serial, keel_table_cell(&v->table));
	(void)fputs(row->unit->model, keel_table_cell(&v->table));
	(void)fputs(h != NULL ? h->version : "", keel_table_cell(&v->table));
	(void)fputs(state, keel_table_cell(&v->table));
	(void)fputs(h != NULL ? keel_grade_word(h->quoted) : "", keel_table_cell(&v->table));
	FILE *heard = keel_table_cell(&v->table);
	if (h != NULL)
		print_time(heard, h->heard_s);
	(void)fprintf(keel_table_cell(&v->table), "%" PRIu64, row->odd);
	(void)fputs(why, keel_table_cell(&v->table));
}

enum keel_err keel_fleet_do_units(const struct keel_fleet_ask *ask, struct keel_fault *fault)
{
	static const char *const headings[] = { "serial", "model", "version", "state", "evidence",
		"heard (UTC)", "refused", "why", NULL };
	struct shown v = { .json = ask->json, .now_s = ask->now_s };
	keel_auto(keel_fleet_close) struct keel_fleet_store *s = NULL;
	enum keel_err e = keel_fleet_open(ask, &s, fault);
	if (e != KEEL_OK)
		return e;
	if (!v.json)
		keel_table_open(&v.table, headings);
	e = keel_fleet_units(s, ask->words[0], show_unit, &v);
	if (!v.json)
		keel_table_print(&v.table, stdout,
			ask->words[0] != NULL ? "no unit has this in its serial, model or id"
					      : "no unit yet: keel-fleet enrol DIR units.csv");
	return e;
}

/* --- odd --- */

static void show_odd(void *self, const struct keel_fleet_odd_row *row)
{
	struct shown *v = self;
	if (v->json) {
		(void)printf("{\"id\":\"");
		keel_show_hex(stdout, KEEL_VIEW(row->id));
		(void)printf("\"");
		json_member("serial", row->serial);
		json_member("what", row->word);
		(void)printf(",\"count\":%" PRIu64 ",\"first\":%" PRId64 ",\"last\":%" PRId64 "}\n",
			row->count, row->first_s, row->last_s);
		return;
	}
	(void)fputs(row->serial, keel_table_cell(&v->table));
	(void)fputs(row->word, keel_table_cell(&v->table));
	(void)fprintf(keel_table_cell(&v->table), "%" PRIu64, row->count);
	print_time(keel_table_cell(&v->table), row->first_s);
	print_time(keel_table_cell(&v->table), row->last_s);
	keel_show_hex(keel_table_cell(&v->table), KEEL_VIEW(row->id));
}

enum keel_err keel_fleet_do_odd(const struct keel_fleet_ask *ask, struct keel_fault *fault)
{
	static const char *const headings[] = { "serial", "what", "times", "first (UTC)",
		"last (UTC)", "id", NULL };
	struct shown v = { .json = ask->json };
	keel_auto(keel_fleet_close) struct keel_fleet_store *s = NULL;
	enum keel_err e = keel_fleet_open(ask, &s, fault);
	if (e != KEEL_OK)
		return e;
	if (!v.json)
		keel_table_open(&v.table, headings);
	e = keel_fleet_odd(s, show_odd, &v);
	if (!v.json)
		keel_table_print(&v.table, stdout, "nothing was refused");
	return e;
}

/* --- revoke --- */

static enum keel_err change(const struct keel_fleet_ask *ask, const char *why, const char *is,
	const char *means, struct keel_fault *fault)
{
	struct keel_fleet_unit u;
	struct keel_fleet_revoke j = { .who = ask->who, .now_s = ask->now_s, .why = why };
	keel_auto(keel_fleet_close) struct keel_fleet_store *s = NULL;
	enum keel_err e = keel_fleet_open(ask, &s, fault);
	if (e != KEEL_OK)
		return e;
	e = keel_fleet_unit_by_serial(s, ask->words[0], &u);
	if (e == KEEL_ENONE)
		return keel_fault_format(fault, e, "list them: keel-fleet units DIR",
			"the fleet has no unit with the serial %.80s", ask->words[0]);
	if (e != KEEL_OK)
		return e;
	memcpy(j.id, u.id, sizeof(j.id));
	keel_fleet_revoke(s, &j);
	if (j.write.err == KEEL_ESTATE)
		return keel_fault_format(fault, KEEL_ESTATE,
			"look at it: keel-fleet units DIR SERIAL", "%s is %s already", u.serial,
			is);
	if (j.write.err == KEEL_OK && !ask->json)
		(void)printf("%s is %s: %s\n", u.serial, is, means);
	return j.write.err;
}

enum keel_err keel_fleet_do_revoke(const struct keel_fleet_ask *ask, struct keel_fault *fault)
{
	return change(ask, ask->why, "revoked", "it gets no session, and what it sends is refused",
		fault);
}

enum keel_err keel_fleet_do_reinstate(const struct keel_fleet_ask *ask, struct keel_fault *fault)
{
	return change(ask, NULL, "one of the fleet", "it may open a session again", fault);
}

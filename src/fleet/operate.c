/* keel-fleet operator add, list, remove. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cli/show.h"
#include "cli/table.h"
#include "fleet/command.h"
#include "fleet/console/console.h"
#include "fleet/operators.h"

/* --- list --- */

struct listing {
	struct keel_table table;
	bool json;
};

static void print_time(FILE *out, int64_t at_s)
{
	struct tm tm;
	time_t t = (time_t)at_s;
	char text[24];
	if (at_s > 0 && gmtime_r(&t, &tm) != NULL && strftime(text, sizeof(text), "%F %T", &tm) > 0)
		(void)fputs(text, out);
}

static void show(void *self, const struct keel_fleet_operator *op)
{
	struct listing *l = self;
	if (l->json) {
		(void)printf("{\"name\":");
		keel_show_json_text(stdout, keel_text(op->name));
		(void)printf(",\"added\":%" PRId64 ",\"seen\":%" PRId64 ",\"removed\":%" PRId64
			     "}\n",
			op->added_s, op->seen_s, op->removed_s);
		return;
	}
	(void)fputs(op->name, keel_table_cell(&l->table));
	print_time(keel_table_cell(&l->table), op->added_s);
	print_time(keel_table_cell(&l->table), op->seen_s);
	print_time(keel_table_cell(&l->table), op->removed_s);
}

enum keel_err keel_fleet_do_operators(const struct keel_fleet_ask *ask, struct keel_fault *fault)
{
	static const char *const headings[] = { "name", "added (UTC)", "signed in (UTC)",
		"removed (UTC)", NULL };
	struct listing l = { .json = ask->json };
	keel_auto(keel_fleet_close) struct keel_fleet_store *s = NULL;
	enum keel_err e = keel_fleet_open(ask, &s, fault);
	if (e != KEEL_OK)
		return e;
	if (!l.json)
		keel_table_open(&l.table, headings);
	e = keel_fleet_operators(s, show, &l);
	if (!l.json)
		keel_table_print(
			&l.table, stdout, "no operator yet: keel-fleet operator add DIR NAME");
	return e;
}

/* --- add --- */

static void say_link(const struct keel_fleet_ask *ask, const char *link)
{
	if (ask->json) {
		(void)printf("{\"link\":\"%s\"}\n", link);
		return;
	}
	(void)printf("%s comes in by this link, once, within a day:\n\n  %s\n\n"
		     "Give it to nobody else: whoever opens it first is the operator %s.\n",
		ask->words[0], link, ask->words[0]);
}

enum keel_err keel_fleet_do_operator_add(const struct keel_fleet_ask *ask, struct keel_fault *fault)
{
	char link[KEEL_CONSOLE_LINK_MAX];
	struct keel_fleet_config config;
	struct keel_fleet_invite j = {
		.who = ask->who, .now_s = ask->now_s, .name = ask->words[0]
	};
	keel_auto(keel_fleet_close) struct keel_fleet_store *s = NULL;
	if (!keel_fleet_operator_name_fits(keel_text(ask->words[0])))
		return keel_fault_fill(fault, KEEL_ERANGE,
			"an operator's name has 1 to 40 bytes, no control characters, and is none "
			"of "
			"the audit log's own: service, reporter, cli:...",
			"give another one");
	enum keel_err e = keel_fleet_config_load(ask->dir, &config, fault);
	if (e == KEEL_OK)
		e = keel_fleet_open(ask, &s, fault);
	if (e != KEEL_OK)
		return e;
	keel_console_link(config.origin, &j.secret, link);
	keel_fleet_invite(s, &j);
	if (j.write.err == KEEL_ESTATE)
		return keel_fault_format(fault, KEEL_ESTATE,
			"where a passkey was lost: add an operator of another name, and remove "
			"this "
			"one",
			"%.80s is an operator already", ask->words[0]);
	if (j.write.err == KEEL_OK)
		say_link(ask, link);
	return j.write.err;
}

/* --- remove --- */

enum keel_err keel_fleet_do_operator_remove(
	const struct keel_fleet_ask *ask, struct keel_fault *fault)
{
	struct keel_fleet_operator_remove j = {
		.who = ask->who, .now_s = ask->now_s, .name = ask->words[0]
	};
	keel_auto(keel_fleet_close) struct keel_fleet_store *s = NULL;
	enum keel_err e = keel_fleet_open(ask, &s, fault);
	if (e != KEEL_OK)
		return e;
	keel_fleet_operator_remove(s, &j);
	if (j.write.err == KEEL_ENONE)
		return keel_fault_format(fault, KEEL_ENONE, "list them: keel-fleet operators DIR",
			"there is no operator %.80s", ask->words[0]);
	if (j.write.err == KEEL_ESTATE)
		return keel_fault_format(fault, KEEL_ESTATE,
			"add another one first: keel-fleet operator add DIR NAME",
			"%.80s is the last operator", ask->words[0]);
	if (j.write.err == KEEL_OK && !ask->json)
		(void)printf("%s is no operator any more, and signed out\n", ask->words[0]);
	return j.write.err;
}

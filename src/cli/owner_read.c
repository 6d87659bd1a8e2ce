/* What an owner can look at; nothing here changes anything. docs/protocol.md, Requests. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/declared.h"
#include "cli/fault.h"
#include "cli/interrogate.h"
#include "cli/owner.h"
#include "cli/owner_show.h"
#include "cli/show.h"
#include "cli/vouched.h"

enum { EVENTS_BYTES = 4 * KEEL_BODY_MAX };

/* Asks, and shows the answer as its schema has it. */
static enum keel_err ask_and_show(struct keel_owner_run *run, enum keel_op_number op,
	const void *args, void *result, struct keel_fault *fault)
{
	enum keel_err e = keel_talk_ask(&run->talk, op, args, result, fault);
	if (e == KEEL_OK)
		keel_show(stdout, keel_op_of(op)->result, result, run->json);
	return e;
}

/* The units of what a hub tells stand in its declaration, which a person wants and a script has. */
static enum keel_err ask_declared(
	struct keel_owner_run *run, struct keel_declared *out, struct keel_fault *fault)
{
	return run->json ? KEEL_OK : keel_declared_ask(&run->talk, out, fault);
}

static enum keel_err state(
	struct keel_owner_run *run, int argc, char **argv, struct keel_fault *fault)
{
	(void)argc, (void)argv;
	static struct keel_declared d;
	struct keel_state_result r;
	enum keel_err e = ask_declared(run, &d, fault);
	if (e != KEEL_OK)
		return e;
	if (run->json)
		return ask_and_show(run, KEEL_OP_STATE, NULL, &r, fault);
	e = keel_talk_ask(&run->talk, KEEL_OP_STATE, NULL, &r, fault);
	if (e == KEEL_OK)
		keel_state_show(stdout, &r, &d.product);
	return e;
}

static enum keel_err watch(
	struct keel_owner_run *run, int argc, char **argv, struct keel_fault *fault)
{
	static struct keel_declared d;
	struct keel_state_result r;
	int64_t seconds = INT64_MAX;
	if (argc > 1 && !keel_owner_number(argv[1], INT64_MAX, &seconds))
		return keel_owner_misread(
			run, fault, "this is not a number of seconds", "watch, or watch 60");
	enum keel_err e = ask_declared(run, &d, fault);
	for (int64_t i = 0; e == KEEL_OK && i < seconds; i++) {
		e = keel_talk_ask(&run->talk, KEEL_OP_STATE, NULL, &r, fault);
		if (e != KEEL_OK)
			return e;
		if (run->json)
			keel_show(stdout, &keel_state_result_schema, &r, true);
		else
			keel_state_show_line(stdout, &r, &d.product);
		if (fflush(stdout) != 0)
			return KEEL_EIO; /* nobody reads it any more */
		(void)sleep(1);
	}
	return e;
}

static enum keel_err history(
	struct keel_owner_run *run, int argc, char **argv, struct keel_fault *fault)
{
	static struct keel_declared d;
	struct keel_history_result r;
	struct keel_history_args args = { .datum = keel_text(argv[1]), .to = INT64_MAX };
	if ((argc > 2 && !keel_owner_number(argv[2], INT64_MAX, &args.from)) ||
		(argc > 3 && !keel_owner_number(argv[3], INT64_MAX, &args.to)))
		return keel_owner_misread(run, fault, "this is not a time",
			"history DATUM FROM TO, both in Unix seconds: date +%s");
	enum keel_err e =
		keel_owner_check_name(run, argv[1], KEEL_NAME_MAX, "a datum's name", fault);
	if (e == KEEL_OK && run->json)
		return ask_and_show(run, KEEL_OP_HISTORY, &args, &r, fault);
	if (e == KEEL_OK)
		e = ask_declared(run, &d, fault);
	if (e == KEEL_OK)
		e = keel_talk_ask(&run->talk, KEEL_OP_HISTORY, &args, &r, fault);
	if (e == KEEL_OK)
		keel_history_show(stdout, args.datum, &r, &d.product);
	return e;
}

static enum keel_err kept(
	struct keel_owner_run *run, int argc, char **argv, struct keel_fault *fault)
{
	(void)argc, (void)argv;
	struct keel_kept_result r;
	return ask_and_show(run, KEEL_OP_KEPT, NULL, &r, fault);
}

/* Page by page; as JSON one object a page and line. */
static enum keel_err export_pages(struct keel_owner_run *run, struct keel_table *table,
	const struct keel_product *product, struct keel_fault *fault)
{
	struct keel_export_result r = { 0 };
	struct keel_export_args args = { 0 };
	do {
		enum keel_err e = keel_talk_ask(&run->talk, KEEL_OP_EXPORT, &args, &r, fault);
		if (e != KEEL_OK)
			return e;
		if (run->json)
			keel_show(stdout, &keel_export_result_schema, &r, true);
		else
			keel_export_page(table, &r, product);
		if (r.next != 0 && r.next <= args.cursor)
			return keel_fault_fill(fault, KEEL_EFORM,
				"the hub's pages go round in a circle", "ask again");
		args.cursor = r.next;
	} while (r.next != 0);
	return KEEL_OK;
}

static enum keel_err export_all(
	struct keel_owner_run *run, int argc, char **argv, struct keel_fault *fault)
{
	(void)argc, (void)argv;
	static struct keel_declared d;
	struct keel_table table;
	enum keel_err e = ask_declared(run, &d, fault);
	if (e != KEEL_OK)
		return e;
	if (run->json)
		return export_pages(run, NULL, NULL, fault);
	keel_export_open(&table);
	e = export_pages(run, &table, &d.product, fault);
	/* What came before a fault is the person's all the same. */
	keel_table_print(&table, stdout, e == KEEL_OK ? "nothing is kept" : NULL);
	return e;
}

static enum keel_err people(
	struct keel_owner_run *run, int argc, char **argv, struct keel_fault *fault)
{
	(void)argc, (void)argv;
	struct keel_people_result r;
	struct keel_owners_list owners;
	enum keel_err e = keel_talk_ask(&run->talk, KEEL_OP_PEOPLE, NULL, &r, fault);
	if (e == KEEL_OK)
		e = keel_member_verify(&run->talk.member, KEEL_FOR_OWNERS, &keel_owners_list_schema,
			r.owners, &owners);
	if (e != KEEL_OK) {
		if (fault->what[0] == '\0')
			(void)snprintf(fault->what, sizeof(fault->what),
				"the list of owners is not signed by your hub");
		return e;
	}
	if (run->json)
		keel_show(stdout, &keel_people_result_schema, &r, true);
	else
		keel_people_show(stdout, &r, &owners, KEEL_VIEW(run->talk.member.thumbprint));
	return KEEL_OK;
}

/* One page's events behind those of the pages before; last: the number of the last. */
static enum keel_err take_events(const struct keel_events_result *page, struct keel_list_maker *all,
	uint64_t *last, struct keel_fault *fault)
{
	struct keel_list rest = page->events;
	struct keel_event_item item;
	while (keel_list_next(&keel_event_item_row, &rest, &item)) {
		if (item.number <= *last)
			return keel_fault_fill(fault, KEEL_EFORM,
				"the hub's pages go round in a circle", "ask again");
		if (!keel_list_put(all, &keel_event_item_schema, &item))
			return keel_fault_fill(fault, KEEL_EFULL,
				"the hub tells more events than one keeps",
				"ask for the later ones: keel owner events NUMBER");
		*last = item.number;
	}
	return KEEL_OK;
}

/* All pages as one answer: a hub keeps 128 events, of which a page has a part. */
static enum keel_err events(
	struct keel_owner_run *run, int argc, char **argv, struct keel_fault *fault)
{
	static uint8_t buf[EVENTS_BYTES];
	struct keel_list_maker all = keel_list_maker_of(buf, sizeof(buf));
	struct keel_events_result r;
	int64_t after = 0;
	if (argc > 1 && !keel_owner_number(argv[1], INT64_MAX, &after))
		return keel_owner_misread(
			run, fault, "this is not an event's number", "events, or events 12");
	struct keel_events_args args = { .after = (uint64_t)after };
	do {
		enum keel_err e = keel_talk_ask(&run->talk, KEEL_OP_EVENTS, &args, &r, fault);
		if (e == KEEL_OK)
			e = take_events(&r, &all, &args.after, fault);
		if (e != KEEL_OK)
			return e;
	} while (r.events.count > 0);
	r.events = keel_list_made(&all);
	keel_show(stdout, &keel_events_result_schema, &r, run->json);
	return KEEL_OK;
}

static enum keel_err statement(
	struct keel_owner_run *run, int argc, char **argv, struct keel_fault *fault)
{
	static const char aud[] = "keel owner";
	uint8_t nonce[32];
	struct keel_statement_result r;
	struct keel_p256_pub device;
	struct keel_maker_of maker;
	if (argc > 1 && keel_maker_read(argv[1], &maker, fault) != KEEL_OK) {
		run->misread = true;
		return fault->err;
	}
	keel_random(nonce, sizeof(nonce));
	struct keel_statement_args args = { .nonce = KEEL_VIEW(nonce), .aud = keel_text(aud) };
	enum keel_err e = keel_talk_ask(&run->talk, KEEL_OP_STATEMENT, &args, &r, fault);
	if (e == KEEL_OK && argc > 1)
		e = keel_vouched(&r, &args, &maker, &device, fault);
	if (e != KEEL_OK)
		return e;
	/* By the key that the claim was made with, whoever vouches for it. */
	return keel_statement_show(
		&run->talk.member.device_sign, r.statement, args.nonce, args.aud, run->json, fault);
}

static enum keel_err product(
	struct keel_owner_run *run, int argc, char **argv, struct keel_fault *fault)
{
	(void)argc, (void)argv;
	struct keel_product_result r;
	if (!run->json && isatty(STDOUT_FILENO) == 1)
		return keel_owner_misread(run, fault,
			"a compiled declaration is not for a terminal",
			"write it to a file: keel owner product > product.cbor; or add --json");
	enum keel_err e = keel_talk_ask(&run->talk, KEEL_OP_PRODUCT, NULL, &r, fault);
	if (e == KEEL_OK && run->json)
		keel_show(stdout, &keel_product_result_schema, &r, true);
	else if (e == KEEL_OK)
		(void)fwrite(r.product.p, 1, r.product.n, stdout);
	return e;
}

const struct keel_owner_command keel_owner_reading[] = {
	{ "state", "", "values now, and what was last asked for", KEEL_NEEDS_HOME, 0, 0, state },
	{ "watch", "[SECONDS]", "the same every second", KEEL_NEEDS_HOME, 0, 1, watch },
	{ "history", "DATUM [FROM [TO]]", "a kept value over time (Unix seconds)", KEEL_NEEDS_HOME,
		1, 3, history },
	{ "kept", "", "what is kept about you and your home", KEEL_NEEDS_HOME, 0, 0, kept },
	{ "export", "", "all of it", KEEL_NEEDS_HOME, 0, 0, export_all },
	{ "people", "", "who may enter", KEEL_NEEDS_HOME, 0, 0, people },
	{ "events", "[AFTER]", "what the hub noticed, after a number", KEEL_NEEDS_HOME, 0, 1,
		events },
	{ "statement", "[PRODUCT.CBOR]",
		"what it is, whether set up securely; and vouched for by that maker",
		KEEL_NEEDS_HOME, 0, 1, statement },
	{ "product", "", "its compiled declaration (CBOR; --json: in hexadecimal)", KEEL_NEEDS_HOME,
		0, 0, product },
};
const size_t keel_owner_reading_count = KEEL_COUNT(keel_owner_reading);

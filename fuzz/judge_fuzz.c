/*
 * What devices and a maker's file bring to the judge. A policy that is read has an action for each
 * reason. A body from anybody opens no session. What a real unit says about itself, in a body that is
 * right in all else, is judged: a program that the maker did not list, an interface that is not
 * declared, an older version are seen, and the gravest reason decides. Of a report's item what is kept
 * is declared, in range, and not of a time to come.
 *
 * The first byte: a policy, a body, a report's payload, or which list of the statement the rest is.
 */
#include <string.h>

#include "fleet/judge/report.h"
#include "fleet/judge/unit.h"
#include "fleet/judge/version.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

enum { POLICY, BODY, MEASURED, OPEN, MISSING, VERSION, TELEMETRY, EVENT, WAYS };
#define HEAD 5 /* of what a unit says: state, debug, files listed, files wrong, how many items */

static struct unit u;

static void policy(struct keel_bytes in)
{
	struct keel_policy p;
	struct keel_yaml_fault fault = { 0 };
	enum keel_err e = keel_policy_read(in, &p, &fault);
	KEEL_MUST(e == KEEL_OK || (fault.what[0] != '\0' && fault.next[0] != '\0'));
	for (size_t i = 0; e == KEEL_OK && i < KEEL_WHY_COUNT; i++)
		KEEL_MUST(p.on[i] < KEEL_ACTION_COUNT);
}

static void body(struct keel_bytes in)
{
	struct keel_judge_asked asked;
	struct keel_judge_opened o;
	if (keel_judge_ask(&u.here, in, &asked) == KEEL_JUDGE_YES)
		KEEL_MUST(
			keel_judge_open(&u.here, &asked, &u.product, &u.row, &o) != KEEL_JUDGE_YES);
}

static bool has(const struct keel_judgement *j, enum keel_why why)
{
	for (size_t i = 0; i < j->reasons; i++)
		if (j->reason[i].why == why)
			return true;
	return false;
}

static bool all_listed(struct keel_list rest)
{
	struct keel_measured_item m;
	while (keel_list_next(&keel_measured_item_row, &rest, &m))
		if (!keel_judge_product_has(&u.product, m.digest) &&
			!keel_bytes_equal(m.digest, KEEL_VIEW(u.product.digest.b)))
			return false;
	return true;
}

static bool all_declared(struct keel_list rest)
{
	struct keel_bytes t;
	while (keel_list_next(&keel_statement_text_row, &rest, &t))
		if (!keel_bytes_is(t, "door") && !keel_bytes_is(t, "button") &&
			!keel_bytes_is(t, "service"))
			return false;
	return true;
}

/* In words that are not the judge's own. */
static void look(const struct keel_judgement *j)
{
	const struct keel_statement *s = &u.statement;
	uint64_t gravest = KEEL_ACCEPT;
	char said[200];
	for (size_t i = 0; i < j->reasons; i++)
		gravest = j->reason[i].action > gravest ? j->reason[i].action : gravest;
	KEEL_MUST(j->action == (enum keel_action)gravest);
	KEEL_MUST(all_listed(s->measured) || has(j, KEEL_WHY_MEASUREMENT));
	KEEL_MUST(s->measured.count >= 2 || has(j, KEEL_WHY_MEASUREMENT));
	KEEL_MUST(all_declared(s->open) || has(j, KEEL_WHY_INTERFACE));
	KEEL_MUST(has(j, KEEL_WHY_WALLS) == (s->missing.count > 0));
	KEEL_MUST(has(j, KEEL_WHY_FILES) == (!s->files.listed || s->files.wrong > 0));
	KEEL_MUST(has(j, KEEL_WHY_DEBUG) == (s->debug == KEEL_DEBUG_ENABLED));
	KEEL_MUST(!has(j, KEEL_WHY_ROLLBACK) ||
		  keel_version_compare(u.row.version, s->version.text) > 0);
	keel_judgement_say(j, said, sizeof(said));
	KEEL_MUST((said[0] == '\0') == (j->action == KEEL_ACCEPT));
}

static bool can_be_written(void)
{
	static uint8_t buf[8192];
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	struct keel_bytes out;
	keel_schema_write(&keel_statement_schema, &u.statement, &w);
	return keel_wr_end(&w, &out) == KEEL_OK && out.n < 4000;
}

static void said_by_a_unit(unsigned which, struct keel_bytes in)
{
	struct keel_judge_opened o;
	const struct keel_statement before = u.statement;
	const struct keel_list list = { { in.p + HEAD, in.n - HEAD }, in.p[4] };
	u.statement.state = in.p[0] % KEEL_STATE_COUNT;
	u.statement.debug = in.p[1] & 1;
	u.statement.files.listed = in.p[2] & 1;
	u.statement.files.wrong = in.p[3];
	if (which == MEASURED)
		u.statement.measured = list;
	else if (which == OPEN)
		u.statement.open = list;
	else if (which == MISSING)
		u.statement.missing = list;
	u.row.version = which == VERSION ? list.cbor : (struct keel_bytes){ 0 };
	if (can_be_written()) {
		KEEL_MUST(unit_open(&u, &o) == KEEL_JUDGE_YES);
		look(&o.judgement);
	}
	u.statement = before;
}

static bool may_be_kept(const struct keel_senml_record *r)
{
	for (size_t i = 0; i < u.product.telemetry_count; i++) {
		const struct keel_telemetry *t = &u.product.telemetry[i];
		if (keel_bytes_equal(t->name, r->name))
			return keel_bytes_equal(t->unit, r->unit) && r->value >= t->min &&
			       r->value <= t->max && r->time_ms / 1000 <= UNIT_NOW + 300;
	}
	return false;
}

static void report(enum keel_report_kind kind, struct keel_bytes in)
{
	struct keel_pace pace[KEEL_JUDGE_TELEMETRY_MAX + 1] = { { 0 } };
	const struct keel_report_item item = { .number = 1, .kind = kind, .payload = in };
	struct keel_senml pack;
	struct keel_senml_record r;
	struct keel_report_judged j = keel_judge_report(&u.product, &item, UNIT_NOW, pace);
	KEEL_MUST(strlen(j.detail) <= KEEL_SENML_NAME_MAX && keel_odd_word(j.odd) != NULL);
	if (j.odd != KEEL_ODD_NOT || kind != KEEL_REPORT_TELEMETRY)
		return;
	KEEL_MUST(j.keep_s > 0 && keel_senml_open(in, &pack) == KEEL_OK);
	while (keel_senml_next(&pack, &r))
		KEEL_MUST(may_be_kept(&r));
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	if (n < 1 || n > 4000)
		return 0;
	if (u.compiled_n == 0)
		unit_make(&u);
	struct keel_bytes in = { p + 1, n - 1 };
	unsigned which = p[0] % WAYS;
	if (which == POLICY)
		policy(in);
	else if (which == BODY)
		body(in);
	else if (which == TELEMETRY || which == EVENT)
		report(which == EVENT ? KEEL_REPORT_EVENT : KEEL_REPORT_TELEMETRY, in);
	else if (in.n >= HEAD)
		said_by_a_unit(which, in);
	return 0;
}

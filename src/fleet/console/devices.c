/* Devices: the list, one device's story, what it measures, events, what is odd; out of the fleet and back. */
#include <string.h>

#include "fleet/console/inside.h"
#include "owner/statement.h"
#include "session/report.h"
#include "session/senml.h"

#define REPORTS_MAX 200  /* of a page of telemetry, */
#define POINTS_MAX  2000 /* and what is in them */

/* A page of any list. */
struct page {
	struct keel_json j;
	int64_t now_s;
	struct keel_bytes state;
	size_t count;
	bool more;
	uint64_t before;
	uint64_t counts[8];
	char last[KEEL_FLEET_SERIAL_MAX + 1];
};

/* False: the page is full, and there is more. */
static bool take_place(struct page *p)
{
	p->more = p->count == CONSOLE_PAGE;
	p->count += p->more ? 0 : 1;
	return !p->more;
}

static void reply(struct console_act *a, struct page *p, const struct keel_wr *w, enum keel_err e)
{
	keel_json_close(&p->j, '}');
	if (e == KEEL_OK)
		console_reply(a->call, w, NULL);
	else
		console_refuse_err(a->call, e);
}

static int64_t before_of(const struct console_act *a)
{
	return a->ask.before > 0 ? (int64_t)a->ask.before : KEEL_FLEET_LATEST;
}

/* --- the list --- */

static const char *const states[] = { "here", "away", "odd", "flagged", "quarantined", "revoked",
	"never heard" };

static void show_unit(struct keel_json *j, const struct keel_fleet_listed *row, const char *state)
{
	const struct keel_fleet_home *h = row->home;
	console_hex(j, "id", KEEL_VIEW(row->unit->id));
	keel_json_word(j, "serial", row->unit->serial);
	keel_json_word(j, "model", row->unit->model);
	keel_json_word(j, "state", state);
	keel_json_word(j, "why",
		row->unit->revoked_s != 0 ? row->unit->revoked_why
		: h != NULL               ? h->reasons
					  : "");
	keel_json_uint(j, "refused", row->odd);
	if (h == NULL)
		return;
	keel_json_word(j, "version", h->version);
	keel_json_word(j, "grade", keel_grade_word(h->quoted));
	console_time(j, "heard", h->heard_s);
	console_time(j, "next", h->next_s);
}

static void count_state(struct page *p, const char *state)
{
	for (size_t i = 0; i < KEEL_COUNT(states); i++)
		p->counts[i] += strcmp(states[i], state) == 0;
}

/* Goes on to the end for the counts, which are of all that was searched for. */
static bool list_unit(void *self, const struct keel_fleet_listed *row)
{
	struct page *p = self;
	const char *state = keel_fleet_state_word(row, p->now_s);
	count_state(p, state);
	if ((p->state.n > 0 && !keel_bytes_is(p->state, state)) || !take_place(p))
		return true;
	keel_json_open(&p->j, NULL, '{');
	show_unit(&p->j, row, state);
	keel_json_close(&p->j, '}');
	memcpy(p->last, row->unit->serial, sizeof(p->last));
	return true;
}

/* Texts of a call have no NUL; here they get the one that ends them. */
static void text_of(struct keel_bytes b, char *out)
{
	if (b.n > 0)
		memcpy(out, b.p, b.n);
	out[b.n] = '\0';
}

void console_on_devices(struct console_act *a)
{
	struct keel_wr w;
	char search[KEEL_FLEET_SERIAL_MAX + 1];
	char after[KEEL_FLEET_SERIAL_MAX + 1];
	struct page p = { .j = console_json(a->c, &w), .now_s = a->now_s, .state = a->ask.state };
	text_of(a->ask.search, search);
	text_of(a->ask.after, after);
	keel_json_open(&p.j, NULL, '{');
	console_time(&p.j, "now", a->now_s);
	keel_json_open(&p.j, "devices", '[');
	enum keel_err e = keel_fleet_units_after(a->c->store, search, after, list_unit, &p);
	keel_json_close(&p.j, ']');
	if (p.more)
		keel_json_word(&p.j, "after", p.last);
	if (after[0] == '\0') {
		keel_json_open(&p.j, "counts", '{');
		for (size_t i = 0; i < KEEL_COUNT(states); i++)
			keel_json_uint(&p.j, states[i], p.counts[i]);
		keel_json_close(&p.j, '}');
	}
	reply(a, &p, &w, e);
}

/* --- one device --- */

static bool show_decision(void *self, const struct keel_fleet_decision_row *row)
{
	struct page *p = self;
	if (!take_place(p))
		return false;
	keel_json_open(&p->j, NULL, '{');
	console_time(&p->j, "time", row->time_s);
	keel_json_word(&p->j, "decision", keel_fleet_decision_word(row->decision));
	keel_json_word(&p->j, "reasons", row->reasons);
	keel_json_word(&p->j, "grade", keel_grade_word(row->quoted));
	console_hex(&p->j, "token", row->token);
	keel_json_close(&p->j, '}');
	return true;
}

static bool show_odd(void *self, const struct keel_fleet_odd_row *row)
{
	struct page *p = self;
	if (!take_place(p))
		return false;
	keel_json_open(&p->j, NULL, '{');
	console_hex(&p->j, "id", KEEL_VIEW(row->id));
	keel_json_word(&p->j, "serial", row->serial);
	keel_json_word(&p->j, "what", row->word);
	keel_json_uint(&p->j, "count", row->count);
	console_time(&p->j, "first", row->first_s);
	console_time(&p->j, "last", row->last_s);
	keel_json_close(&p->j, '}');
	return true;
}

static bool add_count(void *self, const struct keel_fleet_odd_row *row)
{
	uint64_t *sum = self;
	*sum += row->count;
	return true;
}

static uint64_t odd_count(struct keel_console *c, const uint8_t id[KEEL_DEVICE_ID_LEN])
{
	uint64_t sum = 0;
	return keel_fleet_odd_of(c->store, id, add_count, &sum) == KEEL_OK ? sum : 0;
}

static void show_home(struct keel_json *j, const struct keel_fleet_home *h)
{
	keel_json_uint(j, "reports", h->taken);
	keel_json_uint(j, "dropped", h->dropped);
	keel_json_bool(j, "owned", h->home_n > 0);
	console_hex(j, "product", KEEL_VIEW(h->product.b));
}

/* The unit, and its home where it has one. KEEL_ENONE: no such unit. */
static enum keel_err find_device(struct console_act *a, const uint8_t id[KEEL_DEVICE_ID_LEN],
	struct keel_fleet_unit *unit, struct keel_fleet_home *home, bool *has_home)
{
	enum keel_err e = keel_fleet_unit_find(a->c->store, id, unit);
	if (e != KEEL_OK)
		return e;
	e = keel_fleet_home_find(a->c->store, id, home);
	*has_home = e == KEEL_OK;
	return e == KEEL_ENONE ? KEEL_OK : e;
}

void console_on_device(struct console_act *a)
{
	struct keel_wr w;
	struct keel_fleet_unit unit;
	struct keel_fleet_home home;
	uint8_t id[KEEL_DEVICE_ID_LEN];
	bool has_home = false;
	if (!console_device(a, id))
		return;
	enum keel_err e = find_device(a, id, &unit, &home, &has_home);
	if (e != KEEL_OK) {
		console_refuse_err(a->call, e);
		return;
	}
	const struct keel_fleet_listed row = {
		.unit = &unit, .home = has_home ? &home : NULL, .odd = odd_count(a->c, id)
	};
	struct page p = { .j = console_json(a->c, &w) };
	keel_json_open(&p.j, NULL, '{');
	console_time(&p.j, "now", a->now_s);
	show_unit(&p.j, &row, keel_fleet_state_word(&row, a->now_s));
	console_time(&p.j, "added", unit.added_s);
	console_time(&p.j, "revoked", unit.revoked_s);
	if (has_home)
		show_home(&p.j, &home);
	keel_json_open(&p.j, "decisions", '[');
	e = keel_fleet_decisions_of(a->c->store, id, show_decision, &p);
	keel_json_close(&p.j, ']');
	p.count = 0;
	keel_json_open(&p.j, "odd", '[');
	if (e == KEEL_OK)
		e = keel_fleet_odd_of(a->c->store, id, show_odd, &p);
	keel_json_close(&p.j, ']');
	reply(a, &p, &w, e);
}

/* --- telemetry: [[time, name, value, unit]…], the latest report first --- */

static void show_point(
	struct page *p, const struct keel_senml_record *r, const struct keel_fleet_report_row *row)
{
	int64_t at_s = r->time_ms > 0 ? r->time_ms / 1000 : row->time_s;
	keel_json_open(&p->j, NULL, '[');
	console_time(&p->j, NULL, at_s > 0 ? at_s : row->came_s);
	keel_json_text(&p->j, NULL, r->name);
	keel_json_amount(&p->j, NULL, r->value);
	keel_json_text(&p->j, NULL, r->unit);
	keel_json_close(&p->j, ']');
	p->count++;
}

static bool show_pack(void *self, const struct keel_fleet_report_row *row)
{
	struct page *p = self;
	struct keel_senml s;
	struct keel_senml_record r;
	p->more = p->count >= POINTS_MAX || p->counts[0] == REPORTS_MAX;
	if (p->more)
		return false;
	p->counts[0]++;
	p->before = row->number;
	if (keel_senml_open(row->payload, &s) != KEEL_OK)
		return true; /* was judged when it came; the next version may know more */
	while (keel_senml_next(&s, &r))
		show_point(p, &r, row);
	return true;
}

/* A page of a device's reports of one kind. */
static void reply_reports(struct console_act *a, const char *list, enum keel_report_kind kind,
	bool (*show)(void *self, const struct keel_fleet_report_row *row))
{
	struct keel_wr w;
	uint8_t id[KEEL_DEVICE_ID_LEN];
	if (!console_device(a, id))
		return;
	struct page p = { .j = console_json(a->c, &w) };
	keel_json_open(&p.j, NULL, '{');
	keel_json_open(&p.j, list, '[');
	enum keel_err e = keel_fleet_reports_before(a->c->store, id, kind, before_of(a), show, &p);
	keel_json_close(&p.j, ']');
	console_before(&p.j, p.more ? p.before : UINT64_MAX);
	reply(a, &p, &w, e);
}

void console_on_telemetry(struct console_act *a)
{
	reply_reports(a, "points", KEEL_REPORT_TELEMETRY, show_pack);
}

/* --- events --- */

static void show_event(struct keel_json *j, const struct keel_fleet_report_row *row)
{
	struct keel_report_event ev;
	if (keel_schema_read(&keel_report_event_schema, row->payload, &ev, NULL) != KEEL_OK)
		ev = (struct keel_report_event){ .word = keel_text("unreadable") };
	console_time(j, "time", row->time_s);
	console_time(j, "came", row->came_s);
	keel_json_text(j, "word", ev.word);
	keel_json_text(j, "detail", ev.detail);
}

static bool show_own_event(void *self, const struct keel_fleet_report_row *row)
{
	struct page *p = self;
	if (!take_place(p))
		return false;
	keel_json_open(&p->j, NULL, '{');
	show_event(&p->j, row);
	keel_json_close(&p->j, '}');
	p->before = row->number;
	return true;
}

void console_on_device_events(struct console_act *a)
{
	reply_reports(a, "events", KEEL_REPORT_EVENT, show_own_event);
}

static bool show_any_event(void *self, const struct keel_fleet_event_row *row)
{
	struct page *p = self;
	if (!take_place(p))
		return false;
	keel_json_open(&p->j, NULL, '{');
	console_hex(&p->j, "id", KEEL_VIEW(row->id));
	keel_json_word(&p->j, "serial", row->serial);
	show_event(&p->j, &row->report);
	keel_json_close(&p->j, '}');
	p->before = (uint64_t)row->place;
	return true;
}

void console_on_events(struct console_act *a)
{
	struct keel_wr w;
	struct page p = { .j = console_json(a->c, &w) };
	keel_json_open(&p.j, NULL, '{');
	keel_json_open(&p.j, "events", '[');
	enum keel_err e = keel_fleet_events(a->c->store, before_of(a), show_any_event, &p);
	keel_json_close(&p.j, ']');
	console_before(&p.j, p.more ? p.before : UINT64_MAX);
	reply(a, &p, &w, e);
}

/* --- what is odd: the latest of units and strangers --- */

static void show_any_odd(void *self, const struct keel_fleet_odd_row *row)
{
	(void)show_odd(self, row);
}

void console_on_odd(struct console_act *a)
{
	struct keel_wr w;
	struct page p = { .j = console_json(a->c, &w) };
	keel_json_open(&p.j, NULL, '{');
	keel_json_open(&p.j, "odd", '[');
	enum keel_err e = keel_fleet_odd(a->c->store, show_any_odd, &p);
	keel_json_close(&p.j, ']');
	keel_json_bool(&p.j, "more", p.more);
	reply(a, &p, &w, e);
}

/* --- out of the fleet, and back --- */

static void change(struct console_act *a, bool revoke)
{
	uint8_t id[KEEL_DEVICE_ID_LEN];
	if (!console_device(a, id))
		return;
	if (revoke && a->ask.why.n == 0) {
		console_refuse(a->call, 400, "form", "Say why, for the next operator.");
		return;
	}
	struct console_job *j = console_job_new(a, console_done);
	memcpy(j->job.revoke.id, id, sizeof(id));
	text_of(a->ask.why, j->why);
	j->job.revoke.who = j->op.name;
	j->job.revoke.now_s = a->now_s;
	j->job.revoke.why = revoke ? j->why : NULL;
	keel_fleet_revoke(a->c->store, &j->job.revoke);
}

void console_on_revoke(struct console_act *a)
{
	change(a, true);
}

void console_on_reinstate(struct console_act *a)
{
	change(a, false);
}

/* Operators, the audit log, and the policy. */
#include <string.h>

#include "fleet/console/inside.h"

/* --- operators --- */

static void show_operator(void *self, const struct keel_fleet_operator *op)
{
	struct keel_json *j = self;
	keel_json_open(j, NULL, '{');
	keel_json_word(j, "name", op->name);
	console_time(j, "added", op->added_s);
	console_time(j, "seen", op->seen_s);
	if (op->removed_s != 0)
		console_time(j, "removed", op->removed_s);
	keel_json_close(j, '}');
}

void console_on_operators(struct console_act *a)
{
	struct keel_wr w;
	struct keel_json j = console_json(a->c, &w);
	keel_json_open(&j, NULL, '{');
	keel_json_word(&j, "me", a->op.name);
	keel_json_open(&j, "operators", '[');
	enum keel_err e = keel_fleet_operators(a->c->store, show_operator, &j);
	keel_json_close(&j, ']');
	keel_json_close(&j, '}');
	if (e == KEEL_OK)
		console_reply(a->call, &w, NULL);
	else
		console_refuse_err(a->call, e);
}

static void invited(struct console_job *job)
{
	struct keel_wr w;
	struct keel_json j = console_json(job->c, &w);
	keel_json_open(&j, NULL, '{');
	keel_json_word(&j, "link", job->link);
	keel_json_close(&j, '}');
	console_reply(job->call, &w, NULL);
}

static void not_invited(struct console_job *j, enum keel_err e)
{
	if (e == KEEL_ESTATE)
		console_refuse(j->call, 409, "state", "There is an operator of this name already.");
	else
		console_refuse_err(j->call, e);
}

void console_refuse_name(struct keel_http_call *call)
{
	console_refuse(call, 400, "range",
		"A name has 1 to 40 bytes, and is none that the audit log uses itself: service, "
		"reporter, or one that begins with cli:");
}

bool console_take_name(const struct console_act *a, char name[KEEL_FLEET_OPERATOR_MAX + 1])
{
	bool fits = keel_fleet_operator_name_fits(a->ask.name);
	if (fits) {
		memcpy(name, a->ask.name.p, a->ask.name.n);
		name[a->ask.name.n] = '\0';
	} else {
		console_refuse_name(a->call);
	}
	return fits;
}

void console_on_invite(struct console_act *a)
{
	char name[KEEL_FLEET_OPERATOR_MAX + 1];
	if (!console_take_name(a, name))
		return;
	struct console_job *j = console_job_new(a, invited);
	j->failed = not_invited;
	memcpy(j->name, name, sizeof(name));
	j->job.invite.who = j->op.name;
	j->job.invite.now_s = a->now_s;
	j->job.invite.name = j->name;
	keel_console_link(a->c->config.origin, &j->job.invite.secret, j->link);
	keel_fleet_invite(a->c->store, &j->job.invite);
}

static void not_removed(struct console_job *j, enum keel_err e)
{
	if (e == KEEL_ESTATE)
		console_refuse(j->call, 409, "state",
			"The last operator stays, so that nobody is locked out. Invite another "
			"first.");
	else
		console_refuse_err(j->call, e);
}

void console_on_remove(struct console_act *a)
{
	char name[KEEL_FLEET_OPERATOR_MAX + 1];
	if (!console_take_name(a, name))
		return;
	struct console_job *j = console_job_new(a, console_done);
	j->failed = not_removed;
	memcpy(j->name, name, sizeof(name));
	j->job.remove.who = j->op.name;
	j->job.remove.now_s = a->now_s;
	j->job.remove.name = j->name;
	keel_fleet_operator_remove(a->c->store, &j->job.remove);
}

/* --- the audit log --- */

struct page {
	struct keel_json j;
	size_t count;
	uint64_t before;
};

static bool show_audit(void *self, const struct keel_fleet_audit_row *row)
{
	struct page *p = self;
	if (p->count++ == CONSOLE_PAGE)
		return false;
	keel_json_open(&p->j, NULL, '{');
	keel_json_uint(&p->j, "number", row->number);
	console_time(&p->j, "time", row->time_s);
	keel_json_word(&p->j, "who", row->who);
	keel_json_word(&p->j, "action", row->action);
	keel_json_word(&p->j, "detail", row->detail);
	keel_json_close(&p->j, '}');
	p->before = row->number;
	return true;
}

void console_on_audit(struct console_act *a)
{
	struct keel_wr w;
	struct page p = { .j = console_json(a->c, &w) };
	int64_t before = a->ask.before > 0 ? (int64_t)a->ask.before : KEEL_FLEET_LATEST;
	keel_json_open(&p.j, NULL, '{');
	keel_json_open(&p.j, "rows", '[');
	enum keel_err e = keel_fleet_audit_before(a->c->store, before, show_audit, &p);
	keel_json_close(&p.j, ']');
	console_before(&p.j, p.count > CONSOLE_PAGE ? p.before : UINT64_MAX);
	keel_json_close(&p.j, '}');
	if (e == KEEL_OK)
		console_reply(a->call, &w, NULL);
	else
		console_refuse_err(a->call, e);
}

/* --- the policy --- */

void console_on_policy(struct console_act *a)
{
	struct keel_wr w;
	struct keel_json j = console_json(a->c, &w);
	keel_json_open(&j, NULL, '{');
	keel_json_open(&j, "rules", '[');
	for (const struct keel_console_rule *r = a->c->config.policy; r->reason != NULL; r++) {
		keel_json_open(&j, NULL, '{');
		keel_json_word(&j, "reason", r->reason);
		keel_json_word(&j, "action", r->action);
		keel_json_close(&j, '}');
	}
	keel_json_close(&j, ']');
	keel_json_close(&j, '}');
	console_reply(a->call, &w, NULL);
}

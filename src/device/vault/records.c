/*
 * The engine's records and how memory is read back from them:
 *	home  owner/<OT>  welcome/<OT>  invite/<id>  pending/<number>  accepted/<message>  event/<number>
 *	boots; reports  report/<number> (reports.c); noted (notices.c)
 */
#include "device/vault/records.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/hex.h"
#include "device/vault/engine.h"

#define LIST_ROOM 1600

static void name_of(char out[RECORD_NAME_SIZE], const char *prefix, const uint8_t *id, size_t n)
{
	size_t at = strlen(prefix);
	memcpy(out, prefix, at + 1);
	keel_hex_write((struct keel_bytes){ id, n }, out + at);
}

static void text_copy(char *out, struct keel_bytes in)
{
	if (in.n > 0)
		memcpy(out, in.p, in.n);
	out[in.n] = '\0';
}

enum keel_err vault_put(struct keel_vault *v, const char *name, const struct keel_schema *schema,
	const void *record)
{
	uint8_t buf[KEEL_RECORD_MAX];
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	struct keel_bytes value;
	keel_schema_write(schema, record, &w);
	enum keel_err e = keel_wr_end(&w, &value);
	if (e == KEEL_OK)
		e = keel_record_put(v->s.store, name, value);
	keel_wipe(buf, w.n);
	return e;
}

/* --- lists ----------------------------------------------------------------------------------- */

static struct keel_list write_decisions(const struct vault_decisions *d, uint8_t *buf)
{
	struct keel_list_maker m = keel_list_maker_of(buf, LIST_ROOM);
	for (size_t i = 0; i < d->n; i++) {
		const struct decision_item item = { .datum = keel_text(d->of[i].datum),
			.given = d->of[i].given };
		KEEL_MUST(keel_list_put(&m, &vault_decision_schema, &item));
	}
	return keel_list_made(&m);
}

static void read_decisions(struct keel_list list, struct vault_decisions *d)
{
	struct decision_item item;
	d->n = 0;
	while (d->n < KEEL_COUNT(d->of) && keel_list_next(&vault_decision_row, &list, &item)) {
		text_copy(d->of[d->n].datum, item.datum);
		d->of[d->n++].given = item.given;
	}
}

static struct keel_list write_messages(
	const char (*message)[KEEL_NAME_MAX + 1], size_t n, uint8_t *buf)
{
	struct keel_list_maker m = keel_list_maker_of(buf, LIST_ROOM);
	for (size_t i = 0; i < n; i++)
		KEEL_MUST(keel_list_put_text(&m, keel_text(message[i])));
	return keel_list_made(&m);
}

static size_t read_messages(struct keel_list list, char (*message)[KEEL_NAME_MAX + 1])
{
	struct keel_bytes text;
	size_t n = 0;
	while (n < KEEL_GUEST_MESSAGES_MAX && keel_list_next(&keel_message_name_row, &list, &text))
		text_copy(message[n++], text);
	return n;
}

/* --- home ------------------------------------------------------------------------------------ */

enum keel_err vault_put_home(struct keel_vault *v, const struct vault_home *h)
{
	uint8_t buf[LIST_ROOM];
	const struct home_record r = {
		.id = { h->id, h->owned ? sizeof(h->id) : 0 },
		.state = h->state,
		.homes = h->homes,
		.list_number = h->list_number,
		.last_wall_s = h->last_wall_s,
		.decisions = write_decisions(&h->decisions, buf),
		.commands = h->commands,
		.deletions = h->deletions,
	};
	return vault_put(v, "home", &vault_home_schema, &r);
}

static enum keel_err load_home(struct keel_vault *v)
{
	uint8_t buf[KEEL_RECORD_MAX];
	struct keel_bytes value;
	struct home_record r;
	memset(&v->home, 0, sizeof(v->home));
	enum keel_err e = keel_record_get(v->s.store, "home", buf, sizeof(buf), &value);
	if (e == KEEL_ENONE)
		return KEEL_OK;
	if (e == KEEL_OK)
		e = keel_schema_read(&vault_home_schema, value, &r, NULL);
	if (e != KEEL_OK)
		return e;
	v->home.owned = r.id.n > 0;
	if (v->home.owned)
		e = keel_bytes_copy(r.id, v->home.id, sizeof(v->home.id));
	v->home.state = r.state;
	v->home.homes = r.homes;
	v->home.list_number = r.list_number;
	v->home.last_wall_s = r.last_wall_s;
	v->home.commands = r.commands;
	v->home.deletions = r.deletions;
	read_decisions(r.decisions, &v->home.decisions);
	return e;
}

/* --- owners ---------------------------------------------------------------------------------- */

enum keel_err vault_put_owner(struct keel_vault *v, const struct vault_owner *o)
{
	uint8_t messages[LIST_ROOM], decisions[LIST_ROOM];
	char name[RECORD_NAME_SIZE];
	const struct owner_record r = {
		.sign = KEEL_VIEW(o->sign.xy),
		.agree = KEEL_VIEW(o->agree.xy),
		.role = o->role,
		.name = keel_text(o->name),
		.messages = write_messages(o->message, o->messages, messages),
		.until = o->until,
		.since = o->since,
		.counter = o->counter,
		.change = { o->change.b, o->changed ? sizeof(o->change.b) : 0 },
		.result = { o->result, o->result_n },
		.claim = KEEL_VIEW(o->claim.b),
		.decisions = write_decisions(&o->decisions, decisions),
		.person = KEEL_VIEW(o->person),
	};
	name_of(name, "owner/", o->print, sizeof(o->print));
	return vault_put(v, name, &vault_owner_schema, &r);
}

static enum keel_err read_owner(const struct owner_record *r, struct vault_owner *o)
{
	memcpy(o->sign.xy, r->sign.p, sizeof(o->sign.xy));
	memcpy(o->agree.xy, r->agree.p, sizeof(o->agree.xy));
	memcpy(o->claim.b, r->claim.p, sizeof(o->claim.b));
	memcpy(o->person, r->person.p, sizeof(o->person));
	keel_thumbprint(&o->sign, &o->agree, o->print);
	o->role = r->role;
	text_copy(o->name, r->name);
	o->messages = read_messages(r->messages, o->message);
	o->until = r->until;
	o->since = r->since;
	o->counter = keel_broken("counter-forgotten") ? 0 : r->counter;
	o->changed = r->change.n > 0;
	if (o->changed && keel_bytes_copy(r->change, o->change.b, sizeof(o->change.b)) != KEEL_OK)
		return KEEL_EFORM;
	o->result_n = r->result.n;
	if (o->result_n > 0)
		memcpy(o->result, r->result.p, o->result_n);
	read_decisions(r->decisions, &o->decisions);
	o->used = true;
	return KEEL_OK;
}

/* What stands in memory only lives on for whoever is still there. */
struct loading {
	struct keel_vault *v;
	struct vault_owner *before;
	size_t n;
};

static void carry(const struct vault_owner *before, struct vault_owner *o)
{
	for (size_t i = 0; i < OWNERS_MAX; i++) {
		const struct vault_owner *b = &before[i];
		if (!b->used || memcmp(b->print, o->print, sizeof(o->print)) != 0)
			continue;
		o->agreed = b->agreed;
		o->shared = b->shared;
		memcpy(o->challenges, b->challenges, sizeof(o->challenges));
		o->next_challenge = b->next_challenge;
	}
}

static enum keel_err load_owner(void *self, const char *name, struct keel_bytes value)
{
	struct loading *l = self;
	struct owner_record r;
	(void)name;
	if (l->n == OWNERS_MAX)
		return KEEL_EFULL;
	enum keel_err e = keel_schema_read(&vault_owner_schema, value, &r, NULL);
	if (e == KEEL_OK)
		e = read_owner(&r, &l->v->owners[l->n]);
	if (e == KEEL_OK)
		carry(l->before, &l->v->owners[l->n++]);
	return e;
}

static enum keel_err load_owners(struct keel_vault *v)
{
	struct vault_owner *before = malloc(sizeof(v->owners));
	if (before == NULL)
		return KEEL_EIO;
	memcpy(before, v->owners, sizeof(v->owners));
	keel_wipe(v->owners, sizeof(v->owners));
	struct loading l = { .v = v, .before = before };
	enum keel_err e = keel_record_each(v->s.store, "owner/", load_owner, &l);
	keel_wipe(before, sizeof(v->owners));
	free(before);
	return e;
}

enum keel_err vault_drop_owner(struct keel_vault *v, const uint8_t *print)
{
	char name[RECORD_NAME_SIZE];
	name_of(name, "welcome/", print, KEEL_THUMBPRINT_LEN);
	enum keel_err e = keel_record_delete(v->s.store, name);
	if (e != KEEL_OK && e != KEEL_ENONE)
		return e;
	name_of(name, "owner/", print, KEEL_THUMBPRINT_LEN);
	return keel_record_delete(v->s.store, name);
}

enum keel_err vault_put_welcome(
	struct keel_vault *v, const uint8_t *print, struct keel_bytes welcome)
{
	char name[RECORD_NAME_SIZE];
	name_of(name, "welcome/", print, KEEL_THUMBPRINT_LEN);
	return keel_record_put(v->s.store, name, welcome);
}

enum keel_err vault_get_welcome(struct keel_vault *v, const uint8_t *print, uint8_t *buf,
	size_t cap, struct keel_bytes *out)
{
	char name[RECORD_NAME_SIZE];
	name_of(name, "welcome/", print, KEEL_THUMBPRINT_LEN);
	return keel_record_get(v->s.store, name, buf, cap, out);
}

/* --- invitations ----------------------------------------------------------------------------- */

enum keel_err vault_put_invite(struct keel_vault *v, const struct vault_invite *i)
{
	uint8_t messages[LIST_ROOM];
	char name[RECORD_NAME_SIZE];
	const struct invite_record r = {
		.id = KEEL_VIEW(i->id),
		.secret = KEEL_VIEW(i->secret),
		.role = i->role,
		.name = keel_text(i->name),
		.messages = write_messages(i->message, i->messages, messages),
		.until = i->until,
		.made_wall_s = i->made_wall_s,
	};
	name_of(name, "invite/", i->id, sizeof(i->id));
	return vault_put(v, name, &vault_invite_schema, &r);
}

enum keel_err vault_drop_invite(struct keel_vault *v, const uint8_t *id)
{
	char name[RECORD_NAME_SIZE];
	name_of(name, "invite/", id, KEEL_INVITATION_LEN);
	return keel_record_delete(v->s.store, name);
}

/* After a restart: by the time where it was and is known, else another 15 minutes. */
static uint64_t ends_ms(const struct keel_vault *v, int64_t made_wall_s)
{
	int64_t now = vault_latest(v);
	uint64_t left = INVITE_S;
	if (made_wall_s > 0 && now >= made_wall_s)
		left = now - made_wall_s < INVITE_S ? (uint64_t)(INVITE_S - (now - made_wall_s))
						    : 0;
	return vault_now_ms(v) + left * 1000;
}

static enum keel_err load_invite(void *self, const char *name, struct keel_bytes value)
{
	struct loading *l = self;
	struct invite_record r;
	(void)name;
	if (l->n == INVITES_MAX)
		return KEEL_OK; /* one that nobody can use is no reason not to open */
	enum keel_err e = keel_schema_read(&vault_invite_schema, value, &r, NULL);
	if (e != KEEL_OK)
		return e;
	struct vault_invite *i = &l->v->invites[l->n++];
	memcpy(i->id, r.id.p, sizeof(i->id));
	memcpy(i->secret, r.secret.p, sizeof(i->secret));
	i->role = r.role;
	text_copy(i->name, r.name);
	i->messages = read_messages(r.messages, i->message);
	i->until = r.until;
	i->made_wall_s = r.made_wall_s;
	i->ends_ms = ends_ms(l->v, r.made_wall_s);
	i->used = true;
	return KEEL_OK;
}

/* An invitation that stands in memory already keeps its end. */
static enum keel_err load_invites(struct keel_vault *v)
{
	struct vault_invite before[INVITES_MAX];
	struct loading l = { .v = v };
	memcpy(before, v->invites, sizeof(before));
	keel_wipe(v->invites, sizeof(v->invites));
	enum keel_err e = keel_record_each(v->s.store, "invite/", load_invite, &l);
	for (size_t i = 0; i < l.n; i++)
		for (size_t k = 0; k < INVITES_MAX; k++)
			if (before[k].used &&
				memcmp(before[k].id, v->invites[i].id, sizeof(before[k].id)) == 0)
				v->invites[i].ends_ms = before[k].ends_ms;
	keel_wipe(before, sizeof(before));
	return e;
}

/* --- commands -------------------------------------------------------------------------------- */

enum keel_err vault_put_command(
	struct keel_vault *v, const char *prefix, const char *name, const struct vault_command *c)
{
	char record[RECORD_NAME_SIZE];
	const struct command_record r = {
		.number = c->number,
		.message = keel_text(c->message),
		.fields = { { c->fields, c->fields_n }, c->fields_count },
		.by = KEEL_VIEW(c->by),
		.pending = c->pending,
		.time = c->time,
	};
	if (name != NULL)
		(void)snprintf(record, sizeof(record), "%s%s", prefix, name);
	else
		(void)snprintf(record, sizeof(record), "%s%016" PRIx64, prefix, c->number);
	return vault_put(v, record, &vault_command_schema, &r);
}

static enum keel_err read_command(struct keel_bytes value, struct vault_command *c)
{
	struct command_record r;
	enum keel_err e = keel_schema_read(&vault_command_schema, value, &r, NULL);
	if (e != KEEL_OK)
		return e;
	if (r.fields.cbor.n > sizeof(c->fields))
		return KEEL_EFULL;
	c->number = r.number;
	text_copy(c->message, r.message);
	if (r.fields.cbor.n > 0)
		memcpy(c->fields, r.fields.cbor.p, r.fields.cbor.n);
	c->fields_n = r.fields.cbor.n;
	c->fields_count = r.fields.count;
	memcpy(c->by, r.by.p, sizeof(c->by));
	c->pending = r.pending;
	c->time = r.time;
	return KEEL_OK;
}

static void count_on(struct keel_vault *v, uint64_t number)
{
	if (number > v->home.commands)
		v->home.commands = number;
}

static enum keel_err load_pending(void *self, const char *name, struct keel_bytes value)
{
	struct loading *l = self;
	(void)name;
	if (l->n == PENDING_MAX)
		return KEEL_EFULL;
	enum keel_err e = read_command(value, &l->v->pending[l->n]);
	if (e == KEEL_OK)
		count_on(l->v, l->v->pending[l->n++].number);
	return e;
}

/* What an older version of the product declared, and this one does not, is left alone. */
static enum keel_err load_accepted(void *self, const char *name, struct keel_bytes value)
{
	struct loading *l = self;
	struct vault_command c = { 0 };
	(void)name;
	enum keel_err e = read_command(value, &c);
	if (e != KEEL_OK)
		return e;
	count_on(l->v, c.number);
	const struct keel_rule_message *m =
		keel_rule_message_of(l->v->s.rules, keel_text(c.message));
	if (m == NULL)
		return KEEL_OK;
	const size_t i = (size_t)(m - l->v->s.rules->message);
	c.pending = c.pending && l->v->did[i] != c.number;
	l->v->accepted[i] = c;
	return KEEL_OK;
}

/* --- events ---------------------------------------------------------------------------------- */

enum keel_err vault_put_event(struct keel_vault *v, const struct vault_event *e)
{
	char record[RECORD_NAME_SIZE];
	const struct event_record r = {
		.has = e->times > 1 ? 1U << EVENT_TIMES | 1U << EVENT_FIRST : 0,
		.number = e->number,
		.time = e->time,
		.security = e->security,
		.word = keel_text(e->word),
		.detail = keel_text(e->detail),
		.times = e->times,
		.first = e->first,
	};
	(void)snprintf(record, sizeof(record), "event/%016" PRIx64, e->number);
	return vault_put(v, record, &vault_event_schema, &r);
}

static enum keel_err load_event(void *self, const char *name, struct keel_bytes value)
{
	struct loading *l = self;
	struct event_record r;
	(void)name;
	if (l->n == EVENTS_MAX)
		return KEEL_EFULL;
	enum keel_err e = keel_schema_read(&vault_event_schema, value, &r, NULL);
	if (e != KEEL_OK)
		return e;
	struct vault_event *to = &l->v->events[l->n++];
	to->number = r.number;
	to->time = r.time;
	to->security = r.security;
	text_copy(to->word, r.word);
	text_copy(to->detail, r.detail);
	to->times = keel_has(&r, EVENT_TIMES) ? r.times : 1;
	to->first = keel_has(&r, EVENT_FIRST) ? r.first : r.time;
	if (r.number > l->v->event_number)
		l->v->event_number = r.number;
	return KEEL_OK;
}

/* --- all ------------------------------------------------------------------------------------- */

enum keel_err vault_drop_command(struct keel_vault *v, const char *prefix, const char *name)
{
	char record[RECORD_NAME_SIZE];
	(void)snprintf(record, sizeof(record), "%s%s", prefix, name);
	return keel_record_delete(v->s.store, record);
}

enum keel_err vault_drop_number(struct keel_vault *v, const char *prefix, uint64_t number)
{
	char record[RECORD_NAME_SIZE];
	(void)snprintf(record, sizeof(record), "%s%016" PRIx64, prefix, number);
	return keel_record_delete(v->s.store, record);
}

/* A few names at a time: the store is not changed while it is walked. */
struct names {
	size_t n;
	char name[32][RECORD_NAME_SIZE];
};

static enum keel_err collect(void *self, const char *name, struct keel_bytes value)
{
	struct names *f = self;
	(void)value;
	if (f->n == KEEL_COUNT(f->name))
		return KEEL_EFULL;
	(void)snprintf(f->name[f->n++], RECORD_NAME_SIZE, "%s", name);
	return KEEL_OK;
}

enum keel_err vault_drop_all(struct keel_vault *v, const char *prefix)
{
	for (;;) {
		struct names f = { 0 };
		enum keel_err e = keel_record_each(v->s.store, prefix, collect, &f);
		if (e != KEEL_OK && e != KEEL_EFULL)
			return e;
		for (size_t i = 0; i < f.n; i++) {
			enum keel_err d = keel_record_delete(v->s.store, f.name[i]);
			if (d != KEEL_OK)
				return d;
		}
		if (e == KEEL_OK)
			return KEEL_OK;
	}
}

enum keel_err vault_load(struct keel_vault *v)
{
	static const struct {
		const char *prefix;
		enum keel_err (*load)(void *self, const char *name, struct keel_bytes value);
	} kinds[] = {
		{ "pending/", load_pending },
		{ "accepted/", load_accepted },
		{ "event/", load_event },
	};
	enum keel_err e = load_home(v);
	if (e == KEEL_OK)
		e = load_owners(v);
	if (e == KEEL_OK)
		e = load_invites(v);
	if (e == KEEL_OK)
		e = vault_load_reports(v);
	if (e == KEEL_OK)
		e = vault_load_noted(v);
	memset(v->pending, 0, sizeof(v->pending));
	memset(v->accepted, 0, sizeof(v->accepted));
	memset(v->events, 0, sizeof(v->events));
	for (size_t i = 0; i < KEEL_COUNT(kinds) && e == KEEL_OK; i++) {
		struct loading l = { .v = v };
		e = keel_record_each(v->s.store, kinds[i].prefix, kinds[i].load, &l);
	}
	return e;
}

enum keel_err vault_reload(struct keel_vault *v)
{
	enum keel_err e = vault_load(v);
	if (e != KEEL_OK)
		v->s.outbox.lost(v->s.outbox.self);
	return e;
}

enum keel_err vault_begin(struct keel_vault *v)
{
	enum keel_err e = keel_store_begin(v->s.store);
	if (e == KEEL_OK)
		return KEEL_OK;
	enum keel_err again = vault_reload(v);
	return again == KEEL_OK ? e : again;
}

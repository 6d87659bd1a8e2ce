/* Commands: accepted, durable, handed to the product's program until it has done them. */
#include <string.h>

#include "core/hex.h"
#include "device/vault/engine.h"

/* Whose commands stay when they are gone. */
static const uint8_t nobody[KEEL_THUMBPRINT_LEN];

static void hand_over(struct keel_vault *v, const struct vault_command *c)
{
	char person[KEEL_HEX_SIZE(KEEL_THUMBPRINT_LEN)] = "";
	if (memcmp(c->by, nobody, sizeof(nobody)) != 0)
		keel_hex_write(KEEL_VIEW(c->by), person);
	const struct keel_vault_command out = {
		.number = c->number,
		.message = keel_text(c->message),
		.fields = { { c->fields, c->fields_n }, c->fields_count },
		.person = keel_text(person),
		.time = c->time,
	};
	v->s.outbox.command(v->s.outbox.self, &out);
}

static struct vault_command *free_place(struct keel_vault *v)
{
	for (size_t i = 0; i < PENDING_MAX; i++)
		if (v->pending[i].number == 0)
			return &v->pending[i];
	return NULL;
}

/*
 * The store's part: one record says what was accepted last and that it is pending. Only where the
 * program has not done the one before yet does that one go on in a record of its own.
 */
static enum vault_no put_accepted(struct keel_vault *v, struct vault_change *c)
{
	if (c->last->pending) {
		c->waiting = free_place(v);
		if (c->waiting == NULL)
			return NO_BUSY;
		if (vault_put_command(v, "pending/", NULL, c->last) != KEEL_OK)
			return NO_STORE;
	}
	return vault_put_command(v, "accepted/", c->sent.message, &c->sent) == KEEL_OK ? NO_NOT
										       : NO_STORE;
}

void vault_command_accepted(struct keel_vault *v, const struct vault_change *c)
{
	if (c->waiting != NULL)
		*c->waiting = *c->last;
	*c->last = c->sent;
	v->home.commands = c->sent.number;
	hand_over(v, c->last);
}

/* EN 303 645 5.13-1A: declared, permitted, in range; then counter and command are one commit. */
enum vault_no vault_do_command(
	struct keel_vault *v, struct vault_change *c, const void *args, void *result)
{
	const struct keel_command_args *a = args;
	struct keel_command_result *r = result;
	struct vault_command *s = &c->sent;
	const struct keel_rule_message *m = keel_rule_message_of(v->s.rules, a->message);
	if (m == NULL)
		return NO_UNDECLARED;
	if (!vault_may_send(c->owner, m->name))
		return NO_RIGHT;
	if (keel_rule_check(m, a->fields, v->sentence) != KEEL_OK)
		return NO_RANGE;
	c->last = &v->accepted[m - v->s.rules->message];
	KEEL_MUST(a->fields.cbor.n <= sizeof(s->fields));
	s->number = v->home.commands + 1;
	memcpy(s->message, m->name, sizeof(s->message));
	if (a->fields.cbor.n > 0)
		memcpy(s->fields, a->fields.cbor.p, a->fields.cbor.n);
	s->fields_n = a->fields.cbor.n;
	s->fields_count = a->fields.count;
	memcpy(s->by, c->owner->person, sizeof(s->by));
	s->pending = true;
	s->time = vault_wall(v);
	r->number = s->number;
	return put_accepted(v, c);
}

/* The store's part of what was done, by itself; memory's is the caller's. */
static enum keel_err put_done(struct keel_vault *v, const struct vault_command *c, bool last)
{
	struct vault_command done = *c;
	done.pending = false;
	enum keel_err e = vault_begin(v);
	if (e != KEEL_OK)
		return e;
	e = last ? vault_put_command(v, "accepted/", done.message, &done)
		 : vault_drop_number(v, "pending/", done.number);
	if (e == KEEL_OK)
		e = keel_store_commit(v->s.store);
	if (e != KEEL_OK)
		keel_store_rollback(v->s.store);
	return e;
}

/*
 * The last of a remembered message is handed over after a restart in any case: that it was done is
 * written with the next tick, for a commit of its own would be one more for each command.
 */
static enum keel_err last_done(struct keel_vault *v, size_t message)
{
	struct vault_command *c = &v->accepted[message];
	enum keel_err e = KEEL_OK;
	if (v->s.rules->message[message].remembered)
		v->did[message] = c->number;
	else
		e = put_done(v, c, true);
	if (e == KEEL_OK)
		c->pending = false;
	return e;
}

enum keel_err vault_write_done(struct keel_vault *v)
{
	enum keel_err e = KEEL_OK;
	for (size_t i = 0; i < KEEL_RULES_MESSAGES && e == KEEL_OK; i++) {
		const struct vault_command *c = &v->accepted[i];
		if (v->did[i] > 0 && v->did[i] == c->number)
			e = vault_put_command(v, "accepted/", c->message, c);
	}
	return e;
}

void vault_done_written(struct keel_vault *v)
{
	memset(v->did, 0, sizeof(v->did));
}

enum keel_err keel_vault_done(struct keel_vault *v, uint64_t number)
{
	for (size_t i = 0; i < KEEL_RULES_MESSAGES; i++)
		if (v->accepted[i].pending && v->accepted[i].number == number)
			return last_done(v, i);
	for (size_t i = 0; i < PENDING_MAX; i++) {
		if (!v->pending[i].pending || v->pending[i].number != number)
			continue;
		enum keel_err e = put_done(v, &v->pending[i], false);
		if (e == KEEL_OK)
			v->pending[i] = (struct vault_command){ 0 };
		return e;
	}
	return KEEL_ENONE;
}

/* The one to hand over with the lowest number above `after`. */
static const struct vault_command *next_of(
	const struct vault_command *all, size_t n, uint64_t after, const struct vault_command *best)
{
	for (size_t i = 0; i < n; i++)
		if (all[i].pending && all[i].number > after &&
			(best == NULL || all[i].number < best->number))
			best = &all[i];
	return best;
}

static const struct vault_command *next_pending(const struct keel_vault *v, uint64_t after)
{
	const struct vault_command *c = next_of(v->pending, PENDING_MAX, after, NULL);
	return next_of(v->accepted, KEEL_RULES_MESSAGES, after, c);
}

void vault_hand_over_all(struct keel_vault *v)
{
	for (size_t i = 0; i < v->s.rules->messages; i++) {
		const struct vault_command *c = &v->accepted[i];
		if (v->s.rules->message[i].remembered && c->number > 0 && !c->pending)
			hand_over(v, c);
	}
	const struct vault_command *c = next_pending(v, 0);
	for (; c != NULL; c = next_pending(v, c->number))
		hand_over(v, c);
}

void vault_tell_forget(struct keel_vault *v)
{
	vault_histories_written(v); /* what was measured before is nobody's history */
	v->s.outbox.forget(v->s.outbox.self, v->home.deletions);
}

void keel_vault_app_started(struct keel_vault *v, uint64_t deletions)
{
	v->app_seen = true;
	v->app_seen_ms = vault_now_ms(v);
	if (deletions != v->home.deletions)
		vault_tell_forget(v);
	if (!keel_broken("command-not-repeated"))
		vault_hand_over_all(v);
}

static bool is_by(const struct vault_command *c, const uint8_t *by)
{
	return c->pending && (by == NULL || memcmp(c->by, by, sizeof(c->by)) == 0);
}

/*
 * The last of a remembered message is handed over at every start: dropped, it is so no more. The
 * program keeps what it did before; nobody is left who asked for another.
 */
enum keel_err vault_drop_pending(struct keel_vault *v, const uint8_t *by)
{
	enum keel_err e = KEEL_OK;
	for (size_t i = 0; i < KEEL_RULES_MESSAGES && e == KEEL_OK; i++)
		if (is_by(&v->accepted[i], by))
			e = vault_drop_command(v, "accepted/", v->accepted[i].message);
	for (size_t i = 0; i < PENDING_MAX && e == KEEL_OK; i++)
		if (is_by(&v->pending[i], by))
			e = vault_drop_number(v, "pending/", v->pending[i].number);
	return e;
}

/* Nor does the store name whoever is no more. */
enum keel_err vault_forget_givers(struct keel_vault *v, const uint8_t *by)
{
	enum keel_err e = KEEL_OK;
	for (size_t i = 0; i < KEEL_RULES_MESSAGES && e == KEEL_OK; i++) {
		struct vault_command c = v->accepted[i];
		if (c.number == 0 || c.pending ||
			(by != NULL && memcmp(c.by, by, sizeof(c.by)) != 0))
			continue;
		memcpy(c.by, nobody, sizeof(c.by));
		e = vault_put_command(v, "accepted/", c.message, &c);
	}
	return e;
}

/* The last of a remembered message that was done stays: the product goes on by it. */
enum keel_err vault_drop_commands(struct keel_vault *v, bool *any)
{
	enum keel_err e = vault_drop_pending(v, NULL);
	for (size_t i = 0; i < v->s.rules->messages && e == KEEL_OK; i++) {
		const struct vault_command *c = &v->accepted[i];
		*any |= c->pending || (c->number > 0 && !v->s.rules->message[i].remembered);
		if (c->number > 0 && !c->pending && !v->s.rules->message[i].remembered)
			e = vault_drop_command(v, "accepted/", c->message);
	}
	return e;
}

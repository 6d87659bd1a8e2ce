/* Commands: accepted, durable, handed to the product's program until it has done them. */
#include <string.h>

#include "device/vault/engine.h"

void vault_hand_over(struct keel_vault *v, const struct vault_command *c)
{
	char person[2 * KEEL_THUMBPRINT_LEN + 1];
	vault_hex(c->by, sizeof(c->by), person);
	const struct keel_vault_command out = {
		.number = c->number,
		.message = keel_text(c->message),
		.fields = { { c->fields, c->fields_n }, c->fields_count },
		.person = keel_text(person),
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

static bool still_pending(const struct keel_vault *v, uint64_t number)
{
	for (size_t i = 0; i < PENDING_MAX; i++)
		if (v->pending[i].number == number)
			return true;
	return false;
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
	c->command = free_place(v);
	if (c->command == NULL)
		return NO_BUSY;
	KEEL_MUST(a->fields.cbor.n <= sizeof(s->fields));
	s->number = v->home.commands + 1;
	memcpy(s->message, m->name, sizeof(s->message));
	if (a->fields.cbor.n > 0)
		memcpy(s->fields, a->fields.cbor.p, a->fields.cbor.n);
	s->fields_n = a->fields.cbor.n;
	s->fields_count = a->fields.count;
	memcpy(s->by, c->owner->print, sizeof(s->by));
	r->number = s->number;
	if (vault_put_command(v, "pending/", NULL, s) != KEEL_OK ||
		vault_put_command(v, "accepted/", s->message, s) != KEEL_OK)
		return NO_STORE;
	return NO_NOT;
}

/*
 * Whether a restart hands it over in any case: the last of a remembered message. Then that it was
 * done need not be durable by itself, which would be one more commit for each command.
 */
static bool comes_back(const struct keel_vault *v, const struct vault_command *c)
{
	const struct keel_rule_message *m = keel_rule_message_of(v->s.rules, keel_text(c->message));
	return m != NULL && m->remembered &&
	       v->accepted[m - v->s.rules->message].number == c->number;
}

enum keel_err vault_drop_did(struct keel_vault *v)
{
	enum keel_err e = KEEL_OK;
	for (size_t i = 0; i < v->dids && e == KEEL_OK; i++) {
		e = vault_drop_number(v, "pending/", v->did[i]);
		if (e == KEEL_ENONE) /* all of them were dropped by a deletion */
			e = KEEL_OK;
	}
	return e;
}

enum keel_err keel_vault_done(struct keel_vault *v, uint64_t number)
{
	size_t i = 0;
	while (i < PENDING_MAX && (number == 0 || v->pending[i].number != number))
		i++;
	if (i == PENDING_MAX)
		return KEEL_ENONE;
	if (comes_back(v, &v->pending[i]) && v->dids < KEEL_COUNT(v->did)) {
		v->did[v->dids++] = number;
		v->pending[i].number = 0;
		return KEEL_OK;
	}
	enum keel_err e = keel_store_begin(v->s.store);
	if (e != KEEL_OK)
		return e;
	e = vault_drop_number(v, "pending/", number);
	if (e == KEEL_OK)
		e = keel_store_commit(v->s.store);
	if (e == KEEL_OK)
		v->pending[i].number = 0;
	else
		keel_store_rollback(v->s.store);
	return e;
}

/* The pending one with the lowest number above `after`. */
static const struct vault_command *next_pending(const struct keel_vault *v, uint64_t after)
{
	const struct vault_command *best = NULL;
	for (size_t i = 0; i < PENDING_MAX; i++) {
		const struct vault_command *c = &v->pending[i];
		if (c->number > after && (best == NULL || c->number < best->number))
			best = c;
	}
	return best;
}

void vault_hand_over_all(struct keel_vault *v)
{
	for (size_t i = 0; i < v->s.rules->messages; i++) {
		const struct vault_command *c = &v->accepted[i];
		if (v->s.rules->message[i].remembered && c->number > 0 &&
			!still_pending(v, c->number))
			vault_hand_over(v, c);
	}
	const struct vault_command *c = next_pending(v, 0);
	for (; c != NULL; c = next_pending(v, c->number))
		vault_hand_over(v, c);
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
	vault_hand_over_all(v);
}

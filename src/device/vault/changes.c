/* What owners change besides commands: people, consents, and what is deleted. EN 303 645 5.11-1, 6-2. */
#include <string.h>

#include "core/break.h"
#include "device/vault/engine.h"

/* --- people ---------------------------------------------------------------------------------- */

static struct vault_invite *free_invite(struct keel_vault *v)
{
	for (size_t i = 0; i < INVITES_MAX; i++)
		if (!v->invites[i].used || vault_now_ms(v) >= v->invites[i].ends_ms)
			return &v->invites[i];
	return NULL;
}

/* A guest may be granted what the declaration lets guests send; an owner needs no list. */
static enum vault_no read_grants(
	const struct keel_vault *v, const struct keel_invite_args *a, struct vault_invite *i)
{
	struct keel_list rest = a->messages;
	struct keel_bytes name;
	if (a->role == KEEL_ROLE_OWNER)
		return a->messages.count == 0 && a->until == 0 ? NO_NOT : NO_FORM;
	while (keel_list_next(&keel_message_name_row, &rest, &name)) {
		const struct keel_rule_message *m = keel_rule_message_of(v->s.rules, name);
		if (m == NULL)
			return NO_UNDECLARED;
		if (!m->guests)
			return NO_NOT_FOR_GUESTS;
		memcpy(i->message[i->messages++], m->name, sizeof(m->name));
	}
	return NO_NOT;
}

static enum keel_err write_invitation(
	struct keel_vault *v, const struct vault_invite *i, struct keel_bytes *out)
{
	struct keel_wr w = keel_wr_of(v->encoded, sizeof(v->encoded));
	const struct keel_invitation body = {
		.id = KEEL_VIEW(v->unit.id),
		.thumbprint = KEEL_VIEW(v->s.identity->thumbprint),
		.home = KEEL_VIEW(v->home.id),
		.invitation = KEEL_VIEW(i->id),
		.secret = KEEL_VIEW(i->secret),
	};
	keel_schema_write(&keel_invitation_schema, &body, &w);
	return keel_wr_end(&w, out);
}

enum vault_no vault_do_invite(
	struct keel_vault *v, struct vault_change *c, const void *args, void *result)
{
	const struct keel_invite_args *a = args;
	struct keel_invite_result *r = result;
	struct vault_invite i = { .used = true, .role = a->role, .until = a->until };
	struct vault_invite *place = free_invite(v);
	if (place == NULL)
		return NO_INVITES_OPEN;
	enum vault_no no = read_grants(v, a, &i);
	if (no != NO_NOT)
		return no;
	memcpy(i.name, a->name.p, a->name.n);
	keel_random(i.id, sizeof(i.id));
	keel_random(i.secret, sizeof(i.secret));
	i.made_wall_s = vault_latest(v);
	if (place->used && vault_drop_invite(v, place->id) != KEEL_OK)
		return NO_STORE;
	if (vault_put_invite(v, &i) != KEEL_OK ||
		write_invitation(v, &i, &r->invitation) != KEEL_OK)
		return NO_STORE;
	r->valid_s = INVITE_S;
	c->reload = true;
	keel_wipe(&i, sizeof(i));
	return NO_NOT;
}

/* Their compartment dies with their rights. */
enum vault_no vault_do_remove(
	struct keel_vault *v, struct vault_change *c, const void *args, void *result)
{
	const struct keel_remove_args *a = args;
	struct vault_owner *o = vault_owner_of(v, a->owner);
	struct vault_home home = v->home;
	char compartment[COMPARTMENT_SIZE];
	(void)result;
	if (o == NULL)
		return NO_PERSON;
	if (o->role == KEEL_ROLE_OWNER && vault_owner_count(v, KEEL_ROLE_OWNER) == 1)
		return NO_LAST_OWNER;
	home.list_number++;
	vault_compartment_of(o, compartment);
	if (vault_drop_compartments(v, compartment) != KEEL_OK || vault_see_off(v, o) != KEEL_OK ||
		vault_forget_givers(v, o->person) != KEEL_OK ||
		vault_put_home(v, &home) != KEEL_OK ||
		vault_event_put(v, "removed", keel_text(""), true) != KEEL_OK)
		return NO_STORE;
	if (memcmp(v->vouch.by, o->print, sizeof(o->print)) == 0 ||
		memcmp(v->vouch.lost, o->print, sizeof(o->print)) == 0)
		c->vouches = true; /* it is taken back: c->vouch is nobody's */
	c->gone = o == c->owner;
	c->renew = true;
	c->reload = true;
	return NO_NOT;
}

enum vault_no vault_do_rename(
	struct keel_vault *v, struct vault_change *c, const void *args, void *result)
{
	const struct keel_rename_args *a = args;
	(void)v, (void)result;
	memset(c->next.name, 0, sizeof(c->next.name));
	memcpy(c->next.name, a->name.p, a->name.n);
	return NO_NOT;
}

/*
 * The other owners' word stands beside button and label: neither a thief of the label nor one of an
 * owner's phone comes in by what they have. docs/decisions/0007-recover-with-consent.md.
 */
enum vault_no vault_do_vouch(
	struct keel_vault *v, struct vault_change *c, const void *args, void *result)
{
	const struct keel_vouch_args *a = args;
	struct keel_vouch_result *r = result;
	c->vouches = true; /* in place of any before */
	r->valid_s = keel_has(a, KEEL_VOUCH_OWNER) ? VOUCH_S : 0;
	if (!keel_has(a, KEEL_VOUCH_OWNER))
		return NO_NOT;
	const struct vault_owner *lost = vault_owner_of(v, a->owner);
	if (lost == NULL)
		return NO_PERSON;
	if (lost == c->owner)
		return NO_VOUCH_SELF;
	memcpy(c->vouch.by, c->owner->print, sizeof(c->vouch.by));
	memcpy(c->vouch.lost, lost->print, sizeof(c->vouch.lost));
	c->vouch.until_ms = vault_now_ms(v) + VOUCH_S * 1000;
	c->reload = true;
	return vault_event_put(v, "vouched", keel_text(""), true) == KEEL_OK ? NO_NOT : NO_STORE;
}

/* --- consent --------------------------------------------------------------------------------- */

/*
 * A consent that is taken back takes what was kept by it along, and the key that it was kept under;
 * where nothing was kept, none has to die. EN 303 645 6-3A.
 */
static enum keel_err forget_datum(struct keel_vault *v, const struct vault_owner *o,
	const struct keel_rule_datum *d, bool *was_kept)
{
	char compartment[COMPARTMENT_SIZE] = HOME;
	uint64_t items = 0;
	int64_t oldest;
	if (d->person)
		vault_compartment_of(o, compartment);
	enum keel_err e = keel_datum_count(v->s.store, compartment, d->name, &items, &oldest);
	*was_kept = items > 0;
	if (e != KEEL_OK || items == 0)
		return e;
	e = keel_datum_prune(v->s.store, compartment, d->name, INT64_MAX);
	return e == KEEL_OK ? keel_compartment_renew(v->s.store, compartment) : e;
}

enum vault_no vault_do_consent(
	struct keel_vault *v, struct vault_change *c, const void *args, void *result)
{
	const struct keel_consent_args *a = args;
	const struct keel_rule_datum *d = keel_rule_datum_of(v->s.rules, a->datum);
	struct vault_home home = v->home;
	(void)result;
	if (d == NULL)
		return NO_DATUM;
	if (!d->consent)
		return NO_CONSENT_NEEDED;
	if (!keel_broken("decision-forgotten"))
		vault_decide(d->person ? &c->next.decisions : &home.decisions, d->name, a->given);
	if (!a->given && forget_datum(v, c->owner, d, &c->renew) != KEEL_OK)
		return NO_STORE;
	if (home.state == KEEL_STATE_SETUP && vault_undecided(v, &home, &c->next) == NULL)
		home.state = KEEL_STATE_OPERATION;
	c->reload = true;
	return vault_put_home(v, &home) == KEEL_OK ? NO_NOT : NO_STORE;
}

/* --- deletion -------------------------------------------------------------------------------- */

static enum keel_err sign_receipt(struct keel_vault *v, const struct vault_owner *by,
	struct keel_list gone, bool renews, struct keel_bytes *out)
{
	uint8_t payload[RESULT_MAX];
	struct keel_wr inner = keel_wr_of(payload, sizeof(payload));
	struct keel_wr w = keel_wr_of(v->encoded, sizeof(v->encoded));
	struct keel_bytes written, none = { 0 };
	const struct keel_names names = { KEEL_VIEW(v->unit.id), KEEL_VIEW(v->home.id), { 0 } };
	const struct keel_receipt body = {
		.time = vault_wall(v),
		.gone = gone,
		.generation = keel_store_generation(v->s.store) + renews,
		.how = keel_store_destroys(v->s.store) ? 0 : 1,
		.by = KEEL_VIEW(by->print),
	};
	enum keel_err e =
		keel_payload_write(KEEL_FOR_RECEIPT, &names, &keel_receipt_schema, &body, &inner);
	if (e == KEEL_OK)
		e = keel_wr_end(&inner, &written);
	if (e == KEEL_OK)
		e = keel_cose_sign1(&v->s.identity->signer, KEEL_VIEW(v->s.identity->thumbprint),
			none, written, &w);
	if (e == KEEL_OK && keel_broken("receipt-unsigned"))
		v->encoded[w.n - 1] ^= 1;
	return e == KEEL_OK ? keel_wr_end(&w, out) : e;
}

/* The declared data of these compartments: they are gone, whether there was any or not. What was sent is not. */
static struct keel_list list_gone(struct keel_vault *v, bool persons, bool home)
{
	struct keel_list_maker m = keel_list_maker_of(v->lists, sizeof(v->lists));
	for (size_t i = 0; i < v->s.rules->data; i++) {
		const struct keel_rule_datum *d = &v->s.rules->datum[i];
		if (!d->telemetry && (d->person ? persons : home))
			KEEL_MUST(keel_list_put_text(&m, keel_text(d->name)));
	}
	return keel_list_made(&m);
}

enum vault_no vault_do_delete(
	struct keel_vault *v, struct vault_change *c, const void *args, void *result)
{
	const struct keel_delete_args *a = args;
	struct keel_receipt_result *r = result;
	char mine[COMPARTMENT_SIZE];
	struct vault_home home = v->home;
	bool homes = a->what == KEEL_DELETE_MINE_AND_HOMES;
	if (homes && c->owner->role != KEEL_ROLE_OWNER)
		return NO_RIGHT;
	vault_compartment_of(c->owner, mine);
	home.deletions += homes;
	/* Where nothing was kept no key has to die: a TPM's memory bears only so many writes. */
	c->renew = vault_has_compartment(v, mine) || (homes && vault_has_compartment(v, HOME));
	if (vault_drop_compartments(v, mine) != KEEL_OK ||
		(homes && vault_drop_compartments(v, HOME) != KEEL_OK) ||
		(homes && vault_drop_commands(v, &c->renew) != KEEL_OK) ||
		vault_put_home(v, &home) != KEEL_OK ||
		vault_event_put(v, "deleted", keel_text(homes ? "home" : "person"),
			c->owner->role == KEEL_ROLE_OWNER) != KEEL_OK ||
		sign_receipt(v, c->owner, list_gone(v, true, homes), c->renew, &r->receipt) !=
			KEEL_OK)
		return NO_STORE;
	c->reload = true;
	c->forget = homes;
	return NO_NOT;
}

enum vault_no vault_do_leave(
	struct keel_vault *v, struct vault_change *c, const void *args, void *result)
{
	struct keel_receipt_result *r = result;
	struct vault_home next;
	(void)args;
	if (sign_receipt(v, c->owner, list_gone(v, true, true), true, &r->receipt) != KEEL_OK ||
		vault_empty_home(v, &next) != KEEL_OK ||
		vault_event_put(v, "left", keel_text(""), true) != KEEL_OK)
		return NO_STORE;
	c->gone = true;
	c->renew = true;
	c->reload = true;
	c->forget = true;
	return NO_NOT;
}

/* Becoming an owner: hello, claim, join, recover, return. EN 303 645 5.1-1, 5.1-5, 5.12-1. */
#include <stdio.h>
#include <string.h>

#include "core/break.h"
#include "core/cbor.h"
#include "device/vault/engine.h"
#include "device/vault/wrong.h"

/* --- hello ----------------------------------------------------------------------------------- */

/* Nonces are not remembered but recognised: when and random bytes, under a key of this start. */
static void nonce_mac(const struct keel_vault *v, const uint8_t *head, struct keel_digest *out)
{
	struct keel_bytes part = { head, 16 };
	keel_hmac(KEEL_VIEW(v->boot_key), &part, 1, out);
}

static void nonce_make(const struct keel_vault *v, uint8_t out[KEEL_NONCE_LEN])
{
	struct keel_digest mac;
	struct keel_wr w = keel_wr_of(out, 8);
	keel_wr_u64be(&w, vault_now_ms(v));
	keel_random(out + 8, 8);
	nonce_mac(v, out, &mac);
	memcpy(out + 16, mac.b, 16);
}

static bool nonce_good(const struct keel_vault *v, struct keel_bytes nonce)
{
	struct keel_digest mac;
	struct keel_rd r = keel_rd_of(nonce);
	uint64_t made_ms = keel_rd_u64be(&r);
	nonce_mac(v, nonce.p, &mac);
	if (!keel_ct_equal(
		    (struct keel_bytes){ nonce.p + 16, 16 }, (struct keel_bytes){ mac.b, 16 }))
		return false;
	for (size_t i = 0; i < USED_NONCES_MAX; i++)
		if (keel_bytes_equal(nonce, KEEL_VIEW(v->used_nonces[i].b)))
			return false;
	return vault_now_ms(v) - made_ms <= NONCE_MS;
}

static bool claim_open(const struct keel_vault *v)
{
	bool free = !v->home.owned || keel_broken("claimed-twice");
	return free && vault_now_ms(v) < v->claim_until_ms;
}

enum vault_no vault_hello(struct keel_vault *v, struct keel_wr *w)
{
	uint8_t nonce[KEEL_NONCE_LEN];
	nonce_make(v, nonce);
	const struct keel_hello h = {
		.has = v->home.owned ? 0 : 1U << KEEL_HELLO_HOMES,
		.id = KEEL_VIEW(v->unit.id),
		.sign = KEEL_VIEW(v->s.identity->sign.xy),
		.agree = KEEL_VIEW(v->s.identity->agree.xy),
		.endorsement = { v->unit.endorsement, v->unit.endorsement_n },
		.nonce = KEEL_VIEW(nonce),
		.claim_open = claim_open(v),
		.homes = v->home.homes,
	};
	keel_schema_write(&keel_hello_schema, &h, w);
	return NO_NOT;
}

/* --- what came ------------------------------------------------------------------------------- */

struct coming {
	enum keel_purpose purpose;
	struct keel_bytes key; /* K, or the invitation's secret */
	struct vault_invite *invite;
	struct vault_owner *lost; /* in whose place they come: in a return only */
	struct keel_claim body;
	struct keel_digest digest; /* of the bytes as they came */
	struct vault_owner owner;
	struct vault_home home;
};

/* A look into the Mac0, not verified yet: which key would it be under? */
static enum vault_no peek(struct keel_bytes in, struct keel_envelope *env)
{
	struct keel_rd r = keel_rd_of(in);
	size_t items = keel_cbor_read_array(&r);
	(void)keel_cbor_read_bytes(&r);
	size_t headers = keel_cbor_read_map(&r);
	struct keel_bytes payload = keel_cbor_read_bytes(&r);
	if (r.err != KEEL_OK || items != 4 || headers != 0)
		return NO_FORM;
	static const enum keel_purpose kinds[] = { KEEL_FOR_CLAIM, KEEL_FOR_JOIN, KEEL_FOR_RECOVER,
		KEEL_FOR_RETURN };
	for (size_t i = 0; i < KEEL_COUNT(kinds); i++)
		if (keel_envelope_read(kinds[i], payload, env) == KEEL_OK)
			return NO_NOT;
	return NO_FORM;
}

static struct vault_invite *invite_of(struct keel_vault *v, struct keel_bytes id)
{
	for (size_t i = 0; i < INVITES_MAX; i++)
		if (v->invites[i].used && keel_bytes_equal(id, KEEL_VIEW(v->invites[i].id)))
			return &v->invites[i];
	return NULL;
}

static const struct vault_owner *came_before(
	const struct keel_vault *v, const struct keel_digest *digest)
{
	for (size_t i = 0; i < OWNERS_MAX; i++)
		if (v->owners[i].used &&
			keel_ct_equal(KEEL_VIEW(v->owners[i].claim.b), KEEL_VIEW(digest->b)))
			return &v->owners[i];
	return NULL;
}

/* Reads and verifies; who proves nothing is a wrong code, whatever else they say. */
static enum vault_no verify(struct keel_vault *v, struct keel_bytes in, struct coming *c)
{
	struct keel_envelope env;
	struct keel_bytes payload, none = { 0 };
	enum vault_no no = peek(in, &env);
	if (no != NO_NOT)
		return no;
	if (keel_schema_read(&keel_claim_schema, env.body, &c->body, NULL) != KEEL_OK)
		return NO_FORM;
	c->purpose = (enum keel_purpose)env.purpose;
	bool join = c->purpose == KEEL_FOR_JOIN;
	if (join != keel_has(&c->body, KEEL_CLAIM_INVITATION) || env.recipient.n != 0)
		return NO_FORM;
	keel_sha256(&in, 1, &c->digest);
	c->key = KEEL_VIEW(v->unit.code.b);
	if (join && came_before(v, &c->digest) == NULL) {
		c->invite = invite_of(v, c->body.invitation);
		if (c->invite == NULL)
			return NO_INVITATION;
		c->key = KEEL_VIEW(c->invite->secret);
	} else if (join) {
		return NO_NOT; /* the very bytes that were verified when they came first */
	}
	if (keel_cose_mac0_verify(c->key, in, none, &payload) != KEEL_OK)
		return NO_CODE;
	if (!keel_bytes_equal(env.device, KEEL_VIEW(v->unit.id)) ||
		!keel_bytes_equal(c->body.thumbprint, KEEL_VIEW(v->s.identity->thumbprint)))
		return NO_OTHER_DEVICE;
	if (join ? !keel_bytes_equal(env.home, KEEL_VIEW(v->home.id)) : env.home.n != 0)
		return NO_OTHER_HOME;
	return NO_NOT;
}

/* Whoever has the device in their hands; in somebody's place only by an owner's word as well. */
static enum vault_no admit_by_button(struct keel_vault *v, struct coming *c)
{
	if (!v->home.owned)
		return NO_NOBODY;
	if (c->purpose == KEEL_FOR_RETURN)
		c->lost = vault_vouched_for(v);
	if (c->purpose == KEEL_FOR_RETURN && c->lost == NULL)
		return NO_VOUCH;
	return vault_now_ms(v) < v->recover_until_ms ? NO_NOT : NO_BUTTON;
}

/* Whether it is taken now. */
static enum vault_no admit(struct keel_vault *v, struct coming *c)
{
	switch (c->purpose) {
	case KEEL_FOR_CLAIM:
		if (v->home.owned && !keel_broken("claimed-twice"))
			return NO_HAS_OWNERS;
		return claim_open(v) ? NO_NOT : NO_CLAIM_CLOSED;
	case KEEL_FOR_RECOVER:
	case KEEL_FOR_RETURN:
		return admit_by_button(v, c);
	default:
		if (vault_now_ms(v) >= c->invite->ends_ms)
			return NO_INVITATION;
		return vault_owner_count(v, KEEL_ROLE_OWNER) +
					       vault_owner_count(v, KEEL_ROLE_GUEST) <
				       OWNERS_MAX
			       ? NO_NOT
			       : NO_FULL;
	}
}

/* Two points on the curve, not the same, of nobody who is here already, by these keys or by others. */
static enum vault_no read_keys(struct keel_vault *v, struct coming *c)
{
	struct vault_owner *o = &c->owner;
	memcpy(o->sign.xy, c->body.sign.p, sizeof(o->sign.xy));
	memcpy(o->agree.xy, c->body.agree.p, sizeof(o->agree.xy));
	if (keel_p256_check(&o->sign) != KEEL_OK || keel_p256_check(&o->agree) != KEEL_OK ||
		memcmp(&o->sign, &o->agree, sizeof(o->sign)) == 0)
		return NO_FORM;
	keel_thumbprint(&o->sign, &o->agree, o->print);
	memcpy(o->person, o->print, sizeof(o->person));
	return vault_owner_of(v, KEEL_VIEW(o->print)) == NULL &&
			       vault_person_of(v, o->print) == NULL
		       ? NO_NOT
		       : NO_FORM;
}

/* --- the welcome ----------------------------------------------------------------------------- */

static enum keel_err write_claimed(struct keel_vault *v, const struct coming *c, struct keel_wr *w)
{
	uint8_t buf[512];
	struct keel_wr inner = keel_wr_of(buf, sizeof(buf));
	struct keel_bytes payload, none = { 0 };
	const struct keel_names names = { KEEL_VIEW(v->unit.id), KEEL_VIEW(c->home.id), { 0 } };
	const struct keel_claimed body = {
		.thumbprint = KEEL_VIEW(v->s.identity->thumbprint),
		.owner = KEEL_VIEW(c->owner.print),
		.device_nonce = c->body.device_nonce,
		.app_nonce = c->body.app_nonce,
	};
	enum keel_err e = keel_payload_write(
		keel_claim_answer(c->purpose), &names, &keel_claimed_schema, &body, &inner);
	if (e == KEEL_OK)
		e = keel_wr_end(&inner, &payload);
	return e == KEEL_OK ? keel_cose_mac0(c->key, none, payload, w) : e;
}

static enum keel_err write_welcomed(struct keel_vault *v, const struct coming *c, struct keel_wr *w)
{
	uint8_t buf[512];
	struct keel_wr inner = keel_wr_of(buf, sizeof(buf));
	struct keel_bytes payload, none = { 0 };
	const struct keel_names names = { KEEL_VIEW(v->unit.id), KEEL_VIEW(c->home.id), { 0 } };
	const struct keel_welcomed body = {
		.owner = KEEL_VIEW(c->owner.print),
		.app_nonce = c->body.app_nonce,
		.role = c->owner.role,
	};
	enum keel_err e =
		keel_payload_write(KEEL_FOR_WELCOME, &names, &keel_welcomed_schema, &body, &inner);
	if (e == KEEL_OK)
		e = keel_wr_end(&inner, &payload);
	return e == KEEL_OK ? keel_cose_sign1(&v->s.identity->signer,
				      KEEL_VIEW(v->s.identity->thumbprint), none, payload, w)
			    : e;
}

static enum keel_err write_welcome(
	struct keel_vault *v, const struct coming *c, uint8_t *buf, struct keel_bytes *out)
{
	uint8_t claimed[512], welcomed[512];
	struct keel_wr a = keel_wr_of(claimed, sizeof(claimed));
	struct keel_wr b = keel_wr_of(welcomed, sizeof(welcomed));
	struct keel_wr w = keel_wr_of(buf, WELCOME_MAX);
	struct keel_welcome both = { 0 };
	enum keel_err e = write_claimed(v, c, &a);
	if (e == KEEL_OK)
		e = write_welcomed(v, c, &b);
	if (e == KEEL_OK)
		e = keel_wr_end(&a, &both.claimed);
	if (e == KEEL_OK)
		e = keel_wr_end(&b, &both.welcome);
	if (e != KEEL_OK)
		return e;
	keel_schema_write(&keel_welcome_schema, &both, &w);
	return keel_wr_end(&w, out);
}

/* --- what becomes of it ---------------------------------------------------------------------- */

/* The same person with other keys: who they are, what they may and what they decided stay. */
static void be_the_same(struct vault_owner *o, const struct vault_owner *lost)
{
	memcpy(o->person, lost->person, sizeof(o->person));
	memcpy(o->name, lost->name, sizeof(o->name));
	o->role = lost->role;
	o->messages = lost->messages;
	memcpy(o->message, lost->message, sizeof(o->message));
	o->until = lost->until;
	o->decisions = lost->decisions;
}

static void name_owner(struct coming *c)
{
	struct vault_owner *o = &c->owner;
	const struct vault_invite *i = c->invite;
	o->role = KEEL_ROLE_OWNER;
	if (c->lost != NULL)
		be_the_same(o, c->lost);
	if (i != NULL) {
		o->role = i->role;
		memcpy(o->name, i->name, sizeof(o->name));
		o->messages = i->messages;
		memcpy(o->message, i->message, sizeof(o->message));
		o->until = i->until;
	}
	o->claim = c->digest;
	o->used = true;
}

static bool asks_consent(const struct keel_rules *r)
{
	for (size_t i = 0; i < r->data; i++)
		if (r->datum[i].consent)
			return true;
	return false;
}

/* Nobody of before is here to have consented: what was kept by it goes. EN 303 645 6-2. */
static enum keel_err forget_consented(struct keel_vault *v, struct vault_home *home)
{
	const struct keel_rules *r = v->s.rules;
	home->decisions.n = 0;
	for (size_t i = 0; i < r->data; i++) {
		if (!r->datum[i].consent || r->datum[i].person)
			continue;
		enum keel_err e = keel_datum_prune(v->s.store, HOME, r->datum[i].name, INT64_MAX);
		if (e != KEEL_OK && e != KEEL_ENONE)
			return e;
	}
	enum keel_err e = keel_compartment_renew(v->s.store, HOME);
	return e == KEEL_ENONE ? KEEL_OK : e;
}

/* The lost keys go; the home and everybody's compartments stay. As after a recovery it is isolated no more. */
static enum keel_err take_the_place(struct keel_vault *v, struct coming *c)
{
	if (c->home.state == KEEL_STATE_ISOLATED)
		c->home.state = vault_undecided(v, &c->home, NULL) == NULL ? KEEL_STATE_OPERATION
									   : KEEL_STATE_SETUP;
	return vault_see_off(v, c->lost);
}

/* A claim begins a home. A recovery begins it anew, with nobody and nothing personal of before. */
static enum keel_err change_home(struct keel_vault *v, struct coming *c)
{
	static const char *const leave[] = { "owner/", "welcome/", "invite/" };
	enum keel_err e = KEEL_OK;
	c->home = v->home;
	c->home.list_number++;
	if (c->purpose == KEEL_FOR_JOIN)
		return keel_broken("invitation-reusable") ? KEEL_OK
							  : vault_drop_invite(v, c->invite->id);
	if (c->purpose == KEEL_FOR_RETURN)
		return take_the_place(v, c);
	keel_random(c->home.id, sizeof(c->home.id));
	c->home.owned = true;
	c->home.state = asks_consent(v->s.rules) ? KEEL_STATE_SETUP : KEEL_STATE_OPERATION;
	if (c->purpose == KEEL_FOR_CLAIM) {
		c->home.homes++;
		return KEEL_OK;
	}
	e = forget_consented(v, &c->home);
	if (e == KEEL_OK)
		e = vault_drop_pending(v, NULL);
	if (e == KEEL_OK)
		e = vault_forget_givers(v, NULL);
	for (size_t i = 0; i < KEEL_COUNT(leave) && e == KEEL_OK; i++)
		e = vault_drop_all(v, leave[i]);
	return e == KEEL_OK ? vault_drop_compartments(v, "person/") : e;
}

static enum keel_err settle(struct keel_vault *v, struct coming *c, struct keel_bytes *welcome)
{
	const char *word = c->purpose == KEEL_FOR_CLAIM    ? "claimed"
			   : c->purpose == KEEL_FOR_JOIN   ? "joined"
			   : c->purpose == KEEL_FOR_RETURN ? "returned"
							   : "recovered";
	enum keel_err e = change_home(v, c);
	if (e == KEEL_OK)
		e = vault_put_home(v, &c->home);
	c->owner.since = vault_wall(v);
	if (e == KEEL_OK)
		e = vault_put_owner(v, &c->owner);
	if (e == KEEL_OK)
		e = write_welcome(v, c, v->work, welcome);
	if (e == KEEL_OK)
		e = vault_put_welcome(v, c->owner.print, *welcome);
	if (e == KEEL_OK)
		e = vault_event_put(v, word, (struct keel_bytes){ 0 }, true);
	return e == KEEL_OK ? keel_store_commit_renew(v->s.store) : e;
}

static enum vault_no take_in(struct keel_vault *v, struct coming *c, struct keel_wr *w)
{
	struct keel_bytes welcome;
	uint64_t before = v->home.state;
	if (vault_begin(v) != KEEL_OK)
		return NO_STORE;
	enum keel_err e = settle(v, c, &welcome);
	if (e != KEEL_OK)
		keel_store_rollback(v->s.store);
	enum keel_err loaded = vault_reload(v);
	if (e != KEEL_OK || loaded != KEEL_OK)
		return NO_STORE;
	struct keel_digest *used = &v->used_nonces[v->next_nonce++ % USED_NONCES_MAX];
	memcpy(used->b, c->body.device_nonce.p, sizeof(used->b));
	if (c->purpose != KEEL_FOR_JOIN) { /* one press, one of them; and a vouch serves once */
		v->recover_until_ms = 0;
		memset(&v->vouch, 0, sizeof(v->vouch));
	}
	if (before != v->home.state)
		vault_tell_state(v);
	keel_wr_bytes(w, welcome);
	return NO_NOT;
}

static enum vault_no again(struct keel_vault *v, const struct vault_owner *o, struct keel_wr *w)
{
	struct keel_bytes welcome;
	if (vault_get_welcome(v, o->print, v->work, WELCOME_MAX, &welcome) != KEEL_OK)
		return NO_STORE;
	keel_wr_bytes(w, welcome);
	return NO_NOT;
}

enum vault_no vault_claim(struct keel_vault *v, struct keel_bytes from, struct keel_bytes body,
	struct keel_wr *w, uint64_t *wait_s)
{
	struct coming c = { 0 };
	if (vault_wrong_waits(v, from, wait_s))
		return NO_WAIT;
	enum vault_no no = verify(v, body, &c);
	if (no == NO_CODE)
		vault_wrong_count(v, from);
	if (no == NO_NOT) {
		const struct vault_owner *o = came_before(v, &c.digest);
		if (o != NULL)
			return again(v, o, w);
		no = admit(v, &c);
	}
	if (no == NO_NOT && !nonce_good(v, c.body.device_nonce))
		no = NO_NONCE;
	if (no == NO_NOT)
		no = read_keys(v, &c);
	if (no == NO_NOT) {
		vault_wrong_forget(v, from);
		name_owner(&c);
		no = take_in(v, &c, w);
	}
	keel_wipe(&c, sizeof(c));
	return no;
}

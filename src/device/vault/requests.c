/*
 * One request of an owner: opened, checked, answered. EN 303 645 5.5-7, 5.13-1A.
 *
 * Who may do what stands in one table. A change is one transaction: what it does, its counter and
 * its result; the same bytes again get that result.
 */
#include <string.h>

#include "core/cbor.h"
#include "device/vault/engine.h"
#include "owner/pad.h"

enum who { NOBODY = 0, OWNERS = 1 << KEEL_ROLE_OWNER, GUESTS = 1 << KEEL_ROLE_GUEST };

struct handler {
	uint64_t op;
	unsigned who;
	vault_read *read;
	vault_alter *alter;
};

/* clang-format off */
static const struct handler handlers[] = {
	{ KEEL_OP_CHALLENGE, OWNERS | GUESTS, vault_read_challenge, NULL },
	{ KEEL_OP_STATE,     OWNERS | GUESTS, vault_read_state,     NULL },
	{ KEEL_OP_HISTORY,   OWNERS,          vault_read_history,   NULL },
	{ KEEL_OP_KEPT,      OWNERS,          vault_read_kept,      NULL },
	{ KEEL_OP_EXPORT,    OWNERS,          vault_read_export,    NULL },
	{ KEEL_OP_PEOPLE,    OWNERS,          vault_read_people,    NULL },
	{ KEEL_OP_EVENTS,    OWNERS,          vault_read_events,    NULL },
	{ KEEL_OP_STATEMENT, OWNERS,          vault_read_statement, NULL },
	{ KEEL_OP_PRODUCT,   OWNERS | GUESTS, vault_read_product,   NULL },
	{ KEEL_OP_COMMAND,   OWNERS | GUESTS, NULL, vault_do_command },
	{ KEEL_OP_INVITE,    OWNERS,          NULL, vault_do_invite },
	{ KEEL_OP_REMOVE,    OWNERS,          NULL, vault_do_remove },
	{ KEEL_OP_DELETE,    OWNERS | GUESTS, NULL, vault_do_delete },
	{ KEEL_OP_RENAME,    OWNERS | GUESTS, NULL, vault_do_rename },
	{ KEEL_OP_CONSENT,   OWNERS,          NULL, vault_do_consent },
	{ KEEL_OP_LEAVE,     OWNERS,          NULL, vault_do_leave },
	{ KEEL_OP_VOUCH,     OWNERS,          NULL, vault_do_vouch },
};
/* clang-format on */
_Static_assert(KEEL_COUNT(handlers) == KEEL_OP_COUNT, "one handler for each operation");

/* Room for the args and the result of any operation. */
union args {
	uint32_t has;
	uint64_t size[32];
};

static const struct handler *handler_of(uint64_t op)
{
	for (size_t i = 0; i < KEEL_COUNT(handlers); i++)
		if (handlers[i].op == op)
			return &handlers[i];
	return NULL;
}

/* --- opening --------------------------------------------------------------------------------- */

struct asking {
	struct vault_owner *owner;
	struct keel_request request;
	struct keel_digest digest; /* of the sealed bytes */
	struct keel_bytes result;
};

static enum vault_no check_names(const struct keel_vault *v, const struct keel_envelope *env)
{
	if (!keel_bytes_equal(env->device, KEEL_VIEW(v->unit.id)))
		return NO_OTHER_DEVICE;
	if (!keel_bytes_equal(env->home, KEEL_VIEW(v->home.id)) && !keel_broken("home-id-ignored"))
		return NO_OTHER_HOME;
	return NO_NOT;
}

/* Request and nothing else: it asks one thing, or changes one. */
static enum vault_no read_request(struct keel_bytes body, struct keel_request *q)
{
	if (keel_schema_read(&keel_request_schema, body, q, NULL) != KEEL_OK ||
		!keel_padding_good(q->padding))
		return NO_FORM;
	bool change = keel_has(q, KEEL_REQUEST_CHANGE);
	if (change == keel_has(q, KEEL_REQUEST_OP) || (change && keel_has(q, KEEL_REQUEST_ARGS)))
		return NO_FORM;
	return NO_NOT;
}

static enum vault_no open_request(struct keel_vault *v, struct keel_bytes in, struct asking *a)
{
	struct keel_bytes from, to, plain;
	struct keel_envelope env;
	if (keel_cose_seal_kids(in, &from, &to) != KEEL_OK || in.n > sizeof(v->plain))
		return NO_FORM;
	if (!keel_bytes_equal(to, KEEL_VIEW(v->s.identity->thumbprint)))
		return NO_OTHER_DEVICE;
	a->owner = vault_owner_of(v, from);
	if (a->owner == NULL)
		return NO_STRANGER;
	if (vault_agree(v, a->owner) != KEEL_OK)
		return NO_STORE;
	if (keel_cose_open_static(&a->owner->shared, in, v->plain, &plain) != KEEL_OK)
		return NO_SEAL;
	enum keel_err e = keel_envelope_read(KEEL_FOR_REQUEST, plain, &env);
	if (e != KEEL_OK || !keel_bytes_equal(env.recipient, to))
		return NO_FORM;
	enum vault_no no = check_names(v, &env);
	return no == NO_NOT ? read_request(env.body, &a->request) : no;
}

/* --- what only reads ------------------------------------------------------------------------- */

static enum vault_no may(
	const struct keel_vault *v, const struct handler *h, const struct vault_owner *o)
{
	if (vault_time_over(v, o))
		return NO_TIME_OVER;
	if ((h->who & 1U << o->role) == 0 && !keel_broken("rights-ignored"))
		return NO_RIGHT;
	return NO_NOT;
}

/* A result is written after its handler, so that its lists may stand in the vault's scratch. */
static enum vault_no write_result(struct keel_vault *v, const struct keel_op *op,
	const union args *result, struct keel_bytes *out)
{
	struct keel_wr w = keel_wr_of(v->work, sizeof(v->work));
	keel_schema_write(op->result, result, &w);
	return keel_wr_end(&w, out) == KEEL_OK ? NO_NOT : NO_STORE;
}

static enum vault_no read_args(const struct keel_op *op, struct keel_bytes in, union args *args)
{
	static const uint8_t empty_map[] = { 0xa0 };
	KEEL_MUST(op->args->size <= sizeof(*args) && op->result->size <= sizeof(*args));
	if (in.n == 0)
		in = KEEL_VIEW(empty_map);
	return keel_schema_read(op->args, in, args, NULL) == KEEL_OK ? NO_NOT : NO_FORM;
}

static enum vault_no answer_read(struct keel_vault *v, struct asking *a)
{
	const struct keel_op *op = keel_op_of(a->request.op);
	const struct handler *h = handler_of(a->request.op);
	union args args, result;
	memset(&result, 0, sizeof(result)); /* = { 0 } is the first member's only */
	if (op == NULL || h == NULL || op->changes)
		return NO_FORM;
	enum vault_no no = may(v, h, a->owner);
	if (no == NO_NOT)
		no = read_args(op, a->request.args, &args);
	if (no == NO_NOT)
		no = h->read(v, a->owner, &args, &result);
	return no == NO_NOT ? write_result(v, op, &result, &a->result) : no;
}

/* --- what changes something ------------------------------------------------------------------ */

/* Signed by whoever sealed it, for this device and home. */
static enum vault_no read_change(struct keel_vault *v, const struct vault_owner *o,
	struct keel_bytes in, struct keel_change *out)
{
	struct keel_bytes kid, payload, none = { 0 };
	struct keel_envelope env;
	if (keel_cose_sign1_kid(in, &kid) != KEEL_OK)
		return NO_FORM;
	enum keel_err e = vault_make_ready(v, o);
	if (e == KEEL_OK)
		e = keel_cose_verify1_opened(&v->ready, in, none, &payload);
	if (keel_broken("signature-unchecked") && e != KEEL_OK) {
		struct keel_rd r = keel_rd_of(in);
		(void)keel_rd_take(&r, 1 + 4 + 1 + 1 + 2 + KEEL_THUMBPRINT_LEN);
		payload = keel_cbor_read_bytes(&r);
	} else if (e != KEEL_OK || !keel_bytes_equal(kid, KEEL_VIEW(o->print))) {
		return NO_SIGNATURE;
	}
	e = keel_envelope_read(KEEL_FOR_CHANGE, payload, &env);
	if (e != KEEL_OK || env.recipient.n != 0)
		return NO_FORM;
	enum vault_no no = check_names(v, &env);
	if (no == NO_NOT && keel_schema_read(&keel_change_schema, env.body, out, NULL) != KEEL_OK)
		no = NO_FORM;
	return no;
}

/* How old its challenge may be: a message may say so itself. */
static uint64_t valid_s(const struct keel_vault *v, const struct keel_op *op, const void *args)
{
	if (op->number != KEEL_OP_COMMAND)
		return CHALLENGE_S;
	const struct keel_command_args *c = args;
	const struct keel_rule_message *m = keel_rule_message_of(v->s.rules, c->message);
	return m != NULL && m->may_wait_s > 0 ? m->may_wait_s : CHALLENGE_S;
}

static bool is_old(const struct keel_change *ch, const struct vault_owner *o)
{
	if (keel_broken("counter-not-written"))
		return false;
	return keel_broken("repeat-taken") ? ch->counter < o->counter : ch->counter <= o->counter;
}

static enum vault_no check_change(struct keel_vault *v, const struct vault_owner *o,
	const struct keel_change *ch, const struct handler *h, const struct keel_op *op,
	const union args *args)
{
	enum vault_no no = may(v, h, o);
	if (no != NO_NOT)
		return no;
	if (is_old(ch, o))
		return NO_REPLAYED;
	if (!vault_challenge_valid(v, o, ch->challenge, valid_s(v, op, args)))
		return NO_HELD_BACK;
	return NO_NOT;
}

/* The store's part, ended by its commit; memory has not moved yet. */
static enum vault_no commit(struct keel_vault *v, struct vault_change *c)
{
	enum keel_err e = c->gone ? KEEL_OK : vault_put_owner(v, &c->next);
	if (e == KEEL_OK)
		e = c->renew ? keel_store_commit_renew(v->s.store) : keel_store_commit(v->s.store);
	return e == KEEL_OK ? NO_NOT : NO_STORE;
}

/* Memory's part, and who has to be told. */
static enum vault_no finish(struct keel_vault *v, struct vault_change *c)
{
	uint64_t before = v->home.state;
	if (c->reload) {
		if (vault_reload(v) != KEEL_OK)
			return NO_STORE;
	} else {
		*c->owner = c->next;
	}
	if (c->vouches)
		v->vouch = c->vouch;
	if (c->sent.number > 0)
		vault_command_accepted(v, c);
	if (c->forget)
		vault_tell_forget(v);
	if (before != v->home.state)
		vault_tell_state(v);
	if (c->forget)
		vault_hand_over_all(v);
	return NO_NOT;
}

static enum vault_no make_change(struct keel_vault *v, struct asking *a, struct vault_change *c,
	const struct handler *h, const struct keel_op *op, const union args *args)
{
	union args result;
	memset(&result, 0, sizeof(result));
	if (vault_begin(v) != KEEL_OK)
		return NO_STORE;
	enum vault_no no = h->alter(v, c, args, &result);
	if (no == NO_NOT)
		no = write_result(v, op, &result, &a->result);
	if (no == NO_NOT && a->result.n > sizeof(c->next.result))
		no = NO_STORE;
	if (no == NO_NOT) {
		memcpy(c->next.result, a->result.p, a->result.n);
		c->next.result_n = a->result.n;
		no = commit(v, c);
	}
	if (no == NO_NOT)
		return finish(v, c);
	keel_store_rollback(v->s.store);
	if (no == NO_STORE) {
		enum keel_err again = vault_reload(v);
		(void)again; /* where it fails the outbox heard: the engine ends */
	}
	return no;
}

static enum vault_no answer_change(struct keel_vault *v, struct asking *a, struct vault_change *c)
{
	struct keel_change ch;
	struct keel_digest digest;
	union args args;
	struct vault_owner *o = a->owner;
	enum vault_no no = read_change(v, o, a->request.change, &ch);
	if (no != NO_NOT)
		return no;
	keel_sha256(&a->request.change, 1, &digest);
	if (o->changed && memcmp(&digest, &o->change, sizeof(digest)) == 0 &&
		!keel_broken("counter-not-written")) {
		a->result = (struct keel_bytes){ o->result, o->result_n };
		return NO_NOT;
	}
	const struct keel_op *op = keel_op_of(ch.op);
	const struct handler *h = handler_of(ch.op);
	if (op == NULL || h == NULL || !op->changes)
		return NO_FORM;
	no = read_args(op, ch.args, &args);
	if (no == NO_NOT)
		no = check_change(v, o, &ch, h, op, &args);
	if (no != NO_NOT)
		return no;
	c->owner = o;
	c->next = *o;
	c->next.counter = keel_broken("counter-not-written") ? o->counter : ch.counter;
	c->next.change = digest;
	c->next.changed = !keel_broken("repeat-taken");
	return make_change(v, a, c, h, op, &args);
}

/* --- the answer ------------------------------------------------------------------------------ */

/* Who asked may be gone from memory by now: what is needed of them was copied before. */
struct addressee {
	struct keel_key shared;
	uint8_t print[KEEL_THUMBPRINT_LEN];
	uint8_t home[KEEL_HOME_ID_LEN];
};

static enum keel_err seal_answer(struct keel_vault *v, const struct addressee *to,
	const struct keel_request_answer *answer, struct keel_wr *w)
{
	struct keel_wr plain = keel_wr_of(v->plain, sizeof(v->plain));
	struct keel_bytes payload;
	const struct keel_names names = {
		.device = KEEL_VIEW(v->unit.id),
		.home = KEEL_VIEW(to->home),
		.recipient = KEEL_VIEW(to->print),
	};
	enum keel_err e = keel_request_answer_write(&names, answer, &plain);
	if (e == KEEL_OK)
		e = keel_wr_end(&plain, &payload);
	if (e == KEEL_OK)
		e = keel_cose_seal_static(&to->shared, KEEL_VIEW(v->s.identity->thumbprint),
			KEEL_VIEW(to->print), payload, w);
	if (keel_broken("answer-in-clear")) { /* keel owner cuts it off again */
		keel_wr_bytes(w, payload);
		keel_wr_u16be(w, (uint16_t)payload.n);
	}
	keel_wipe(v->plain, plain.n);
	return e;
}

/* Whether the answer may be sealed, and if not, the plain reason. */
static bool sealed_reason(enum vault_no no)
{
	return no != NO_FORM && no != NO_OTHER_DEVICE && no != NO_OTHER_HOME;
}

static bool said_farewell(struct keel_vault *v, const struct keel_digest *digest, struct keel_wr *w)
{
	struct vault_farewell *f = &v->farewell;
	if (f->n == 0 || vault_now_ms(v) > f->until_ms ||
		memcmp(&f->request, digest, sizeof(*digest)) != 0)
		return false;
	keel_wr_bytes(w, (struct keel_bytes){ f->answer, f->n });
	return true;
}

static void keep_farewell(
	struct keel_vault *v, const struct keel_digest *digest, const struct keel_wr *w)
{
	struct vault_farewell *f = &v->farewell;
	if (w->err != KEEL_OK || w->n > sizeof(f->answer))
		return;
	memcpy(f->answer, w->p, w->n);
	f->n = w->n;
	f->request = *digest;
	f->until_ms = vault_now_ms(v) + CLAIM_WINDOW_MS;
}

static enum vault_no answer(struct keel_vault *v, struct asking *a, enum vault_no no, bool gone,
	const struct addressee *to, struct keel_wr *w)
{
	const struct vault_refusal *why = vault_refusal_of(no);
	const char *said = v->sentence[0] != '\0' ? v->sentence : why->sentence;
	struct keel_request_answer body = {
		.has = 1U << (no == NO_NOT ? KEEL_ANSWER_RESULT : KEEL_ANSWER_SENTENCE),
		.nonce = a->request.nonce,
		.error = why->err,
		.result = a->result,
		.sentence = keel_text(said),
	};
	uint8_t nonce[KEEL_REQUEST_NONCE_LEN];
	memcpy(nonce, body.nonce.p,
		sizeof(nonce)); /* it stands in the buffer that is written now */
	body.nonce = KEEL_VIEW(nonce);
	if (seal_answer(v, to, &body, w) != KEEL_OK)
		return NO_STORE;
	if (gone)
		keep_farewell(v, &a->digest, w);
	return NO_NOT;
}

enum vault_no vault_request(struct keel_vault *v, struct keel_bytes body, struct keel_wr *w)
{
	struct asking a = { 0 };
	struct vault_change c = { 0 };
	struct addressee to;
	v->sentence[0] = '\0';
	keel_sha256(&body, 1, &a.digest);
	if (said_farewell(v, &a.digest, w))
		return NO_NOT;
	enum vault_no no = open_request(v, body, &a);
	if (no != NO_NOT) {
		v->s.outbox.counted(v->s.outbox.self, KEEL_VAULT_REFUSED);
		return no;
	}
	to.shared = a.owner->shared;
	memcpy(to.print, a.owner->print, sizeof(to.print));
	memcpy(to.home, v->home.id, sizeof(to.home));
	no = keel_has(&a.request, KEEL_REQUEST_CHANGE) ? answer_change(v, &a, &c)
						       : answer_read(v, &a);
	if (no != NO_NOT)
		v->s.outbox.counted(v->s.outbox.self, KEEL_VAULT_REFUSED);
	if (no == NO_NOT || sealed_reason(no))
		no = answer(v, &a, no, c.gone, &to, w);
	keel_key_wipe(&to.shared);
	keel_wipe(&c, sizeof(c));
	return no;
}

/* /v1/session/nonce and /v1/session. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fleet/service.h"
#include "fleet/signer.h"

struct keel_judge_here keel_fleet_here(const struct keel_fleet_service *s)
{
	return (struct keel_judge_here){ .origin = keel_text(s->config.origin),
		.nonce_key = &s->keys.all[0].nonce,
		.policy = &s->policy,
		.now = keel_fleet_now(s) };
}

void keel_fleet_on_nonce(void *self, struct keel_http_call *call)
{
	struct keel_fleet_service *s = self;
	const struct keel_fleet_key *key = &s->keys.all[0];
	uint8_t nonce[KEEL_SESSION_NONCE_LEN];
	uint32_t nothing;
	if (keel_schema_read(&keel_nothing_schema, keel_http_call_body(call), &nothing, NULL) !=
		KEEL_OK) {
		keel_fleet_refuse_err(call, KEEL_EFORM);
		return;
	}
	keel_session_nonce_make(&key->nonce, keel_fleet_now(s), nonce);
	const struct keel_nonce_result r = { .nonce = KEEL_VIEW(nonce),
		.voucher = { key->voucher, key->voucher_n } };
	keel_fleet_reply(s, call, &keel_nonce_result_schema, &r);
}

/* --- opening --- */

/* From the handler to the answer, while the disk takes the decision. */
struct opening {
	struct keel_fleet_held held;
	struct keel_fleet_session job;
	struct keel_fleet_signed signed_;
	bool only_updates;
	char reasons[KEEL_FLEET_DETAIL_MAX + 1];
	size_t n;
	uint8_t body[]; /* what the job's views look into */
};

static void say_no(struct keel_http_call *call, enum keel_judge_no no)
{
	const struct keel_judge_refusal *r = &keel_judge_refusals[no];
	keel_fleet_refuse(call, r->status, r->word, r->sentence, 0);
}

/* Nobody waits for it, so it frees itself. */
static void stranger_noted(void *self, struct keel_fleet_write *w)
{
	(void)w;
	free(self);
}

struct stranger {
	struct keel_fleet_stranger job;
	char serial[KEEL_FLEET_SERIAL_MAX + 1];
};

/* Its maker endorsed it, so it is no noise: the operator is shown who asked. */
static void note_stranger(
	struct keel_fleet_service *s, enum keel_judge_no no, const struct keel_judge_opened *opened)
{
	struct stranger *n = calloc(1, sizeof(*n));
	KEEL_MUST(n != NULL);
	(void)snprintf(n->serial, sizeof(n->serial), "%.*s", (int)opened->endorsement.serial.n,
		(const char *)opened->endorsement.serial.p);
	n->job = (struct keel_fleet_stranger){
		.write = { .done = stranger_noted, .self = n },
		.serial = keel_text(n->serial),
		.why = no == KEEL_JUDGE_REVOKED ? "session of a revoked unit"
						: "session of an unknown unit",
		.now_s = keel_fleet_now(s),
	};
	memcpy(n->job.id, opened->id, sizeof(n->job.id));
	keel_fleet_stranger(s->store, &n->job);
}

static enum keel_judge_no judge(struct keel_fleet_service *s, struct keel_bytes body,
	struct keel_judge_asked *asked, struct keel_judge_opened *opened)
{
	const struct keel_judge_here here = keel_fleet_here(s);
	struct keel_fleet_unit unit;
	struct keel_fleet_home home = { 0 };
	enum keel_judge_no no = keel_judge_ask(&here, body, asked);
	if (no != KEEL_JUDGE_YES)
		return no;
	bool known = keel_fleet_unit_find(s->store, asked->id, &unit) == KEEL_OK;
	if (known && keel_fleet_home_find(s->store, asked->id, &home) != KEEL_OK)
		home.version[0] = '\0';
	const struct keel_judge_unit row = { .sign = unit.sign,
		.agree = unit.agree,
		.revoked = unit.revoked_s != 0,
		.version = keel_text(home.version) };
	return keel_judge_open(&here, asked,
		keel_fleet_products_find(s->products, asked->statement.declaration, here.now),
		known ? &row : NULL, opened);
}

/* A view of the same bytes in the copy. */
static struct keel_bytes moved(
	struct keel_bytes view, struct keel_bytes from, const struct opening *to)
{
	return view.n == 0 ? (struct keel_bytes){ 0 }
			   : (struct keel_bytes){ to->body + (view.p - from.p), view.n };
}

static enum keel_err sign(
	struct keel_fleet_service *s, const struct keel_judge_opened *opened, struct opening *o)
{
	const struct keel_judge_here here = keel_fleet_here(s);
	keel_random(o->job.token, sizeof(o->job.token));
	const struct keel_token claims = keel_judge_claims(&here, opened, o->job.token);
	return keel_fleet_signer_ask(s->signer, &claims, opened->device_nonce, &o->signed_);
}

static void session_kept(void *self, struct keel_fleet_write *w)
{
	struct opening *o = self;
	struct keel_fleet_service *s = o->held.service;
	const struct keel_open_result r = { .token = o->signed_.token,
		.valid_s = KEEL_TOKEN_TTL_S,
		.only_updates = o->only_updates,
		.taken = o->job.taken,
		.time = o->signed_.time };
	struct keel_http_call *call = o->held.call;
	if (w->err == KEEL_OK && o->job.more) {
		keel_fleet_session(s->store, &o->job);
		return;
	}
	if (w->err == KEEL_OK)
		keel_fleet_device_know(keel_fleet_device_heard(s->devices, o->job.id, o->job.home,
					       o->job.now_s, o->job.next_s),
			&o->job.product, o->job.taken);
	if (call != NULL) {
		keel_http_call_keep(call, NULL);
		if (w->err == KEEL_OK)
			keel_fleet_reply(s, call, &keel_open_result_schema, &r);
		else if (w->err == KEEL_ESTALE)
			say_no(call, KEEL_JUDGE_OWNERS);
		else
			keel_fleet_refuse_err(call, w->err);
	}
	free(o);
}

static void keep_session(struct keel_fleet_service *s, struct keel_http_call *call,
	const struct keel_judge_asked *asked, const struct keel_judge_opened *opened,
	struct opening *o)
{
	const struct keel_bytes body = keel_http_call_body(call);
	struct keel_fleet_session *j = &o->job;
	keel_judgement_say(&opened->judgement, o->reasons, sizeof(o->reasons));
	memcpy(j->id, opened->id, sizeof(j->id));
	j->write.done = session_kept;
	j->write.self = o;
	j->now_s = keel_fleet_now(s);
	j->next_s = j->now_s + KEEL_FLEET_POLLS_S;
	j->home = moved(opened->statement.home, body, o);
	j->owners = moved(asked->args.owners, body, o);
	j->owners_number = opened->owners_number;
	KEEL_MUST(keel_bytes_copy(opened->statement.declaration, j->product.b,
			  sizeof(j->product.b)) == KEEL_OK);
	j->version = moved(opened->statement.version.text, body, o);
	j->decision = opened->judgement.action;
	j->quoted = opened->judgement.quoted;
	j->reasons = o->reasons;
	j->statement = moved(asked->args.statement, body, o);
	o->only_updates = opened->judgement.action == KEEL_QUARANTINE;
	o->held = (struct keel_fleet_held){ .call = call, .service = s };
	keel_http_call_keep(call, &o->held);
	keel_fleet_session(s->store, j);
}

void keel_fleet_on_session(void *self, struct keel_http_call *call)
{
	struct keel_fleet_service *s = self;
	const struct keel_bytes body = keel_http_call_body(call);
	struct keel_judge_asked asked = { 0 };
	struct keel_judge_opened opened = { 0 };
	enum keel_judge_no no = judge(s, body, &asked, &opened);
	if (no == KEEL_JUDGE_UNKNOWN || no == KEEL_JUDGE_REVOKED)
		note_stranger(s, no, &opened);
	if (no == KEEL_JUDGE_YES && asked.args.owners.n > KEEL_FLEET_OWNERS_MAX)
		no = KEEL_JUDGE_OWNERS;
	if (no != KEEL_JUDGE_YES) {
		say_no(call, no);
		return;
	}
	struct opening *o = calloc(1, sizeof(*o) + body.n);
	KEEL_MUST(o != NULL);
	memcpy(o->body, body.p, body.n);
	enum keel_err e = sign(s, &opened, o);
	if (e == KEEL_OK) {
		keep_session(s, call, &asked, &opened, o);
		return;
	}
	free(o);
	if (e == KEEL_EIO)
		keel_fleet_lost_signer(s);
	keel_fleet_refuse_err(call, KEEL_EIO);
}

void keel_fleet_over_job(void *self, struct keel_http_call *call, enum keel_http_over why)
{
	struct keel_fleet_held *held = keel_http_call_kept(call);
	(void)self;
	if (held != NULL)
		held->call = NULL;
	keel_http_call_keep(call, NULL);
	if (why == KEEL_HTTP_WAITED)
		keel_fleet_refuse_err(call, KEEL_EIO);
}

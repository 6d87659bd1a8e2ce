#include "device/uplink/opening.h"

#include <string.h>

enum keel_err keel_opening_init(
	struct keel_opening *o, struct keel_bytes origin, const struct keel_p256_pub *root)
{
	if (origin.n == 0 || origin.n >= sizeof(o->origin))
		return KEEL_ERANGE;
	*o = (struct keel_opening){ .root = *root };
	memcpy(o->origin, origin.p, origin.n);
	return KEEL_OK;
}

void keel_opening_clear(struct keel_opening *o)
{
	keel_p256_key_wipe(&o->own);
	keel_key_wipe(&o->key);
	o->token_n = 0;
}

enum keel_err keel_opening_nonce(struct keel_opening *o, struct keel_bytes body, int64_t now)
{
	struct keel_nonce_result r;
	struct keel_service_keys keys;
	enum keel_err e = keel_schema_read(&keel_nonce_result_schema, body, &r, NULL);
	if (e == KEEL_OK && r.voucher.n > sizeof(o->voucher))
		e = KEEL_ERANGE;
	if (e == KEEL_OK)
		e = keel_voucher_verify(r.voucher, &o->root, now, &keys);
	if (e != KEEL_OK)
		return e;
	keel_opening_clear(o);
	o->keys = keys;
	memcpy(o->nonce, r.nonce.p, sizeof(o->nonce));
	memcpy(o->voucher, r.voucher.p, r.voucher.n);
	o->voucher_n = r.voucher.n;
	keel_p256_generate(&o->own);
	o->id++;
	return KEEL_OK;
}

struct msg_attest keel_opening_question(struct keel_opening *o)
{
	return (struct msg_attest){ .id = o->id,
		.nonce = KEEL_VIEW(o->nonce),
		.origin = keel_text(o->origin),
		.key = KEEL_VIEW(o->own.pub.xy) };
}

enum keel_err keel_opening_attested(
	struct keel_opening *o, const struct msg_attested *in, struct keel_wr *w)
{
	if (in->id != o->id)
		return KEEL_ESTALE;
	if (in->home.n != 0 && in->home.n != sizeof(o->home))
		return KEEL_ERANGE;
	memcpy(o->device, in->device.p, sizeof(o->device));
	if (in->home.n > 0)
		memcpy(o->home, in->home.p, in->home.n);
	o->home_n = in->home.n;
	const struct keel_open_args args = {
		.has = keel_has(in, ATTESTED_OWNERS) ? 1u << KEEL_OPEN_OWNERS : 0,
		.statement = in->statement,
		.endorsement = in->endorsement,
		.owners = in->owners,
		.nonce = in->nonce,
	};
	keel_schema_write(&keel_open_args_schema, &args, w);
	return w->err;
}

static struct keel_bytes home_of(const struct keel_opening *o)
{
	return (struct keel_bytes){ o->home, o->home_n };
}

/* By the keys of this voucher, and for nobody but us. */
static enum keel_err check_token(const struct keel_opening *o, struct keel_bytes in)
{
	uint8_t st[KEEL_THUMBPRINT_LEN], named[KEEL_THUMBPRINT_LEN];
	struct keel_p256_pub bound;
	struct keel_token t;
	keel_auto(keel_p256_close) struct keel_p256_opened sign = { 0 };
	keel_service_thumbprint(&o->keys, st);
	enum keel_err e = keel_token_kid(in, named);
	if (e == KEEL_OK && memcmp(st, named, sizeof(st)) != 0)
		e = KEEL_EAUTH;
	if (e == KEEL_OK)
		e = keel_p256_open_pub(&o->keys.sign, &sign);
	if (e == KEEL_OK)
		e = keel_token_verify(&sign, in, keel_text(o->origin), 0, &t);
	if (e != KEEL_OK)
		return e;
	keel_cose_key_pub(&t.cnf.key, &bound);
	bool ours = memcmp(bound.xy, o->own.pub.xy, sizeof(bound.xy)) == 0 &&
		    keel_bytes_equal(t.device, KEEL_VIEW(o->device)) &&
		    keel_bytes_equal(t.home, home_of(o));
	return ours ? KEEL_OK : KEEL_EAUTH;
}

enum keel_err keel_opening_session(
	struct keel_opening *o, struct keel_bytes body, struct keel_open_result *out)
{
	struct keel_open_result r;
	const struct keel_agreer own = keel_agreer_of(&o->own);
	enum keel_err e = keel_schema_read(&keel_open_result_schema, body, &r, NULL);
	if (e == KEEL_OK && r.token.n > sizeof(o->token))
		e = KEEL_ERANGE;
	if (e == KEEL_OK)
		e = check_token(o, r.token);
	if (e == KEEL_OK)
		e = keel_session_key(&own, &o->keys.agree, r.token, &o->key);
	if (e != KEEL_OK)
		return e;
	memcpy(o->token, r.token.p, r.token.n);
	o->token_n = r.token.n;
	keel_p256_key_wipe(&o->own); /* it has done what it was made for */
	*out = r;
	return KEEL_OK;
}

struct keel_caller keel_opening_caller(const struct keel_opening *o)
{
	return (struct keel_caller){ .token = { o->token, o->token_n },
		.key = &o->key,
		.device = KEEL_VIEW(o->device),
		.home = home_of(o) };
}

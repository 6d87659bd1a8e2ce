#include "fleet/judge/calls.h"

#include <string.h>

#include "session/token.h"

static const struct keel_judge_key *key_of(
	const struct keel_judge_keys *keys, const uint8_t st[KEEL_THUMBPRINT_LEN])
{
	for (size_t i = 0; i < keys->count; i++)
		if (memcmp(keys->key[i].st, st, KEEL_THUMBPRINT_LEN) == 0)
			return &keys->key[i];
	return NULL;
}

static enum keel_err verify(const struct keel_judge_keys *keys, struct keel_bytes origin,
	int64_t now, struct keel_bytes token, struct keel_session *out)
{
	struct keel_token t;
	struct keel_p256_pub c;
	uint8_t st[KEEL_THUMBPRINT_LEN];
	enum keel_err e = keel_token_kid(token, st);
	const struct keel_judge_key *key = e == KEEL_OK ? key_of(keys, st) : NULL;
	if (e != KEEL_OK || key == NULL)
		return e != KEEL_OK ? e : KEEL_EAUTH;
	if (key->until <= now)
		return KEEL_ESTALE;
	e = keel_token_verify(&key->sign, token, origin, now, &t);
	if (e != KEEL_OK)
		return e;
	keel_cose_key_pub(&t.cnf.key, &c);
	e = keel_session_key(&key->agree, &c, token, &out->key);
	if (e != KEEL_OK)
		return e;
	memcpy(out->device, t.device.p, sizeof(out->device));
	if (t.home.n > 0)
		memcpy(out->home, t.home.p, t.home.n);
	out->home_n = t.home.n;
	/* No session outlives the keys that it stands on. */
	out->expires = t.expires < key->until ? t.expires : key->until;
	out->only_updates = t.only_updates;
	return KEEL_OK;
}

enum keel_err keel_judge_call(struct keel_verified *v, const struct keel_judge_keys *keys,
	struct keel_bytes origin, int64_t now, struct keel_bytes body, struct keel_judge_call *out)
{
	struct keel_call call;
	struct keel_digest digest;
	enum keel_err e = keel_schema_read(&keel_call_schema, body, &call, NULL);
	if (e != KEEL_OK)
		return e;
	keel_sha256(&call.token, 1, &digest);
	const struct keel_session *session = keel_verified_find(v, &digest, now);
	if (session == NULL) {
		struct keel_session fresh = { 0 };
		e = verify(keys, origin, now, call.token, &fresh);
		if (e == KEEL_OK)
			session = keel_verified_keep(v, &digest, &fresh);
		keel_key_wipe(&fresh.key);
	}
	if (e == KEEL_OK)
		*out = (struct keel_judge_call){ call, session };
	return e;
}

enum keel_err keel_judge_call_args(const struct keel_judge_call *call, const char *path,
	const struct keel_schema *schema, void *args)
{
	const struct keel_session *s = call->session;
	const struct keel_bytes home = { s->home, s->home_n };
	return keel_call_open(&call->call, &s->key, path, KEEL_VIEW(s->device), home, schema, args);
}

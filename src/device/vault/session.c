/* A session with the maker's service, from the vault's side. docs/service.md. EN 303 645 5.5-1, 5.7-1. */
#include <string.h>

#include "device/vault/engine.h"
#include "session/voucher.h"

/* What a session says and may change while it lasts. */
static void told(const struct keel_vault *v, struct keel_digest *out)
{
	uint8_t numbers[3 * 8];
	struct keel_wr w = keel_wr_of(numbers, sizeof(numbers));
	const struct vault_facts *f = &v->facts;
	keel_wr_u64be(&w, v->home.list_number);
	keel_wr_u64be(&w, v->home.state);
	keel_wr_u64be(&w, f->wrong << 1 | (f->listed ? 1 : 0));
	KEEL_MUST(w.err == KEEL_OK);
	const struct keel_bytes parts[] = { KEEL_VIEW(v->home.id), KEEL_VIEW(numbers),
		f->lists.measured.cbor, f->lists.extended.cbor, f->lists.missing.cbor,
		f->lists.open.cbor };
	keel_sha256(parts, KEEL_COUNT(parts), out);
}

bool keel_vault_session_stale(const struct keel_vault *v)
{
	struct keel_digest now;
	told(v, &now);
	return v->session.asked_ms > 0 && memcmp(&now, &v->session.told, sizeof(now)) != 0;
}

static enum keel_err write_statement(struct keel_vault *v, struct keel_bytes nonce,
	struct keel_bytes origin, const struct keel_p256_pub *key, struct keel_wr *w,
	struct keel_vault_attested *out)
{
	const struct keel_statement_args args = { .nonce = nonce, .aud = origin };
	struct keel_statement_result r = { 0 };
	if (vault_statement(v, TO_SERVICE, &args, key, &r) != NO_NOT)
		return KEEL_EIO;
	size_t at = w->n;
	keel_wr_bytes(w, r.statement); /* it stands in the scratch that signing the owners takes */
	out->statement = (struct keel_bytes){ w->p + at, r.statement.n };
	out->endorsement = r.endorsement;
	return w->err;
}

static enum keel_err write_owners(
	struct keel_vault *v, struct keel_wr *w, struct keel_vault_attested *out)
{
	struct keel_bytes list;
	if (!v->home.owned)
		return KEEL_OK;
	enum keel_err e = vault_sign_owners(v, &list);
	if (e != KEEL_OK)
		return e;
	size_t at = w->n;
	keel_wr_bytes(w, list);
	out->owners = (struct keel_bytes){ w->p + at, list.n };
	return w->err;
}

enum keel_err keel_vault_attest(struct keel_vault *v, struct keel_bytes nonce,
	struct keel_bytes origin, const struct keel_p256_pub *key, uint8_t *buf,
	struct keel_vault_attested *out)
{
	struct keel_wr w = keel_wr_of(buf, KEEL_ANSWER_MAX);
	struct vault_session *s = &v->session;
	struct keel_vault_attested a = { .device = KEEL_VIEW(v->unit.id) };
	if (!v->s.rules->service.declared)
		return KEEL_ESTATE;
	if (!keel_bytes_is(origin, v->s.rules->service.url))
		return KEEL_ERIGHT;
	enum keel_err e = keel_p256_check(key);
	if (e == KEEL_OK)
		e = write_statement(v, nonce, origin, key, &w, &a);
	if (e == KEEL_OK)
		e = write_owners(v, &w, &a);
	if (e != KEEL_OK)
		return e;
	keel_random(s->nonce, sizeof(s->nonce));
	s->asked = true;
	s->asked_ms = vault_now_ms(v);
	told(v, &s->told);
	a.nonce = KEEL_VIEW(s->nonce);
	if (v->home.owned)
		a.home = KEEL_VIEW(v->home.id);
	*out = a;
	return KEEL_OK;
}

enum keel_err keel_vault_session(
	struct keel_vault *v, uint64_t taken, struct keel_bytes voucher, struct keel_bytes time)
{
	struct vault_session *s = &v->session;
	struct keel_service_keys keys;
	int64_t now = 0;
	if (!s->asked)
		return KEEL_ESTATE;
	s->asked = false;
	enum keel_err e = keel_voucher_verify(
		voucher, &v->s.rules->service.root, vault_service_time(v), &keys);
	if (e == KEEL_OK)
		e = keel_time_verify(time, &keys, v->unit.id, KEEL_VIEW(s->nonce), &now);
	if (e == KEEL_OK)
		e = vault_take_time(v, now, vault_now_ms(v) - s->asked_ms);
	return e == KEEL_OK ? keel_vault_report_taken(v, taken) : e;
}

#include "fleet/judge/open.h"

#include <string.h>

#include "crypto/cose.h"
#include "fleet/judge/evidence.h"

/* clang-format off */
const struct keel_judge_refusal keel_judge_refusals[KEEL_JUDGE_COUNT] = {
	[KEEL_JUDGE_YES]     = { 200, "ok",      "a session is open" },
	[KEEL_JUDGE_FORM]    = { 400, "form",    "this is not a session's opening as docs/service.md has it" },
	[KEEL_JUDGE_PURPOSE] = { 403, "purpose", "the statement was made for something else, or for another service" },
	[KEEL_JUDGE_NONCE]   = { 409, "nonce",   "the nonce is not this service's, or too old: ask for a new one" },
	[KEEL_JUDGE_PRODUCT] = { 403, "product", "this service knows no product with this declaration; its maker adds it there" },
	[KEEL_JUDGE_PROOF]   = { 403, "proof",   "the endorsement or the statement is not what it says it is" },
	[KEEL_JUDGE_OWNERS]  = { 403, "owners",  "the list of owners is not one that this device signed for this home" },
	[KEEL_JUDGE_UNKNOWN] = { 403, "unknown", "this device is not enrolled at this service; its maker was shown that it asked" },
	[KEEL_JUDGE_REVOKED] = { 403, "revoked", "this device was taken out of service by its maker" },
};
/* clang-format on */

/* --- the first step -------------------------------------------------------------------------- */

enum keel_judge_no keel_judge_ask(
	const struct keel_judge_here *here, struct keel_bytes body, struct keel_judge_asked *out)
{
	struct keel_judge_asked a;
	struct keel_bytes payload;
	const struct keel_statement *s = &a.statement;
	if (keel_schema_read(&keel_open_args_schema, body, &a.args, NULL) != KEEL_OK ||
		keel_cose_sign1_peek(a.args.statement, &payload) != KEEL_OK ||
		keel_schema_read(&keel_statement_schema, payload, &a.statement, NULL) != KEEL_OK)
		return KEEL_JUDGE_FORM;
	enum keel_err e =
		keel_statement_check(s, KEEL_STATEMENT_PROFILE_SESSION, s->nonce, here->origin);
	if (e != KEEL_OK)
		return e == KEEL_EAUTH ? KEEL_JUDGE_PURPOSE : KEEL_JUDGE_FORM;
	if (keel_session_nonce_check(here->nonce_key, s->nonce, here->now) != KEEL_OK)
		return KEEL_JUDGE_NONCE;
	if (s->ueid.p[0] != 1) /* RAND, RFC 9711 §4.2.1.1: the only kind that we make */
		return KEEL_JUDGE_FORM;
	memcpy(a.id, s->ueid.p + 1, sizeof(a.id));
	*out = a;
	return KEEL_JUDGE_YES;
}

/* --- the second step ------------------------------------------------------------------------- */

/* What D signed, under D's own name. */
static enum keel_err verify_device(const struct keel_p256_opened *d,
	const uint8_t dt[KEEL_THUMBPRINT_LEN], struct keel_bytes sign1, struct keel_bytes *payload)
{
	struct keel_bytes kid;
	enum keel_err e = keel_cose_verify1_opened(d, sign1, (struct keel_bytes){ 0 }, payload);
	if (e == KEEL_OK)
		e = keel_cose_sign1_kid(sign1, &kid);
	/* Not under the signature, and yet one statement has one form only. */
	return e == KEEL_OK && !keel_bytes_equal(
				       kid, (struct keel_bytes){ dt, KEEL_THUMBPRINT_LEN })
		       ? KEEL_EAUTH
		       : e;
}

/* The maker's word, the device's and the declaration's are of one and the same product. */
static bool agree(const struct keel_judge_asked *asked, const struct keel_judge_product *product,
	const uint8_t id[KEEL_DEVICE_ID_LEN], const struct keel_endorsement *endorsed)
{
	const struct keel_statement *s = &asked->statement;
	const struct keel_model *model = &product->declared.model;
	return keel_bytes_equal(
		       KEEL_VIEW(asked->id), (struct keel_bytes){ id, sizeof(asked->id) }) &&
	       keel_bytes_equal(s->declaration, KEEL_VIEW(product->digest.b)) &&
	       keel_bytes_equal(s->oemid, KEEL_VIEW(product->oemid)) &&
	       keel_bytes_equal(endorsed->model, model->identifier) &&
	       keel_bytes_equal(s->model, model->identifier) &&
	       keel_bytes_equal(s->serial, endorsed->serial) &&
	       keel_bytes_equal(s->version.text, model->version);
}

/* In the factory state there are no owners, and so no list; in a home there is. */
static bool take_owners(const struct keel_judge_asked *asked, const struct keel_p256_opened *d,
	const uint8_t dt[KEEL_THUMBPRINT_LEN], struct keel_judge_opened *o)
{
	struct keel_bytes payload;
	struct keel_owners_list list;
	const struct keel_names names = { KEEL_VIEW(asked->id), asked->statement.home, { 0 } };
	bool there = keel_has(&asked->args, KEEL_OPEN_OWNERS);
	if (!there || names.home.n == 0)
		return !there && names.home.n == 0;
	if (verify_device(d, dt, asked->args.owners, &payload) != KEEL_OK ||
		keel_payload_read(KEEL_FOR_OWNERS, &names, &keel_owners_list_schema, payload,
			&list) != KEEL_OK)
		return false;
	o->owners = list.owners;
	o->owners_number = list.number;
	return true;
}

/* Three signatures: the maker's of D, and two of D's. */
static enum keel_judge_no prove(const struct keel_judge_asked *asked,
	const struct keel_judge_product *product, struct keel_judge_opened *o)
{
	struct keel_p256_pub sign, agree_pub;
	keel_auto(keel_p256_close) struct keel_p256_opened d = { 0 };
	uint8_t dt[KEEL_THUMBPRINT_LEN];
	struct keel_bytes payload;
	if (keel_endorsement_verify_opened(asked->args.endorsement, &product->maker,
		    &product->maker_key, o->id, &o->endorsement) != KEEL_OK ||
		!agree(asked, product, o->id, &o->endorsement))
		return KEEL_JUDGE_PROOF;
	memcpy(sign.xy, o->endorsement.sign.p, sizeof(sign.xy));
	memcpy(agree_pub.xy, o->endorsement.agree.p, sizeof(agree_pub.xy));
	keel_thumbprint(&sign, &agree_pub, dt);
	if (keel_p256_open_pub(&sign, &d) != KEEL_OK ||
		verify_device(&d, dt, asked->args.statement, &payload) != KEEL_OK)
		return KEEL_JUDGE_PROOF;
	keel_cose_key_pub(&asked->statement.cnf.key, &o->session);
	if (keel_p256_check(&o->session) != KEEL_OK)
		return KEEL_JUDGE_PROOF;
	return take_owners(asked, &d, dt, o) ? KEEL_JUDGE_YES : KEEL_JUDGE_OWNERS;
}

static bool enrolled(const struct keel_judge_unit *unit, const struct keel_endorsement *e)
{
	return unit != NULL && keel_bytes_equal(e->sign, KEEL_VIEW(unit->sign.xy)) &&
	       keel_bytes_equal(e->agree, KEEL_VIEW(unit->agree.xy));
}

enum keel_judge_no keel_judge_open(const struct keel_judge_here *here,
	const struct keel_judge_asked *asked, const struct keel_judge_product *product,
	const struct keel_judge_unit *unit, struct keel_judge_opened *out)
{
	struct keel_judge_opened o = { .statement = asked->statement,
		.device_nonce = asked->args.nonce };
	if (product == NULL)
		return KEEL_JUDGE_PRODUCT;
	enum keel_judge_no no = prove(asked, product, &o);
	if (no != KEEL_JUDGE_YES)
		return no;
	if (!enrolled(unit, &o.endorsement))
		no = KEEL_JUDGE_UNKNOWN;
	else if (unit->revoked)
		no = KEEL_JUDGE_REVOKED;
	else
		keel_judge_evidence(here->policy, product, unit->version, &o.endorsement,
			&asked->statement, &o.judgement);
	*out = o;
	return no;
}

struct keel_token keel_judge_claims(const struct keel_judge_here *here,
	const struct keel_judge_opened *opened, const uint8_t cti[KEEL_CTI_LEN])
{
	return (struct keel_token){ .issuer = here->origin,
		.audience = here->origin,
		.expires = here->now + KEEL_TOKEN_TTL_S,
		.issued = here->now,
		.cti = { cti, KEEL_CTI_LEN },
		.cnf = keel_cnf_of(&opened->session),
		.device = KEEL_VIEW(opened->id),
		.home = opened->statement.home,
		.only_updates = opened->judgement.action == KEEL_QUARANTINE };
}

/* What the device says of itself, signed: owner/statement.h has the table. EN 303 645 5.6-2, 5.12-2. */
#include <string.h>

#include "core/break.h"
#include "device/vault/engine.h"
#include "owner/endorsement.h"

/* Version and state, too, are for anyone while there is no owner to tell them to. */
static void tell_everybody(struct keel_vault *v, struct keel_statement *s)
{
	const struct keel_rules *r = v->s.rules;
	s->time = vault_wall(v);
	if (s->time > 0)
		s->has |= 1U << KEEL_STATEMENT_TIME;
	s->model = keel_text(r->model);
	s->profile = keel_text(KEEL_STATEMENT_PROFILE);
	s->maker = keel_text(r->maker);
	s->name = keel_text(r->name);
	s->support_until = keel_text(r->support_until);
	s->state = v->home.state;
	s->version.text = keel_text(r->version);
	if (!v->home.owned)
		s->has |= 1U << KEEL_STATEMENT_VERSION | 1U << KEEL_STATEMENT_STATE;
}

/* What is left to do until it is set up securely; sentences for a person. */
static struct keel_list to_do(struct keel_vault *v)
{
	struct keel_list_maker m = keel_list_maker_of(v->more_lists, sizeof(v->more_lists));
	const struct keel_rule_datum *d =
		keel_broken("setup-unsaid") ? NULL : vault_undecided(v, &v->home, NULL);
	char line[KEEL_NAME_MAX + 40];
	if (d != NULL) {
		struct keel_wr w = keel_wr_of(line, sizeof(line));
		keel_wr_text(&w, "decide whether it may keep ");
		keel_wr_text(&w, d->name);
		KEEL_MUST(w.err == KEEL_OK);
		(void)keel_list_put_text(&m, (struct keel_bytes){ (uint8_t *)line, w.n });
	}
	if (v->facts.lists.missing.count > 0)
		(void)keel_list_put_text(&m,
			keel_text("run it on a system that can build the walls that are missing"));
	if (v->s.rules->integrity && !v->facts.listed)
		(void)keel_list_put_text(&m,
			keel_text("have its maker's list of its files put on it (measures.cbor): "
				  "without it a changed file is not noticed"));
	if (v->facts.wrong > 0)
		(void)keel_list_put_text(&m,
			keel_text("have it repaired: a file is not the one that its maker built"));
	if (v->home.state == KEEL_STATE_ISOLATED)
		(void)keel_list_put_text(
			&m, keel_text("its programs were changed: have it repaired or reset"));
	return keel_list_made(&m);
}

static void tell_owners(struct keel_vault *v, struct keel_statement *s)
{
	s->serial = keel_text(v->unit.serial);
	s->open = v->facts.lists.open;
	s->missing = v->facts.lists.missing;
	s->measured = v->facts.lists.measured;
	s->grade = keel_text(keel_grade_word(false));
	if (!keel_broken("setup-unsaid"))
		s->to_do = to_do(v);
	s->keys_in = keel_text(v->s.keys_in);
	s->has |= KEEL_STATEMENT_FOR_OWNERS;
}

/* The rest, for the service: docs/service.md. */
static void tell_service(struct keel_vault *v, struct keel_statement *s,
	const struct keel_p256_pub *key, uint8_t oemid[KEEL_OEMID_LEN], struct keel_digest *product)
{
	const struct keel_rules *r = v->s.rules;
	s->profile = keel_text(KEEL_STATEMENT_PROFILE_SESSION);
	s->cnf = keel_cnf_of(key);
	keel_oemid(&r->maker_key, oemid);
	s->oemid = (struct keel_bytes){ oemid, KEEL_OEMID_LEN };
	s->uptime_s = vault_now_ms(v) / 1000;
	s->debug = (r->debug >> v->home.state & 1) != 0 ? KEEL_DEBUG_ENABLED : KEEL_DEBUG_DISABLED;
	s->boots = v->boots;
	keel_sha256(&r->product, 1, product);
	s->declaration = KEEL_VIEW(product->b);
	s->home = (struct keel_bytes){ v->home.id, v->home.owned ? sizeof(v->home.id) : 0 };
	s->files.listed = v->facts.listed;
	s->files.wrong = v->facts.wrong;
	s->has |= KEEL_STATEMENT_FOR_SESSION;
}

/* Whether its maker vouches for the key that vouches for the evidence. */
static bool quoter_endorsed(const struct keel_vault *v)
{
	uint8_t id[KEEL_DEVICE_ID_LEN];
	struct keel_endorsement e;
	const struct keel_bytes in = { v->unit.endorsement, v->unit.endorsement_n };
	return keel_endorsement_peek(in, id, &e) == KEEL_OK &&
	       keel_has(&e, KEEL_ENDORSEMENT_ATTEST) &&
	       keel_bytes_equal(e.attest, KEEL_VIEW(v->s.identity->quoter.pub.xy));
}

/* What a quote is written into. */
struct quoted {
	uint8_t attest[KEEL_ATTEST_MAX], signature[KEEL_SIGNATURE_LEN];
};

/* Claimed only where it proves what is stated: a program may be measured and not yet told to the TPM. */
static void add_quote(struct keel_vault *v, const struct keel_p256_pub *session,
	struct quoted *room, struct keel_statement *s)
{
	const struct keel_quoter *by = &v->s.identity->quoter;
	const struct keel_vault_facts *facts = &v->facts.lists;
	struct keel_digest qualifier;
	if (by->quote == NULL || facts->extended.count == 0 || !quoter_endorsed(v) ||
		!keel_pcr_log_ends_in(&facts->extended, &facts->measured))
		return;
	keel_quote_qualifier(s->nonce, session, &qualifier);
	s->quote.signature = KEEL_VIEW(room->signature);
	s->quote.log = facts->extended;
	if (by->quote(by->self, &qualifier, room->attest, &s->quote.attest, room->signature) !=
			KEEL_OK ||
		keel_quote_check(&s->quote, &qualifier) != KEEL_OK)
		return;
	s->grade = keel_text(keel_grade_word(true));
	s->has |= 1U << KEEL_STATEMENT_QUOTE;
}

enum vault_no vault_statement(struct keel_vault *v, enum vault_hearer to,
	const struct keel_statement_args *a, const struct keel_p256_pub *session,
	struct keel_statement_result *r)
{
	uint8_t ueid[KEEL_UEID_LEN] = { 1 }, oemid[KEEL_OEMID_LEN];
	struct keel_digest product;
	struct quoted quoted;
	struct keel_statement s = { .nonce = a->nonce, .aud = a->aud, .ueid = KEEL_VIEW(ueid) };
	struct keel_wr payload = keel_wr_of(v->lists, sizeof(v->lists));
	struct keel_wr w = keel_wr_of(v->work + sizeof(v->work) / 2, sizeof(v->work) / 2);
	struct keel_bytes written, none = { 0 };
	memcpy(ueid + 1, v->unit.id, sizeof(v->unit.id));
	tell_everybody(v, &s);
	if (to != TO_ANYBODY)
		tell_owners(v, &s);
	if (to == TO_SERVICE) {
		tell_service(v, &s, session, oemid, &product);
		add_quote(v, session, &quoted, &s);
	}
	keel_schema_write(&keel_statement_schema, &s, &payload);
	enum keel_err e = keel_wr_end(&payload, &written);
	if (e == KEEL_OK)
		e = keel_cose_sign1(&v->s.identity->signer, KEEL_VIEW(v->s.identity->thumbprint),
			none, written, &w);
	if (e == KEEL_OK)
		e = keel_wr_end(&w, &r->statement);
	r->endorsement = (struct keel_bytes){ v->unit.endorsement, v->unit.endorsement_n };
	return e == KEEL_OK ? NO_NOT : NO_STORE;
}

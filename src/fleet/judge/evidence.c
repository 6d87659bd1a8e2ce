#include "fleet/judge/evidence.h"

#include <string.h>

#include "core/break.h"
#include "fleet/judge/version.h"

/* A text as printf's %.*s takes it. */
#define TEXT(b) (int)(b).n, (const char *)(b).p

/* What it is judged by, and what comes of it. */
struct judging {
	const struct keel_policy *policy;
	const struct keel_judge_product *product;
	const struct keel_statement *said;
	struct keel_judgement *out;
};

#define SPEAKS_AGAINST(j, why, ...) keel_judgement_add((j)->out, (j)->policy, why, __VA_ARGS__)

/* Where no list is known nothing is held against it: that has a reason of its own. */
static bool as_built(const struct judging *j, const struct keel_measured_item *m, bool declaration)
{
	if (declaration)
		return keel_bytes_equal(m->digest, KEEL_VIEW(j->product->digest.b));
	return j->product->file_count == 0 || keel_judge_product_has(j->product, m->digest) ||
	       keel_broken("measurement-ignored");
}

static void judge_measured(const struct judging *j)
{
	struct keel_list rest = j->said->measured;
	struct keel_measured_item m;
	bool keeld = false, declaration = false;
	while (keel_list_next(&keel_measured_item_row, &rest, &m)) {
		bool is_declaration = keel_bytes_is(m.name, "product.cbor");
		declaration |= is_declaration;
		keeld |= keel_bytes_is(m.name, "keeld");
		if (!as_built(j, &m, is_declaration))
			SPEAKS_AGAINST(j, KEEL_WHY_MEASUREMENT, "%.*s is not as its maker built it",
				TEXT(m.name));
	}
	if (!keeld || !declaration)
		SPEAKS_AGAINST(j, KEEL_WHY_MEASUREMENT, "%s was not measured",
			keeld ? "product.cbor" : "keeld");
}

static void judge_files(const struct judging *j)
{
	const struct keel_files_found *f = &j->said->files;
	if (j->product->file_count == 0 || keel_broken("list-forgotten"))
		SPEAKS_AGAINST(j, KEEL_WHY_UNMEASURED, "no list of files is known of version %.*s",
			TEXT(j->said->version.text));
	if (!f->listed)
		SPEAKS_AGAINST(j, KEEL_WHY_FILES,
			"it has no list of its maker's to hold its files against");
	else if (f->wrong > 0)
		SPEAKS_AGAINST(j, KEEL_WHY_FILES, "%llu of its files %s not as its maker built",
			(unsigned long long)f->wrong, f->wrong == 1 ? "is" : "are");
}

static bool declared_open(const struct keel_product *p, struct keel_bytes name, uint64_t state)
{
	struct keel_list rest = p->interfaces;
	struct keel_interface i;
	while (keel_list_next(&keel_interface_row, &rest, &i))
		if (keel_bytes_equal(i.name, name))
			return keel_interface_is_open(&i, state);
	return false;
}

static void judge_surface(const struct judging *j)
{
	struct keel_list open = j->said->open, missing = j->said->missing;
	struct keel_bytes text;
	if (j->said->debug == KEEL_DEBUG_ENABLED)
		SPEAKS_AGAINST(j, KEEL_WHY_DEBUG, "a debug interface is enabled");
	while (keel_list_next(&keel_statement_text_row, &open, &text))
		if (!declared_open(&j->product->declared, text, j->said->state))
			SPEAKS_AGAINST(j, KEEL_WHY_INTERFACE,
				"%.*s is open, and not declared open in the state %s", TEXT(text),
				keel_state_word(j->said->state));
	if (keel_list_next(&keel_statement_text_row, &missing, &text))
		SPEAKS_AGAINST(j, KEEL_WHY_WALLS, "%zu missing, the first is %.*s",
			j->said->missing.count, TEXT(text));
}

static void judge_version(const struct judging *j, struct keel_bytes before)
{
	struct keel_bytes now = j->said->version.text;
	if (before.n > 0 && keel_version_compare(now, before) < 0)
		SPEAKS_AGAINST(j, KEEL_WHY_ROLLBACK, "%.*s, and it had %.*s before", TEXT(now),
			TEXT(before));
}

/* What is wrong with the quote; NULL where it proves what is stated. */
static const char *flaw_of(const struct judging *j, const struct keel_endorsement *endorsed)
{
	static const char *const flaws[KEEL_ERR_COUNT] = {
		[KEEL_EAUTH] = "its quote is not by the key that its maker endorsed",
		[KEEL_ESTALE] = "its quote was made for another session",
		[KEEL_ERANGE] = "its quote is of other PCRs",
		[KEEL_ESTATE] = "its TPM was told other measurements than it states",
	};
	const struct keel_statement *s = j->said;
	struct keel_digest qualifier;
	struct keel_p256_pub key, session;
	if (!keel_has(s, KEEL_STATEMENT_QUOTE))
		return "it claims a quote, and brings none";
	if (!keel_has(endorsed, KEEL_ENDORSEMENT_ATTEST))
		return "its maker endorsed no key that quotes";
	memcpy(key.xy, endorsed->attest.p, sizeof(key.xy));
	keel_cose_key_pub(&s->cnf.key, &session);
	keel_quote_qualifier(s->nonce, &session, &qualifier);
	enum keel_err e = keel_quote_verify(&s->quote, &qualifier, &key);
	if (e == KEEL_OK && !keel_pcr_log_ends_in(&s->quote.log, &s->measured))
		return "it states other programs than its TPM was told";
	return e == KEEL_OK ? NULL : flaws[e] != NULL ? flaws[e] : "its quote is none";
}

/* Nobody takes back what the TPM was told: a program that was put away again is still seen. */
static void judge_before(const struct judging *j)
{
	struct keel_list rest = j->said->quote.log;
	struct keel_measured_item m;
	struct keel_bytes now;
	while (keel_list_next(&keel_measured_item_row, &rest, &m)) {
		bool runs = keel_pcr_log_last(j->said->quote.log, m.name, &now) &&
			    keel_bytes_equal(now, m.digest);
		if (!runs && !as_built(j, &m, keel_bytes_is(m.name, "product.cbor")))
			SPEAKS_AGAINST(j, KEEL_WHY_RAN_BEFORE,
				"another %.*s was there since it was switched on", TEXT(m.name));
	}
}

static void judge_grade(const struct judging *j, const struct keel_endorsement *endorsed)
{
	bool claims = keel_has(j->said, KEEL_STATEMENT_QUOTE) ||
		      keel_bytes_is(j->said->grade, KEEL_GRADE_QUOTED);
	const char *flaw = claims ? flaw_of(j, endorsed) : NULL;
	j->out->quoted = claims && flaw == NULL && !keel_broken("quote-ignored");
	if (j->out->quoted) {
		judge_before(j);
		return;
	}
	SPEAKS_AGAINST(j, KEEL_WHY_SELF_REPORTED, "the evidence is the device's own word");
	if (flaw != NULL)
		SPEAKS_AGAINST(j, KEEL_WHY_QUOTE, "%s", flaw);
	else if (keel_has(endorsed, KEEL_ENDORSEMENT_ATTEST))
		SPEAKS_AGAINST(
			j, KEEL_WHY_UNQUOTED, "its TPM can vouch for the evidence, and did not");
}

void keel_judge_evidence(const struct keel_policy *policy, const struct keel_judge_product *product,
	struct keel_bytes before, const struct keel_endorsement *endorsed,
	const struct keel_statement *statement, struct keel_judgement *judgement)
{
	const struct judging j = { policy, product, statement, judgement };
	judge_measured(&j);
	judge_files(&j);
	judge_surface(&j);
	judge_version(&j, before);
	judge_grade(&j, endorsed);
}

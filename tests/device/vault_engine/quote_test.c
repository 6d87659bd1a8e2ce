/* A session's statement with a TPM, which is swtpm: what the parent told it, it vouches for. EN 303 645 5.7-1. */
#include <unistd.h>

#include "check.h"
#include "device/extend.h"
#include "device/vault_engine/home.h"
#include "owner/endorsement.h"
#include "owner/statement.h"

#define ORIGIN "https://fleet.example"

static const uint8_t nonce[32] = { 9 };
static struct swtpm tpm;
static struct home home;
static struct keel_extended told;
static struct keel_p256_key session;
static uint8_t items[512];

/* keeld, and a program whose digest begins with `app`. */
static struct keel_list measured(uint8_t app)
{
	uint8_t digest[KEEL_SHA256_LEN] = { 7 };
	struct keel_wr w = keel_wr_of(items, sizeof(items));
	struct keel_list list = { 0 };
	struct keel_measured_item m = { .name = keel_text("keeld"), .digest = KEEL_VIEW(digest) };
	keel_list_add(&keel_measured_item_row, &m, &w, &list);
	digest[0] = app;
	m.name = keel_text("app");
	keel_list_add(&keel_measured_item_row, &m, &w, &list);
	KEEL_MUST(w.err == KEEL_OK);
	return list;
}

static void state(uint8_t app)
{
	const struct keel_vault_facts facts = { .measured = measured(app), .extended = told.log };
	CHECK(keel_vault_facts(home.vault, &facts) == KEEL_OK);
}

/* A home whose TPM was told of program 1, and whose vault states it. */
static void make(bool endorsed)
{
	KEEL_MUST(swtpm_new(&tpm));
	home.tpm = &tpm;
	home.unattested = !endorsed;
	home_make(&home);
	keel_p256_generate(&session);
	home.rules.service = (struct keel_rule_service){ .declared = true, .url = ORIGIN };
	home_close(&home);
	keel_extended_load(&told, tpm.dir);
	int fd = swtpm_connect(&tpm);
	const struct keel_list list = measured(1);
	CHECK(keel_extend(&told, fd, &list) == KEEL_OK);
	(void)close(fd);
	KEEL_MUST(home_open(&home));
	state(1);
}

static void end(void)
{
	home_end(&home);
	swtpm_free(&tpm);
}

/* As the service takes it: verified under what the endorsement names. */
static void attest(struct keel_statement *s, struct keel_endorsement *e)
{
	static uint8_t buf[KEEL_ANSWER_MAX];
	struct keel_vault_attested a = { 0 };
	struct keel_bytes payload;
	uint8_t id[KEEL_DEVICE_ID_LEN];
	KEEL_MUST(keel_vault_attest(home.vault, KEEL_VIEW(nonce), keel_text(ORIGIN), &session.pub,
			  buf, &a) == KEEL_OK);
	KEEL_MUST(keel_cose_verify1(&home.identity.sign, a.statement, (struct keel_bytes){ 0 },
			  &payload) == KEEL_OK);
	KEEL_MUST(keel_statement_read(payload, KEEL_STATEMENT_PROFILE_SESSION, KEEL_VIEW(nonce),
			  keel_text(ORIGIN), s) == KEEL_OK);
	KEEL_MUST(keel_endorsement_verify(a.endorsement, &home.maker.pub, id, e) == KEEL_OK);
}

static bool quoted(const struct keel_statement *s)
{
	return keel_has(s, KEEL_STATEMENT_QUOTE) && keel_bytes_is(s->grade, KEEL_GRADE_QUOTED);
}

static void prov_5_7_1_what_the_parent_told_the_tpm_is_quoted(void)
{
	struct keel_statement s;
	struct keel_endorsement e;
	struct keel_digest qualifier;
	struct keel_p256_pub key;
	make(true);
	attest(&s, &e);
	CHECK(quoted(&s) && keel_has(&e, KEEL_ENDORSEMENT_ATTEST));
	memcpy(key.xy, e.attest.p, sizeof(key.xy));
	keel_quote_qualifier(KEEL_VIEW(nonce), &session.pub, &qualifier);
	CHECK(keel_quote_verify(&s.quote, &qualifier, &key) == KEEL_OK);
	CHECK(keel_pcr_log_ends_in(&s.quote.log, &s.measured));
	qualifier.b[0] ^= 1;
	CHECK(keel_quote_verify(&s.quote, &qualifier, &key) == KEEL_ESTALE);
	end();
}

/* What is claimed has to be proved, so what would not be proved is not claimed. */
static void what_the_tpm_was_not_told_is_the_devices_own_word(void)
{
	struct keel_statement s;
	struct keel_endorsement e;
	make(true);
	state(2); /* the app was started anew, and the vault will be */
	attest(&s, &e);
	CHECK(!keel_has(&s, KEEL_STATEMENT_QUOTE) && keel_bytes_is(s.grade, KEEL_GRADE_SELF));
	struct keel_list part = told.log, rest = told.log;
	struct keel_measured_item first;
	CHECK(keel_list_next(&keel_measured_item_row, &rest, &first));
	part.cbor.n -= rest.cbor.n; /* a log that is not what the PCR holds */
	part.count = 1;
	const struct keel_vault_facts facts = { .measured = part, .extended = part };
	CHECK(keel_vault_facts(home.vault, &facts) == KEEL_OK);
	attest(&s, &e);
	CHECK(!keel_has(&s, KEEL_STATEMENT_QUOTE) && keel_bytes_is(s.grade, KEEL_GRADE_SELF));
	end();
}

/* It was provisioned before there was an attestation key: it goes on as it was. */
static void a_unit_endorsed_without_the_key_claims_nothing(void)
{
	struct keel_statement s;
	struct keel_endorsement e;
	make(false);
	attest(&s, &e);
	CHECK(!keel_has(&e, KEEL_ENDORSEMENT_ATTEST));
	CHECK(!keel_has(&s, KEEL_STATEMENT_QUOTE) && keel_bytes_is(s.grade, KEEL_GRADE_SELF));
	end();
}

TEST_MAIN(TEST(prov_5_7_1_what_the_parent_told_the_tpm_is_quoted),
	TEST(what_the_tpm_was_not_told_is_the_devices_own_word),
	TEST(a_unit_endorsed_without_the_key_claims_nothing))

/* The opening of a session: who gets one, and who does not. What it runs: evidence_test.c. */
#include "check.h"
#include "fleet/judge/unit.h"

static struct unit u;
static const struct keel_digest other = { { 77 } };

static void a_good_unit_gets_a_session(void)
{
	struct keel_judge_opened o;
	struct keel_owner_item owner;
	const uint8_t cti[KEEL_CTI_LEN] = { 8 };
	unit_make(&u);
	CHECK(unit_open(&u, &o) == KEEL_JUDGE_YES);
	CHECK(memcmp(o.id, u.ueid + 1, sizeof(o.id)) == 0);
	CHECK(memcmp(&o.session, &u.c.pub, sizeof(o.session)) == 0);
	CHECK(o.owners.count == 1 && o.owners_number == 3);
	CHECK(keel_list_next(&keel_owner_item_row, &o.owners, &owner));
	CHECK(keel_bytes_equal(owner.owner, KEEL_VIEW(u.dt)));
	CHECK(o.judgement.action == KEEL_ACCEPT && o.judgement.reasons == 1);
	CHECK(o.judgement.reason[0].why == KEEL_WHY_SELF_REPORTED);
	const struct keel_token t = keel_judge_claims(&u.here, &o, cti);
	CHECK(t.issued == UNIT_NOW && t.expires == UNIT_NOW + KEEL_TOKEN_TTL_S && !t.only_updates);
	CHECK(keel_bytes_is(t.audience, UNIT_ORIGIN) && keel_bytes_is(t.issuer, UNIT_ORIGIN));
	CHECK(keel_bytes_equal(t.device, KEEL_VIEW(o.id)));
	CHECK(keel_bytes_equal(t.home, u.statement.home));
	unit_end(&u);
}

static void in_the_factory_state_there_are_no_owners(void)
{
	struct keel_judge_opened o;
	unit_make(&u);
	u.statement.home.n = 0;
	u.statement.state = KEEL_STATE_FACTORY;
	u.statement.open = unit_text(&u, "button");
	u.no_list = true;
	CHECK(unit_open(&u, &o) == KEEL_JUDGE_YES && o.owners.count == 0);
	CHECK(o.judgement.action == KEEL_ACCEPT);
	u.no_list = false;
	CHECK(unit_open(&u, &o) == KEEL_JUDGE_OWNERS);
	unit_end(&u);
}

/* --- who gets none --------------------------------------------------------------------------- */

static void interrogates(void)
{
	u.statement.profile = keel_text(KEEL_STATEMENT_PROFILE);
}
static void speaks_to_another(void)
{
	u.statement.aud = keel_text("https://other.example");
}
static void makes_up_a_nonce(void)
{
	u.nonce[31] ^= 1;
}
static void comes_late(void)
{
	u.here.now += KEEL_SESSION_NONCE_AGE_S + 1;
}
static void leaves_out_its_boots(void)
{
	u.statement.has &= ~(1U << KEEL_STATEMENT_BOOTS);
}
static void has_another_kind_of_ueid(void)
{
	u.ueid[0] = 2;
}
static void is_of_another_maker(void)
{
	u.endorser = &u.agree;
}
static void is_signed_by_another(void)
{
	u.signer = &u.agree;
}
static void bears_another_name(void)
{
	u.dt[0] ^= 1;
}
static void endorses_another_key(void)
{
	u.endorsed.sign = KEEL_VIEW(u.c.pub.xy);
}
static void is_endorsed_as_another_model(void)
{
	u.endorsed.model = keel_text("hearth-h2");
}
static void says_another_model(void)
{
	u.statement.model = keel_text("hearth-h2");
}
static void says_another_serial(void)
{
	u.statement.serial = keel_text("H1-000002");
}
static void says_another_version(void)
{
	u.statement.version.text = keel_text("9.9.9");
}
static void says_another_declaration(void)
{
	u.statement.declaration = KEEL_VIEW(other.b);
}
static void says_another_maker(void)
{
	u.statement.oemid = (struct keel_bytes){ other.b, KEEL_OEMID_LEN };
}
static void binds_no_point(void)
{
	u.statement.cnf.key.x = KEEL_VIEW(other.b);
}
static void lists_another_home(void)
{
	u.list_home[0] ^= 1;
}
static void lists_for_another_device(void)
{
	u.list_id[0] ^= 1;
}
static void has_its_list_signed_by_another(void)
{
	u.lister = &u.agree;
}
static void gives_another_thing_as_its_list(void)
{
	u.list_purpose = KEEL_FOR_RECEIPT;
}
static void gives_no_list(void)
{
	u.no_list = true;
}
static void was_enrolled_with_another_key(void)
{
	u.row.sign = u.c.pub;
}
static void was_enrolled_with_another_agree(void)
{
	u.row.agree = u.c.pub;
}
static void was_revoked(void)
{
	u.row.revoked = true;
}

static const struct {
	const char *row;
	void (*spoil)(void);
	enum keel_judge_no expected;
} spoilt[] = {
	{ "a statement of interrogate", interrogates, KEEL_JUDGE_PURPOSE },
	{ "another audience", speaks_to_another, KEEL_JUDGE_PURPOSE },
	{ "a nonce that is not ours", makes_up_a_nonce, KEEL_JUDGE_NONCE },
	{ "an old nonce", comes_late, KEEL_JUDGE_NONCE },
	{ "a row is missing", leaves_out_its_boots, KEEL_JUDGE_FORM },
	{ "another kind of ueid", has_another_kind_of_ueid, KEEL_JUDGE_FORM },
	{ "another maker's endorsement", is_of_another_maker, KEEL_JUDGE_PROOF },
	{ "not signed by D", is_signed_by_another, KEEL_JUDGE_PROOF },
	{ "another kid", bears_another_name, KEEL_JUDGE_PROOF },
	{ "another key endorsed", endorses_another_key, KEEL_JUDGE_PROOF },
	{ "another model endorsed", is_endorsed_as_another_model, KEEL_JUDGE_PROOF },
	{ "another model said", says_another_model, KEEL_JUDGE_PROOF },
	{ "another serial said", says_another_serial, KEEL_JUDGE_PROOF },
	{ "another version than its declaration's", says_another_version, KEEL_JUDGE_PROOF },
	{ "another declaration", says_another_declaration, KEEL_JUDGE_PROOF },
	{ "another maker said", says_another_maker, KEEL_JUDGE_PROOF },
	{ "C is no point", binds_no_point, KEEL_JUDGE_PROOF },
	{ "another home's list", lists_another_home, KEEL_JUDGE_OWNERS },
	{ "another device's list", lists_for_another_device, KEEL_JUDGE_OWNERS },
	{ "a list not signed by D", has_its_list_signed_by_another, KEEL_JUDGE_OWNERS },
	{ "another thing in its place", gives_another_thing_as_its_list, KEEL_JUDGE_OWNERS },
	{ "a home without a list", gives_no_list, KEEL_JUDGE_OWNERS },
	{ "enrolled with another D.sign", was_enrolled_with_another_key, KEEL_JUDGE_UNKNOWN },
	{ "enrolled with another D.agree", was_enrolled_with_another_agree, KEEL_JUDGE_UNKNOWN },
	{ "revoked", was_revoked, KEEL_JUDGE_REVOKED },
};

static void prov_5_5_1_whoever_is_not_that_unit_gets_no_session(void)
{
	for (size_t i = 0; i < KEEL_COUNT(spoilt); i++) {
		struct keel_judge_opened o;
		unit_make(&u);
		spoilt[i].spoil();
		CHECK_ROW(unit_open(&u, &o) == spoilt[i].expected, spoilt[i].row);
		unit_end(&u);
	}
}

static void who_is_not_enrolled_is_shown_as_its_maker_endorsed_it(void)
{
	struct keel_judge_asked asked;
	struct keel_judge_opened o = { 0 };
	unit_make(&u);
	CHECK(keel_judge_ask(&u.here, unit_write(&u), &asked) == KEEL_JUDGE_YES);
	CHECK(memcmp(asked.id, u.ueid + 1, sizeof(asked.id)) == 0);
	CHECK(keel_judge_open(&u.here, &asked, NULL, NULL, &o) == KEEL_JUDGE_PRODUCT);
	CHECK(o.endorsement.serial.n == 0);
	CHECK(keel_judge_open(&u.here, &asked, &u.product, NULL, &o) == KEEL_JUDGE_UNKNOWN);
	CHECK(keel_bytes_is(o.endorsement.serial, "H1-000001"));
	CHECK(o.judgement.reasons == 0);
	unit_end(&u);
}

/* Every single bit of a body: refused, or it never mattered (nothing but the device's own nonce). */
static void prov_5_5_1_every_changed_bit_is_refused(void)
{
	struct keel_judge_opened o;
	struct keel_judge_asked asked;
	unsigned taken = 0;
	unit_make(&u);
	struct keel_bytes body = unit_write(&u);
	for (size_t i = 0; i < body.n; i++) {
		uint8_t bit =
			(uint8_t)(1U
				  << (i % 8)); /* one of each byte: each try costs three signatures */
		u.body_buf[i] ^= bit;
		if (keel_judge_ask(&u.here, body, &asked) == KEEL_JUDGE_YES &&
			keel_judge_open(&u.here, &asked, &u.product, &u.row, &o) == KEEL_JUDGE_YES)
			taken++;
		u.body_buf[i] ^= bit;
	}
	CHECK(taken == KEEL_TIME_NONCE_LEN);
	for (size_t n = 0; n < body.n; n++)
		CHECK(keel_judge_ask(&u.here, (struct keel_bytes){ body.p, n }, &asked) !=
			KEEL_JUDGE_YES);
	unit_end(&u);
}

static void every_refusal_says_what_it_means(void)
{
	for (size_t i = 0; i < KEEL_JUDGE_COUNT; i++) {
		CHECK(keel_judge_refusals[i].status >= 200 && keel_judge_refusals[i].word != NULL);
		CHECK(strlen(keel_judge_refusals[i].sentence) > 10);
		for (size_t k = 0; k < i; k++)
			CHECK(strcmp(keel_judge_refusals[i].word, keel_judge_refusals[k].word) !=
				0);
	}
}

TEST_MAIN(TEST(a_good_unit_gets_a_session), TEST(in_the_factory_state_there_are_no_owners),
	TEST(prov_5_5_1_whoever_is_not_that_unit_gets_no_session),
	TEST(who_is_not_enrolled_is_shown_as_its_maker_endorsed_it),
	TEST(prov_5_5_1_every_changed_bit_is_refused), TEST(every_refusal_says_what_it_means))

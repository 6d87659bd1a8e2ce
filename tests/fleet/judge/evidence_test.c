/* What a device runs, and how it stands: each thing that speaks against it is seen, and leads where the policy says. */
#include "check.h"
#include "fleet/judge/unit.h"
#include "profile/measures.h"

static struct unit u;
static const struct keel_digest other = { { 77 } };

static void runs_another_keeld(void)
{
	unit_measures(&u, &other, &u.app);
}
static void runs_another_app(void)
{
	unit_measures(&u, &u.keeld, &other);
}
static void hides_keeld(void)
{
	unit_measures(&u, NULL, &u.app);
}
static void hides_its_declaration(void)
{
	struct keel_list_maker m = keel_list_maker_of(u.measured_buf, sizeof(u.measured_buf));
	const struct keel_measured_item keeld = { .name = keel_text("keeld"),
		.digest = KEEL_VIEW(u.keeld.b) };
	KEEL_MUST(keel_list_put(&m, &keel_measured_item_schema, &keeld));
	u.statement.measured = keel_list_made(&m);
}
static void measures_nothing(void)
{
	u.statement.measured = (struct keel_list){ 0 };
}
static void is_of_an_unlisted_version(void)
{
	u.product.file_count = 0;
}
static void has_no_list(void)
{
	u.statement.files.listed = false;
}
static void has_wrong_files(void)
{
	u.statement.files.wrong = 2;
}
static void is_debugged(void)
{
	u.statement.debug = KEEL_DEBUG_ENABLED;
}
static void opens_telnet(void)
{
	u.statement.open = unit_text(&u, "telnet");
}
static void opens_its_door_too_early(void)
{
	u.statement.state =
		KEEL_STATE_FACTORY; /* the door is declared open from setup on: unit.c */
}
static void lacks_a_wall(void)
{
	u.statement.missing = unit_text(&u, "door: network");
}
static void was_later(void)
{
	u.row.version = keel_text("1.10.0");
}
static void was_earlier(void)
{
	u.row.version = keel_text("0.9.9");
}
static void was_the_same(void)
{
	u.row.version = keel_text("1.0.0");
}
static void claims_a_quote(void)
{
	u.statement.grade = keel_text("quoted by TPM");
}
static void has_a_tpm_that_is_silent(void)
{
	u.endorsed.has |= 1U << KEEL_ENDORSEMENT_ATTEST;
	u.endorsed.attest = KEEL_VIEW(u.attest.pub.xy);
}

#define NOTHING KEEL_WHY_COUNT
static const struct {
	const char *row;
	void (*spoil)(void);
	enum keel_why why;
	const char *detail;
} conditions[] = {
	{ "another keeld", runs_another_keeld, KEEL_WHY_MEASUREMENT,
		"keeld is not as its maker built it" },
	{ "another program", runs_another_app, KEEL_WHY_MEASUREMENT,
		"app is not as its maker built it" },
	{ "keeld not measured", hides_keeld, KEEL_WHY_MEASUREMENT, "keeld was not measured" },
	{ "its declaration not measured", hides_its_declaration, KEEL_WHY_MEASUREMENT,
		"product.cbor was not measured" },
	{ "nothing measured", measures_nothing, KEEL_WHY_MEASUREMENT, "keeld was not measured" },
	{ "no list here", is_of_an_unlisted_version, KEEL_WHY_UNMEASURED,
		"no list of files is known of version 1.0.0" },
	{ "no list there", has_no_list, KEEL_WHY_FILES,
		"it has no list of its maker's to hold its files against" },
	{ "wrong files", has_wrong_files, KEEL_WHY_FILES,
		"2 of its files are not as its maker built" },
	{ "debugged", is_debugged, KEEL_WHY_DEBUG, "a debug interface is enabled" },
	{ "an undeclared interface", opens_telnet, KEEL_WHY_INTERFACE,
		"telnet is open, and not declared open in the state operation" },
	{ "a declared one before its time", opens_its_door_too_early, KEEL_WHY_INTERFACE,
		"door is open, and not declared open in the state factory" },
	{ "a wall missing", lacks_a_wall, KEEL_WHY_WALLS, "1 missing, the first is door: network" },
	{ "rolled back", was_later, KEEL_WHY_ROLLBACK, "1.0.0, and it had 1.10.0 before" },
	{ "updated", was_earlier, NOTHING, NULL },
	{ "the same again", was_the_same, NOTHING, NULL },
	{ "a grade nobody vouches for", claims_a_quote, KEEL_WHY_QUOTE,
		"it claims a quote, and brings none" },
	{ "a TPM that is silent", has_a_tpm_that_is_silent, KEEL_WHY_UNQUOTED,
		"its TPM can vouch for the evidence, and did not" },
};

static const char *detail_of(const struct keel_judgement *j, enum keel_why why)
{
	for (size_t i = 0; i < j->reasons; i++)
		if (j->reason[i].why == why)
			return j->reason[i].detail;
	return "no such reason";
}

/* EN 303 645 5.7-1, 5.7-2: what speaks against a device is seen, and leads where the maker says. */
static void prov_5_7_2_each_condition_leads_where_the_policy_says(void)
{
	for (size_t i = 0; i < KEEL_COUNT(conditions); i++)
		for (uint64_t action = KEEL_ACCEPT; action < KEEL_ACTION_COUNT; action++) {
			struct keel_judge_opened o;
			unit_make(&u);
			conditions[i].spoil();
			bool any = conditions[i].why != NOTHING;
			if (any)
				u.policy.on[conditions[i].why] = action;
			CHECK_ROW(unit_open(&u, &o) == KEEL_JUDGE_YES, conditions[i].row);
			CHECK_ROW(o.judgement.action == (any ? action : KEEL_ACCEPT),
				conditions[i].row);
			CHECK_ROW(o.judgement.reasons == (any ? 2 : 1), conditions[i].row);
			if (any)
				CHECK_ROW(strcmp(detail_of(&o.judgement, conditions[i].why),
						  conditions[i].detail) == 0,
					conditions[i].row);
			const struct keel_token t = keel_judge_claims(&u.here, &o, u.ueid);
			CHECK_ROW(t.only_updates == (any && action == KEEL_QUARANTINE),
				conditions[i].row);
			unit_end(&u);
		}
}

/* --- what a TPM vouches for --- */

static struct unit_quote quote;

static void of_another_nonce(void)
{
	u.nonce[31] ^= 1;
	keel_quote_qualifier(KEEL_VIEW(u.nonce), &u.c.pub, &quote.qualifier);
	u.nonce[31] ^= 1;
}
/* Of this very nonce, but a key that whoever relays it does not hold. */
static void of_another_session(void)
{
	keel_quote_qualifier(KEEL_VIEW(u.nonce), &u.sign.pub, &quote.qualifier);
}
static void by_another_key(void)
{
	quote.signer = &u.sign;
}
static void by_a_key_nobody_endorsed(void)
{
	u.endorsed.has = 0;
}
/* PCR 23 is anybody's to set back: what is replayed there proves nothing. */
static void of_another_pcr(void)
{
	quote.pcrs = 1U << 23;
}
static void of_another_pcr_as_well(void)
{
	quote.pcrs |= 1U << 23;
}
static void of_another_bank(void)
{
	quote.bank = 0x0004;
}
static void made_outside_a_tpm(void)
{
	quote.magic = 0xff544348;
}
static void of_another_kind(void)
{
	quote.type = 0x8017; /* TPM_ST_ATTEST_CERTIFY */
}
static void beside_altered_evidence(void)
{
	unit_measures(&u, &u.keeld, &u.keeld);
}
static void beside_an_altered_log(void)
{
	u.log_buf[u.statement.quote.log.cbor.n - 1] ^= 1;
	u.measured_buf[u.statement.measured.cbor.n - 1] ^= 1;
}
static void beside_a_shorter_log(void)
{
	struct keel_list *log = &u.statement.quote.log;
	unit_measures(&u, &u.keeld, NULL);
	*log = u.statement.measured; /* no word of the program that runs */
}

static const struct {
	const char *row;
	void (*spoil)(void);
	const char *detail;
} quotes[] = {
	{ "another nonce", of_another_nonce, "its quote was made for another session" },
	{ "another session", of_another_session, "its quote was made for another session" },
	{ "another key", by_another_key, "its quote is not by the key that its maker endorsed" },
	{ "no key endorsed", by_a_key_nobody_endorsed, "its maker endorsed no key that quotes" },
	{ "another PCR", of_another_pcr, "its quote is of other PCRs" },
	{ "one PCR too many", of_another_pcr_as_well, "its quote is of other PCRs" },
	{ "another bank", of_another_bank, "its quote is of other PCRs" },
	{ "made outside a TPM", made_outside_a_tpm, "its quote is none" },
	{ "another kind", of_another_kind, "its quote is none" },
	{ "evidence altered", beside_altered_evidence,
		"it states other programs than its TPM was told" },
	{ "log and evidence altered", beside_an_altered_log,
		"its TPM was told other measurements than it states" },
	{ "something left out of both", beside_a_shorter_log,
		"its TPM was told other measurements than it states" },
};

/* EN 303 645 5.7-1: the grade is what is proved, and a claim without its proof is seen. */
static void prov_5_7_1_only_a_quote_that_proves_it_counts(void)
{
	for (size_t i = 0; i < KEEL_COUNT(quotes); i++) {
		struct keel_judge_opened o;
		unit_make(&u);
		quote = unit_quote_of(&u);
		quotes[i].spoil();
		unit_quote_put(&u, &quote);
		CHECK_ROW(unit_open(&u, &o) == KEEL_JUDGE_YES, quotes[i].row);
		CHECK_ROW(!o.judgement.quoted && o.judgement.action == KEEL_QUARANTINE,
			quotes[i].row);
		CHECK_ROW(strcmp(detail_of(&o.judgement, KEEL_WHY_QUOTE), quotes[i].detail) == 0,
			quotes[i].row);
		CHECK_ROW(strcmp(detail_of(&o.judgement, KEEL_WHY_SELF_REPORTED),
				  "the evidence is the device's own word") == 0,
			quotes[i].row);
		unit_end(&u);
	}
}

static void what_a_tpm_quotes_is_graded_so(void)
{
	struct keel_judge_opened o;
	unit_make(&u);
	quote = unit_quote_of(&u);
	unit_quote_put(&u, &quote);
	CHECK(unit_open(&u, &o) == KEEL_JUDGE_YES);
	CHECK(o.judgement.quoted && o.judgement.reasons == 0);
	u.statement.quote.signature.p = u.attest_buf; /* each byte of it counts */
	CHECK(unit_open(&u, &o) == KEEL_JUDGE_YES && !o.judgement.quoted);
	unit_end(&u);
}

/* A changed program is found by what it is; the quote says that the finding is no mere word. */
static void prov_5_7_2_a_changed_program_is_quoted_as_such(void)
{
	struct keel_judge_opened o;
	unit_make(&u);
	unit_measures(&u, &other, &u.app);
	quote = unit_quote_of(&u);
	unit_quote_put(&u, &quote);
	CHECK(unit_open(&u, &o) == KEEL_JUDGE_YES && o.judgement.quoted);
	CHECK(o.judgement.action == KEEL_QUARANTINE && o.judgement.reasons == 1);
	CHECK(o.judgement.reason[0].why == KEEL_WHY_MEASUREMENT);
	unit_end(&u);
}

/* EN 303 645 5.7-1: who puts the honest program back has not undone that another was there. */
static void prov_5_7_1_what_ran_before_is_not_taken_back(void)
{
	struct keel_judge_opened o;
	struct keel_list_maker m;
	unit_make(&u);
	quote = unit_quote_of(&u);
	m = keel_list_maker_of(u.log_buf, sizeof(u.log_buf));
	const struct keel_measured_item items[] = {
		{ .name = keel_text("keeld"), .digest = KEEL_VIEW(u.keeld.b) },
		{ .name = keel_text("app"), .digest = KEEL_VIEW(other.b) },
		{ .name = keel_text("product.cbor"), .digest = KEEL_VIEW(u.product.digest.b) },
		{ .name = keel_text("app"), .digest = KEEL_VIEW(u.app.b) },
	};
	for (size_t i = 0; i < KEEL_COUNT(items); i++)
		CHECK(keel_list_put(&m, &keel_measured_item_schema, &items[i]));
	u.statement.quote.log = keel_list_made(&m);
	keel_pcr_replay(&u.statement.quote.log, SIZE_MAX, &quote.value);
	unit_quote_put(&u, &quote);
	CHECK(unit_open(&u, &o) == KEEL_JUDGE_YES && o.judgement.quoted);
	CHECK(o.judgement.action == KEEL_FLAG && o.judgement.reasons == 1);
	CHECK(strcmp(detail_of(&o.judgement, KEEL_WHY_RAN_BEFORE),
		      "another app was there since it was switched on") == 0);
	unit_end(&u);
}

static void prov_5_7_1_the_declaration_that_runs_is_the_one_that_is_stated(void)
{
	struct keel_judge_opened o;
	struct keel_list_maker m;
	unit_make(&u);
	m = keel_list_maker_of(u.measured_buf, sizeof(u.measured_buf));
	const struct keel_measured_item items[] = {
		{ .name = keel_text("keeld"), .digest = KEEL_VIEW(u.keeld.b) },
		{ .name = keel_text("product.cbor"), .digest = KEEL_VIEW(other.b) },
	};
	for (size_t i = 0; i < KEEL_COUNT(items); i++)
		CHECK(keel_list_put(&m, &keel_measured_item_schema, &items[i]));
	u.statement.measured = keel_list_made(&m);
	CHECK(unit_open(&u, &o) == KEEL_JUDGE_YES);
	CHECK(o.judgement.action == KEEL_QUARANTINE);
	unit_end(&u);
}

static void the_gravest_of_several_decides(void)
{
	struct keel_judge_opened o;
	char said[300];
	unit_make(&u);
	lacks_a_wall();
	has_wrong_files();
	CHECK(unit_open(&u, &o) == KEEL_JUDGE_YES);
	CHECK(o.judgement.action == KEEL_QUARANTINE && o.judgement.reasons == 3);
	keel_judgement_say(&o.judgement, said, sizeof(said));
	CHECK(strcmp(said, "files: 2 of its files are not as its maker built; "
			   "walls: 1 missing, the first is door: network") == 0);
	unit_end(&u);
}

/* EN 303 645 5.7-1: a list is the maker's, and of this declaration; more of them add up. */
static void prov_5_7_1_lists_of_another_product_or_maker_are_refused(void)
{
	static struct unit v;
	uint8_t files[128], buf[512];
	struct keel_wr items = keel_wr_of(files, sizeof(files)), w = keel_wr_of(buf, sizeof(buf));
	struct keel_measures list = { .product = KEEL_VIEW(other.b) };
	struct keel_bytes out;
	const struct keel_measured_file f = { .path = keel_text("/usr/sbin/keeld"),
		.sha256 = KEEL_VIEW(other.b) };
	unit_make(&u);
	unit_make(&v);
	keel_list_add(&keel_measured_file_row, &f, &items, &list.files);
	KEEL_MUST(keel_measures_write(&u.maker, &list, &w) == KEEL_OK &&
		  keel_wr_end(&w, &out) == KEEL_OK);
	CHECK(keel_judge_product_measures(&u.product, out) == KEEL_EAUTH);
	CHECK(!keel_judge_product_has(&u.product, KEEL_VIEW(other.b)));
	list.product = KEEL_VIEW(u.product.digest.b);
	w = keel_wr_of(buf, sizeof(buf));
	KEEL_MUST(keel_measures_write(&v.maker, &list, &w) == KEEL_OK &&
		  keel_wr_end(&w, &out) == KEEL_OK);
	CHECK(keel_judge_product_measures(&u.product, out) == KEEL_EAUTH);
	w = keel_wr_of(buf, sizeof(buf));
	KEEL_MUST(keel_measures_write(&u.maker, &list, &w) == KEEL_OK &&
		  keel_wr_end(&w, &out) == KEEL_OK);
	CHECK(keel_judge_product_measures(&u.product, out) == KEEL_OK);
	CHECK(keel_judge_product_has(&u.product, KEEL_VIEW(other.b)));
	CHECK(keel_judge_product_has(&u.product, KEEL_VIEW(u.keeld.b)));
	while (u.product.file_count < KEEL_JUDGE_FILES_MAX)
		CHECK(keel_judge_product_measures(&u.product, out) == KEEL_OK);
	CHECK(keel_judge_product_measures(&u.product, out) == KEEL_EFULL);
	unit_end(&u);
	unit_end(&v);
}

TEST_MAIN(TEST(prov_5_7_2_each_condition_leads_where_the_policy_says),
	TEST(prov_5_7_1_only_a_quote_that_proves_it_counts), TEST(what_a_tpm_quotes_is_graded_so),
	TEST(prov_5_7_2_a_changed_program_is_quoted_as_such),
	TEST(prov_5_7_1_what_ran_before_is_not_taken_back),
	TEST(prov_5_7_1_the_declaration_that_runs_is_the_one_that_is_stated),
	TEST(the_gravest_of_several_decides),
	TEST(prov_5_7_1_lists_of_another_product_or_maker_are_refused))

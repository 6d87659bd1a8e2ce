/* The maker's policy: a file that says all or some of it, and what no file may say. */
#include "check.h"
#include "fleet/judge/policy.h"
#include "fleet/judge/version.h"

static struct keel_yaml_fault fault;

static enum keel_err read(const char *text, struct keel_policy *out)
{
	return keel_policy_read(keel_text(text), out, &fault);
}

static void the_sample_is_the_default(void)
{
	char buf[4096];
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	struct keel_bytes text;
	struct keel_policy p = { 0 };
	const struct keel_policy preset = keel_policy_default();
	CHECK(keel_schema_check(&keel_policy_schema) == KEEL_OK);
	keel_policy_sample(&w);
	CHECK(keel_wr_end(&w, &text) == KEEL_OK);
	CHECK(keel_policy_read(text, &p, &fault) == KEEL_OK);
	CHECK(memcmp(&p, &preset, sizeof(p)) == 0);
	CHECK(p.on[KEEL_WHY_SELF_REPORTED] == KEEL_ACCEPT &&
		p.on[KEEL_WHY_DEBUG] == KEEL_QUARANTINE);
}

static void what_a_file_does_not_say_is_the_defaults(void)
{
	struct keel_policy p;
	CHECK(read("walls: accept\nself_reported: quarantine\n", &p) == KEEL_OK);
	CHECK(p.on[KEEL_WHY_WALLS] == KEEL_ACCEPT);
	CHECK(p.on[KEEL_WHY_SELF_REPORTED] == KEEL_QUARANTINE);
	CHECK(p.on[KEEL_WHY_MEASUREMENT] == KEEL_QUARANTINE);
}

static void every_word_reads_as_its_action(void)
{
	for (enum keel_why why = 0; why < KEEL_WHY_COUNT; why++)
		for (uint64_t action = 0; action < KEEL_ACTION_COUNT; action++) {
			char line[64];
			struct keel_policy p;
			(void)snprintf(line, sizeof(line), "%s: %s\n", keel_why_word(why),
				keel_action_word(action));
			CHECK_ROW(read(line, &p) == KEEL_OK && p.on[why] == action, line);
		}
	CHECK(strcmp(keel_action_word(KEEL_ACTION_COUNT), "unknown") == 0);
}

static void prov_5_13_1a_a_wrong_file_is_refused_and_told(void)
{
	static const struct {
		const char *text, *what;
	} rows[] = {
		{ "wals: flag\n", "policy has no field wals" },
		{ "walls: maybe\n", "walls cannot be maybe" },
		{ "walls:\n", "walls has no value" },
		{ "walls: [flag]\n", "walls cannot be a list" },
		{ "- walls\n", "a policy cannot be a list" },
		{ "walls\n", "a policy cannot be walls" },
	};
	for (size_t i = 0; i < KEEL_COUNT(rows); i++) {
		struct keel_policy p = { .has = 7 };
		CHECK_ROW(read(rows[i].text, &p) == KEEL_EFORM && p.has == 7, rows[i].text);
		CHECK_ROW(strstr(fault.what, rows[i].what) != NULL && fault.next[0] != '\0',
			fault.what);
	}
	struct keel_policy p;
	CHECK(read("walls: flag\nwalls: accept\n", &p) == KEEL_EFORM);
	CHECK(read("", &p) == KEEL_EFORM);
}

static void a_long_detail_is_cut_at_a_whole_character(void)
{
	struct keel_judgement j = { 0 };
	const struct keel_policy p = keel_policy_default();
	char text[201], said[KEEL_REASON_DETAIL_MAX];
	for (size_t i = 0; i + 1 < sizeof(text); i += 2)
		memcpy(text + i, "\xc3\xa4", 2); /* an umlaut: two bytes */
	text[200] = '\0';
	keel_judgement_add(&j, &p, KEEL_WHY_WALLS, "x%s", text);
	CHECK(strlen(j.reason[0].detail) == KEEL_REASON_DETAIL_MAX - 1);
	keel_judgement_say(&j, said, sizeof(said));
	CHECK(strlen(said) <= sizeof(said) - 1 && (said[strlen(said) - 1] & 0x7f) == 0x24);
	keel_judgement_add(&j, &p, KEEL_WHY_WALLS, "again");
	CHECK(j.reasons == 1);
	keel_judgement_say(&(struct keel_judgement){ 0 }, said, sizeof(said));
	CHECK(said[0] == '\0');
}

/* EN 303 645 5.3-2: which of two versions is the older. */
static void prov_5_3_2_versions_have_an_order(void)
{
	static const char *const rising[] = { "", "0.9", "1.0.0-rc1", "1.0.0-rc2", "1.0.0",
		"1.0.0.1", "1.2", "1.9.9", "1.10.0", "2", "2a", "2b", "10.0",
		"99999999999999999999999999999999999999" };
	for (size_t i = 0; i < KEEL_COUNT(rising); i++)
		for (size_t k = 0; k < KEEL_COUNT(rising); k++) {
			int c = keel_version_compare(keel_text(rising[i]), keel_text(rising[k]));
			CHECK_ROW(i < k ? c < 0 : i > k ? c > 0 : c == 0, rising[i]);
		}
	CHECK(keel_version_compare(keel_text("1.02"), keel_text("1.2")) == 0);
	CHECK(keel_version_compare(keel_text("1.0"), keel_text("1.00")) == 0);
}

TEST_MAIN(TEST(the_sample_is_the_default), TEST(what_a_file_does_not_say_is_the_defaults),
	TEST(every_word_reads_as_its_action), TEST(prov_5_13_1a_a_wrong_file_is_refused_and_told),
	TEST(a_long_detail_is_cut_at_a_whole_character), TEST(prov_5_3_2_versions_have_an_order))

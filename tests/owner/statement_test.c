/* The statement by its profile: what opens a session, and what does not. */
#include "check.h"
#include "owner/statement.h"

#define ORIGIN "https://fleet.example"

static const uint8_t nonce[32] = { 1 }, digest[32] = { 2 }, ueid[KEEL_UEID_LEN] = { 1 },
		     home[KEEL_HOME_ID_LEN] = { 3 };
static struct keel_p256_key maker, c;
static uint8_t oemid[KEEL_OEMID_LEN];

static struct keel_statement whole(void)
{
	keel_p256_generate(&maker);
	keel_p256_generate(&c);
	keel_oemid(&maker.pub, oemid);
	return (struct keel_statement){ .has = KEEL_STATEMENT_FOR_SESSION,
		.aud = keel_text(ORIGIN),
		.cnf = keel_cnf_of(&c.pub),
		.nonce = KEEL_VIEW(nonce),
		.ueid = KEEL_VIEW(ueid),
		.oemid = KEEL_VIEW(oemid),
		.model = keel_text("hearth-h1"),
		.uptime_s = 60,
		.debug = KEEL_DEBUG_DISABLED,
		.profile = keel_text(KEEL_STATEMENT_PROFILE_SESSION),
		.boots = 7,
		.version = { .text = keel_text("1.0.0") },
		.maker = keel_text("Example Heating Ltd"),
		.name = keel_text("Hearth H1"),
		.support_until = keel_text("2033-12-01"),
		.state = 2,
		.serial = keel_text("H1-000001"),
		.grade = keel_text(KEEL_GRADE_SELF),
		.keys_in = keel_text("file"),
		.declaration = KEEL_VIEW(digest),
		.home = KEEL_VIEW(home),
		.files = { .listed = true, .wrong = 2 } };
}

static enum keel_err read_as(const struct keel_statement *s, const char *profile, const char *aud,
	struct keel_bytes asked, struct keel_statement *out)
{
	static uint8_t buf[2048];
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	struct keel_bytes payload;
	keel_schema_write(&keel_statement_schema, s, &w);
	KEEL_MUST(keel_wr_end(&w, &payload) == KEEL_OK);
	return keel_statement_read(payload, profile, asked, keel_text(aud), out);
}

static void a_session_reads_all_of_it(void)
{
	struct keel_statement s = whole(), r;
	struct keel_p256_pub bound;
	CHECK(keel_schema_check(&keel_statement_schema) == KEEL_OK);
	CHECK(read_as(&s, KEEL_STATEMENT_PROFILE_SESSION, ORIGIN, KEEL_VIEW(nonce), &r) == KEEL_OK);
	CHECK(r.has == KEEL_STATEMENT_FOR_SESSION && r.uptime_s == 60 && r.boots == 7);
	CHECK(r.debug == KEEL_DEBUG_DISABLED && keel_bytes_equal(r.home, KEEL_VIEW(home)));
	CHECK(keel_bytes_equal(r.oemid, KEEL_VIEW(oemid)) && r.files.listed && r.files.wrong == 2);
	CHECK(keel_bytes_equal(r.declaration, KEEL_VIEW(digest)));
	keel_cose_key_pub(&r.cnf.key, &bound);
	CHECK(memcmp(&bound, &c.pub, sizeof(bound)) == 0);
}

/* A nonce of the service's, handed to `interrogate`, opens no session; nor the other way about. */
static void prov_5_5_1_a_statement_of_another_profile_nonce_or_audience_is_refused(void)
{
	struct keel_statement s = whole(), r;
	CHECK(read_as(&s, KEEL_STATEMENT_PROFILE, ORIGIN, KEEL_VIEW(nonce), &r) == KEEL_EAUTH);
	CHECK(read_as(&s, KEEL_STATEMENT_PROFILE_SESSION, "https://other.example", KEEL_VIEW(nonce),
		      &r) == KEEL_EAUTH);
	CHECK(read_as(&s, KEEL_STATEMENT_PROFILE_SESSION, ORIGIN, KEEL_VIEW(digest), &r) ==
		KEEL_EAUTH);
	s.profile = keel_text(KEEL_STATEMENT_PROFILE);
	CHECK(read_as(&s, KEEL_STATEMENT_PROFILE_SESSION, ORIGIN, KEEL_VIEW(nonce), &r) ==
		KEEL_EAUTH);
	CHECK(read_as(&s, KEEL_STATEMENT_PROFILE, ORIGIN, KEEL_VIEW(nonce), &r) == KEEL_OK);
}

/* EN 303 645 5.7-1: who leaves out what speaks against it gets no session. */
static void prov_5_7_1_a_session_demands_every_row(void)
{
	for (unsigned row = 0; row < KEEL_STATEMENT_ROWS; row++) {
		struct keel_statement s = whole(), r;
		if (!keel_statement_schema.rows[row].optional || row == KEEL_STATEMENT_TIME ||
			row == KEEL_STATEMENT_QUOTE) /* a device may know no time, and have no TPM */
			continue;
		s.has &= ~(1U << row);
		CHECK_ROW(read_as(&s, KEEL_STATEMENT_PROFILE_SESSION, ORIGIN, KEEL_VIEW(nonce),
				  &r) == KEEL_EFORM,
			keel_statement_schema.rows[row].name);
	}
}

static void a_home_is_whole_or_none(void)
{
	struct keel_statement s = whole(), r;
	s.home.n = 0;
	CHECK(read_as(&s, KEEL_STATEMENT_PROFILE_SESSION, ORIGIN, KEEL_VIEW(nonce), &r) == KEEL_OK);
	s.home.n = 15;
	CHECK(read_as(&s, KEEL_STATEMENT_PROFILE_SESSION, ORIGIN, KEEL_VIEW(nonce), &r) ==
		KEEL_EFORM);
}

static void owners_see_what_they_saw_before(void)
{
	const unsigned theirs = KEEL_STATEMENT_FOR_OWNERS;
	CHECK((theirs & 1U << KEEL_STATEMENT_SERIAL) && (theirs & 1U << KEEL_STATEMENT_KEYS_IN));
	CHECK((theirs & 1U << KEEL_STATEMENT_VERSION) && (theirs & 1U << KEEL_STATEMENT_STATE));
	CHECK((theirs & (1U << KEEL_STATEMENT_HOME | 1U << KEEL_STATEMENT_CNF |
				1U << KEEL_STATEMENT_DECLARATION)) == 0);
	CHECK(__builtin_popcount(theirs) == 9);
}

TEST_MAIN(TEST(a_session_reads_all_of_it),
	TEST(prov_5_5_1_a_statement_of_another_profile_nonce_or_audience_is_refused),
	TEST(prov_5_7_1_a_session_demands_every_row), TEST(a_home_is_whole_or_none),
	TEST(owners_see_what_they_saw_before))

/* What the maker may tell owners: a closed list, for one device, home, session and number. */
#include "check.h"
#include "session/notice.h"

static const uint8_t id[KEEL_DEVICE_ID_LEN] = { 1 }, home[KEEL_HOME_ID_LEN] = { 2 };
static const struct keel_key key = { { 7 } };

/* EN 303 645 5.3-11: recognisable, and no way to say anything else. */
static void prov_5_3_11_a_notice_says_what_its_code_is_for_and_no_more(void)
{
	static const struct {
		uint64_t code;
		const char *about;
		enum keel_err expected;
	} rows[] = {
		{ KEEL_NOTICE_UPDATE, "2.4.1", KEEL_OK },
		{ KEEL_NOTICE_UPDATE, "2.4.1 evil", KEEL_ERANGE },
		{ KEEL_NOTICE_UPDATE, "evil.example", KEEL_ERANGE },
		{ KEEL_NOTICE_UPDATE, "", KEEL_ERANGE },
		{ KEEL_NOTICE_UPDATE, "1.2.3.4.5.6.7.8.9.0.1.2", KEEL_OK },
		{ KEEL_NOTICE_UPDATE, "1.2.3.4.5.6.7.8.9.0.1.2.3", KEEL_ERANGE },
		{ KEEL_NOTICE_VULNERABILITY, "CVE-2026-12345", KEEL_OK },
		{ KEEL_NOTICE_VULNERABILITY, "2026-K7QF", KEEL_OK },
		{ KEEL_NOTICE_VULNERABILITY, "EVIL.EXAMPLE", KEEL_ERANGE },
		{ KEEL_NOTICE_VULNERABILITY, "CALL 555", KEEL_ERANGE },
		{ KEEL_NOTICE_SUPPORT, "2033-12-01", KEEL_OK },
		{ KEEL_NOTICE_SUPPORT, "2033-12-1", KEEL_ERANGE },
		{ KEEL_NOTICE_SUPPORT, "20331-2-01", KEEL_ERANGE },
		{ KEEL_NOTICE_SUPPORT, "2033112-01", KEEL_ERANGE },
		{ KEEL_NOTICE_CODES, "1", KEEL_ENONE },
	};
	for (size_t i = 0; i < KEEL_COUNT(rows); i++) {
		const struct keel_notice n = { .code = rows[i].code,
			.about = keel_text(rows[i].about) };
		CHECK_ROW(keel_notice_check(&n) == rows[i].expected, rows[i].about);
	}
	const struct keel_notice nul = { .code = KEEL_NOTICE_UPDATE, .about = { id + 1, 1 } };
	CHECK(keel_notice_check(&nul) == KEEL_ERANGE);
}

static struct keel_bytes encode(uint64_t code, const char *about, uint8_t buf[KEEL_NOTICE_MAX])
{
	const struct keel_notice n = { .code = code, .about = keel_text(about) };
	struct keel_wr w = keel_wr_of(buf, KEEL_NOTICE_MAX);
	struct keel_bytes out = { 0 };
	keel_schema_write(&keel_notice_schema, &n, &w);
	CHECK(keel_wr_end(&w, &out) == KEEL_OK);
	return out;
}

static struct keel_bytes seal(const struct keel_notice_to *to, uint8_t buf[KEEL_NOTICE_SEALED])
{
	uint8_t inner[KEEL_NOTICE_MAX];
	struct keel_wr w = keel_wr_of(buf, KEEL_NOTICE_SEALED);
	struct keel_bytes out = { 0 };
	CHECK(keel_notice_seal(to, encode(KEEL_NOTICE_VULNERABILITY, "CVE-2026-12345", inner),
		      &w) == KEEL_OK);
	CHECK(keel_wr_end(&w, &out) == KEEL_OK);
	return out;
}

/* Who has the service's certificate and not its session's key says nothing. EN 303 645 5.5-1. */
static void prov_5_5_1_a_notice_is_for_one_session_device_home_and_number(void)
{
	static const struct keel_key other_key = { { 8 } };
	static const uint8_t other[16] = { 9 };
	const struct keel_notice_to to = { &key, KEEL_VIEW(id), KEEL_VIEW(home), 41 };
	const struct keel_notice_to others[] = {
		{ &other_key, KEEL_VIEW(id), KEEL_VIEW(home), 41 },
		{ &key, KEEL_VIEW(other), KEEL_VIEW(home), 41 },
		{ &key, KEEL_VIEW(id), KEEL_VIEW(other), 41 },
		{ &key, KEEL_VIEW(id), { 0 }, 41 },
		{ &key, KEEL_VIEW(id), KEEL_VIEW(home), 42 },
	};
	uint8_t buf[KEEL_NOTICE_SEALED];
	struct keel_bytes sealed = seal(&to, buf);
	struct keel_notice n;
	CHECK(keel_notice_open(&to, sealed, &n) == KEEL_OK);
	CHECK(n.code == KEEL_NOTICE_VULNERABILITY && keel_bytes_is(n.about, "CVE-2026-12345"));
	for (size_t i = 0; i < KEEL_COUNT(others); i++)
		CHECK(keel_notice_open(&others[i], sealed, &n) == KEEL_EAUTH);
	for (size_t i = 0; i < sealed.n; i++) {
		buf[i] ^= 1;
		CHECK(keel_notice_open(&to, sealed, &n) != KEEL_OK);
		buf[i] ^= 1;
	}
}

static void every_code_has_its_word(void)
{
	CHECK(strcmp(keel_notice_word(KEEL_NOTICE_UPDATE), "update") == 0);
	CHECK(strcmp(keel_notice_word(KEEL_NOTICE_VULNERABILITY), "vulnerability") == 0);
	CHECK(strcmp(keel_notice_word(KEEL_NOTICE_SUPPORT), "support") == 0);
	CHECK(strcmp(keel_notice_word(KEEL_NOTICE_CODES), "unknown") == 0);
	CHECK(keel_schema_check(&keel_notice_schema) == KEEL_OK);
}

TEST_MAIN(TEST(prov_5_3_11_a_notice_says_what_its_code_is_for_and_no_more),
	TEST(prov_5_5_1_a_notice_is_for_one_session_device_home_and_number),
	TEST(every_code_has_its_word))

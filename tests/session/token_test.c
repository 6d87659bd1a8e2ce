/* The token: who signed it, for which origin, until when; every claim of it under the signature. */
#include "check.h"
#include "session/hostile.h"
#include "session/token.h"

#define NOW    1800000000
#define ORIGIN "https://fleet.example"

static struct keel_p256_key s_sign, c;
static struct keel_p256_opened opened;
static const uint8_t st[KEEL_THUMBPRINT_LEN] = { 5 };
static const uint8_t id[16] = { 1 }, home[16] = { 2 }, cti[KEEL_CTI_LEN] = { 3 };
static uint8_t buf[KEEL_TOKEN_MAX];

static struct keel_token claims(void)
{
	return (struct keel_token){ .issuer = keel_text(ORIGIN),
		.audience = keel_text(ORIGIN),
		.expires = NOW + KEEL_TOKEN_TTL_S,
		.issued = NOW,
		.cti = KEEL_VIEW(cti),
		.cnf = keel_cnf_of(&c.pub),
		.device = KEEL_VIEW(id),
		.home = KEEL_VIEW(home) };
}

static enum keel_err write(const struct keel_token *t, struct keel_bytes *out)
{
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	const struct keel_signer signer = keel_signer_of(&s_sign);
	enum keel_err e = keel_token_write(&signer, st, t, &w);
	return e == KEEL_OK ? keel_wr_end(&w, out) : e;
}

static struct keel_bytes make(void)
{
	struct keel_bytes out;
	keel_p256_close(&opened);
	keel_p256_generate(&s_sign);
	keel_p256_generate(&c);
	KEEL_MUST(keel_p256_open_pub(&s_sign.pub, &opened) == KEEL_OK);
	const struct keel_token t = claims();
	KEEL_MUST(write(&t, &out) == KEEL_OK);
	return out;
}

static enum keel_err verify(struct keel_bytes in, const char *origin, int64_t now)
{
	struct keel_token t;
	return keel_token_verify(&opened, in, keel_text(origin), now, &t);
}

static void every_claim_is_read_again(void)
{
	struct keel_bytes good = make();
	struct keel_token t;
	struct keel_p256_pub bound;
	uint8_t kid[KEEL_THUMBPRINT_LEN];
	CHECK(keel_token_kid(good, kid) == KEEL_OK && memcmp(kid, st, sizeof(st)) == 0);
	CHECK(keel_token_verify(&opened, good, keel_text(ORIGIN), NOW, &t) == KEEL_OK);
	CHECK(keel_bytes_is(t.issuer, ORIGIN) && keel_bytes_is(t.audience, ORIGIN));
	CHECK(t.issued == NOW && t.expires == NOW + 900 && !t.only_updates);
	CHECK(keel_bytes_equal(t.cti, KEEL_VIEW(cti)) && keel_bytes_equal(t.device, KEEL_VIEW(id)));
	CHECK(keel_bytes_equal(t.home, KEEL_VIEW(home)));
	keel_cose_key_pub(&t.cnf.key, &bound);
	CHECK(memcmp(&bound, &c.pub, sizeof(bound)) == 0);
}

static bool takes(void *self, struct keel_bytes in)
{
	uint8_t kid[KEEL_THUMBPRINT_LEN];
	(void)self;
	return keel_token_kid(in, kid) == KEEL_OK && memcmp(kid, st, sizeof(st)) == 0 &&
	       verify(in, ORIGIN, NOW) == KEEL_OK;
}

static void prov_5_5_1_a_forged_or_changed_token_is_refused(void)
{
	struct keel_bytes good = make();
	keel_auto(keel_p256_close) struct keel_p256_opened other = { 0 };
	struct keel_token t;
	CHECK(hostile_changes_taken(good, takes, NULL) == 0);
	CHECK(keel_p256_open_pub(&c.pub, &other) == KEEL_OK);
	CHECK(keel_token_verify(&other, good, keel_text(ORIGIN), NOW, &t) == KEEL_EAUTH);
}

static void prov_5_5_1_a_token_is_good_at_one_origin_for_its_time(void)
{
	static const struct {
		const char *row, *origin;
		int64_t now;
		enum keel_err expected;
	} rows[] = {
		{ "now", ORIGIN, NOW, KEEL_OK },
		{ "a device without the time", ORIGIN, 0, KEEL_OK },
		{ "its last second", ORIGIN, NOW + 899, KEEL_OK },
		{ "its end", ORIGIN, NOW + 900, KEEL_ESTALE },
		{ "a worker 5 s behind", ORIGIN, NOW - 5, KEEL_OK },
		{ "a time to come", ORIGIN, NOW - 6, KEEL_ESTALE },
		{ "another origin", "https://fleet.example.org", NOW, KEEL_EAUTH },
		{ "a part of the origin", "https://fleet", NOW, KEEL_EAUTH },
		{ "no origin", "", NOW, KEEL_EAUTH },
	};
	struct keel_bytes good = make();
	for (size_t i = 0; i < KEEL_COUNT(rows); i++)
		CHECK_ROW(
			verify(good, rows[i].origin, rows[i].now) == rows[i].expected, rows[i].row);
}

static void what_no_token_may_say_is_not_written(void)
{
	struct keel_bytes out;
	struct keel_token t;
	(void)make();
	t = claims();
	t.expires = t.issued;
	CHECK(write(&t, &out) == KEEL_ERANGE);
	t = claims();
	t.home.n = 15;
	CHECK(write(&t, &out) == KEEL_ERANGE);
	t = claims();
	t.cti.n = 8;
	CHECK(write(&t, &out) == KEEL_ERANGE);
	t = claims();
	t.issuer = keel_text("");
	CHECK(write(&t, &out) == KEEL_ERANGE);
	t = claims();
	t.cnf.key.kty = 1; /* OKP */
	CHECK(write(&t, &out) == KEEL_ERANGE);
	t = claims();
	t.audience = keel_text("https://elsewhere.example");
	CHECK(write(&t, &out) == KEEL_OK && verify(out, ORIGIN, NOW) == KEEL_EAUTH);
	t = claims();
	t.issuer = keel_text("https://elsewhere.example");
	CHECK(write(&t, &out) == KEEL_OK && verify(out, ORIGIN, NOW) == KEEL_EAUTH);
}

/* Signed by S all the same: a service of another make may be less careful. */
static struct keel_bytes signed_anyway(const struct keel_token *t)
{
	uint8_t inner[KEEL_TOKEN_MAX];
	struct keel_bytes out, payload, none = { 0 };
	struct keel_wr w = keel_wr_of(inner, sizeof(inner)), whole = keel_wr_of(buf, sizeof(buf));
	const struct keel_signer signer = keel_signer_of(&s_sign);
	keel_schema_write(&keel_token_schema, t, &w);
	KEEL_MUST(keel_wr_end(&w, &payload) == KEEL_OK);
	KEEL_MUST(keel_cose_sign1(&signer, KEEL_VIEW(st), none, payload, &whole) == KEEL_OK);
	KEEL_MUST(keel_wr_end(&whole, &out) == KEEL_OK);
	return out;
}

static void prov_5_13_1b_what_no_token_may_say_is_not_read(void)
{
	struct keel_token t;
	(void)make();
	t = claims();
	CHECK(verify(signed_anyway(&t), ORIGIN, NOW) == KEEL_OK);
	t.home.n = 15;
	CHECK(verify(signed_anyway(&t), ORIGIN, NOW) == KEEL_ERANGE);
	t = claims();
	t.issued = t.expires;
	CHECK(verify(signed_anyway(&t), ORIGIN, NOW) == KEEL_ERANGE);
}

static void every_claim_is_demanded(void)
{
	(void)make();
	const struct keel_token t = claims();
	CHECK(keel_schema_check(&keel_token_schema) == KEEL_OK);
	CHECK(hostile_rows_wrong(&keel_token_schema, &t) == 0);
}

/* Signed by S, and no token: a kid of another length, and another payload. */
static void what_else_the_service_signs_is_no_token(void)
{
	static const uint8_t envelope[] = { 0x86, 22, 1, 0x40, 0x40, 0x40, 0xa0 };
	struct keel_bytes out, none = { 0 };
	uint8_t kid[KEEL_THUMBPRINT_LEN];
	(void)make();
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	const struct keel_signer signer = keel_signer_of(&s_sign);
	CHECK(keel_cose_sign1(&signer, (struct keel_bytes){ st, 16 }, none, KEEL_VIEW(envelope),
		      &w) == KEEL_OK);
	CHECK(keel_wr_end(&w, &out) == KEEL_OK);
	CHECK(keel_token_kid(out, kid) == KEEL_EFORM);
	CHECK(verify(out, ORIGIN, NOW) == KEEL_EFORM);
}

TEST_MAIN(TEST(every_claim_is_read_again), TEST(prov_5_5_1_a_forged_or_changed_token_is_refused),
	TEST(prov_5_5_1_a_token_is_good_at_one_origin_for_its_time),
	TEST(what_no_token_may_say_is_not_written),
	TEST(prov_5_13_1b_what_no_token_may_say_is_not_read), TEST(every_claim_is_demanded),
	TEST(what_else_the_service_signs_is_no_token))

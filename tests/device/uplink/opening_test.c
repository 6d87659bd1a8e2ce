/* What of the service's word opens a session, and what does not. */
#include "check.h"
#include "device/uplink/opening.h"

#define NOW    1800000000
#define ORIGIN "https://service.example"

static struct keel_p256_key root, other_root, sign, other_sign, agree, stranger;
static uint8_t ones[16], twos[16];

/* One session's worth of answers; a test spoils one thing. */
struct service {
	const struct keel_p256_key *root, *sign, *c; /* c: NULL for the device's own */
	const char *origin;
	const uint8_t *device, *home;
	size_t home_n;
	int64_t until;
	bool foreign_kid;
};

static const struct service honest = { .root = &root,
	.sign = &sign,
	.origin = ORIGIN,
	.device = ones,
	.home = ones,
	.home_n = 16,
	.until = NOW + 3600 };

static struct keel_service_keys keys_of(const struct service *s)
{
	return (struct keel_service_keys){
		.sign = sign.pub, .agree = agree.pub, .from = NOW - 60, .until = s->until
	};
}

static struct keel_bytes nonce_answer(const struct service *s, uint8_t *buf, size_t cap)
{
	static const uint8_t nonce[KEEL_SESSION_NONCE_LEN] = { 7 };
	uint8_t voucher[KEEL_VOUCHER_MAX];
	const struct keel_signer by = keel_signer_of(s->root);
	const struct keel_service_keys keys = keys_of(s);
	struct keel_nonce_result r = { .nonce = KEEL_VIEW(nonce) };
	struct keel_wr v = keel_wr_of(voucher, sizeof(voucher)), w = keel_wr_of(buf, cap);
	struct keel_bytes out;
	KEEL_MUST(keel_voucher_write(&by, &s->root->pub, &keys, &v) == KEEL_OK &&
		  keel_wr_end(&v, &r.voucher) == KEEL_OK);
	keel_schema_write(&keel_nonce_result_schema, &r, &w);
	KEEL_MUST(keel_wr_end(&w, &out) == KEEL_OK);
	return out;
}

static struct keel_bytes session_answer(
	const struct service *s, const struct keel_p256_pub *own, uint8_t *buf, size_t cap)
{
	uint8_t token[KEEL_TOKEN_MAX], st[KEEL_THUMBPRINT_LEN];
	const struct keel_signer by = keel_signer_of(s->sign);
	const struct keel_service_keys keys = keys_of(s);
	const struct keel_token t = { .issuer = keel_text(s->origin),
		.audience = keel_text(s->origin),
		.expires = NOW + 900,
		.issued = NOW,
		.cti = KEEL_VIEW(ones),
		.cnf = keel_cnf_of(s->c != NULL ? &s->c->pub : own),
		.device = { s->device, 16 },
		.home = { s->home, s->home_n } };
	struct keel_open_result r = { .valid_s = 900, .taken = 5, .time = keel_text("\xa0") };
	struct keel_wr v = keel_wr_of(token, sizeof(token)), w = keel_wr_of(buf, cap);
	struct keel_bytes out;
	keel_service_thumbprint(&keys, st);
	st[0] ^= s->foreign_kid ? 1 : 0;
	KEEL_MUST(keel_token_write(&by, st, &t, &v) == KEEL_OK &&
		  keel_wr_end(&v, &r.token) == KEEL_OK);
	keel_schema_write(&keel_open_result_schema, &r, &w);
	KEEL_MUST(keel_wr_end(&w, &out) == KEEL_OK);
	return out;
}

static enum keel_err attested(struct keel_opening *o, uint64_t id)
{
	uint8_t buf[1024];
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	const struct msg_attested m = { .id = id,
		.device = KEEL_VIEW(ones),
		.home = KEEL_VIEW(ones),
		.statement = keel_text("\xa0"),
		.endorsement = keel_text("\xa0"),
		.nonce = KEEL_VIEW(ones) };
	return keel_opening_attested(o, &m, &w);
}

/* A whole opening with this service: the first error. */
static enum keel_err open_with(const struct service *s, struct keel_opening *o)
{
	uint8_t buf[4096];
	struct keel_open_result r;
	KEEL_MUST(keel_opening_init(o, keel_text(ORIGIN), &root.pub) == KEEL_OK);
	enum keel_err e = keel_opening_nonce(o, nonce_answer(s, buf, sizeof(buf)), NOW);
	if (e == KEEL_OK)
		e = attested(o, keel_opening_question(o).id);
	if (e == KEEL_OK)
		e = keel_opening_session(o, session_answer(s, &o->own.pub, buf, sizeof(buf)), &r);
	return e;
}

static void make(void)
{
	memset(ones, 1, sizeof(ones));
	memset(twos, 2, sizeof(twos));
	keel_p256_generate(&root);
	keel_p256_generate(&other_root);
	keel_p256_generate(&sign);
	keel_p256_generate(&other_sign);
	keel_p256_generate(&agree);
	keel_p256_generate(&stranger);
}

/* Both sides come to one key, and the device's half of it is gone. */
static void a_call_in_a_session_is_the_services_to_open(void)
{
	struct keel_opening o;
	uint8_t body[4096];
	struct keel_wr w = keel_wr_of(body, sizeof(body));
	struct keel_bytes sent;
	struct keel_call c;
	struct keel_token t;
	struct keel_key key;
	struct keel_nothing args;
	struct keel_p256_pub own;
	struct keel_p256_opened opened;
	static const uint8_t zeros[32];
	const struct keel_agreer by = keel_agreer_of(&agree);
	make();
	CHECK(open_with(&honest, &o) == KEEL_OK);
	CHECK(memcmp(o.own.d, zeros, sizeof(zeros)) == 0);
	const struct keel_caller caller = keel_opening_caller(&o);
	CHECK(keel_call_write(&caller, KEEL_PATH_INBOX, &keel_nothing_schema,
		      &(struct keel_nothing){ 0 }, &w) == KEEL_OK);
	KEEL_MUST(keel_wr_end(&w, &sent) == KEEL_OK);
	KEEL_MUST(keel_schema_read(&keel_call_schema, sent, &c, NULL) == KEEL_OK);
	KEEL_MUST(keel_p256_open_pub(&sign.pub, &opened) == KEEL_OK);
	CHECK(keel_token_verify(&opened, c.token, keel_text(ORIGIN), NOW, &t) == KEEL_OK);
	keel_cose_key_pub(&t.cnf.key, &own);
	CHECK(keel_session_key(&by, &own, c.token, &key) == KEEL_OK);
	CHECK(keel_call_open(&c, &key, KEEL_PATH_INBOX, t.device, t.home, &keel_nothing_schema,
		      &args) == KEEL_OK);
	keel_p256_close(&opened);
}

/* EN 303 645 5.5-5: what is not vouched for, or for somebody else, opens nothing. */
static void prov_5_5_5_another_services_word_opens_no_session(void)
{
	struct service s[10];
	static const enum keel_err expect[] = { KEEL_EAUTH, KEEL_ESTALE, KEEL_EAUTH, KEEL_EAUTH,
		KEEL_EAUTH, KEEL_EAUTH, KEEL_EAUTH, KEEL_EAUTH };
	struct keel_opening o;
	size_t n = 0;
	make();
	for (size_t i = 0; i < KEEL_COUNT(s); i++)
		s[i] = honest;
	s[n++].root = &other_root;
	s[n++].until = NOW - 1;
	s[n++].sign = &other_sign;
	s[n++].c = &stranger;
	s[n++].origin = "https://other.example";
	s[n++].device = twos;
	s[n++].home = twos;
	s[n++].foreign_kid = true;
	KEEL_MUST(n == KEEL_COUNT(expect));
	for (size_t i = 0; i < n; i++) {
		char row[8];
		(void)snprintf(row, sizeof(row), "%zu", i);
		CHECK_ROW(open_with(&s[i], &o) == expect[i], row);
		CHECK_ROW(o.token_n == 0, row);
	}
	s[n].home_n = 0; /* of a device that nobody owned yet */
	CHECK(open_with(&s[n], &o) == KEEL_EAUTH);
}

static void an_answer_to_another_question_is_refused(void)
{
	struct keel_opening o;
	uint8_t buf[2048];
	make();
	KEEL_MUST(keel_opening_init(&o, keel_text(ORIGIN), &root.pub) == KEEL_OK);
	KEEL_MUST(keel_opening_nonce(&o, nonce_answer(&honest, buf, sizeof(buf)), NOW) == KEEL_OK);
	struct msg_attest first = keel_opening_question(&o);
	struct keel_p256_key c = o.own;
	KEEL_MUST(keel_opening_nonce(&o, nonce_answer(&honest, buf, sizeof(buf)), NOW) == KEEL_OK);
	CHECK(memcmp(c.d, o.own.d, sizeof(c.d)) != 0); /* a fresh key each time */
	CHECK(attested(&o, first.id) == KEEL_ESTALE);
	CHECK(attested(&o, keel_opening_question(&o).id) == KEEL_OK);
}

static void an_origin_that_no_token_could_name_is_refused(void)
{
	struct keel_opening o;
	char origin[KEEL_ORIGIN_MAX + 2];
	memset(origin, 'a', sizeof(origin));
	const struct keel_bytes longest = { (const uint8_t *)origin, KEEL_ORIGIN_MAX };
	const struct keel_bytes longer = { (const uint8_t *)origin, KEEL_ORIGIN_MAX + 1 };
	make();
	CHECK(keel_opening_init(&o, longest, &root.pub) == KEEL_OK);
	CHECK(keel_opening_init(&o, longer, &root.pub) == KEEL_ERANGE);
}

TEST_MAIN(TEST(a_call_in_a_session_is_the_services_to_open),
	TEST(prov_5_5_5_another_services_word_opens_no_session),
	TEST(an_answer_to_another_question_is_refused),
	TEST(an_origin_that_no_token_could_name_is_refused))

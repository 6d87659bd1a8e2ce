/* The maker's endorsement: who may have signed it, and what of it may be changed. */
#include "check.h"
#include "owner/endorsement.h"

struct made {
	struct keel_p256_key maker, sign, agree;
	uint8_t id[KEEL_DEVICE_ID_LEN];
	uint8_t buf[KEEL_ENDORSEMENT_MAX];
	struct keel_bytes bytes;
};

static void make(struct made *m)
{
	keel_p256_generate(&m->maker);
	keel_p256_generate(&m->sign);
	keel_p256_generate(&m->agree);
	keel_random(m->id, sizeof(m->id));
	const struct keel_endorsement body = { .sign = KEEL_VIEW(m->sign.pub.xy),
		.agree = KEEL_VIEW(m->agree.pub.xy),
		.model = keel_text("hearth-h1"),
		.serial = keel_text("H1-000001") };
	struct keel_wr w = keel_wr_of(m->buf, sizeof(m->buf));
	CHECK(keel_endorsement_write(&m->maker, m->id, &body, &w) == KEEL_OK);
	CHECK(keel_wr_end(&w, &m->bytes) == KEEL_OK);
}

static void the_maker_is_verified(void)
{
	struct made m;
	uint8_t id[KEEL_DEVICE_ID_LEN];
	struct keel_endorsement e;
	make(&m);
	CHECK(keel_endorsement_verify(m.bytes, &m.maker.pub, id, &e) == KEEL_OK);
	CHECK(memcmp(id, m.id, sizeof(id)) == 0);
	CHECK(keel_bytes_equal(e.sign, KEEL_VIEW(m.sign.pub.xy)));
	CHECK(keel_bytes_equal(e.agree, KEEL_VIEW(m.agree.pub.xy)));
	CHECK(keel_bytes_is(e.model, "hearth-h1") && keel_bytes_is(e.serial, "H1-000001"));
}

/* EN 303 645 5.4-2: a device that nobody endorsed cannot say that somebody did. */
static void prov_5_4_2_another_maker_is_refused(void)
{
	struct made m;
	uint8_t id[KEEL_DEVICE_ID_LEN];
	struct keel_endorsement e;
	make(&m);
	CHECK(keel_endorsement_verify(m.bytes, &m.sign.pub, id, &e) == KEEL_EAUTH);
	CHECK(keel_endorsement_verify(m.bytes, &m.agree.pub, id, &e) == KEEL_EAUTH);
}

static void every_changed_byte_is_refused(void)
{
	struct made m;
	uint8_t id[KEEL_DEVICE_ID_LEN] = { 0 };
	const uint8_t before[KEEL_DEVICE_ID_LEN] = { 0 };
	struct keel_endorsement e = { 0 };
	make(&m);
	for (size_t i = 0; i < m.bytes.n; i++) {
		for (unsigned bit = 0; bit < 8; bit++) {
			m.buf[i] ^= (uint8_t)(1u << bit);
			CHECK(keel_endorsement_verify(m.bytes, &m.maker.pub, id, &e) != KEEL_OK);
			m.buf[i] ^= (uint8_t)(1u << bit);
		}
		CHECK(keel_endorsement_verify(
			      (struct keel_bytes){ m.buf, i }, &m.maker.pub, id, &e) != KEEL_OK);
	}
	CHECK(memcmp(id, before, sizeof(id)) == 0 && e.sign.n == 0); /* untouched on error */
}

/* With all that it may name, each at its longest, it has room in what devices keep it in. */
static void the_longest_fits(void)
{
	struct made m;
	char name[KEEL_NAME_MAX + 1];
	uint8_t id[KEEL_DEVICE_ID_LEN];
	struct keel_endorsement e;
	make(&m);
	memset(name, 'x', KEEL_NAME_MAX);
	name[KEEL_NAME_MAX] = '\0';
	const struct keel_endorsement body = { .has = 1U << KEEL_ENDORSEMENT_ATTEST,
		.sign = KEEL_VIEW(m.sign.pub.xy),
		.agree = KEEL_VIEW(m.agree.pub.xy),
		.model = keel_text(name),
		.serial = keel_text(name),
		.attest = KEEL_VIEW(m.maker.pub.xy) };
	struct keel_wr w = keel_wr_of(m.buf, sizeof(m.buf));
	CHECK(keel_endorsement_write(&m.maker, m.id, &body, &w) == KEEL_OK);
	CHECK(keel_wr_end(&w, &m.bytes) == KEEL_OK);
	CHECK(keel_endorsement_verify(m.bytes, &m.maker.pub, id, &e) == KEEL_OK);
	CHECK(keel_has(&e, KEEL_ENDORSEMENT_ATTEST) && keel_bytes_equal(e.attest, body.attest));
}

/* A signature of the same key over another purpose's payload is no endorsement. */
static void another_purpose_is_refused(void)
{
	struct made m;
	uint8_t payload[KEEL_ENDORSEMENT_MAX];
	uint8_t out[KEEL_ENDORSEMENT_MAX];
	uint8_t id[KEEL_DEVICE_ID_LEN];
	struct keel_endorsement e;
	struct keel_bytes view;
	make(&m);
	const struct keel_signer signer = keel_signer_of(&m.maker);
	const struct keel_names names = { .device = KEEL_VIEW(m.id) };
	const struct keel_endorsement body = { .sign = KEEL_VIEW(m.sign.pub.xy),
		.agree = KEEL_VIEW(m.agree.pub.xy),
		.model = keel_text("hearth-h1"),
		.serial = keel_text("H1-000001") };
	for (int purpose = KEEL_FOR_CLAIM; purpose <= KEEL_FOR_OWNERS; purpose++) {
		struct keel_wr inner = keel_wr_of(payload, sizeof(payload));
		struct keel_wr w = keel_wr_of(out, sizeof(out));
		if (keel_payload_write((enum keel_purpose)purpose, &names, &keel_endorsement_schema,
			    &body, &inner) != KEEL_OK)
			continue; /* a purpose that demands a recipient or a home */
		CHECK(keel_wr_end(&inner, &view) == KEEL_OK);
		CHECK(keel_cose_sign1(&signer, KEEL_VIEW(m.id), (struct keel_bytes){ 0 }, view,
			      &w) == KEEL_OK);
		CHECK(keel_wr_end(&w, &view) == KEEL_OK);
		CHECK(keel_endorsement_verify(view, &m.maker.pub, id, &e) == KEEL_EAUTH);
	}
}

static void a_peek_reads_without_trust(void)
{
	struct made m;
	uint8_t id[KEEL_DEVICE_ID_LEN];
	struct keel_endorsement e;
	make(&m);
	m.buf[m.bytes.n - 1] ^= 1; /* the signature */
	CHECK(keel_endorsement_peek(m.bytes, id, &e) == KEEL_OK);
	CHECK(memcmp(id, m.id, sizeof(id)) == 0);
	for (size_t n = 0; n < m.bytes.n; n++)
		CHECK(keel_endorsement_peek((struct keel_bytes){ m.buf, n }, id, &e) != KEEL_OK);
}

static void what_the_schema_forbids_is_not_written(void)
{
	struct made m;
	uint8_t out[KEEL_ENDORSEMENT_MAX];
	make(&m);
	const struct keel_endorsement body = { .sign = KEEL_VIEW(m.sign.pub.xy),
		.agree = { m.agree.pub.xy, 63 },
		.model = keel_text("hearth-h1"),
		.serial = keel_text("H1-000001") };
	struct keel_wr w = keel_wr_of(out, sizeof(out));
	CHECK(keel_endorsement_write(&m.maker, m.id, &body, &w) == KEEL_ERANGE);
}

TEST_MAIN(TEST(the_maker_is_verified), TEST(prov_5_4_2_another_maker_is_refused),
	TEST(every_changed_byte_is_refused), TEST(the_longest_fits),
	TEST(another_purpose_is_refused), TEST(a_peek_reads_without_trust),
	TEST(what_the_schema_forbids_is_not_written))

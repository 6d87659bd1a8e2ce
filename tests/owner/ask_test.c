/* An owner's ask to the service: whose it is, for which request, and what of it may be changed. */
#include <string.h>

#include "check.h"
#include "owner/ask.h"
#include "vectors.h"

static const uint8_t request[300] = { 0x84, 0x43 }; /* the service does not look into it */

struct made {
	struct keel_member owner;
	uint8_t buf[KEEL_RELAY_MAX];
	struct keel_bytes bytes;
};

static void somebody(struct keel_member *m)
{
	memset(m, 0, sizeof(*m));
	keel_p256_generate(&m->sign);
	keel_p256_generate(&m->agree);
	keel_thumbprint(&m->sign.pub, &m->agree.pub, m->thumbprint);
	keel_random(m->id, sizeof(m->id));
	keel_random(m->home, sizeof(m->home));
}

static void make(struct made *made)
{
	struct keel_wr w = keel_wr_of(made->buf, sizeof(made->buf));
	somebody(&made->owner);
	CHECK(keel_relay_write(&made->owner, KEEL_VIEW(request), &w) == KEEL_OK);
	CHECK(keel_wr_end(&w, &made->bytes) == KEEL_OK);
}

static bool taken(struct keel_bytes in)
{
	struct keel_relay r;
	struct keel_asker a;
	return keel_relay_verify(in, &r, &a) == KEEL_OK;
}

/* Whether a relay is taken that is written like this. */
static bool taken_as(const struct keel_relay *r)
{
	static uint8_t buf[2 * KEEL_RELAY_MAX];
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	struct keel_bytes out;
	keel_schema_write(&keel_relay_schema, r, &w);
	return keel_wr_end(&w, &out) == KEEL_OK && taken(out);
}

static void the_service_learns_who_asks_for_which_home(void)
{
	static struct made m;
	struct keel_relay r;
	struct keel_asker a;
	make(&m);
	CHECK(keel_relay_verify(m.bytes, &r, &a) == KEEL_OK);
	CHECK(memcmp(a.device, m.owner.id, sizeof(a.device)) == 0);
	CHECK(memcmp(a.home, m.owner.home, sizeof(a.home)) == 0);
	CHECK(memcmp(a.owner, m.owner.thumbprint, sizeof(a.owner)) == 0);
	CHECK(keel_bytes_equal(r.request, KEEL_VIEW(request)));
	CHECK(taken_as(&r));
}

/* EN 303 645 5.5-7: nobody asks in another's name, nor has another request carried in it. */
static void prov_5_5_7_every_changed_bit_of_a_relay_is_refused(void)
{
	static struct made m;
	make(&m);
	for (size_t i = 0; i < 8 * m.bytes.n; i++) {
		m.buf[i / 8] ^= (uint8_t)(1u << i % 8);
		CHECK(!taken(m.bytes));
		m.buf[i / 8] ^= (uint8_t)(1u << i % 8);
	}
	for (size_t n = 0; n < m.bytes.n; n++)
		CHECK(!taken((struct keel_bytes){ m.buf, n }));
	m.buf[m.bytes.n] = 0;
	CHECK(!taken((struct keel_bytes){ m.buf, m.bytes.n + 1 }));
	CHECK(taken(m.bytes));
}

static void prov_5_5_7_one_owners_ask_does_not_serve_another(void)
{
	static struct made ann, bob;
	struct keel_relay of_ann, of_bob, r;
	struct keel_asker a;
	make(&ann);
	make(&bob);
	CHECK(keel_relay_verify(ann.bytes, &of_ann, &a) == KEEL_OK);
	CHECK(keel_relay_verify(bob.bytes, &of_bob, &a) == KEEL_OK);
	r = of_ann;
	r.ask = of_bob.ask;
	CHECK(!taken_as(&r));
	r = of_ann;
	r.sign = of_bob.sign;
	CHECK(!taken_as(&r));
	r = of_ann;
	r.agree = of_bob.agree;
	CHECK(!taken_as(&r));
	r = of_ann;
	r.request = (struct keel_bytes){ request, sizeof(request) - 1 };
	CHECK(!taken_as(&r));
}

/* Signed by the right key under the right name, and all the same no ask. */
static bool taken_signed(struct keel_member *m, enum keel_purpose purpose, struct keel_bytes home,
	struct keel_bytes recipient, struct keel_bytes body)
{
	uint8_t payload_buf[256], ask_buf[512];
	struct keel_wr payload = keel_wr_of(payload_buf, sizeof(payload_buf));
	struct keel_wr ask = keel_wr_of(ask_buf, sizeof(ask_buf));
	struct keel_bytes signs = { 0 };
	struct keel_relay r = { .sign = KEEL_VIEW(m->sign.pub.xy),
		.agree = KEEL_VIEW(m->agree.pub.xy),
		.request = KEEL_VIEW(request) };
	const struct keel_signer signer = keel_signer_of(&m->sign);
	keel_envelope_write(purpose, KEEL_VIEW(m->id), home, recipient, body, &payload);
	KEEL_MUST(keel_wr_end(&payload, &signs) == KEEL_OK);
	KEEL_MUST(keel_cose_sign1(&signer, KEEL_VIEW(m->thumbprint), (struct keel_bytes){ 0 },
			  signs, &ask) == KEEL_OK &&
		  keel_wr_end(&ask, &r.ask) == KEEL_OK);
	return taken_as(&r);
}

static void what_an_owner_signs_for_something_else_is_no_ask(void)
{
	struct keel_member m;
	struct keel_digest digest;
	uint8_t body[4 + KEEL_SHA256_LEN + 2] = { 0xa1, 0x01, 0x58, KEEL_SHA256_LEN };
	const struct keel_bytes in = KEEL_VIEW(request), none = { 0 };
	somebody(&m);
	keel_sha256(&in, 1, &digest);
	memcpy(body + 4, digest.b, sizeof(digest.b));
	const struct keel_bytes home = KEEL_VIEW(m.home), to = KEEL_VIEW(m.thumbprint);
	const struct keel_bytes right = { body, 4 + KEEL_SHA256_LEN };
	CHECK(taken_signed(&m, KEEL_FOR_ASK, home, none, right));
	for (enum keel_purpose p = KEEL_FOR_ENDORSEMENT; p < KEEL_PURPOSE_END; p++)
		CHECK(taken_signed(&m, p, home, none, right) == (p == KEEL_FOR_ASK));
	CHECK(!taken_signed(&m, KEEL_FOR_ASK, none, none, right)); /* of no home */
	CHECK(!taken_signed(&m, KEEL_FOR_ASK, home, to, right));   /* sealed for somebody */
	body[0] = 0xa2;                                            /* says more than it may */
	body[sizeof(body) - 2] = 0x02;
	CHECK(!taken_signed(&m, KEEL_FOR_ASK, home, none, KEEL_VIEW(body)));
}

static void a_request_is_as_long_as_at_the_door(void)
{
	static uint8_t buf[2 * KEEL_RELAY_MAX], longest[KEEL_BODY_MAX + 1];
	struct keel_member m;
	struct keel_bytes out;
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	somebody(&m);
	CHECK(keel_relay_write(&m, (struct keel_bytes){ longest, KEEL_BODY_MAX }, &w) == KEEL_OK);
	CHECK(keel_wr_end(&w, &out) == KEEL_OK && out.n <= KEEL_RELAY_MAX && taken(out));
	w = keel_wr_of(buf, sizeof(buf));
	CHECK(keel_relay_write(&m, KEEL_VIEW(longest), &w) == KEEL_ERANGE);
	w = keel_wr_of(buf, sizeof(buf));
	CHECK(keel_relay_write(&m, (struct keel_bytes){ 0 }, &w) == KEEL_ERANGE);
	w = keel_wr_of(buf, out.n - 1);
	CHECK(keel_relay_write(&m, (struct keel_bytes){ longest, KEEL_BODY_MAX }, &w) ==
		KEEL_EFULL);
}

/* What the second implementation of docs/service.md posts. */
static void the_known_answer_is_taken(void)
{
	json_t *all = vectors_load("protocol.json");
	uint8_t body[1024], ot[32], sealed[1024];
	struct keel_relay r;
	struct keel_asker a;
	struct keel_bytes in =
		vectors_field(json_object_get(all, "relay"), "body", body, sizeof(body));
	CHECK(keel_relay_verify(in, &r, &a) == KEEL_OK);
	CHECK(keel_bytes_equal(KEEL_VIEW(a.owner),
		vectors_field(json_object_get(all, "sealed"), "sender_kid", ot, sizeof(ot))));
	CHECK(keel_bytes_equal(r.request,
		vectors_field(json_object_get(all, "sealed"), "message", sealed, sizeof(sealed))));
	json_decref(all);
}

static void an_answer_has_a_status_of_http(void)
{
	static const struct {
		uint64_t status;
		bool good;
	} rows[] = { { 0, false }, { 199, false }, { 200, true }, { 403, true }, { 599, true },
		{ 600, false } };
	uint8_t buf[64];
	struct keel_relayed read;
	struct keel_bytes out = { 0 };
	for (size_t i = 0; i < KEEL_COUNT(rows); i++) {
		const struct keel_relayed r = { .status = rows[i].status, .heard = 1795852800 };
		struct keel_wr w = keel_wr_of(buf, sizeof(buf));
		keel_schema_write(&keel_relayed_schema, &r, &w);
		CHECK((keel_wr_end(&w, &out) == KEEL_OK) == rows[i].good);
		if (!rows[i].good)
			continue;
		CHECK(keel_schema_read(&keel_relayed_schema, out, &read, NULL) == KEEL_OK);
		CHECK(read.status == r.status && read.heard == r.heard && read.body.n == 0);
	}
}

TEST_MAIN(TEST(the_service_learns_who_asks_for_which_home),
	TEST(prov_5_5_7_every_changed_bit_of_a_relay_is_refused),
	TEST(prov_5_5_7_one_owners_ask_does_not_serve_another),
	TEST(what_an_owner_signs_for_something_else_is_no_ask),
	TEST(a_request_is_as_long_as_at_the_door), TEST(the_known_answer_is_taken),
	TEST(an_answer_has_a_status_of_http))

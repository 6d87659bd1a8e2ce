/* The voucher: who may vouch for the service's keys, and until when. */
#include "check.h"
#include "session/hostile.h"
#include "session/voucher.h"

#define NOW 1800000000

static struct keel_p256_key root, other;
static struct keel_service_keys keys;
static uint8_t buf[KEEL_VOUCHER_MAX];
static struct keel_bytes good;

static void make(void)
{
	struct keel_p256_key sign, agree;
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	const struct keel_signer signer = keel_signer_of(&root);
	keel_p256_generate(&root);
	keel_p256_generate(&other);
	keel_p256_generate(&sign);
	keel_p256_generate(&agree);
	keys = (struct keel_service_keys){
		.sign = sign.pub, .agree = agree.pub, .from = NOW - 10, .until = NOW + 10
	};
	KEEL_MUST(keel_voucher_write(&signer, &root.pub, &keys, &w) == KEEL_OK);
	KEEL_MUST(keel_wr_end(&w, &good) == KEEL_OK);
}

static void what_the_root_wrote_is_read_again(void)
{
	struct keel_service_keys read;
	make();
	CHECK(keel_voucher_verify(good, &root.pub, NOW, &read) == KEEL_OK);
	CHECK(memcmp(&read, &keys, sizeof(keys)) == 0);
}

static bool takes(void *self, struct keel_bytes in)
{
	struct keel_service_keys read;
	(void)self;
	return keel_voucher_verify(in, &root.pub, NOW, &read) == KEEL_OK;
}

static void prov_5_5_1_another_root_or_any_change_is_refused(void)
{
	struct keel_service_keys read;
	make();
	CHECK(keel_voucher_verify(good, &other.pub, NOW, &read) == KEEL_EAUTH);
	CHECK(hostile_changes_taken(good, takes, NULL) == 0);
}

/* Its end is the end; its beginning is not held against a clock that may be old. */
static void an_ended_voucher_is_stale_and_an_early_one_is_not(void)
{
	static const struct {
		const char *row;
		int64_t now;
		enum keel_err expected;
	} rows[] = {
		{ "time not known", 0, KEEL_OK },
		{ "long before it begins", 1000, KEEL_OK },
		{ "its last second", NOW + 9, KEEL_OK },
		{ "its end", NOW + 10, KEEL_ESTALE },
		{ "years after", NOW * 2LL, KEEL_ESTALE },
	};
	struct keel_service_keys read;
	make();
	for (size_t i = 0; i < KEEL_COUNT(rows); i++)
		CHECK_ROW(keel_voucher_verify(good, &root.pub, rows[i].now, &read) ==
				  rows[i].expected,
			rows[i].row);
}

static enum keel_err written(const struct keel_service_keys *k, struct keel_bytes *out)
{
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	const struct keel_signer signer = keel_signer_of(&root);
	enum keel_err e = keel_voucher_write(&signer, &root.pub, k, &w);
	return e == KEEL_OK ? keel_wr_end(&w, out) : e;
}

static void a_voucher_for_no_time_or_no_point_is_none(void)
{
	struct keel_bytes out;
	struct keel_service_keys read, k;
	make();
	k = keys;
	k.until = k.from;
	CHECK(written(&k, &out) == KEEL_ERANGE);
	k.from = -1;
	CHECK(written(&k, &out) == KEEL_ERANGE);
	for (unsigned agree = 0; agree < 2; agree++) { /* not a point of the curve */
		k = keys;
		memset(agree ? &k.agree : &k.sign, 7, sizeof(k.sign));
		CHECK(written(&k, &out) == KEEL_OK);
		CHECK(keel_voucher_verify(out, &root.pub, NOW, &read) == KEEL_EAUTH);
	}
}

/* The root signed it, under its own kid, and yet it is no voucher. */
static void another_payload_of_the_root_is_refused(void)
{
	uint8_t inner[KEEL_VOUCHER_MAX];
	struct keel_service_keys read;
	struct keel_bytes payload, out, none = { 0 }, kid;
	make();
	const struct keel_signer signer = keel_signer_of(&root);
	CHECK(keel_cose_verify1(&root.pub, good, none, &payload) == KEEL_OK);
	CHECK(keel_cose_sign1_kid(good, &kid) == KEEL_OK);
	for (unsigned at = 1; at < 5; at++) { /* purpose, version, the first byte of the id */
		uint8_t again[KEEL_VOUCHER_MAX];
		struct keel_wr w = keel_wr_of(again, sizeof(again));
		memcpy(inner, payload.p, payload.n);
		inner[at] ^= 1;
		CHECK(keel_cose_sign1(&signer, kid, none, (struct keel_bytes){ inner, payload.n },
			      &w) == KEEL_OK);
		CHECK(keel_wr_end(&w, &out) == KEEL_OK);
		CHECK(keel_voucher_verify(out, &root.pub, NOW, &read) != KEEL_OK);
	}
}

TEST_MAIN(TEST(what_the_root_wrote_is_read_again),
	TEST(prov_5_5_1_another_root_or_any_change_is_refused),
	TEST(an_ended_voucher_is_stale_and_an_early_one_is_not),
	TEST(a_voucher_for_no_time_or_no_point_is_none),
	TEST(another_payload_of_the_root_is_refused))

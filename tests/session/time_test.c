/* The signed time: for one device, one nonce, and within the voucher of who says it. */
#include "check.h"
#include "session/hostile.h"
#include "session/time.h"

#define NOW 1800000000

static struct keel_p256_key sign, agree;
static struct keel_service_keys keys;
static uint8_t st[KEEL_THUMBPRINT_LEN], buf[KEEL_TIME_MAX];
static const uint8_t id[KEEL_DEVICE_ID_LEN] = { 1 }, nonce[KEEL_TIME_NONCE_LEN] = { 2 };

static struct keel_bytes make(int64_t now)
{
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	struct keel_bytes out;
	const struct keel_signer signer = keel_signer_of(&sign);
	keel_p256_generate(&sign);
	keel_p256_generate(&agree);
	keys = (struct keel_service_keys){
		.sign = sign.pub, .agree = agree.pub, .from = NOW - 10, .until = NOW + 10
	};
	keel_service_thumbprint(&keys, st);
	KEEL_MUST(keel_time_write(&signer, st, id, KEEL_VIEW(nonce), now, &w) == KEEL_OK);
	KEEL_MUST(keel_wr_end(&w, &out) == KEEL_OK);
	return out;
}

static void the_time_is_read_again(void)
{
	int64_t now = 0;
	struct keel_bytes good = make(NOW);
	CHECK(keel_time_verify(good, &keys, id, KEEL_VIEW(nonce), &now) == KEEL_OK);
	CHECK(now == NOW);
}

static bool takes(void *self, struct keel_bytes in)
{
	int64_t now;
	(void)self;
	return keel_time_verify(in, &keys, id, KEEL_VIEW(nonce), &now) == KEEL_OK;
}

static void prov_5_5_1_time_for_another_device_nonce_or_key_is_refused(void)
{
	static const uint8_t other[16] = { 9 };
	struct keel_bytes good = make(NOW);
	struct keel_service_keys theirs = keys;
	int64_t now = 7;
	CHECK(keel_time_verify(good, &keys, other, KEEL_VIEW(nonce), &now) == KEEL_EAUTH);
	CHECK(keel_time_verify(good, &keys, id, KEEL_VIEW(other), &now) == KEEL_EAUTH);
	theirs.sign = agree.pub;
	CHECK(keel_time_verify(good, &theirs, id, KEEL_VIEW(nonce), &now) == KEEL_EAUTH);
	theirs = keys;
	theirs.agree = sign.pub; /* the same signing key in another pair is another S */
	CHECK(keel_time_verify(good, &theirs, id, KEEL_VIEW(nonce), &now) == KEEL_EAUTH);
	CHECK(hostile_changes_taken(good, takes, NULL) == 0);
	CHECK(now == 7); /* untouched */
}

static void prov_5_5_1_a_key_sets_no_clock_outside_its_voucher(void)
{
	int64_t now;
	CHECK(keel_time_verify(make(NOW - 11), &keys, id, KEEL_VIEW(nonce), &now) == KEEL_ESTALE);
	CHECK(keel_time_verify(make(NOW - 10), &keys, id, KEEL_VIEW(nonce), &now) == KEEL_OK);
	CHECK(keel_time_verify(make(NOW + 9), &keys, id, KEEL_VIEW(nonce), &now) == KEEL_OK);
	CHECK(keel_time_verify(make(NOW + 10), &keys, id, KEEL_VIEW(nonce), &now) == KEEL_ESTALE);
}

static void what_its_schema_forbids_is_not_written(void)
{
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	(void)make(NOW);
	const struct keel_signer signer = keel_signer_of(&sign);
	CHECK(keel_time_write(&signer, st, id, KEEL_VIEW(nonce), 0, &w) == KEEL_ERANGE);
	CHECK(keel_time_write(&signer, st, id, (struct keel_bytes){ nonce, 15 }, NOW, &w) ==
		KEEL_ERANGE);
}

TEST_MAIN(TEST(the_time_is_read_again),
	TEST(prov_5_5_1_time_for_another_device_nonce_or_key_is_refused),
	TEST(prov_5_5_1_a_key_sets_no_clock_outside_its_voucher),
	TEST(what_its_schema_forbids_is_not_written))

/* Proof of work: what is too little, too old, or used, is refused; more is asked for while many come. */
#include <stdlib.h>

#include "check.h"
#include "fleet/work.h"

#define NOW INT64_C(1795852800)

static struct keel_work work;

static unsigned zero_bits(const char *challenge, const char *number)
{
	const struct keel_bytes parts[] = { keel_text(challenge), keel_text(number) };
	struct keel_digest d;
	unsigned n = 0;
	keel_sha256(parts, 2, &d);
	while ((d.b[n / 8] & (0x80u >> n % 8)) == 0)
		n++;
	return n;
}

static void solve(const char *challenge, unsigned bits, char number[24])
{
	for (unsigned long n = 0;; n++) {
		(void)snprintf(number, 24, "%lu", n);
		if (zero_bits(challenge, number) >= bits)
			return;
	}
}

static enum keel_err take(const char *challenge, const char *number, int64_t now_s)
{
	return keel_work_take(&work, now_s, keel_text(challenge), keel_text(number));
}

static void a_proof_is_good_once_and_for_a_time(void)
{
	char challenge[KEEL_WORK_CHALLENGE_LEN + 1], number[24];
	keel_work_init(&work);
	unsigned bits = keel_work_ask(&work, NOW, challenge);
	CHECK(bits == KEEL_WORK_BITS && strlen(challenge) == KEEL_WORK_CHALLENGE_LEN);
	solve(challenge, bits, number);
	CHECK(take(challenge, number, NOW + KEEL_WORK_GOOD_S) == KEEL_ESTALE);
	CHECK(take(challenge, number, NOW + KEEL_WORK_GOOD_S - 1) == KEEL_OK);
	CHECK(take(challenge, number, NOW + KEEL_WORK_GOOD_S - 1) == KEEL_ESTALE);
	keel_work_init(&work);
	CHECK(take(challenge, number, NOW) == KEEL_EAUTH); /* of another key */
}

static void what_is_no_proof_is_refused(void)
{
	char challenge[KEEL_WORK_CHALLENGE_LEN + 1], number[24], wrong[24];
	unsigned long n = 0;
	keel_work_init(&work);
	solve(challenge, keel_work_ask(&work, NOW, challenge), number);
	do
		(void)snprintf(wrong, sizeof(wrong), "%lu", n++);
	while (zero_bits(challenge, wrong) >= KEEL_WORK_BITS);
	CHECK(take(challenge, wrong, NOW) == KEEL_EAUTH);
	CHECK(take(challenge, "", NOW) == KEEL_EFORM && take(challenge, "1x", NOW) == KEEL_EFORM);
	CHECK(take(challenge, "123456789012345678901", NOW) == KEEL_EFORM);
	CHECK(take("", number, NOW) == KEEL_EFORM);
	for (size_t i = 0; i < KEEL_WORK_CHALLENGE_LEN; i++) {
		char changed[KEEL_WORK_CHALLENGE_LEN + 1];
		memcpy(changed, challenge, sizeof(changed));
		changed[i] = changed[i] == '0' ? '1' : '0';
		CHECK(take(changed, number, NOW) == KEEL_EAUTH);
		changed[i] =
			'A'; /* the same number in another spelling would be another challenge */
		CHECK(take(changed, number, NOW) == KEEL_EFORM);
	}
	CHECK(take(challenge, number, NOW) == KEEL_OK);
}

static void more_work_is_asked_for_while_many_come(void)
{
	char challenge[KEEL_WORK_CHALLENGE_LEN + 1];
	keel_work_init(&work);
	for (size_t i = 0; i < 64; i++) {
		work.used[i].until_s = NOW + 1;
		work.used[i].random[0] = (uint8_t)i;
	}
	CHECK(keel_work_ask(&work, NOW, challenge) == KEEL_WORK_BITS + 1);
	CHECK(keel_work_ask(&work, NOW + 1, challenge) == KEEL_WORK_BITS);
	for (size_t i = 0; i < KEEL_WORK_USED_MAX; i++)
		work.used[i].until_s = NOW + 1;
	CHECK(keel_work_ask(&work, NOW, challenge) == KEEL_WORK_BITS_MAX);
}

TEST_MAIN(TEST(a_proof_is_good_once_and_for_a_time), TEST(what_is_no_proof_is_refused),
	TEST(more_work_is_asked_for_while_many_come))

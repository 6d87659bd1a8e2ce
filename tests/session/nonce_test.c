/* The service's nonce, which any worker knows again. */
#include "check.h"
#include "session/hostile.h"
#include "session/nonce.h"

#define NOW 1800000000

static const struct keel_key key = { { 1 } }, other = { { 2 } };

static void any_worker_knows_a_nonce_for_a_minute(void)
{
	static const struct {
		const char *row;
		int64_t now;
		enum keel_err expected;
	} rows[] = {
		{ "at once", NOW, KEEL_OK },
		{ "in its last second", NOW + 60, KEEL_OK },
		{ "a second later", NOW + 61, KEEL_ESTALE },
		{ "a year later", NOW + 31536000, KEEL_ESTALE },
		{ "a worker that is 5 s behind", NOW - 5, KEEL_OK },
		{ "a worker that is 6 s behind", NOW - 6, KEEL_ESTALE },
	};
	uint8_t nonce[KEEL_SESSION_NONCE_LEN];
	keel_session_nonce_make(&key, NOW, nonce);
	for (size_t i = 0; i < KEEL_COUNT(rows); i++)
		CHECK_ROW(keel_session_nonce_check(&key, KEEL_VIEW(nonce), rows[i].now) ==
				  rows[i].expected,
			rows[i].row);
}

static bool takes(void *self, struct keel_bytes in)
{
	(void)self;
	return keel_session_nonce_check(&key, in, NOW) == KEEL_OK;
}

static void prov_5_5_1_a_nonce_that_is_not_ours_is_refused(void)
{
	uint8_t nonce[KEEL_SESSION_NONCE_LEN];
	keel_session_nonce_make(&key, NOW, nonce);
	CHECK(keel_session_nonce_check(&other, KEEL_VIEW(nonce), NOW) == KEEL_EAUTH);
	CHECK(hostile_changes_taken(KEEL_VIEW(nonce), takes, NULL) == 0);
}

static void no_two_are_the_same(void)
{
	uint8_t a[KEEL_SESSION_NONCE_LEN], b[KEEL_SESSION_NONCE_LEN];
	keel_session_nonce_make(&key, NOW, a);
	keel_session_nonce_make(&key, NOW, b);
	CHECK(memcmp(a, b, sizeof(a)) != 0);
}

TEST_MAIN(TEST(any_worker_knows_a_nonce_for_a_minute),
	TEST(prov_5_5_1_a_nonce_that_is_not_ours_is_refused), TEST(no_two_are_the_same))

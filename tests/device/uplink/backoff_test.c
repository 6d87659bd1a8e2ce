/* When a device tries again: never sooner than it may, never together with all others. */
#include "check.h"
#include "device/uplink/backoff.h"

#define NOW 5000000u

/* The random bits that a test holds. */
static uint64_t bits;

static uint64_t held(void *self)
{
	(void)self;
	return bits;
}

static struct keel_backoff fresh(uint64_t random_bits)
{
	struct keel_backoff b;
	bits = random_bits;
	keel_backoff_init(&b, held, NULL);
	return b;
}

static uint64_t wait_of(struct keel_backoff *b, uint64_t asked_s)
{
	return keel_backoff_next(b, NOW, asked_s) - NOW;
}

static void the_window_doubles_up_to_its_cap(void)
{
	struct keel_backoff widest = fresh(UINT64_MAX);
	uint64_t window = KEEL_BACKOFF_FIRST_MS;
	for (unsigned i = 0; i < 70; i++) {
		CHECK(wait_of(&widest, 0) == KEEL_BACKOFF_LEAST_MS + window);
		window = 2 * window < KEEL_BACKOFF_CAP_MS ? 2 * window : KEEL_BACKOFF_CAP_MS;
	}
	CHECK(window == KEEL_BACKOFF_CAP_MS);
}

/* Full jitter: from nothing to all of the window; but two attempts are never one. */
static void no_attempt_comes_sooner_than_the_least(void)
{
	struct keel_backoff soonest = fresh(0);
	for (unsigned i = 0; i < 70; i++)
		CHECK(wait_of(&soonest, 0) == KEEL_BACKOFF_LEAST_MS);
}

static void the_random_part_is_spread_evenly(void)
{
	unsigned tenths[10] = { 0 };
	for (uint64_t i = 0; i < 10000; i++) {
		struct keel_backoff b = fresh(i * (UINT64_MAX / 10000));
		uint64_t part = wait_of(&b, 0) - KEEL_BACKOFF_LEAST_MS;
		CHECK(part <= KEEL_BACKOFF_FIRST_MS);
		tenths[part * 10 / (KEEL_BACKOFF_FIRST_MS + 1)]++;
	}
	for (unsigned i = 0; i < 10; i++)
		CHECK(tenths[i] > 980 && tenths[i] < 1020);
}

static void prov_5_9_3_what_the_service_asks_is_the_least_wait(void)
{
	struct keel_backoff soonest = fresh(0);
	CHECK(wait_of(&soonest, 60) == 60000);
	struct keel_backoff latest = fresh(UINT64_MAX);
	CHECK(wait_of(&latest, 60) == 120000); /* spread over as long again: not all at once */
	latest = fresh(UINT64_MAX);
	CHECK(wait_of(&latest, 1) == 1000 + KEEL_BACKOFF_FIRST_MS); /* its own window is wider */
}

static void a_service_that_asks_for_years_is_not_obeyed(void)
{
	struct keel_backoff b = fresh(0);
	CHECK(wait_of(&b, UINT64_MAX) == KEEL_BACKOFF_ASKED_MAX * 1000ull);
}

static void only_a_session_that_lasted_ends_the_count(void)
{
	struct keel_backoff b = fresh(UINT64_MAX);
	for (unsigned i = 0; i < 3; i++)
		(void)wait_of(&b, 0);
	keel_backoff_opened(&b, NOW - KEEL_BACKOFF_STEADY_MS + 1);
	CHECK(wait_of(&b, 0) == KEEL_BACKOFF_LEAST_MS + 8 * KEEL_BACKOFF_FIRST_MS);
	keel_backoff_opened(&b, NOW - KEEL_BACKOFF_STEADY_MS);
	keel_backoff_opened(&b, NOW - 1); /* renewed: it lasts since it was opened first */
	CHECK(wait_of(&b, 0) == KEEL_BACKOFF_LEAST_MS + KEEL_BACKOFF_FIRST_MS);
	CHECK(wait_of(&b, 0) == KEEL_BACKOFF_LEAST_MS + 2 * KEEL_BACKOFF_FIRST_MS);
}

TEST_MAIN(TEST(the_window_doubles_up_to_its_cap), TEST(no_attempt_comes_sooner_than_the_least),
	TEST(the_random_part_is_spread_evenly),
	TEST(prov_5_9_3_what_the_service_asks_is_the_least_wait),
	TEST(a_service_that_asks_for_years_is_not_obeyed),
	TEST(only_a_session_that_lasted_ends_the_count))

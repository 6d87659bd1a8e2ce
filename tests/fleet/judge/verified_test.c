/* The sessions that a worker keeps, against a plain list that is obviously right. */
#include "check.h"
#include "fleet/judge/verified.h"

#define NOW 1800000000

static struct keel_digest token_of(unsigned n)
{
	struct keel_digest d;
	const struct keel_bytes in = { (const uint8_t *)&n, sizeof(n) };
	keel_sha256(&in, 1, &d);
	return d;
}

static struct keel_session session_of(unsigned n)
{
	struct keel_session s = { .expires = NOW + 10, .home_n = 16 };
	memcpy(s.key.b, &n, sizeof(n));
	s.device[0] = (uint8_t)n;
	return s;
}

static void keep(struct keel_verified *v, unsigned n)
{
	const struct keel_digest d = token_of(n);
	const struct keel_session s = session_of(n);
	CHECK(memcmp(keel_verified_keep(v, &d, &s)->key.b, s.key.b, sizeof(s.key.b)) == 0);
}

static bool has(struct keel_verified *v, unsigned n, int64_t now)
{
	const struct keel_digest d = token_of(n);
	const struct keel_session s = session_of(n), *found = keel_verified_find(v, &d, now);
	return found != NULL && memcmp(found->key.b, s.key.b, sizeof(s.key.b)) == 0;
}

static void the_oldest_makes_way(void)
{
	struct keel_verified *v = keel_verified_new(3);
	for (unsigned n = 1; n <= 4; n++)
		keep(v, n);
	CHECK(!has(v, 1, NOW) && has(v, 2, NOW) && has(v, 3, NOW) && has(v, 4, NOW));
	keep(v, 3); /* again: keeps its place */
	keep(v, 5);
	CHECK(!has(v, 2, NOW) && has(v, 3, NOW) && has(v, 5, NOW));
	CHECK(keel_verified_count(v) == 3);
	keel_verified_free(v);
}

static void an_expired_one_is_refused_and_goes(void)
{
	struct keel_verified *v = keel_verified_new(3);
	keep(v, 1);
	CHECK(has(v, 1, NOW + 9) && !has(v, 1, NOW + 10));
	CHECK(keel_verified_count(v) == 0 && !has(v, 1, NOW));
	keel_verified_free(v);
}

static void a_revoked_devices_sessions_go(void)
{
	struct keel_verified *v = keel_verified_new(1000);
	uint8_t device[KEEL_DEVICE_ID_LEN] = { 7 };
	for (unsigned n = 0; n < 1000; n++)
		keep(v, n);
	keel_verified_forget(v, device);
	for (unsigned n = 0; n < 1000; n++)
		CHECK(has(v, n, NOW) == ((n & 0xff) != 7));
	keel_verified_free(v);
}

/* Of a list in the order in which they came: what the ring and its table stand for. */
struct plain {
	unsigned of[64];
	size_t n, capacity;
};

static bool plain_has(const struct plain *p, unsigned n)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->of[i] == n)
			return true;
	return false;
}

static void plain_keep(struct plain *p, unsigned n)
{
	if (plain_has(p, n))
		return;
	if (p->n == p->capacity)
		memmove(p->of, p->of + 1, --p->n * sizeof(p->of[0]));
	p->of[p->n++] = n;
}

/* Nothing is dropped here but by age: a dropped one leaves a gap in the ring, which the list has not. */
static void it_holds_what_a_plain_list_holds(void)
{
	for (size_t capacity = 1; capacity <= 64; capacity = capacity * 2 + 1) {
		struct keel_verified *v = keel_verified_new(capacity);
		struct plain p = { .capacity = capacity };
		unsigned seed = (unsigned)capacity;
		for (unsigned step = 0; step < 4000; step++) {
			seed = seed * 1103515245 + 12345;
			unsigned n = (seed >> 16) % 150;
			keep(v, n);
			plain_keep(&p, n);
			CHECK(keel_verified_count(v) == p.n);
			for (unsigned k = 0; step % 50 == 0 && k < 150; k++)
				CHECK(has(v, k, NOW) == plain_has(&p, k));
		}
		keel_verified_free(v);
	}
}

/* With gaps too, what is found is what was kept, and what was forgotten is not. */
static void gaps_lose_nothing(void)
{
	struct keel_verified *v = keel_verified_new(32);
	unsigned seed = 3;
	for (unsigned step = 0; step < 4000; step++) {
		uint8_t device[KEEL_DEVICE_ID_LEN] = { 0 };
		seed = seed * 1103515245 + 12345;
		unsigned n = (seed >> 16) % 60;
		keep(v, n);
		CHECK(has(v, n, NOW));
		device[0] = (uint8_t)((seed >> 8) % 60);
		if (step % 3 == 0) {
			keel_verified_forget(v, device);
			CHECK(!has(v, device[0], NOW));
		}
		size_t count = 0;
		for (unsigned k = 0; k < 60; k++)
			count += has(v, k, NOW);
		CHECK(count == keel_verified_count(v));
	}
	keel_verified_free(v);
}

TEST_MAIN(TEST(the_oldest_makes_way), TEST(an_expired_one_is_refused_and_goes),
	TEST(a_revoked_devices_sessions_go), TEST(it_holds_what_a_plain_list_holds),
	TEST(gaps_lose_nothing))

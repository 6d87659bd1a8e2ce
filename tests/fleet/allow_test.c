/* So many reports an hour of an address, and of all. */
#include "check.h"
#include "fleet/allow.h"

#define NOW INT64_C(1795852800)

static struct keel_allow allow;

static struct keel_http_place v4(uint8_t last)
{
	return (struct keel_http_place){
		.address = { [10] = 0xff, [11] = 0xff, [12] = 192, [14] = 2, [15] = last }
	};
}

static struct keel_http_place v6(uint8_t net, uint8_t host)
{
	return (struct keel_http_place){ .address = { 0x20, 1, [7] = net, [15] = host } };
}

static uint32_t wait_of(struct keel_http_place p, int64_t now_s)
{
	return keel_allow_wait(&allow, &p, now_s);
}

static void an_address_waits_for_the_end_of_its_hour(void)
{
	keel_allow_init(&allow, 2, 100);
	CHECK(wait_of(v4(1), NOW) == 0 && wait_of(v4(1), NOW + 10) == 0);
	CHECK(wait_of(v4(1), NOW + 20) == 3580);
	CHECK(wait_of(v4(2), NOW + 20) == 0);
	CHECK(wait_of(v4(1), NOW + 3599) == 1 && wait_of(v4(1), NOW + 3600) == 0);
}

static void an_ipv6_network_is_one_address(void)
{
	keel_allow_init(&allow, 1, 100);
	CHECK(wait_of(v6(1, 1), NOW) == 0 && wait_of(v6(1, 2), NOW) > 0);
	CHECK(wait_of(v6(2, 1), NOW) == 0);
}

static void all_together_have_a_limit_too(void)
{
	keel_allow_init(&allow, 2, 3);
	CHECK(wait_of(v4(1), NOW) == 0 && wait_of(v4(2), NOW) == 0 && wait_of(v4(3), NOW) == 0);
	CHECK(wait_of(v4(4), NOW + 1) == 3599);
	CHECK(wait_of(v4(4), NOW + 3600) == 0);
}

/* More addresses than places: who came first is forgotten, nobody is refused for it. */
static void a_full_table_forgets_who_came_first(void)
{
	keel_allow_init(&allow, 1, UINT32_MAX);
	for (unsigned i = 0; i < KEEL_ALLOW_PLACES; i++) {
		struct keel_http_place p = v6((uint8_t)i, 0);
		p.address[6] = (uint8_t)(i >> 8);
		CHECK(wait_of(p, NOW + i) == 0);
	}
	CHECK(wait_of(v6(0, 0), NOW + 2000) == 0);
	struct keel_http_place last = v6((KEEL_ALLOW_PLACES - 1) & 0xff, 0);
	last.address[6] = (KEEL_ALLOW_PLACES - 1) >> 8;
	CHECK(wait_of(last, NOW + 2000) > 0);
}

TEST_MAIN(TEST(an_address_waits_for_the_end_of_its_hour), TEST(an_ipv6_network_is_one_address),
	TEST(all_together_have_a_limit_too), TEST(a_full_table_forgets_who_came_first))

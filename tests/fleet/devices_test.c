/* The devices that are in session, in memory. */
#include "check.h"
#include "fleet/devices.h"

#define WALL 1795852800
static const uint8_t here[KEEL_FLEET_ADDRESS_LEN] = { 1 };
static const struct keel_bytes request = { (const uint8_t *)"sealed", 6 };

/* A call that is only pointed to. */
static struct keel_http_call *call_of(uintptr_t n)
{
	return (struct keel_http_call *)(0x1000 + n);
}

static struct keel_fleet_device *device_of(struct keel_fleet_devices *d, unsigned n)
{
	uint8_t id[KEEL_DEVICE_ID_LEN] = { (uint8_t)n, 0, (uint8_t)(n >> 8) };
	return keel_fleet_device_heard(d, id, keel_text("hhhhhhhhhhhhhhhh"), WALL, WALL + 60);
}

static struct keel_fleet_relay *put(struct keel_fleet_devices *d, struct keel_fleet_device *v,
	const uint8_t *address, int64_t wall)
{
	struct keel_fleet_relay *r = NULL;
	return keel_fleet_relay_put(d, v, call_of(1), address, request, wall, 5000, &r) == KEEL_OK
		       ? r
		       : NULL;
}

static void many_devices_are_found_each(void)
{
	struct keel_fleet_devices *d = keel_fleet_devices_new();
	for (unsigned i = 0; i < 3000; i++) /* a dozen in a bucket */
		CHECK(device_of(d, i) != NULL);
	CHECK(keel_fleet_devices_count(d) == 3000);
	for (unsigned i = 0; i < 3000; i++) {
		uint8_t id[KEEL_DEVICE_ID_LEN] = { (uint8_t)i, 0, (uint8_t)(i >> 8) };
		struct keel_fleet_device *v = keel_fleet_device_find(d, id);
		CHECK(v != NULL && memcmp(v->id, id, sizeof(id)) == 0);
	}
	CHECK(device_of(d, 7) == device_of(d, 7) && keel_fleet_devices_count(d) == 3000);
	const uint8_t other[KEEL_DEVICE_ID_LEN] = { 1, 2, 3 };
	CHECK(keel_fleet_device_find(d, other) == NULL);
	keel_fleet_devices_free(d);
}

static void what_waits_comes_in_order_until_it_is_answered(void)
{
	struct keel_fleet_devices *d = keel_fleet_devices_new();
	struct keel_fleet_device *v = device_of(d, 1);
	CHECK(v->relays == NULL);
	uint64_t a = put(d, v, here, WALL)->number;
	uint64_t b = put(d, v, here, WALL)->number;
	CHECK(a < b);
	const struct keel_fleet_relay *r = v->relays;
	CHECK(r->number == a && r->next->number == b && r->n == 6 && r->next->next == NULL);
	CHECK(keel_fleet_relay_of(v, a) != NULL && keel_fleet_relay_of(v, a + b) == NULL);
	keel_fleet_relay_drop(d, keel_fleet_relay_of(v, a));
	CHECK(keel_fleet_relay_of(v, a) == NULL && v->relays->number == b);
	keel_fleet_devices_free(d);
}

/* The device says what it took last, and the service has forgotten: a lower number would be lost. */
static void numbers_go_on_after_a_restart(void)
{
	struct keel_fleet_devices *d = keel_fleet_devices_new();
	struct keel_fleet_device *v = device_of(d, 1);
	uint64_t last = 0;
	for (int i = 0; i < 5; i++) {
		struct keel_fleet_relay *r = put(d, v, here, WALL);
		last = r->number;
		keel_fleet_relay_drop(d, r);
	}
	keel_fleet_devices_free(d);
	d = keel_fleet_devices_new();
	v = device_of(d, 1);
	CHECK(put(d, v, here, WALL + 1)->number > last);
	CHECK(put(d, v, here, WALL - 9)->number > last); /* a clock that was set back */
	keel_fleet_devices_free(d);
}

static void relays_are_bounded_of_a_device_an_address_and_all(void)
{
	struct keel_fleet_devices *d = keel_fleet_devices_new();
	struct keel_fleet_device *v = device_of(d, 1);
	struct keel_fleet_relay *r = NULL;
	uint8_t address[KEEL_FLEET_ADDRESS_LEN] = { 9 };
	for (unsigned i = 0; i < KEEL_FLEET_RELAYS_DEVICE_MAX; i++)
		CHECK((r = put(d, v, here, WALL)) != NULL);
	CHECK(put(d, v, here, WALL) == NULL);
	keel_fleet_relay_drop(d, r);
	CHECK(put(d, v, here, WALL) != NULL);
	for (unsigned i = KEEL_FLEET_RELAYS_DEVICE_MAX; i < KEEL_FLEET_RELAYS_ADDRESS_MAX; i++)
		CHECK(put(d, device_of(d, 1 + i), here, WALL) != NULL);
	CHECK(put(d, device_of(d, 100), here, WALL) == NULL);
	CHECK(put(d, device_of(d, 100), address, WALL) != NULL);
	unsigned more = 0;
	while (put(d, device_of(d, 200 + more), address, WALL) != NULL) {
		more++;
		address[1] = (uint8_t)more;
		address[2] = (uint8_t)(more >> 8);
	}
	CHECK(more == KEEL_FLEET_RELAYS_MAX - KEEL_FLEET_RELAYS_ADDRESS_MAX - 1);
	keel_fleet_devices_free(d);
}

static bool odd_ones(void *self, struct keel_fleet_device *v)
{
	++*(unsigned *)self;
	return v->id[0] % 2 == 1;
}

static void devices_are_forgotten_one_by_one(void)
{
	struct keel_fleet_devices *d = keel_fleet_devices_new();
	unsigned seen = 0;
	for (unsigned i = 0; i < 600; i++)
		CHECK(put(d, device_of(d, i),
			      (uint8_t[KEEL_FLEET_ADDRESS_LEN]){ (uint8_t)i, (uint8_t)(i >> 8) },
			      WALL) != NULL);
	keel_fleet_devices_each(d, odd_ones, &seen);
	CHECK(seen == 600 && keel_fleet_devices_count(d) == 300);
	keel_fleet_devices_free(d);
}

TEST_MAIN(TEST(many_devices_are_found_each), TEST(what_waits_comes_in_order_until_it_is_answered),
	TEST(numbers_go_on_after_a_restart),
	TEST(relays_are_bounded_of_a_device_an_address_and_all),
	TEST(devices_are_forgotten_one_by_one))

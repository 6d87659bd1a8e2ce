#include "fleet/devices.h"

#include <stdlib.h>
#include <string.h>

#define BUCKETS 4096 /* ids are random, and only a device that proved its own has an entry */

struct keel_fleet_devices {
	struct keel_fleet_device *bucket[BUCKETS];
	size_t count;
	size_t waiting;
};

struct keel_fleet_devices *keel_fleet_devices_new(void)
{
	struct keel_fleet_devices *d = calloc(1, sizeof(*d));
	KEEL_MUST(d != NULL);
	return d;
}

static struct keel_fleet_device **bucket_of(struct keel_fleet_devices *d, const uint8_t *id)
{
	return &d->bucket[(id[0] | (unsigned)id[1] << 8) % BUCKETS];
}

struct keel_fleet_device *keel_fleet_device_find(
	struct keel_fleet_devices *d, const uint8_t id[KEEL_DEVICE_ID_LEN])
{
	struct keel_fleet_device *v = *bucket_of(d, id);
	while (v != NULL && memcmp(v->id, id, KEEL_DEVICE_ID_LEN) != 0)
		v = v->next;
	return v;
}

static struct keel_fleet_device *add(struct keel_fleet_devices *d, const uint8_t *id)
{
	struct keel_fleet_device **at = bucket_of(d, id);
	struct keel_fleet_device *v = calloc(1, sizeof(*v));
	KEEL_MUST(v != NULL);
	memcpy(v->id, id, sizeof(v->id));
	v->next = *at;
	*at = v;
	d->count++;
	return v;
}

struct keel_fleet_device *keel_fleet_device_heard(struct keel_fleet_devices *d,
	const uint8_t id[KEEL_DEVICE_ID_LEN], struct keel_bytes home, int64_t now_s, int64_t next_s)
{
	struct keel_fleet_device *v = keel_fleet_device_find(d, id);
	KEEL_MUST(home.n <= sizeof(v->home));
	if (v == NULL)
		v = add(d, id);
	if (home.n > 0)
		memcpy(v->home, home.p, home.n);
	v->home_n = home.n;
	v->heard_s = now_s;
	v->next_s = next_s > v->next_s ? next_s : v->next_s;
	return v;
}

void keel_fleet_device_know(
	struct keel_fleet_device *device, const struct keel_digest *product, uint64_t taken)
{
	if (memcmp(&device->product, product, sizeof(*product)) != 0) {
		free(device->pace);
		device->pace = NULL;
	}
	device->product = *product;
	device->taken = taken;
	device->known = true;
}

/* --- relays --- */

static size_t count_from(const struct keel_fleet_devices *d, const uint8_t *address)
{
	size_t n = 0;
	for (size_t i = 0; i < BUCKETS; i++)
		for (const struct keel_fleet_device *v = d->bucket[i]; v != NULL; v = v->next)
			for (const struct keel_fleet_relay *r = v->relays; r != NULL; r = r->next)
				n += memcmp(r->address, address, sizeof(r->address)) == 0;
	return n;
}

/*
 * Numbers go on by the clock, so that after a restart, which forgets them, they are still higher
 * than any that the device has taken.
 */
static uint64_t next_number(struct keel_fleet_device *v, int64_t wall_s)
{
	uint64_t by_clock = (uint64_t)wall_s * 1000;
	v->last_number = v->last_number + 1 > by_clock ? v->last_number + 1 : by_clock;
	return v->last_number;
}

enum keel_err keel_fleet_relay_put(struct keel_fleet_devices *d, struct keel_fleet_device *to,
	struct keel_http_call *call, const uint8_t address[KEEL_FLEET_ADDRESS_LEN],
	struct keel_bytes sealed, int64_t wall_s, uint64_t now_ms, struct keel_fleet_relay **out)
{
	if (to->waiting >= KEEL_FLEET_RELAYS_DEVICE_MAX || d->waiting >= KEEL_FLEET_RELAYS_MAX ||
		(d->waiting >= KEEL_FLEET_RELAYS_ADDRESS_MAX &&
			count_from(d, address) >= KEEL_FLEET_RELAYS_ADDRESS_MAX))
		return KEEL_EFULL;
	struct keel_fleet_relay *r = calloc(1, sizeof(*r) + sealed.n);
	KEEL_MUST(r != NULL);
	r->device = to;
	r->call = call;
	r->number = next_number(to, wall_s);
	r->until_ms = now_ms + KEEL_FLEET_RELAY_MS;
	memcpy(r->address, address, sizeof(r->address));
	memcpy(r->sealed, sealed.p, sealed.n);
	r->n = sealed.n;
	struct keel_fleet_relay **end = &to->relays;
	while (*end != NULL)
		end = &(*end)->next;
	*end = r;
	to->waiting++;
	d->waiting++;
	*out = r;
	return KEEL_OK;
}

struct keel_fleet_relay *keel_fleet_relay_of(
	const struct keel_fleet_device *device, uint64_t number)
{
	struct keel_fleet_relay *r = device->relays;
	while (r != NULL && r->number != number)
		r = r->next;
	return r;
}

void keel_fleet_relay_drop(struct keel_fleet_devices *d, struct keel_fleet_relay *r)
{
	struct keel_fleet_device *v = r->device;
	struct keel_fleet_relay **at = &v->relays;
	while (*at != r)
		at = &(*at)->next;
	*at = r->next;
	v->waiting--;
	d->waiting--;
	free(r);
}

/* --- all --- */

static void forget(struct keel_fleet_devices *d, struct keel_fleet_device **at)
{
	struct keel_fleet_device *v = *at;
	while (v->relays != NULL) {
		struct keel_fleet_relay *next = v->relays->next;
		free(v->relays);
		v->relays = next;
		d->waiting--;
	}
	*at = v->next;
	d->count--;
	free(v->pace);
	keel_key_wipe(&v->poll_key);
	free(v);
}

void keel_fleet_devices_each(struct keel_fleet_devices *d,
	bool (*each)(void *self, struct keel_fleet_device *device), void *self)
{
	for (size_t i = 0; i < BUCKETS; i++) {
		struct keel_fleet_device **at = &d->bucket[i];
		while (*at != NULL) {
			if (each(self, *at))
				forget(d, at);
			else
				at = &(*at)->next;
		}
	}
}

size_t keel_fleet_devices_count(const struct keel_fleet_devices *d)
{
	return d->count;
}

static bool all(void *self, struct keel_fleet_device *device)
{
	(void)self, (void)device;
	return true;
}

void keel_fleet_devices_free(struct keel_fleet_devices *d)
{
	if (d == NULL)
		return;
	keel_fleet_devices_each(d, all, NULL);
	free(d);
}

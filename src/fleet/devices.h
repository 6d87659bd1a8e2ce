/*
 * The devices that are in session with this worker, in memory: the poll that each holds, what owners
 * wait for, and when it was heard. An owner's request is good for a minute (its challenge) and its owner
 * waits, so it is not kept on a disk: the connection breaks with the service, the app says so and asks
 * again, and the hub's counter does no command twice. What must outlive a restart is in the store (inbox.h).
 *
 * Calls are pointers that this file never follows.
 */
#ifndef KEEL_FLEET_DEVICES_H
#define KEEL_FLEET_DEVICES_H

#include "core/bytes.h"
#include "crypto/purpose.h"

#define KEEL_FLEET_RELAYS_MAX         1024 /* that wait at once, of all owners */
#define KEEL_FLEET_RELAYS_DEVICE_MAX  8
#define KEEL_FLEET_RELAYS_ADDRESS_MAX 16
#define KEEL_FLEET_RELAY_MS           30000 /* how long an owner's call is held */
#define KEEL_FLEET_ADDRESS_LEN        16

struct keel_http_call;
struct keel_pace;
struct keel_fleet_devices;

/** An owner's request on its way. */
struct keel_fleet_relay {
	struct keel_fleet_relay *next;
	struct keel_fleet_device *device;
	struct keel_http_call *call; /* the owner's */
	uint64_t number;             /* of the request, for its answer: they rise, and leave gaps */
	uint64_t until_ms;
	uint8_t address[KEEL_FLEET_ADDRESS_LEN];
	size_t n;
	uint8_t sealed[];
};

struct keel_fleet_device {
	struct keel_fleet_device *next; /* of its bucket */
	uint8_t id[KEEL_DEVICE_ID_LEN];
	uint8_t home[KEEL_HOME_ID_LEN];
	size_t home_n;
	struct keel_http_call *poll; /* that it holds, or NULL */
	bool poll_updates;           /* its session is for updates only */
	uint64_t poll_taken, poll_until_ms;
	struct keel_key
		poll_key; /* of the session that polls: what is kept for it is MACed by it */
	int64_t heard_s, next_s, noted_s; /* noted: as the store has it */
	uint64_t last_number;
	size_t waiting;
	struct keel_fleet_relay *relays; /* the oldest first */
	/* What its reports are judged by; known: as the store has it. */
	bool known;
	struct keel_digest product;
	uint64_t taken;
	struct keel_pace *pace; /* of each measurement of that product; NULL: none came yet */
};

struct keel_fleet_devices *keel_fleet_devices_new(void);
void keel_fleet_devices_free(struct keel_fleet_devices *d);

/** NULL: not in session here. */
struct keel_fleet_device *keel_fleet_device_find(
	struct keel_fleet_devices *d, const uint8_t id[KEEL_DEVICE_ID_LEN]);
/** It was heard now, in this home; added where it is new. What waited for another home is left to expire. */
struct keel_fleet_device *keel_fleet_device_heard(struct keel_fleet_devices *d,
	const uint8_t id[KEEL_DEVICE_ID_LEN], struct keel_bytes home, int64_t now_s,
	int64_t next_s);

/** Its session or its home says so; where the product is another, its measurements begin anew. */
void keel_fleet_device_know(
	struct keel_fleet_device *device, const struct keel_digest *product, uint64_t taken);

/** Copies the request. KEEL_EFULL: too many wait, of this device, this address, or of all. */
KEEL_CHECKED enum keel_err keel_fleet_relay_put(struct keel_fleet_devices *d,
	struct keel_fleet_device *to, struct keel_http_call *call,
	const uint8_t address[KEEL_FLEET_ADDRESS_LEN], struct keel_bytes sealed, int64_t wall_s,
	uint64_t now_ms, struct keel_fleet_relay **out);
/** NULL: nobody waits for this one any more. */
struct keel_fleet_relay *keel_fleet_relay_of(
	const struct keel_fleet_device *device, uint64_t number);
/** It was answered, or its owner went. */
void keel_fleet_relay_drop(struct keel_fleet_devices *d, struct keel_fleet_relay *r);

/** For each device; `each` may drop its relays and end its poll, and says whether to forget it. */
void keel_fleet_devices_each(struct keel_fleet_devices *d,
	bool (*each)(void *self, struct keel_fleet_device *device), void *self);
size_t keel_fleet_devices_count(const struct keel_fleet_devices *d);

#endif

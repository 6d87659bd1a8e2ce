/*
 * The units of the bench: each with keys of its own, endorsed by the maker, and what it sends as a device
 * would, by the library's formats. What a unit says beside its keys is tests/fleet/judge/unit.h's.
 */
#ifndef KEEL_BENCH_FLEET_UNITS_H
#define KEEL_BENCH_FLEET_UNITS_H

#include "fleet/judge/unit.h"
#include "session/call.h"
#include "session/open.h"

#define UNITS_HOST "fleet.example"

struct one_unit {
	struct keel_p256_key sign, agree, c;
	uint8_t id[KEEL_DEVICE_ID_LEN];
	char serial[16];
	uint64_t number;               /* of its last report */
	uint8_t token[KEEL_TOKEN_MAX]; /* n 0: no session */
	size_t token_n;
	struct keel_key key;
};

struct units {
	struct unit
		says; /* the maker, the product, and the statement of the unit that speaks now */
	struct keel_p256_pub root;
	struct keel_service_keys service; /* once one has asked for a nonce */
	int64_t began_s;                  /* Unix seconds: telemetry is of the year before */
	size_t count;
	struct one_unit *all;
};

/** Makes so many, and into `dir` product.cbor, measures.cbor and units.csv, as keel-fleet takes them. */
void units_make(struct units *u, const char *dir, size_t count);
void units_free(struct units *u);

/* Bodies: views until the next is made. */
struct keel_bytes units_opening(
	struct units *u, struct one_unit *one, struct keel_bytes nonce_result);
struct keel_bytes units_report(struct units *u, struct one_unit *one);
struct keel_bytes units_poll(struct units *u, struct one_unit *one, uint64_t wait_s);

/** Takes the answer to an opening; ends the program where it opens no session for reports. */
void units_opened(struct units *u, struct one_unit *one, struct keel_bytes result);

#endif

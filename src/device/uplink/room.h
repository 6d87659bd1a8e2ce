/*
 * The room uplink: the one connection outward, to the maker's service that the declaration names
 * (docs/service.md). It carries reports, and owners' requests that it cannot open; what keys it has are of
 * one session. The device does all it does without it. EN 303 645 5.5-1, 5.6-7, 5.9-1, 5.9-3.
 */
#ifndef KEEL_DEVICE_UPLINK_ROOM_H
#define KEEL_DEVICE_UPLINK_ROOM_H

#include "device/room.h"

/** Handed: product, and service.ca: the roots (PEM) by which the service's certificate is trusted. */
keel_room_main uplink_main;
/** The same, by random bits that a test holds: when to try again, and when to renew. */
int keel_uplink_run(struct keel_room_env *env, uint64_t (*random)(void *self));

#endif

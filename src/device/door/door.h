/*
 * The room door: TLS and HTTP for owners at home. It hands their sealed requests to the vault
 * unopened, and the answers back; it holds no key but that of its certificate, and no other datum.
 * Its limits stand in docs/door.md. EN 303 645 5.5-1, 5.6-1, 5.13-1A.
 */
#ifndef KEEL_DEVICE_DOOR_DOOR_H
#define KEEL_DEVICE_DOOR_DOOR_H

#include "device/room.h"
#include "http/server.h"

#define KEEL_DOOR_LISTENERS_MAX 8

/** The door's limits; a test and a benchmark change some. */
struct keel_http_config keel_door_limits(void);

int door_main(struct keel_room_env *env);

#endif

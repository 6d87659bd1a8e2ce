/* The vault's room. */
#ifndef KEEL_DEVICE_VAULT_ROOM_MAIN_H
#define KEEL_DEVICE_VAULT_ROOM_MAIN_H

#include "device/room.h"

/** Runs the vault until the parent ends it; exit status of the room. */
int vault_main(struct keel_room_env *env);

#endif

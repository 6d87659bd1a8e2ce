/*
 * A room's walls, in the order in which they can go up: descriptors, network, user, limits; then
 * the room opens what it needs; then files and system calls. A wall that this system cannot build
 * is noted and logged; the room runs without it, and owners are told (EN 303 645 5.6-7).
 */
#ifndef KEEL_DEVICE_CONFINE_H
#define KEEL_DEVICE_CONFINE_H

#include "device/room.h"

/**
 * The first half, before the room's own main. Reads the options "uid", "gid" and "parent" that the
 * parent gave. KEEL_ESTATE: the parent is gone.
 */
KEEL_CHECKED enum keel_err keel_confine_enter(struct keel_room_env *env);

/**
 * The app's second half: its program may be read and executed (`fd`), the rest as its row says.
 * Tells the parent, as keel_room_confine does.
 */
void keel_confine_program(struct keel_room_env *env, int fd);

/** One room's whole life in a process of its own: environment, walls, main. Gives the exit status. */
int keel_room_run(enum keel_room_id room, keel_room_main *main);

/** The app's main: hashes nothing, opens nothing; puts the walls up and execs the maker's program. */
int keel_app_main(struct keel_room_env *env);

#endif

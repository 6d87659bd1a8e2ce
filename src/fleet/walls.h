/*
 * The walls of the service's two processes: no new rights, limits, Landlock, a system call filter; by
 * what the device's rooms are confined with (device/landlock.h, device/filter.h). EN 303 645 5.6-7.
 */
#ifndef KEEL_FLEET_WALLS_H
#define KEEL_FLEET_WALLS_H

#include <stddef.h>

/**
 * Before the first thread: from here on files can be opened in the folder only (NULL: none at all).
 * files: how many descriptors it may have. What the system cannot build is named on standard error.
 */
void keel_fleet_wall_files(const char *folder, size_t files);

enum keel_fleet_walls { KEEL_FLEET_SIGNER, KEEL_FLEET_WORKER };
/** Once everything is open and listening, for all threads: no sockets, no exec, no new thread. */
void keel_fleet_wall_calls(enum keel_fleet_walls who);

#endif

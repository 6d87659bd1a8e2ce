/*
 * The walls of the service's processes: no new rights, limits, Landlock, a system call filter; by
 * what the device's rooms are confined with (device/landlock.h, device/filter.h). EN 303 645 5.6-7.
 */
#ifndef KEEL_FLEET_WALLS_H
#define KEEL_FLEET_WALLS_H

#include <stddef.h>
#include <stdint.h>

/**
 * Before the first thread: from here on files can be opened in the folder only (NULL: none at all).
 * files: how many descriptors it may have. What the system cannot build is named on standard error.
 */
void keel_fleet_wall_files(const char *folder, size_t files);

/**
 * The same, of the process that sends mail: it may also read by what names are found and mail servers
 * trusted, and connect to this port and name servers' only (Linux before 6.7: to any).
 */
void keel_fleet_wall_mail(const char *folder, uint16_t port);

enum keel_fleet_walls { KEEL_FLEET_SIGNER, KEEL_FLEET_WORKER, KEEL_FLEET_MAIL };
/** Once everything is open and listening, for all threads: no sockets (but the mail's, outward), no exec, no new thread. */
void keel_fleet_wall_calls(enum keel_fleet_walls who);

#endif

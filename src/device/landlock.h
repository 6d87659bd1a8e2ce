/* Landlock: which paths a process may still open, from here on and for good. EN 303 645 5.6-7. */
#ifndef KEEL_DEVICE_LANDLOCK_H
#define KEEL_DEVICE_LANDLOCK_H

#include <stddef.h>
#include <stdint.h>

enum keel_grant { GRANT_READ = 1, GRANT_WRITE = 2, GRANT_EXEC = 4 };

struct keel_granted {
	const char
		*path; /* a folder with all below it, or a file; one that is not there is skipped */
	unsigned grants; /* of enum keel_grant */
};

/**
 * Restricts this process (one thread, no_new_privs set) to these paths, and to connecting to these
 * ports by TCP; what is open already keeps its rights. Gives the ABI that was found, or 0 where nothing
 * was restricted. ABI 2 (kernel 6.1): truncate(2) is not refused. Below 4: TCP is not. Below 6: signals
 * and abstract sockets are not.
 */
int keel_landlock(
	const struct keel_granted *paths, size_t n, const uint16_t *ports, size_t port_count);

#endif

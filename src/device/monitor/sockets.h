/* The sockets that are open for others: read from the kernel's tables in /proc/PID/net. */
#ifndef KEEL_DEVICE_MONITOR_SOCKETS_H
#define KEEL_DEVICE_MONITOR_SOCKETS_H

#include "core/bytes.h"

enum keel_socket_kind {
	SOCKET_TCP,
	SOCKET_TCP6,
	SOCKET_UDP,
	SOCKET_UDP6,
	SOCKET_RAW,
	SOCKET_RAW6,
	SOCKET_PACKET,
	SOCKET_UNIX,
	SOCKET_KIND_COUNT
};

struct keel_socket {
	enum keel_socket_kind kind;
	uint64_t inode; /* which socket it is, for as long as it lives */
	uint16_t port;  /* TCP and UDP */
	char where[96]; /* "tcp 0.0.0.0:9999", "unix @name" */
};

/** The table's name in /proc/PID/net: "tcp", "tcp6", … */
const char *keel_socket_table(enum keel_socket_kind kind);

/**
 * Reads one line of a table. True if the socket takes what comes from others: TCP that listens, UDP
 * bound and not connected, any raw or packet socket, an abstract Unix one that listens or receives.
 */
bool keel_socket_read(enum keel_socket_kind kind, const char *line, struct keel_socket *out);

/** Calls `each` for every such socket that this process's network has. KEEL_EIO: no table was read. */
KEEL_CHECKED enum keel_err keel_sockets_each(
	int pid, void (*each)(void *self, const struct keel_socket *s), void *self);

#endif

/* Where the service listens: the addresses of config.yaml. */
#ifndef KEEL_FLEET_LISTEN_H
#define KEEL_FLEET_LISTEN_H

#include "cli/fault.h"
#include "fleet/config.h"
#include "http/server.h"

struct keel_fleet_listeners {
	int fd[8];
	size_t count;
};

/**
 * Listens at each address that config.yaml names, and has the server accept there. out begins with
 * count 0, and is to be ended whatever this gives. KEEL_ERANGE: no address, or too many; KEEL_EIO: one
 * that cannot be listened at; the fault says which.
 */
KEEL_CHECKED enum keel_err keel_fleet_listen(const struct keel_fleet_config *c,
	struct keel_http_server *server, struct keel_fleet_listeners *out,
	struct keel_fault *fault);
void keel_fleet_listen_end(struct keel_fleet_listeners *l);
/** The port of the first; 0: there is none. */
unsigned keel_fleet_listen_port(const struct keel_fleet_listeners *l);

#endif

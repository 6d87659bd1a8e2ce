/* What the device's own part takes from the compiled declaration: interfaces, hardware, whether its files are watched, its service. */
#ifndef KEEL_DEVICE_DECLARED_H
#define KEEL_DEVICE_DECLARED_H

#include "device/messages.h"

#define KEEL_PORTS_MAX  64
#define KEEL_THINGS_MAX 32

struct keel_port {
	char name[65];
	bool udp;   /* else TCP */
	bool https; /* the door's */
	uint16_t port;
	unsigned states; /* 1 << enum keel_state: when it is open */
};

struct keel_thing {
	char name[65];
	char path[129]; /* within the folder that keeld is told */
	bool writes;
};

struct keel_declared {
	struct keel_port ports[KEEL_PORTS_MAX];
	size_t port_count;
	struct keel_thing things[KEEL_THINGS_MAX];
	size_t thing_count;
	bool integrity; /* changed files are told to owners */
	bool service;   /* there is a maker's service to call */
	uint64_t trust; /* who vouches for its certificate: KEEL_TRUST_MAKER, KEEL_TRUST_SYSTEM */
};

/** product: the compiled declaration. KEEL_EFORM, KEEL_ERANGE: it is none. KEEL_EFULL: it has more. */
KEEL_CHECKED enum keel_err keel_declared_read(struct keel_bytes product, struct keel_declared *out);

#endif

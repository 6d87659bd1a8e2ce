/* A home folder for tests: a compiled declaration, and what keeld looks for beside it. */
#ifndef KEEL_TESTS_DEVICE_HOME_H
#define KEEL_TESTS_DEVICE_HOME_H

#include "core/bytes.h"

struct home {
	char path[64]; /* under /tmp, traversable */
};

/** The declaration: interface "door", TCP, https, this port, open in setup and operation. */
struct keel_bytes home_product(uint8_t *buf, size_t cap, uint16_t port);
/** Makes the folder with product.cbor, door.crt, door.key, hardware/sensor and hardware/burner. */
void home_make(struct home *h, uint16_t port);
void home_write(const struct home *h, const char *name, struct keel_bytes content);
void home_remove(const struct home *h);
/** A TCP port that nobody listens on now. */
uint16_t home_free_port(void);

#endif

/* A home folder for tests: a compiled declaration, and what keeld looks for beside it. */
#ifndef KEEL_TESTS_DEVICE_HOME_H
#define KEEL_TESTS_DEVICE_HOME_H

#include "crypto/crypto.h"

struct home {
	char path[64]; /* under /tmp, traversable */
	struct keel_p256_key maker;
};

/**
 * The declaration: this maker's; interface "door", TCP, https, this port, open in setup and
 * operation; integrity, with an alert on change.
 */
struct keel_bytes home_product(
	uint8_t *buf, size_t cap, uint16_t port, const struct keel_p256_pub *maker);
/** Makes the folder with product.cbor, door.crt, door.key, hardware/sensor and hardware/burner. */
void home_make(struct home *h, uint16_t port);
void home_write(const struct home *h, const char *name, struct keel_bytes content);
/** Signs the list of these files as they are now, by this key, into measures.cbor. */
void home_measure(
	const struct home *h, const struct keel_p256_key *by, const char *const *paths, size_t n);
/** Reads a file of the folder whole. */
struct keel_bytes home_read(const struct home *h, const char *name, uint8_t *buf, size_t cap);
void home_remove(const struct home *h);
/** A TCP port that nobody listens on now. */
uint16_t home_free_port(void);

#endif

/* Every kind of socket that takes something from others, opened for real. */
#ifndef KEEL_TESTS_DEVICE_OPENINGS_H
#define KEEL_TESTS_DEVICE_OPENINGS_H

#include <stddef.h>

#define OPENINGS 9

/**
 * Opens the i-th kind at a place of its own, and writes how the monitor names it ("udp6 [::]:4711").
 * -1: this system or user may not have such a one; that is printed.
 */
int opening_make(size_t i, char where[96]);

#endif

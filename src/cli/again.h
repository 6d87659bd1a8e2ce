/* Trying again, a few times and with growing pauses, where a second try cannot do harm. */
#ifndef KEEL_CLI_AGAIN_H
#define KEEL_CLI_AGAIN_H

#include <stdbool.h>

/**
 * Waits before try number `tried` + 1 (tried counts from 1), longer each time and not as long as
 * others who wait as well: 4 s in all. False, at once: it was tried often enough.
 */
bool keel_again(unsigned tried);

#endif

/*
 * Faults that the drill plants: `KEEL_BREAK=name` in a build with -Dbreakable=true makes the code
 * do wrong on purpose, so that the drill is seen to notice. A release build has no trace of them.
 */
#ifndef KEEL_DEVICE_BREAK_H
#define KEEL_DEVICE_BREAK_H

#include <stdbool.h>

#ifdef KEEL_BREAKABLE
#include <stdlib.h>
#include <string.h>

static inline bool keel_broken(const char *name)
{
	const char *wanted = getenv("KEEL_BREAK");
	return wanted != NULL && strcmp(wanted, name) == 0;
}
#else
#define keel_broken(name) false
#endif

#endif

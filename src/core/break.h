/*
 * Faults that the drill plants, to see that what it reports is real: `./run --drill --break NAME`.
 * Each has a row in tests/drill/faults.py: the check that has to fail by it.
 * Only a build with -Dbreakable=true has them; in any other the condition is the constant false
 * and the compiler leaves nothing of it.
 */
#ifndef KEEL_CORE_BREAK_H
#define KEEL_CORE_BREAK_H

#include <stdbool.h>

#ifdef KEEL_BREAKABLE
#include <stdlib.h>
#include <string.h>

/** Whether the environment's KEEL_BREAK names this fault. */
static inline bool keel_broken(const char *name)
{
	const char *wanted = getenv("KEEL_BREAK");
	return wanted != NULL && strcmp(wanted, name) == 0;
}
#else
#define keel_broken(name) (false)
#endif

#endif

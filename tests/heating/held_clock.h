/* What a test and the program whose clock it holds share. */
#ifndef KEEL_TESTS_HELD_CLOCK_H
#define KEEL_TESTS_HELD_CLOCK_H

#include <stdatomic.h>
#include <stdint.h>

struct held_clock {
	_Atomic int64_t ms;     /* since boot */
	_Atomic int64_t wall_s; /* Unix time; 0: never set */
};

#endif

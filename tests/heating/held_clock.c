/*
 * A clock that a test holds, in the place of the system's: linked into the product's program by
 * --wrap=clock_gettime, so that a week passes in a second and the program itself is what runs.
 * HELD_CLOCK names the descriptor of a struct held_clock.
 */
#include "heating/held_clock.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

int __wrap_clock_gettime(clockid_t id, struct timespec *t);

static const struct held_clock *held(void)
{
	static const struct held_clock *clock;
	const char *fd = getenv("HELD_CLOCK");
	if (clock == NULL && fd != NULL)
		clock = mmap(
			NULL, sizeof(*clock), PROT_READ, MAP_SHARED, (int)strtol(fd, NULL, 10), 0);
	if (clock == NULL || clock == MAP_FAILED)
		abort();
	return clock;
}

int __wrap_clock_gettime(clockid_t id, struct timespec *t)
{
	int64_t ms = id == CLOCK_REALTIME ? held()->wall_s * 1000 : held()->ms;
	*t = (struct timespec){ .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };
	return 0;
}

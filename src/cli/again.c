#include "cli/again.h"

#include <errno.h>
#include <time.h>

#include "crypto/crypto.h"

enum { TRIES_MAX = 5, FIRST_MS = 250 };

bool keel_again(unsigned tried)
{
	uint8_t chance;
	if (tried >= TRIES_MAX)
		return false;
	/* Half of the pause is certain: many that were refused together do not come back together. */
	long pause_ms = (long)FIRST_MS << (tried - 1);
	keel_random(&chance, sizeof(chance));
	pause_ms = pause_ms / 2 + pause_ms * chance / 512;
	struct timespec left = { pause_ms / 1000, pause_ms % 1000 * 1000000 };
	while (nanosleep(&left, &left) != 0 && errno == EINTR)
		;
	return true;
}

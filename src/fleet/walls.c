#include "fleet/walls.h"

#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "device/filter.h"
#include "device/landlock.h"
#include "device/rooms.h"

/* A service that an operator can start without a wall is one that says so. */
static void lacks(const char *wall)
{
	(void)fprintf(stderr, "keel-fleet: this system cannot build a wall: %s\n", wall);
}

static bool limit(int what, rlim_t max)
{
	struct rlimit l;
	if (getrlimit((__rlimit_resource_t)what, &l) != 0)
		return false;
	l.rlim_cur = max < l.rlim_max ? max : l.rlim_max;
	l.rlim_max = l.rlim_cur;
	return setrlimit((__rlimit_resource_t)what, &l) == 0 && l.rlim_cur == max;
}

void keel_fleet_wall_files(const char *folder, size_t files)
{
	const struct keel_granted own = { .path = folder, .grants = GRANT_READ | GRANT_WRITE };
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
		lacks("no new rights");
	if (keel_landlock(&own, folder != NULL ? 1 : 0, NULL, 0) == 0)
		lacks("files (Landlock)");
	if (!limit(RLIMIT_CORE, 0) ||
		!limit(RLIMIT_NOFILE, files)) /* Landlock itself takes a descriptor */
		lacks("limits (open files: connections in config.yaml may not all be served)");
}

void keel_fleet_wall_calls(enum keel_fleet_walls who)
{
	static const unsigned may[] = {
		[KEEL_FLEET_SIGNER] = 0, [KEEL_FLEET_WORKER] = MAY_FILES | MAY_ACCEPT
	};
	if (!keel_filter(may[who]))
		lacks("system calls (seccomp)");
}

#include "fleet/walls.h"

#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "device/filter.h"
#include "device/landlock.h"
#include "device/rooms.h"

#define DNS_PORT   53
#define READ_MAX   24
#define MAIL_FILES 64

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

static void wall(const struct keel_granted *paths, size_t n, const uint16_t *ports,
	size_t port_count, size_t files)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
		lacks("no new rights");
	if (keel_landlock(paths, n, ports, port_count) == 0)
		lacks("files (Landlock)");
	if (!limit(RLIMIT_CORE, 0) ||
		!limit(RLIMIT_NOFILE, files)) /* Landlock itself takes a descriptor */
		lacks("limits (open files: connections in config.yaml may not all be served)");
}

void keel_fleet_wall_files(const char *folder, size_t files)
{
	const struct keel_granted own = { .path = folder, .grants = GRANT_READ | GRANT_WRITE };
	wall(&own, folder != NULL ? 1 : 0, NULL, 0, files);
}

void keel_fleet_wall_mail(const char *folder, uint16_t port)
{
	/* The system's certificates, and where Debian's links among them lead. */
	static const char *const trusted[] = { "/etc/ssl", "/usr/share/ca-certificates",
		"/usr/local/share/ca-certificates" };
	const char *const *names = keel_rooms[ROOM_UPLINK].sees;
	const uint16_t ports[] = { port, DNS_PORT };
	struct keel_granted paths[READ_MAX] = { { folder, GRANT_READ | GRANT_WRITE } };
	size_t n = 1;
	for (size_t i = 0; i < KEEL_COUNT(trusted); i++)
		paths[n++] = (struct keel_granted){ trusted[i], GRANT_READ };
	for (; *names != NULL; names++) {
		KEEL_MUST(n < READ_MAX);
		paths[n++] = (struct keel_granted){ *names, GRANT_READ };
	}
	wall(paths, n, ports, KEEL_COUNT(ports), MAIL_FILES);
}

void keel_fleet_wall_calls(enum keel_fleet_walls who)
{
	static const unsigned may[] = {
		[KEEL_FLEET_SIGNER] = 0,
		[KEEL_FLEET_WORKER] = MAY_FILES | MAY_ACCEPT,
		[KEEL_FLEET_MAIL] = MAY_FILES | MAY_CONNECT,
	};
	if (!keel_filter(may[who]))
		lacks("system calls (seccomp)");
}

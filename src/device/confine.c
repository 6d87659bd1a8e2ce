#include "device/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/break.h"
#include "device/env.h"
#include "device/filter.h"
#include "device/landlock.h"
#include "device/sanitized.h"

#define PATHS_MAX 64
#define FDS_MAX   1024

static void lacks(struct keel_room_env *env, enum keel_wall wall)
{
	if (env->missing[wall])
		return;
	env->missing[wall] = true;
	KEEL_ROOM_LOG(
		env, KEEL_LOG_WARN, "wall.missing", KEEL_LOG_WORD("wall", keel_wall_words[wall]));
}

/* --- first half --- */

static bool is_own(const struct keel_room_env *env, int fd)
{
	for (size_t i = 0; i < ROOM_COUNT; i++)
		if (env->ends[i].fd == fd)
			return true;
	for (size_t i = 0; i < env->handed_count; i++)
		if (env->handed[i].fd == fd)
			return true;
	return false;
}

/* Whatever else is open came here by a mistake. */
static void close_others(const struct keel_room_env *env)
{
	for (int fd = STDERR_FILENO + 1; fd < FDS_MAX; fd++)
		if (!is_own(env, fd))
			(void)close(fd);
	(void)syscall(SYS_close_range, FDS_MAX, ~0u, 0);
}

static bool write_line(const char *path, const char *line)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool good = fd >= 0 && write(fd, line, strlen(line)) == (ssize_t)strlen(line);
	if (fd >= 0)
		(void)close(fd);
	return good;
}

/* Without root a user namespace of one's own gives the right to an empty network. */
static bool leave_network_as_user(void)
{
	char line[64];
	uid_t uid = geteuid();
	gid_t gid = getegid();
	if (unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0)
		return false;
	(void)write_line("/proc/self/setgroups", "deny");
	(void)snprintf(line, sizeof(line), "%u %u 1", uid, uid);
	bool good = write_line("/proc/self/uid_map", line);
	(void)snprintf(line, sizeof(line), "%u %u 1", gid, gid);
	return write_line("/proc/self/gid_map", line) && good;
}

static bool leave_network(void)
{
	return geteuid() == 0 ? unshare(CLONE_NEWNET) == 0 : leave_network_as_user();
}

static unsigned number_option(const struct keel_room_env *env, const char *name)
{
	const char *v = keel_room_option(env, name, 0);
	return v == NULL ? 0 : (unsigned)strtoul(v, NULL, 10);
}

static bool become(uid_t uid, gid_t gid)
{
	if (uid == 0 || gid == 0 || geteuid() != 0)
		return false;
	if (setgroups(0, NULL) != 0 || setresgid(gid, gid, gid) != 0 ||
		setresuid(uid, uid, uid) != 0)
		return false;
	uid_t r, e, s;
	return getresuid(&r, &e, &s) == 0 && r == uid && e == uid && s == uid;
}

/* All rights of root, also those that a user namespace gave. */
static void drop_capabilities(void)
{
	struct __user_cap_header_struct h = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct none[2] = { 0 };
	for (int cap = 0; cap < 64; cap++)
		(void)prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
	(void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	(void)syscall(SYS_capset, &h, none);
}

static bool limit(int what, rlim_t max)
{
	struct rlimit l = { .rlim_cur = max, .rlim_max = max };
	return setrlimit((__rlimit_resource_t)what, &l) == 0;
}

static bool limits(const struct keel_room *row)
{
	bool good = limit(RLIMIT_CORE, 0) && limit(RLIMIT_NOFILE, row->files_max);
	if ((row->may & MAY_EXEC) == 0)
		good = limit(RLIMIT_NPROC, 0) && good;
#ifndef KEEL_SANITIZED /* its shadow memory is no data of the room's */
	good = limit(RLIMIT_DATA, (rlim_t)row->memory_mib << 20) && good;
#endif
	return good;
}

enum keel_err keel_confine_enter(struct keel_room_env *env)
{
	const struct keel_room *row = &keel_rooms[env->self];
	close_others(env);
	if ((row->may & MAY_CONNECT) == 0 && !leave_network())
		lacks(env, WALL_NETWORK);
	if (!become(number_option(env, "uid"), number_option(env, "gid")))
		lacks(env, WALL_USER);
	drop_capabilities();
	if (!limits(row))
		lacks(env, WALL_LIMITS);
	(void)setsid(); /* a terminal that the parent has is not the room's to type into or stop */
	KEEL_MUST(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); /* nobody of the same user traces it */
	/* setresuid cleared it, so it is set now; a parent that died before is seen by its number. */
	if ((!keel_broken("app-orphaned") && prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0) ||
		getppid() != (pid_t)number_option(env, "parent"))
		return KEEL_ESTATE;
	return KEEL_OK;
}

/* --- second half --- */

struct paths {
	struct keel_granted of[PATHS_MAX];
	size_t n;
	const uint16_t *ports; /* to connect to */
	size_t port_count;
};

static void add(struct paths *p, const char *path, unsigned grants)
{
	if (path == NULL)
		return;
	KEEL_MUST(p->n < PATHS_MAX); /* one left out would be one that the room cannot read */
	p->of[p->n++] = (struct keel_granted){ .path = path, .grants = grants };
}

static void add_all(struct paths *p, const char *const *paths, unsigned grants)
{
	for (; paths != NULL && *paths != NULL; paths++)
		add(p, *paths, grants);
}

static void wall_files(struct keel_room_env *env, const struct paths *p)
{
	int abi = keel_broken("landlock-off") ? 0
					      : keel_landlock(p->of, p->n, p->ports, p->port_count);
	if (abi < 1)
		lacks(env, WALL_FILES);
	if (abi < 3)
		lacks(env, WALL_TRUNCATE);
	if (abi < 6)
		lacks(env, WALL_SCOPE);
}

/* Says it before the filter, which the app's program does not need to get through for it. */
static void tell(struct keel_room_env *env)
{
	enum keel_wall missing[WALL_COUNT];
	size_t n = 0;
	for (enum keel_wall w = 0; w < WALL_COUNT; w++)
		if (env->missing[w])
			missing[n++] = w;
	keel_room_ready(env, missing, n);
}

static void wall_calls(struct keel_room_env *env)
{
	if (keel_broken("filter-off") || !keel_filter(keel_rooms[env->self].may))
		lacks(env, WALL_SYSCALLS);
}

static void confine(struct keel_room_env *env, struct paths p)
{
	const struct keel_room *row = &keel_rooms[env->self];
	add_all(&p, row->sees, GRANT_READ);
	if (row->folder != NULL)
		add(&p, keel_room_option(env, "folder", 0), GRANT_READ | GRANT_WRITE);
	wall_files(env, &p);
	wall_calls(env);
	tell(env);
}

void keel_room_confine_with(struct keel_room_env *env, const char *const *reads)
{
	struct paths p = { 0 };
	add_all(&p, reads, GRANT_READ);
	confine(env, p);
}

void keel_room_confine_to(struct keel_room_env *env, const uint16_t *ports, size_t n)
{
	KEEL_MUST((keel_rooms[env->self].may & MAY_CONNECT) != 0);
	confine(env, (struct paths){ .ports = ports, .port_count = n });
}

void keel_room_confine(struct keel_room_env *env)
{
	confine(env, (struct paths){ 0 });
}

void keel_confine_program(struct keel_room_env *env, int fd)
{
	char path[64];
	struct paths p = { 0 };
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	add(&p, path, GRANT_READ | GRANT_EXEC);
	add_all(&p, keel_rooms[env->self].sees, GRANT_READ | GRANT_EXEC);
	wall_files(env, &p);
	wall_calls(env);
	tell(env);
}

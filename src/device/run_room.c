/* A room's process: from the exec of keeld in its role to the room's main, or to the maker's program. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "device/confine.h"
#include "device/env.h"

static void name_process(const char *room)
{
	char name[16];
	(void)snprintf(name, sizeof(name), "keeld-%s", room);
	(void)prctl(PR_SET_NAME, name, 0, 0, 0);
}

int keel_room_run(enum keel_room_id room, keel_room_main *main)
{
	struct keel_room_env *env;
	struct keel_fault fault = { 0 };
	name_process(keel_rooms[room].name);
	if (keel_room_open(room, &env, &fault) != KEEL_OK) {
		(void)fprintf(stderr, "keeld: %s\n  Next: %s.\n", fault.what, fault.next);
		return 2;
	}
	int status = 1;
	if (keel_confine_enter(env) == KEEL_OK)
		status = main(env);
	keel_room_close(env);
	return status;
}

/* The variables are cleared when they are read, and the program's libkeel has to read them again. */
static void append(char *out, size_t cap, size_t *n, const char *line)
{
	size_t len = strlen(line);
	KEEL_MUST(len < cap - *n);
	memcpy(out + *n, line, len + 1);
	*n += len;
}

static void inherit(int fd)
{
	KEEL_MUST(fcntl(fd, F_SETFD, 0) == 0);
}

static void pass_ends(const struct keel_room_env *env, char *out, size_t cap)
{
	size_t n = 0;
	append(out, cap, &n, "KEEL_ENDS=");
	for (size_t i = 0; i < ROOM_COUNT; i++) {
		char line[64];
		if (env->ends[i].fd < 0)
			continue;
		(void)snprintf(line, sizeof(line), "%d %s %llu\n", env->ends[i].fd,
			keel_rooms[i].name, (unsigned long long)env->ends[i].life);
		append(out, cap, &n, line);
		inherit(env->ends[i].fd);
	}
}

static void pass_handed(const struct keel_room_env *env, char *out, size_t cap)
{
	size_t n = 0;
	append(out, cap, &n, "KEEL_HANDED=");
	for (size_t i = 0; i < env->handed_count; i++) {
		char line[160];
		if (strcmp(env->handed[i].name, "program") == 0)
			continue;
		(void)snprintf(
			line, sizeof(line), "%d %s\n", env->handed[i].fd, env->handed[i].name);
		append(out, cap, &n, line);
		inherit(env->handed[i].fd);
	}
}

int keel_app_main(struct keel_room_env *env)
{
	char ends[512], handed[KEEL_ENV_TEXT_MAX], options[] = "KEEL_OPTIONS=";
	int fd = keel_room_fd(env, "program");
	const char *name = keel_room_option(env, "app", 0);
	KEEL_MUST(fd >= 0 && name != NULL);
	pass_ends(env, ends, sizeof(ends));
	pass_handed(env, handed, sizeof(handed));
	char path[] = "PATH=/usr/bin:/bin";
	char *envp[] = { ends, handed, options, path, NULL, NULL };
	char broken[96];
	if (getenv("KEEL_BREAK") != NULL) {
		(void)snprintf(broken, sizeof(broken), "KEEL_BREAK=%s", getenv("KEEL_BREAK"));
		envp[4] = broken;
	}
	char arg[256];
	(void)snprintf(arg, sizeof(arg), "%s", name);
	char *argv[] = { arg, NULL };
	keel_confine_program(env, fd);
	(void)fexecve(fd, argv, envp);
	int why = errno;
	KEEL_ROOM_LOG(env, KEEL_LOG_ALERT, "app.not-started", KEEL_LOG_NUM("os", why));
	return 1;
}

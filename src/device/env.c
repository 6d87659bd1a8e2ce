#include "device/env.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "device/talk.h"

/* A clock before this was never set: 2026-01-01. */
#define WALL_S_MIN 1767225600

static uint64_t now_ms(void *self)
{
	(void)self;
	struct timespec t;
	KEEL_MUST(clock_gettime(CLOCK_BOOTTIME, &t) == 0);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static_assert(sizeof(time_t) == 8, "a hub lives longer than until 2038");

static int64_t wall_s(void *self)
{
	(void)self;
	struct timespec t;
	KEEL_MUST(clock_gettime(CLOCK_REALTIME, &t) == 0);
	return t.tv_sec >= WALL_S_MIN ? t.tv_sec : 0;
}

/* Takes the line's next word, which ends at a space or at the line's end. */
static char *word_of(char **line)
{
	char *start = *line;
	char *end = start + strcspn(start, " ");
	*line = *end == ' ' ? end + 1 : end;
	*end = '\0';
	return start;
}

static bool number_of(const char *word, uint64_t max, uint64_t *out)
{
	char *end;
	errno = 0;
	unsigned long long v = strtoull(word, &end, 10);
	if (errno != 0 || end == word || *end != '\0' || v > max)
		return false;
	*out = v;
	return true;
}

static bool fd_of(const char *word, int *out)
{
	uint64_t v;
	if (!number_of(word, 1u << 20, &v) || fcntl((int)v, F_SETFD, FD_CLOEXEC) != 0)
		return false;
	*out = (int)v;
	return true;
}

/* "3 vault 7": descriptor, room, life. */
static bool end_line(struct keel_room_env *env, char *line)
{
	int fd;
	uint64_t life;
	const char *number = word_of(&line);
	enum keel_room_id room = keel_room_named(keel_text(word_of(&line)));
	if (room == ROOM_COUNT || !fd_of(number, &fd) || !number_of(line, UINT64_MAX, &life))
		return false;
	env->ends[room] = (struct keel_env_end){ .fd = fd, .life = life };
	return true;
}

/* "7 hardware/boiler pump": descriptor, name. */
static bool handed_line(struct keel_room_env *env, char *line)
{
	int fd;
	if (env->handed_count == KEEL_ENV_HANDED_MAX || !fd_of(word_of(&line), &fd))
		return false;
	env->handed[env->handed_count++] = (struct keel_env_handed){ .name = line, .fd = fd };
	return true;
}

/* "origin https://app.example": name, value. */
static bool option_line(struct keel_room_env *env, char *line)
{
	if (env->option_count == KEEL_ENV_OPTIONS_MAX)
		return false;
	const char *name = word_of(&line);
	env->options[env->option_count++] = (struct keel_env_option){ .name = name, .value = line };
	return true;
}

static const struct {
	const char *name;
	bool (*read)(struct keel_room_env *env, char *line);
} variables[] = {
	{ "KEEL_ENDS", end_line },
	{ "KEEL_HANDED", handed_line },
	{ "KEEL_OPTIONS", option_line },
};

/* Copies the variable to the environment's text and reads it line by line. */
static bool variable_read(struct keel_room_env *env, size_t i, size_t *used)
{
	const char *value = getenv(variables[i].name);
	size_t n = value == NULL ? 0 : strlen(value);
	if (value == NULL || n >= sizeof(env->text) - *used)
		return false;
	char *p = memcpy(env->text + *used, value, n + 1);
	*used += n + 1;
	while (*p != '\0') {
		char *end = p + strcspn(p, "\n");
		char *next = *end == '\n' ? end + 1 : end;
		*end = '\0';
		if (!variables[i].read(env, p))
			return false;
		p = next;
	}
	(void)unsetenv(variables[i].name);
	return true;
}

static bool product_read(struct keel_room_env *env)
{
	int fd = keel_room_fd(env, "product");
	struct stat st;
	if (fd < 0)
		return true; /* a room of a test may have none */
	if (fstat(fd, &st) != 0 || st.st_size < 0 || st.st_size > KEEL_ENV_PRODUCT_MAX)
		return false;
	env->product_n = (size_t)st.st_size;
	env->product = malloc(env->product_n + 1);
	return env->product != NULL &&
	       pread(fd, env->product, env->product_n, 0) == (ssize_t)env->product_n;
}

enum keel_err keel_room_open(
	enum keel_room_id self, struct keel_room_env **out, struct keel_fault *fault)
{
	struct keel_room_env *env = calloc(1, sizeof(*env));
	KEEL_MUST(env != NULL);
	env->self = self;
	env->clock = (struct keel_clock){ .now_ms = now_ms, .wall_s = wall_s };
	for (size_t i = 0; i < ROOM_COUNT; i++)
		env->ends[i].fd = -1;
	size_t used = 0;
	bool good = true;
	for (size_t i = 0; good && i < KEEL_COUNT(variables); i++)
		good = variable_read(env, i, &used);
	if (good && env->ends[ROOM_PARENT].fd >= 0 && product_read(env)) {
		*out = env;
		return KEEL_OK;
	}
	keel_room_close(env);
	*fault = (struct keel_fault){ .err = KEEL_ESTATE,
		.what = "this program is a room of keeld and was not started by it",
		.next = "start keeld; it starts its rooms and the product's program itself" };
	return KEEL_ESTATE;
}

void keel_room_close(struct keel_room_env *env)
{
	for (size_t i = 0; i < ROOM_COUNT; i++)
		keel_fd_close(&env->ends[i].fd);
	for (size_t i = 0; i < env->handed_count; i++)
		keel_fd_close(&env->handed[i].fd);
	free(env->product);
	free(env);
}

enum keel_room_id keel_room_self(const struct keel_room_env *env)
{
	return env->self;
}

int keel_room_fd(const struct keel_room_env *env, const char *name)
{
	for (size_t i = 0; i < env->handed_count; i++)
		if (strcmp(env->handed[i].name, name) == 0)
			return env->handed[i].fd;
	return -1;
}

const char *keel_room_option(const struct keel_room_env *env, const char *name, size_t i)
{
	for (size_t k = 0; k < env->option_count; k++)
		if (strcmp(env->options[k].name, name) == 0 && i-- == 0)
			return env->options[k].value;
	return NULL;
}

uint64_t keel_room_started_ms(const struct keel_room_env *env)
{
	const char *word = keel_room_option(env, "started", 0);
	uint64_t ms = 0;
	return word != NULL && number_of(word, UINT64_MAX, &ms) ? ms : 0;
}

struct keel_bytes keel_room_product(const struct keel_room_env *env)
{
	return (struct keel_bytes){ env->product, env->product_n };
}

const struct keel_clock *keel_room_clock(const struct keel_room_env *env)
{
	return &env->clock;
}

void keel_room_log(const struct keel_room_env *env, enum keel_log_level level, const char *event,
	const struct keel_log_pair *pairs, size_t n)
{
	char line[KEEL_LOG_LINE_MAX];
	size_t len = keel_log_format(
		line, wall_s(NULL), level, keel_rooms[env->self].name, event, pairs, n);
	ssize_t done = write(STDERR_FILENO, line, len);
	(void)done; /* a log that nobody takes stops no room */
}

int keel_room_fail(const struct keel_room_env *env, const struct keel_fault *fault)
{
	KEEL_ROOM_LOG(env, KEEL_LOG_ALERT, "room.failed",
		KEEL_LOG_WORD("error", keel_err_word(fault->err)), KEEL_LOG_NUM("os", fault->os));
	(void)dprintf(STDERR_FILENO, "keeld: %s: %s\n", keel_rooms[env->self].name, fault->what);
	if (fault->next[0] != '\0')
		(void)dprintf(STDERR_FILENO, "  Next: %s.\n", fault->next);
	return 1;
}

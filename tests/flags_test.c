/*
 * What hardening.sh cannot read from a program, because a weaker setting leaves the same marks in it,
 * is tried here in one that is built with every program's flags (meson.build).
 */
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

#ifdef __clang__
#define LOCALS_BEGIN_AS 0xaa /* -ftrivial-auto-var-init=pattern */
#else
#define LOCALS_BEGIN_AS 0
#endif

/* A number that the compiler cannot know. */
static size_t hidden(size_t n)
{
	__asm__ volatile("" : "+r"(n));
	return n;
}

static void write_too_much(void)
{
	char *p = malloc(hidden(24));
	memset(p, 1, hidden(25));
	__asm__ volatile("" : : "r"(p) : "memory");
	free(p);
}

/* With level 2 only what has a size at compile time is checked. */
static void a_buffer_of_a_size_known_at_run_time_is_checked(void)
{
	int status = 0;
	pid_t child = fork();
	if (child == 0) {
		(void)close(STDERR_FILENO); /* libc would say there why it ends */
		write_too_much();
		_exit(0);
	}
	CHECK(waitpid(child, &status, 0) == child);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

__attribute__((noinline)) static void leave_something_behind(void)
{
	uint8_t secret[512];
	memset(secret, 0x5e, sizeof(secret));
	__asm__ volatile("" : : "r"(secret) : "memory");
}

__attribute__((noinline)) static unsigned found_there(void)
{
	unsigned found = 0;
	uint8_t local[256];
	__asm__ volatile("" : : "r"(local) : "memory");
	for (size_t i = 0; i < sizeof(local); i++)
		found += local[i] != LOCALS_BEGIN_AS;
	return found;
}

static void a_local_does_not_begin_as_what_was_there_before(void)
{
	leave_something_behind();
	CHECK(found_there() == 0);
}

TEST_MAIN(TEST(a_buffer_of_a_size_known_at_run_time_is_checked),
	TEST(a_local_does_not_begin_as_what_was_there_before))

/*
 * The tests' own few lines: a program is a table of tests, prints what failed and "N passed, N failed".
 *
 *	static void reader_stops_at_the_first_short_read(void) { CHECK(...); }
 *	TEST_MAIN(TEST(reader_stops_at_the_first_short_read))
 *
 * `program NAME…` runs only those; `program --list` names them. A test that cannot be run here says
 * so by CHECK_SKIP and returns: it is told as skipped, and counts neither as passed nor as failed.
 */
#ifndef KEEL_TESTS_CHECK_H
#define KEEL_TESTS_CHECK_H

#include <stdio.h>
#include <string.h>

struct check_test {
	const char *name;
	void (*run)(void);
};

extern unsigned check_failures;   /* in the test that runs now */
extern const char *check_skipped; /* why it is skipped */

void check_fail(const char *file, int line, const char *what);
int check_main(const struct check_test *tests, size_t count, int argc, char **argv);

/* Goes on after a failure, so that one run shows all of them. */
#define CHECK(cond) ((cond) ? (void)0 : check_fail(__FILE__, __LINE__, #cond))

/* Only before anything was checked. */
#define CHECK_SKIP(why) ((void)(check_skipped = (why)))

/* A row of a table: says which one. */
#define CHECK_ROW(cond, row)                                                                       \
	do {                                                                                       \
		if (!(cond)) {                                                                     \
			char check_line[256];                                                      \
			(void)snprintf(check_line, sizeof(check_line), "%s, row %s", #cond, row);  \
			check_fail(__FILE__, __LINE__, check_line);                                \
		}                                                                                  \
	} while (0)

/* clang-format off */
#define TEST(f) { #f, f }
/* clang-format on */
#define TEST_MAIN(...)                                                                             \
	int main(int argc, char **argv)                                                            \
	{                                                                                          \
		static const struct check_test all[] = { __VA_ARGS__ };                            \
		return check_main(all, sizeof(all) / sizeof(all[0]), argc, argv);                  \
	}

#endif

#include "check.h"

#include <stdbool.h>
#include <stdlib.h>

#define EXIT_SKIPPED 77 /* as Meson has it: nothing failed, and nothing was tried */

unsigned check_failures;
const char *check_skipped;

void check_fail(const char *file, int line, const char *what)
{
	check_failures++;
	(void)fprintf(stderr, "  %s:%d: %s\n", file, line, what);
}

static int wanted(const char *name, int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], name) == 0)
			return 1;
	return argc < 2;
}

static void run(const struct check_test *test, unsigned *passed, unsigned *failed)
{
	check_failures = 0;
	check_skipped = NULL;
	test->run();
	if (check_failures > 0) {
		++*failed;
		(void)fprintf(stderr, "failed: %s\n", test->name);
	} else if (check_skipped != NULL) {
		(void)printf("skipped: %s: %s\n", test->name, check_skipped);
	} else {
		++*passed;
	}
}

int check_main(const struct check_test *tests, size_t count, int argc, char **argv)
{
	unsigned passed = 0;
	unsigned failed = 0;
	unsigned ran = 0;
	bool list = argc == 2 && strcmp(argv[1], "--list") == 0;
	for (size_t i = 0; i < count; i++) {
		if (list) {
			(void)printf("%s\n", tests[i].name);
		} else if (wanted(tests[i].name, argc, argv)) {
			ran++;
			run(&tests[i], &passed, &failed);
		}
	}
	if (list)
		return EXIT_SUCCESS;
	(void)printf("%u passed, %u failed\n", passed, failed);
	if (failed > 0 || ran == 0)
		return EXIT_FAILURE;
	return passed > 0 ? EXIT_SUCCESS : EXIT_SKIPPED;
}

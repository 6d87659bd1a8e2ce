#include "check.h"

#include <stdlib.h>

unsigned check_failures;

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

int check_main(const struct check_test *tests, size_t count, int argc, char **argv)
{
	unsigned passed = 0;
	unsigned failed = 0;
	if (argc == 2 && strcmp(argv[1], "--list") == 0) {
		for (size_t i = 0; i < count; i++)
			(void)printf("%s\n", tests[i].name);
		return EXIT_SUCCESS;
	}
	for (size_t i = 0; i < count; i++) {
		if (!wanted(tests[i].name, argc, argv))
			continue;
		check_failures = 0;
		tests[i].run();
		if (check_failures == 0) {
			passed++;
		} else {
			failed++;
			(void)fprintf(stderr, "failed: %s\n", tests[i].name);
		}
	}
	(void)printf("%u passed, %u failed\n", passed, failed);
	return failed == 0 && passed > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

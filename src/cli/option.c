#include "cli/option.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "cli/fault.h"

enum keel_err keel_option_wrong(struct keel_fault *fault, int got, char **argv, const char *next)
{
	char what[sizeof(fault->what)];
	const char *word = argv[optind - 1];
	bool is_long = strncmp(word, "--", 2) == 0;
	if (got == ':')
		(void)snprintf(what, sizeof(what), "%.100s needs a value after it", word);
	else if (is_long && optopt != 0)
		(void)snprintf(what, sizeof(what), "%.100s: this option takes no value", word);
	else if (is_long)
		(void)snprintf(what, sizeof(what), "there is no option %.100s", word);
	else
		(void)snprintf(what, sizeof(what), "there is no option -%c", optopt);
	return keel_fault_fill(fault, KEEL_EFORM, what, next);
}

enum keel_err keel_option_no_place(struct keel_fault *fault, const char *word, const char *next)
{
	char what[sizeof(fault->what)];
	(void)snprintf(what, sizeof(what), "there is no place for %.100s", word);
	return keel_fault_fill(fault, KEEL_EFORM, what, next);
}

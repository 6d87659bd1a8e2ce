#include "cli/option.h"

#include <getopt.h>
#include <string.h>

#include "cli/fault.h"

enum keel_err keel_option_wrong(struct keel_fault *fault, int got, char **argv, const char *next)
{
	const char *word = argv[optind - 1];
	bool is_long = strncmp(word, "--", 2) == 0;
	if (got == ':')
		return keel_fault_format(
			fault, KEEL_EFORM, next, "%.100s needs a value after it", word);
	if (is_long && optopt != 0)
		return keel_fault_format(
			fault, KEEL_EFORM, next, "%.100s: this option takes no value", word);
	if (is_long)
		return keel_fault_format(
			fault, KEEL_EFORM, next, "there is no option %.100s", word);
	return keel_fault_format(fault, KEEL_EFORM, next, "there is no option -%c", optopt);
}

enum keel_err keel_option_no_place(struct keel_fault *fault, const char *word, const char *next)
{
	return keel_fault_format(fault, KEEL_EFORM, next, "there is no place for %.100s", word);
}

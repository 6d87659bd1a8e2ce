/* Options as every command reads them: what is wrong is named. */
#ifndef KEEL_CLI_OPTION_H
#define KEEL_CLI_OPTION_H

#include "core/err.h"

/**
 * Fills the fault for what getopt_long gave as ':' or '?': an option that does not exist, has no value, or
 * has one that it does not take. The optstring begins with ':' (after '+'), and opterr is 0. Gives KEEL_EFORM.
 */
KEEL_CHECKED enum keel_err keel_option_wrong(
	struct keel_fault *fault, int got, char **argv, const char *next);

/** Fills the fault for a word that has no place. Gives KEEL_EFORM. */
KEEL_CHECKED enum keel_err keel_option_no_place(
	struct keel_fault *fault, const char *word, const char *next);

#endif

/* How every command tells a person, or a script, what went wrong. */
#ifndef KEEL_CLI_FAULT_H
#define KEEL_CLI_FAULT_H

#include <stdbool.h>

#include "core/err.h"

/**
 * What happened, what it means, what to do next: three lines on standard error. json: one object on
 * standard output, {"error": word, "sentence": what happened, "next": what to do}.
 */
void keel_fault_tell(const struct keel_fault *fault, enum keel_err e, bool json);

/** Fills what and next; gives e, for a return. */
KEEL_CHECKED enum keel_err keel_fault_fill(
	struct keel_fault *fault, enum keel_err e, const char *what, const char *next);

/** The same with a what that is formatted, and cut where it is too long. */
__attribute__((format(printf, 4, 5))) KEEL_CHECKED enum keel_err keel_fault_format(
	struct keel_fault *fault, enum keel_err e, const char *next, const char *what, ...);

#endif

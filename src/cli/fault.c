#include "cli/fault.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "cli/show.h"

/* clang-format off */
static const struct {
	const char *means;
	const char *next; /* where the caller knows nothing better */
} told[] = {
	[KEEL_OK]     = { "Nothing went wrong",                                          "go on" },
	[KEEL_ESHORT] = { "What was read ends before it is whole",                       "check that the file or the connection is not cut" },
	[KEEL_EFORM]  = { "It does not have the form that is expected here",             "check what was given; --help shows the form" },
	[KEEL_ERANGE] = { "The form is right, but the value is outside what is allowed", "name a value within the range" },
	[KEEL_ESTATE] = { "The present state does not allow it",                         "ask the hub for its state: keel interrogate URL" },
	[KEEL_EAUTH]  = { "Who made it cannot be verified, so nothing of it was used",   "check the address, and that the label or the keys belong to this hub" },
	[KEEL_ERIGHT] = { "The hub knows you, but nobody gave you the right to do this", "ask an owner of the home" },
	[KEEL_ESTALE] = { "It is older than what was accepted before: a late copy is refused", "try again" },
	[KEEL_EFULL]  = { "There is no room for it",                                     "use less, or delete what is no longer needed" },
	[KEEL_ENONE]  = { "It is not there",                                             "check the name" },
	[KEEL_EIO]    = { "The system or the network refused, and nothing was decided",  "try again; if it stays, check the address or the path" },
};
/* clang-format on */
_Static_assert(KEEL_COUNT(told) == KEEL_ERR_COUNT, "each error says what it means");

enum keel_err keel_fault_fill(
	struct keel_fault *fault, enum keel_err e, const char *what, const char *next)
{
	fault->err = e;
	fault->means = NULL;
	(void)snprintf(fault->what, sizeof(fault->what), "%s", what);
	(void)snprintf(fault->next, sizeof(fault->next), "%s", next);
	return e;
}

enum keel_err keel_fault_format(
	struct keel_fault *fault, enum keel_err e, const char *next, const char *what, ...)
{
	char text[sizeof(fault->what)];
	va_list args;
	va_start(args, what);
	/* NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): va_start is right above */
	(void)vsnprintf(text, sizeof(text), what, args);
	va_end(args);
	return keel_fault_fill(fault, e, text, next);
}

void keel_fault_tell(const struct keel_fault *fault, enum keel_err e, bool json)
{
	const char *what = fault->what[0] != '\0' ? fault->what : keel_err_text(e);
	const char *next = fault->next[0] != '\0' ? fault->next : told[e].next;
	const char *means = fault->means != NULL ? fault->means : told[e].means;
	if (!json) {
		(void)fprintf(stderr, "%s: %s\n  %s.\n  Next: %s.\n", program_invocation_short_name,
			what, means, next);
		return;
	}
	(void)printf("{\"error\":\"%s\",\"sentence\":", keel_err_word(e));
	keel_show_json_text(stdout, keel_text(what));
	(void)printf(",\"next\":");
	keel_show_json_text(stdout, keel_text(next));
	(void)printf("}\n");
}

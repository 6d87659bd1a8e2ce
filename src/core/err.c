#include "core/err.h"

/* clang-format off */
static const struct {
	const char *word;
	const char *text;
} errors[] = {
	[KEEL_OK]     = { "ok",    "nothing went wrong" },
	[KEEL_ESHORT] = { "short", "the input ends before the value does" },
	[KEEL_EFORM]  = { "form",  "the format does not allow these bytes" },
	[KEEL_ERANGE] = { "range", "the value is outside what is allowed" },
	[KEEL_ESTATE] = { "state", "this is not possible in the present state" },
	[KEEL_EAUTH]  = { "auth",  "a signature or proof does not verify" },
	[KEEL_ERIGHT] = { "right", "who asks has no right to it" },
	[KEEL_ESTALE] = { "stale", "it is older than what was accepted before" },
	[KEEL_EFULL]  = { "full",  "there is no room left for it" },
	[KEEL_ENONE]  = { "none",  "what was asked for is not there" },
	[KEEL_EIO]    = { "io",    "the system refused" },
};
/* clang-format on */
_Static_assert(KEEL_COUNT(errors) == KEEL_ERR_COUNT, "each error has its word and its sentence");

const char *keel_err_text(enum keel_err e)
{
	return (unsigned)e < KEEL_ERR_COUNT ? errors[e].text : "an unknown error";
}

const char *keel_err_word(enum keel_err e)
{
	return (unsigned)e < KEEL_ERR_COUNT ? errors[e].word : "unknown";
}

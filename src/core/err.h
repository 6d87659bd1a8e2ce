/* What can go wrong, as values with one meaning each, and how a person is told. */
#ifndef KEEL_CORE_ERR_H
#define KEEL_CORE_ERR_H

#include <stddef.h>
#include <stdint.h>

#define KEEL_COUNT(a)   (sizeof(a) / sizeof((a)[0]))
#define KEEL_CHECKED    __attribute__((warn_unused_result))
#define keel_auto(wipe) __attribute__((cleanup(wipe)))

enum keel_err {
	KEEL_OK = 0,
	KEEL_ESHORT, /* the input ends before the value does */
	KEEL_EFORM,  /* the bytes are there, but the format does not allow them */
	KEEL_ERANGE, /* well formed, outside what the schema or the declaration allows */
	KEEL_ESTATE, /* not now: the call or message does not belong to this state */
	KEEL_EAUTH,  /* a signature, MAC or proof does not verify; never says which byte */
	KEEL_ERIGHT, /* who asks is known, but has no right to it */
	KEEL_ESTALE, /* older than what was accepted before: replay or rollback */
	KEEL_EFULL,  /* the caller's buffer or the store's quota is too small */
	KEEL_ENONE,  /* what was asked for is not there */
	KEEL_EIO,    /* the system refused; the fault holds its errno */
	KEEL_ERR_COUNT
};

/** One sentence, without its full stop, for a person: "the input ends before the value does". */
const char *keel_err_text(enum keel_err e);

/** A word for logs and --json: "short", "form", … Never changes once released. */
const char *keel_err_word(enum keel_err e);

/**
 * What a person is told, in up to three lines: what happened, what it means, what to do next.
 * Filled at the edge of a program (CLI, door, log), never passed to a peer as it is.
 */
struct keel_fault {
	enum keel_err err;
	int os;         /* errno, or 0 */
	char what[200]; /* "manifest 41 refused: older than the installed 42" */
	char next[200]; /* "publish it again with --sequence 43 or higher", or empty */
	const char
		*means; /* where its kind does not say it well: a sentence that lives on; or NULL */
};

/** Ends the process where one of our own promises is broken; stays on in release builds. */
#define KEEL_MUST(cond) ((cond) ? (void)0 : keel_must_failed(#cond, __FILE__, __LINE__))

/** Supplied by the platform: logs and dies (Linux: abort), resets (microcontroller). */
_Noreturn void keel_must_failed(const char *cond, const char *file, int line);

#endif

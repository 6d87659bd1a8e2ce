/* `keel owner`: all that the owner's app does, from the command line. */
#ifndef KEEL_CLI_OWNER_H
#define KEEL_CLI_OWNER_H

#include "cli/talk.h"

/** What the options before the command said. */
struct keel_owner_run {
	struct keel_talk talk; /* the member, where the command needs one */
	bool json;
	bool yes;          /* do not ask before what cannot be undone */
	bool misread;      /* the fault is an argument of ours: exit 2 */
	const char *name;  /* --name */
	const char *label; /* --label FILE */
};

enum keel_owner_needs { KEEL_NEEDS_NOTHING, KEEL_NEEDS_HUB, KEEL_NEEDS_HOME };

/** One command: argv[0] is its name. An error fills fault. */
struct keel_owner_command {
	const char *name;
	const char *args; /* for --help */
	const char *help;
	enum keel_owner_needs needs; /* a hub's address; and a member's keys as well */
	int min, max;                /* how many args */
	enum keel_err (*run)(
		struct keel_owner_run *run, int argc, char **argv, struct keel_fault *fault);
};

/* The commands by what they do: owner_enter.c, owner_read.c, owner_people.c, owner_change.c. */
extern const struct keel_owner_command keel_owner_entering[], keel_owner_reading[],
	keel_owner_letting_in[], keel_owner_changing[];
extern const size_t keel_owner_entering_count, keel_owner_reading_count,
	keel_owner_letting_in_count, keel_owner_changing_count;

/** `keel owner …`; 0 done, 1 refused or failed, 2 not understood. */
int keel_cli_owner(int argc, char **argv);

/** Fills fault for an argument that is not understood; gives KEEL_EFORM, and the program 2. */
enum keel_err keel_owner_misread(
	struct keel_owner_run *run, struct keel_fault *fault, const char *what, const char *next);

/** A name of 1 to max bytes of text, as the protocol has it; what: "a person's name". */
KEEL_CHECKED enum keel_err keel_owner_check_name(struct keel_owner_run *run, const char *name,
	size_t max, const char *what, struct keel_fault *fault);

/** The result of an operation: all of it for a script, this sentence for a person. */
__attribute__((format(printf, 4, 5))) void keel_owner_say(const struct keel_owner_run *run,
	enum keel_op_number op, const void *result, const char *sentence, ...);

/** A whole number from 0 to max, and nothing else in the text. */
bool keel_owner_number(const char *text, int64_t max, int64_t *out);

#endif

/* What a hub's refusal means to a person at the command line, and what to do next. */
#ifndef KEEL_CLI_NEXT_H
#define KEEL_CLI_NEXT_H

#include "device/vault/refusals.h"

/** Of one reason; both NULL where its kind says enough (cli/fault.c). */
struct keel_next {
	const char *means, *next; /* without their full stops */
};
struct keel_next keel_next_of(enum vault_no no);

/**
 * Fills means, and next where nothing better stands there, by the hub's own sentence. A sentence that is
 * not in the vault's table is left alone: a value's range, or a hub of another version.
 */
void keel_next_fill(struct keel_bytes sentence, struct keel_fault *fault);

#endif

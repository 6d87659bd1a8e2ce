/* What a hub's declaration says to whoever asked for something that it does not allow. */
#ifndef KEEL_CLI_DECLARED_H
#define KEEL_CLI_DECLARED_H

#include "cli/talk.h"
#include "keel/profile.h"

struct keel_declared {
	uint8_t bytes[KEEL_BODY_MAX];
	struct keel_product product; /* views into bytes */
};

/** The hub's declaration, as it gives it to whoever is in its home. */
KEEL_CHECKED enum keel_err keel_declared_ask(
	struct keel_talk *t, struct keel_declared *out, struct keel_fault *fault);

/*
 * After the hub refused: asks for its declaration, and where that shows why, the fault names what is not
 * declared, and what is. Else the fault stays as it is.
 */
void keel_declared_command(
	struct keel_talk *t, const struct keel_command_args *args, struct keel_fault *fault);
/** messages: those that a guest was to send. */
void keel_declared_guest(struct keel_talk *t, struct keel_list messages, struct keel_fault *fault);

#endif

/* What the door says when it refuses by itself, and under which heading the monitor counts it. */
#ifndef KEEL_DEVICE_DOOR_WORDS_H
#define KEEL_DEVICE_DOOR_WORDS_H

#include "device/messages.h"
#include "http/request.h"

#define KEEL_DOOR_TYPE "application/cbor"

/** docs/protocol.md: {1: error word, 2: sentence, ?3: wait in seconds}. Gives its media type. */
const char *keel_door_explain(enum keel_http_refusal why, struct keel_wr *w);
/** The same for an error of our own choice. */
void keel_door_refusal(
	struct keel_wr *w, enum keel_err word, const char *sentence, uint64_t wait_s);
/** COUNT_MALFORMED or COUNT_LIMITED. */
enum keel_counted keel_door_counted(enum keel_http_refusal why);

#endif

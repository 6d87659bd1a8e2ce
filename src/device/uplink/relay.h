/*
 * Owners' requests from afar, one after the other: from the inbox to the vault, and its answer back. The
 * room opens none of them. A number is named as taken once its answer is with the service: what a
 * session's end leaves in the middle comes again, and the vault gives the same bytes the same answer.
 */
#ifndef KEEL_DEVICE_UPLINK_RELAY_H
#define KEEL_DEVICE_UPLINK_RELAY_H

#include "device/messages.h"
#include "device/uplink/web.h"
#include "session/inbox.h"

struct keel_relay {
	uint64_t taken; /* outlives the session */
	enum { RELAY_IDLE, RELAY_ASKED, RELAY_ANSWERED } state;
	uint64_t number, status;
	size_t answer_n;
	struct keel_list rest; /* in inbox */
	uint8_t inbox[KEEL_WEB_BODY_MAX];
	uint8_t answer[KEEL_RELAYED_MAX];
};

/** What was under way is forgotten; taken stays. */
void keel_relay_clear(struct keel_relay *r);
/** The answer of /v1/inbox, copied. *any: there is something in it that was not taken yet. */
KEEL_CHECKED enum keel_err keel_relay_take(struct keel_relay *r, struct keel_bytes body, bool *any);
/** The next one for the vault, while none is under way; false: there is none. Views into r. */
bool keel_relay_next(struct keel_relay *r, struct msg_request *out);
/** The vault's answer; one to what is not asked is let go. */
void keel_relay_answered(struct keel_relay *r, const struct msg_answer *in);
/** Args of /v1/answer, once the state says that there is one. Views into r. */
struct keel_answer_args keel_relay_args(const struct keel_relay *r);
/** The service has the answer. */
void keel_relay_done(struct keel_relay *r);

#endif

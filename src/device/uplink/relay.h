/*
 * What comes by the inbox, one after the other: an owner's request to the vault, and its answer back; a
 * notice to the vault, which says up to which number it has them. The room opens no request; a notice it
 * opens under the session's key. What a session's end leaves in the middle comes again: the vault gives
 * the same bytes the same answer, and takes a notice once.
 */
#ifndef KEEL_DEVICE_UPLINK_RELAY_H
#define KEEL_DEVICE_UPLINK_RELAY_H

#include "device/messages.h"
#include "device/uplink/web.h"
#include "session/call.h"
#include "session/inbox.h"

struct keel_relay {
	uint64_t answered; /* the last request; outlives the session */
	uint64_t taken;    /* the last of what is kept, as the vault said in this session */
	enum { RELAY_IDLE, RELAY_ASKED, RELAY_ANSWERED, RELAY_TOLD } state;
	uint64_t number, status;
	size_t answer_n;
	struct keel_list rest; /* in inbox */
	uint8_t inbox[KEEL_WEB_BODY_MAX];
	uint8_t answer[KEEL_RELAYED_MAX];
};

/** What was under way is forgotten, as at a session's end. */
void keel_relay_clear(struct keel_relay *r);
/** The answer of /v1/inbox, copied. *any: there is something in it that was not taken yet. */
KEEL_CHECKED enum keel_err keel_relay_take(struct keel_relay *r, struct keel_bytes body, bool *any);
/**
 * The next one for the vault, while none is under way: MSG_REQUEST or MSG_NOTICE. Views into r.
 * KEEL_ENONE: there is none. KEEL_EAUTH: a notice that is not of this session's service.
 */
KEEL_CHECKED enum keel_err keel_relay_next(struct keel_relay *r, const struct keel_caller *me,
	enum keel_msg *msg, union keel_body *out);
/** The vault was handed something, and has not said anything to it. */
bool keel_relay_waits(const struct keel_relay *r);
/** The vault has all notices up to this one. */
void keel_relay_noted(struct keel_relay *r, uint64_t number);
/** The vault's answer; one to what is not asked is let go. */
void keel_relay_answered(struct keel_relay *r, const struct msg_answer *in);
/** Args of /v1/answer, once the state says that there is one. Views into r. */
struct keel_answer_args keel_relay_args(const struct keel_relay *r);
/** The service has the answer. */
void keel_relay_done(struct keel_relay *r);

#endif

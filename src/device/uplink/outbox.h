/*
 * Reports on their way: what the vault handed out in this session and the service has not taken yet. The
 * queue is the vault's; here is only what one call carries, and it is forgotten with the session.
 */
#ifndef KEEL_DEVICE_UPLINK_OUTBOX_H
#define KEEL_DEVICE_UPLINK_OUTBOX_H

#include "device/messages.h"
#include "session/report.h"

#define KEEL_OUTBOX_MAX 16 /* so many the vault hands out before it hears of them */

struct keel_outbox {
	struct keel_outbox_report {
		uint64_t number, kind;
		int64_t time;
		size_t n;
		uint8_t payload[KEEL_OUT_MAX];
	} of[KEEL_OUTBOX_MAX];
	size_t count;
	uint64_t dropped;
	uint8_t items[KEEL_OUTBOX_MAX * (KEEL_OUT_MAX + 64)]; /* what args look into */
};

void keel_outbox_clear(struct keel_outbox *o);
/** KEEL_EFULL. KEEL_ESTALE: its number is not higher than the one before. */
KEEL_CHECKED enum keel_err keel_outbox_put(struct keel_outbox *o, const struct msg_out *in);
/** All of them; views into o, valid until it changes. */
struct keel_report_args keel_outbox_args(struct keel_outbox *o);
/** The service has them up to this number. KEEL_ESTALE: none of them. KEEL_ERANGE: more than there are. */
KEEL_CHECKED enum keel_err keel_outbox_taken(struct keel_outbox *o, uint64_t number);

#endif

/* The inside of the room: for room.c, steps.c and calls.c only. */
#ifndef KEEL_DEVICE_UPLINK_UPLINK_H
#define KEEL_DEVICE_UPLINK_UPLINK_H

#include "device/room.h"
#include "device/uplink/backoff.h"
#include "device/uplink/opening.h"
#include "device/uplink/outbox.h"
#include "device/uplink/relay.h"
#include "device/uplink/web.h"

#define UPLINK_CALL_MS        20000 /* for the service's answer to a call */
#define UPLINK_VAULT_MS       10000 /* for the vault's */
#define UPLINK_RENEW_LEAST_MS 5000  /* between sessions, whatever the vault finds changed */

enum uplink_state { AWAY, NONCE, ATTEST, OPENING, CONNECTED };
enum uplink_event { DUE, NONCE_CAME, ATTESTED, OPENED, STALE, FAILED };

struct uplink {
	struct keel_room_env *env;
	struct keel_web *web;
	enum uplink_state state;
	struct keel_opening opening;
	struct keel_backoff backoff;
	struct keel_outbox outbox;
	struct keel_relay relay;
	bool only_updates; /* quarantined: the service takes no reports */

	/* When what is next is due, by the room's clock. */
	uint64_t due_ms;   /* the next attempt */
	uint64_t vault_ms; /* the vault's answer, in ATTEST or while the relay has asked */
	uint64_t stale_ms; /* a new session */
	uint64_t poll_ms;

	/* Why an attempt failed, for the log and for the next one. */
	const char *reason;
	unsigned status;
	uint64_t asked_s;
	bool servers_gone; /* the name servers' list was replaced: start anew */

	uint8_t body[KEEL_WEB_BODY_MAX];
};

uint64_t uplink_now(const struct uplink *u);

/* --- steps.c: how a session comes and goes ---------------------------------------------------- */

/** An event. with: what came, by the event: a body (struct keel_bytes), a struct msg_attested, or NULL. */
void uplink_happen(struct uplink *u, enum uplink_event on, const void *with);
/** FAILED, and why: a word for the log. */
void uplink_fail(struct uplink *u, const char *reason);
/** Whether it is an answer to go on with; else the attempt or the session ends. */
bool uplink_good(struct uplink *u, const struct keel_web_answer *a);

/* --- calls.c: what is done in one ------------------------------------------------------------- */

/** Does what is next of reports, requests and inbox, or opens the session anew in time. CONNECTED only. */
void uplink_go_on(struct uplink *u, uint64_t now);

#endif

/* How a session with the service comes and goes: a table of steps. docs/service.md, Opening a session. */
#include "core/break.h"
#include "device/uplink/uplink.h"

static enum keel_err because(struct uplink *u, const char *reason, enum keel_err e)
{
	u->reason = reason;
	return e;
}

bool uplink_good(struct uplink *u, const struct keel_web_answer *a)
{
	if (a->end == WEB_ANSWERED && a->status == 200)
		return true;
	u->reason = a->end == WEB_ANSWERED ? "refused" : keel_web_end_words[a->end];
	u->status = a->status;
	u->asked_s = a->retry_after_s;
	uplink_happen(u, FAILED, NULL);
	return false;
}

static void nonce_came(void *self, const struct keel_web_answer *a)
{
	if (uplink_good(self, a))
		uplink_happen(self, NONCE_CAME, &a->body);
}

static enum keel_err ask_nonce(struct uplink *u, const void *with)
{
	static const uint8_t nothing[] = { 0xA0 }; /* {} */
	(void)with;
	keel_web_drop(u->web, WEB_POLL);
	keel_outbox_clear(&u->outbox);
	keel_relay_clear(&u->relay);
	enum keel_err e = u->state == AWAY ? keel_web_find(u->web) : KEEL_OK;
	u->servers_gone = e == KEEL_ESTATE;
	if (e != KEEL_OK)
		return because(u, "name", e);
	return keel_web_post(u->web, WEB_CALL, KEEL_PATH_NONCE, KEEL_VIEW(nothing), UPLINK_CALL_MS,
		nonce_came, u);
}

static enum keel_err ask_vault(struct uplink *u, const void *with)
{
	const struct keel_bytes *body = with;
	int64_t wall = keel_wall_s(keel_room_clock(u->env));
	enum keel_err e = keel_opening_nonce(&u->opening, *body, wall);
	if (e != KEEL_OK)
		return because(u, "voucher", e);
	const struct msg_attest m = keel_opening_question(&u->opening);
	u->vault_ms = uplink_now(u) + UPLINK_VAULT_MS;
	return because(u, "vault", keel_room_send(u->env, ROOM_VAULT, MSG_ATTEST, &m));
}

static void opened(void *self, const struct keel_web_answer *a)
{
	if (uplink_good(self, a))
		uplink_happen(self, OPENED, &a->body);
}

static enum keel_err open_session(struct uplink *u, const void *with)
{
	struct keel_wr w = keel_wr_of(u->body, sizeof(u->body));
	struct keel_bytes body;
	enum keel_err e = keel_opening_attested(&u->opening, with, &w);
	if (e == KEEL_OK)
		e = keel_wr_end(&w, &body);
	if (e != KEEL_OK)
		return because(u, "vault", e);
	return keel_web_post(u->web, WEB_CALL, KEEL_PATH_SESSION, body, UPLINK_CALL_MS, opened, u);
}

/* Not all at once: a service that lost its sessions' keys would have them all come back together. */
static uint64_t renewal_ms(struct keel_backoff *chance, uint64_t valid_s)
{
	uint64_t valid_ms = valid_s * 1000;
	uint64_t in_ms = valid_ms * 3 / 4 + chance->random(chance->self) % (valid_ms / 8);
	return in_ms > UPLINK_RENEW_LEAST_MS ? in_ms : UPLINK_RENEW_LEAST_MS;
}

static enum keel_err begin(struct uplink *u, const void *with)
{
	const struct keel_bytes *body = with;
	struct keel_open_result r;
	enum keel_err e = keel_opening_session(&u->opening, *body, &r);
	if (e != KEEL_OK)
		return because(u, "token", e);
	const struct msg_session m = { .taken = r.taken,
		.voucher = { u->opening.voucher, u->opening.voucher_n },
		.time = r.time };
	u->only_updates = r.only_updates;
	u->stale_ms = uplink_now(u) + renewal_ms(&u->backoff, r.valid_s);
	u->poll_ms = 0;
	keel_backoff_opened(&u->backoff, uplink_now(u));
	KEEL_ROOM_LOG(u->env, KEEL_LOG_INFO, "uplink.connected",
		KEEL_LOG_NUM("valid-s", (int64_t)r.valid_s),
		KEEL_LOG_NUM("quarantined", r.only_updates));
	return because(u, "vault", keel_room_send(u->env, ROOM_VAULT, MSG_SESSION, &m));
}

static enum keel_err go_away(struct uplink *u, const void *with)
{
	uint64_t now = uplink_now(u);
	(void)with;
	keel_web_drop(u->web, WEB_CALL);
	keel_web_drop(u->web, WEB_POLL);
	keel_outbox_clear(&u->outbox);
	keel_relay_clear(&u->relay);
	keel_opening_clear(&u->opening);
	u->due_ms = keel_backoff_next(&u->backoff, now, u->asked_s);
	if (keel_broken("uplink-gives-up"))
		u->due_ms = UINT64_MAX;
	KEEL_ROOM_LOG(u->env, KEEL_LOG_WARN, "uplink.away", KEEL_LOG_WORD("reason", u->reason),
		KEEL_LOG_NUM("status", u->status),
		KEEL_LOG_NUM("next-ms", (int64_t)(u->due_ms - now)));
	u->status = 0;
	u->asked_s = 0;
	return KEEL_OK;
}

/* A pair without a row is refused and changes nothing. */
/* clang-format off */
static const struct step {
	enum uplink_state from;
	enum uplink_event on;
	enum keel_err (*act)(struct uplink *u, const void *with);
	enum uplink_state to;
} steps[] = {
	{ AWAY,      DUE,        ask_nonce,    NONCE     },
	{ NONCE,     NONCE_CAME, ask_vault,    ATTEST    },
	{ ATTEST,    ATTESTED,   open_session, OPENING   },
	{ OPENING,   OPENED,     begin,        CONNECTED },
	{ CONNECTED, STALE,      ask_nonce,    NONCE     },
	{ AWAY,      FAILED,     go_away,      AWAY      },
	{ NONCE,     FAILED,     go_away,      AWAY      },
	{ ATTEST,    FAILED,     go_away,      AWAY      },
	{ OPENING,   FAILED,     go_away,      AWAY      },
	{ CONNECTED, FAILED,     go_away,      AWAY      },
};
/* clang-format on */

/* What a step cannot do ends the attempt. */
void uplink_happen(struct uplink *u, enum uplink_event on, const void *with)
{
	for (size_t i = 0; i < KEEL_COUNT(steps); i++) {
		if (steps[i].from != u->state || steps[i].on != on)
			continue;
		if (steps[i].act(u, with) == KEEL_OK)
			u->state = steps[i].to;
		else
			uplink_happen(u, FAILED, NULL);
		return;
	}
}

void uplink_fail(struct uplink *u, const char *reason)
{
	u->reason = reason;
	uplink_happen(u, FAILED, NULL);
}

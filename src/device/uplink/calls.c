/* In a session: reports, the inbox, and owners' requests from it. docs/service.md, Calls in a session. */
#include "core/break.h"
#include "device/uplink/uplink.h"

#define POLL_S        KEEL_INBOX_WAIT_MAX_S
#define POLL_MS       (POLL_S * 1000 + 15000)
#define POLL_LEAST_MS 1000 /* between polls, where one brought nothing */

static enum keel_err call(struct uplink *u, enum keel_web_lane lane, const char *path,
	const struct keel_schema *schema, const void *args, uint32_t within_ms, keel_web_done *done)
{
	struct keel_wr w = keel_wr_of(u->body, sizeof(u->body));
	const struct keel_caller caller = keel_opening_caller(&u->opening);
	struct keel_bytes body;
	enum keel_err e = keel_call_write(&caller, path, schema, args, &w);
	if (e == KEEL_OK)
		e = keel_wr_end(&w, &body);
	return e == KEEL_OK ? keel_web_post(u->web, lane, path, body, within_ms, done, u) : e;
}

/* Not all of them, or none: the service said 200 and means no. */
static void reported(void *self, const struct keel_web_answer *a)
{
	struct uplink *u = self;
	struct keel_report_result r;
	if (!uplink_good(u, a))
		return;
	if (keel_schema_read(&keel_report_result_schema, a->body, &r, NULL) != KEEL_OK ||
		keel_outbox_taken(&u->outbox, r.taken) != KEEL_OK) {
		uplink_fail(u, "report");
		return;
	}
	const struct msg_taken m = { .number = r.taken };
	if (keel_room_send(u->env, ROOM_VAULT, MSG_TAKEN, &m) != KEEL_OK)
		uplink_fail(u, "vault");
}

/* 403 is for the token; whatever else is refused stays refused, and the owner waits no longer. */
static void answer_taken(void *self, const struct keel_web_answer *a)
{
	struct uplink *u = self;
	bool refused = a->end == WEB_ANSWERED && a->status == 400;
	if (refused || uplink_good(u, a))
		keel_relay_done(&u->relay);
}

static void polled(void *self, const struct keel_web_answer *a)
{
	struct uplink *u = self;
	bool any = false;
	if (!uplink_good(u, a))
		return;
	if (keel_relay_take(&u->relay, a->body, &any) != KEEL_OK)
		uplink_fail(u, "inbox");
	else if (any)
		u->poll_ms = 0;
}

static enum keel_err poll_inbox(struct uplink *u)
{
	const struct keel_inbox_args args = { .taken = u->relay.taken, .wait_s = POLL_S };
	u->poll_ms = uplink_now(u) + POLL_LEAST_MS;
	return call(u, WEB_POLL, KEEL_PATH_INBOX, &keel_inbox_args_schema, &args, POLL_MS, polled);
}

/* Only where the drill asks for it: as if the service had said that it has them. */
static enum keel_err forget_now(struct uplink *u)
{
	const struct msg_taken m = { .number = u->outbox.of[u->outbox.count - 1].number };
	keel_outbox_clear(&u->outbox);
	return keel_room_send(u->env, ROOM_VAULT, MSG_TAKEN, &m);
}

/* An owner waits for an answer; a report can. */
static enum keel_err next_call(struct uplink *u)
{
	if (u->relay.state == RELAY_ANSWERED) {
		const struct keel_answer_args args = keel_relay_args(&u->relay);
		return call(u, WEB_CALL, KEEL_PATH_ANSWER, &keel_answer_args_schema, &args,
			UPLINK_CALL_MS, answer_taken);
	}
	if (u->outbox.count == 0 || u->only_updates)
		return KEEL_OK;
	if (keel_broken("report-forgotten"))
		return forget_now(u);
	const struct keel_report_args args = keel_outbox_args(&u->outbox);
	return call(u, WEB_CALL, KEEL_PATH_REPORT, &keel_report_args_schema, &args, UPLINK_CALL_MS,
		reported);
}

/* What is next for the vault, or, where there is nothing, the next look into the inbox. */
static enum keel_err next_request(struct uplink *u, uint64_t now)
{
	union keel_body m;
	enum keel_msg msg;
	const struct keel_caller caller = keel_opening_caller(&u->opening);
	enum keel_err e = keel_relay_next(&u->relay, &caller, &msg, &m);
	if (e == KEEL_OK) {
		u->vault_ms = now + UPLINK_VAULT_MS;
		return keel_room_send(u->env, ROOM_VAULT, msg, &m);
	}
	if (e != KEEL_ENONE)
		return e;
	bool idle = u->relay.state == RELAY_IDLE && !keel_web_busy(u->web, WEB_POLL);
	return idle && now >= u->poll_ms ? poll_inbox(u) : KEEL_OK;
}

void uplink_go_on(struct uplink *u, uint64_t now)
{
	bool calling = keel_web_busy(u->web, WEB_CALL);
	enum keel_err e = KEEL_OK;
	if (now >= u->stale_ms && !calling && u->relay.state == RELAY_IDLE) {
		uplink_happen(u, STALE, NULL);
		return;
	}
	if (keel_relay_waits(&u->relay) && now >= u->vault_ms)
		e = KEEL_EIO;
	if (e == KEEL_OK && !calling)
		e = next_call(u);
	if (e == KEEL_OK)
		e = next_request(u, now);
	if (e != KEEL_OK)
		uplink_fail(u, e == KEEL_EAUTH ? "inbox" : "vault");
}

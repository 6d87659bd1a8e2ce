#include "device/uplink/relay.h"

#include <string.h>

#include "core/break.h"
#include "session/notice.h"

/* What the vault said cannot be carried back: an empty map in its place. */
#define NO_ANSWER   503
#define NOTHING_MAP 0xA0

void keel_relay_clear(struct keel_relay *r)
{
	r->state = RELAY_IDLE;
	r->rest = (struct keel_list){ 0 };
	r->taken = 0; /* the next session may be of another home, with numbers of its own */
}

/* Where an item's number is held against. */
static uint64_t *last_of(struct keel_relay *r, const struct keel_inbox_item *item)
{
	return item->kind == KEEL_INBOX_REQUEST ? &r->answered : &r->taken;
}

static bool any_new(struct keel_relay *r)
{
	struct keel_list rest = r->rest;
	struct keel_inbox_item item;
	while (keel_list_next(&keel_inbox_item_row, &rest, &item))
		if (item.number > *last_of(r, &item))
			return true;
	return false;
}

enum keel_err keel_relay_take(struct keel_relay *r, struct keel_bytes body, bool *any)
{
	struct keel_inbox_result result;
	KEEL_MUST(r->state == RELAY_IDLE && body.n <= sizeof(r->inbox));
	if (body.n > 0)
		memcpy(r->inbox, body.p, body.n);
	enum keel_err e = keel_schema_read(
		&keel_inbox_result_schema, (struct keel_bytes){ r->inbox, body.n }, &result, NULL);
	if (e != KEEL_OK)
		return e;
	r->rest = result.items;
	*any = any_new(r);
	return KEEL_OK;
}

/* KEEL_ENONE: no door would take it either. */
static enum keel_err ask(
	struct keel_relay *r, const struct keel_inbox_item *item, union keel_body *out)
{
	if (item->payload.n > KEEL_REQUEST_MAX)
		return KEEL_ENONE;
	r->state = RELAY_ASKED;
	out->request = (struct msg_request){ .id = item->number,
		.path = PATH_REQUEST,
		.from = keel_text("service"),
		.body = item->payload };
	return KEEL_OK;
}

/* KEEL_ENONE: it is the service's, and of a later form than this device knows. */
static enum keel_err tell(struct keel_relay *r, const struct keel_inbox_item *item,
	const struct keel_caller *me, union keel_body *out)
{
	const struct keel_notice_to to = { me->key, me->device, me->home, item->number };
	struct keel_notice n;
	enum keel_err e = keel_notice_open(&to, item->payload, &n);
	if (e != KEEL_OK)
		return e == KEEL_EAUTH ? e : KEEL_ENONE;
	r->state = RELAY_TOLD;
	out->notice =
		(struct msg_notice){ .number = item->number, .code = n.code, .about = n.about };
	return KEEL_OK;
}

static enum keel_err hand(struct keel_relay *r, const struct keel_inbox_item *item,
	const struct keel_caller *me, enum keel_msg *msg, union keel_body *out)
{
	*msg = item->kind == KEEL_INBOX_REQUEST ? MSG_REQUEST : MSG_NOTICE;
	switch (item->kind) {
	case KEEL_INBOX_REQUEST:
		return ask(r, item, out);
	case KEEL_INBOX_NOTICE:
		return tell(r, item, me, out);
	default:
		return KEEL_ENONE;
	}
}

/* What is nothing for the vault is taken, and no more. */
enum keel_err keel_relay_next(struct keel_relay *r, const struct keel_caller *me,
	enum keel_msg *msg, union keel_body *out)
{
	struct keel_inbox_item item;
	while (r->state == RELAY_IDLE && keel_list_next(&keel_inbox_item_row, &r->rest, &item)) {
		if (item.number <= *last_of(r, &item))
			continue;
		enum keel_err e = hand(r, &item, me, msg, out);
		r->number = item.number;
		if (e != KEEL_ENONE)
			return e;
		*last_of(r, &item) = item.number;
	}
	return KEEL_ENONE;
}

bool keel_relay_waits(const struct keel_relay *r)
{
	return r->state == RELAY_ASKED || r->state == RELAY_TOLD;
}

void keel_relay_noted(struct keel_relay *r, uint64_t number)
{
	if (r->state != RELAY_TOLD || number < r->number)
		return;
	r->taken = number;
	r->state = RELAY_IDLE;
}

void keel_relay_answered(struct keel_relay *r, const struct msg_answer *in)
{
	if (r->state != RELAY_ASKED || in->id != r->number || keel_broken("relay-dropped"))
		return;
	r->state = RELAY_ANSWERED;
	r->status = NO_ANSWER;
	r->answer[0] = NOTHING_MAP;
	r->answer_n = 1;
	if (in->body.n == 0 || in->body.n > sizeof(r->answer) || in->status < 200)
		return;
	r->status = in->status;
	r->answer_n = in->body.n;
	memcpy(r->answer, in->body.p, in->body.n);
}

struct keel_answer_args keel_relay_args(const struct keel_relay *r)
{
	return (struct keel_answer_args){
		.number = r->number, .status = r->status, .body = { r->answer, r->answer_n }
	};
}

void keel_relay_done(struct keel_relay *r)
{
	r->answered = r->number;
	r->state = RELAY_IDLE;
}

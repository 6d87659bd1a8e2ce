#include "device/uplink/relay.h"

#include <string.h>

#include "device/break.h"

/* What the vault said cannot be carried back: an empty map in its place. */
#define NO_ANSWER   503
#define NOTHING_MAP 0xA0

void keel_relay_clear(struct keel_relay *r)
{
	r->state = RELAY_IDLE;
	r->rest = (struct keel_list){ 0 };
}

/* The next item that was not taken yet; what no door would take either is taken, and nothing more. */
static bool step(struct keel_relay *r, struct keel_inbox_item *item)
{
	while (keel_list_next(&keel_inbox_item_row, &r->rest, item)) {
		if (item->number <= r->taken)
			continue;
		if (item->kind == KEEL_INBOX_REQUEST && item->payload.n <= KEEL_REQUEST_MAX)
			return true;
		r->taken = item->number;
	}
	return false;
}

static bool any_new(const struct keel_relay *r)
{
	struct keel_list rest = r->rest;
	struct keel_inbox_item item;
	while (keel_list_next(&keel_inbox_item_row, &rest, &item))
		if (item.number > r->taken)
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

bool keel_relay_next(struct keel_relay *r, struct msg_request *out)
{
	struct keel_inbox_item item;
	if (r->state != RELAY_IDLE || !step(r, &item))
		return false;
	r->state = RELAY_ASKED;
	r->number = item.number;
	*out = (struct msg_request){ .id = item.number,
		.path = PATH_REQUEST,
		.from = keel_text("service"),
		.body = item.payload };
	return true;
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
	r->taken = r->number;
	r->state = RELAY_IDLE;
}

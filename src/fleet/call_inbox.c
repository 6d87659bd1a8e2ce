/* /v1/inbox and /v1/answer: what waits for a device, and what it says to it. EN 303 645 5.9-3. */
#include <stdlib.h>
#include <string.h>

#include "fleet/service.h"
#include "session/inbox.h"

#define ITEM_OVERHEAD 64   /* of an item, beside its payload */
#define GONE_S        1200 /* a device that was not heard so long has no place here */

static void empty_answer(struct keel_fleet_service *s, struct keel_http_call *call)
{
	const struct keel_inbox_result none = { 0 };
	keel_fleet_reply(s, call, &keel_inbox_result_schema, &none);
}

/* As many as one answer holds; the others come with the next. */
static void answer_items(
	struct keel_fleet_service *s, struct keel_http_call *call, const struct keel_fleet_relay *r)
{
	static uint8_t buf[KEEL_CALL_MAX - 256];
	struct keel_wr items = keel_wr_of(buf, sizeof(buf));
	struct keel_inbox_result result = { 0 };
	for (; r != NULL && result.items.count < KEEL_INBOX_ITEMS_MAX; r = r->next) {
		const struct keel_inbox_item item = { .number = r->number,
			.kind = KEEL_INBOX_REQUEST,
			.payload = { r->sealed, r->n } };
		if (r->n + ITEM_OVERHEAD > items.cap - items.n)
			break;
		keel_list_add(&keel_inbox_item_row, &item, &items, &result.items);
	}
	keel_fleet_reply(s, call, &keel_inbox_result_schema, &result);
}

void keel_fleet_poll_answer(
	struct keel_fleet_service *s, struct keel_fleet_device *device, bool also_nothing)
{
	struct keel_http_call *call = device->poll;
	const struct keel_fleet_relay *r = keel_fleet_relay_after(device, device->poll_taken);
	if (call == NULL || (r == NULL && !also_nothing))
		return;
	device->poll = NULL;
	keel_http_call_keep(call, NULL);
	if (r != NULL)
		answer_items(s, call, r);
	else
		empty_answer(s, call);
}

/* A unit that was revoked meanwhile is not told what waits for it. */
static bool is_revoked(struct keel_fleet_service *s, const uint8_t *id)
{
	struct keel_fleet_unit unit;
	return keel_fleet_unit_find(s->store, id, &unit) != KEEL_OK || unit.revoked_s != 0;
}

void keel_fleet_on_inbox(void *self, struct keel_http_call *call)
{
	struct keel_fleet_service *s = self;
	struct keel_inbox_args args;
	const struct keel_session *session;
	if (!keel_fleet_call_open(s, call, keel_http_call_body(call), KEEL_PATH_INBOX,
		    &keel_inbox_args_schema, &args, &session))
		return;
	if (is_revoked(s, session->device)) {
		keel_fleet_refuse_err(call, KEEL_ERIGHT);
		return;
	}
	int64_t now_s = keel_fleet_now(s);
	struct keel_fleet_device *device = keel_fleet_device_heard(s->devices, session->device,
		(struct keel_bytes){ session->home, session->home_n }, now_s,
		now_s + (int64_t)args.wait_s + KEEL_FLEET_LATE_S);
	/* One poll a device: an older one is of a connection that was lost, or does no harm. */
	keel_fleet_poll_answer(s, device, true);
	device->poll = call;
	device->poll_taken = args.taken;
	device->poll_until_ms = keel_now_ms(&s->clock) + args.wait_s * 1000;
	keel_http_call_keep(call, device);
	keel_fleet_poll_answer(s, device, args.wait_s == 0);
}

void keel_fleet_over_inbox(void *self, struct keel_http_call *call, enum keel_http_over why)
{
	struct keel_fleet_device *device = keel_http_call_kept(call);
	if (device != NULL && device->poll == call)
		device->poll = NULL;
	keel_http_call_keep(call, NULL);
	if (why == KEEL_HTTP_WAITED)
		empty_answer(self, call);
}

/* An answer that nobody waits for any more is no error of the device's. */
void keel_fleet_on_answer(void *self, struct keel_http_call *call)
{
	struct keel_fleet_service *s = self;
	struct keel_answer_args args;
	const struct keel_session *session;
	const uint32_t nothing = 0;
	if (!keel_fleet_call_open(s, call, keel_http_call_body(call), KEEL_PATH_ANSWER,
		    &keel_answer_args_schema, &args, &session))
		return;
	int64_t now_s = keel_fleet_now(s);
	struct keel_fleet_device *device = keel_fleet_device_heard(s->devices, session->device,
		(struct keel_bytes){ session->home, session->home_n }, now_s,
		now_s + KEEL_FLEET_LATE_S);
	struct keel_fleet_relay *r = keel_fleet_relay_of(device, args.number);
	if (r != NULL) {
		keel_fleet_relay_reply(s, r, args.status, args.body);
		keel_fleet_relay_drop(
			s->devices, r); /* nothing else runs in between: http/server.h */
	}
	keel_fleet_reply(s, call, &keel_nothing_schema, &nothing);
}

/* --- time passes --- */

static bool tick_one(void *self, struct keel_fleet_device *device)
{
	struct keel_fleet_service *s = self;
	if (device->poll != NULL && keel_now_ms(&s->clock) >= device->poll_until_ms)
		keel_fleet_poll_answer(s, device, true);
	return device->poll == NULL && device->relays == NULL &&
	       keel_fleet_now(s) - device->heard_s > GONE_S;
}

void keel_fleet_inbox_tick(struct keel_fleet_service *s)
{
	keel_fleet_devices_each(s->devices, tick_one, s);
}

/* --- presence --- */

struct noting {
	struct keel_fleet_heard job;
	size_t room;
	struct keel_fleet_heard_one all[];
};

static bool note_one(void *self, struct keel_fleet_device *device)
{
	struct noting *n = self;
	if (device->heard_s <= device->noted_s || n->job.count == n->room)
		return false;
	struct keel_fleet_heard_one *one = &n->all[n->job.count++];
	memcpy(one->id, device->id, sizeof(one->id));
	one->heard_s = device->heard_s;
	one->next_s = device->next_s;
	device->noted_s = device->heard_s;
	return false;
}

/* What could not be written is written with the next: who is heard is heard again. */
static void noted(void *self, struct keel_fleet_write *w)
{
	(void)w;
	free(self);
}

void keel_fleet_presence_note(struct keel_fleet_service *s)
{
	size_t room = keel_fleet_devices_count(s->devices);
	struct noting *n = calloc(1, sizeof(*n) + room * sizeof(n->all[0]));
	KEEL_MUST(n != NULL);
	n->room = room;
	n->job.write = (struct keel_fleet_write){ .done = noted, .self = n };
	n->job.all = n->all;
	keel_fleet_devices_each(s->devices, note_one, n);
	if (n->job.count > 0)
		keel_fleet_heard(s->store, &n->job);
	else
		free(n);
}

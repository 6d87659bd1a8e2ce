/* /v1/inbox and /v1/answer: what waits for a device, and what it says to it. EN 303 645 5.9-3. */
#include <stdlib.h>
#include <string.h>

#include "fleet/inbox.h"
#include "fleet/service.h"
#include "session/inbox.h"
#include "session/notice.h"

#define ITEM_OVERHEAD 64   /* of an item, beside its payload */
#define GONE_S        1200 /* a device that was not heard so long has no place here */
#define NOTE_S        60   /* how often a device's presence is written down, */
#define NOTE_PARTS                                                                                 \
	100 /* and of how many at once, for reports wait for it: all are due in 120 ticks */

/* What one answer holds; the others come with the next. */
struct answering {
	const struct keel_fleet_device *device;
	struct keel_wr items;
	struct keel_inbox_result result;
	bool taken; /* something that it named as taken is still there */
};

/* False: it has no room. */
static bool add(struct answering *a, const struct keel_inbox_item *item)
{
	if (a->result.items.count == KEEL_INBOX_ITEMS_MAX ||
		item->payload.n + ITEM_OVERHEAD > a->items.cap - a->items.n)
		return false;
	keel_list_add(&keel_inbox_item_row, item, &a->items, &a->result.items);
	return true;
}

static void add_requests(struct answering *a)
{
	for (const struct keel_fleet_relay *r = a->device->relays; r != NULL; r = r->next) {
		const struct keel_inbox_item item = { .number = r->number,
			.kind = KEEL_INBOX_REQUEST,
			.payload = { r->sealed, r->n } };
		if (!add(a, &item))
			return;
	}
}

static bool add_kept(void *self, const struct keel_fleet_item *kept)
{
	struct answering *a = self;
	const struct keel_fleet_device *d = a->device;
	const struct keel_notice_to to = { .key = &d->poll_key,
		.device = KEEL_VIEW(d->id),
		.home = { d->home, d->home_n },
		.number = kept->number };
	uint8_t buf[KEEL_NOTICE_SEALED];
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	struct keel_inbox_item item = { .number = kept->number, .kind = kept->kind };
	if (kept->number <= d->poll_taken) {
		a->taken = true;
		return true;
	}
	KEEL_MUST(keel_notice_seal(&to, kept->payload, &w) == KEEL_OK);
	KEEL_MUST(keel_wr_end(&w, &item.payload) == KEEL_OK);
	return add(a, &item);
}

static void taken_forgotten(void *self, struct keel_fleet_write *w)
{
	(void)w; /* what could not be deleted is named as taken by the next poll as well */
	free(self);
}

static void forget_taken(struct keel_fleet_service *s, const struct keel_fleet_device *device)
{
	struct keel_fleet_inbox_taken *j = calloc(1, sizeof(*j));
	KEEL_MUST(j != NULL);
	memcpy(j->id, device->id, sizeof(j->id));
	j->number = device->poll_taken;
	j->write = (struct keel_fleet_write){ .done = taken_forgotten, .self = j };
	keel_fleet_inbox_taken(s->store, j);
}

void keel_fleet_poll_answer(
	struct keel_fleet_service *s, struct keel_fleet_device *device, bool also_nothing)
{
	static uint8_t buf[KEEL_CALL_MAX - 256];
	struct keel_http_call *call = device->poll;
	struct answering a = { .device = device, .items = keel_wr_of(buf, sizeof(buf)) };
	if (call == NULL)
		return;
	if (!device->poll_updates)
		add_requests(&a);
	/* What cannot be read now is there at the next poll. */
	if (keel_fleet_inbox(s->store, device->id,
		    (struct keel_bytes){ device->home, device->home_n }, add_kept, &a) == KEEL_OK &&
		a.taken)
		forget_taken(s, device);
	if (a.result.items.count == 0 && !also_nothing)
		return;
	device->poll = NULL;
	keel_key_wipe(&device->poll_key);
	keel_http_call_keep(call, NULL);
	keel_fleet_reply(s, call, &keel_inbox_result_schema, &a.result);
}

/*
 * Whether the store, too, says that this session holds: its token is of some minutes ago. False: it was
 * refused. A device that is judged otherwise by now opens another session, whose token says so.
 */
static bool still_holds(struct keel_fleet_service *s, struct keel_http_call *call,
	const struct keel_session *session)
{
	uint64_t decision = 0;
	enum keel_err e = keel_fleet_standing(s->store, session->device,
		(struct keel_bytes){ session->home, session->home_n }, &decision);
	if (e == KEEL_OK && decision == KEEL_FLEET_QUARANTINED && !session->only_updates)
		e = KEEL_ESTATE;
	if (e != KEEL_OK)
		keel_fleet_refuse_err(call, e);
	return e == KEEL_OK;
}

static void hold(struct keel_fleet_service *s, struct keel_http_call *call,
	const struct keel_session *session, const struct keel_inbox_args *args)
{
	int64_t now_s = keel_fleet_now(s);
	struct keel_fleet_device *device = keel_fleet_device_heard(s->devices, session->device,
		(struct keel_bytes){ session->home, session->home_n }, now_s,
		now_s + (int64_t)args->wait_s + KEEL_FLEET_LATE_S);
	/* One poll a device: an older one is of a connection that was lost, or does no harm. */
	keel_fleet_poll_answer(s, device, true);
	device->poll = call;
	device->poll_taken = args->taken;
	device->poll_updates = session->only_updates;
	device->poll_key = session->key;
	device->poll_until_ms = keel_now_ms(&s->clock) + args->wait_s * 1000;
	keel_http_call_keep(call, device);
	keel_fleet_poll_answer(s, device, args->wait_s == 0);
}

void keel_fleet_on_inbox(void *self, struct keel_http_call *call)
{
	struct keel_fleet_service *s = self;
	struct keel_inbox_args args;
	const struct keel_session *session;
	if (keel_fleet_call_open(s, call, keel_http_call_body(call), KEEL_PATH_INBOX,
		    &keel_inbox_args_schema, &args, &session) &&
		still_holds(s, call, session))
		hold(s, call, session, &args);
}

void keel_fleet_over_inbox(void *self, struct keel_http_call *call, enum keel_http_over why)
{
	struct keel_fleet_device *device = keel_http_call_kept(call);
	if (device != NULL && device->poll == call) {
		device->poll = NULL;
		keel_key_wipe(&device->poll_key);
	}
	keel_http_call_keep(call, NULL);
	const struct keel_inbox_result none = { 0 };
	if (why == KEEL_HTTP_WAITED)
		keel_fleet_reply(self, call, &keel_inbox_result_schema, &none);
}

/* An answer that nobody waits for any more is no error of the device's. */
void keel_fleet_on_answer(void *self, struct keel_http_call *call)
{
	struct keel_fleet_service *s = self;
	struct keel_answer_args args;
	const struct keel_session *session;
	const uint32_t nothing = 0;
	if (!keel_fleet_call_open(s, call, keel_http_call_body(call), KEEL_PATH_ANSWER,
		    &keel_answer_args_schema, &args, &session) ||
		!still_holds(s, call, session))
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

/* Another process may have put it there: keel-fleet notice. */
static void told(void *self, const uint8_t id[KEEL_DEVICE_ID_LEN])
{
	struct keel_fleet_service *s = self;
	struct keel_fleet_device *device = keel_fleet_device_find(s->devices, id);
	if (device != NULL)
		keel_fleet_poll_answer(s, device, false);
}

void keel_fleet_inbox_tick(struct keel_fleet_service *s)
{
	/* What cannot be read now is read at the next tick. */
	(void)!keel_fleet_inbox_news(s->store, &s->inbox_seen, told, s);
	keel_fleet_devices_each(s->devices, tick_one, s);
}

/* --- presence --- */

struct noting {
	struct keel_fleet_heard job;
	size_t room;
	int64_t before_s; /* who was written down since then is not yet again */
	struct keel_fleet_heard_one all[];
};

static bool note_one(void *self, struct keel_fleet_device *device)
{
	struct noting *n = self;
	if (device->heard_s <= device->noted_s || device->noted_s > n->before_s ||
		n->job.count == n->room)
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

void keel_fleet_presence_note(struct keel_fleet_service *s, bool all)
{
	size_t count = keel_fleet_devices_count(s->devices);
	size_t room = all ? count : count / NOTE_PARTS + 1;
	struct noting *n = calloc(1, sizeof(*n) + room * sizeof(n->all[0]));
	KEEL_MUST(n != NULL);
	n->room = room;
	n->before_s = keel_fleet_now(s) - (all ? 0 : NOTE_S);
	n->job.write = (struct keel_fleet_write){ .done = noted, .self = n };
	n->job.all = n->all;
	keel_fleet_devices_each(s->devices, note_one, n);
	if (n->job.count > 0)
		keel_fleet_heard(s->store, &n->job);
	else
		free(n);
}

/* /v1/relay: an owner's sealed request, carried to the device unopened. EN 303 645 5.5-7, 5.9-3. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "fleet/service.h"
#include "owner/ask.h"
#include "owner/ops.h"

/* --- refusals --- */

static void refuse_late(struct keel_http_call *call, const char *what, int64_t heard_s)
{
	char text[160];
	char when[32] = "never";
	struct tm tm;
	time_t t = (time_t)heard_s;
	if (heard_s > 0 && gmtime_r(&t, &tm) != NULL)
		(void)strftime(when, sizeof(when), "%F %R UTC", &tm);
	(void)snprintf(text, sizeof(text), "the device %s; it was last heard %s", what, when);
	keel_fleet_refuse(call, 503, keel_err_word(KEEL_ESTATE), text, 5);
}

/* One sentence for whoever is no owner, so that nobody learns which devices there are. */
static void refuse_stranger(struct keel_http_call *call)
{
	keel_fleet_refuse(call, 403, keel_err_word(KEEL_ERIGHT),
		"no device here has an owner with this key in this home", 0);
}

/* --- who may --- */

/* The list that the device signed was verified when its session opened. */
static bool has_owner(const struct keel_fleet_home *h, const uint8_t owner[KEEL_THUMBPRINT_LEN])
{
	struct keel_bytes payload;
	struct keel_envelope env;
	struct keel_owners_list list;
	struct keel_owner_item item;
	if (keel_cose_sign1_peek((struct keel_bytes){ h->owners, h->owners_n }, &payload) !=
			KEEL_OK ||
		keel_envelope_read(KEEL_FOR_OWNERS, payload, &env) != KEEL_OK ||
		keel_schema_read(&keel_owners_list_schema, env.body, &list, NULL) != KEEL_OK)
		return false;
	while (keel_list_next(&keel_owner_item_row, &list.owners, &item))
		if (keel_bytes_equal(item.owner, (struct keel_bytes){ owner, KEEL_THUMBPRINT_LEN }))
			return true;
	return false;
}

/* False: it was refused. */
static bool may_ask(struct keel_fleet_service *s, struct keel_http_call *call,
	const struct keel_asker *asker, struct keel_fleet_home *home)
{
	struct keel_fleet_unit unit;
	if (keel_fleet_unit_find(s->store, asker->device, &unit) != KEEL_OK ||
		keel_fleet_home_find(s->store, asker->device, home) != KEEL_OK ||
		!keel_bytes_equal(
			(struct keel_bytes){ home->home, home->home_n }, KEEL_VIEW(asker->home)) ||
		!has_owner(home, asker->owner)) {
		refuse_stranger(call);
		return false;
	}
	if (unit.revoked_s != 0 || home->decision == KEEL_FLEET_QUARANTINED) {
		keel_fleet_refuse(call, 409, keel_err_word(KEEL_ESTATE),
			unit.revoked_s != 0
				? "the device was taken out of service by its maker"
				: "the device may only be updated now: it is not as its maker "
				  "made it",
			0);
		return false;
	}
	return true;
}

/* --- the call --- */

/* It waits for requests, or will soon again. */
static bool is_here(const struct keel_fleet_service *s, const struct keel_fleet_device *device)
{
	return device != NULL &&
	       (device->poll != NULL || keel_fleet_now(s) - device->heard_s <= KEEL_FLEET_LATE_S);
}

void keel_fleet_on_relay(void *self, struct keel_http_call *call)
{
	struct keel_fleet_service *s = self;
	struct keel_relay relay;
	struct keel_asker asker;
	struct keel_fleet_home home;
	struct keel_fleet_relay *r;
	enum keel_err e = keel_relay_verify(keel_http_call_body(call), &relay, &asker);
	if (e == KEEL_EAUTH) {
		refuse_stranger(call);
		return;
	}
	if (e != KEEL_OK) {
		keel_fleet_refuse_err(call, e);
		return;
	}
	if (!may_ask(s, call, &asker, &home))
		return;
	struct keel_fleet_device *device = keel_fleet_device_find(s->devices, asker.device);
	if (!is_here(s, device)) {
		refuse_late(call, "is away",
			device != NULL && device->heard_s > home.heard_s ? device->heard_s
									 : home.heard_s);
		return;
	}
	e = keel_fleet_relay_put(s->devices, device, call, keel_http_call_from(call)->address,
		relay.request, keel_fleet_now(s), keel_now_ms(&s->clock), &r);
	if (e != KEEL_OK) {
		keel_fleet_refuse(call, 429, keel_err_word(e), "too many requests wait already", 5);
		return;
	}
	keel_http_call_keep(call, r);
	keel_fleet_poll_answer(s, device, false);
}

void keel_fleet_relay_reply(struct keel_fleet_service *s, const struct keel_fleet_relay *r,
	uint64_t status, struct keel_bytes body)
{
	const struct keel_relayed result = {
		.status = status, .body = body, .heard = (uint64_t)r->device->heard_s
	};
	keel_http_call_keep(r->call, NULL);
	keel_fleet_reply(s, r->call, &keel_relayed_schema, &result);
}

void keel_fleet_over_relay(void *self, struct keel_http_call *call, enum keel_http_over why)
{
	struct keel_fleet_service *s = self;
	struct keel_fleet_relay *r = keel_http_call_kept(call);
	if (r == NULL)
		return;
	int64_t heard_s = r->device->heard_s;
	keel_http_call_keep(call, NULL);
	keel_fleet_relay_drop(s->devices, r);
	if (why == KEEL_HTTP_WAITED)
		refuse_late(call, "does not answer", heard_s);
}

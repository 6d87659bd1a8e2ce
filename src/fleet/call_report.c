/* /v1/report: what a device tells of itself, taken when it is durable. EN 303 645 5.9-3, 5.10-1, 6-4. */
#include <stdlib.h>
#include <string.h>

#include "fleet/judge/report.h"
#include "fleet/service.h"

#define EVENT_KEPT_S (365 * (int64_t)86400) /* how long events are kept, in the same home */

/* From the handler to the answer, while the disk takes them. */
struct reporting {
	struct keel_fleet_held held;
	struct keel_fleet_reports job;
	struct keel_fleet_report items[KEEL_REPORT_ITEMS_MAX];
	uint8_t home[KEEL_HOME_ID_LEN];
	uint8_t body[]; /* what the items look into */
};

static void reports_kept(void *self, struct keel_fleet_write *w)
{
	struct reporting *r = self;
	struct keel_fleet_service *s = r->held.service;
	struct keel_http_call *call = r->held.call;
	struct keel_fleet_device *device = keel_fleet_device_find(s->devices, r->job.id);
	if (w->err == KEEL_OK && device != NULL && r->job.taken > device->taken)
		device->taken = r->job.taken;
	/* Judged and not kept: it comes again, and must not seem to come too often. */
	if (w->err != KEEL_OK && device != NULL) {
		free(device->pace);
		device->pace = NULL;
	}
	const struct keel_report_result result = { .taken = r->job.taken };
	if (call != NULL) {
		keel_http_call_keep(call, NULL);
		if (w->err == KEEL_OK)
			keel_fleet_reply(s, call, &keel_report_result_schema, &result);
		else
			keel_fleet_refuse_err(call, w->err);
	}
	free(r);
}

/* After a restart a token is known, and its device is not: then the store says of what it is. */
static enum keel_err know(struct keel_fleet_service *s, struct keel_fleet_device *device)
{
	struct keel_fleet_home home;
	if (device->known)
		return KEEL_OK;
	enum keel_err e = keel_fleet_home_find(s->store, device->id, &home);
	if (e == KEEL_OK)
		keel_fleet_device_know(device, &home.product, home.taken);
	return e;
}

/* What was taken before is not judged again: it came at its time, and is no measurement more. */
static struct keel_fleet_report judge_item(const struct keel_judge_product *product,
	struct keel_fleet_device *device, const struct keel_report_item *item, int64_t now_s)
{
	struct keel_fleet_report r = { .number = item->number,
		.kind = item->kind,
		.time_s = item->time,
		.payload = item->payload };
	if (item->number <= device->taken)
		return r;
	const struct keel_report_judged judged =
		keel_judge_report(product, item, now_s, device->pace);
	r.until_s = now_s +
		    (item->kind == KEEL_REPORT_TELEMETRY ? (int64_t)judged.keep_s : EVENT_KEPT_S);
	r.refused = judged.odd != KEEL_ODD_NOT ? keel_odd_word(judged.odd) : NULL;
	return r;
}

/* KEEL_ESTATE: the product went, or the home did; a new session says what there is now. */
static enum keel_err judge(struct keel_fleet_service *s, struct reporting *r,
	struct keel_fleet_device *device, const struct keel_report_args *args)
{
	struct keel_list rest = args->items;
	struct keel_report_item item;
	if (know(s, device) != KEEL_OK)
		return KEEL_ESTATE;
	const struct keel_judge_product *product =
		keel_fleet_products_find(s->products, KEEL_VIEW(device->product.b), r->job.now_s);
	if (product == NULL)
		return KEEL_ESTATE;
	if (device->pace == NULL)
		device->pace = calloc(product->telemetry_count + 1, sizeof(*device->pace));
	KEEL_MUST(device->pace != NULL);
	while (keel_list_next(&keel_report_item_row, &rest, &item))
		r->items[r->job.count++] = judge_item(product, device, &item, r->job.now_s);
	return KEEL_OK;
}

static void fill(struct keel_fleet_service *s, struct reporting *r,
	const struct keel_session *session, const struct keel_report_args *args)
{
	struct keel_fleet_reports *j = &r->job;
	j->now_s = keel_fleet_now(s);
	j->next_s = j->now_s + KEEL_FLEET_POLLS_S;
	j->dropped = args->dropped;
	memcpy(j->id, session->device, sizeof(j->id));
	memcpy(r->home, session->home, session->home_n);
	j->home = (struct keel_bytes){ r->home, session->home_n };
	j->items = r->items;
	j->write.done = reports_kept;
	j->write.self = r;
}

void keel_fleet_on_report(void *self, struct keel_http_call *call)
{
	struct keel_fleet_service *s = self;
	struct keel_bytes body = keel_http_call_body(call);
	struct keel_report_args args;
	const struct keel_session *session;
	struct reporting *r = calloc(1, sizeof(*r) + body.n);
	KEEL_MUST(r != NULL);
	if (body.n > 0)
		memcpy(r->body, body.p, body.n);
	body.p = r->body;
	if (!keel_fleet_call_open(
		    s, call, body, KEEL_PATH_REPORT, &keel_report_args_schema, &args, &session)) {
		free(r);
		return;
	}
	if (session->only_updates) {
		free(r);
		keel_fleet_refuse(call, 409, keel_err_word(KEEL_ESTATE),
			"the device is in quarantine: it may ask for updates, and nothing else", 0);
		return;
	}
	fill(s, r, session, &args);
	enum keel_err e = keel_report_check(&args);
	if (e == KEEL_OK)
		e = judge(s, r,
			keel_fleet_device_heard(
				s->devices, r->job.id, r->job.home, r->job.now_s, r->job.next_s),
			&args);
	if (e != KEEL_OK) {
		free(r);
		keel_fleet_refuse_err(call, e);
		return;
	}
	r->held = (struct keel_fleet_held){ .call = call, .service = s };
	keel_http_call_keep(call, &r->held);
	keel_fleet_reports(s->store, &r->job);
}

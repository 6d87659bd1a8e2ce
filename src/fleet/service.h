/* The worker's inside, for serve.c and the files of its routes only (routes.c has the table). */
#ifndef KEEL_FLEET_SERVICE_H
#define KEEL_FLEET_SERVICE_H

#include "fleet/config.h"
#include "fleet/console/console.h"
#include "fleet/devices.h"
#include "fleet/judge/calls.h"
#include "fleet/judge/open.h"
#include "fleet/keys.h"
#include "fleet/pages.h"
#include "fleet/products.h"
#include "fleet/reports.h"
#include "fleet/store.h"
#include "http/server.h"

#define KEEL_FLEET_TYPE    "application/cbor"
#define KEEL_FLEET_LATE_S  60  /* so long after it was to be heard, a device counts as away */
#define KEEL_FLEET_POLLS_S 900 /* a device that holds no poll opens a session at least so often */

struct keel_fleet_service {
	struct keel_fleet_config config;
	struct keel_fleet_keys keys;
	struct keel_judge_keys judge_keys; /* the same, as a judge needs them */
	struct keel_policy policy;
	struct keel_verified *verified;
	struct keel_fleet_products *products;
	struct keel_fleet_pages *pages;
	struct keel_fleet_devices *devices;
	struct keel_fleet_store *store;
	struct keel_reports *reports;
	struct keel_http_server *server;
	struct keel_console *console;         /* NULL: config.yaml names none */
	const struct keel_http_route *routes; /* its own, and the console's */
	size_t route_count;
	struct keel_clock clock;
	int signer;
	bool signer_lost; /* it ended, or what it said is no answer: the worker ends, too */
	struct event_base *base;
	uint64_t inbox_seen; /* the last item of the store's inbox that a poll was looked up for */
	uint8_t answer[KEEL_CALL_MAX]; /* that is written now */
};

static inline int64_t keel_fleet_now(const struct keel_fleet_service *s)
{
	return keel_wall_s(&s->clock);
}

/** What judges what is for this service at this time. */
struct keel_judge_here keel_fleet_here(const struct keel_fleet_service *s);

/* --- answers: reply.c --- */

void keel_fleet_reply(struct keel_fleet_service *s, struct keel_http_call *call,
	const struct keel_schema *schema, const void *result);
/** wait_s: with 429 and 503; else 0. */
void keel_fleet_refuse(struct keel_http_call *call, unsigned status, const char *word,
	const char *sentence, uint32_t wait_s);
/** The refusal that an error of the store's is told by. */
void keel_fleet_refuse_err(struct keel_http_call *call, enum keel_err e);
/** For the server: the bodies of its own refusals. */
const char *keel_fleet_explain(enum keel_http_refusal why, struct keel_wr *w);

/**
 * Whose call in a session it is, and what it says. False: it was refused, and answered.
 */
bool keel_fleet_call_open(struct keel_fleet_service *s, struct keel_http_call *call,
	struct keel_bytes body, const char *path, const struct keel_schema *schema, void *args,
	const struct keel_session **session);

/* --- what the routes do; over: a held call's end --- */

void keel_fleet_on_page(void *self, struct keel_http_call *call);
void keel_fleet_on_nonce(void *self, struct keel_http_call *call);
void keel_fleet_on_session(void *self, struct keel_http_call *call);
void keel_fleet_on_report(void *self, struct keel_http_call *call);
/** A call that waits for the disk: session, report. */
void keel_fleet_over_job(void *self, struct keel_http_call *call, enum keel_http_over why);
void keel_fleet_on_inbox(void *self, struct keel_http_call *call);
void keel_fleet_over_inbox(void *self, struct keel_http_call *call, enum keel_http_over why);
void keel_fleet_on_answer(void *self, struct keel_http_call *call);
void keel_fleet_on_relay(void *self, struct keel_http_call *call);
/** What the device's door would have given, to the owner who waits. */
void keel_fleet_relay_reply(struct keel_fleet_service *s, const struct keel_fleet_relay *r,
	uint64_t status, struct keel_bytes body);
void keel_fleet_over_relay(void *self, struct keel_http_call *call, enum keel_http_over why);

/** Answers a device's poll with what waits for it, where there is something; or with nothing, if so told. */
void keel_fleet_poll_answer(
	struct keel_fleet_service *s, struct keel_fleet_device *device, bool also_nothing);
/** Twice a second: polls that are over, devices that went. */
void keel_fleet_inbox_tick(struct keel_fleet_service *s);
/** Writes down when devices were heard: twice a second of some, so of each once a minute; or of all. */
void keel_fleet_presence_note(struct keel_fleet_service *s, bool all);

/**
 * The console: its files and routes, before the walls; then its store, and the link for the first
 * operator. Fills `routes` in any case.
 */
KEEL_CHECKED enum keel_err keel_fleet_console_load(
	struct keel_fleet_service *s, const char *dir, struct keel_fault *fault);
void keel_fleet_console_open(struct keel_fleet_service *s);

extern const struct keel_http_route keel_fleet_routes[];
extern const size_t keel_fleet_route_count;

/** A late answer would be taken for the next one's, so there is no next one. */
void keel_fleet_lost_signer(struct keel_fleet_service *s);

/** A job that holds a call: the beginning of a struct. NULL: whoever waited went. */
struct keel_fleet_held {
	struct keel_http_call *call;
	struct keel_fleet_service *service;
};

#endif

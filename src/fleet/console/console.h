/*
 * The operators' console: its pages (web/console, read into memory at the start) and its calls, on
 * keel-fleet's HTTP server. docs/console.md has the calls. EN 303 645 5.1, 5.5-4, 5.5-5, 6-2.
 *
 * A call is a POST with a flat JSON object; only a page of this origin can make one (Sec-Fetch-Site,
 * which no page can set), and but for coming in only who is signed in.
 */
#ifndef KEEL_FLEET_CONSOLE_H
#define KEEL_FLEET_CONSOLE_H

#include "fleet/store.h"
#include "http/server.h"

#define KEEL_CONSOLE_PAGE     "/console/"
#define KEEL_CONSOLE_LINK_MAX 512
/** What a sentence about the maker's policy has: its reason, and what that leads to. */
struct keel_console_rule {
	const char *reason, *action;
};

struct keel_console_config {
	const char *origin;  /* https://fleet.example, perhaps with a port */
	struct keel_key key; /* all workers', for challenges */
	struct keel_clock clock;
	const struct keel_console_rule *policy; /* ends with a reason that is NULL; lives as long */
};

struct keel_console;

/** Before the walls; the store comes later. What config points to lives as long as the console. */
struct keel_console *keel_console_new(const struct keel_console_config *config);
void keel_console_free(struct keel_console *c);
/** Reads what `npm run build` made, at most 64 files of 4 MiB. KEEL_ENONE: no index.html is there. */
KEEL_CHECKED enum keel_err keel_console_files(
	struct keel_console *c, const char *folder, struct keel_fault *fault);

/**
 * Its routes behind those of the caller, for a server's config; they live as long as the console.
 * `handle` and `over` are given each call of /console/, and hand it on to the two functions below.
 */
const struct keel_http_route *keel_console_routes(struct keel_console *c,
	const struct keel_http_route *others, size_t others_count,
	void (*handle)(void *self, struct keel_http_call *call),
	void (*over)(void *self, struct keel_http_call *call, enum keel_http_over why),
	size_t *count);
void keel_console_serve(struct keel_console *c, struct keel_http_call *call);
void keel_console_over(struct keel_http_call *call, enum keel_http_over why);

/** Before the first call. */
void keel_console_open(struct keel_console *c, struct keel_fleet_store *store);

/**
 * A one-time link for a new operator; the store keeps the hash of its secret alone.
 *
 * name    of who comes; "": they say it themselves
 * secret  what the caller's keel_fleet_invite is given
 */
void keel_console_link(
	const char *origin, struct keel_digest *secret, char out[KEEL_CONSOLE_LINK_MAX]);

#endif

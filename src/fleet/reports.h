/*
 * The desk's public side, for the worker: what a reporter's page, script or plain form asks and gets.
 * docs/report.md. EN 303 645 5.2-1.
 */
#ifndef KEEL_FLEET_REPORTS_H
#define KEEL_FLEET_REPORTS_H

#include "desk/sealed.h"
#include "fleet/allow.h"
#include "fleet/desk.h"
#include "fleet/work.h"
#include "http/server.h"

/* Where the declarations say nothing: PSTI asks for a time, and these are common ones. */
#define KEEL_DESK_ACKNOWLEDGE_S (2 * INT64_C(86400))
#define KEEL_DESK_STATUS_S      (14 * INT64_C(86400))

#define KEEL_DESK_AN_HOUR       20 /* reports with proof of work, of one address */
#define KEEL_DESK_PLAIN_AN_HOUR 4  /* and without */
#define KEEL_DESK_ALL_AN_HOUR   600
#define KEEL_DESK_PLAIN_ALL     60

enum keel_desk_page {
	KEEL_DESK_REPORT,
	KEEL_DESK_CASE,
	KEEL_DESK_SCRIPT,
	KEEL_DESK_STYLE,
	KEEL_DESK_PAGES
};

struct keel_reports {
	struct keel_work work;
	struct keel_allow worked, plain;
	struct keel_bytes pages[KEEL_DESK_PAGES]; /* as built; empty: none are served */
};

/** What the desk owes by the declarations, and whether the model is one of the maker's. */
struct keel_desk_promise {
	int64_t acknowledge_s, status_s;
	bool known;
};
/** model empty: the strictest that any product promises. */
struct keel_desk_promise keel_desk_promised(
	struct keel_fleet_store *store, struct keel_bytes model);

/** pages: the folder that `npm run build` of web/desk made; empty: none. KEEL_ENONE, KEEL_EFULL, KEEL_EIO. */
KEEL_CHECKED enum keel_err keel_reports_open(
	const char *pages, struct keel_reports **out, struct keel_fault *fault);
void keel_reports_close(struct keel_reports *r);

/* --- routes; self: struct keel_fleet_service ------------------------------------------------- */

void keel_desk_on_page(void *self, struct keel_http_call *call);
void keel_desk_on_case_page(void *self, struct keel_http_call *call);
void keel_desk_on_key(void *self, struct keel_http_call *call);
void keel_desk_on_ask(void *self, struct keel_http_call *call);
void keel_desk_on_sealed(void *self, struct keel_http_call *call);
void keel_desk_on_form(void *self, struct keel_http_call *call);
void keel_desk_on_plain_form(void *self, struct keel_http_call *call);
void keel_desk_on_case(void *self, struct keel_http_call *call);
void keel_desk_on_message(void *self, struct keel_http_call *call);
void keel_desk_on_piece(void *self, struct keel_http_call *call);

/* --- what they share: desk_pages.c ----------------------------------------------------------- */

extern const char *const keel_desk_fields[]; /* of every page */
/** Answers with the case page, saying this where a script would. */
void keel_desk_show(struct keel_http_call *call, struct keel_bytes page, unsigned status,
	struct keel_bytes html);

#endif

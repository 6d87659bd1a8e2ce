/* What the service answers: docs/service.md. */
#include "fleet/service.h"
#include "owner/ask.h"
#include "session/call.h"

#define JOB_MS   10000  /* the disk's patience */
#define FORM_MAX 131072 /* a text, each byte of which may be escaped */
#define INBOX_MS 60000  /* longer than any poll: the worker's own tick ends it first */

/* clang-format off */
#define PAGE(p) .method = KEEL_HTTP_GET, .path = (p), .handle = keel_fleet_on_page
#define POST(p, max) .method = KEEL_HTTP_POST, .path = (p), .body_max = (max), .type = KEEL_FLEET_TYPE
#define GET(p)  .method = KEEL_HTTP_GET, .path = (p)
#define FORM(p) .method = KEEL_HTTP_POST, .path = (p), .body_max = FORM_MAX, .type = "application/x-www-form-urlencoded"
#define HELD    .hold_ms = JOB_MS, .over = keel_fleet_over_job
const struct keel_http_route keel_fleet_routes[] = {
	{ POST(KEEL_PATH_NONCE, 64),            .handle = keel_fleet_on_nonce },
	{ POST(KEEL_PATH_SESSION, KEEL_CALL_MAX), .handle = keel_fleet_on_session, .hold_ms = JOB_MS, .over = keel_fleet_over_job },
	{ POST(KEEL_PATH_REPORT, KEEL_CALL_MAX),  .handle = keel_fleet_on_report, .hold_ms = JOB_MS, .over = keel_fleet_over_job },
	{ POST(KEEL_PATH_INBOX, 4096),          .handle = keel_fleet_on_inbox, .hold_ms = INBOX_MS, .over = keel_fleet_over_inbox },
	{ POST(KEEL_PATH_ANSWER, KEEL_CALL_MAX),  .handle = keel_fleet_on_answer },
	{ POST("/v1/relay", KEEL_RELAY_MAX),    .handle = keel_fleet_on_relay, .hold_ms = KEEL_FLEET_RELAY_MS, .over = keel_fleet_over_relay },
	{ PAGE("/") },
	{ PAGE("/style.css") },
	{ PAGE("/.well-known/security.txt") },
	{ PAGE("/p/"), .below = true },
	/* Reporters of vulnerabilities: docs/report.md. */
	{ GET("/report"),     .handle = keel_desk_on_page },
	{ GET("/report.js"),  .handle = keel_desk_on_page },
	{ GET("/report.css"), .handle = keel_desk_on_page },
	{ GET("/case"),       .handle = keel_desk_on_case_page },
	{ FORM("/report"),    .handle = keel_desk_on_plain_form, HELD },
	{ GET(KEEL_DESK_KEY_PATH), .handle = keel_desk_on_key },
	{ GET("/v1/report-vulnerability"),  .handle = keel_desk_on_ask },
	{ FORM("/v1/report-vulnerability"), .handle = keel_desk_on_form, HELD },
	{ POST("/v1/report-vulnerability/sealed", KEEL_CALL_MAX), .handle = keel_desk_on_sealed, HELD },
	{ POST("/v1/case", 128),                      .handle = keel_desk_on_case },
	{ POST("/v1/case/message", KEEL_CALL_MAX),    .handle = keel_desk_on_message, HELD },
	{ POST("/v1/case/piece", KEEL_CALL_MAX),      .handle = keel_desk_on_piece, HELD },
};
/* clang-format on */
const size_t keel_fleet_route_count = KEEL_COUNT(keel_fleet_routes);

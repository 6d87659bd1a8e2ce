/* What the service answers: docs/service.md. */
#include "fleet/service.h"
#include "owner/ask.h"
#include "session/call.h"

#define JOB_MS   10000 /* the disk's patience */
#define INBOX_MS 60000 /* longer than any poll: the worker's own tick ends it first */

/* clang-format off */
#define PAGE(p) .method = KEEL_HTTP_GET, .path = (p), .handle = keel_fleet_on_page
#define POST(p, max) .method = KEEL_HTTP_POST, .path = (p), .body_max = (max), .type = KEEL_FLEET_TYPE
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
};
/* clang-format on */
const size_t keel_fleet_route_count = KEEL_COUNT(keel_fleet_routes);

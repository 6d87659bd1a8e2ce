/*
 * Reports: what a device tells the service, numbered within the home id from 1. docs/service.md,
 * Calls in a session. EN 303 645 5.9-3, 5.10-1, 6-4.
 */
#ifndef KEEL_SESSION_REPORT_H
#define KEEL_SESSION_REPORT_H

#include "owner/ops.h"

#define KEEL_REPORT_ITEMS_MAX   64
#define KEEL_REPORT_PAYLOAD_MAX 4096

/** What a payload is. Values travel; one that is not known here is refused by whoever judges it. */
enum keel_report_kind {
	KEEL_REPORT_TELEMETRY = 0, /* a SenML pack in CBOR, session/senml.h */
	KEEL_REPORT_EVENT = 1,     /* keel_report_event */
};

struct keel_report_item {
	uint32_t has;
	uint64_t number;
	uint64_t kind;
	int64_t time; /* Unix seconds, 0 where the device did not know it */
	struct keel_bytes payload;
};
extern const struct keel_schema keel_report_item_schema;
extern const struct keel_row keel_report_item_row;

struct keel_report_args {
	uint32_t has;
	struct keel_list items; /* keel_report_item_row */
	uint64_t dropped;       /* of this home id, for want of room, since its first */
};
extern const struct keel_schema keel_report_args_schema;
/** What a row cannot say. KEEL_EFORM: the numbers do not rise. */
KEEL_CHECKED enum keel_err keel_report_check(const struct keel_report_args *args);

struct keel_report_result {
	uint32_t has;
	uint64_t taken; /* the last: the device forgets up to it */
};
extern const struct keel_schema keel_report_result_schema;

/** A security event. */
struct keel_report_event {
	uint32_t has;
	struct keel_bytes word, detail;
};
extern const struct keel_schema keel_report_event_schema;

#endif

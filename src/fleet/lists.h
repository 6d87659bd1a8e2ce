/*
 * Lists for the console, a page at a time: each goes on from where the last page ended, and stops
 * where `each` says false. What a row points to lives until `each` returns. Beside store.h.
 */
#ifndef KEEL_FLEET_LISTS_H
#define KEEL_FLEET_LISTS_H

#include "fleet/store.h"

#define KEEL_FLEET_LATEST INT64_MAX /* before: from the latest on */

/** As keel_fleet_units, behind this serial ("": from the first on). */
KEEL_CHECKED enum keel_err keel_fleet_units_after(struct keel_fleet_store *s, const char *search,
	const char *after, bool (*each)(void *self, const struct keel_fleet_listed *row),
	void *self);

struct keel_fleet_decision_row {
	int64_t time_s;
	uint64_t decision;
	const char *reasons;
	struct keel_bytes token;
	bool quoted; /* the grade of the evidence: keel_grade_word */
};
/** What was decided of a unit in its present home, the latest first. */
KEEL_CHECKED enum keel_err keel_fleet_decisions_of(struct keel_fleet_store *s,
	const uint8_t id[KEEL_DEVICE_ID_LEN],
	bool (*each)(void *self, const struct keel_fleet_decision_row *row), void *self);

/** A unit's reports of one kind with a lower number than this, the latest first. */
KEEL_CHECKED enum keel_err keel_fleet_reports_before(struct keel_fleet_store *s,
	const uint8_t id[KEEL_DEVICE_ID_LEN], uint64_t kind, int64_t before,
	bool (*each)(void *self, const struct keel_fleet_report_row *row), void *self);

struct keel_fleet_event_row {
	int64_t place; /* the next page is before the last one's */
	uint8_t id[KEEL_DEVICE_ID_LEN];
	const char *serial;
	struct keel_fleet_report_row report;
};
/** Security events of all units, as they came, the latest first. */
KEEL_CHECKED enum keel_err keel_fleet_events(struct keel_fleet_store *s, int64_t before,
	bool (*each)(void *self, const struct keel_fleet_event_row *row), void *self);

/** What was refused of one unit. */
KEEL_CHECKED enum keel_err keel_fleet_odd_of(struct keel_fleet_store *s,
	const uint8_t id[KEEL_DEVICE_ID_LEN],
	bool (*each)(void *self, const struct keel_fleet_odd_row *row), void *self);

/** The audit log, the latest first; unverified: keel_fleet_audit verifies it. */
KEEL_CHECKED enum keel_err keel_fleet_audit_before(struct keel_fleet_store *s, int64_t before,
	bool (*each)(void *self, const struct keel_fleet_audit_row *row), void *self);

#endif

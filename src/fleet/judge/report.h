/*
 * Judges one report's item against the declaration: only what is declared is kept. docs/service.md,
 * Reports. EN 303 645 5.10-1, 6-4, 6-5.
 */
#ifndef KEEL_FLEET_JUDGE_REPORT_H
#define KEEL_FLEET_JUDGE_REPORT_H

#include "fleet/judge/product.h"
#include "session/report.h"
#include "session/senml.h"

/** Why an item is refused: counted, not kept, and the device flagged. */
enum keel_odd {
	KEEL_ODD_NOT,        /* kept */
	KEEL_ODD_KIND,       /* a kind that is not known here */
	KEEL_ODD_FORM,       /* no SenML pack, or no event */
	KEEL_ODD_UNDECLARED, /* a name that the declaration does not have */
	KEEL_ODD_UNIT,       /* another unit than declared */
	KEEL_ODD_RANGE,      /* beyond its declared bounds */
	KEEL_ODD_TIME,       /* of a time to come, or so old that it would not be kept */
	KEEL_ODD_OFTEN, /* more often than declared; or more events than a device has to tell */
	KEEL_ODD_COUNT
};
/** "kept", "kind", "form", … Never changes once released. */
const char *keel_odd_word(enum keel_odd odd);

#define KEEL_REPORT_AHEAD_S 300 /* by which a device's clock may be ahead */
#define KEEL_PACE_EARLY     1   /* so many periods a measurement may come early */
#define KEEL_PACE_UNTIMED   256 /* a device that did not know the time may bring so many at once */
#define KEEL_EVENT_EVERY_S  60  /* and so a device's events, whose longest queue is as long */

/**
 * How often one measurement came from one device: when the next is due, by the device's time, and by
 * the service's for those that had none. {0} for a device that is new here, or was forgotten: it may
 * then come early once more. The caller keeps product->telemetry_count + 1 of them for each device:
 * the last is its events', by the service's time.
 */
struct keel_pace {
	int64_t due_s, untimed_due_s;
};

struct keel_report_judged {
	enum keel_odd odd;
	char detail[KEEL_SENML_NAME_MAX + 1]; /* which name, where it is one; else empty */
	uint64_t keep_s; /* of telemetry: the shortest that is declared for what is in it; else 0 */
};

/** A pack is taken whole or not at all. pace moves only for what is taken. */
struct keel_report_judged keel_judge_report(const struct keel_judge_product *product,
	const struct keel_report_item *item, int64_t now, struct keel_pace *pace);

#endif

/*
 * The support period as the service has published it: it may be extended, never shortened.
 * EN 303 645 5.3-13; UK SI 2023/1007, schedule 1, paragraph 3.
 */
#ifndef KEEL_FLEET_PUBLIC_SUPPORT_H
#define KEEL_FLEET_PUBLIC_SUPPORT_H

#include "core/bytes.h"

/** What was published, and on which day; days since 1970-01-01. A history begins with the oldest. */
struct keel_published {
	int64_t on, until;
};

enum keel_support_step {
	KEEL_SUPPORT_PUBLISH, /* the first, or an extension: add it to the history */
	KEEL_SUPPORT_SAME,    /* is published already */
	KEEL_SUPPORT_REFUSE,  /* would shorten what was promised to buyers */
};

/** What to do with a declaration that says so. */
enum keel_support_step keel_support_judge(
	const struct keel_published *history, size_t count, int64_t until);

/** The end that holds: the latest that was ever published; `declared` where nothing was yet. */
int64_t keel_support_until(const struct keel_published *history, size_t count, int64_t declared);

#endif

/* Which of two software versions is the later. EN 303 645 5.3-2. */
#ifndef KEEL_FLEET_JUDGE_VERSION_H
#define KEEL_FLEET_JUDGE_VERSION_H

#include "core/bytes.h"

/**
 * Below 0: a is earlier than b; 0: the same; above 0: later. Part by part, between the dots: numbers
 * as numbers (1.9 before 1.10), a part that is missing before one that is there, unless that begins
 * with a dash in it (1.2.0-rc1 before 1.2.0, as SemVer has it), else by bytes.
 */
int keel_version_compare(struct keel_bytes a, struct keel_bytes b);

#endif

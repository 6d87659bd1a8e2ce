/* What an attacker does to any message: changes each bit, cuts it, lengthens it, leaves a row out. */
#ifndef KEEL_TESTS_SESSION_HOSTILE_H
#define KEEL_TESTS_SESSION_HOSTILE_H

#include "core/schema.h"

/** Whether the reader under test takes these bytes. */
typedef bool hostile_takes(void *self, struct keel_bytes in);

/** How many of all one-bit changes, cuts, and tails of one byte are taken: should be none. */
unsigned hostile_changes_taken(struct keel_bytes good, hostile_takes *takes, void *self);

/**
 * Writes the record (a map), leaves each row out in turn, and counts those whose absence is taken
 * though the row is not optional, and those refused though it is; and an unknown row that is taken.
 */
unsigned hostile_rows_wrong(const struct keel_schema *s, const void *record);

#endif

/* What a row of the declaration's table allows, in words: what every refusal tells to write. */
#ifndef KEEL_PROFILE_ALLOWED_H
#define KEEL_PROFILE_ALLOWED_H

#include "core/schema.h"

#define KEEL_ALLOWED_MAX 240

/**
 * Fits after "write": "a whole number from 1 to 65535", "a time from 1 minute to 1 year, like 2
 * days", "one of: tpm, file". Cut where it is longer.
 */
void keel_allowed_say(const struct keel_row *row, char out[static KEEL_ALLOWED_MAX]);

/** The names of a schema's fields: "name, address, key". */
void keel_allowed_fields(const struct keel_schema *s, char *out, size_t cap);

#endif

/*
 * Test vectors: JSON files in tests/vectors, and their hex. What does not fit (no such file, no such
 * field, no hex) ends the test program with a sentence: a missing vector must not pass.
 */
#ifndef KEEL_TESTS_VECTORS_H
#define KEEL_TESTS_VECTORS_H

#include <jansson.h>

#include "core/bytes.h"

/** Loads "wycheproof/hmac_sha256_test.json"; json_decref when done. */
json_t *vectors_load(const char *file);

/** The same with every number as a real, for files with integers past 2^63. */
json_t *vectors_load_reals(const char *file);

/** Decodes hex into buf and gives a view of it. */
struct keel_bytes vectors_hex(const char *hex, uint8_t *buf, size_t cap);

/** The same for a member of a JSON object. */
struct keel_bytes vectors_field(const json_t *object, const char *name, uint8_t *buf, size_t cap);

/** A member that is a string. */
const char *vectors_text(const json_t *object, const char *name);

#endif

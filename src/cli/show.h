/* Shows any record that a schema describes, for a person or as JSON: no command prints by hand. */
#ifndef KEEL_CLI_SHOW_H
#define KEEL_CLI_SHOW_H

#include <stdio.h>

#include "core/schema.h"
#include "owner/ops.h"

/**
 * One record of schema s. json: one object, its keys the rows' names with '_' for spaces, byte strings
 * in hexadecimal, lists as arrays. Else: "name: value" a line, lists as indented lines;
 * a record that is nothing but a list of records as a table.
 * Values of the physical world (rows named "value") are shown in their unit, not in thousandths;
 * for a person, moments as date and time, and states, roles and the like by their word.
 */
void keel_show(FILE *out, const struct keel_schema *s, const void *record, bool json);

/** The word or the moment that a number of this name (role, consent, time, until…) stands for. */
void keel_show_word(FILE *out, const char *name, uint64_t v);

/** "  "quoted and escaped"" for JSON. */
void keel_show_json_text(FILE *out, struct keel_bytes text);

/** In hexadecimal digits, as keel_hex_write has them. */
void keel_show_hex(FILE *out, struct keel_bytes b);

#endif

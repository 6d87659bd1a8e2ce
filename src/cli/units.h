/*
 * A batch of claim codes before it leaves the factory: the CSV of `keel provision --batch`, or any
 * other with a column `code`. Every other column (serial, id, mac, …) is taken for public, and a code
 * must not follow from it. EN 303 645 5.1-2; UK regulations 2023/1007, schedule 1, paragraph 1.
 */
#ifndef KEEL_CLI_UNITS_H
#define KEEL_CLI_UNITS_H

#include "core/bytes.h"

struct keel_units_fault {
	unsigned line; /* from 1; 0: the whole file */
	char what[200];
	char next[200];
};

/**
 * KEEL_EFORM: it is no such CSV. KEEL_ERANGE: a code is short, mistyped, equal or close to another,
 * one of a series, or derived from another column. fault never holds a code. count: units read.
 */
KEEL_CHECKED enum keel_err keel_units_check(
	struct keel_bytes csv, size_t *count, struct keel_units_fault *fault);

#endif

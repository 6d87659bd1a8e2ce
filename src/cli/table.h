/* A table for a person's eyes: columns as wide as what stands in them. */
#ifndef KEEL_CLI_TABLE_H
#define KEEL_CLI_TABLE_H

#include <stdio.h>

#define KEEL_TABLE_COLUMNS_MAX 8

struct keel_table {
	FILE *cells; /* each ends with a NUL */
	char *text;
	size_t size;
	size_t columns, count;
};

/** Begins with its headings; NULL ends them. */
void keel_table_open(struct keel_table *t, const char *const *headings);
/** What is written to this until the next call is the next cell, row by row. */
FILE *keel_table_cell(struct keel_table *t);
/** Prints it, and frees what it took. A table without rows prints `none` (NULL: nothing). */
void keel_table_print(struct keel_table *t, FILE *out, const char *none);

#endif

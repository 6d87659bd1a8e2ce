/* SQLite alone: rows as a report's, inserted at the store's durability, so many in a commit. */
#ifndef KEEL_BENCH_ROWS_H
#define KEEL_BENCH_ROWS_H

#include <sqlite3.h>

#include "core/bytes.h"

struct keel_rows {
	sqlite3 *db;
	sqlite3_stmt *insert;
	int64_t number;
};

/** A new database at path. Ends the program where it fails. */
void keel_rows_open(struct keel_rows *r, const char *path);
void keel_rows_close(struct keel_rows *r);
/** Rows a second, over count of them. */
double keel_rows_run(
	struct keel_rows *r, unsigned together, unsigned count, struct keel_bytes payload);

#endif

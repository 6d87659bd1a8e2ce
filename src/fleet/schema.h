/* The database's shape, and how an older one becomes it: a table of steps, each a version. */
#ifndef KEEL_FLEET_SCHEMA_H
#define KEEL_FLEET_SCHEMA_H

#include <sqlite3.h>

#include "core/err.h"

/** The version that this program writes. */
int keel_fleet_schema_version(void);

/**
 * Runs the steps that the file lacks, in one transaction. KEEL_ESTATE: its version is higher than
 * ours. KEEL_EFORM: not a database of ours. KEEL_EIO.
 */
KEEL_CHECKED enum keel_err keel_fleet_schema_upgrade(sqlite3 *db);

#endif

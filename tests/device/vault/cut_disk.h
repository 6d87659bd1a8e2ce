/*
 * A disk in memory, under SQLite's VFS, whose power is cut at one step. Every write, truncate, sync
 * and delete is a step; the one at which it dies is torn, and all calls after it fail. After the
 * boot a file is what was synced, and of what was not: nothing, all of it, or every other write.
 */
#ifndef KEEL_TESTS_CUT_DISK_H
#define KEEL_TESTS_CUT_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CUT_FILES 4

enum cut_loss { CUT_LOSES_ALL, CUT_KEEPS_ALL, CUT_KEEPS_EVERY_OTHER, CUT_LOSSES };

struct cut_bytes {
	uint8_t *p;
	size_t n, room;
};

struct cut_write {
	size_t at;
	struct cut_bytes bytes;
	bool truncates; /* to `at` */
};

struct cut_file {
	char name[32]; /* empty: not there */
	struct cut_bytes synced, now;
	struct cut_write *writes; /* since the last sync */
	size_t count;
};

struct cut_disk {
	struct cut_file files[CUT_FILES];
	unsigned steps; /* done */
	unsigned lives; /* the step at which it dies; UINT_MAX never */
	bool dead;
	enum cut_loss loss;
};

/** Registers the VFS "cut" over this disk, the one that a test uses at a time. */
void cut_disk_register(struct cut_disk *d);
/** One step of something else on the same power: false if it dies here. */
bool cut_disk_step(struct cut_disk *d);
/** Power is back; the disk will not die again until `lives` is set. */
void cut_disk_boot(struct cut_disk *d);
void cut_disk_clear(struct cut_disk *d);
/**
 * At every how many-th step a test is to cut: 1, or what KEEL_CUT_EVERY says, which is then printed. Sanitizers look for
 * mistakes in the same few paths again and again, each ten times slower.
 */
unsigned cut_disk_every(void);

#endif

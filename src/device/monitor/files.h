/*
 * The installed files against the maker's list (profile/measures.h). The look goes round them in
 * slices, so that the monitor is never long away from its ports, whatever the files are or were
 * made. EN 303 645 5.7-1, 5.7-2.
 */
#ifndef KEEL_DEVICE_MONITOR_FILES_H
#define KEEL_DEVICE_MONITOR_FILES_H

#include "device/measure.h"
#include "profile/measures.h"

#define KEEL_SLICE_FILES 4
#define KEEL_SLICE_BYTES (16u << 20) /* most of a second for a slow processor */

enum keel_file_state { FILE_AS_BUILT, FILE_CHANGED, FILE_MISSING };

struct keel_file {
	char path[KEEL_MEASURED_PATH_MAX + 1];
	uint64_t size;
	struct keel_digest built;
	enum keel_file_state state; /* at the last look */
};

struct keel_files {
	struct keel_file of[KEEL_MEASURES_FILES];
	size_t count;
	size_t turn;  /* whose look is next, or goes on */
	bool looking; /* it goes on */
	struct keel_measuring reading;
};

/**
 * Reads the signed list from fd, for this compiled declaration. On an error the list is empty.
 * KEEL_ENONE: fd is -1. Else nothing of it was used: KEEL_EAUTH (not this maker's, not for this
 * declaration, changed), KEEL_EIO, KEEL_EFULL, KEEL_ESHORT, KEEL_EFORM, KEEL_ERANGE.
 */
KEEL_CHECKED enum keel_err keel_files_read(
	int fd, struct keel_bytes product, struct keel_files *out);
/** The folders that have to be readable for the look; NULL ends them. Each to be freed. */
void keel_files_folders(const struct keel_files *f, char *folders[KEEL_MEASURES_FOLDERS + 1]);
/**
 * The next slice of the round: ends the look at KEEL_SLICE_FILES files, or reads KEEL_SLICE_BYTES,
 * whichever comes first. A file of another size, or what is no file, is changed without being read.
 * changed: called for each file that stands otherwise than at its last look.
 */
void keel_files_look(struct keel_files *f,
	void (*changed)(void *self, const struct keel_file *file), void *self);
/** Whether some listed file has this digest. */
bool keel_files_have(const struct keel_files *f, struct keel_bytes sha256);
/** How many were not as built when they were last looked at. */
size_t keel_files_wrong(const struct keel_files *f);

#endif

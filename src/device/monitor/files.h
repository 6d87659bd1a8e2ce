/*
 * The installed files against the list of the build: lines as sha256sum writes them, "digest  path".
 * EN 303 645 5.7-1, 5.7-2.
 */
#ifndef KEEL_DEVICE_MONITOR_FILES_H
#define KEEL_DEVICE_MONITOR_FILES_H

#include "crypto/crypto.h"

#define KEEL_FILES_MAX 256

enum keel_file_state { FILE_AS_BUILT, FILE_CHANGED, FILE_MISSING };

struct keel_file {
	char *path; /* absolute */
	struct keel_digest built;
	enum keel_file_state state; /* at the last look */
};

struct keel_files {
	struct keel_file of[KEEL_FILES_MAX];
	size_t count;
};

/** Reads the list from fd (-1: there is none, and the list is empty). KEEL_EFORM: a line is no such. */
KEEL_CHECKED enum keel_err keel_files_read(int fd, struct keel_files *out);
void keel_files_clear(struct keel_files *f);
/** The folders that have to be readable for the look; at most max with the NULL that ends them. */
void keel_files_folders(const struct keel_files *f, char *folders[], size_t max);
/** Looks at one file. */
enum keel_file_state keel_file_look(const struct keel_file *f);

#endif

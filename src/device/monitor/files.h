/* The installed files against the maker's list (profile/measures.h). EN 303 645 5.7-1, 5.7-2. */
#ifndef KEEL_DEVICE_MONITOR_FILES_H
#define KEEL_DEVICE_MONITOR_FILES_H

#include "profile/measures.h"

enum keel_file_state { FILE_AS_BUILT, FILE_CHANGED, FILE_MISSING };

struct keel_file {
	char path[KEEL_MEASURED_PATH_MAX + 1];
	struct keel_digest built;
	enum keel_file_state state; /* at the last look */
};

struct keel_files {
	struct keel_file of[KEEL_MEASURES_FILES];
	size_t count;
};

/**
 * Reads the signed list from fd, for this compiled declaration. On an error the list is empty.
 * KEEL_ENONE: fd is -1. Else nothing of it was used: KEEL_EAUTH (not this maker's, not for this
 * declaration, changed), KEEL_EIO, KEEL_EFULL, KEEL_ESHORT, KEEL_EFORM, KEEL_ERANGE.
 */
KEEL_CHECKED enum keel_err keel_files_read(
	int fd, struct keel_bytes product, struct keel_files *out);
/** The folders that have to be readable for the look; at most max with the NULL that ends them. */
void keel_files_folders(const struct keel_files *f, char *folders[], size_t max);
/** Looks at one file. */
enum keel_file_state keel_file_look(const struct keel_file *f);
/** Whether some listed file has this digest. */
bool keel_files_have(const struct keel_files *f, struct keel_bytes sha256);
/** How many were not as built when they were last looked at. */
size_t keel_files_wrong(const struct keel_files *f);

#endif

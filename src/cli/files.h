/* Whole small files: read into a caller's buffer, written durably or not at all. */
#ifndef KEEL_CLI_FILES_H
#define KEEL_CLI_FILES_H

#include <sys/types.h>

#include "core/bytes.h"

/** KEEL_ENONE: no such file. KEEL_EFULL: longer than cap. KEEL_EIO: the fault has errno and path. */
KEEL_CHECKED enum keel_err keel_file_read(
	const char *path, void *buf, size_t cap, struct keel_bytes *out, struct keel_fault *fault);
/** Writes beside, syncs, renames. */
KEEL_CHECKED enum keel_err keel_file_write(
	const char *path, struct keel_bytes content, mode_t mode, struct keel_fault *fault);
/** Makes the folder and those above it, each 0700. */
KEEL_CHECKED enum keel_err keel_folder_make(const char *path, struct keel_fault *fault);

/** Fills fault of errno: "cannot make the folder x: …", and what to do where that is known. Gives the kind. */
KEEL_CHECKED enum keel_err keel_file_failed(
	struct keel_fault *fault, const char *doing, const char *path);

#endif

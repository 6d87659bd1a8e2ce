/*
 * The root and the store's generation in a file of the vault's own, for a product that declares no
 * TPM. Replaced by write, sync, rename, sync; the former content is then overwritten, as far as the
 * medium lets one: a copy made earlier, and a flash block not yet erased, can still hold it. So such
 * a root does not say that it destroys. EN 303 645 5.4-1, 5.11-1.
 *
 * Invariants (tests name them):
 *  1 A cut at any step leaves the former root or the new one, whole.
 *  2 After KEEL_OK the new one survives any later cut.
 */
#ifndef KEEL_DEVICE_VAULT_ROOT_FILE_H
#define KEEL_DEVICE_VAULT_ROOT_FILE_H

#include <sys/types.h>

#include "device/vault/store/store.h"

/** The system calls that write, as a seam: a test cuts the power at each. Results as in POSIX. */
struct keel_root_io {
	int (*open)(void *self, int dir, const char *name, int flags, mode_t mode);
	ssize_t (*pwrite)(void *self, int fd, const void *p, size_t n);
	ssize_t (*pread)(void *self, int fd, void *p, size_t n);
	int (*sync)(void *self, int fd);
	int (*rename)(void *self, int dir, const char *from, const char *to);
	int (*close)(void *self, int fd);
	void *self;
};

/** The system's own. */
extern const struct keel_root_io keel_root_io_system;

struct keel_root_file {
	int dir; /* the folder; the caller's */
	struct keel_root_io io;
};

/** The place's two functions over `f`, which must live as long. */
struct keel_root keel_root_file_of(struct keel_root_file *f);

#endif

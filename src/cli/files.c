#include "cli/files.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/fault.h"

static void close_fd(const int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
}

/* clang-format off */
static const struct {
	int os;
	const char *next;
} nexts[] = {
	{ ENOENT,       "check the path" },
	{ ENOTDIR,      "check the path: a part of it is no folder" },
	{ EISDIR,       "name a file, not a folder" },
	{ EACCES,       "check who may read and write there" },
	{ EPERM,        "check who may read and write there" },
	{ EROFS,        "name a place that can be written" },
	{ ENOSPC,       "make room there, then try again" },
	{ ENAMETOOLONG, "name a shorter path" },
};
/* clang-format on */

enum keel_err keel_file_failed(struct keel_fault *fault, const char *doing, const char *path)
{
	int os = errno;
	const char *next = "";
	for (size_t i = 0; i < KEEL_COUNT(nexts); i++)
		if (nexts[i].os == os)
			next = nexts[i].next;
	fault->os = os;
	return keel_fault_format(fault, os == ENOENT ? KEEL_ENONE : KEEL_EIO, next,
		"cannot %s %.120s: %s", doing, path, strerror(os));
}

enum keel_err keel_file_read(
	const char *path, void *buf, size_t cap, struct keel_bytes *out, struct keel_fault *fault)
{
	keel_auto(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return keel_file_failed(fault, "open", path);
	size_t n = 0;
	for (;;) {
		ssize_t got = read(fd, (uint8_t *)buf + n, cap - n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return keel_file_failed(fault, "read", path);
		if (got == 0)
			break;
		n += (size_t)got;
		if (n == cap)
			return keel_fault_format(fault, KEEL_EFULL,
				"check that this is the file that was meant",
				"%.120s is longer than such a file can be", path);
	}
	*out = (struct keel_bytes){ buf, n };
	return KEEL_OK;
}

static bool write_all(int fd, struct keel_bytes b)
{
	while (b.n > 0) {
		ssize_t put = write(fd, b.p, b.n);
		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return false;
		b.p += put;
		b.n -= (size_t)put;
	}
	return true;
}

static bool sync_folder_of(const char *path)
{
	char copy[512];
	if (snprintf(copy, sizeof(copy), "%s", path) >= (int)sizeof(copy))
		return false;
	keel_auto(close_fd) int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd >= 0 && fsync(fd) == 0;
}

enum keel_err keel_file_write(
	const char *path, struct keel_bytes content, mode_t mode, struct keel_fault *fault)
{
	char beside[512];
	if (snprintf(beside, sizeof(beside), "%s.new", path) >= (int)sizeof(beside)) {
		errno = ENAMETOOLONG;
		return keel_file_failed(fault, "write", path);
	}
	(void)unlink(beside);
	keel_auto(close_fd) int fd =
		open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
	if (fd < 0 || !write_all(fd, content) || fsync(fd) != 0 || rename(beside, path) != 0 ||
		!sync_folder_of(path)) {
		enum keel_err e = keel_file_failed(fault, "write", path);
		(void)unlink(beside); /* it may hold a key */
		return e;
	}
	return KEEL_OK;
}

enum keel_err keel_folder_make(const char *path, struct keel_fault *fault)
{
	char part[512];
	size_t n = strlen(path);
	if (n >= sizeof(part)) {
		errno = ENAMETOOLONG;
		return keel_file_failed(fault, "make the folder", path);
	}
	for (size_t i = 1; i <= n; i++) {
		if (path[i] != '/' && path[i] != '\0')
			continue;
		memcpy(part, path, i);
		part[i] = '\0';
		if (mkdir(part, 0700) != 0 && errno != EEXIST)
			return keel_file_failed(fault, "make the folder", part);
	}
	return KEEL_OK;
}

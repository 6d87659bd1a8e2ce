/* Which process holds a socket: its number stands behind one of the links in /proc/PID/fd. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "device/parent.h"

static void folder_close(DIR **d)
{
	if (*d != NULL)
		(void)closedir(*d);
}

static bool holds(int proc, const char *pid, const char *link)
{
	char path[64], target[64];
	(void)snprintf(path, sizeof(path), "%.20s/fd", pid);
	int fd = openat(proc, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return false;
	keel_auto(folder_close) DIR *d = fdopendir(fd);
	if (d == NULL) {
		(void)close(fd);
		return false;
	}
	for (const struct dirent *e; (e = readdir(d)) != NULL;) {
		ssize_t n = readlinkat(fd, e->d_name, target, sizeof(target) - 1);
		if (n > 0 && strncmp(target, link, (size_t)n) == 0 && strlen(link) == (size_t)n)
			return true;
	}
	return false;
}

static void name_of(int proc, const char *pid, char name[64])
{
	char path[64];
	(void)snprintf(path, sizeof(path), "%.20s/comm", pid);
	int fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, name, 63);
	if (fd >= 0)
		(void)close(fd);
	name[n > 0 ? n : 0] = '\0';
	/* A process chooses its own name: only what a log line can hold is passed on. */
	for (char *c = name; *c != '\0'; c++) {
		if (*c == '\n')
			*c = '\0';
		else if (*c < '!' || *c > '~')
			*c = '?';
		if (*c == '\0')
			break;
	}
}

bool keel_whose(uint64_t inode, pid_t *pid, char name[64])
{
	char link[48];
	(void)snprintf(link, sizeof(link), "socket:[%llu]", (unsigned long long)inode);
	keel_auto(folder_close) DIR *d = opendir("/proc");
	if (d == NULL)
		return false;
	for (const struct dirent *e; (e = readdir(d)) != NULL;) {
		if (e->d_name[0] < '1' || e->d_name[0] > '9' || !holds(dirfd(d), e->d_name, link))
			continue;
		*pid = (pid_t)strtol(e->d_name, NULL, 10);
		name_of(dirfd(d), e->d_name, name);
		return true;
	}
	return false;
}

#include "device/monitor/processes.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What is read of a status: the lines that count are its first ones. */
#define STATUS_MAX 1024

/* What follows "name:\t" at the beginning of a line; NULL: no such line. The kernel escapes line
 * feeds in a process's name, so that it cannot write a line of its own. */
static const char *line_of(const char *status, const char *name)
{
	size_t n = strlen(name);
	for (const char *line = status; *line != '\0';) {
		if (strncmp(line, name, n) == 0 && strncmp(line + n, ":\t", 2) == 0)
			return line + n + 2;
		const char *end = strchr(line, '\n');
		line = end == NULL ? line + strlen(line) : end + 1;
	}
	return NULL;
}

static bool number_of(const char *status, const char *name, unsigned long *out)
{
	const char *text = line_of(status, name);
	char *end;
	if (text == NULL || *text < '0' || *text > '9')
		return false;
	*out = strtoul(text, &end, 10);
	return *end == '\n' || *end == '\t';
}

static void name_of(const char *status, char *out, size_t size)
{
	const char *text = line_of(status, "Name");
	size_t n = text == NULL ? 0 : strcspn(text, "\n");
	if (n >= size)
		n = size - 1;
	for (size_t i = 0; i < n; i++) {
		if (text[i] > ' ' && text[i] <= '~')
			out[i] = text[i];
		else
			out[i] = '?';
	}
	out[n] = '\0';
}

bool keel_process_read(const char *status, struct keel_process *out)
{
	struct keel_process p;
	unsigned long pid, parent, user;
	const char *state = line_of(status, "State");
	if (state == NULL || *state == 'Z' || *state == 'X' || !number_of(status, "Pid", &pid) ||
		!number_of(status, "PPid", &parent) || !number_of(status, "Uid", &user))
		return false;
	p.pid = (int)pid;
	p.parent = (int)parent;
	p.user = (unsigned)user;
	name_of(status, p.name, sizeof(p.name));
	*out = p;
	return true;
}

/* One that ended since it was listed is none. */
static bool look_at(int proc, const char *pid, struct keel_process *out)
{
	char path[32], status[STATUS_MAX + 1];
	(void)snprintf(path, sizeof(path), "%.20s/status", pid);
	int fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	ssize_t n = read(fd, status, STATUS_MAX);
	(void)close(fd);
	status[n > 0 ? n : 0] = '\0';
	return keel_process_read(status, out);
}

enum keel_err keel_processes_each(
	void (*each)(void *self, const struct keel_process *p), void *self)
{
	struct keel_process p;
	DIR *d = opendir("/proc");
	if (d == NULL)
		return KEEL_EIO;
	for (const struct dirent *e; (e = readdir(d)) != NULL;)
		if (e->d_name[0] >= '1' && e->d_name[0] <= '9' && look_at(dirfd(d), e->d_name, &p))
			each(self, &p);
	(void)closedir(d);
	return KEEL_OK;
}

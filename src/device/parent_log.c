#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "device/parent.h"

void keel_parent_log(
	enum keel_log_level level, const char *event, const struct keel_log_pair *pairs, size_t n)
{
	char line[KEEL_LOG_LINE_MAX];
	size_t len = keel_log_format(
		line, time(NULL), level, keel_rooms[ROOM_PARENT].name, event, pairs, n);
	ssize_t done = write(STDERR_FILENO, line, len);
	(void)done; /* a log that nobody takes stops nothing */
}

void keel_parent_fault(const struct keel_fault *f)
{
	const char *os = f->os != 0 ? strerror(f->os) : keel_err_text(f->err);
	(void)dprintf(STDERR_FILENO, "keeld: %s: %s\n", f->what, os);
	if (f->next[0] != '\0')
		(void)dprintf(STDERR_FILENO, "  Next: %s.\n", f->next);
}

enum keel_err keel_fault_of_os(
	struct keel_fault *fault, const char *doing, const char *what, const char *next)
{
	*fault = (struct keel_fault){ .err = KEEL_EIO, .os = errno };
	(void)snprintf(fault->what, sizeof(fault->what), "%s %s", doing, what);
	(void)snprintf(fault->next, sizeof(fault->next), "%s", next);
	return KEEL_EIO;
}

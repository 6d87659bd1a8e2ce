/* The processes that there are: read from /proc/PID/status. */
#ifndef KEEL_DEVICE_MONITOR_PROCESSES_H
#define KEEL_DEVICE_MONITOR_PROCESSES_H

#include "core/bytes.h"

struct keel_process {
	int pid;
	int parent;
	unsigned user; /* the real one */
	char name[32]; /* it chose it itself: what a log line cannot hold is '?' */
};

/** Reads the text of one status. False: it has ended (a zombie), or this is no status. */
bool keel_process_read(const char *status, struct keel_process *out);

/** Calls `each` for every living process. KEEL_EIO: /proc cannot be listed. */
KEEL_CHECKED enum keel_err keel_processes_each(
	void (*each)(void *self, const struct keel_process *p), void *self);

#endif

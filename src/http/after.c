/*
 * On a 32-bit machine Keel is built with a time_t of 64 bits, and Debian 12's libevent with one of
 * 32: it would read another time out of our struct timeval. So this file alone is built as libevent
 * was (meson.build), and what it is given lasts seconds, not until 2038.
 */
#include "http/after.h"

#include <event2/event.h>
#include <sys/time.h>

bool keel_http_after(struct event *e, uint64_t ms)
{
	struct timeval t = { .tv_sec = (time_t)(ms / 1000),
		.tv_usec = (suseconds_t)(ms % 1000 * 1000) };
	return event_add(e, &t) == 0;
}

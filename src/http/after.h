/* libevent's timers, without a struct timeval that crosses into it: after.c says why. */
#ifndef KEEL_HTTP_AFTER_H
#define KEEL_HTTP_AFTER_H

#include <stdbool.h>
#include <stdint.h>

struct event;

/** The event happens in so many milliseconds; one with EV_PERSIST as often as that. */
bool keel_http_after(struct event *e, uint64_t ms);

#endif

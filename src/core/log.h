/*
 * The log: one line an event, for people and machines, with no secret and no personal datum.
 *
 *	2026-11-24T14:10:19Z warn door request.refused reason=host count=3
 *
 * The event's name is a constant; values are numbers, or words of a closed set, or declared names.
 * Formatting only: where the line goes is the caller's (no I/O in core).
 */
#ifndef KEEL_CORE_LOG_H
#define KEEL_CORE_LOG_H

#include "core/bytes.h"

#define KEEL_LOG_LINE_MAX 320

enum keel_log_level { KEEL_LOG_INFO, KEEL_LOG_WARN, KEEL_LOG_ALERT };

/** One key and its value; `word` wins where it is set. Characters that would break the line become '?'. */
struct keel_log_pair {
	const char *key;
	const char *word;
	int64_t number;
};

#define KEEL_LOG_WORD(k, v) ((struct keel_log_pair){ .key = (k), .word = (v) })
#define KEEL_LOG_NUM(k, v)  ((struct keel_log_pair){ .key = (k), .number = (v) })

/** Writes the line with its '\n' into buf (KEEL_LOG_LINE_MAX); cut, never overflowed. Gives its length. */
size_t keel_log_format(char *buf, int64_t wall_s, enum keel_log_level level, const char *room,
	const char *event, const struct keel_log_pair *pairs, size_t n);

#endif

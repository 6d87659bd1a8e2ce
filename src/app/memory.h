/*
 * The few bytes of a program that survive its restart, in a page that the parent handed over.
 * Two copies, written in turn: a program killed at any instruction finds one whole.
 */
#ifndef KEEL_APP_MEMORY_H
#define KEEL_APP_MEMORY_H

#include <stdbool.h>

#include "core/bytes.h"
#include "keel/keel.h"

struct keel_memory_page;

/** Maps the page behind fd; NULL where that fails (then nothing survives, and all else goes on). */
struct keel_memory_page *keel_memory_open(int fd);
/** Brings the last whole copy of n bytes back; false, and nothing touched, where there is none. */
bool keel_memory_load(const struct keel_memory_page *page, void *memory, size_t n);
/** Writes a copy of n bytes, at most KEEL_MEMORY_MAX. page may be NULL. */
void keel_memory_save(struct keel_memory_page *page, const void *memory, size_t n);

#endif

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

#define KEEL_MEMORY_MESSAGES 8
/**
 * The number of the last command of a message (its place in the program's table, below
 * KEEL_MEMORY_MESSAGES) that the program did, 0 at first: one that the vault hands over again to a
 * program that did it before is not done twice.
 */
uint64_t keel_memory_done(const struct keel_memory_page *page, size_t message);
void keel_memory_set_done(struct keel_memory_page *page, size_t message, uint64_t number);

/** Of how many deletions of the home's data this page knows; 0 at first. */
uint64_t keel_memory_deletions(const struct keel_memory_page *page);
void keel_memory_set_deletions(struct keel_memory_page *page, uint64_t deletions);

#endif

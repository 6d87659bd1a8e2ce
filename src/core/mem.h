/*
 * Private to core: all that it asks of a C library. Where there is none (freestanding), a compiler
 * still demands that the platform supplies these.
 */
#ifndef KEEL_CORE_MEM_H
#define KEEL_CORE_MEM_H

#if __STDC_HOSTED__
#include <string.h>
#else
#include <stddef.h>
void *memcpy(void *restrict to, const void *restrict from, size_t n);
void *memset(void *to, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);
void *memchr(const void *p, int c, size_t n);
size_t strlen(const char *s);
#endif

#endif

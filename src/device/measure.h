/* What a file is: its size, and the SHA-256 of all its bytes. */
#ifndef KEEL_DEVICE_MEASURE_H
#define KEEL_DEVICE_MEASURE_H

#include "crypto/crypto.h"

/**
 * From the file's start, wherever fd stands. size may be NULL. KEEL_EFULL: it has more than max bytes,
 * and none was read. KEEL_EFORM: no regular file, and so nothing that has an end. KEEL_ESHORT: it was
 * made shorter meanwhile. KEEL_EIO.
 */
KEEL_CHECKED enum keel_err keel_measure_fd(
	int fd, uint64_t max, uint64_t *size, struct keel_digest *out);

/**
 * The same in slices, for who has other things to do between: begin, slice until it is whole, end
 * (or clear, which drops it early). fd stays the caller's. What is appended after begin is not read.
 */
struct keel_measuring {
	int fd;
	uint64_t size; /* when it began */
	uint64_t at;
	struct keel_hash hash;
};
/** KEEL_EFORM, KEEL_EIO: nothing began. */
KEEL_CHECKED enum keel_err keel_measure_begin(struct keel_measuring *m, int fd);
/** Reads at most max bytes more. KEEL_ESHORT, KEEL_EIO: to be cleared. */
KEEL_CHECKED enum keel_err keel_measure_slice(struct keel_measuring *m, uint64_t max);
bool keel_measure_whole(const struct keel_measuring *m);
void keel_measure_end(struct keel_measuring *m, struct keel_digest *out);
/** Also after end, where it does nothing. */
void keel_measure_clear(struct keel_measuring *m);

#endif

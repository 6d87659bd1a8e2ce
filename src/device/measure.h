/* What a file is: the SHA-256 of all its bytes. */
#ifndef KEEL_DEVICE_MEASURE_H
#define KEEL_DEVICE_MEASURE_H

#include "crypto/crypto.h"

/** From the file's start, wherever fd stands. KEEL_EIO. */
KEEL_CHECKED enum keel_err keel_measure_fd(int fd, struct keel_digest *out);

#endif

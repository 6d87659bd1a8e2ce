#include "device/measure.h"

#include <errno.h>
#include <unistd.h>

enum keel_err keel_measure_fd(int fd, struct keel_digest *out)
{
	uint8_t buf[64 * 1024];
	struct keel_hash h;
	keel_hash_init(&h);
	off_t at = 0;
	ssize_t n;
	while ((n = pread(fd, buf, sizeof(buf), at)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			keel_hash_clear(&h);
			return KEEL_EIO;
		}
		keel_hash_add(&h, (struct keel_bytes){ buf, (size_t)n });
		at += n;
	}
	keel_hash_end(&h, out);
	return KEEL_OK;
}

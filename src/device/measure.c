#include "device/measure.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

enum keel_err keel_measure_begin(struct keel_measuring *m, int fd)
{
	struct stat st;
	if (fstat(fd, &st) != 0)
		return KEEL_EIO;
	if (!S_ISREG(st.st_mode))
		return KEEL_EFORM;
	*m = (struct keel_measuring){ .fd = fd, .size = (uint64_t)st.st_size };
	keel_hash_init(&m->hash);
	return KEEL_OK;
}

enum keel_err keel_measure_slice(struct keel_measuring *m, uint64_t max)
{
	uint8_t buf[64 * 1024];
	uint64_t left = m->size - m->at < max ? m->size - m->at : max;
	while (left > 0) {
		size_t want = left < sizeof(buf) ? (size_t)left : sizeof(buf);
		ssize_t n = pread(m->fd, buf, want, (off_t)m->at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n == 0 ? KEEL_ESHORT : KEEL_EIO;
		keel_hash_add(&m->hash, (struct keel_bytes){ buf, (size_t)n });
		m->at += (uint64_t)n;
		left -= (uint64_t)n;
	}
	return KEEL_OK;
}

bool keel_measure_whole(const struct keel_measuring *m)
{
	return m->at == m->size;
}

void keel_measure_end(struct keel_measuring *m, struct keel_digest *out)
{
	keel_hash_end(&m->hash, out);
}

void keel_measure_clear(struct keel_measuring *m)
{
	keel_hash_clear(&m->hash);
}

enum keel_err keel_measure_fd(int fd, uint64_t max, uint64_t *size, struct keel_digest *out)
{
	struct keel_measuring m;
	enum keel_err e = keel_measure_begin(&m, fd);
	if (e != KEEL_OK)
		return e;
	e = m.size > max ? KEEL_EFULL : keel_measure_slice(&m, m.size);
	if (e != KEEL_OK) {
		keel_measure_clear(&m);
		return e;
	}
	keel_measure_end(&m, out);
	if (size != NULL)
		*size = m.size;
	return KEEL_OK;
}

#include "device/monitor/files.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "device/measure.h"
#include "keel/profile.h"

static ssize_t read_all(int fd, uint8_t *buf, size_t cap)
{
	size_t n = 0;
	ssize_t got = 1;
	while (n < cap && (got = pread(fd, buf + n, cap - n, (off_t)n)) > 0)
		n += (size_t)got;
	return got < 0 ? -1 : (ssize_t)n;
}

static void add(struct keel_files *out, const struct keel_measured_file *from)
{
	struct keel_file *f = &out->of[out->count++];
	*f = (struct keel_file){ .state = FILE_AS_BUILT };
	memcpy(f->path, from->path.p, from->path.n);
	memcpy(f->built.b, from->sha256.p, from->sha256.n);
}

/* The key that has to have signed it is the declaration's. */
static enum keel_err verify(
	struct keel_bytes in, struct keel_bytes product, struct keel_measures *out)
{
	struct keel_product p;
	struct keel_p256_pub maker;
	struct keel_digest digest;
	enum keel_err e = keel_product_read(product, &p);
	if (e == KEEL_OK)
		e = keel_product_maker_key(&p, maker.xy);
	keel_sha256(&product, 1, &digest);
	return e == KEEL_OK ? keel_measures_verify(in, &maker, &digest, out) : e;
}

enum keel_err keel_files_read(int fd, struct keel_bytes product, struct keel_files *out)
{
	uint8_t bytes[KEEL_MEASURES_MAX];
	struct keel_measures list;
	struct keel_measured_file f;
	out->count = 0;
	if (fd < 0)
		return KEEL_ENONE;
	ssize_t n = read_all(fd, bytes, sizeof(bytes));
	if (n < 0)
		return KEEL_EIO;
	if ((size_t)n == sizeof(bytes))
		return KEEL_EFULL;
	enum keel_err e = verify((struct keel_bytes){ bytes, (size_t)n }, product, &list);
	while (e == KEEL_OK && keel_list_next(&keel_measured_file_row, &list.files, &f))
		add(out, &f);
	return e;
}

static bool listed(char *const folders[], size_t n, const char *path, size_t len)
{
	for (size_t i = 0; i < n; i++)
		if (strlen(folders[i]) == len && strncmp(folders[i], path, len) == 0)
			return true;
	return false;
}

void keel_files_folders(const struct keel_files *f, char *folders[], size_t max)
{
	size_t n = 0;
	for (size_t i = 0; i < f->count && n + 1 < max; i++) {
		const char *path = f->of[i].path;
		size_t len = (size_t)(strrchr(path, '/') - path);
		if (len == 0 || listed(folders, n, path, len))
			continue;
		folders[n] = strndup(path, len);
		KEEL_MUST(folders[n] != NULL);
		n++;
	}
	folders[n] = NULL;
}

enum keel_file_state keel_file_look(const struct keel_file *f)
{
	struct keel_digest now;
	int fd = open(f->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return FILE_MISSING;
	enum keel_err e = keel_measure_fd(fd, &now);
	(void)close(fd);
	if (e != KEEL_OK)
		return FILE_MISSING;
	return memcmp(now.b, f->built.b, sizeof(now.b)) == 0 ? FILE_AS_BUILT : FILE_CHANGED;
}

bool keel_files_have(const struct keel_files *f, struct keel_bytes sha256)
{
	for (size_t i = 0; i < f->count; i++)
		if (keel_bytes_equal(KEEL_VIEW(f->of[i].built.b), sha256))
			return true;
	return false;
}

size_t keel_files_wrong(const struct keel_files *f)
{
	size_t n = 0;
	for (size_t i = 0; i < f->count; i++)
		n += f->of[i].state != FILE_AS_BUILT;
	return n;
}

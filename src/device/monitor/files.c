#include "device/monitor/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
	*f = (struct keel_file){ .size = from->size, .state = FILE_AS_BUILT };
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
	out->count = out->turn = 0;
	out->looking = false;
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

static bool listed(char *const folders[], size_t n, struct keel_bytes folder)
{
	for (size_t i = 0; i < n; i++)
		if (keel_bytes_is(folder, folders[i]))
			return true;
	return false;
}

void keel_files_folders(const struct keel_files *f, char *folders[KEEL_MEASURES_FOLDERS + 1])
{
	size_t n = 0;
	for (size_t i = 0; i < f->count; i++) {
		struct keel_bytes folder = keel_measured_folder(keel_text(f->of[i].path));
		if (listed(folders, n, folder))
			continue;
		KEEL_MUST(n < KEEL_MEASURES_FOLDERS); /* no list with more is read */
		folders[n] = strndup((const char *)folder.p, folder.n);
		KEEL_MUST(folders[n] != NULL);
		n++;
	}
	folders[n] = NULL;
}

static void stop(struct keel_files *f)
{
	keel_measure_clear(&f->reading);
	(void)close(f->reading.fd);
	f->looking = false;
}

/*
 * Judges what needs no reading; true: the rest has to be read. A link is followed, as by whoever
 * uses the file. O_NONBLOCK: a pipe in its place does not hold the monitor up.
 */
static bool begin(struct keel_files *f, const struct keel_file *file, enum keel_file_state *now)
{
	int fd = open(file->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	*now = fd < 0 && (errno == ENOENT || errno == ENOTDIR) ? FILE_MISSING : FILE_CHANGED;
	if (fd < 0)
		return false;
	if (keel_measure_begin(&f->reading, fd) != KEEL_OK) {
		(void)close(fd);
		return false;
	}
	f->looking = true;
	if (f->reading.size != file->size)
		stop(f);
	return f->looking;
}

static enum keel_file_state end(struct keel_files *f, const struct keel_file *file)
{
	struct keel_digest now;
	bool same = keel_measure_whole(&f->reading);
	if (same) {
		keel_measure_end(&f->reading, &now);
		same = memcmp(now.b, file->built.b, sizeof(now.b)) == 0;
	}
	stop(f);
	return same ? FILE_AS_BUILT : FILE_CHANGED;
}

/* Goes on with the look at one file; false: more of it is to be read than there are bytes left. */
static bool look(struct keel_files *f, const struct keel_file *file, uint64_t *bytes,
	enum keel_file_state *now)
{
	if (!f->looking && !begin(f, file, now))
		return true;
	uint64_t before = f->reading.at;
	enum keel_err e = keel_measure_slice(&f->reading, *bytes);
	*bytes -= f->reading.at - before;
	if (e == KEEL_OK && !keel_measure_whole(&f->reading))
		return false;
	*now = end(f, file);
	return true;
}

void keel_files_look(
	struct keel_files *f, void (*changed)(void *self, const struct keel_file *file), void *self)
{
	uint64_t bytes = KEEL_SLICE_BYTES;
	for (size_t i = 0; i < KEEL_SLICE_FILES && i < f->count && bytes > 0; i++) {
		struct keel_file *file = &f->of[f->turn];
		enum keel_file_state now;
		if (!look(f, file, &bytes, &now))
			return;
		f->turn = (f->turn + 1) % f->count;
		if (now == file->state)
			continue;
		file->state = now;
		changed(self, file);
	}
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

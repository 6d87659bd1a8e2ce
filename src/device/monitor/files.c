#include "device/monitor/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LIST_MAX 65536
#define HEX_LEN  ((size_t)2 * KEEL_SHA256_LEN)

static int digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool digest_of(struct keel_bytes hex, struct keel_digest *out)
{
	for (size_t i = 0; i < KEEL_SHA256_LEN && hex.n == HEX_LEN; i++) {
		int high = digit(hex.p[2 * i]), low = digit(hex.p[2 * i + 1]);
		if (high < 0 || low < 0)
			return false;
		out->b[i] = (uint8_t)(high << 4 | low);
	}
	return hex.n == HEX_LEN;
}

/* "digest  path"; sha256sum has '*' in place of the second space for binary mode. */
static enum keel_err line_read(struct keel_bytes line, struct keel_files *out)
{
	struct keel_rd r = keel_rd_of(line);
	struct keel_bytes hex = keel_rd_take(&r, HEX_LEN);
	uint8_t space = keel_rd_u8(&r);
	uint8_t mode = keel_rd_u8(&r);
	struct keel_bytes path = keel_rd_rest(&r);
	struct keel_file f = { .state = FILE_AS_BUILT };
	if (keel_rd_end(&r) != KEEL_OK || space != ' ' || (mode != ' ' && mode != '*'))
		return KEEL_EFORM;
	if (path.n < 2 || path.p[0] != '/' || !digest_of(hex, &f.built))
		return KEEL_EFORM;
	if (out->count == KEEL_FILES_MAX)
		return KEEL_EFULL;
	f.path = strndup((const char *)path.p, path.n);
	KEEL_MUST(f.path != NULL);
	out->of[out->count++] = f;
	return KEEL_OK;
}

static ssize_t read_all(int fd, uint8_t *buf, size_t cap)
{
	size_t n = 0;
	ssize_t got = 1;
	while (n < cap && (got = pread(fd, buf + n, cap - n, (off_t)n)) > 0)
		n += (size_t)got;
	return got < 0 ? -1 : (ssize_t)n;
}

enum keel_err keel_files_read(int fd, struct keel_files *out)
{
	*out = (struct keel_files){ 0 };
	if (fd < 0)
		return KEEL_OK;
	uint8_t *text = malloc(LIST_MAX);
	KEEL_MUST(text != NULL);
	ssize_t n = read_all(fd, text, LIST_MAX);
	enum keel_err e = n < 0 ? KEEL_EIO : n == LIST_MAX ? KEEL_EFULL : KEEL_OK;
	struct keel_rd r = keel_rd_of((struct keel_bytes){ text, n > 0 ? (size_t)n : 0 });
	while (e == KEEL_OK && keel_rd_peek(&r) >= 0) {
		struct keel_bytes line = keel_rd_until(&r, '\n');
		e = r.err != KEEL_OK ? r.err : line_read(line, out);
	}
	free(text);
	if (e != KEEL_OK)
		keel_files_clear(out);
	return e;
}

void keel_files_clear(struct keel_files *f)
{
	for (size_t i = 0; i < f->count; i++)
		free(f->of[i].path);
	f->count = 0;
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

static bool digest_file(int fd, struct keel_digest *out)
{
	uint8_t buf[32768];
	struct keel_hash h;
	ssize_t n;
	keel_hash_init(&h);
	while ((n = read(fd, buf, sizeof(buf))) > 0)
		keel_hash_add(&h, (struct keel_bytes){ buf, (size_t)n });
	keel_hash_end(&h, out);
	return n == 0;
}

enum keel_file_state keel_file_look(const struct keel_file *f)
{
	struct keel_digest now;
	int fd = open(f->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return FILE_MISSING;
	bool good = digest_file(fd, &now);
	(void)close(fd);
	if (!good)
		return FILE_MISSING;
	return memcmp(now.b, f->built.b, sizeof(now.b)) == 0 ? FILE_AS_BUILT : FILE_CHANGED;
}

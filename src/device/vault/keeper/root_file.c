#include "device/vault/keeper/root_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define NAME      "root"
#define NAME_NEXT "root.new"
#define FILE_LEN  (8 + 8 + sizeof(struct keel_key) + KEEL_SHA256_LEN)

static const char magic[8] = { 'K', 'E', 'E', 'L', 'r', 'o', 'o', '1' };

static int sys_open(void *self, int dir, const char *name, int flags, mode_t mode)
{
	(void)self;
	return openat(dir, name, flags, mode);
}

static ssize_t sys_pwrite(void *self, int fd, const void *p, size_t n)
{
	(void)self;
	return pwrite(fd, p, n, 0);
}

static ssize_t sys_pread(void *self, int fd, void *p, size_t n)
{
	(void)self;
	return pread(fd, p, n, 0);
}

static int sys_sync(void *self, int fd)
{
	(void)self;
	return fsync(fd);
}

static int sys_rename(void *self, int dir, const char *from, const char *to)
{
	(void)self;
	return renameat(dir, from, dir, to);
}

static int sys_close(void *self, int fd)
{
	(void)self;
	return close(fd);
}

const struct keel_root_io keel_root_io_system = {
	.open = sys_open,
	.pwrite = sys_pwrite,
	.pread = sys_pread,
	.sync = sys_sync,
	.rename = sys_rename,
	.close = sys_close,
};

static void digest_of(struct keel_bytes content, struct keel_digest *out)
{
	keel_sha256(&content, 1, out);
}

static enum keel_err content_read(struct keel_bytes in, struct keel_key *root, uint64_t *generation)
{
	struct keel_digest digest;
	struct keel_rd r = keel_rd_of(in);
	struct keel_bytes head = keel_rd_take(&r, sizeof(magic));
	uint64_t g = keel_rd_u64be(&r);
	struct keel_bytes key = keel_rd_take(&r, sizeof(root->b));
	struct keel_bytes check = keel_rd_take(&r, sizeof(digest.b));
	enum keel_err e = keel_rd_end(&r);
	if (e != KEEL_OK)
		return KEEL_EFORM;
	digest_of((struct keel_bytes){ in.p, in.n - sizeof(digest.b) }, &digest);
	if (!keel_bytes_equal(head, KEEL_VIEW(magic)) || !keel_ct_equal(check, KEEL_VIEW(digest.b)))
		return KEEL_EFORM;
	*generation = g;
	return keel_bytes_copy(key, root->b, sizeof(root->b));
}

static void content_write(const struct keel_key *root, uint64_t generation, uint8_t buf[FILE_LEN])
{
	struct keel_digest digest;
	struct keel_wr w = keel_wr_of(buf, FILE_LEN);
	keel_wr_bytes(&w, KEEL_VIEW(magic));
	keel_wr_u64be(&w, generation);
	keel_wr_bytes(&w, KEEL_VIEW(root->b));
	digest_of((struct keel_bytes){ buf, w.n }, &digest);
	keel_wr_bytes(&w, KEEL_VIEW(digest.b));
}

static enum keel_err root_read(void *self, struct keel_key *root, uint64_t *generation)
{
	struct keel_root_file *f = self;
	uint8_t buf[FILE_LEN + 1];
	int fd = f->io.open(f->io.self, f->dir, NAME, O_RDONLY | O_CLOEXEC | O_NOFOLLOW, 0);
	if (fd < 0)
		return errno == ENOENT ? KEEL_ENONE : KEEL_EIO;
	ssize_t n = f->io.pread(f->io.self, fd, buf, sizeof(buf));
	(void)f->io.close(f->io.self, fd);
	enum keel_err e =
		n < 0 ? KEEL_EIO
		      : content_read((struct keel_bytes){ buf, (size_t)n }, root, generation);
	keel_wipe(buf, sizeof(buf));
	return e;
}

static bool write_next(struct keel_root_file *f, const uint8_t content[FILE_LEN])
{
	int fd = f->io.open(f->io.self, f->dir, NAME_NEXT,
		O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return false;
	bool good = f->io.pwrite(f->io.self, fd, content, FILE_LEN) == (ssize_t)FILE_LEN;
	good = good && f->io.sync(f->io.self, fd) == 0;
	return f->io.close(f->io.self, fd) == 0 && good;
}

/* Best effort: the new root stands already, and nothing waits for this. */
static void overwrite_former(struct keel_root_file *f, int former)
{
	static const uint8_t zeros[FILE_LEN];
	if (former < 0)
		return;
	if (f->io.pwrite(f->io.self, former, zeros, sizeof(zeros)) > 0)
		(void)f->io.sync(f->io.self, former);
	(void)f->io.close(f->io.self, former);
}

static enum keel_err root_write(void *self, const struct keel_key *root, uint64_t generation)
{
	struct keel_root_file *f = self;
	uint8_t content[FILE_LEN];
	int former = f->io.open(f->io.self, f->dir, NAME, O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0);
	content_write(root, generation, content);
	bool good = write_next(f, content) &&
		    f->io.rename(f->io.self, f->dir, NAME_NEXT, NAME) == 0 &&
		    f->io.sync(f->io.self, f->dir) == 0;
	keel_wipe(content, sizeof(content));
	if (good)
		overwrite_former(f, former);
	else if (former >= 0)
		(void)f->io.close(f->io.self, former);
	return good ? KEEL_OK : KEEL_EIO;
}

struct keel_root keel_root_file_of(struct keel_root_file *f)
{
	return (struct keel_root){
		.read = root_read,
		.write = root_write,
		.destroys = false,
		.self = f,
	};
}

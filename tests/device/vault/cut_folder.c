#include "device/vault/cut_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "check.h"

#define DIR_FD 100

/* One that no name leads to. */
static int fresh_inode(const struct cut_folder *f)
{
	int at = 0;
	while (at == f->now || at == f->synced || at == f->next)
		at++;
	KEEL_MUST(at < CUT_FOLDER_INODES);
	return at;
}

static int mem_open(void *self, int dir, const char *name, int flags, mode_t mode)
{
	struct cut_folder *f = self;
	bool next = strcmp(name, "root.new") == 0;
	int at = next ? f->next : f->now;
	CHECK(dir == DIR_FD && (mode == 0 || mode == 0600));
	if (f->power->dead || (at < 0 && (flags & O_CREAT) == 0)) {
		errno = f->power->dead ? EIO : ENOENT;
		return -1;
	}
	if ((flags & O_CREAT) != 0 && at < 0) {
		if (!cut_disk_step(f->power))
			return -1;
		at = f->next = fresh_inode(f);
	}
	if ((flags & O_TRUNC) != 0)
		f->inodes[at].now_n = 0;
	return at;
}

static ssize_t mem_pwrite(void *self, int fd, const void *p, size_t n)
{
	struct cut_folder *f = self;
	bool was_dead = f->power->dead;
	bool lives = cut_disk_step(f->power);
	if (!was_dead) {
		memcpy(f->inodes[fd].now, p, lives ? n : n / 2);
		f->inodes[fd].now_n = lives ? n : n / 2;
	}
	return lives ? (ssize_t)n : -1;
}

static ssize_t mem_pread(void *self, int fd, void *p, size_t n)
{
	struct cut_folder *f = self;
	size_t there = f->inodes[fd].now_n < n ? f->inodes[fd].now_n : n;
	memcpy(p, f->inodes[fd].now, there);
	return f->power->dead ? -1 : (ssize_t)there;
}

static int mem_sync(void *self, int fd)
{
	struct cut_folder *f = self;
	if (!cut_disk_step(f->power))
		return -1;
	if (fd == DIR_FD) {
		f->synced = f->now;
		return 0;
	}
	memcpy(f->inodes[fd].synced, f->inodes[fd].now, CUT_INODE_MAX);
	f->inodes[fd].synced_n = f->inodes[fd].now_n;
	return 0;
}

static int mem_rename(void *self, int dir, const char *from, const char *to)
{
	struct cut_folder *f = self;
	CHECK(dir == DIR_FD && strcmp(from, "root.new") == 0 && strcmp(to, "root") == 0);
	if (!cut_disk_step(f->power))
		return -1;
	f->now = f->next;
	f->next = -1;
	return 0;
}

static int mem_close(void *self, int fd)
{
	(void)self;
	(void)fd;
	return 0;
}

void cut_folder_boot(struct cut_folder *f)
{
	if (f->power->loss == CUT_LOSES_ALL) {
		f->now = f->synced;
		for (int i = 0; i < CUT_FOLDER_INODES; i++) {
			memcpy(f->inodes[i].now, f->inodes[i].synced, CUT_INODE_MAX);
			f->inodes[i].now_n = f->inodes[i].synced_n;
		}
	}
	f->next = -1;
}

struct keel_root_file cut_folder_over(struct cut_folder *f, struct cut_disk *power)
{
	*f = (struct cut_folder){ .power = power, .now = -1, .synced = -1, .next = -1 };
	return (struct keel_root_file){
		.dir = DIR_FD,
		.io = { mem_open, mem_pwrite, mem_pread, mem_sync, mem_rename, mem_close, f },
	};
}

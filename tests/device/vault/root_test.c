/* The root in a file, and the power cut at every system call that replaces it. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "device/vault/root_file.h"

#define FILES 4
#define LEN   128

/*
 * A folder in memory: what names and bytes say now, and what of it is synced. A cut keeps the synced
 * state, or lets everything that was not synced through, the last write in half.
 */
struct inode {
	uint8_t now[LEN], synced[LEN];
	size_t now_n, synced_n;
};

struct folder {
	struct inode inodes[FILES];
	int made;
	int now, synced; /* the inode called "root", or -1 */
	int next;        /* the one called "root.new" */
	unsigned steps, lives;
	bool dead, keeps;
};

#define DIR_FD 100

static bool step(struct folder *f)
{
	if (f->dead)
		return false;
	f->dead = f->steps++ == f->lives;
	return !f->dead;
}

static int mem_open(void *self, int dir, const char *name, int flags, mode_t mode)
{
	struct folder *f = self;
	bool next = strcmp(name, "root.new") == 0;
	int at = next ? f->next : f->now;
	CHECK(dir == DIR_FD && (mode == 0 || mode == 0600));
	if (f->dead || (at < 0 && (flags & O_CREAT) == 0)) {
		errno = f->dead ? EIO : ENOENT;
		return -1;
	}
	if ((flags & O_CREAT) != 0 && at < 0) {
		if (!step(f))
			return -1;
		KEEL_MUST(f->made < FILES);
		at = f->made++;
		f->next = at;
	}
	if ((flags & O_TRUNC) != 0)
		f->inodes[at].now_n = 0;
	return at;
}

static ssize_t mem_pwrite(void *self, int fd, const void *p, size_t n)
{
	struct folder *f = self;
	bool was_dead = f->dead;
	bool lives = step(f);
	if (!was_dead) {
		memcpy(f->inodes[fd].now, p, lives ? n : n / 2);
		f->inodes[fd].now_n = lives ? n : n / 2;
	}
	return lives ? (ssize_t)n : -1;
}

static ssize_t mem_pread(void *self, int fd, void *p, size_t n)
{
	struct folder *f = self;
	size_t there = f->inodes[fd].now_n < n ? f->inodes[fd].now_n : n;
	memcpy(p, f->inodes[fd].now, there);
	return f->dead ? -1 : (ssize_t)there;
}

static int mem_sync(void *self, int fd)
{
	struct folder *f = self;
	if (!step(f))
		return -1;
	if (fd == DIR_FD) {
		f->synced = f->now;
		return 0;
	}
	memcpy(f->inodes[fd].synced, f->inodes[fd].now, LEN);
	f->inodes[fd].synced_n = f->inodes[fd].now_n;
	return 0;
}

static int mem_rename(void *self, int dir, const char *from, const char *to)
{
	struct folder *f = self;
	CHECK(dir == DIR_FD && strcmp(from, "root.new") == 0 && strcmp(to, "root") == 0);
	if (!step(f))
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

static void boot(struct folder *f)
{
	if (!f->keeps) {
		f->now = f->synced;
		for (int i = 0; i < FILES; i++) {
			memcpy(f->inodes[i].now, f->inodes[i].synced, LEN);
			f->inodes[i].now_n = f->inodes[i].synced_n;
		}
	}
	f->next = -1;
	f->dead = false;
	f->lives = UINT_MAX;
}

static struct keel_root_file over(struct folder *f)
{
	*f = (struct folder){ .now = -1, .synced = -1, .next = -1, .lives = UINT_MAX };
	return (struct keel_root_file){
		.dir = DIR_FD,
		.io = { mem_open, mem_pwrite, mem_pread, mem_sync, mem_rename, mem_close, f },
	};
}

static bool stands(struct keel_root *r, uint8_t first, uint64_t want)
{
	struct keel_key key = { 0 };
	uint64_t generation = 0;
	return r->read(r->self, &key, &generation) == KEEL_OK && generation == want &&
	       key.b[0] == first && key.b[31] == first;
}

static struct keel_key key_of(uint8_t all)
{
	struct keel_key k;
	memset(k.b, all, sizeof(k.b));
	return k;
}

/* Gives whether the replacement was acknowledged. Invariants 1 and 2 of root_file.h. */
static bool replace_cut_at(unsigned cut, bool keeps)
{
	struct folder f;
	struct keel_root_file file = over(&f);
	struct keel_root r = keel_root_file_of(&file);
	struct keel_key old = key_of(0xaa);
	struct keel_key new = key_of(0xbb);
	CHECK(r.write(r.self, &old, 1) == KEEL_OK && stands(&r, 0xaa, 1));
	f.lives = f.steps + cut;
	f.keeps = keeps;
	enum keel_err e = r.write(r.self, &new, 2);
	bool died = f.dead;
	boot(&f);
	bool before = stands(&r, 0xaa, 1);
	bool after = stands(&r, 0xbb, 2);
	CHECK(e == KEEL_OK ? after : before || after);
	return !died;
}

static void prov_5_9_2_power_cut_at_every_step_of_a_new_root(void)
{
	for (int keeps = 0; keeps < 2; keeps++) {
		unsigned cut = 0;
		while (!replace_cut_at(cut, keeps == 1) && cut < 100)
			cut++;
		CHECK(cut >= 5 && cut < 100); /* it did take those steps, and came to an end */
	}
}

static void prov_5_11_1_the_former_content_is_overwritten(void)
{
	struct folder f;
	struct keel_root_file file = over(&f);
	struct keel_root r = keel_root_file_of(&file);
	struct keel_key old = key_of(0xaa);
	struct keel_key new = key_of(0xbb);
	CHECK(r.write(r.self, &old, 1) == KEEL_OK && r.write(r.self, &new, 2) == KEEL_OK);
	for (int i = 0; i < FILES; i++) {
		CHECK(memchr(f.inodes[i].now, 0xaa, LEN) == NULL);
		CHECK(memchr(f.inodes[i].synced, 0xaa, LEN) == NULL);
	}
	CHECK(!r.destroys);
}

static void a_file_on_the_real_disk_is_ours_alone_and_checked(void)
{
	char dir[] = "/tmp/keel-root-XXXXXX";
	char path[64];
	struct stat st;
	struct keel_key key = key_of(0xcc);
	struct keel_key got = { 0 };
	uint64_t generation = 77;
	CHECK(mkdtemp(dir) != NULL);
	struct keel_root_file file = { .dir = open(dir, O_RDONLY | O_DIRECTORY),
		.io = keel_root_io_system };
	struct keel_root r = keel_root_file_of(&file);
	CHECK(r.read(r.self, &got, &generation) == KEEL_ENONE && generation == 77);
	CHECK(r.write(r.self, &key, UINT64_MAX) == KEEL_OK && stands(&r, 0xcc, UINT64_MAX));
	(void)snprintf(path, sizeof(path), "%s/root", dir);
	CHECK(stat(path, &st) == 0 && (st.st_mode & 0777) == 0600);
	for (off_t at = 0; at <= st.st_size; at++) { /* each byte changed, then one too many */
		uint8_t byte = 0;
		int fd = open(path, O_RDWR);
		(void)!pread(fd, &byte, 1, at);
		byte ^= 0x40;
		CHECK(pwrite(fd, &byte, 1, at) == 1);
		CHECK(r.read(r.self, &got, &generation) == KEEL_EFORM && generation == 77);
		byte ^= 0x40;
		CHECK(pwrite(fd, &byte, 1, at) == 1);
		if (at == st.st_size)
			CHECK(ftruncate(fd, at) == 0);
		(void)close(fd);
	}
	CHECK(stands(&r, 0xcc, UINT64_MAX));
	CHECK(truncate(path, st.st_size - 1) == 0);
	CHECK(r.read(r.self, &got, &generation) == KEEL_EFORM);
	(void)unlink(path);
	(void)rmdir(dir);
	(void)close(file.dir);
}

TEST_MAIN(TEST(prov_5_9_2_power_cut_at_every_step_of_a_new_root),
	TEST(prov_5_11_1_the_former_content_is_overwritten),
	TEST(a_file_on_the_real_disk_is_ours_alone_and_checked))

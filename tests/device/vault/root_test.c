/* The root in a file, and the power cut at every system call that replaces it. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "device/vault/cut_folder.h"

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
static bool replace_cut_at(unsigned cut, enum cut_loss loss)
{
	struct cut_disk power = { .lives = UINT_MAX, .loss = loss };
	struct cut_folder f;
	struct keel_root_file file = cut_folder_over(&f, &power);
	struct keel_root r = keel_root_file_of(&file);
	struct keel_key old = key_of(0xaa);
	struct keel_key new = key_of(0xbb);
	CHECK(r.write(r.self, &old, 1) == KEEL_OK && stands(&r, 0xaa, 1));
	power.lives = power.steps + cut;
	enum keel_err e = r.write(r.self, &new, 2);
	bool died = power.dead;
	cut_disk_boot(&power);
	cut_folder_boot(&f);
	bool before = stands(&r, 0xaa, 1);
	bool after = stands(&r, 0xbb, 2);
	CHECK(e == KEEL_OK ? after : before || after);
	return !died;
}

static void prov_5_9_2_power_cut_at_every_step_of_a_new_root(void)
{
	for (enum cut_loss loss = CUT_LOSES_ALL; loss < CUT_LOSSES; loss++) {
		unsigned cut = 0;
		while (!replace_cut_at(cut, loss) && cut < 100)
			cut++;
		CHECK(cut >= 5 && cut < 100); /* it did take those steps, and came to an end */
	}
}

static void prov_5_11_1_the_former_content_is_overwritten(void)
{
	struct cut_disk power = { .lives = UINT_MAX };
	struct cut_folder f;
	struct keel_root_file file = cut_folder_over(&f, &power);
	struct keel_root r = keel_root_file_of(&file);
	struct keel_key old = key_of(0xaa);
	struct keel_key new = key_of(0xbb);
	CHECK(r.write(r.self, &old, 1) == KEEL_OK && r.write(r.self, &new, 2) == KEEL_OK);
	for (int i = 0; i < CUT_FOLDER_INODES; i++) {
		CHECK(memchr(f.inodes[i].now, 0xaa, CUT_INODE_MAX) == NULL);
		CHECK(memchr(f.inodes[i].synced, 0xaa, CUT_INODE_MAX) == NULL);
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

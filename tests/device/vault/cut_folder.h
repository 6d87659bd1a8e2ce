/*
 * A folder in memory, under the file root's system calls, on the power of a cut_disk: each create,
 * write, sync and rename is a step of it. After the boot there is what was synced, or (where the
 * disk's loss says so) everything that was not synced as well, the last write in half.
 */
#ifndef KEEL_TESTS_CUT_FOLDER_H
#define KEEL_TESTS_CUT_FOLDER_H

#include "device/vault/cut_disk.h"
#include "device/vault/keeper/root_file.h"

#define CUT_FOLDER_INODES 4
#define CUT_INODE_MAX     128

struct cut_folder {
	struct cut_disk *power;
	struct cut_inode {
		uint8_t now[CUT_INODE_MAX], synced[CUT_INODE_MAX];
		size_t now_n, synced_n;
	} inodes[CUT_FOLDER_INODES];
	int now, synced; /* the inode called "root", or -1 */
	int next;        /* the one called "root.new" */
};

/** An empty folder; gives the file root over it. Both live as long as the root is used. */
struct keel_root_file cut_folder_over(struct cut_folder *f, struct cut_disk *power);
/** Power is back: after cut_disk_boot. */
void cut_folder_boot(struct cut_folder *f);

#endif

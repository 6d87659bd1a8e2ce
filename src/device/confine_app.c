/*
 * libkeel's wall, as a filter of its own on top of the room's (the stricter answer counts): no exec.
 * Written by hand, so that a maker's program needs no libseccomp.
 */
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "device/room.h"

#if defined(__x86_64__)
#define OWN_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define OWN_ARCH AUDIT_ARCH_AARCH64
#elif defined(__arm__)
#define OWN_ARCH AUDIT_ARCH_ARM
#elif defined(__riscv) && __riscv_xlen == 64
#define OWN_ARCH AUDIT_ARCH_RISCV64
#elif defined(__i386__)
#define OWN_ARCH AUDIT_ARCH_I386
#else
#error "name this machine's AUDIT_ARCH here"
#endif

#define LOAD(member)      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, member))
#define EQUAL(v, yes, no) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (v), (yes), (no))
#define GIVE(action)      BPF_STMT(BPF_RET | BPF_K, (action))

enum keel_err keel_confine_app(void)
{
	struct sock_filter code[] = {
		LOAD(arch),
		EQUAL(OWN_ARCH, 0, 3),
		LOAD(nr),
		EQUAL(SYS_execve, 1, 0),
		EQUAL(SYS_execveat, 0, 1),
		GIVE(SECCOMP_RET_KILL_PROCESS),
		GIVE(SECCOMP_RET_ALLOW),
	};
	struct sock_fprog p = { .len = KEEL_COUNT(code), .filter = code };
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
		prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &p) != 0)
		return KEEL_EIO;
	return KEEL_OK;
}

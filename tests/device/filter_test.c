/*
 * The filter of each room as it is on each machine that a hub may be made of, whatever this test
 * runs on: libseccomp writes it out, and the few instructions that it uses are run here. What each
 * libc needs is by name and machine: 64-bit Arm lacks open, stat, pipe and fork, 32-bit Arm has
 * calls of its own (set_tls), and twins for long files and for times after 2038.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <sched.h>
#include <seccomp.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "check.h"
#include "device/filter.h"
#include "device/rooms.h"

#define CODE_MAX 4096
#define NAMES    48

#define ON_X86   1u
#define ON_ARM64 2u
#define ON_ARM   4u
#define ON_ALL   (ON_X86 | ON_ARM64 | ON_ARM)

static const struct {
	unsigned on;
	uint32_t machine, foreign;
	const char *name;
} machines[] = {
	{ ON_X86, SCMP_ARCH_X86_64, SCMP_ARCH_X86, "x86_64" },
	{ ON_ARM64, SCMP_ARCH_AARCH64, SCMP_ARCH_ARM, "aarch64" },
	{ ON_ARM, SCMP_ARCH_ARM, SCMP_ARCH_AARCH64, "arm" },
};

#define EVERY 0xffffffffu /* every room, whatever its row allows */
#define VAULT MAY_FILES
#define DOOR  MAY_ACCEPT
#define WATCH MAY_READ
#define APP   MAY_EXEC
#define OUT   MAY_CONNECT

static const unsigned rooms[] = { VAULT, DOOR, WATCH, APP, OUT };

/* clang-format off */
static const struct {
	const char *why;
	unsigned on, may;
	const char *calls[NAMES];
} needed[] = {
	{ "a libc's start: glibc 2.36, musl 1.2 (tried under qemu -strace)", ON_ALL, APP,
	  { "execve", "execveat", "brk", "openat", "read", "pread64", "close", "mprotect", "munmap", "set_tid_address", "set_robust_list",
	    "rseq", "getrandom", "prlimit64", "readlinkat", "faccessat", "statx", "exit_group", "futex", "ioctl", "writev" } },
	{ "its own of x86-64", ON_X86, APP, { "arch_prctl", "mmap", "newfstatat", "access", "open", "stat", "readlink", "getrlimit" } },
	{ "its own of 64-bit Arm", ON_ARM64, APP, { "mmap", "newfstatat", "fstat" } },
	{ "its own of 32-bit Arm", ON_ARM, APP,
	  { "set_tls", "mmap2", "fstat64", "fstatat64", "stat64", "lstat64", "access", "open", "readlink", "ugetrlimit", "_llseek" } },
	{ "a thread, and what it waits on", ON_ALL, APP, { "mprotect", "madvise", "futex", "sched_yield", "gettid", "exit" } },

	{ "a room's loop", ON_ALL, EVERY,
	  { "ppoll", "recvmsg", "sendmsg", "recvfrom", "sendto", "read", "write", "writev", "close", "clock_gettime", "clock_nanosleep",
	    "gettimeofday", "getrandom", "fcntl", "uname", "rt_sigreturn", "restart_syscall", "rt_sigprocmask", "getpid" } },
	{ "memory", ON_X86 | ON_ARM64, EVERY, { "brk", "mmap", "munmap", "mremap", "madvise", "mprotect", "futex" } },
	{ "memory", ON_ARM, EVERY, { "brk", "mmap2", "munmap", "mremap", "madvise", "mprotect", "futex" } },
	{ "older names of x86-64", ON_X86, EVERY, { "poll", "time", "fstat", "newfstatat", "lseek" } },
	{ "64-bit Arm", ON_ARM64, EVERY, { "fstat", "newfstatat", "statx", "lseek" } },
	{ "32-bit Arm: signals, long files, times after 2038", ON_ARM, EVERY,
	  { "sigreturn", "poll", "ppoll_time64", "futex_time64", "clock_gettime64", "clock_getres_time64", "clock_nanosleep_time64", "recv",
	    "send", "fcntl64", "fstat64", "fstatat64", "statx", "_llseek", "getuid32", "geteuid32", "getgid32", "getegid32" } },

	{ "SQLite", ON_ALL, VAULT, { "openat", "pread64", "pwrite64", "fsync", "fdatasync", "unlinkat", "getdents64", "fchmod", "faccessat" } },
	{ "SQLite", ON_X86, VAULT, { "open", "unlink", "rename", "stat", "lstat", "ftruncate", "access", "readlink" } },
	{ "SQLite", ON_ARM64, VAULT, { "renameat", "renameat2", "newfstatat", "ftruncate", "readlinkat" } },
	{ "SQLite", ON_ARM, VAULT, { "open", "unlink", "rename", "stat64", "lstat64", "ftruncate64", "access", "readlink" } },
	{ "libevent", ON_ALL, DOOR, { "accept4", "epoll_create1", "epoll_ctl", "epoll_pwait", "timerfd_create", "timerfd_settime",
				      "eventfd2", "getsockopt", "setsockopt", "getsockname", "getpeername", "shutdown" } },
	{ "libevent", ON_X86, DOOR, { "epoll_wait" } },
	{ "libevent", ON_ARM, DOOR, { "epoll_wait", "timerfd_settime64" } },
	{ "glibc's resolver and libcurl (strace)", ON_ALL, OUT, { "connect", "sendmmsg", "getsockopt", "setsockopt", "getsockname",
				      "getpeername", "shutdown", "openat", "faccessat" } },
	{ "the monitor's /proc", ON_ALL, WATCH, { "openat", "readlinkat", "getdents64", "statx", "faccessat" } },
};

static const char *const deadly[] = { "ptrace", "bind", "listen", "process_vm_readv", "bpf", "mount", "umount2",
	"unshare", "setns", "chroot", "setresuid", "setresgid", "setgroups", "capset", "keyctl", "io_uring_setup", "init_module",
	"perf_event_open", "clock_settime", "reboot" };
static const char *const deadly_on_arm[] = { "setuid32", "setresuid32", "setresgid32", "setgroups32", "clock_settime64" };
/* clang-format on */

/* --- what a filter says ---------------------------------------------------------------------- */

struct code {
	struct sock_filter of[CODE_MAX];
	size_t n;
};

static uint32_t word(const struct seccomp_data *d, uint32_t at)
{
	uint32_t w;
	KEEL_MUST(at % sizeof(w) == 0 && at < sizeof(*d));
	memcpy(&w, (const uint8_t *)d + at, sizeof(w));
	return w;
}

static _Noreturn void unknown(const char *what)
{
	(void)fprintf(stderr, "libseccomp wrote %s that this test does not know\n", what);
	abort();
}

static bool jumps(const struct sock_filter *i, uint32_t a)
{
	switch (BPF_OP(i->code)) {
	case BPF_JEQ:
		return a == i->k;
	case BPF_JGT:
		return a > i->k;
	case BPF_JGE:
		return a >= i->k;
	case BPF_JSET:
		return (a & i->k) != 0;
	default:
		unknown("a jump");
	}
}

static uint32_t run(const struct code *c, const struct seccomp_data *d)
{
	uint32_t a = 0;
	for (size_t at = 0; at < c->n; at++) {
		const struct sock_filter *i = &c->of[at];
		if (i->code == (BPF_LD | BPF_W | BPF_ABS))
			a = word(d, i->k);
		else if (i->code == (BPF_ALU | BPF_AND | BPF_K))
			a &= i->k;
		else if (i->code == (BPF_JMP | BPF_JA))
			at += i->k;
		else if (BPF_CLASS(i->code) == BPF_JMP)
			at += jumps(i, a) ? i->jt : i->jf;
		else if (i->code == (BPF_RET | BPF_K))
			return i->k;
		else
			unknown("an instruction");
	}
	unknown("a filter without an end");
}

static void filter_of(unsigned may, uint32_t machine, struct code *out)
{
	int fd = memfd_create("filter", MFD_CLOEXEC);
	KEEL_MUST(fd >= 0 && keel_filter_export(may, machine, fd));
	ssize_t n = pread(fd, out->of, sizeof(out->of), 0);
	KEEL_MUST(n > 0 && (size_t)n < sizeof(out->of) && (size_t)n % sizeof(out->of[0]) == 0);
	out->n = (size_t)n / sizeof(out->of[0]);
	(void)close(fd);
}

/* Numbers are the machine's; a call that it does not have has none that is positive. */
static uint32_t verdict(
	const struct code *c, uint32_t machine, const char *call, unsigned arg, uint64_t value)
{
	struct seccomp_data d = { .nr = seccomp_syscall_resolve_name_arch(machine, call),
		.arch = machine };
	d.args[arg] = value;
	return d.nr < 0 ? SECCOMP_RET_LOG : run(c, &d); /* what no filter of ours answers */
}

/* --- the tests ------------------------------------------------------------------------------- */

static void check_needed(const struct code *c, size_t m, unsigned may, size_t row)
{
	for (const char *const *call = needed[row].calls; *call != NULL; call++) {
		char what[128];
		(void)snprintf(what, sizeof(what), "%s: %s (%s, room that may %u)",
			machines[m].name, *call, needed[row].why, may);
		CHECK_ROW(verdict(c, machines[m].machine, *call, 0, 0) == SECCOMP_RET_ALLOW, what);
	}
}

static void each_room_has_what_each_machines_libc_calls(void)
{
	static struct code c;
	for (size_t m = 0; m < KEEL_COUNT(machines); m++)
		for (size_t r = 0; r < KEEL_COUNT(rooms); r++) {
			filter_of(rooms[r], machines[m].machine, &c);
			for (size_t row = 0; row < KEEL_COUNT(needed); row++)
				if ((needed[row].on & machines[m].on) != 0 &&
					(needed[row].may & rooms[r]) != 0)
					check_needed(&c, m, rooms[r], row);
		}
}

static void check_deadly(
	const struct code *c, size_t m, const char *const *calls, size_t n, const char *room)
{
	for (size_t i = 0; i < n; i++) {
		char what[96];
		(void)snprintf(what, sizeof(what), "%s: %s, %s", machines[m].name, calls[i], room);
		CHECK_ROW(
			verdict(c, machines[m].machine, calls[i], 0, 0) == SECCOMP_RET_KILL_PROCESS,
			what);
	}
}

/* EN 303 645 5.6-7: on every machine. */
static void prov_5_6_7_what_is_deadly_is_deadly_on_each_machine(void)
{
	static const char *const execs[] = { "execve", "execveat" };
	static const char *const reaching[] = { "socket", "connect" };
	static struct code c;
	for (size_t m = 0; m < KEEL_COUNT(machines); m++)
		for (size_t r = 0; r < KEEL_COUNT(rooms); r++) {
			const char *room = rooms[r] == APP ? "app" : "another room";
			filter_of(rooms[r], machines[m].machine, &c);
			check_deadly(&c, m, deadly, KEEL_COUNT(deadly), room);
			if (machines[m].on == ON_ARM)
				check_deadly(&c, m, deadly_on_arm, KEEL_COUNT(deadly_on_arm), room);
			if (rooms[r] != APP)
				check_deadly(&c, m, execs, KEEL_COUNT(execs), room);
			if (rooms[r] != OUT)
				check_deadly(&c, m, reaching, KEEL_COUNT(reaching), room);
			CHECK_ROW(verdict(&c, machines[m].foreign, "read", 0, 0) ==
					  SECCOMP_RET_KILL_PROCESS,
				machines[m].name);
		}
}

/* clang-format off */
static const struct {
	const char *why;
	unsigned on, may;
	const char *call;
	unsigned arg;
	uint64_t value;
	bool allowed;
} by_argument[] = {
	{ "data",                     ON_X86 | ON_ARM64, VAULT, "mmap",      2, PROT_READ | PROT_WRITE, true },
	{ "data",                     ON_ARM,            VAULT, "mmap2",     2, PROT_READ | PROT_WRITE, true },
	{ "code",                     ON_X86 | ON_ARM64, VAULT, "mmap",      2, PROT_READ | PROT_EXEC,  false },
	{ "code",                     ON_ARM,            VAULT, "mmap2",     2, PROT_READ | PROT_EXEC,  false },
	{ "code of the loader",       ON_ARM,            APP,   "mmap2",     2, PROT_READ | PROT_EXEC,  true },
	{ "data made code",           ON_ALL,            DOOR,  "mprotect",  2, PROT_EXEC,              false },
	{ "a thread",                 ON_ALL,            APP,   "clone",     0, CLONE_THREAD | CLONE_VM, true },
	{ "a process",                ON_ALL,            APP,   "clone",     0, CLONE_VM,               false },
	{ "a file, to read",          ON_ALL,            WATCH, "openat",    2, O_RDONLY,               true },
	{ "a file, to write",         ON_ALL,            WATCH, "openat",    2, O_WRONLY,               false },
	{ "a new file",               ON_ALL,            APP,   "openat",    2, O_CREAT,                false },
	{ "out by a listener",        ON_ALL,            DOOR,  "sendto",    3, MSG_FASTOPEN,           false },
	{ "out by a listener",        ON_ARM,            DOOR,  "send",      3, MSG_FASTOPEN,           false },
	{ "many out by a listener",   ON_ALL,            OUT,   "sendmmsg",  3, MSG_FASTOPEN,           false },
	{ "many at once",             ON_ALL,            OUT,   "sendmmsg",  3, MSG_NOSIGNAL,           true },
	{ "many at once",             ON_ALL,            DOOR,  "sendmmsg",  3, 0,                      false },
	{ "a file, to read",          ON_ALL,            OUT,   "openat",    2, O_RDONLY,               true },
	{ "a file, to write",         ON_ALL,            OUT,   "openat",    2, O_RDWR,                 false },
	{ "a connection taken",       ON_ALL,            OUT,   "accept4",   0, 0,                      false },
	{ "another's limits",         ON_ALL,            APP,   "prlimit64", 0, 1,                      false },
};
/* clang-format on */

static void what_an_argument_decides_is_decided_on_each_machine(void)
{
	static struct code c;
	for (size_t m = 0; m < KEEL_COUNT(machines); m++)
		for (size_t i = 0; i < KEEL_COUNT(by_argument); i++) {
			if ((by_argument[i].on & machines[m].on) == 0)
				continue;
			filter_of(by_argument[i].may, machines[m].machine, &c);
			uint32_t v = verdict(&c, machines[m].machine, by_argument[i].call,
				by_argument[i].arg, by_argument[i].value);
			CHECK_ROW(v == (by_argument[i].allowed ? SECCOMP_RET_ALLOW
							       : SECCOMP_RET_ERRNO | ENOSYS),
				by_argument[i].why);
		}
}

static bool is_tcp_or_udp(uint32_t domain, uint32_t type, uint32_t protocol)
{
	bool stream = type == SOCK_STREAM && (protocol == 0 || protocol == IPPROTO_TCP);
	bool datagram = type == SOCK_DGRAM && (protocol == 0 || protocol == IPPROTO_UDP);
	return (domain == AF_INET || domain == AF_INET6) && (stream || datagram);
}

/*
 * Every combination, since libseccomp once weakened filters of several comparisons
 * (GHSA-4q85-33p6-j5g6): with and without the flags that a type may carry, and with upper halves of
 * registers that the kernel does not look at.
 */
static void check_sockets(const struct code *c, size_t m)
{
	struct seccomp_data d = { .arch = machines[m].machine };
	unsigned wrong = 0;
	d.nr = seccomp_syscall_resolve_name_arch(machines[m].machine, "socket");
	for (uint32_t domain = 0; domain < 48; domain++)
		for (uint32_t type = 0; type < 16; type++)
			for (uint32_t protocol = 0; protocol < 264; protocol++) {
				bool allowed = is_tcp_or_udp(domain, type, protocol);
				uint64_t upper = machines[m].on == ON_ARM ? 0 : 1ull << 32;
				d.args[0] = domain | upper;
				d.args[1] = type | SOCK_CLOEXEC | SOCK_NONBLOCK;
				d.args[2] = protocol;
				wrong += (run(c, &d) == SECCOMP_RET_ALLOW) != allowed;
				d.args[0] = domain;
				d.args[1] = type;
				wrong += (run(c, &d) == SECCOMP_RET_ALLOW) != allowed;
			}
	CHECK_ROW(wrong == 0, machines[m].name);
}

/* EN 303 645 5.6-7: outward means TCP and UDP; no raw socket, no Unix one, no netlink. */
static void prov_5_6_7_only_tcp_and_udp_lead_outward_on_each_machine(void)
{
	static struct code c;
	for (size_t m = 0; m < KEEL_COUNT(machines); m++) {
		filter_of(OUT, machines[m].machine, &c);
		check_sockets(&c, m);
	}
}

int main(int argc, char **argv)
{
	static const struct check_test all[] = {
		TEST(prov_5_6_7_only_tcp_and_udp_lead_outward_on_each_machine),
		TEST(each_room_has_what_each_machines_libc_calls),
		TEST(prov_5_6_7_what_is_deadly_is_deadly_on_each_machine),
		TEST(what_an_argument_decides_is_decided_on_each_machine),
	};
	KEEL_MUST(seccomp_api_set(3) == 0); /* no kernel is asked: qemu-user knows no filters */
	return check_main(all, KEEL_COUNT(all), argc, argv);
}

#include "device/filter.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/err.h"
#include "device/rooms.h"

/*
 * A name that a machine lacks (open on arm64, mmap2 on x86-64) has a negative number, and libseccomp
 * leaves it out there; the _time64 and other twins are what 32-bit Arm calls.
 */
#define C(name) SCMP_SYS(name)

/* Computing, telling the time, and talking on descriptors that are open already. */
static const int always[] = { C(read), C(write), C(readv), C(writev), C(pread64), C(close), C(poll),
	C(ppoll), C(ppoll_time64), C(recvmsg), C(recvfrom), C(recv), C(clock_gettime),
	C(clock_gettime64), C(clock_getres), C(clock_getres_time64), C(clock_nanosleep),
	C(clock_nanosleep_time64), C(nanosleep), C(gettimeofday), C(time), C(munmap), C(mremap),
	C(brk), C(madvise), C(futex), C(futex_time64), C(getrandom), C(exit), C(exit_group),
	C(rt_sigaction), C(rt_sigprocmask), C(rt_sigreturn), C(sigreturn), C(sigaltstack),
	C(getpid), C(gettid), C(getppid), C(getuid), C(geteuid), C(getgid), C(getegid), C(getuid32),
	C(geteuid32), C(getgid32), C(getegid32), C(sched_yield), C(restart_syscall), C(fstat),
	C(fstat64), C(newfstatat), C(fstatat64), C(statx), C(lseek), C(_llseek), C(uname),
	C(getrusage), C(sysinfo), C(sched_getaffinity) };

static const int look[] = { C(getdents64), C(readlink), C(readlinkat), C(access), C(faccessat),
	C(faccessat2), C(stat), C(lstat), C(stat64), C(lstat64) };

static const int files[] = { C(open), C(openat), C(unlink), C(unlinkat), C(rename), C(renameat),
	C(renameat2), C(ftruncate), C(ftruncate64), C(fsync), C(fdatasync), C(pwrite64),
	C(fallocate), C(flock), C(getcwd), C(fchmod), C(umask) };

static const int loops[] = { C(epoll_create1), C(epoll_ctl), C(epoll_wait), C(epoll_pwait),
	C(epoll_pwait2), C(eventfd2), C(timerfd_create), C(timerfd_settime), C(timerfd_settime64) };

static const int accepting[] = { C(accept), C(accept4) };
static const int on_sockets[] = { C(getsockname), C(getpeername), C(getsockopt), C(setsockopt),
	C(shutdown) };

/* The maker's program: one exec and a loader, threads, and the ioctl of its own hardware. */
static const int program[] = { C(execve), C(execveat), C(mmap), C(mmap2), C(mprotect),
	C(arch_prctl), C(set_tid_address), C(set_robust_list), C(rseq), C(seccomp), C(getcwd),
	C(ioctl), C(fsync), C(fdatasync), C(pwrite64), C(dup), C(dup3), C(pipe2), C(ugetrlimit),
	C(getrlimit) };

/* No honest room calls these: whoever does is taken over, and ends. */
static const int deadly[] = { C(ptrace), C(process_vm_readv), C(process_vm_writev), C(kcmp),
	C(pidfd_getfd), C(kexec_load), C(kexec_file_load), C(bpf), C(mount), C(umount), C(umount2),
	C(move_mount), C(open_tree), C(fsopen), C(fsmount), C(pivot_root), C(chroot), C(unshare),
	C(setns), C(setuid), C(setgid), C(setreuid), C(setregid), C(setresuid), C(setresgid),
	C(setgroups), C(setfsuid), C(setfsgid), C(setuid32), C(setgid32), C(setreuid32),
	C(setregid32), C(setresuid32), C(setresgid32), C(setgroups32), C(capset), C(keyctl),
	C(add_key), C(request_key), C(perf_event_open), C(userfaultfd), C(io_uring_setup),
	C(io_uring_enter), C(io_uring_register), C(init_module), C(finit_module), C(delete_module),
	C(reboot), C(swapon), C(swapoff), C(iopl), C(ioperm), C(settimeofday), C(clock_settime),
	C(clock_settime64), C(open_by_handle_at), C(fanotify_init), C(acct), C(quotactl), C(bind),
	C(listen) };

/* And these only where the row says so. */
static const int execs[] = { C(execve), C(execveat) };
static const int reaching[] = { C(socket), C(connect) };

static bool add(scmp_filter_ctx f, uint32_t action, const int *calls, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (seccomp_rule_add(f, action, calls[i], 0) != 0)
			return false;
	return true;
}

#define ADD(f, action, calls) add(f, action, calls, KEEL_COUNT(calls))

/*
 * What these calls may be asked for. Not there: whom a descriptor's news is signalled to (F_SETOWN,
 * F_SETSIG, F_NOTIFY, F_SETLEASE), by which the kernel would press the device's button for a room.
 */
static const uint32_t descriptor[] = { F_GETFD, F_SETFD, F_GETFL, F_DUPFD, F_DUPFD_CLOEXEC };
static const uint32_t locks[] = { F_GETLK, F_SETLK, F_SETLKW };
static const uint32_t locks_64[] = { F_GETLK64, F_SETLK64, F_SETLKW64 }; /* what 32 bits call */

/* Not there: outliving the parent (PR_SET_PDEATHSIG), being traced (PR_SET_DUMPABLE). */
static const uint32_t itself[] = { PR_SET_NAME, PR_GET_NAME, PR_SET_NO_NEW_PRIVS,
	PR_GET_NO_NEW_PRIVS, PR_SET_SECCOMP, PR_GET_SECCOMP, PR_GET_DUMPABLE };

/* Hardware has requests of its own, so of ioctl's those that signal, or type for a person, go. */
static const uint32_t signalling[] = { FIOASYNC, FIOSETOWN, SIOCSPGRP, TIOCSPGRP, TIOCSTI };

/* Allows the call where the masked argument is this value. One comparison a call: libseccomp
 * before 2.6.1 weakens filters that merge several 64-bit ones (GHSA-4q85-33p6-j5g6). */
static bool allow_if(scmp_filter_ctx f, int call, unsigned arg, uint32_t mask, uint32_t value)
{
	struct scmp_arg_cmp c = SCMP_CMP(arg, SCMP_CMP_MASKED_EQ, mask, value);
	return seccomp_rule_add_array(f, SCMP_ACT_ALLOW, call, 1, &c) == 0;
}

static bool allow_each(scmp_filter_ctx f, int call, unsigned arg, const uint32_t *values, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!allow_if(f, call, arg, UINT32_MAX, values[i]))
			return false;
	return true;
}

#define EACH(f, call, arg, values) allow_each(f, call, arg, values, KEEL_COUNT(values))

/* 32-bit Arm calls it fcntl64. O_ASYNC would turn a descriptor's signals on. */
static bool allow_fcntl(scmp_filter_ctx f, int call, bool locking)
{
	const struct scmp_arg_cmp quiet[] = { SCMP_CMP(1, SCMP_CMP_MASKED_EQ, UINT32_MAX, F_SETFL),
		SCMP_CMP(2, SCMP_CMP_MASKED_EQ, O_ASYNC, 0) };
	if (!EACH(f, call, 1, descriptor) ||
		seccomp_rule_add_array(f, SCMP_ACT_ALLOW, call, KEEL_COUNT(quiet), quiet) != 0)
		return false;
	bool more = F_GETLK64 != F_GETLK;
	return !locking || (EACH(f, call, 1, locks) && (!more || EACH(f, call, 1, locks_64)));
}

static bool allow_reading(scmp_filter_ctx f)
{
	const uint32_t writes = O_ACCMODE | O_CREAT | O_TRUNC;
	return ADD(f, SCMP_ACT_ALLOW, look) && allow_if(f, C(open), 1, writes, O_RDONLY) &&
	       allow_if(f, C(openat), 2, writes, O_RDONLY);
}

/* Memory that is data only, and no signal but to oneself (abort). */
static bool allow_data(scmp_filter_ctx f)
{
	return allow_if(f, C(mmap), 2, PROT_EXEC, 0) && allow_if(f, C(mmap2), 2, PROT_EXEC, 0) &&
	       allow_if(f, C(mprotect), 2, PROT_EXEC, 0);
}

/* A call of Arm's own, made at every start: libseccomp's header has no number for it, its table has. */
static bool allow_tls(scmp_filter_ctx f)
{
	int call = seccomp_syscall_resolve_name("set_tls");
	return call != __NR_SCMP_ERROR && seccomp_rule_add(f, SCMP_ACT_ALLOW, call, 0) == 0;
}

static bool allow_program(scmp_filter_ctx f)
{
	/* clone3 answers ENOSYS, and libc falls back to clone, whose flags can be seen. */
	return ADD(f, SCMP_ACT_ALLOW, program) && ADD(f, SCMP_ACT_ALLOW, loops) && allow_tls(f) &&
	       allow_reading(f) && EACH(f, C(prctl), 0, itself) &&
	       allow_if(f, C(clone), 0, CLONE_THREAD, CLONE_THREAD) &&
	       allow_if(f, C(prlimit64), 0, UINT32_MAX, 0); /* its own, which it can only lower */
}

/*
 * Talking, but never MSG_FASTOPEN: with it a listener that was shut down connects, from the network
 * that it was made in, whatever the filter says of connect.
 */
static bool allow_talking(scmp_filter_ctx f)
{
	return allow_if(f, C(sendto), 3, MSG_FASTOPEN, 0) &&
	       allow_if(f, C(sendmsg), 2, MSG_FASTOPEN, 0) &&
	       allow_if(f, C(send), 3, MSG_FASTOPEN, 0);
}

/*
 * Sockets for TCP and UDP, of which a call's type has flags in its upper bits. No other kind: glibc
 * also asks the kernel by netlink for this machine's addresses and nscd by AF_UNIX, and goes on
 * without. sendmmsg is how it asks for both kinds of addresses at once.
 */
static bool allow_socket(scmp_filter_ctx f, uint32_t domain, uint32_t type, uint32_t protocol)
{
	const struct scmp_arg_cmp is[] = { SCMP_CMP(0, SCMP_CMP_MASKED_EQ, UINT32_MAX, domain),
		SCMP_CMP(1, SCMP_CMP_MASKED_EQ, 0xf, type),
		SCMP_CMP(2, SCMP_CMP_MASKED_EQ, UINT32_MAX, protocol) };
	return seccomp_rule_add_array(f, SCMP_ACT_ALLOW, C(socket), KEEL_COUNT(is), is) == 0;
}

static bool allow_connecting(scmp_filter_ctx f)
{
	static const uint32_t domains[] = { AF_INET, AF_INET6 };
	static const uint32_t kinds[][2] = { { SOCK_STREAM, 0 }, { SOCK_STREAM, IPPROTO_TCP },
		{ SOCK_DGRAM, 0 }, { SOCK_DGRAM, IPPROTO_UDP } };
	for (size_t d = 0; d < KEEL_COUNT(domains); d++)
		for (size_t k = 0; k < KEEL_COUNT(kinds); k++)
			if (!allow_socket(f, domains[d], kinds[k][0], kinds[k][1]))
				return false;
	return allow_if(f, C(sendmmsg), 3, MSG_FASTOPEN, 0) && ADD(f, SCMP_ACT_ALLOW, on_sockets) &&
	       seccomp_rule_add(f, SCMP_ACT_ALLOW, C(connect), 0) == 0 && allow_reading(f);
}

static bool allow(scmp_filter_ctx f, unsigned may)
{
	bool locking = (may & MAY_FILES) != 0;
	if (!ADD(f, SCMP_ACT_ALLOW, always) || !allow_talking(f) ||
		!allow_fcntl(f, C(fcntl), locking) || !allow_fcntl(f, C(fcntl64), locking) ||
		!allow_if(f, C(tgkill), 0, UINT32_MAX, (uint32_t)getpid()))
		return false;
	if ((may & MAY_CONNECT) == 0 && !ADD(f, SCMP_ACT_KILL_PROCESS, reaching))
		return false;
	if ((may & MAY_EXEC) != 0)
		return allow_program(f);
	if (!allow_data(f) || !ADD(f, SCMP_ACT_KILL_PROCESS, execs))
		return false;
	if ((may & MAY_FILES) != 0 &&
		!(ADD(f, SCMP_ACT_ALLOW, look) && ADD(f, SCMP_ACT_ALLOW, files)))
		return false;
	if ((may & MAY_READ) != 0 && !allow_reading(f))
		return false;
	if ((may & MAY_CONNECT) != 0 && !allow_connecting(f))
		return false;
	return (may & MAY_ACCEPT) == 0 ||
	       (ADD(f, SCMP_ACT_ALLOW, loops) && ADD(f, SCMP_ACT_ALLOW, accepting) &&
		       ADD(f, SCMP_ACT_ALLOW, on_sockets));
}

/* Another machine's calls (32-bit on 64-bit, x32) have other numbers: refused whole. */
static scmp_filter_ctx filter_of(uint32_t machine, uint32_t otherwise)
{
	scmp_filter_ctx f = seccomp_init(otherwise);
	/* A room has one thread; the service's worker commits in another. */
	if (f != NULL && seccomp_attr_set(f, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS) == 0 &&
		seccomp_attr_set(f, SCMP_FLTATR_CTL_TSYNC, 1) == 0 &&
		(seccomp_arch_exist(f, machine) == 0 ||
			(seccomp_arch_add(f, machine) == 0 &&
				seccomp_arch_remove(f, seccomp_arch_native()) == 0)))
		return f;
	seccomp_release(f);
	return NULL;
}

/* What is to be done with a whole filter. */
typedef int finish(const scmp_filter_ctx f, int fd);

static int load(const scmp_filter_ctx f, int fd)
{
	(void)fd;
	return seccomp_load(f);
}

/* A filter of its own, under the other one: the stricter answer counts. */
static bool no_signalling(void)
{
	scmp_filter_ctx f = filter_of(seccomp_arch_native(), SCMP_ACT_ALLOW);
	bool good = f != NULL;
	for (size_t i = 0; good && i < KEEL_COUNT(signalling); i++) {
		struct scmp_arg_cmp c = SCMP_CMP(1, SCMP_CMP_MASKED_EQ, UINT32_MAX, signalling[i]);
		good = seccomp_rule_add_array(f, SCMP_ACT_ERRNO(ENOSYS), C(ioctl), 1, &c) == 0;
	}
	good = good && seccomp_load(f) == 0;
	seccomp_release(f);
	return good;
}

static bool build(uint32_t machine, unsigned may, finish *then, int fd)
{
	scmp_filter_ctx f = filter_of(machine, SCMP_ACT_ERRNO(ENOSYS));
	bool good = f != NULL && allow(f, may) && ADD(f, SCMP_ACT_KILL_PROCESS, deadly) &&
		    then(f, fd) == 0;
	seccomp_release(f);
	return good;
}

bool keel_filter(unsigned may)
{
	return ((may & MAY_EXEC) == 0 || no_signalling()) &&
	       build(seccomp_arch_native(), may, load, -1);
}

bool keel_filter_export(unsigned may, uint32_t machine, int fd)
{
	return build(machine, may, seccomp_export_bpf, fd);
}

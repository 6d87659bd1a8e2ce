/*
 * In each room a probe tries what the room must not do. The probe runs in the room's own row, behind
 * the same walls: this program, started once more for each attempt.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "check.h"
#include "device/confine.h"
#include "device/filter.h"
#include "device/home.h"
#include "device/talk.h"

enum { POSSIBLE = 10, REFUSED = 11, KILLED = 12, FAILED = 13 };

/* The leak check traces, which no room may; behind Landlock it does not find its environment. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "detect_leaks=0";
}

static struct home home;

/* --- the attempts: true where it worked ------------------------------------------------------ */

static bool try_socket(void)
{
	return socket(AF_INET, SOCK_STREAM, 0) >= 0;
}

static int out_socket(void)
{
	return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_TCP);
}

static bool try_raw_socket(void)
{
	return socket(AF_INET, SOCK_RAW, IPPROTO_ICMP) >= 0;
}

static bool try_netlink(void)
{
	return socket(AF_NETLINK, SOCK_RAW, 0) >= 0;
}

static bool try_bind(void)
{
	struct sockaddr_in any = { .sin_family = AF_INET };
	return bind(out_socket(), (struct sockaddr *)&any, sizeof(any)) == 0;
}

static bool try_listen(void)
{
	return listen(out_socket(), 1) == 0;
}

/* Landlock asks for the port before TCP finds that nobody is there. */
static bool try_other_port(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_port = htons(1),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	return connect(out_socket(), (struct sockaddr *)&to, sizeof(to)) == 0 || errno != EACCES;
}

static bool may_read_names(void)
{
	return open("/etc/hosts", O_RDONLY) >= 0;
}

static bool try_unix_socket(void)
{
	return socket(AF_UNIX, SOCK_STREAM, 0) >= 0;
}

static char secret[128], fresh[128], own[128]; /* paths, made before the fork */

static bool try_read_other(void)
{
	return open(secret, O_RDONLY) >= 0;
}

static bool try_create(void)
{
	return open(fresh, O_WRONLY | O_CREAT, 0600) >= 0;
}

static bool try_truncate(void)
{
	return truncate(secret, 0) == 0;
}

static bool try_exec(void)
{
	char *argv[] = { (char[]){ "true" }, NULL };
	return execv("/bin/true", argv) == 0;
}

static bool try_fork(void)
{
	pid_t pid = fork();
	if (pid == 0)
		_exit(0);
	return pid > 0;
}

static bool try_ptrace(void)
{
	return ptrace(PTRACE_ATTACH, getppid(), NULL, NULL) == 0;
}

static bool try_read_memory(void)
{
	char byte;
	struct iovec v = { &byte, 1 };
	return process_vm_readv(getppid(), &v, 1, &v, 1, 0) == 1;
}

static bool try_kill(void)
{
	return kill(getppid(), 0) == 0;
}

static bool try_thread_kill(void)
{
	return syscall(SYS_tgkill, getppid(), getppid(), 0) == 0;
}

/* A descriptor's news would be signalled to the parent, where SIGUSR1 is a press of the button. */
static bool try_own(void)
{
	return fcntl(STDERR_FILENO, F_SETOWN, getppid()) == 0;
}

static bool try_own_thread(void)
{
	struct f_owner_ex o = { F_OWNER_TID, getppid() };
	return fcntl(STDERR_FILENO, F_SETOWN_EX, &o) == 0;
}

static bool try_button(void)
{
	return fcntl(STDERR_FILENO, F_SETSIG, SIGUSR1) == 0;
}

static bool try_async(void)
{
	int flags = fcntl(STDERR_FILENO, F_GETFL);
	return flags >= 0 && fcntl(STDERR_FILENO, F_SETFL, flags | O_ASYNC) == 0;
}

/* Refused by the filter; what stderr itself has no such request of says ENOTTY. */
static bool asked(unsigned long request)
{
	int arg = getppid();
	return ioctl(STDERR_FILENO, request, &arg) == 0 || errno != ENOSYS;
}

static bool try_own_by_ioctl(void)
{
	return asked(FIOSETOWN) || asked(SIOCSPGRP);
}

static bool try_async_by_ioctl(void)
{
	return asked(FIOASYNC);
}

static bool try_type(void)
{
	return asked(TIOCSTI) || asked(TIOCSPGRP);
}

static bool try_outlive(void)
{
	return prctl(PR_SET_PDEATHSIG, 0) == 0;
}

static bool try_be_traced(void)
{
	return prctl(PR_SET_DUMPABLE, 1) == 0;
}

static bool try_timer(void)
{
	struct sigevent e = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1 };
	timer_t t;
	return timer_create(CLOCK_MONOTONIC, &e, &t) == 0;
}

static bool try_code(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		       0) != MAP_FAILED;
}

static bool try_mount(void)
{
	return mount("none", "/tmp", "tmpfs", 0, NULL) == 0;
}

static bool try_setuid(void)
{
	return setuid(0) == 0;
}

static bool try_namespace(void)
{
	return unshare(CLONE_NEWUSER) == 0;
}

static bool try_uring(void)
{
	return syscall(SYS_io_uring_setup, 1, NULL) >= 0;
}

static bool try_bpf(void)
{
	return syscall(SYS_bpf, 0, NULL, 0) >= 0;
}

static bool try_keyring(void)
{
	return syscall(SYS_keyctl, 0, -3, 0) >= 0;
}

#ifdef __x86_64__
/* The 32-bit gate has other numbers: getpid's, 20, is writev's in 64 bits. */
static bool try_foreign(void)
{
	long got = 20;
	__asm__ volatile("int $0x80" : "+a"(got) : : "memory");
	return got > 0;
}
#endif

static bool try_as_root(void)
{
	return getuid() == 0 || geteuid() == 0;
}

/* The network namespace is another one: the links of /proc tell, before the walls. */
static bool same_network;
static bool try_network(void)
{
	return same_network;
}

/* Read before the walls: in the session of whoever started the room, a terminal's keys are near. */
static bool same_session;
static bool try_session(void)
{
	return same_session;
}

/* Descriptor 200 was left open by whoever started the room. */
static bool try_left_open(void)
{
	return fcntl(200, F_GETFD) >= 0;
}

static bool may_read_proc(void)
{
	return open("/proc/1/net/tcp", O_RDONLY) >= 0;
}

static bool may_write_own(void)
{
	int fd = open(own, O_RDWR | O_CREAT, 0600);
	return fd >= 0 && write(fd, "x", 1) == 1 && fsync(fd) == 0 && ftruncate(fd, 0) == 0 &&
	       unlink(own) == 0;
}

static bool may_unblock(void)
{
	int flags = fcntl(STDERR_FILENO, F_GETFL);
	return flags >= 0 && fcntl(STDERR_FILENO, F_SETFL, flags | O_NONBLOCK) == 0 &&
	       fcntl(STDERR_FILENO, F_SETFD, FD_CLOEXEC) == 0 &&
	       fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0) >= 0;
}

static bool may_name_itself(void)
{
	return prctl(PR_SET_NAME, "probe") == 0;
}

static bool may_ask_hardware(void)
{
	int n = 0;
	return ioctl(STDERR_FILENO, FIONREAD, &n) == 0 || errno != ENOSYS;
}

static bool may_lock(void)
{
	struct flock l = { .l_type = F_RDLCK, .l_whence = SEEK_SET };
	int fd = open(own, O_RDWR | O_CREAT, 0600);
	return fd >= 0 && fcntl(fd, F_SETLK, &l) == 0 && unlink(own) == 0;
}

static bool may_compute(void)
{
	struct timespec t;
	char *p = malloc(1 << 20);
	bool good = p != NULL && clock_gettime(CLOCK_REALTIME, &t) == 0 && getpid() > 0;
	free(p);
	return good;
}

#define IN(room) (1u << (room))
#define OUT      IN(ROOM_UPLINK)
#define INSIDE   (IN(ROOM_VAULT) | IN(ROOM_DOOR) | IN(ROOM_MONITOR))
#define ROOMS    (INSIDE | OUT)
#define ALL      (ROOMS | IN(ROOM_APP))

/* clang-format off */
static const struct {
	const char *name;
	bool (*act)(void);
	unsigned rooms;
	int expect;
} attempts[] = {
	{ "open an internet socket", try_socket, ALL & ~OUT, KILLED },
	{ "open a unix socket", try_unix_socket, ALL & ~OUT, KILLED },
	{ "open an internet socket (it may)", try_socket, OUT, POSSIBLE },
	{ "open a unix socket, outward", try_unix_socket, OUT, REFUSED },
	{ "open a raw socket", try_raw_socket, OUT, REFUSED },
	{ "ask the kernel's network", try_netlink, OUT, REFUSED },
	{ "bind to a port", try_bind, OUT, KILLED },
	{ "listen", try_listen, OUT, KILLED },
	{ "connect to a port that is not the service's", try_other_port, OUT, REFUSED },
	{ "read names (it may)", may_read_names, OUT, POSSIBLE },
	{ "read a file that is not its own", try_read_other, ALL, REFUSED },
	{ "create a file outside", try_create, ALL, REFUSED },
	{ "empty a file that is not its own", try_truncate, ALL, REFUSED },
	{ "exec", try_exec, ALL, KILLED },
	{ "fork", try_fork, ALL, REFUSED },
	{ "ptrace", try_ptrace, ALL, KILLED },
	{ "read another's memory", try_read_memory, ALL, KILLED },
	{ "signal another", try_kill, ALL, REFUSED },
	{ "signal another's thread", try_thread_kill, ALL, REFUSED },
	{ "own a descriptor for the parent", try_own, ALL, REFUSED },
	{ "own it for the parent's thread", try_own_thread, ALL, REFUSED },
	{ "make its signal the button", try_button, ALL, REFUSED },
	{ "turn its signals on", try_async, ALL, REFUSED },
	{ "own it by ioctl", try_own_by_ioctl, ALL, REFUSED },
	{ "turn its signals on by ioctl", try_async_by_ioctl, ALL, REFUSED },
	{ "type into a terminal", try_type, ALL, REFUSED },
	{ "be in the parent's session", try_session, ALL, REFUSED },
	{ "outlive the parent", try_outlive, ALL, REFUSED },
	{ "let itself be traced", try_be_traced, ALL, REFUSED },
	{ "make a timer that signals", try_timer, ALL, REFUSED },
	{ "make memory code", try_code, ROOMS, REFUSED },
	{ "mount", try_mount, ALL, KILLED },
	{ "become root", try_setuid, ALL, KILLED },
	{ "make a namespace", try_namespace, ALL, KILLED },
	{ "io_uring", try_uring, ALL, KILLED },
	{ "bpf", try_bpf, ALL, KILLED },
	{ "the keyring", try_keyring, ALL, KILLED },
#ifdef __x86_64__
	{ "another machine's calls", try_foreign, ALL, KILLED },
#endif
	{ "be root", try_as_root, ALL, REFUSED },
	{ "be in the device's network", try_network, INSIDE, REFUSED },
	{ "be in the device's network (it may)", try_network, OUT, POSSIBLE },
	{ "use a descriptor left open", try_left_open, ALL, REFUSED },
	{ "read /proc (it may)", may_read_proc, IN(ROOM_MONITOR), POSSIBLE },
	{ "write in its folder (it may)", may_write_own, IN(ROOM_VAULT), POSSIBLE },
	{ "lock in its folder (it may)", may_lock, IN(ROOM_VAULT), POSSIBLE },
	{ "make a descriptor not block (it may)", may_unblock, ALL, POSSIBLE },
	{ "name itself (it may)", may_name_itself, IN(ROOM_APP), POSSIBLE },
	{ "ask its hardware (it may)", may_ask_hardware, IN(ROOM_APP), POSSIBLE },
	{ "compute (it may)", may_compute, ALL, POSSIBLE },
};
/* clang-format on */

/* --- the probe's side ------------------------------------------------------------------------ */

static bool attempt(size_t i)
{
	(void)snprintf(secret, sizeof(secret), "%s/secret", home.path);
	(void)snprintf(fresh, sizeof(fresh), "%s/fresh", home.path);
	(void)snprintf(own, sizeof(own), "%s/vault/mine", home.path);
	return attempts[i].act();
}

/* "attempt /tmp/keel-home-…": how the maker's program, whose environment is made anew, is told too. */
static size_t plan_read(const char *plan)
{
	unsigned i = 0;
	KEEL_MUST(sscanf(plan, "%u %63s", &i, home.path) == 2 && i < KEEL_COUNT(attempts));
	return i;
}

static int probe_main(struct keel_room_env *env)
{
	char now[64] = "", before[64] = "";
	size_t i = plan_read(keel_room_option(env, "app", 0));
	KEEL_MUST(readlink("/proc/self/ns/net", now, sizeof(now) - 1) > 0);
	(void)snprintf(before, sizeof(before), "%s", keel_room_option(env, "network", 0));
	same_network = strcmp(now, before) == 0;
	same_session = getsid(0) != getpid();
	keel_room_confine(env);
	return attempt(i) ? POSSIBLE : REFUSED;
}

static int program_main(const char *plan)
{
	struct keel_room_env *env;
	struct keel_fault fault;
	size_t i = plan_read(plan);
	if (keel_room_open(ROOM_APP, &env, &fault) != KEEL_OK || keel_confine_app() != KEEL_OK)
		return FAILED;
	return attempt(i) ? POSSIBLE : REFUSED;
}

/* --- the test's side ------------------------------------------------------------------------- */

struct outcome {
	int what;
	bool ready;
	bool missing[WALL_COUNT];
};

static void set(const char *name, int fd, const char *what)
{
	char text[64];
	(void)snprintf(text, sizeof(text), "%d %s\n", fd, what);
	(void)setenv(name, text, 1);
}

static _Noreturn void start(enum keel_room_id room, size_t i, int end, int self, uid_t as)
{
	char options[512], network[64] = "", name[32];
	int program = dup(self);
	(void)dup2(STDERR_FILENO, 200);
	(void)!readlink("/proc/self/ns/net", network, sizeof(network) - 1);
	if (as != 0 && (setgroups(0, NULL) != 0 || setresgid(as, as, as) != 0 ||
			       setresuid(as, as, as) != 0))
		_exit(FAILED);
	(void)snprintf(options, sizeof(options),
		"uid %u\ngid %u\nparent %d\nfolder %s/vault\nnetwork %s\napp %zu %s\n",
		keel_rooms[room].uid, keel_rooms[room].uid, (int)getppid(), home.path, network, i,
		home.path);
	(void)setenv("KEEL_OPTIONS", options, 1);
	set("KEEL_ENDS", end, "parent 0");
	set("KEEL_HANDED", program, "program");
	(void)snprintf(name, sizeof(name), "%s", keel_rooms[room].name);
	char *argv[] = { (char[]){ "probe" }, (char[]){ "--room" }, name, NULL };
	(void)close(STDERR_FILENO); /* what walls are missing is read from the message */
	(void)open("/dev/null", O_WRONLY);
	(void)fexecve(self, argv, environ);
	_exit(FAILED);
}

static void take_ready(int fd, struct outcome *o)
{
	static uint8_t buf[KEEL_MESSAGE_MAX];
	struct keel_bytes in;
	union keel_body body;
	enum keel_msg msg;
	if (keel_talk_receive(fd, buf, &in, NULL) != KEEL_OK ||
		keel_line_read(ROOM_DOOR, ROOM_PARENT, in, &msg, &body, NULL) != KEEL_OK)
		return;
	struct keel_list rest = body.ready.missing;
	uint64_t wall;
	o->ready = msg == MSG_READY;
	while (keel_list_next(&keel_wall_item, &rest, &wall))
		o->missing[wall] = true;
}

static struct outcome probe(enum keel_room_id room, size_t i, uid_t as)
{
	struct outcome o = { .what = FAILED };
	int ends[2], status;
	int self = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	CHECK(self >= 0 && socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends) == 0);
	pid_t pid = fork();
	if (pid == 0)
		start(room, i, ends[1], self, as);
	(void)close(ends[1]);
	CHECK(waitpid(pid, &status, 0) == pid);
	if (WIFEXITED(status))
		o.what = WEXITSTATUS(status);
	else if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
		o.what = KILLED;
	take_ready(ends[0], &o);
	(void)close(ends[0]);
	(void)close(self);
	return o;
}

static void prepare(void)
{
	char path[128];
	home_make(&home, 8443);
	(void)chmod(home.path, 0777); /* so that only the walls stand between it and a room */
	home_write(&home, "secret", keel_text("of another"));
	(void)snprintf(path, sizeof(path), "%s/secret", home.path);
	(void)chmod(path, 0666);
	(void)snprintf(path, sizeof(path), "%s/vault", home.path);
	CHECK(mkdir(path, 0777) == 0 && chmod(path, 0777) == 0);
}

/* EN 303 645 5.6-7, 5.6-8: least privilege, tried. */
static void prov_5_6_7_each_room_is_refused_what_it_must_not_do(void)
{
	if (getuid() != 0) {
		CHECK_SKIP("not root: only the walls without root are tried");
		return;
	}
	prepare();
	for (enum keel_room_id room = ROOM_VAULT; room < ROOM_COUNT; room++)
		for (size_t i = 0; i < KEEL_COUNT(attempts); i++) {
			char row[128];
			if ((attempts[i].rooms & IN(room)) == 0)
				continue;
			struct outcome o = probe(room, i, 0);
			(void)snprintf(row, sizeof(row), "%s: %s (%d)", keel_rooms[room].name,
				attempts[i].name, o.what);
			CHECK_ROW(o.what == attempts[i].expect, row);
			CHECK_ROW(o.ready, row);
			for (size_t w = 0; w < WALL_COUNT; w++)
				CHECK_ROW(w == WALL_TRUNCATE || w == WALL_SCOPE || !o.missing[w],
					keel_wall_words[w]);
		}
	home_remove(&home);
}

static size_t attempt_named(const char *name)
{
	size_t i = 0;
	while (strcmp(attempts[i].name, name) != 0)
		i++;
	return i;
}

static void without_root_a_room_runs_and_says_which_wall_is_missing(void)
{
	uid_t nobody = getuid() == 0 ? 65534 : 0; /* 0: as we are */
	prepare();
	struct outcome o = probe(ROOM_DOOR, attempt_named("compute (it may)"), nobody);
	CHECK(o.what == POSSIBLE && o.ready);
	CHECK(o.missing[WALL_USER]);
	CHECK(!o.missing[WALL_SYSCALLS] && !o.missing[WALL_LIMITS]);
	o = probe(ROOM_DOOR, attempt_named("open an internet socket"), nobody);
	CHECK(o.what == KILLED);
	home_remove(&home);
}

static int listen_on_loopback(struct sockaddr_in *at)
{
	socklen_t n = sizeof(*at);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	*at = (struct sockaddr_in){ .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	if (fd < 0 || bind(fd, (struct sockaddr *)at, sizeof(*at)) != 0 || listen(fd, 1) != 0 ||
		getsockname(fd, (struct sockaddr *)at, &n) != 0)
		return -1;
	return fd;
}

/* The door's own walls, and then out through its listener: it belongs to the device's network. */
static int connect_by_listener(int listener, const struct sockaddr_in *to)
{
	if (!keel_filter(MAY_ACCEPT))
		return FAILED;
	(void)shutdown(listener, SHUT_RDWR);
	ssize_t n =
		sendto(listener, "out", 3, MSG_FASTOPEN, (const struct sockaddr *)to, sizeof(*to));
	return n >= 0 ? POSSIBLE : errno == ENOSYS ? REFUSED : FAILED;
}

static void prov_5_6_1_an_inherited_listener_cannot_connect(void)
{
	struct sockaddr_in victim;
	struct sockaddr_in own_address;
	int status = -1;
	int other = listen_on_loopback(&victim);
	int listener = listen_on_loopback(&own_address);
	CHECK(other >= 0 && listener >= 0);
	pid_t child = fork();
	if (child == 0) {
		(void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
		_exit(connect_by_listener(listener, &victim));
	}
	CHECK(waitpid(child, &status, 0) == child);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == REFUSED);
	(void)close(other);
	(void)close(listener);
}

int main(int argc, char **argv)
{
	static const struct check_test all[] = {
		TEST(prov_5_6_1_an_inherited_listener_cannot_connect),
		TEST(prov_5_6_7_each_room_is_refused_what_it_must_not_do),
		TEST(without_root_a_room_runs_and_says_which_wall_is_missing)
	};
	if (argc == 3 && strcmp(argv[1], "--room") == 0) {
		enum keel_room_id room = keel_room_named(keel_text(argv[2]));
		return keel_room_run(room, room == ROOM_APP ? keel_app_main : probe_main);
	}
	if (getenv("KEEL_ENDS") != NULL)
		return program_main(argv[0]);
	return check_main(all, KEEL_COUNT(all), argc, argv);
}

#include "device/landlock.h"

#include <fcntl.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/err.h"
#include "device/talk.h"

/* Debian 12's header stops at ABI 2, so the kernel's constants stand here, with the ABI of each. */
#define FS_EXECUTE     (1ull << 0)
#define FS_WRITE_FILE  (1ull << 1)
#define FS_READ_FILE   (1ull << 2)
#define FS_READ_DIR    (1ull << 3)
#define FS_REMOVE_FILE (1ull << 5)
#define FS_MAKE_REG    (1ull << 8)
#define FS_ABI_1       ((1ull << 13) - 1)
#define FS_REFER       (1ull << 13) /* 2 */
#define FS_TRUNCATE    (1ull << 14) /* 3 */
#define FS_IOCTL_DEV   (1ull << 15) /* 5 */
#define NET_BIND_TCP   (1ull << 0)  /* 4 */
#define NET_CONNECT    (1ull << 1)  /* 4 */
#define SCOPE_ABSTRACT (1ull << 0)  /* 6 */
#define SCOPE_SIGNAL   (1ull << 1)  /* 6 */
#define ASK_VERSION    1u
#define RULE_PATH      1
#define RULE_PORT      2
#define ON_FILES       (FS_EXECUTE | FS_WRITE_FILE | FS_READ_FILE | FS_TRUNCATE | FS_IOCTL_DEV)

struct ruleset {
	uint64_t fs;
	uint64_t net;
	uint64_t scope;
};

struct rule {
	uint64_t allowed;
	int32_t fd;
} __attribute__((packed));

struct port_rule {
	uint64_t allowed;
	uint64_t port;
};

static struct ruleset all_of(int abi)
{
	struct ruleset r = { .fs = FS_ABI_1 };
	r.fs |= abi >= 2 ? FS_REFER : 0;
	r.fs |= abi >= 3 ? FS_TRUNCATE : 0;
	r.fs |= abi >= 5 ? FS_IOCTL_DEV : 0;
	r.net = abi >= 4 ? NET_BIND_TCP | NET_CONNECT : 0;
	r.scope = abi >= 6 ? SCOPE_ABSTRACT | SCOPE_SIGNAL : 0;
	return r;
}

/* An older kernel refuses a struct that is longer than its own. */
static size_t size_of(int abi)
{
	if (abi < 4)
		return offsetof(struct ruleset, net);
	return abi < 6 ? offsetof(struct ruleset, scope) : sizeof(struct ruleset);
}

static uint64_t rights_of(unsigned grants)
{
	uint64_t r = 0;
	if ((grants & GRANT_READ) != 0)
		r |= FS_READ_FILE | FS_READ_DIR;
	if ((grants & GRANT_WRITE) != 0)
		r |= FS_WRITE_FILE | FS_REMOVE_FILE | FS_MAKE_REG | FS_TRUNCATE;
	if ((grants & GRANT_EXEC) != 0)
		r |= FS_EXECUTE;
	return r;
}

static bool grant(int ruleset, const struct keel_granted *g, uint64_t handled)
{
	keel_auto(keel_fd_close) int fd = open(g->path, O_PATH | O_CLOEXEC);
	struct stat st;
	if (fd < 0)
		return true; /* not there: nothing to allow */
	if (fstat(fd, &st) != 0)
		return false;
	struct rule r = { .allowed = rights_of(g->grants) & handled, .fd = fd };
	if (!S_ISDIR(st.st_mode))
		r.allowed &= ON_FILES;
	return syscall(SYS_landlock_add_rule, ruleset, RULE_PATH, &r, 0) == 0;
}

static bool grant_all(int ruleset, const struct keel_granted *paths, size_t n, uint64_t handled)
{
	for (size_t i = 0; i < n; i++)
		if (!grant(ruleset, &paths[i], handled))
			return false;
	return true;
}

static bool grant_ports(int ruleset, const uint16_t *ports, size_t n, uint64_t handled)
{
	for (size_t i = 0; handled != 0 && i < n; i++) {
		struct port_rule r = { .allowed = NET_CONNECT, .port = ports[i] };
		if (syscall(SYS_landlock_add_rule, ruleset, RULE_PORT, &r, 0) != 0)
			return false;
	}
	return true;
}

int keel_landlock(
	const struct keel_granted *paths, size_t n, const uint16_t *ports, size_t port_count)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, ASK_VERSION);
	if (abi < 1)
		return 0;
	struct ruleset all = all_of((int)abi);
	keel_auto(keel_fd_close) int fd =
		(int)syscall(SYS_landlock_create_ruleset, &all, size_of((int)abi), 0);
	if (fd < 0 || !grant_all(fd, paths, n, all.fs) ||
		!grant_ports(fd, ports, port_count, all.net))
		return 0;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
		syscall(SYS_landlock_restrict_self, fd, 0) != 0)
		return 0;
	return (int)abi;
}

/*
 * Names asked behind the room's walls, in a network of the test's own with a name server that answers, or
 * says nothing. Needs root: a namespace for the network and one for /etc/resolv.conf.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "check.h"
#include "device/filter.h"
#include "device/landlock.h"
#include "device/rooms.h"
#include "device/uplink/resolve.h"

#define SERVERS_FILE "/etc/resolv.conf"
#define QUERY_MAX    512
#define HEAD         12 /* of a DNS message */
#define TYPE_A       1
#define TYPE_AAAA    28
#define BOUND_MS     8000

enum { FINE = 0, FAILED = 1, NO_PLACE = 2 };

static uint64_t now_ms(void)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* --- a place of its own --- */

static bool write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	bool good = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
	if (fd >= 0)
		(void)close(fd);
	return good;
}

static bool loopback_up(void)
{
	struct ifreq r = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool good = fd >= 0 && ioctl(fd, SIOCSIFFLAGS, &r) == 0;
	(void)close(fd);
	return good;
}

/* An /etc of the test's own, so that files in it can be replaced as a network manager does. */
static bool move_in(const char *servers)
{
	if (unshare(CLONE_NEWNET | CLONE_NEWNS) != 0 || !loopback_up() ||
		mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
		mount("none", "/etc", "tmpfs", 0, NULL) != 0)
		return false;
	return write_file(SERVERS_FILE, servers) &&
	       write_file("/etc/hosts", "127.0.0.1 localhost\n") &&
	       write_file("/etc/nsswitch.conf", "hosts: files dns\n");
}

static bool wall_in(void)
{
	const char *const *sees = keel_rooms[ROOM_UPLINK].sees;
	struct keel_granted paths[16];
	size_t n = 0;
	const uint16_t dns = 53;
	for (; sees[n] != NULL; n++)
		paths[n] = (struct keel_granted){ sees[n], GRANT_READ };
	return keel_landlock(paths, n, &dns, 1) > 0 && keel_filter(MAY_CONNECT);
}

/* --- the name server --- */

/* One answer to one question: service.example is 192.0.2.7 and 2001:db8::7; any other name is none. */
static size_t answer(uint8_t *m, size_t n)
{
	static const uint8_t name[] = "\7service\7example";
	static const uint8_t a[] = { 0xC0, HEAD, 0, TYPE_A, 0, 1, 0, 0, 0, 9, 0, 4, 192, 0, 2, 7 };
	static const uint8_t aaaa[] = { 0xC0, HEAD, 0, TYPE_AAAA, 0, 1, 0, 0, 0, 9, 0, 16, 0x20, 1,
		0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7 };
	size_t end = HEAD + sizeof(name) + 4;
	m[2] = 0x84;
	m[3] = 0x80;
	memset(m + 6, 0, 6);
	if (n < end || memcmp(m + HEAD, name, sizeof(name)) != 0) {
		m[3] = 0x83; /* no such name */
		return n;
	}
	bool six = m[end - 3] == TYPE_AAAA;
	m[7] = 1;
	memcpy(m + end, six ? aaaa : a, six ? sizeof(aaaa) : sizeof(a));
	return end + (six ? sizeof(aaaa) : sizeof(a));
}

static int server_socket(const char *address)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(53) };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	(void)inet_pton(AF_INET, address, &at.sin_addr);
	return fd >= 0 && bind(fd, (struct sockaddr *)&at, sizeof(at)) == 0 ? fd : -1;
}

static _Noreturn void serve_names(int fd)
{
	uint8_t m[QUERY_MAX + 64];
	struct sockaddr_in from;
	for (;;) {
		socklen_t len = sizeof(from);
		ssize_t n = recvfrom(fd, m, QUERY_MAX, 0, (struct sockaddr *)&from, &len);
		if (n > HEAD)
			(void)sendto(fd, m, answer(m, (size_t)n), 0, (struct sockaddr *)&from, len);
	}
}

/* --- what is tried there; each in a process of its own --- */

static int ask_a_server(void)
{
	char out[KEEL_ADDRESSES_LEN], none[KEEL_ADDRESSES_LEN];
	int fd = -1;
	if (!move_in("search lan example\nnameserver 127.0.0.1\n") ||
		(fd = server_socket("127.0.0.1")) < 0)
		return NO_PLACE;
	if (fork() == 0)
		serve_names(fd);
	keel_resolve_warm();
	if (!wall_in())
		return NO_PLACE;
	bool both = keel_resolve("service.example", out) == KEEL_OK &&
		    strstr(out, "192.0.2.7") != NULL && strstr(out, "2001:db8::7") != NULL &&
		    strchr(out, ',') != NULL;
	/* "service" would be found in the domain "example": none is searched. */
	return both && keel_resolve("service", none) == KEEL_ENONE &&
			       keel_resolve("nobody.example", none) == KEEL_ENONE &&
			       keel_resolve("localhost", out) == KEEL_OK
		       ? FINE
		       : FAILED;
}

static int ask_the_silent(void)
{
	char out[KEEL_ADDRESSES_LEN];
	if (!move_in("options timeout:30 attempts:5\nnameserver 127.0.0.1\nnameserver 127.0.0.2\n"
		     "nameserver 127.0.0.3\n"))
		return NO_PLACE;
	for (char i = '1'; i <= '3'; i++) {
		char address[] = "127.0.0.0";
		address[8] = i;
		if (server_socket(address) < 0)
			return NO_PLACE;
	}
	keel_resolve_warm();
	if (!wall_in())
		return NO_PLACE;
	uint64_t before = now_ms();
	enum keel_err e = keel_resolve("service.example", out);
	return e == KEEL_ENONE && now_ms() - before < BOUND_MS ? FINE : FAILED;
}

/* A network manager writes the list anew and puts it in the old one's place. */
static int ask_after_the_list_was_replaced(void)
{
	char out[KEEL_ADDRESSES_LEN];
	int ready[2], status = -1;
	if (!move_in("nameserver 127.0.0.1\n") || pipe(ready) != 0)
		return NO_PLACE;
	pid_t room = fork();
	if (room == 0) {
		(void)close(ready[1]);
		keel_resolve_warm();
		bool walled = wall_in();
		bool known = walled && keel_resolve("localhost", out) == KEEL_OK;
		(void)!read(ready[0], &(char){ 0 }, 1); /* until it was replaced */
		_exit(!known                                            ? NO_PLACE
			: keel_resolve("localhost", out) == KEEL_ESTATE ? FINE
									: FAILED);
	}
	pid_t manager = fork();
	if (manager == 0) {
		(void)usleep(300000);
		_exit(write_file("/etc/new", "nameserver 127.0.0.2\n") &&
					rename("/etc/new", SERVERS_FILE) == 0
				? 0
				: 1);
	}
	(void)close(ready[0]);
	(void)waitpid(manager, &status, 0);
	if (status != 0)
		return NO_PLACE;
	(void)close(ready[1]);
	(void)waitpid(room, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : FAILED;
}

static void try(int (*act)(void))
{
	int status = -1;
	if (getuid() != 0) {
		CHECK_SKIP("not root: no network of its own");
		return;
	}
	pid_t pid = fork();
	if (pid == 0) {
		(void)setpgid(0, 0);
		_exit(act());
	}
	CHECK(waitpid(pid, &status, 0) == pid && WIFEXITED(status));
	/* The name server outlives its parent's death signal: Landlock lets none out of its walls. */
	(void)kill(-pid, SIGKILL);
	CHECK(WEXITSTATUS(status) != NO_PLACE);
	CHECK(WEXITSTATUS(status) == FINE);
}

static void prov_5_6_7_a_name_is_found_behind_the_walls(void)
{
	try(ask_a_server);
}

static void a_silent_name_server_holds_the_room_up_for_seconds_only(void)
{
	try(ask_the_silent);
}

static void a_list_of_servers_that_was_replaced_is_told(void)
{
	try(ask_after_the_list_was_replaced);
}

static void what_is_an_address_is_not_asked_for(void)
{
	CHECK(keel_resolve_is_address("192.0.2.1") && keel_resolve_is_address("2001:db8::1"));
	CHECK(!keel_resolve_is_address("service.example") && !keel_resolve_is_address("192.0.2"));
}

TEST_MAIN(TEST(prov_5_6_7_a_name_is_found_behind_the_walls),
	TEST(a_silent_name_server_holds_the_room_up_for_seconds_only),
	TEST(a_list_of_servers_that_was_replaced_is_told),
	TEST(what_is_an_address_is_not_asked_for))

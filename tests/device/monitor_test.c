/* What the monitor reads and when it speaks. */
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "check.h"
#include "device/home.h"
#include "device/monitor/files.h"
#include "device/monitor/watch.h"

struct line {
	enum keel_socket_kind kind;
	const char *line;
	const char *where; /* NULL: takes nothing from others */
	uint64_t inode;
};

/* The addresses of the first rows are written as a little-endian machine prints them. */
/* clang-format off */
static const struct line little[] = {
	{ SOCKET_TCP, "   0: 00000000:270F 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0 100 0", "tcp 0.0.0.0:9999", 4711 },
	{ SOCKET_TCP, "   1: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 12 1 0 100 0", "tcp 127.0.0.1:8080", 12 },
	{ SOCKET_TCP, "   2: 0100007F:1F90 0100007F:9999 01 00000000:00000000 00:00000000 00000000     0        0 13 1 0 100 0", NULL, 0 },
	{ SOCKET_TCP6, "   0: 00000000000000000000000001000000:0016 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 77 1", "tcp6 [::1]:22", 77 },
	{ SOCKET_UDP, "  12: 00000000:0035 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 99 2 0 0", "udp 0.0.0.0:53", 99 },
	{ SOCKET_UDP, "  12: 0100007F:0035 0100007F:0036 01 00000000:00000000 00:00000000 00000000     0        0 98 2 0 0", NULL, 0 },
	{ SOCKET_RAW, "   1: 00000000:0001 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 55 2 0 0", "raw 0.0.0.0:1", 55 },
};
static const struct line lines[] = {
	{ SOCKET_TCP, "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode", NULL, 0 },
	{ SOCKET_TCP, "", NULL, 0 },
	{ SOCKET_TCP, "0: zz", NULL, 0 },
	{ SOCKET_TCP, "   0: 0000000:270F 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 4711", NULL, 0 },
	{ SOCKET_UNIX, "0000000000000000: 00000002 00000000 00010000 0001 01 321 @secret", "unix @secret", 321 },
	{ SOCKET_UNIX, "0000000000000000: 00000002 00000000 00000000 0002 01 322 @dgram", "unix @dgram", 322 },
	{ SOCKET_UNIX, "0000000000000000: 00000002 00000000 00010000 0001 01 323 /run/a.sock", NULL, 0 },
	{ SOCKET_UNIX, "0000000000000000: 00000003 00000000 00000000 0001 03 324", NULL, 0 },
	{ SOCKET_UNIX, "0000000000000000: 00000003 00000000 00000000 0001 03 325 @peer", NULL, 0 },
	{ SOCKET_PACKET, "0000000000000000 3      3    0003   2     1       0      0      808", "packet protocol 0003", 808 },
	{ SOCKET_PACKET, "sk               RefCnt Type Proto  Iface R Rmem   User   Inode", NULL, 0 },
};
/* clang-format on */

static void check_line(const struct line *l)
{
	struct keel_socket s = { 0 };
	bool got = keel_socket_read(l->kind, l->line, &s);
	CHECK_ROW(got == (l->where != NULL), l->line);
	if (got && l->where != NULL) {
		CHECK_ROW(strcmp(s.where, l->where) == 0, s.where);
		CHECK_ROW(s.inode == l->inode, l->line);
	}
}

static void sockets_are_read_from_the_kernels_lines(void)
{
	const uint16_t one = 1;
	bool is_little = *(const uint8_t *)&one == 1;
	for (size_t i = 0; is_little && i < KEEL_COUNT(little); i++)
		check_line(&little[i]);
	for (size_t i = 0; i < KEEL_COUNT(lines); i++)
		check_line(&lines[i]);
}

struct found {
	uint16_t port;
	const char *name;
	unsigned tcp, udp, unix_name;
};

static void find(void *self, const struct keel_socket *s)
{
	struct found *f = self;
	f->tcp += s->kind == SOCKET_TCP && s->port == f->port;
	f->udp += s->kind == SOCKET_UDP && s->port == f->port;
	f->unix_name += s->kind == SOCKET_UNIX && strstr(s->where, f->name) != NULL;
}

static int open_inet(int type, uint16_t port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
	CHECK(bind(fd, (struct sockaddr *)&a, sizeof(a)) == 0);
	if (type == SOCK_STREAM)
		CHECK(listen(fd, 1) == 0);
	return fd;
}

static void real_listeners_are_found(void)
{
	struct found f = { .port = home_free_port(), .name = "@keel-monitor-test" };
	struct sockaddr_un u = { .sun_family = AF_UNIX };
	CHECK(keel_sockets_each(getpid(), find, &f) == KEEL_OK);
	CHECK(f.tcp + f.udp + f.unix_name == 0);
	int fds[] = { open_inet(SOCK_STREAM, f.port), open_inet(SOCK_DGRAM, f.port),
		socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0) };
	memcpy(u.sun_path + 1, f.name + 1, strlen(f.name + 1));
	CHECK(bind(fds[2], (struct sockaddr *)&u,
		      (socklen_t)(sizeof(sa_family_t) + strlen(f.name))) == 0);
	CHECK(listen(fds[2], 1) == 0);
	CHECK(keel_sockets_each(getpid(), find, &f) == KEEL_OK);
	CHECK(f.tcp == 1 && f.udp == 1 && f.unix_name == 1);
	for (size_t i = 0; i < KEEL_COUNT(fds); i++)
		(void)close(fds[i]);
}

/* What the watch asked and told, as one text. */
struct heard {
	char text[1024];
};

static void ask(void *self, uint64_t inode)
{
	struct heard *h = self;
	size_t n = strlen(h->text);
	(void)snprintf(h->text + n, sizeof(h->text) - n, "ask %u;", (unsigned)inode);
}

static void tell(void *self, enum keel_event_word word, const char *detail)
{
	struct heard *h = self;
	size_t n = strlen(h->text);
	(void)snprintf(h->text + n, sizeof(h->text) - n, "%s %s;", keel_event_words[word], detail);
}

static bool heard(struct heard *h, const char *text)
{
	bool same = strcmp(h->text, text) == 0;
	if (!same)
		(void)fprintf(stderr, "heard \"%s\"\n", h->text);
	h->text[0] = '\0';
	return same;
}

static const struct keel_declared declared = { .port_count = 1,
	.ports = { { .name = "door",
		.https = true,
		.port = 8443,
		.states = 1u << STATE_SETUP | 1u << STATE_OPERATION } } };

static void watch_init(struct keel_watch *w, struct heard *h)
{
	*w = (struct keel_watch){
		.declared = &declared, .states = ~0u, .out = { .ask = ask, .tell = tell, .self = h }
	};
}

static void look(struct keel_watch *w, const struct keel_socket *s, size_t n, uint64_t at_ms)
{
	keel_watch_begin(w);
	for (size_t i = 0; i < n; i++)
		keel_watch_saw(w, &s[i], at_ms);
	keel_watch_end(w, at_ms);
}

static const struct keel_socket door = {
	.kind = SOCKET_TCP6, .inode = 1, .port = 8443, .where = "tcp6 [::]:8443"
};
static const struct keel_socket backdoor = {
	.kind = SOCKET_TCP, .inode = 2, .port = 9999, .where = "tcp 0.0.0.0:9999"
};

/* EN 303 645 5.6-1: an open port that nobody declared is told once, with its owner, and when it goes. */
static void prov_5_6_1_an_undeclared_port_is_told_once_and_when_it_is_gone(void)
{
	struct heard h = { "" };
	struct keel_watch w;
	const struct keel_socket both[] = { door, backdoor };
	watch_init(&w, &h);
	look(&w, both, 1, 0);
	CHECK(heard(&h, ""));
	look(&w, both, 2, 2000);
	CHECK(heard(&h, "ask 2;"));
	keel_watch_owner(&w, 2, 47, keel_text("nc"));
	CHECK(heard(&h, "undeclared-port tcp 0.0.0.0:9999 by nc (47);"));
	look(&w, both, 2, 4000);
	look(&w, both, 2, 6000);
	CHECK(heard(&h, ""));
	look(&w, both, 1, 8000);
	CHECK(heard(&h, "port-gone tcp 0.0.0.0:9999;"));
	look(&w, both, 1, 10000);
	CHECK(heard(&h, ""));
}

static void a_port_whose_owner_is_not_answered_is_told_all_the_same(void)
{
	struct heard h = { "" };
	struct keel_watch w;
	watch_init(&w, &h);
	look(&w, &backdoor, 1, 0);
	look(&w, &backdoor, 1, 2000);
	CHECK(heard(&h, "ask 2;undeclared-port tcp 0.0.0.0:9999;"));
	keel_watch_owner(&w, 2, 47, keel_text("late"));
	CHECK(heard(&h, ""));
	watch_init(&w, &h);
	look(&w, &backdoor, 1, 0);
	look(&w, &backdoor, 0, 2000); /* opened and closed between two looks */
	CHECK(heard(&h, "ask 2;undeclared-port tcp 0.0.0.0:9999;port-gone tcp 0.0.0.0:9999;"));
}

static void the_door_is_undeclared_in_a_state_that_does_not_open_it(void)
{
	struct heard h = { "" };
	struct keel_watch w;
	watch_init(&w, &h);
	w.states = 1u << STATE_OPERATION;
	CHECK(keel_watch_declares(&w, &door));
	w.states = 1u << STATE_ISOLATED;
	CHECK(!keel_watch_declares(&w, &door));
	struct keel_socket udp = door;
	udp.kind = SOCKET_UDP;
	w.states = ~0u;
	CHECK(!keel_watch_declares(&w, &udp));
}

static void more_sockets_than_can_be_remembered_are_told_once(void)
{
	struct heard h = { "" };
	struct keel_watch w;
	struct keel_socket many[KEEL_SEEN_MAX + 2];
	watch_init(&w, &h);
	w.out.ask = (void (*)(void *, uint64_t))ask;
	for (size_t i = 0; i < KEEL_COUNT(many); i++) {
		many[i] = backdoor;
		many[i].inode = 100 + i;
	}
	keel_watch_begin(&w);
	for (size_t i = 0; i < KEEL_COUNT(many); i++)
		keel_watch_saw(&w, &many[i], 0);
	CHECK(heard(&h, "undeclared-port more than can be listed;"));
}

static void prov_5_7_1_restarts_and_refusals_are_told(void)
{
	struct heard h = { "" };
	struct keel_watch w;
	watch_init(&w, &h);
	keel_watch_started(&w, ROOM_DOOR, 3, 0); /* what was before this monitor is no news */
	CHECK(heard(&h, ""));
	keel_watch_started(&w, ROOM_DOOR, 4, 10);
	CHECK(heard(&h, "room-restarted door, 4 since the start;"));
	for (uint64_t i = 5; i < 8; i++)
		keel_watch_started(&w, ROOM_DOOR, i, 10 * i);
	h.text[0] = '\0';
	keel_watch_started(&w, ROOM_DOOR, 8, 100);
	CHECK(heard(&h, "room-restarted door, 8 since the start;room-restless door;"));
	keel_watch_count(&w, COUNT_WRONG_CODE, 2, 1000);
	CHECK(heard(&h, ""));
	keel_watch_count(&w, COUNT_WRONG_CODE, 1, 2000);
	CHECK(heard(&h, "many-wrong-codes 3 within 900 s;"));
	keel_watch_count(&w, COUNT_WRONG_CODE, 9, 3000);
	CHECK(heard(&h, ""));
	keel_watch_count(&w, COUNT_WRONG_CODE, 3, 3000 + 900001);
	CHECK(heard(&h, "many-wrong-codes 3 within 900 s;"));
}

static void list_of(struct home *h, struct keel_files *f, const char *text, enum keel_err expect)
{
	char path[128];
	home_write(h, "measures.list", keel_text(text));
	(void)snprintf(path, sizeof(path), "%s/measures.list", h->path);
	FILE *list = fopen(path, "r");
	CHECK(list != NULL && keel_files_read(fileno(list), f) == expect);
	if (list != NULL)
		(void)fclose(list);
}

/* EN 303 645 5.7-1: a changed file is seen. */
static void prov_5_7_1_a_changed_or_missing_file_is_seen(void)
{
	struct home h;
	struct keel_files f;
	char text[256];
	home_make(&h, 8443);
	home_write(&h, "program", keel_text("abc"));
	(void)snprintf(text, sizeof(text),
		"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  %s/program\n",
		h.path);
	list_of(&h, &f, text, KEEL_OK);
	CHECK(f.count == 1 && keel_file_look(&f.of[0]) == FILE_AS_BUILT);
	home_write(&h, "program", keel_text("abd"));
	CHECK(keel_file_look(&f.of[0]) == FILE_CHANGED);
	(void)unlink(f.of[0].path);
	CHECK(keel_file_look(&f.of[0]) == FILE_MISSING);
	char *folders[4];
	keel_files_folders(&f, folders, KEEL_COUNT(folders));
	CHECK(folders[0] != NULL && strcmp(folders[0], h.path) == 0 && folders[1] == NULL);
	free(folders[0]);
	keel_files_clear(&f);
	text[0] = 'x';
	list_of(&h, &f, text, KEEL_EFORM);
	list_of(&h, &f, "short", KEEL_ESHORT);
	home_remove(&h);
}

TEST_MAIN(TEST(sockets_are_read_from_the_kernels_lines), TEST(real_listeners_are_found),
	TEST(prov_5_6_1_an_undeclared_port_is_told_once_and_when_it_is_gone),
	TEST(a_port_whose_owner_is_not_answered_is_told_all_the_same),
	TEST(the_door_is_undeclared_in_a_state_that_does_not_open_it),
	TEST(more_sockets_than_can_be_remembered_are_told_once),
	TEST(prov_5_7_1_restarts_and_refusals_are_told),
	TEST(prov_5_7_1_a_changed_or_missing_file_is_seen))

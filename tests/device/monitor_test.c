/* What the monitor reads and when it speaks. */
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "device/home.h"
#include "device/monitor/files.h"
#include "device/monitor/roster.h"
#include "device/monitor/watch.h"
#include "device/openings.h"

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
	char where[96];
	unsigned times;
};

static void find(void *self, const struct keel_socket *s)
{
	struct found *f = self;
	f->times += strcmp(s->where, f->where) == 0;
}

static unsigned times_found(struct found *f)
{
	f->times = 0;
	CHECK(keel_sockets_each(getpid(), find, f) == KEEL_OK);
	return f->times;
}

static void real_listeners_are_found(void)
{
	for (size_t i = 0; i < OPENINGS; i++) {
		struct found f;
		int fd = opening_make(i, f.where);
		if (fd < 0)
			continue;
		CHECK_ROW(times_found(&f) == 1, f.where);
		(void)close(fd);
		CHECK_ROW(times_found(&f) == 0, f.where);
	}
}

static int connect_to(int type, const struct sockaddr_in *to, struct found *f)
{
	struct sockaddr_in own = { .sin_family = AF_INET };
	socklen_t n = sizeof(own);
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
	CHECK(fd >= 0 && connect(fd, (const struct sockaddr *)to, sizeof(*to)) == 0 &&
		getsockname(fd, (struct sockaddr *)&own, &n) == 0);
	(void)snprintf(f->where, sizeof(f->where), "%s 127.0.0.1:%u",
		type == SOCK_STREAM ? "tcp" : "udp", ntohs(own.sin_port));
	return fd;
}

/* The uplink's: a connection to the service, and a question to a name server. */
static void what_leads_outward_takes_nothing_from_others(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(to);
	struct found f = { .times = 0 };
	int service = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	CHECK(service >= 0 && bind(service, (struct sockaddr *)&to, sizeof(to)) == 0 &&
		listen(service, 1) == 0 && getsockname(service, (struct sockaddr *)&to, &n) == 0);
	static const int types[] = { SOCK_STREAM, SOCK_DGRAM };
	for (size_t i = 0; i < KEEL_COUNT(types); i++) {
		int fd = connect_to(types[i], &to, &f);
		CHECK_ROW(times_found(&f) == 0, f.where);
		(void)close(fd);
	}
	(void)close(service);
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

static enum keel_err read_list(const struct home *h, struct keel_files *f)
{
	uint8_t product[4096];
	char path[128];
	(void)snprintf(path, sizeof(path), "%s/measures.cbor", h->path);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	enum keel_err e =
		keel_files_read(fd, home_read(h, "product.cbor", product, sizeof(product)), f);
	if (fd >= 0)
		(void)close(fd);
	return e;
}

static void count_change(void *self, const struct keel_file *file)
{
	unsigned *changes = self;
	*changes += file->path[0] == '/';
}

/* How the first file stands after one slice. */
static enum keel_file_state look_once(struct keel_files *f)
{
	unsigned changes = 0;
	enum keel_file_state before = f->of[0].state;
	keel_files_look(f, count_change, &changes);
	CHECK(f->count > 1 || (changes > 0) == (f->of[0].state != before));
	return f->of[0].state;
}

/* EN 303 645 5.7-1: a changed file is seen. */
static void prov_5_7_1_a_changed_or_missing_file_is_seen(void)
{
	static struct keel_files f;
	struct home h;
	char path[128];
	const char *const paths[] = { path };
	home_make(&h, 8443);
	home_write(&h, "program", keel_text("abc"));
	(void)snprintf(path, sizeof(path), "%s/program", h.path);
	home_measure(&h, &h.maker, paths, 1);
	CHECK(read_list(&h, &f) == KEEL_OK);
	CHECK(f.count == 1 && strcmp(f.of[0].path, path) == 0);
	CHECK(look_once(&f) == FILE_AS_BUILT);
	CHECK(keel_files_have(&f, KEEL_VIEW(f.of[0].built.b)));
	home_write(&h, "program", keel_text("abd"));
	CHECK(look_once(&f) == FILE_CHANGED);
	(void)unlink(path);
	CHECK(look_once(&f) == FILE_MISSING && keel_files_wrong(&f) == 1);
	home_write(&h, "program", keel_text("abc"));
	CHECK(look_once(&f) == FILE_AS_BUILT && keel_files_wrong(&f) == 0);
	f.of[0].built.b[0] ^= 1;
	CHECK(!keel_files_have(&f, KEEL_VIEW(h.maker.pub.xy)));
	char *folders[KEEL_MEASURES_FOLDERS + 1];
	keel_files_folders(&f, folders);
	CHECK(folders[0] != NULL && strcmp(folders[0], h.path) == 0 && folders[1] == NULL);
	free(folders[0]);
	home_remove(&h);
}

/* What is signed can be read: each folder of the longest list is one that the wall lets through. */
static void every_folder_of_a_list_is_named(void)
{
	static struct keel_files f;
	static char text[KEEL_MEASURES_FOLDERS][128];
	struct home h;
	const char *paths[KEEL_MEASURES_FOLDERS];
	char *folders[KEEL_MEASURES_FOLDERS + 1], name[32];
	home_make(&h, 8443);
	for (size_t i = 0; i < KEEL_MEASURES_FOLDERS; i++) {
		(void)snprintf(text[i], sizeof(text[i]), "%s/d%zu", h.path, i);
		CHECK(mkdir(text[i], 0755) == 0);
		(void)snprintf(name, sizeof(name), "d%zu/x", i);
		home_write(&h, name, keel_text("abc"));
		(void)snprintf(text[i], sizeof(text[i]), "%s/%s", h.path, name);
		paths[i] = text[i];
	}
	home_measure(&h, &h.maker, paths, KEEL_MEASURES_FOLDERS);
	CHECK(read_list(&h, &f) == KEEL_OK && f.count == KEEL_MEASURES_FOLDERS);
	keel_files_folders(&f, folders);
	for (size_t i = 0; i < KEEL_MEASURES_FOLDERS; i++) {
		CHECK_ROW(keel_bytes_is(keel_measured_folder(keel_text(paths[i])), folders[i]),
			paths[i]);
		free(folders[i]);
	}
	CHECK(folders[KEEL_MEASURES_FOLDERS] == NULL);
	home_remove(&h);
}

/* A terabyte that takes no room on the disk, and hours to read. */
static bool become_huge(const char *path)
{
	return truncate(path, 1ll << 40) == 0;
}

static bool become_a_pipe(const char *path)
{
	return unlink(path) == 0 && mkfifo(path, 0644) == 0;
}

static bool become_a_folder(const char *path)
{
	return unlink(path) == 0 && mkdir(path, 0755) == 0;
}

static bool become_a_device(const char *path)
{
	return remove(path) == 0 && symlink("/dev/zero", path) == 0;
}

static bool become_a_loop(const char *path)
{
	return unlink(path) == 0 && symlink(path, path) == 0;
}

static bool become_a_link_to_nothing(const char *path)
{
	return unlink(path) == 0 && symlink("/none", path) == 0;
}

static const struct {
	bool (*become)(const char *path);
	enum keel_file_state is;
	const char *what;
} becoming[] = {
	{ become_huge, FILE_CHANGED, "huge" },
	{ become_a_pipe, FILE_CHANGED, "a pipe" },
	{ become_a_folder, FILE_CHANGED, "a folder" },
	{ become_a_device, FILE_CHANGED, "a device" },
	{ become_a_loop, FILE_CHANGED, "a loop of links" },
	{ become_a_link_to_nothing, FILE_MISSING, "a link to nothing" },
};

static void replaced_is_seen(struct keel_bytes content)
{
	static struct keel_files f;
	struct home h;
	char path[128];
	const char *const paths[] = { path };
	home_make(&h, 8443);
	home_write(&h, "program", content);
	(void)snprintf(path, sizeof(path), "%s/program", h.path);
	home_measure(&h, &h.maker, paths, 1);
	CHECK(read_list(&h, &f) == KEEL_OK && look_once(&f) == FILE_AS_BUILT);
	for (size_t i = 0; i < KEEL_COUNT(becoming); i++) {
		CHECK_ROW(becoming[i].become(path), becoming[i].what);
		CHECK_ROW(look_once(&f) == becoming[i].is, becoming[i].what);
	}
	(void)unlink(path);
	home_write(&h, "program", content);
	CHECK(look_once(&f) == FILE_AS_BUILT);
	home_remove(&h);
}

/* EN 303 645 5.7-1: what is put in a file's place is told at once, and not read until it ends. */
static void prov_5_7_1_what_never_ends_is_changed_and_not_read(void)
{
	replaced_is_seen(keel_text("abc"));
	replaced_is_seen(keel_text("")); /* of a size that pipes and devices have, too */
}

/* A file of many slices: the others wait, and the monitor looks elsewhere between. */
static void a_large_file_is_read_in_slices(void)
{
	static struct keel_files f;
	struct home h;
	char large[128], small[128];
	const char *const paths[] = { large, small };
	home_make(&h, 8443);
	home_write(&h, "large", keel_text("abc"));
	(void)snprintf(large, sizeof(large), "%s/large", h.path);
	(void)snprintf(small, sizeof(small), "%s/door.crt", h.path);
	CHECK(truncate(large, 2 * KEEL_SLICE_BYTES + 1) == 0);
	home_measure(&h, &h.maker, paths, 2);
	CHECK(read_list(&h, &f) == KEEL_OK);
	f.of[0].state = f.of[1].state = FILE_MISSING;
	CHECK(look_once(&f) == FILE_MISSING && f.reading.at == KEEL_SLICE_BYTES);
	CHECK(look_once(&f) == FILE_MISSING && f.reading.at == 2 * KEEL_SLICE_BYTES);
	(void)look_once(&f); /* its last byte, and then the other */
	CHECK(f.of[0].state == FILE_AS_BUILT && f.of[1].state == FILE_AS_BUILT);
	(void)look_once(&f);
	(void)look_once(&f);
	CHECK(f.looking && truncate(large, 3) == 0); /* made short while it is read */
	(void)look_once(&f);
	CHECK(f.of[0].state == FILE_CHANGED && f.of[1].state == FILE_AS_BUILT);
	home_remove(&h);
}

/* EN 303 645 5.7-1: nothing of a list that the declaration's maker did not sign is used. */
static void prov_5_7_1_a_list_that_nobody_vouches_for_is_empty(void)
{
	static struct keel_files f;
	struct home h;
	struct keel_p256_key other;
	uint8_t product[4096], bytes[KEEL_MEASURES_MAX];
	char path[128];
	const char *const paths[] = { path };
	home_make(&h, 8443);
	(void)snprintf(path, sizeof(path), "%s/door.crt", h.path);
	CHECK(read_list(&h, &f) == KEEL_ENONE && f.count == 0);
	keel_p256_generate(&other);
	home_measure(&h, &other, paths, 1);
	CHECK(read_list(&h, &f) == KEEL_EAUTH && f.count == 0);
	home_measure(&h, &h.maker, paths, 1);
	CHECK(read_list(&h, &f) == KEEL_OK && f.count == 1);
	struct keel_bytes list = home_read(&h, "measures.cbor", bytes, sizeof(bytes));
	bytes[list.n - 70] ^= 1; /* in the digest of the file */
	home_write(&h, "measures.cbor", list);
	CHECK(read_list(&h, &f) == KEEL_EAUTH && f.count == 0);
	home_measure(&h, &h.maker, paths, 1);
	home_write(&h, "product.cbor", home_product(product, sizeof(product), 443, &h.maker.pub));
	CHECK(read_list(&h, &f) == KEEL_EAUTH && f.count == 0);
	home_write(&h, "measures.cbor", keel_text("abc"));
	CHECK(read_list(&h, &f) != KEEL_OK && f.count == 0);
	home_remove(&h);
}

static void a_process_is_read_from_its_status(void)
{
	/* clang-format off */
	static const struct {
		const char *status;
		bool there;
		struct keel_process is;
	} rows[] = {
		{ "Name:\tnc\nUmask:\t0022\nState:\tS (sleeping)\nTgid:\t7\nPid:\t7\nPPid:\t3\nUid:\t61804\t0\t0\t0\n", true, { 7, 3, 61804, "nc" } },
		{ "Name:\ta b\\nPPid:\t1\nState:\tR (running)\nPid:\t7\nPPid:\t3\nUid:\t0\t0\t0\t0\n", true, { 7, 3, 0, "a?b\\nPPid:?1" } },
		{ "Name:\tnc\nState:\tZ (zombie)\nPid:\t7\nPPid:\t3\nUid:\t0\t0\t0\t0\n", false, { 0 } },
		{ "Name:\tnc\nState:\tS (sleeping)\nPid:\t7\nUid:\t0\t0\t0\t0\n", false, { 0 } },
		{ "Name:\tnc\nState:\tS (sleeping)\nPid:\t7\nPPid:\tx\nUid:\t0\t0\t0\t0\n", false, { 0 } },
		{ "", false, { 0 } },
	};
	/* clang-format on */
	for (size_t i = 0; i < KEEL_COUNT(rows); i++) {
		struct keel_process p = { 0 };
		bool there = keel_process_read(rows[i].status, &p);
		CHECK_ROW(there == rows[i].there, rows[i].status);
		CHECK_ROW(p.pid == rows[i].is.pid && p.parent == rows[i].is.parent &&
				  p.user == rows[i].is.user && strcmp(p.name, rows[i].is.name) == 0,
			rows[i].status);
	}
}

static void find_self(void *self, const struct keel_process *p)
{
	unsigned *found = self;
	*found += p->pid == getpid() && p->parent == getppid() && p->user == getuid() &&
		  strncmp(p->name, "device_monitor", 14) == 0;
}

static void real_processes_are_found(void)
{
	unsigned found = 0;
	CHECK(keel_processes_each(find_self, &found) == KEEL_OK && found == 1);
}

static bool look_round(struct keel_roster *r, const struct keel_process *p, size_t n)
{
	keel_roster_begin(r);
	for (size_t i = 0; i < n; i++)
		keel_roster_saw(r, &p[i]);
	return keel_roster_end(r);
}

/* EN 303 645 5.6-7: who runs is who the table of rooms names. */
static void prov_5_6_7_a_process_that_is_no_room_is_told_once(void)
{
	struct heard h = { "" };
	struct keel_roster r = { .parent = 10, .tell = tell, .self = &h };
	const struct keel_process all[] = {
		{ 1, 0, 0, "init" },
		{ 10, 1, 0, "keeld" },
		{ 11, 10, 801, "keeld-vault" },
		{ 12, 10, 804, "thermostat" },
		{ 13, 10, 0, "sh" },
		{ 14, 12, 0, "nc" },
		{ 15, 1, 804, "sleep" },
		{ 16, 1, 0, "cron" },
	};
	CHECK(look_round(&r, all, 4)); /* before the parent's word of its rooms has come */
	CHECK(heard(&h, ""));
	keel_roster_started(&r, ROOM_VAULT, 11, 801);
	keel_roster_started(&r, ROOM_APP, 12, 804);
	CHECK(look_round(&r, all, 4));
	CHECK(look_round(&r, all, 4));
	CHECK(heard(&h, ""));
	CHECK(!keel_roster_doubts(&r) && look_round(&r, all, KEEL_COUNT(all)));
	CHECK(heard(&h, "") && keel_roster_doubts(&r));
	CHECK(look_round(&r, all, KEEL_COUNT(all)) && !keel_roster_doubts(&r));
	CHECK(heard(&h, "undeclared-process sh (13), child of keeld;"
			"undeclared-process nc (14), child of app;"
			"undeclared-process sleep (15), as the user of app;"));
	CHECK(look_round(&r, all, KEEL_COUNT(all)));
	CHECK(heard(&h, "") && r.count == 3);
	CHECK(look_round(&r, all, 4) && r.count == 0);
	CHECK(look_round(&r, all, 5));
	CHECK(look_round(&r, all, 5));
	CHECK(heard(&h, "undeclared-process sh (13), child of keeld;"));
}

/* Not of this device: what another keeld of root's has started. A name alone makes nobody a keeld. */
static void the_rooms_of_another_keeld_are_none_of_ours(void)
{
	struct heard h = { "" };
	struct keel_roster r = { .parent = 10, .tell = tell, .self = &h };
	const struct keel_process all[] = { { 10, 1, 0, "keeld" }, { 11, 10, 801, "keeld-vault" },
		{ 21, 20, 801, "keeld-vault" }, { 20, 1, 0, "keeld" }, { 31, 30, 801, "sh" },
		{ 30, 1, 801, "keeld" } };
	keel_roster_started(&r, ROOM_VAULT, 11, 801);
	for (unsigned i = 0; i < 3; i++)
		CHECK(look_round(&r, all, KEEL_COUNT(all)));
	CHECK(heard(&h, "undeclared-process sh (31), as the user of vault;"
			"undeclared-process keeld (30), as the user of vault;"));
}

/* Without root all rooms are the parent's user: then that says nothing. */
static void users_count_where_rooms_have_their_own(void)
{
	struct heard h = { "" };
	struct keel_roster r = { .parent = 10, .tell = tell, .self = &h };
	const struct keel_process all[] = { { 10, 1, 1000, "keeld" },
		{ 11, 10, 1000, "keeld-vault" }, { 15, 1, 1000, "sleep" }, { 16, 1, 0, "cron" } };
	keel_roster_started(&r, ROOM_VAULT, 11, 0);
	for (unsigned i = 0; i < 3; i++)
		CHECK(look_round(&r, all, KEEL_COUNT(all)));
	CHECK(heard(&h, "") && r.count == 0);
	CHECK(!look_round(&r, all + 1, 2)); /* nothing to be seen is nothing to be trusted */
}

static void more_strangers_than_can_be_remembered_are_told_once(void)
{
	struct heard h = { "" };
	struct keel_roster r = { .parent = 10, .tell = tell, .self = &h };
	struct keel_process many[KEEL_STRANGERS_MAX + 2];
	for (size_t i = 0; i < KEEL_COUNT(many); i++)
		many[i] = (struct keel_process){ 100 + (int)i, 10, 0, "sh" };
	(void)!look_round(&r, many, KEEL_COUNT(many));
	CHECK(heard(&h, "undeclared-process more than can be listed;"));
}

TEST_MAIN(TEST(sockets_are_read_from_the_kernels_lines), TEST(real_listeners_are_found),
	TEST(what_leads_outward_takes_nothing_from_others),
	TEST(prov_5_6_1_an_undeclared_port_is_told_once_and_when_it_is_gone),
	TEST(a_port_whose_owner_is_not_answered_is_told_all_the_same),
	TEST(the_door_is_undeclared_in_a_state_that_does_not_open_it),
	TEST(more_sockets_than_can_be_remembered_are_told_once),
	TEST(prov_5_7_1_restarts_and_refusals_are_told),
	TEST(prov_5_7_1_a_changed_or_missing_file_is_seen),
	TEST(prov_5_7_1_what_never_ends_is_changed_and_not_read),
	TEST(a_large_file_is_read_in_slices), TEST(every_folder_of_a_list_is_named),
	TEST(prov_5_7_1_a_list_that_nobody_vouches_for_is_empty),
	TEST(a_process_is_read_from_its_status), TEST(real_processes_are_found),
	TEST(prov_5_6_7_a_process_that_is_no_room_is_told_once),
	TEST(the_rooms_of_another_keeld_are_none_of_ours),
	TEST(users_count_where_rooms_have_their_own),
	TEST(more_strangers_than_can_be_remembered_are_told_once))

/*
 * The parent with all its rooms, each a process: the real monitor; a vault, a door and a program of
 * this file's, which write down what they hear. This program plays all of them.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "check.h"
#include "device/confine.h"
#include "device/home.h"
#include "device/openings.h"
#include "device/parent.h"
#include "device/talk.h"

keel_room_main monitor_main;

/* --- a vault that writes down what it hears, in its own folder ------------------------------- */

struct notes {
	int fd;
	struct keel_room_env *env;
};

static enum keel_err note(struct notes *n, const char *what, struct keel_bytes detail)
{
	char line[256];
	KEEL_MUST(detail.p != NULL || detail.n == 0);
	int len = snprintf(line, sizeof(line), "%s %.*s\n", what, (int)detail.n,
		detail.p == NULL ? "" : (const char *)detail.p);
	return write(n->fd, line, (size_t)len) == len ? KEEL_OK : KEEL_EIO;
}

static enum keel_err on_request(
	struct keel_room_env *env, enum keel_room_id from, const void *body, void *self)
{
	const struct msg_request *m = body;
	(void)env;
	(void)from;
	return note(self, "request", m->body);
}

static enum keel_err on_hello(
	struct keel_room_env *env, enum keel_room_id from, const void *body, void *self)
{
	(void)env;
	(void)from;
	(void)body;
	return note(self, "hello", keel_text(""));
}

static enum keel_err on_other(
	struct keel_room_env *env, enum keel_room_id from, const void *body, void *self)
{
	(void)env;
	(void)from;
	(void)body;
	return note(self, "other", keel_text(""));
}

static enum keel_err on_event(
	struct keel_room_env *env, enum keel_room_id from, const void *body, void *self)
{
	const struct msg_event *m = body;
	(void)env;
	(void)from;
	return note(self, keel_event_words[m->word], m->detail);
}

static enum keel_err on_files(
	struct keel_room_env *env, enum keel_room_id from, const void *body, void *self)
{
	const struct msg_files *m = body;
	char line[64];
	(void)env;
	(void)from;
	(void)snprintf(line, sizeof(line), "%s, %u wrong", m->listed ? "listed" : "unlisted",
		(unsigned)m->wrong);
	return note(self, "files", keel_text(line));
}

/* Held, it says that the device is in the factory state, in which no interface is open. */
static enum keel_err on_button(
	struct keel_room_env *env, enum keel_room_id from, const void *body, void *self)
{
	const struct msg_button *m = body;
	struct msg_state factory = { .state = STATE_FACTORY };
	(void)from;
	enum keel_err e = note(self, keel_button_words[m->how], keel_text(""));
	if (e == KEEL_OK && m->how == BUTTON_HELD)
		e = keel_room_send(env, ROOM_PARENT, MSG_STATE, &factory);
	return e;
}

static enum keel_err on_facts(
	struct keel_room_env *env, enum keel_room_id from, const void *body, void *self)
{
	const struct msg_facts *m = body;
	struct keel_list rest = m->programs;
	struct msg_program p;
	enum keel_err e = KEEL_OK;
	(void)env;
	(void)from;
	while (e == KEEL_OK && keel_list_next(&keel_program_item, &rest, &p)) {
		char line[128];
		(void)snprintf(line, sizeof(line), "%.*s %02x%02x%02x%02x", (int)p.name.n,
			(const char *)p.name.p, p.sha256.p[0], p.sha256.p[1], p.sha256.p[2],
			p.sha256.p[3]);
		e = note(self, "program", keel_text(line));
	}
	return e;
}

static const struct keel_answer vault_answers[] = {
	{ MSG_REQUEST, 0, on_request },
	{ MSG_HELLO, 0, on_hello },
	{ MSG_DONE, 0, on_other },
	{ MSG_REPORT, 0, on_other },
	{ MSG_KEEP, 0, on_other },
	{ MSG_RECALL, 0, on_other },
	{ MSG_EVENT, 0, on_event },
	{ MSG_FILES, 0, on_files },
	{ MSG_BUTTON, 0, on_button },
	{ MSG_FACTS, 0, on_facts },
	{ MSG_ATTEST, 0, on_other },
	{ MSG_SESSION, 0, on_other },
	{ MSG_TAKEN, 0, on_other },
	{ MSG_NOTICE, 0, on_other },
};

static int vault_main(struct keel_room_env *env)
{
	char path[256];
	(void)snprintf(path, sizeof(path), "%s/notes", keel_room_option(env, "folder", 0));
	struct notes n = { open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644), env };
	char began[32];
	(void)snprintf(began, sizeof(began), "%llu", (unsigned long long)keel_room_started_ms(env));
	if (n.fd < 0 || note(&n, "began", keel_text(began)) != KEEL_OK)
		return 1;
	keel_room_confine(env);
	return keel_room_serve(env, vault_answers, KEEL_COUNT(vault_answers), NULL, &n);
}

/* --- a door that was taken over: it says all that its row allows, and then all that it does not */

static enum keel_err ignore(
	struct keel_room_env *env, enum keel_room_id from, const void *body, void *self)
{
	(void)env;
	(void)from;
	(void)body;
	(void)self;
	return KEEL_OK;
}

static const struct keel_answer door_answers[] = { { MSG_ANSWER, 0, ignore } };

static void say_allowed(struct keel_room_env *env)
{
	for (uint64_t path = 0; path < PATH_COUNT; path++) {
		struct msg_request m = { .id = path, .path = path, .body = keel_text("set 30") };
		KEEL_MUST(keel_room_send(env, ROOM_VAULT, MSG_REQUEST, &m) == KEEL_OK);
	}
	for (uint64_t what = 0; what < COUNT_COUNT; what++) {
		struct msg_count m = { .what = what, .n = 1 };
		KEEL_MUST(keel_room_send(env, ROOM_MONITOR, MSG_COUNT, &m) == KEEL_OK);
	}
}

static void say_forbidden(struct keel_room_env *env, enum keel_room_id to, enum keel_msg msg)
{
	static const uint8_t no_fields[] = { 0x80 };
	union keel_body body = { 0 };
	struct msg_command command = { .number = 1,
		.message = keel_text("set temperature"),
		.fields = { .cbor = { no_fields, 0 } } };
	int fds[ROOM_COUNT];
	keel_room_fds(env, fds);
	if (fds[to] < 0 || keel_line_allows(ROOM_DOOR, to, msg))
		return;
	enum keel_err e = keel_talk_send(fds[to], msg,
		msg == MSG_COMMAND ? (const void *)&command : (const void *)&body, -1);
	(void)e; /* by now the other may have closed its end: that is what is tested */
}

static void attack(struct keel_room_env *env, void *self)
{
	(void)self;
	say_allowed(env);
	for (enum keel_room_id to = 0; to < ROOM_COUNT; to++)
		for (size_t i = 0; keel_message_at(i) != 0; i++)
			say_forbidden(env, to, keel_message_at(i));
}

/* It says of every start of the vault and the monitor that they broke the rules. */
static void complain(struct keel_room_env *env, void *self)
{
	(void)self;
	for (uint64_t life = 0; life < 32; life++) {
		struct msg_bad_peer vault = { .room = ROOM_VAULT, .life = life };
		struct msg_bad_peer monitor = { .room = ROOM_MONITOR, .life = life };
		enum keel_err e = keel_room_send(env, ROOM_PARENT, MSG_BAD_PEER, &vault);
		if (e == KEEL_OK)
			e = keel_room_send(env, ROOM_PARENT, MSG_BAD_PEER, &monitor);
		if (e != KEEL_OK)
			return;
	}
}

static int door_main(struct keel_room_env *env)
{
	const char *role = keel_room_option(env, "host", 0);
	keel_room_confine(env);
	if (role != NULL && strcmp(role, "hostile") == 0)
		keel_room_timer(env, 100, 0, attack, NULL);
	else if (role != NULL)
		keel_room_timer(env, 100, 0, complain, NULL);
	return keel_room_serve(env, door_answers, KEEL_COUNT(door_answers), NULL, NULL);
}

/* --- the maker's program: it writes to its burner what happens to it -------------------------- */

struct program {
	int burner;
	bool stuck;
};

static void burn(const struct program *p, const char *what, unsigned n)
{
	char line[64];
	int len = snprintf(line, sizeof(line), "%s %u\n", what, n);
	KEEL_MUST(write(p->burner, line, (size_t)len) == len);
}

static enum keel_err on_command(
	struct keel_room_env *env, enum keel_room_id from, const void *body, void *self)
{
	(void)env;
	(void)from;
	(void)body;
	burn(self, "command", 0);
	return KEEL_OK;
}

static const struct keel_answer app_answers[] = {
	{ MSG_COMMAND, 0, on_command },
	{ MSG_KEPT, 0, ignore },
	{ MSG_DATUM, 0, ignore },
	{ MSG_FORGET, 0, ignore },
};

static void step(struct keel_room_env *env, void *self)
{
	struct program *p = self;
	if (p->stuck)
		return;
	KEEL_MUST(keel_room_send(env, ROOM_PARENT, MSG_ALIVE,
			  &(struct msg_alive){ .within_ms = 200 }) == KEEL_OK);
}

static void vault_came(struct keel_room_env *env, enum keel_room_id room, bool up, void *self)
{
	(void)self;
	if (room == ROOM_VAULT && up)
		KEEL_MUST(keel_room_send(env, ROOM_VAULT, MSG_HELLO,
				  &(struct msg_deletions){ 0 }) != KEEL_EIO);
}

static int program_main(void)
{
	struct keel_room_env *env;
	struct keel_fault fault;
	uint32_t starts = 0;
	char sensed[8] = "";
	if (keel_room_open(ROOM_APP, &env, &fault) != KEEL_OK || keel_confine_app() != KEEL_OK)
		return 1;
	int memory = keel_room_fd(env, "memory");
	KEEL_MUST(pread(memory, &starts, sizeof(starts), 0) == sizeof(starts));
	starts++;
	KEEL_MUST(pwrite(memory, &starts, sizeof(starts), 0) == sizeof(starts));
	KEEL_MUST(pread(keel_room_fd(env, "hardware/room sensor"), sensed, sizeof(sensed) - 1, 0) >
		  0);
	struct program p = { keel_room_fd(env, "hardware/burner"),
		.stuck = starts == 1 && strcmp(sensed, "stuck") == 0 };
	KEEL_MUST(lseek(p.burner, 0, SEEK_END) >= 0);
	burn(&p, "start", starts);
	vault_came(env, ROOM_VAULT, true, NULL);
	KEEL_MUST(keel_room_send(env, ROOM_PARENT, MSG_ALIVE,
			  &(struct msg_alive){ .within_ms = 200 }) == KEEL_OK);
	keel_room_timer(env, 0, 100, step, &p);
	return keel_room_serve(env, app_answers, KEEL_COUNT(app_answers), vault_came, &p);
}

/* --- the test's side ------------------------------------------------------------------------- */

static keel_room_main *const mains[ROOM_COUNT] = {
	[ROOM_VAULT] = vault_main,
	[ROOM_DOOR] = door_main,
	[ROOM_MONITOR] = monitor_main,
	[ROOM_APP] = keel_app_main,
};

struct rig {
	struct home home;
	uint16_t port;
	pid_t parent;
	const char *role;    /* of the door; NULL: a good one */
	bool fixed_hardware; /* its files can be written, but none made beside them: as in /sys */
	uid_t as;            /* 0: as this test */
	bool strange;        /* the parent has a child that is no room */
	bool copied;         /* the app is the copy of this program in the home */
};

/* Root minds no mode of a folder, so for root the folder is mounted read-only, and its files not. */
static void fix_hardware(const char *folder)
{
	static const char *const names[] = { "sensor", "burner" };
	char path[160];
	if (geteuid() != 0) {
		KEEL_MUST(chmod(folder, 0555) == 0);
		return;
	}
	KEEL_MUST(unshare(CLONE_NEWNS) == 0 &&
		  mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
	KEEL_MUST(mount(folder, folder, NULL, MS_BIND, NULL) == 0);
	for (size_t i = 0; i < KEEL_COUNT(names); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		KEEL_MUST(mount(path, path, NULL, MS_BIND, NULL) == 0);
	}
	KEEL_MUST(mount("none", folder, NULL, MS_BIND | MS_REMOUNT | MS_RDONLY, NULL) == 0);
	KEEL_MUST(open(folder, O_TMPFILE | O_RDWR, 0600) < 0);
}

/* A child of the parent's that is no room; when a file "more" comes, there is another one. */
static void stay(const struct rig *r)
{
	char more[128];
	(void)snprintf(more, sizeof(more), "%s/more", r->home.path);
	if (fork() != 0)
		return;
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (access(more, F_OK) != 0)
		(void)usleep(20000);
	(void)syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0);
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;)
		(void)pause();
}

static _Noreturn void run_parent(const struct rig *r)
{
	char log[128], hardware[128], self[256] = "";
	struct keel_options o = { .home = r->home.path,
		.hardware = hardware,
		.app = self,
		.address_count = 1,
		.addresses = { "127.0.0.1" } };
	KEEL_MUST(r->as == 0 || (setgroups(0, NULL) == 0 && setresgid(r->as, r->as, r->as) == 0 &&
					setresuid(r->as, r->as, r->as) == 0));
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)snprintf(log, sizeof(log), "%s/log", r->home.path);
	(void)snprintf(hardware, sizeof(hardware), "%s/hardware", r->home.path);
	if (r->as != 0 || r->copied) /* another user may not look where this test was built */
		(void)snprintf(self, sizeof(self), "%s/program", r->home.path);
	else
		KEEL_MUST(readlink("/proc/self/exe", self, sizeof(self) - 1) > 0);
	int fd = open(log, O_WRONLY | O_CREAT | O_APPEND, 0644);
	KEEL_MUST(fd >= 0 && dup2(fd, STDERR_FILENO) >= 0);
	if (r->fixed_hardware)
		fix_hardware(hardware);
	if (r->role != NULL) {
		o.hosts[0] = r->role;
		o.host_count = 1;
	}
	if (r->strange)
		stay(r);
	_exit(keel_parent_run(&o, mains));
}

static void run(struct rig *r)
{
	r->parent = fork();
	CHECK(r->parent >= 0);
	if (r->parent == 0)
		run_parent(r);
}

static void rig_make(struct rig *r, const char *role)
{
	char path[128];
	*r = (struct rig){ .port = home_free_port(), .role = role };
	home_make(&r->home, r->port);
	(void)snprintf(path, sizeof(path), "%s/vault", r->home.path);
	CHECK(mkdir(path, 0700) == 0);
}

static int rig_end(struct rig *r)
{
	int status = -1;
	if (r->parent > 0) {
		(void)kill(r->parent, SIGTERM);
		CHECK(waitpid(r->parent, &status, 0) == r->parent);
	}
	if (check_failures > 0) {
		char command[256], text[8192] = "";
		(void)snprintf(command, sizeof(command), "%s/log", r->home.path);
		FILE *f = fopen(command, "r");
		if (f != NULL && fread(text, 1, sizeof(text) - 1, f) > 0)
			(void)fprintf(stderr, "%s", text);
		if (f != NULL)
			(void)fclose(f);
	}
	home_remove(&r->home);
	return status;
}

static char *text_of(const struct rig *r, const char *name)
{
	static char text[64 * 1024];
	char path[160];
	(void)snprintf(path, sizeof(path), "%s/%s", r->home.path, name);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);
	if (fd >= 0)
		(void)close(fd);
	text[n > 0 ? n : 0] = '\0';
	return text;
}

static void pause_ms(long ms)
{
	(void)nanosleep(
		&(struct timespec){ .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 }, NULL);
}

/*
 * How long one event is waited for, in steps of 20 ms: half a minute, since this machine may be
 * busy with other tests. Only what a provision bounds has a bound of its own.
 */
#define STEPS 1500

static unsigned times(const struct rig *r, const char *name, const char *what)
{
	unsigned n = 0;
	for (const char *p = text_of(r, name); (p = strstr(p, what)) != NULL; p++)
		n++;
	return n;
}

static bool comes_times(
	const struct rig *r, const char *name, const char *what, unsigned n, unsigned steps)
{
	for (unsigned i = 0; i < steps; i++) {
		if (times(r, name, what) >= n)
			return true;
		pause_ms(20);
	}
	return false;
}

static uint64_t now_ms(void)
{
	struct timespec t;
	KEEL_MUST(clock_gettime(CLOCK_BOOTTIME, &t) == 0);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* The vault hears it so many times within five seconds of `since`; how long it took is printed. */
static void told_in_time(const struct rig *r, const char *what, unsigned n, uint64_t since)
{
	(void)comes_times(r, "vault/notes", what, n, STEPS);
	uint64_t took = now_ms() - since;
	(void)printf("%s: after %u ms\n", what, (unsigned)took);
	CHECK_ROW(times(r, "vault/notes", what) >= n, what);
	CHECK_ROW(took <= 5000, what);
}

/* Waits until the file has this text. */
static bool comes(const struct rig *r, const char *name, const char *what)
{
	return comes_times(r, name, what, 1, STEPS);
}

/* The room's process, by the log's last line about it. */
static pid_t pid_of(const struct rig *r, const char *room)
{
	char what[64];
	pid_t pid = 0;
	(void)snprintf(what, sizeof(what), "room.started room=%s pid=", room);
	for (const char *p = text_of(r, "log"); (p = strstr(p, what)) != NULL; p++)
		pid = (pid_t)strtol(p + strlen(what), NULL, 10);
	return pid;
}

static bool started(const struct rig *r, const char *room, unsigned restarts)
{
	char line[96];
	for (unsigned i = 0; i < STEPS; i++) {
		(void)snprintf(line, sizeof(line), "room.started room=%s pid=%d restarts=%u\n",
			room, (int)pid_of(r, room), restarts);
		if (strstr(text_of(r, "log"), line) != NULL)
			return true;
		pause_ms(20);
	}
	return false;
}

static bool gone(pid_t pid)
{
	for (unsigned i = 0; i < STEPS; i++) {
		if (kill(pid, 0) != 0)
			return true;
		pause_ms(20);
	}
	return false;
}

static void rooms_start_and_the_vault_hears_what_was_measured(void)
{
	struct rig r;
	rig_make(&r, NULL);
	run(&r);
	CHECK(comes(&r, "log", "keeld.ready"));
	CHECK(comes(&r, "vault/notes", "program keeld "));
	CHECK(comes(&r, "vault/notes", "program app "));
	CHECK(comes(&r, "vault/notes", "program product.cbor "));
	CHECK(strstr(text_of(&r, "vault/notes"), " 00000000") == NULL);
	CHECK(comes(&r, "vault/notes", "hello"));
	CHECK(comes(&r, "hardware/burner", "start 1"));
	(void)kill(r.parent, SIGUSR1);
	CHECK(comes(&r, "vault/notes", "pressed"));
	pid_t pids[] = { pid_of(&r, "vault"), pid_of(&r, "door"), pid_of(&r, "monitor"),
		pid_of(&r, "app") };
	int status = rig_end(&r);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	for (size_t i = 0; i < KEEL_COUNT(pids); i++)
		CHECK(pids[i] > 0 && gone(pids[i]));
}

/* EN 303 645 5.9-1: each room comes back, with its lines to those that live. */
static void prov_5_9_1_a_room_that_is_killed_comes_back(void)
{
	struct rig r;
	rig_make(&r, NULL);
	run(&r);
	CHECK(comes(&r, "log", "keeld.ready"));
	CHECK(comes_times(&r, "vault/notes", "hello", 1, STEPS));
	(void)kill(pid_of(&r, "app"), SIGKILL);
	CHECK(comes(&r, "hardware/burner", "start 2")); /* its memory survived */
	CHECK(started(&r, "app", 1));
	CHECK(comes_times(&r, "vault/notes", "hello", 2, STEPS));
	pid_t app = pid_of(&r, "app");
	(void)kill(pid_of(&r, "vault"), SIGKILL);
	CHECK(started(&r, "vault", 1));
	CHECK(comes_times(&r, "vault/notes", "hello", 3, STEPS));
	(void)kill(pid_of(&r, "door"), SIGKILL);
	(void)kill(pid_of(&r, "monitor"), SIGKILL);
	CHECK(started(&r, "door", 1) && started(&r, "monitor", 1));
	CHECK(comes(&r, "vault/notes", "room-restarted monitor"));
	CHECK(pid_of(&r, "app") == app && kill(app, 0) == 0);
	(void)rig_end(&r);
}

/* A copy of this program in the home, which a test may change, and another user may start. */
static void copy_self(const struct rig *r, char path[128])
{
	uint8_t part[32 * 1024];
	ssize_t n;
	(void)snprintf(path, 128, "%s/program", r->home.path);
	int from = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	int to = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0755);
	while ((n = read(from, part, sizeof(part))) > 0)
		CHECK(write(to, part, (size_t)n) == n);
	CHECK(n == 0 && close(from) == 0 && close(to) == 0);
}

/* An ordinary user's own home. */
static void rig_give(struct rig *r, uid_t to)
{
	static const char *const names[] = { "", "vault", "hardware", "hardware/sensor",
		"hardware/burner", "product.cbor", "door.crt", "door.key" };
	for (size_t i = 0; i < KEEL_COUNT(names); i++) {
		char path[160];
		(void)snprintf(path, sizeof(path), "%s/%s", r->home.path, names[i]);
		CHECK(chown(path, to, to) == 0);
	}
	r->as = to;
}

/* EN 303 645 5.6-7: with fewer walls it says which, what that means and what to do. */
static void prov_5_6_7_without_root_it_runs_and_says_which_walls_are_missing(void)
{
	struct rig r;
	rig_make(&r, NULL);
	if (getuid() == 0) {
		char path[128];
		copy_self(&r, path);
		rig_give(&r, 65534);
	}
	run(&r);
	CHECK(comes(&r, "log", "keeld.ready"));
	CHECK(comes(&r, "log",
		"keeld: the wall \"user\" is missing around vault, door, monitor, app: "
		"they share the user that started keeld\n"
		"  Next: start keeld as root"));
	CHECK(strstr(text_of(&r, "log"), "wall \"syscalls\"") == NULL);
	CHECK(comes(&r, "hardware/burner", "start 1"));
	(void)kill(pid_of(&r, "vault"), SIGKILL);
	CHECK(started(&r, "vault", 1));
	int status = rig_end(&r);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void with_every_wall_it_says_nothing_of_them(void)
{
	struct rig r;
	if (getuid() != 0)
		return;
	rig_make(&r, NULL);
	run(&r);
	CHECK(comes(&r, "log", "keeld.ready"));
	CHECK(strstr(text_of(&r, "log"), "wall \"user\"") == NULL);
	(void)rig_end(&r);
}

/* EN 303 645 5.1-1: what is open for a time from the start is not opened anew by a room's end. */
static void prov_5_1_1_each_start_of_the_vault_knows_when_the_device_started(void)
{
	struct rig r;
	char line[48];
	uint64_t before = now_ms();
	rig_make(&r, NULL);
	run(&r);
	CHECK(comes(&r, "log", "keeld.ready") && comes(&r, "vault/notes", "began "));
	const char *p = strstr(text_of(&r, "vault/notes"), "began ");
	uint64_t began = p == NULL ? 0 : strtoull(p + strlen("began "), NULL, 10);
	CHECK(began >= before && began <= now_ms());
	(void)snprintf(line, sizeof(line), "began %llu\n", (unsigned long long)began);
	pause_ms(20);
	(void)kill(pid_of(&r, "vault"), SIGKILL);
	CHECK(comes_times(&r, "vault/notes", "began ", 2, STEPS));
	CHECK(times(&r, "vault/notes", line) == 2);
	(void)rig_end(&r);
}

/* EN 303 645 5.9-2; and never two apps. */
static void prov_5_9_2_when_the_parent_dies_all_die_and_the_next_one_starts(void)
{
	struct rig r;
	char path[128];
	rig_make(&r, NULL);
	run(&r);
	CHECK(comes(&r, "log", "keeld.ready"));
	(void)snprintf(path, sizeof(path), "%s/.app.lock", r.home.path);
	int lock = open(path, O_RDWR | O_CLOEXEC);
	CHECK(lock >= 0 && flock(lock, LOCK_EX | LOCK_NB) != 0);
	pid_t pids[] = { pid_of(&r, "vault"), pid_of(&r, "door"), pid_of(&r, "monitor"),
		pid_of(&r, "app") };
	(void)kill(r.parent, SIGKILL);
	(void)waitpid(r.parent, NULL, 0);
	for (size_t i = 0; i < KEEL_COUNT(pids); i++)
		CHECK(pids[i] > 0 && gone(pids[i]));
	CHECK(flock(lock, LOCK_EX | LOCK_NB) == 0);
	run(&r); /* it waits for the lock */
	pause_ms(300);
	CHECK(strstr(text_of(&r, "log"), "keeld.ready") != NULL);
	CHECK(pid_of(&r, "app") == pids[3]);
	(void)close(lock);
	for (unsigned i = 0; i < STEPS && pid_of(&r, "app") == pids[3]; i++)
		pause_ms(20);
	CHECK(pid_of(&r, "app") != pids[3]);
	(void)rig_end(&r);
}

/* Hardware of a real device is in /sys, or in a folder of a driver's: keeld makes nothing there. */
static void hardware_in_a_folder_that_takes_no_file_is_driven(void)
{
	struct rig r;
	char path[160];
	rig_make(&r, NULL);
	r.fixed_hardware = true;
	run(&r);
	CHECK(comes(&r, "log", "keeld.ready"));
	CHECK(comes(&r, "hardware/burner", "start 1"));
	(void)snprintf(path, sizeof(path), "%s/hardware", r.home.path);
	(void)chmod(path, 0755);
	(void)rig_end(&r);
}

/* EN 303 645 5.9-1: neither keeps the parent from its rooms. Huge, it still heats, and is told as what nobody built. */
static void prov_5_9_1_a_program_made_huge_or_a_pipe_holds_no_room_up(void)
{
	struct rig r;
	char path[128];
	rig_make(&r, NULL);
	r.copied = true;
	copy_self(&r, path);
	CHECK(truncate(path, (off_t)1 << 40) == 0);
	run(&r);
	CHECK(comes(&r, "hardware/burner", "start 1"));
	CHECK(comes(&r, "vault/notes", "program product.cbor "));
	CHECK(comes(&r, "vault/notes", "program app 0000")); /* as what nobody built */
	CHECK(unlink(path) == 0 && mkfifo(path, 0755) == 0);
	(void)kill(pid_of(&r, "app"), SIGKILL);
	CHECK(comes(&r, "log", "room.ended room=app"));
	(void)kill(pid_of(&r, "vault"), SIGKILL);
	CHECK(started(&r, "vault", 1));
	(void)rig_end(&r);
}

static void an_app_that_hangs_is_started_anew(void)
{
	struct rig r;
	rig_make(&r, NULL);
	home_write(&r.home, "hardware/sensor", keel_text("stuck"));
	run(&r);
	CHECK(comes(&r, "log", "app.stuck"));
	CHECK(comes(&r, "hardware/burner", "start 2"));
	(void)rig_end(&r);
}

/* EN 303 645 5.6-1: whatever opens the device to others, the owner hears of it, and of its end. */
static void openings_are_told(bool before)
{
	struct rig r;
	char where[OPENINGS][96], what[128];
	int fds[OPENINGS];
	rig_make(&r, NULL);
	for (size_t i = 0; before && i < OPENINGS; i++)
		fds[i] = opening_make(i, where[i]);
	run(&r);
	CHECK(comes(&r, "log", "keeld.ready"));
	for (size_t i = 0; !before && i < OPENINGS; i++)
		fds[i] = opening_make(i, where[i]);
	uint64_t since = now_ms();
	for (size_t i = 0; i < OPENINGS; i++) {
		(void)snprintf(what, sizeof(what), "undeclared-port %s by device_parent", where[i]);
		if (fds[i] >= 0)
			told_in_time(&r, what, 1, since);
	}
	for (size_t i = 0; i < OPENINGS; i++)
		if (fds[i] >= 0)
			(void)close(fds[i]);
	since = now_ms();
	for (size_t i = 0; i < OPENINGS; i++) {
		(void)snprintf(what, sizeof(what), "port-gone %s", where[i]);
		if (fds[i] >= 0)
			told_in_time(&r, what, 1, since);
	}
	(void)snprintf(what, sizeof(what), "undeclared-port tcp 127.0.0.1:%u", r.port);
	CHECK(strstr(text_of(&r, "vault/notes"), what) == NULL); /* the door's own */
	(void)rig_end(&r);
}

static void prov_5_6_1_an_undeclared_opening_is_told_within_five_seconds(void)
{
	openings_are_told(false);
}

static void prov_5_6_1_one_that_was_there_before_is_told_as_well(void)
{
	openings_are_told(true);
}

/* EN 303 645 5.6-7: a process of the device's that is none of its rooms is told to the owner. */
static void prov_5_6_7_a_process_that_is_no_room_is_told_within_five_seconds(void)
{
	struct rig r;
	uid_t uid;
	gid_t gid;
	rig_make(&r, NULL);
	r.strange = true;
	run(&r);
	CHECK(comes(&r, "log", "keeld.ready"));
	told_in_time(&r, ", child of keeld", 1, now_ms());
	home_write(&r.home, "more", keel_text(""));
	told_in_time(&r, ", child of keeld", 2, now_ms());
	keel_start_user(ROOM_APP, &uid, &gid);
	pid_t pid = geteuid() == 0 ? fork() : -1;
	if (pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		_exit(setuid(uid) != 0 || pause());
	}
	if (pid > 0) {
		char what[64];
		(void)snprintf(what, sizeof(what), "(%d), as the user of app", pid);
		told_in_time(&r, what, 1, now_ms());
		(void)kill(pid, SIGKILL);
		(void)waitpid(pid, NULL, 0);
	}
	CHECK(times(&r, "vault/notes", ", child of") == 2); /* each once, and no room among them */
	(void)rig_end(&r);
}

/* --- the installed files, against the maker's list ------------------------------------------- */

/* As who updates or breaks in does it: what runs goes on, and what starts next is another one. */
static void replace(const struct rig *r, const char *path, struct keel_bytes by)
{
	char beside[128];
	home_write(&r->home, "beside", by);
	(void)snprintf(beside, sizeof(beside), "%s/beside", r->home.path);
	CHECK(rename(beside, path) == 0);
}

/* EN 303 645 5.7-1: the owner hears of a file that is not the maker's, and no word of those that are. */
static void prov_5_7_1_a_changed_file_is_told_within_five_seconds(void)
{
	struct rig r;
	char path[128], what[192];
	const char *const paths[] = { path };
	rig_make(&r, NULL);
	copy_self(&r, path);
	home_measure(&r.home, &r.home.maker, paths, 1);
	run(&r);
	CHECK(comes(&r, "log", "keeld.ready"));
	CHECK(comes(&r, "vault/notes", "files listed, 0 wrong"));
	pause_ms(2500);
	CHECK(strstr(text_of(&r, "vault/notes"), "file-") == NULL);
	replace(&r, path, keel_text("another"));
	(void)snprintf(what, sizeof(what), "file-changed %s", path);
	told_in_time(&r, what, 1, now_ms());
	CHECK(comes(&r, "vault/notes", "files listed, 1 wrong"));
	(void)unlink(path);
	(void)snprintf(what, sizeof(what), "file-missing %s", path);
	told_in_time(&r, what, 1, now_ms());
	copy_self(&r, path);
	CHECK(comes_times(&r, "vault/notes", "files listed, 0 wrong", 2, STEPS));
	(void)rig_end(&r);
}

/* EN 303 645 5.6-1: who makes a listed file huge does not blind the monitor by it. */
static void prov_5_6_1_a_file_made_huge_hides_no_opening(void)
{
	struct rig r;
	char path[128], what[192], where[96];
	const char *const paths[] = { path };
	rig_make(&r, NULL);
	copy_self(&r, path);
	home_measure(&r.home, &r.home.maker, paths, 1);
	run(&r);
	CHECK(comes(&r, "log", "keeld.ready"));
	CHECK(comes(&r, "vault/notes", "files listed, 0 wrong"));
	home_write(&r.home, "beside", keel_text("another"));
	(void)snprintf(where, sizeof(where), "%s/beside", r.home.path);
	CHECK(truncate(where, 1ll << 40) == 0 && rename(where, path) == 0);
	(void)snprintf(what, sizeof(what), "file-changed %s", path);
	told_in_time(&r, what, 1, now_ms());
	int fd = opening_make(0, where);
	CHECK(fd >= 0);
	(void)snprintf(what, sizeof(what), "undeclared-port %s", where);
	told_in_time(&r, what, 1, now_ms());
	(void)close(fd);
	(void)rig_end(&r);
}

/* What runs is held to the list as well: a file put back says nothing of what was started before. */
static void prov_5_7_1_a_program_that_is_not_listed_is_told(void)
{
	struct rig r;
	char path[128];
	const char *const paths[] = { path };
	rig_make(&r, NULL);
	(void)snprintf(path, sizeof(path), "%s/door.crt", r.home.path);
	home_measure(&r.home, &r.home.maker, paths, 1);
	run(&r);
	CHECK(comes(&r, "vault/notes", "file-changed keeld, as it runs"));
	CHECK(comes(&r, "vault/notes", "file-changed the product's program, as it runs"));
	(void)rig_end(&r);
}

/* EN 303 645 5.7-1: who changes a file may change or remove the list: that is told as well. */
static void prov_5_7_1_a_list_that_is_away_or_anothers_is_told(void)
{
	struct rig r;
	struct keel_p256_key other;
	char path[128];
	const char *const paths[] = { path };
	rig_make(&r, NULL);
	copy_self(&r, path);
	run(&r);
	CHECK(comes(&r, "vault/notes", "file-missing measures.cbor"));
	CHECK(comes(&r, "vault/notes", "files unlisted, 0 wrong"));
	CHECK(comes(&r, "log", "keeld.ready"));
	keel_p256_generate(&other);
	home_measure(&r.home, &other, paths, 1);
	(void)kill(pid_of(&r, "monitor"), SIGKILL); /* the list is read when it starts */
	CHECK(comes(&r, "vault/notes", "file-changed measures.cbor"));
	CHECK(times(&r, "vault/notes", "files listed") == 0);
	(void)rig_end(&r);
}

static bool reaches(uint16_t port)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool good = connect(fd, (struct sockaddr *)&a, sizeof(a)) == 0;
	(void)close(fd);
	return good;
}

static void prov_5_6_1_a_state_that_opens_no_interface_closes_the_door(void)
{
	struct rig r;
	rig_make(&r, NULL);
	run(&r);
	CHECK(comes(&r, "log", "keeld.ready"));
	CHECK(reaches(r.port));
	(void)kill(r.parent, SIGUSR2);
	CHECK(comes(&r, "vault/notes", "held"));
	CHECK(comes(&r, "log", "room.ended room=door"));
	CHECK(!reaches(r.port));
	CHECK(strstr(text_of(&r, "log"), "room.started room=door pid") != NULL);
	CHECK(gone(pid_of(&r, "door")));
	(void)rig_end(&r);
}

/* EN 303 645 5.6-7, 5.13-1A: a door that is taken over can be silent, but cannot command. */
static void prov_5_6_7_a_hostile_door_commands_nothing(void)
{
	struct rig r;
	rig_make(&r, "hostile");
	run(&r);
	CHECK(comes(&r, "vault/notes", "request set 30")); /* what its row allows, it can say */
	CHECK(comes(&r, "log", "room.broke-rule room=door"));
	CHECK(started(&r, "door", 3)); /* ended each time, and started anew */
	CHECK(strstr(text_of(&r, "hardware/burner"), "command") == NULL);
	CHECK(strstr(text_of(&r, "hardware/burner"), "start 2") == NULL);
	CHECK(strstr(text_of(&r, "log"), "room.ended room=vault") == NULL);
	CHECK(strstr(text_of(&r, "log"), "room.ended room=monitor") == NULL);
	(void)rig_end(&r);
}

static void a_doors_complaints_end_the_door_not_the_vault(void)
{
	struct rig r;
	rig_make(&r, "complains");
	run(&r);
	CHECK(comes(&r, "log", "room.broke-rule room=vault says=door"));
	CHECK(started(&r, "door", 2));
	CHECK(strstr(text_of(&r, "log"), "room.ended room=vault") == NULL);
	CHECK(strstr(text_of(&r, "log"), "room.ended room=monitor") == NULL);
	(void)rig_end(&r);
}

static void systemd_hears_that_all_rooms_are_ready(void)
{
	struct rig r;
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	char text[64] = "";
	rig_make(&r, NULL);
	(void)snprintf(a.sun_path, sizeof(a.sun_path), "%s/notify", r.home.path);
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	CHECK(bind(fd, (struct sockaddr *)&a, sizeof(a)) == 0);
	(void)setenv("NOTIFY_SOCKET", a.sun_path, 1);
	(void)setenv("WATCHDOG_USEC", "400000", 1);
	run(&r);
	(void)unsetenv("NOTIFY_SOCKET");
	(void)unsetenv("WATCHDOG_USEC");
	const struct timeval patience = { .tv_sec = 30 };
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	bool ready = false, alive = false;
	while ((!ready || !alive) && recv(fd, text, sizeof(text) - 1, 0) > 0) {
		ready |= strncmp(text, "READY=1", 7) == 0;
		alive |= strncmp(text, "WATCHDOG=1", 10) == 0;
	}
	CHECK(ready && alive);
	(void)close(fd);
	(void)rig_end(&r);
}

int main(int argc, char **argv)
{
	static const struct check_test all[] = {
		TEST(rooms_start_and_the_vault_hears_what_was_measured),
		TEST(prov_5_9_1_a_room_that_is_killed_comes_back),
		TEST(prov_5_1_1_each_start_of_the_vault_knows_when_the_device_started),
		TEST(prov_5_6_7_without_root_it_runs_and_says_which_walls_are_missing),
		TEST(with_every_wall_it_says_nothing_of_them),
		TEST(prov_5_9_2_when_the_parent_dies_all_die_and_the_next_one_starts),
		TEST(hardware_in_a_folder_that_takes_no_file_is_driven),
		TEST(prov_5_9_1_a_program_made_huge_or_a_pipe_holds_no_room_up),
		TEST(an_app_that_hangs_is_started_anew),
		TEST(prov_5_6_1_an_undeclared_opening_is_told_within_five_seconds),
		TEST(prov_5_6_1_one_that_was_there_before_is_told_as_well),
		TEST(prov_5_6_7_a_process_that_is_no_room_is_told_within_five_seconds),
		TEST(prov_5_7_1_a_changed_file_is_told_within_five_seconds),
		TEST(prov_5_6_1_a_file_made_huge_hides_no_opening),
		TEST(prov_5_7_1_a_program_that_is_not_listed_is_told),
		TEST(prov_5_7_1_a_list_that_is_away_or_anothers_is_told),
		TEST(prov_5_6_1_a_state_that_opens_no_interface_closes_the_door),
		TEST(prov_5_6_7_a_hostile_door_commands_nothing),
		TEST(a_doors_complaints_end_the_door_not_the_vault),
		TEST(systemd_hears_that_all_rooms_are_ready),
	};
	if (argc == 3 && strcmp(argv[1], "--room") == 0) {
		enum keel_room_id room = keel_room_named(keel_text(argv[2]));
		return keel_room_run(room, mains[room]);
	}
	if (getenv("KEEL_ENDS") != NULL)
		return program_main();
	return check_main(all, KEEL_COUNT(all), argc, argv);
}

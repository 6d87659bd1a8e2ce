/* One start of one room: its ends, its environment, fork, exec of this program in its role. */
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "device/parent.h"
#include "device/sanitized.h"
#include "device/talk.h"

#define TEXT_MAX 6144

/* The three variables of room.h, as they grow. */
struct text {
	char of[TEXT_MAX];
	size_t n;
};

struct start {
	enum keel_room_id room;
	int ends[ROOM_COUNT];   /* the room's own */
	int theirs[ROOM_COUNT]; /* what goes to the others; [ROOM_PARENT] is ours */
	struct keel_hands hands;
	struct text ends_text, handed_text, options_text;
};

__attribute__((format(printf, 2, 3))) static void add(struct text *t, const char *form, ...)
{
	va_list args;
	va_start(args, form);
	/* NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): va_start is right above */
	int n = vsnprintf(t->of + t->n, sizeof(t->of) - t->n, form, args);
	va_end(args);
	KEEL_MUST(n >= 0 && (size_t)n < sizeof(t->of) - t->n);
	t->n += (size_t)n;
}

/* Read from the file itself: looking it up by NSS would load libraries into the parent. */
void keel_start_user(enum keel_room_id room, uid_t *uid, gid_t *gid)
{
	*uid = keel_rooms[room].uid;
	*gid = keel_rooms[room].uid;
	FILE *f = fopen("/etc/passwd", "re");
	if (f == NULL)
		return;
	for (const struct passwd *u; (u = fgetpwent(f)) != NULL;) {
		if (strcmp(u->pw_name, keel_rooms[room].user) != 0)
			continue;
		*uid = u->pw_uid;
		*gid = u->pw_gid;
	}
	(void)fclose(f);
}

static bool pair(int *own, int *theirs)
{
	int fds[2];
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) != 0)
		return false;
	*own = fds[0];
	*theirs = fds[1];
	return true;
}

/* An end to the parent and to each living room that a line joins this one with. */
static bool make_ends(const struct keel_parent *p, struct start *s)
{
	for (enum keel_room_id i = 0; i < ROOM_COUNT; i++) {
		bool there = i == ROOM_PARENT || p->lives[i].pid > 0;
		if (!there || i == s->room || !keel_line_joins(i, s->room))
			continue;
		if (!pair(&s->ends[i], &s->theirs[i]))
			return false;
		add(&s->ends_text, "%d %s %llu\n", s->ends[i], keel_rooms[i].name,
			(unsigned long long)p->lives[i].number);
	}
	return true;
}

static void describe(const struct keel_parent *p, struct start *s)
{
	const struct keel_options *o = p->options;
	const struct keel_room *row = &keel_rooms[s->room];
	uid_t uid;
	gid_t gid;
	keel_start_user(s->room, &uid, &gid);
	add(&s->options_text, "uid %u\ngid %u\nparent %d\nstarted %llu\n", uid, gid, (int)getpid(),
		(unsigned long long)p->started_ms);
	if (row->folder != NULL)
		add(&s->options_text, "folder %s/%s\n", o->home, row->folder);
	if (s->room == ROOM_APP)
		add(&s->options_text, "app %s\n", o->app);
	if (s->room == ROOM_DOOR && o->origin != NULL)
		add(&s->options_text, "origin %s\n", o->origin);
	for (size_t i = 0; s->room == ROOM_DOOR && i < o->host_count; i++)
		add(&s->options_text, "host %s\n", o->hosts[i]);
	for (size_t i = 0; i < s->hands.n; i++)
		add(&s->handed_text, "%d %s\n", s->hands.of[i].fd, s->hands.of[i].name);
}

static void inherit(int fd)
{
	if (fd >= 0 && fcntl(fd, F_SETFD, 0) != 0)
		_exit(126);
}

/* In the child: only what the room gets survives the exec. */
static _Noreturn void become(const struct keel_parent *p, struct start *s)
{
	char room[32], broken[96];
	sigset_t none;
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	for (size_t i = 0; i < ROOM_COUNT; i++)
		inherit(s->ends[i]);
	for (size_t i = 0; i < s->hands.n; i++)
		inherit(s->hands.of[i].fd);
	(void)snprintf(room, sizeof(room), "%s", keel_rooms[s->room].name);
	char name[] = "keeld", option[] = "--room";
	char *argv[] = { name, option, room, NULL };
	char *envp[] = { s->ends_text.of, s->handed_text.of, s->options_text.of, NULL, NULL, NULL };
	size_t n = 3;
#ifdef KEEL_BREAKABLE
	(void)snprintf(broken, sizeof(broken), "KEEL_BREAK=%s",
		getenv("KEEL_BREAK") != NULL ? getenv("KEEL_BREAK") : "");
	envp[n++] = broken;
#else
	(void)broken;
#endif
#ifdef KEEL_SANITIZED
	char leaks[] = "ASAN_OPTIONS=detect_leaks=0"; /* it traces, which no room may */
	envp[n++] = leaks;
#endif
	(void)n;
	(void)syscall(SYS_execveat, p->self, "", argv, envp, AT_EMPTY_PATH);
	_exit(127);
}

static void close_all(int fds[ROOM_COUNT])
{
	for (size_t i = 0; i < ROOM_COUNT; i++)
		keel_fd_close(&fds[i]);
}

/* A living room gets its new end. One that does not take it does not read any more: it ends. */
static void hand_over(struct keel_parent *p, const struct start *s, uint64_t number)
{
	for (enum keel_room_id i = ROOM_PARENT + 1; i < ROOM_COUNT; i++) {
		struct keel_life *peer = &p->lives[i];
		if (s->theirs[i] < 0 || peer->pid <= 0)
			continue;
		struct msg_bad_peer m = { .room = s->room, .life = number };
		enum keel_err e = keel_talk_send(peer->line, MSG_END, &m, s->theirs[i]);
		if (e != KEEL_OK)
			(void)kill(peer->pid, SIGKILL);
	}
}

static void begun(struct keel_parent *p, struct start *s, pid_t pid)
{
	struct keel_life *l = &p->lives[s->room];
	l->pid = pid;
	l->number = ++p->last_life;
	l->started_ms = keel_now_ms(&p->clock);
	l->alive_by_ms = 0;
	l->ready = false;
	memset(l->missing, 0, sizeof(l->missing));
	l->line = s->theirs[ROOM_PARENT];
	hand_over(p, s, l->number);
	s->theirs[ROOM_PARENT] = -1;
}

static void clear(struct start *s, enum keel_room_id room)
{
	memset(s, 0, sizeof(*s));
	s->room = room;
	for (size_t i = 0; i < ROOM_COUNT; i++)
		s->ends[i] = s->theirs[i] = -1;
	add(&s->ends_text, "KEEL_ENDS=");
	add(&s->handed_text, "KEEL_HANDED=");
	add(&s->options_text, "KEEL_OPTIONS=");
}

enum keel_err keel_start(struct keel_parent *p, enum keel_room_id room, struct keel_fault *fault)
{
	struct start s;
	clear(&s, room);
	enum keel_err e = keel_inherit_for(p, room, &s.hands, fault);
	if (e != KEEL_OK)
		return e;
	describe(p, &s);
	pid_t pid = make_ends(p, &s) ? fork() : -1;
	if (pid == 0)
		become(p, &s);
	if (pid > 0)
		begun(p, &s, pid);
	else
		e = keel_fault_of_os(fault, "start room", keel_rooms[room].name, "");
	close_all(s.ends);
	close_all(s.theirs);
	keel_inherit_done(&s.hands);
	return e;
}

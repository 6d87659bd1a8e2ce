#include "device/parent.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/break.h"
#include "device/talk.h"

#define BACK_OFF_FIRST_MS 250   /* the first restart is at once, the second after this */
#define STEADY_MS         60000 /* a room that lived so long starts with a clean sheet */
#define READY_WITHIN_MS   5000
#define END_WITHIN_MS     2000
#define MESSAGES_A_TURN   16
#define POLL_MAX_MS       60000

/* Heating first; and at the end the vault last, when nobody is left to be answered. */
static const enum keel_room_id start_order[] = { ROOM_APP, ROOM_VAULT, ROOM_MONITOR, ROOM_DOOR,
	ROOM_UPLINK };
static const enum keel_room_id end_order[] = { ROOM_UPLINK, ROOM_DOOR, ROOM_MONITOR, ROOM_APP,
	ROOM_VAULT };

static bool wanted(const struct keel_parent *p, enum keel_room_id room)
{
	if (room == ROOM_PARENT || p->mains[room] == NULL)
		return false;
	if (room == ROOM_APP)
		return p->options->app != NULL;
	if (room == ROOM_UPLINK)
		return p->declared.service;
	return room != ROOM_DOOR || p->listener_count > 0; /* a door without a way in */
}

static void send(struct keel_parent *p, enum keel_room_id to, enum keel_msg msg, const void *body)
{
	const struct keel_life *l = &p->lives[to];
	if (l->pid <= 0)
		return;
	enum keel_err e = keel_talk_send(l->line, msg, body, -1);
	if (e != KEEL_OK)
		KEEL_PARENT_LOG(KEEL_LOG_WARN, "room.deaf",
			KEEL_LOG_WORD("room", keel_rooms[to].name),
			KEEL_LOG_WORD("message", keel_message_word(msg)),
			KEEL_LOG_WORD("error", keel_err_word(e)));
}

static void end_room(struct keel_parent *p, enum keel_room_id room, int signal)
{
	if (p->lives[room].pid > 0)
		(void)kill(p->lives[room].pid, signal);
}

/* --- what the vault and the monitor are told of this start --- */

static void add_gaps(
	struct keel_wr *w, struct keel_list *list, const struct keel_life *l, size_t room)
{
	for (size_t wall = 0; wall < WALL_COUNT; wall++) {
		if (!l->missing[wall])
			continue;
		keel_schema_write(
			&keel_schema_gap, &(struct msg_gap){ .room = room, .wall = wall }, w);
		list->count++;
	}
}

static void send_facts(struct keel_parent *p)
{
	uint8_t programs[KEEL_MEASURED_MAX], gaps[512];
	struct msg_facts m = { .programs = keel_inherit_measured(p, programs) };
	struct keel_wr w = keel_wr_of(gaps, sizeof(gaps));
	if (p->extended.holds) {
		m.has |= 1u << FACTS_EXTENDED;
		m.extended = p->extended.log;
	}
	for (size_t i = 0; i < ROOM_COUNT; i++)
		add_gaps(&w, &m.missing, &p->lives[i], i);
	KEEL_MUST(keel_wr_end(&w, &m.missing.cbor) == KEEL_OK);
	send(p, ROOM_VAULT, MSG_FACTS, &m);
	send(p, ROOM_MONITOR, MSG_FACTS, &m);
}

static void send_started(struct keel_parent *p, enum keel_room_id room)
{
	const struct keel_life *l = &p->lives[room];
	struct msg_started m = { .room = room, .restarts = l->restarts };
	uid_t uid;
	gid_t gid;
	if (l->pid <= 0)
		return;
	m.pid = (uint64_t)l->pid;
	keel_start_user(room, &uid, &gid);
	m.user = geteuid() == 0 ? uid : 0;
	send(p, ROOM_MONITOR, MSG_STARTED, &m);
}

/* --- starting, and starting anew --- */

static void later(struct keel_parent *p, enum keel_room_id room)
{
	struct keel_life *l = &p->lives[room];
	uint64_t now = keel_now_ms(&p->clock);
	if (l->started_ms > 0 && now - l->started_ms > STEADY_MS)
		l->back_off_ms = 0;
	l->due_ms = now + l->back_off_ms;
	uint64_t next = l->back_off_ms == 0 ? BACK_OFF_FIRST_MS : l->back_off_ms * 2;
	uint64_t max = keel_rooms[room].patience_ms;
	l->back_off_ms = next < max ? next : max;
}

static void start(struct keel_parent *p, enum keel_room_id room)
{
	struct keel_fault fault = { 0 };
	struct keel_life *l = &p->lives[room];
	if (keel_start(p, room, &fault) != KEEL_OK) {
		keel_parent_fault(&fault);
		l->started_ms = keel_now_ms(&p->clock);
		later(p, room);
		return;
	}
	KEEL_PARENT_LOG(KEEL_LOG_INFO, "room.started", KEEL_LOG_WORD("room", keel_rooms[room].name),
		KEEL_LOG_NUM("pid", l->pid), KEEL_LOG_NUM("restarts", (int64_t)l->restarts));
	for (enum keel_room_id i = 0; room == ROOM_MONITOR && i < ROOM_COUNT; i++)
		if (i != ROOM_MONITOR)
			send_started(p, i);
	send_started(p, room);
}

/*
 * The TPM is the vault's while that lives, so a program that is another one now gives the vault a new
 * start, before which the TPM is told.
 */
static void tell_tpm(struct keel_parent *p)
{
	uint8_t items[KEEL_MEASURED_MAX];
	const struct keel_list measured = keel_inherit_measured(p, items);
	if (p->extended.holds && !keel_pcr_log_ends_in(&p->extended.log, &measured))
		end_room(p, ROOM_VAULT, SIGKILL);
}

static void start_due(struct keel_parent *p)
{
	uint64_t now = keel_now_ms(&p->clock);
	for (size_t i = 0; i < KEEL_COUNT(start_order) && !p->ending; i++) {
		struct keel_life *l = &p->lives[start_order[i]];
		if (!wanted(p, start_order[i]) || l->pid > 0 || l->due_ms > now)
			continue;
		if (l->number > 0 && keel_broken("restart-never"))
			continue;
		start(p, start_order[i]);
		if (start_order[i] == ROOM_APP)
			tell_tpm(p);
	}
}

static void ended(struct keel_parent *p, enum keel_room_id room, int status)
{
	struct keel_life *l = &p->lives[room];
	KEEL_PARENT_LOG(p->ending ? KEEL_LOG_INFO : KEEL_LOG_ALERT, "room.ended",
		KEEL_LOG_WORD("room", keel_rooms[room].name),
		KEEL_LOG_NUM("status", WIFEXITED(status) ? WEXITSTATUS(status) : -1),
		KEEL_LOG_NUM("signal", WIFSIGNALED(status) ? WTERMSIG(status) : 0));
	keel_fd_close(&l->line);
	l->pid = 0;
	l->restarts++;
	later(p, room);
}

static void reap(struct keel_parent *p)
{
	int status;
	pid_t pid;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		for (enum keel_room_id i = 0; i < ROOM_COUNT; i++)
			if (p->lives[i].pid == pid)
				ended(p, i, status);
}

/* --- what rooms say --- */

static void on_ready(struct keel_parent *p, enum keel_room_id from, const union keel_body *body)
{
	struct keel_life *l = &p->lives[from];
	struct keel_list rest = body->ready.missing;
	uint64_t wall;
	l->ready = true;
	while (keel_list_next(&keel_wall_item, &rest, &wall))
		l->missing[wall] = true;
	send_facts(p);
}

static void on_bad_peer(struct keel_parent *p, enum keel_room_id from, const union keel_body *body)
{
	enum keel_room_id peer = (enum keel_room_id)body->bad_peer.room;
	struct keel_life *l = &p->lives[peer];
	if (peer == ROOM_PARENT || !keel_line_joins(from, peer) || l->number != body->bad_peer.life)
		return;
	KEEL_PARENT_LOG(KEEL_LOG_ALERT, "room.broke-rule",
		KEEL_LOG_WORD("room", keel_rooms[peer].name),
		KEEL_LOG_WORD("says", keel_rooms[from].name));
	/* A complaint is no means to end whom one is kept away from: then it ends who complains. */
	bool above = keel_rooms[from].rank < keel_rooms[peer].rank;
	end_room(p, above ? from : peer, SIGKILL);
}

static void on_alive(struct keel_parent *p, enum keel_room_id from, const union keel_body *body)
{
	const struct msg_alive *m = (const struct msg_alive *)body;
	p->lives[from].alive_by_ms = keel_now_ms(&p->clock) + 2 * m->within_ms;
}

static void on_whose(struct keel_parent *p, enum keel_room_id from, const union keel_body *body)
{
	const struct msg_whose *m = (const struct msg_whose *)body;
	char name[64] = "";
	pid_t pid = 0;
	if (!keel_whose(m->inode, &pid, name))
		name[0] = '\0';
	send(p, from, MSG_PROCESS,
		&(struct msg_process){
			.inode = m->inode, .pid = (uint64_t)pid, .name = keel_text(name) });
}

/* The declaration opens interfaces by state: a change of the set gives the door a new start. */
static void on_state(struct keel_parent *p, enum keel_room_id from, const union keel_body *body)
{
	const struct msg_state *m = (const struct msg_state *)body;
	struct keel_fault fault = { 0 };
	unsigned before = p->state_known ? 1u << p->state : ~0u;
	unsigned now = 1u << m->state;
	bool changed = false;
	(void)from;
	p->state = (enum keel_state)m->state;
	p->state_known = true;
	for (size_t i = 0; i < p->declared.port_count; i++) {
		unsigned states = p->declared.ports[i].states;
		changed |= ((states & before) != 0) != ((states & now) != 0);
	}
	if (!changed)
		return;
	if (keel_listeners_open(p, &fault) != KEEL_OK)
		keel_parent_fault(&fault);
	end_room(p, ROOM_DOOR, SIGKILL);
}

static const struct {
	enum keel_msg msg;
	void (*act)(struct keel_parent *p, enum keel_room_id from, const union keel_body *body);
} answers[] = {
	{ MSG_READY, on_ready },
	{ MSG_BAD_PEER, on_bad_peer },
	{ MSG_ALIVE, on_alive },
	{ MSG_WHOSE, on_whose },
	{ MSG_STATE, on_state },
};

static void take(struct keel_parent *p, enum keel_room_id from, struct keel_bytes in)
{
	union keel_body body;
	enum keel_msg msg;
	enum keel_err e = keel_line_read(from, ROOM_PARENT, in, &msg, &body, NULL);
	for (size_t i = 0; e == KEEL_OK && i < KEEL_COUNT(answers); i++)
		if (answers[i].msg == msg)
			answers[i].act(p, from, &body);
	if (e == KEEL_OK)
		return;
	KEEL_PARENT_LOG(KEEL_LOG_ALERT, "room.broke-rule",
		KEEL_LOG_WORD("room", keel_rooms[from].name), KEEL_LOG_WORD("says", "parent"),
		KEEL_LOG_WORD("error", keel_err_word(e)));
	end_room(p, from, SIGKILL);
	keel_fd_close(&p->lives[from].line);
}

static void drain(struct keel_parent *p, enum keel_room_id from)
{
	static uint8_t buf[KEEL_MESSAGE_MAX];
	struct keel_life *l = &p->lives[from];
	for (unsigned i = 0; i < MESSAGES_A_TURN && l->line >= 0; i++) {
		struct keel_bytes in;
		enum keel_err e = keel_talk_receive(l->line, buf, &in, NULL);
		if (e == KEEL_ENONE)
			return;
		if (e !=
			KEEL_OK) { /* it closed its end, or it is gone: either way its life is over */
			end_room(p, from, SIGKILL);
			keel_fd_close(&l->line);
			return;
		}
		take(p, from, in);
	}
}

/* --- the loop --- */

static void on_signal(struct keel_parent *p, int number)
{
	struct msg_button b = { .how = number == SIGUSR1 ? BUTTON_PRESSED : BUTTON_HELD };
	if (number == SIGCHLD)
		reap(p);
	else if (number == SIGUSR1 || number == SIGUSR2)
		send(p, ROOM_VAULT, MSG_BUTTON, &b);
	else
		p->ending = true;
}

static void take_signals(struct keel_parent *p)
{
	struct signalfd_siginfo s;
	while (read(p->signals, &s, sizeof(s)) == (ssize_t)sizeof(s))
		on_signal(p, (int)s.ssi_signo);
}

static bool overdue(const struct keel_life *l, uint64_t now)
{
	return l->pid > 0 && l->alive_by_ms > 0 && now > l->alive_by_ms;
}

static void check_app(struct keel_parent *p)
{
	struct keel_life *app = &p->lives[ROOM_APP];
	if (!overdue(app, keel_now_ms(&p->clock)))
		return;
	KEEL_PARENT_LOG(KEEL_LOG_ALERT, "app.stuck", KEEL_LOG_NUM("pid", app->pid));
	app->alive_by_ms = 0;
	end_room(p, ROOM_APP, SIGKILL);
}

static bool all_ready(const struct keel_parent *p)
{
	for (enum keel_room_id i = 0; i < ROOM_COUNT; i++)
		if (wanted(p, i) && !p->lives[i].ready)
			return false;
	return true;
}

static void tell_systemd(struct keel_parent *p)
{
	uint64_t now = keel_now_ms(&p->clock);
	if (!p->told_ready && (all_ready(p) || now - p->started_ms > READY_WITHIN_MS)) {
		p->told_ready = true;
		KEEL_PARENT_LOG(KEEL_LOG_INFO, "keeld.ready",
			KEEL_LOG_NUM("ms", (int64_t)(now - p->started_ms)));
		keel_parent_missing(p);
		keel_notify("READY=1");
	}
	bool app_lives = p->options->app == NULL || p->lives[ROOM_APP].pid > 0;
	if (p->watchdog_ms > 0 && now >= p->watchdog_due_ms && app_lives) {
		p->watchdog_due_ms = now + p->watchdog_ms / 2;
		keel_notify("WATCHDOG=1");
	}
}

static void sooner(uint64_t *wait, uint64_t now, uint64_t due)
{
	uint64_t left = due > now ? due - now : 0;
	*wait = left < *wait ? left : *wait;
}

static int wait_ms(const struct keel_parent *p)
{
	uint64_t now = keel_now_ms(&p->clock);
	uint64_t wait = POLL_MAX_MS;
	for (enum keel_room_id i = 0; i < ROOM_COUNT; i++)
		if (wanted(p, i) && p->lives[i].pid <= 0 && !keel_broken("restart-never"))
			sooner(&wait, now, p->lives[i].due_ms);
	if (p->lives[ROOM_APP].alive_by_ms > 0)
		sooner(&wait, now, p->lives[ROOM_APP].alive_by_ms + 1);
	if (p->watchdog_ms > 0)
		sooner(&wait, now, p->watchdog_due_ms > now ? p->watchdog_due_ms : now + 100);
	if (!p->told_ready)
		sooner(&wait, now, p->started_ms + READY_WITHIN_MS + 1);
	return (int)wait;
}

static void turn(struct keel_parent *p, int timeout_ms)
{
	struct pollfd fds[ROOM_COUNT];
	fds[ROOM_PARENT] = (struct pollfd){ .fd = p->signals, .events = POLLIN };
	for (size_t i = ROOM_PARENT + 1; i < ROOM_COUNT; i++)
		fds[i] = (struct pollfd){ .fd = p->lives[i].line, .events = POLLIN };
	int n = poll(fds, ROOM_COUNT, timeout_ms);
	KEEL_MUST(n >= 0 || errno == EINTR);
	for (enum keel_room_id i = ROOM_PARENT + 1; n > 0 && i < ROOM_COUNT; i++)
		if (fds[i].revents != 0)
			drain(p, i);
	if (n > 0 && fds[ROOM_PARENT].revents != 0)
		take_signals(p);
}

/* Ends the rooms one after another; who does not go by itself is made to. */
static void end_all(struct keel_parent *p)
{
	keel_notify("STOPPING=1");
	for (size_t i = 0; i < KEEL_COUNT(end_order); i++) {
		uint64_t until = keel_now_ms(&p->clock) + END_WITHIN_MS;
		end_room(p, end_order[i], SIGTERM);
		while (p->lives[end_order[i]].pid > 0) {
			if (keel_now_ms(&p->clock) > until)
				end_room(p, end_order[i], SIGKILL);
			turn(p, 50);
		}
	}
}

static void catch_signals(struct keel_parent *p)
{
	static const int numbers[] = { SIGCHLD, SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2 };
	sigset_t set;
	(void)sigemptyset(&set);
	for (size_t i = 0; i < KEEL_COUNT(numbers); i++)
		(void)sigaddset(&set, numbers[i]);
	KEEL_MUST(sigprocmask(SIG_BLOCK, &set, NULL) == 0);
	p->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	KEEL_MUST(p->signals >= 0);
}

static uint64_t now_ms(void *self)
{
	struct timespec t;
	(void)self;
	KEEL_MUST(clock_gettime(CLOCK_BOOTTIME, &t) == 0);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static int64_t wall_s(void *self)
{
	(void)self;
	return time(NULL);
}

int keel_parent_run(const struct keel_options *options, keel_room_main *const mains[ROOM_COUNT])
{
	struct keel_parent p = { .options = options, .mains = mains };
	struct keel_fault fault = { 0 };
	(void)syscall(SYS_close_range, STDERR_FILENO + 1, ~0u, 0); /* nothing comes in by mistake */
	p.clock = (struct keel_clock){ .now_ms = now_ms, .wall_s = wall_s };
	p.started_ms = keel_now_ms(&p.clock);
	p.watchdog_ms = keel_notify_watchdog_ms();
	for (size_t i = 0; i < ROOM_COUNT; i++)
		p.lives[i].line = -1;
	if (keel_inherit_open(&p, &fault) != KEEL_OK) {
		keel_parent_fault(&fault);
		keel_inherit_close(&p);
		return 1;
	}
	catch_signals(&p);
	while (!p.ending) {
		start_due(&p);
		check_app(&p);
		tell_systemd(&p);
		turn(&p, wait_ms(&p));
	}
	end_all(&p);
	keel_fd_close(&p.signals);
	keel_inherit_close(&p);
	return 0;
}

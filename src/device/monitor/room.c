/* The monitor's room: looks every two seconds at sockets, processes and files, and tells the vault. EN 303 645 5.6-1, 5.7-1. */
#include "device/room.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/break.h"
#include "device/monitor/files.h"
#include "device/monitor/roster.h"
#include "device/monitor/watch.h"

#define LOOK_EVERY_MS 2000
#define DOUBT_MS      500
#define UNTOLD_MAX    32
#define DETAIL_MAX    160

static const char list_name[] = "measures.cbor";

keel_room_main monitor_main;

struct untold {
	enum keel_event_word word;
	char detail[DETAIL_MAX + 1];
};

struct monitor {
	struct keel_room_env *env;
	struct keel_declared declared;
	struct keel_watch watch;
	struct keel_roster roster;
	struct keel_files files;
	enum keel_err list;         /* what the reading of the files' list gave */
	struct keel_digest runs[2]; /* programs that were told to be none of the list's */
	int parent;
	struct untold untold[UNTOLD_MAX]; /* while the vault is away; the oldest stay */
	size_t untold_count;
};

static enum keel_err send_event(struct monitor *m, const struct untold *u)
{
	struct msg_event e = { .word = u->word, .detail = keel_text(u->detail) };
	return keel_room_send(m->env, ROOM_VAULT, MSG_EVENT, &e);
}

static void send_untold(struct monitor *m)
{
	size_t sent = 0;
	while (sent < m->untold_count && send_event(m, &m->untold[sent]) == KEEL_OK)
		sent++;
	m->untold_count -= sent;
	memmove(m->untold, m->untold + sent, m->untold_count * sizeof(m->untold[0]));
}

static void tell(void *self, enum keel_event_word word, const char *detail)
{
	struct monitor *m = self;
	struct untold u = { .word = word };
	memcpy(u.detail, detail, strnlen(detail, DETAIL_MAX));
	if (m->untold_count < UNTOLD_MAX)
		m->untold[m->untold_count++] = u;
	send_untold(m);
	for (char *c = u.detail; *c != '\0'; c++) /* one word in a log's line */
		if (*c == ' ')
			*c = '_';
	KEEL_ROOM_LOG(m->env, KEEL_LOG_ALERT, "monitor.event",
		KEEL_LOG_WORD("word", keel_event_words[word]), KEEL_LOG_WORD("detail", u.detail));
}

static void ask(void *self, uint64_t inode)
{
	struct monitor *m = self;
	enum keel_err e = keel_room_send(
		m->env, ROOM_PARENT, MSG_WHOSE, &(struct msg_whose){ .inode = inode });
	if (e != KEEL_OK) /* it is told without a name then */
		KEEL_ROOM_LOG(m->env, KEEL_LOG_WARN, "monitor.not-asked",
			KEEL_LOG_WORD("error", keel_err_word(e)));
}

static uint64_t now_ms(const struct monitor *m)
{
	return keel_now_ms(keel_room_clock(m->env));
}

static void saw(void *self, const struct keel_socket *s)
{
	struct monitor *m = self;
	keel_watch_saw(&m->watch, s, now_ms(m));
}

static void look_at_sockets(struct monitor *m)
{
	keel_watch_begin(&m->watch);
	enum keel_err e = keel_sockets_each(m->parent, saw, m);
	if (e != KEEL_OK) {
		KEEL_ROOM_LOG(m->env, KEEL_LOG_ALERT, "monitor.blind",
			KEEL_LOG_WORD("to", "sockets"), KEEL_LOG_WORD("error", keel_err_word(e)));
		return;
	}
	keel_watch_end(&m->watch, now_ms(m));
}

static void saw_process(void *self, const struct keel_process *p)
{
	struct monitor *m = self;
	keel_roster_saw(&m->roster, p);
}

static void look_at_processes(struct monitor *m)
{
	keel_roster_begin(&m->roster);
	enum keel_err e = keel_processes_each(saw_process, m);
	if (!keel_roster_end(&m->roster) && e == KEEL_OK)
		e = KEEL_ENONE;
	if (e != KEEL_OK)
		KEEL_ROOM_LOG(m->env, KEEL_LOG_ALERT, "monitor.blind",
			KEEL_LOG_WORD("to", "processes"), KEEL_LOG_WORD("error", keel_err_word(e)));
}

/* How the files stand, for the statement. */
static void send_files(struct monitor *m)
{
	const struct msg_files f = { .listed = m->list == KEEL_OK,
		.wrong = keel_files_wrong(&m->files) };
	enum keel_err e = keel_room_send(m->env, ROOM_VAULT, MSG_FILES, &f);
	if (e != KEEL_OK && e != KEEL_ESTATE) /* one that comes back is told again */
		KEEL_ROOM_LOG(m->env, KEEL_LOG_WARN, "monitor.files-not-told",
			KEEL_LOG_WORD("error", keel_err_word(e)));
}

static void file_changed(void *self, const struct keel_file *f)
{
	struct monitor *m = self;
	send_files(m);
	if (f->state == FILE_CHANGED)
		tell(m, EVENT_FILE_CHANGED, f->path);
	else if (f->state == FILE_MISSING)
		tell(m, EVENT_FILE_MISSING, f->path);
}

static void look(struct keel_room_env *env, void *self)
{
	struct monitor *m = self;
	(void)env;
	if (keel_broken("monitor-blind"))
		return;
	look_at_sockets(m);
	look_at_processes(m);
	if (!keel_broken("files-unwatched"))
		keel_files_look(&m->files, file_changed, m);
	send_untold(m);
}

static void look_again(struct keel_room_env *env, void *self)
{
	struct monitor *m = self;
	(void)env;
	if (keel_roster_doubts(&m->roster))
		look_at_processes(m);
}

static enum keel_err on_count(
	struct keel_room_env *env, enum keel_room_id from, const void *body, void *self)
{
	struct monitor *m = self;
	const struct msg_count *c = body;
	(void)env;
	(void)from;
	keel_watch_count(&m->watch, (enum keel_counted)c->what, c->n, now_ms(m));
	return KEEL_OK;
}

static enum keel_err on_state(
	struct keel_room_env *env, enum keel_room_id from, const void *body, void *self)
{
	struct monitor *m = self;
	const struct msg_state *s = body;
	(void)env;
	(void)from;
	m->watch.states = 1u << s->state;
	return KEEL_OK;
}

static enum keel_err on_process(
	struct keel_room_env *env, enum keel_room_id from, const void *body, void *self)
{
	struct monitor *m = self;
	const struct msg_process *p = body;
	(void)env;
	(void)from;
	keel_watch_owner(&m->watch, p->inode, (int)p->pid, p->name);
	return KEEL_OK;
}

static enum keel_err on_started(
	struct keel_room_env *env, enum keel_room_id from, const void *body, void *self)
{
	struct monitor *m = self;
	const struct msg_started *s = body;
	(void)env;
	(void)from;
	keel_watch_started(&m->watch, (enum keel_room_id)s->room, s->restarts, now_ms(m));
	keel_roster_started(&m->roster, (enum keel_room_id)s->room, (int)s->pid, (unsigned)s->user);
	return KEEL_OK;
}

/*
 * What the parent hashed of what runs, against the list: a file that is right on the disk says
 * nothing of a program that was started before it was put back, or from elsewhere.
 */
static enum keel_err on_facts(
	struct keel_room_env *env, enum keel_room_id from, const void *body, void *self)
{
	struct monitor *m = self;
	struct keel_list rest = ((const struct msg_facts *)body)->programs;
	struct msg_program p;
	(void)env;
	(void)from;
	while (m->list == KEEL_OK && keel_list_next(&keel_program_item, &rest, &p)) {
		bool self_program = keel_bytes_is(p.name, "keeld");
		struct keel_digest *told = &m->runs[self_program ? 0 : 1];
		if (!self_program && !keel_bytes_is(p.name, "app"))
			continue; /* the list names its declaration itself */
		if (keel_files_have(&m->files, p.sha256) ||
			keel_bytes_equal(KEEL_VIEW(told->b), p.sha256))
			continue;
		memcpy(told->b, p.sha256.p, sizeof(told->b));
		tell(m, EVENT_FILE_CHANGED,
			self_program ? "keeld, as it runs" : "the product's program, as it runs");
	}
	return KEEL_OK;
}

static const struct keel_answer answers[] = {
	{ MSG_COUNT, 0, on_count },
	{ MSG_STATE, 0, on_state },
	{ MSG_PROCESS, 0, on_process },
	{ MSG_STARTED, 0, on_started },
	{ MSG_FACTS, 0, on_facts },
};

static void peer(struct keel_room_env *env, enum keel_room_id room, bool up, void *self)
{
	(void)env;
	if (room != ROOM_VAULT || !up)
		return;
	send_files(self);
	send_untold(self);
}

/* A list that is away or false is told as the file that it is: who changes a file may do that too. */
static void tell_list(struct monitor *m)
{
	send_files(m);
	if (m->list == KEEL_ENONE && m->declared.integrity)
		tell(m, EVENT_FILE_MISSING, list_name);
	else if (m->list != KEEL_OK && m->list != KEEL_ENONE)
		tell(m, EVENT_FILE_CHANGED, list_name);
}

static enum keel_err monitor_open(struct monitor *m, struct keel_fault *fault)
{
	enum keel_err e = keel_declared_read(keel_room_product(m->env), &m->declared);
	if (e != KEEL_OK) {
		*fault = (struct keel_fault){ .err = e, .what = "product.cbor is no declaration" };
		return e;
	}
	m->list = keel_files_read(
		keel_room_fd(m->env, "measures"), keel_room_product(m->env), &m->files);
	if (keel_broken("list-unverified"))
		m->list = KEEL_OK;
	return KEEL_OK;
}

/* The library that hashes reads its configuration at first use: that is now, before the walls. */
static void confine(struct monitor *m)
{
	char *folders[KEEL_MEASURES_FOLDERS + 1];
	keel_crypto_warm();
	keel_files_folders(&m->files, folders);
	keel_room_confine_with(m->env, (const char *const *)folders);
	for (size_t i = 0; folders[i] != NULL; i++)
		free(folders[i]);
}

int monitor_main(struct keel_room_env *env)
{
	static struct monitor m;
	struct keel_fault fault = { 0 };
	m.env = env;
	m.parent = (int)getppid();
	if (monitor_open(&m, &fault) != KEEL_OK)
		return keel_room_fail(env, &fault);
	m.watch.declared = &m.declared;
	m.watch.states = ~0u;
	m.watch.out = (struct keel_watch_out){ .ask = ask, .tell = tell, .self = &m };
	m.roster = (struct keel_roster){ .parent = m.parent, .tell = tell, .self = &m };
	confine(&m);
	tell_list(&m);
	keel_room_timer(env, 100, LOOK_EVERY_MS, look, &m);
	keel_room_timer(env, DOUBT_MS, DOUBT_MS, look_again, &m);
	return keel_room_serve(env, answers, KEEL_COUNT(answers), peer, &m);
}

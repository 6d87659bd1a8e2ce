/* The monitor's room: looks every two seconds at sockets and files, and tells the vault. EN 303 645 5.6-1, 5.7-1. */
#include "device/room.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "device/break.h"
#include "device/monitor/files.h"
#include "device/monitor/watch.h"

#define LOOK_EVERY_MS 2000
#define FILES_A_LOOK  4
#define FOLDERS_MAX   48
#define UNTOLD_MAX    32
#define DETAIL_MAX    160

keel_room_main monitor_main;

struct untold {
	enum keel_event_word word;
	char detail[DETAIL_MAX + 1];
};

struct monitor {
	struct keel_room_env *env;
	struct keel_declared declared;
	struct keel_watch watch;
	struct keel_files files;
	size_t next_file;
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
			KEEL_LOG_WORD("error", keel_err_word(e)));
		return;
	}
	keel_watch_end(&m->watch, now_ms(m));
}

static void look_at_file(struct monitor *m, struct keel_file *f)
{
	enum keel_file_state now = keel_broken("hash-skipped") ? FILE_AS_BUILT : keel_file_look(f);
	if (now == f->state)
		return;
	f->state = now;
	if (now == FILE_CHANGED)
		tell(m, EVENT_FILE_CHANGED, f->path);
	else if (now == FILE_MISSING)
		tell(m, EVENT_FILE_MISSING, f->path);
}

static void look(struct keel_room_env *env, void *self)
{
	struct monitor *m = self;
	(void)env;
	if (keel_broken("monitor-blind"))
		return;
	look_at_sockets(m);
	for (size_t i = 0; i < FILES_A_LOOK && i < m->files.count; i++)
		look_at_file(m, &m->files.of[m->next_file++ % m->files.count]);
	send_untold(m);
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
	return KEEL_OK;
}

static const struct keel_answer answers[] = {
	{ MSG_COUNT, 0, on_count },
	{ MSG_STATE, 0, on_state },
	{ MSG_PROCESS, 0, on_process },
	{ MSG_STARTED, 0, on_started },
};

static void peer(struct keel_room_env *env, enum keel_room_id room, bool up, void *self)
{
	(void)env;
	if (room == ROOM_VAULT && up)
		send_untold(self);
}

static enum keel_err monitor_open(struct monitor *m, struct keel_fault *fault)
{
	enum keel_err e = keel_declared_read(keel_room_product(m->env), &m->declared);
	if (e != KEEL_OK) {
		*fault = (struct keel_fault){ .err = e, .what = "product.cbor is no declaration" };
		return e;
	}
	e = keel_files_read(keel_room_fd(m->env, "measures"), &m->files);
	if (e != KEEL_OK)
		*fault = (struct keel_fault){ .err = e,
			.what = "measures.list has a line that is not \"sha256  /path\"",
			.next = "write it with sha256sum, with absolute paths" };
	return e;
}

/* The library that hashes reads its configuration at first use: that is now, before the walls. */
static void confine(struct monitor *m)
{
	char *folders[FOLDERS_MAX];
	keel_crypto_warm();
	keel_files_folders(&m->files, folders, FOLDERS_MAX);
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
	confine(&m);
	keel_room_timer(env, 100, LOOK_EVERY_MS, look, &m);
	int status = keel_room_serve(env, answers, KEEL_COUNT(answers), peer, &m);
	keel_files_clear(&m.files);
	return status;
}

#include "device/room.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

#include "core/break.h"
#include "device/env.h"
#include "device/talk.h"

#define MESSAGES_A_TURN 16
#define POLL_MAX_MS     60000 /* no wait without a limit */

/* --- talking --- */

static void peer_lost(struct keel_room_env *env, enum keel_room_id peer)
{
	keel_fd_close(&env->ends[peer].fd);
	if (env->peer != NULL && peer != ROOM_PARENT)
		env->peer(env, peer, false, env->handler);
}

enum keel_err keel_room_send(
	struct keel_room_env *env, enum keel_room_id to, enum keel_msg msg, const void *body)
{
	KEEL_MUST(keel_line_allows(env->self, to, msg));
	if (env->ends[to].fd < 0)
		return KEEL_ESTATE;
	return keel_talk_send(env->ends[to].fd, msg, body, -1);
}

bool keel_room_has(const struct keel_room_env *env, enum keel_room_id peer)
{
	return env->ends[peer].fd >= 0;
}

void keel_room_ready(struct keel_room_env *env, const enum keel_wall *missing, size_t n)
{
	uint8_t buf[WALL_COUNT * 9];
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	for (size_t i = 0; i < n; i++)
		keel_cbor_uint(&w, missing[i]);
	struct msg_ready m = { .has = 1, .missing = { .count = n } };
	KEEL_MUST(keel_wr_end(&w, &m.missing.cbor) == KEEL_OK);
	enum keel_err e = keel_room_send(env, ROOM_PARENT, MSG_READY, &m);
	if (e != KEEL_OK)
		KEEL_ROOM_LOG(env, KEEL_LOG_WARN, "room.unheard",
			KEEL_LOG_WORD("error", keel_err_word(e)));
}

/* What no line or no schema allows ends its sender: it is broken or taken over. */
static void accuse(struct keel_room_env *env, enum keel_room_id peer, enum keel_err why,
	const struct keel_where *where)
{
	KEEL_ROOM_LOG(env, KEEL_LOG_ALERT, "peer.refused",
		KEEL_LOG_WORD("peer", keel_rooms[peer].name),
		KEEL_LOG_WORD("error", keel_err_word(why)), KEEL_LOG_WORD("where", where->path));
	struct msg_bad_peer m = { .has = 3, .room = peer, .life = env->ends[peer].life };
	enum keel_err e = keel_room_send(env, ROOM_PARENT, MSG_BAD_PEER, &m);
	if (e != KEEL_OK)
		KEEL_ROOM_LOG(env, KEEL_LOG_WARN, "room.unheard",
			KEEL_LOG_WORD("error", keel_err_word(e)));
	peer_lost(env, peer);
}

/* A peer was started anew: its old end is closed, and what still waited in it is not read. */
static void end_taken(struct keel_room_env *env, const struct msg_bad_peer *m, int fd)
{
	enum keel_room_id peer = (enum keel_room_id)m->room;
	if (fd < 0 || peer == ROOM_PARENT || peer == env->self) {
		keel_fd_close(&fd);
		return;
	}
	if (env->ends[peer].fd >= 0)
		peer_lost(env, peer);
	env->ends[peer] = (struct keel_env_end){ .fd = fd, .life = m->life };
	if (env->peer != NULL)
		env->peer(env, peer, true, env->handler);
}

static const struct keel_answer *answer_to(const struct keel_room_env *env, enum keel_msg msg)
{
	for (size_t i = 0; i < env->answer_count; i++)
		if (env->answers[i].msg == msg)
			return &env->answers[i];
	return NULL;
}

static void answer(struct keel_room_env *env, enum keel_room_id from, enum keel_msg msg,
	const union keel_body *body)
{
	const struct keel_answer *a = answer_to(env, msg);
	KEEL_MUST(a != NULL); /* keel_room_listen has seen to it */
	enum keel_err e = KEEL_ESTATE;
	if (a->states == 0 || (a->states & (1u << env->state)) != 0)
		e = a->act(env, from, body, env->handler);
	if (e != KEEL_OK)
		KEEL_ROOM_LOG(env, KEEL_LOG_WARN, "message.refused",
			KEEL_LOG_WORD("message", keel_message_word(msg)),
			KEEL_LOG_WORD("from", keel_rooms[from].name),
			KEEL_LOG_WORD("error", keel_err_word(e)));
}

/* One message from this peer, by line, form, schema and state. False: its end is gone. */
static bool take(
	struct keel_room_env *env, enum keel_room_id from, struct keel_bytes in, int passed)
{
	union keel_body body;
	enum keel_msg msg;
	struct keel_where where = { 0 };
	enum keel_err e = keel_line_read(from, env->self, in, &msg, &body, &where);
	if (e != KEEL_OK) {
		keel_fd_close(&passed);
		accuse(env, from, e, &where);
		return false;
	}
	if (msg == MSG_END) {
		end_taken(env, (const struct msg_bad_peer *)&body, passed);
		return true;
	}
	keel_fd_close(&passed);
	answer(env, from, msg, &body);
	return env->ends[from].fd >= 0;
}

static void drain(struct keel_room_env *env, enum keel_room_id from)
{
	int fd = env->ends[from].fd;
	for (unsigned i = 0; i < MESSAGES_A_TURN && env->ends[from].fd == fd && !env->stopped;
		i++) {
		struct keel_bytes in;
		int passed = -1;
		enum keel_err e =
			keel_talk_receive(fd, env->in, &in, from == ROOM_PARENT ? &passed : NULL);
		if (e == KEEL_ENONE)
			return;
		if (e == KEEL_EFULL) {
			keel_fd_close(&passed);
			accuse(env, from, e, &(struct keel_where){ 0 });
			return;
		}
		if (e != KEEL_OK) {
			peer_lost(env, from);
			return;
		}
		if (!take(env, from, in, passed))
			return;
	}
}

void keel_room_listen(struct keel_room_env *env, const struct keel_answer *answers, size_t n,
	keel_room_peer *peer, void *self)
{
	env->answers = answers;
	env->answer_count = n;
	env->peer = peer;
	env->handler = self;
	for (size_t i = 0; i < keel_lines_count; i++) {
		const struct keel_line *l = &keel_lines[i];
		KEEL_MUST(
			l->to != env->self || l->msg == MSG_END || answer_to(env, l->msg) != NULL);
	}
}

void keel_room_fds(const struct keel_room_env *env, int fds[ROOM_COUNT])
{
	for (size_t i = 0; i < ROOM_COUNT; i++)
		fds[i] = env->ends[i].fd;
}

bool keel_room_handle(struct keel_room_env *env, int fd)
{
	for (enum keel_room_id i = 0; fd >= 0 && i < ROOM_COUNT; i++) {
		if (env->ends[i].fd != fd)
			continue;
		drain(env, i);
		break;
	}
	return env->ends[ROOM_PARENT].fd >= 0 ||
	       (env->self == ROOM_APP && keel_broken("app-orphaned"));
}

void keel_room_set_state(struct keel_room_env *env, unsigned state)
{
	KEEL_MUST(state < 32);
	env->state = state;
}

unsigned keel_room_state(const struct keel_room_env *env)
{
	return env->state;
}

/* --- the loop --- */

void keel_room_timer(struct keel_room_env *env, uint64_t in_ms, uint64_t every_ms,
	void (*fn)(struct keel_room_env *env, void *self), void *self)
{
	KEEL_MUST(env->timer_count < KEEL_ENV_TIMERS_MAX);
	env->timers[env->timer_count++] = (struct keel_env_timer){
		.due_ms = keel_now_ms(&env->clock) + in_ms,
		.every_ms = every_ms,
		.fn = fn,
		.self = self,
	};
}

static int wait_ms(const struct keel_room_env *env)
{
	uint64_t now = keel_now_ms(&env->clock);
	uint64_t wait = POLL_MAX_MS;
	for (size_t i = 0; i < env->timer_count; i++) {
		uint64_t due = env->timers[i].due_ms;
		uint64_t left = due > now ? due - now : 0;
		wait = left < wait ? left : wait;
	}
	return (int)wait;
}

/* A timer that is late (the device slept) runs once, not once for each time it missed. */
static void ring(struct keel_room_env *env)
{
	uint64_t now = keel_now_ms(&env->clock);
	for (size_t i = 0; i < env->timer_count && !env->stopped; i++) {
		struct keel_env_timer t = env->timers[i];
		if (t.due_ms > now)
			continue;
		if (t.every_ms > 0) {
			uint64_t next = t.due_ms + t.every_ms;
			env->timers[i].due_ms = next > now ? next : now + t.every_ms;
		} else {
			env->timers[i--] = env->timers[--env->timer_count];
		}
		t.fn(env, t.self);
	}
}

int keel_room_serve(struct keel_room_env *env, const struct keel_answer *answers, size_t n,
	keel_room_peer *peer, void *self)
{
	keel_room_listen(env, answers, n, peer, self);
	while (!env->stopped) {
		int fds[ROOM_COUNT];
		struct pollfd p[ROOM_COUNT];
		keel_room_fds(env, fds);
		for (size_t i = 0; i < ROOM_COUNT; i++)
			p[i] = (struct pollfd){ .fd = fds[i], .events = POLLIN };
		int ready = poll(p, ROOM_COUNT, wait_ms(env));
		KEEL_MUST(ready >= 0 || errno == EINTR);
		for (size_t i = 0; ready > 0 && i < ROOM_COUNT; i++)
			if (p[i].revents != 0 && !keel_room_handle(env, p[i].fd))
				return 0;
		ring(env);
	}
	return env->status;
}

void keel_room_stop(struct keel_room_env *env, int status)
{
	env->stopped = true;
	env->status = status;
}

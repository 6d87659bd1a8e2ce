#include "device/monitor/watch.h"

#include <stdio.h>
#include <string.h>

/* Who holds a socket is answered within this time, or it is told without the name. */
#define OWNER_WITHIN_MS 1500
#define DETAIL_SIZE     160

struct threshold {
	enum keel_event_word word;
	uint64_t n;
	uint64_t within_ms;
};

/* So many within this time are no accident. Wrong codes are typed by people: fewer, and longer. */
static const struct threshold thresholds[COUNT_COUNT] = {
	[COUNT_REFUSED] = { EVENT_MANY_REFUSED, 20, 60000 },
	[COUNT_WRONG_CODE] = { EVENT_MANY_WRONG_CODES, 3, 900000 },
	[COUNT_MALFORMED] = { EVENT_MANY_MALFORMED, 20, 60000 },
	[COUNT_LIMITED] = { EVENT_MANY_LIMITED, 50, 60000 },
};
static const struct threshold restless = { EVENT_ROOM_RESTLESS, 5, 60000 };

static bool is_tcp(const struct keel_socket *s)
{
	return s->kind == SOCKET_TCP || s->kind == SOCKET_TCP6;
}

static bool is_udp(const struct keel_socket *s)
{
	return s->kind == SOCKET_UDP || s->kind == SOCKET_UDP6;
}

bool keel_watch_declares(const struct keel_watch *w, const struct keel_socket *s)
{
	for (size_t i = 0; i < w->declared->port_count; i++) {
		const struct keel_port *d = &w->declared->ports[i];
		if ((d->states & w->states) != 0 && d->port == s->port &&
			(d->udp ? is_udp(s) : is_tcp(s)))
			return true;
	}
	return false;
}

void keel_watch_begin(struct keel_watch *w)
{
	for (size_t i = 0; i < w->seen_count; i++)
		w->seen[i].now = false;
}

static struct keel_seen *seen_of(struct keel_watch *w, uint64_t inode)
{
	for (size_t i = 0; i < w->seen_count; i++)
		if (w->seen[i].socket.inode == inode)
			return &w->seen[i];
	return NULL;
}

void keel_watch_saw(struct keel_watch *w, const struct keel_socket *s, uint64_t now_ms)
{
	struct keel_seen *seen = seen_of(w, s->inode);
	if (seen != NULL) {
		seen->now = !keel_watch_declares(w, s);
		return;
	}
	if (keel_watch_declares(w, s))
		return;
	if (w->seen_count == KEEL_SEEN_MAX) {
		if (!w->crowded)
			w->out.tell(w->out.self, EVENT_UNDECLARED_PORT, "more than can be listed");
		w->crowded = true;
		return;
	}
	w->seen[w->seen_count++] = (struct keel_seen){
		.socket = *s, .state = SEEN_NEW, .since_ms = now_ms, .now = true
	};
}

static void tell_open(struct keel_watch *w, struct keel_seen *seen, const char *by)
{
	char detail[DETAIL_SIZE];
	(void)snprintf(detail, sizeof(detail), "%s%s", seen->socket.where, by);
	seen->state = SEEN_TOLD;
	w->out.tell(w->out.self, EVENT_UNDECLARED_PORT, detail);
}

void keel_watch_end(struct keel_watch *w, uint64_t now_ms)
{
	for (size_t i = 0; i < w->seen_count; i++) {
		struct keel_seen *seen = &w->seen[i];
		if (seen->state == SEEN_NEW) {
			seen->state = SEEN_ASKED;
			w->out.ask(w->out.self, seen->socket.inode);
		} else if (seen->state == SEEN_ASKED && now_ms - seen->since_ms > OWNER_WITHIN_MS) {
			tell_open(w, seen, "");
		}
		if (seen->now)
			continue;
		if (seen->state != SEEN_TOLD) /* opened and closed between two looks: still told */
			tell_open(w, seen, "");
		w->out.tell(w->out.self, EVENT_PORT_GONE, seen->socket.where);
		w->seen[i--] = w->seen[--w->seen_count];
		w->crowded = false;
	}
}

void keel_watch_owner(struct keel_watch *w, uint64_t inode, int pid, struct keel_bytes name)
{
	struct keel_seen *seen = seen_of(w, inode);
	char by[80] = "";
	if (seen == NULL || seen->state != SEEN_ASKED)
		return;
	if (pid > 0)
		(void)snprintf(
			by, sizeof(by), " by %.*s (%d)", (int)name.n, (const char *)name.p, pid);
	tell_open(w, seen, by);
}

/* Counts within the threshold's time; true when it is crossed, once in that time. */
static bool crossed(
	struct keel_counted_state *c, const struct threshold *t, uint64_t n, uint64_t now_ms)
{
	if (c->n == 0 || now_ms - c->since_ms > t->within_ms)
		*c = (struct keel_counted_state){ .since_ms = now_ms };
	c->n += n;
	if (c->told || c->n < t->n)
		return false;
	c->told = true;
	return true;
}

void keel_watch_started(
	struct keel_watch *w, enum keel_room_id room, uint64_t restarts, uint64_t now_ms)
{
	char detail[DETAIL_SIZE];
	bool again = w->rooms[room].known ? restarts > w->rooms[room].restarts
					  : room == ROOM_MONITOR && restarts > 0;
	w->rooms[room].known = true;
	w->rooms[room].restarts = restarts;
	if (!again)
		return;
	(void)snprintf(detail, sizeof(detail), "%s, %llu since the start", keel_rooms[room].name,
		(unsigned long long)restarts);
	w->out.tell(w->out.self, EVENT_ROOM_RESTARTED, detail);
	if (crossed(&w->rooms[room].pace, &restless, 1, now_ms))
		w->out.tell(w->out.self, EVENT_ROOM_RESTLESS, keel_rooms[room].name);
}

void keel_watch_count(struct keel_watch *w, enum keel_counted what, uint64_t n, uint64_t now_ms)
{
	const struct threshold *t = &thresholds[what];
	char detail[DETAIL_SIZE];
	if (!crossed(&w->counted[what], t, n, now_ms))
		return;
	(void)snprintf(detail, sizeof(detail), "%llu within %llu s",
		(unsigned long long)w->counted[what].n, (unsigned long long)(t->within_ms / 1000));
	w->out.tell(w->out.self, t->word, detail);
}

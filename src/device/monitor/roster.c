#include "device/monitor/roster.h"

#include <stdio.h>
#include <string.h>

void keel_roster_started(struct keel_roster *r, enum keel_room_id room, int pid, unsigned user)
{
	r->rooms[room].pid = pid;
	r->rooms[room].user = user;
}

void keel_roster_begin(struct keel_roster *r)
{
	r->parent_seen = false;
	r->other_count = 0;
	for (size_t i = 0; i < r->count; i++)
		r->strangers[i].now = false;
}

static enum keel_room_id room_of_pid(const struct keel_roster *r, int pid)
{
	enum keel_room_id i = ROOM_PARENT + 1;
	while (i < ROOM_COUNT && (pid == 0 || r->rooms[i].pid != pid))
		i++;
	return i;
}

static enum keel_room_id room_of_user(const struct keel_roster *r, unsigned user)
{
	enum keel_room_id i = ROOM_PARENT + 1;
	while (i < ROOM_COUNT && (user == 0 || r->rooms[i].user != user))
		i++;
	return i;
}

/* Where it stands that it should not; false: it is a room, or none of the device's. */
static bool strange(const struct keel_roster *r, const struct keel_process *p, char where[32])
{
	enum keel_room_id above = room_of_pid(r, p->parent), user = room_of_user(r, p->user);
	if (p->pid == r->parent || room_of_pid(r, p->pid) != ROOM_COUNT)
		return false;
	if (p->parent == r->parent)
		(void)snprintf(where, 32, "child of keeld");
	else if (above != ROOM_COUNT)
		(void)snprintf(where, 32, "child of %s", keel_rooms[above].name);
	else if (user != ROOM_COUNT)
		(void)snprintf(where, 32, "as the user of %s", keel_rooms[user].name);
	else
		return false;
	return true;
}

static struct keel_stranger *stranger_of(struct keel_roster *r, const struct keel_process *p)
{
	for (size_t i = 0; i < r->count; i++)
		if (r->strangers[i].is.pid == p->pid)
			return &r->strangers[i];
	if (r->count < KEEL_STRANGERS_MAX) {
		r->strangers[r->count] = (struct keel_stranger){ .is = *p };
		return &r->strangers[r->count++];
	}
	if (!r->crowded)
		r->tell(r->self, EVENT_UNDECLARED_PROCESS, "more than can be listed");
	r->crowded = true;
	return NULL;
}

void keel_roster_saw(struct keel_roster *r, const struct keel_process *p)
{
	char where[32];
	r->parent_seen |= p->pid == r->parent;
	/* A room's user cannot make a process of root's, so the name can be believed. */
	if (p->user == 0 && strcmp(p->name, "keeld") == 0 && r->other_count < KEEL_OTHER_KEELDS)
		r->others[r->other_count++] = p->pid;
	struct keel_stranger *s = strange(r, p, where) ? stranger_of(r, p) : NULL;
	if (s == NULL)
		return;
	s->is = *p;
	memcpy(s->where, where, sizeof(s->where));
	s->looks++;
	s->now = true;
}

static bool is_anothers_room(const struct keel_roster *r, const struct keel_process *p)
{
	for (size_t i = 0; i < r->other_count; i++)
		if (r->others[i] == p->parent && p->parent != r->parent)
			return true;
	return false;
}

static void judge(struct keel_roster *r, struct keel_stranger *s)
{
	char detail[128];
	if (s->told || s->looks < 2 || is_anothers_room(r, &s->is))
		return;
	s->told = true;
	(void)snprintf(detail, sizeof(detail), "%s (%d), %s", s->is.name, s->is.pid, s->where);
	r->tell(r->self, EVENT_UNDECLARED_PROCESS, detail);
}

bool keel_roster_end(struct keel_roster *r)
{
	for (size_t i = 0; i < r->count; i++) {
		if (r->strangers[i].now) {
			judge(r, &r->strangers[i]);
			continue;
		}
		r->strangers[i--] = r->strangers[--r->count];
		r->crowded = false;
	}
	return r->parent_seen;
}

bool keel_roster_doubts(const struct keel_roster *r)
{
	for (size_t i = 0; i < r->count; i++)
		if (r->strangers[i].looks == 1)
			return true;
	return false;
}

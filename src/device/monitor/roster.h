/*
 * Who may run: the rooms that the parent started, and nobody else below it or under a room's user.
 * No room can fork, so that whoever stands there came by a broken wall. Pure: it only tells.
 * EN 303 645 5.6-7, 5.7-1.
 */
#ifndef KEEL_DEVICE_MONITOR_ROSTER_H
#define KEEL_DEVICE_MONITOR_ROSTER_H

#include "device/monitor/processes.h"
#include "device/rooms.h"

#define KEEL_STRANGERS_MAX 32
#define KEEL_OTHER_KEELDS  8

struct keel_roster {
	int parent;
	struct {
		int pid;       /* 0: not started yet */
		unsigned user; /* of its own; 0: none */
	} rooms[ROOM_COUNT];
	struct keel_stranger {
		struct keel_process is;
		char where[32]; /* "child of app" */
		unsigned looks; /* that have seen it */
		bool told;
		bool now; /* in the look that runs */
	} strangers[KEEL_STRANGERS_MAX];
	size_t count;
	bool crowded;                  /* more than it can remember: told once */
	int others[KEEL_OTHER_KEELDS]; /* parents of other devices on this machine, in this look */
	size_t other_count;
	bool parent_seen;
	void (*tell)(void *self, enum keel_event_word word, const char *detail);
	void *self;
};

/** The parent started this room. */
void keel_roster_started(struct keel_roster *r, enum keel_room_id room, int pid, unsigned user);

/**
 * One look: begin, saw for each process there is, end. A stranger is told at the second look that
 * sees it: the first may be quicker than the parent's word of a room that it has just started.
 * The rooms of another keeld, which root runs, are that one's (a machine with several examples).
 * False from end: not even the parent was seen, so /proc hides processes and the look was blind.
 */
void keel_roster_begin(struct keel_roster *r);
void keel_roster_saw(struct keel_roster *r, const struct keel_process *p);
KEEL_CHECKED bool keel_roster_end(struct keel_roster *r);
/** Whether somebody was seen once: then the next look should not wait. */
bool keel_roster_doubts(const struct keel_roster *r);

#endif

/*
 * What the monitor remembers between two looks: sockets that nobody declared, starts of rooms,
 * counts of refusals; and when each becomes an event. Pure: it sends nothing itself.
 */
#ifndef KEEL_DEVICE_MONITOR_WATCH_H
#define KEEL_DEVICE_MONITOR_WATCH_H

#include "device/declared.h"
#include "device/monitor/sockets.h"
#include "device/rooms.h"

#define KEEL_SEEN_MAX 64

enum keel_seen_state { SEEN_NEW, SEEN_ASKED, SEEN_TOLD };

struct keel_seen {
	struct keel_socket socket;
	enum keel_seen_state state;
	uint64_t since_ms;
	bool now; /* in the look that runs */
};

struct keel_counted_state {
	uint64_t since_ms;
	uint64_t n;
	bool told;
};

/** What to do on what was seen. */
struct keel_watch_out {
	void (*ask)(void *self, uint64_t inode);
	void (*tell)(void *self, enum keel_event_word word, const char *detail);
	void *self;
};

struct keel_watch {
	const struct keel_declared *declared;
	struct keel_watch_out out;
	unsigned states; /* the device's state now, 1 << enum keel_state; all bits: not known yet */
	struct keel_seen seen[KEEL_SEEN_MAX];
	size_t seen_count;
	bool crowded; /* more undeclared sockets than it can remember: told once */
	struct keel_counted_state counted[COUNT_COUNT];
	struct {
		bool known;
		uint64_t restarts;
		struct keel_counted_state pace;
	} rooms[ROOM_COUNT];
};

/** Whether an interface of the declaration opens it in this state. */
bool keel_watch_declares(const struct keel_watch *w, const struct keel_socket *s);

/** One look: begin, saw for each socket there is, end. */
void keel_watch_begin(struct keel_watch *w);
void keel_watch_saw(struct keel_watch *w, const struct keel_socket *s, uint64_t now_ms);
void keel_watch_end(struct keel_watch *w, uint64_t now_ms);
/** The parent's answer to ask. */
void keel_watch_owner(struct keel_watch *w, uint64_t inode, int pid, struct keel_bytes name);

void keel_watch_started(
	struct keel_watch *w, enum keel_room_id room, uint64_t restarts, uint64_t now_ms);
void keel_watch_count(struct keel_watch *w, enum keel_counted what, uint64_t n, uint64_t now_ms);

#endif

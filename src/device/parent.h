/*
 * The parent of the rooms: opens what they inherit, starts each by fork and exec of its own role,
 * starts anew what ends, and hands a living room its new end. It is no room; it reads no message of
 * a person and nothing from a network. EN 303 645 5.6-7, 5.9-1, 5.9-2.
 */
#ifndef KEEL_DEVICE_PARENT_H
#define KEEL_DEVICE_PARENT_H

#include <sys/types.h>

#include "crypto/crypto.h"
#include "device/declared.h"
#include "device/extend.h"
#include "device/options.h"
#include "device/room.h"

#define KEEL_LISTENERS_MAX 8
#define KEEL_HANDS_MAX     48

/** One start of a room, and what is remembered of those before. */
struct keel_life {
	pid_t pid;       /* 0: not running */
	uint64_t number; /* of this start, over all rooms: no two lives have the same */
	uint64_t restarts;
	uint64_t started_ms;
	uint64_t due_ms;      /* when to start it anew, while it is not running */
	uint64_t back_off_ms; /* before the next restart */
	uint64_t alive_by_ms; /* app: it has to have stepped by then; 0: it has promised nothing */
	int line;             /* our end, or -1 */
	bool ready;
	bool missing[WALL_COUNT];
};

/** What a room inherits: a descriptor under a name. */
struct keel_hand {
	char name[80]; /* "hardware/burner" */
	int fd;
	bool kept; /* by the parent, for the next start; else closed after this one */
};

struct keel_hands {
	struct keel_hand of[KEEL_HANDS_MAX];
	size_t n;
};

struct keel_parent {
	const struct keel_options *options;
	keel_room_main *const
		*mains; /* by enum keel_room_id; NULL: that room is not in this program */
	struct keel_declared declared;
	struct keel_life lives[ROOM_COUNT];
	uint64_t last_life;
	struct keel_clock clock;

	int self;    /* this program */
	int product; /* sealed memory with product.cbor as it was hashed */
	int lock;    /* of the one app */
	int memory;  /* of the app */
	int hardware[KEEL_THINGS_MAX];
	int listeners[KEEL_LISTENERS_MAX];
	size_t listener_count;
	enum keel_state state;
	bool state_known;

	struct keel_digest self_digest;
	struct keel_digest app_digest;
	struct keel_digest product_digest;
	bool app_hashed;
	struct keel_extended extended; /* what of them the TPM was told, where there is one */

	int signals;
	bool ending;
	uint64_t started_ms;
	bool told_ready;
	uint64_t watchdog_ms; /* systemd's patience, or 0 */
	uint64_t watchdog_due_ms;
};

/** Runs until SIGTERM. Gives the exit status. mains: by room, NULL where there is none. */
int keel_parent_run(const struct keel_options *options, keel_room_main *const mains[ROOM_COUNT]);

/* --- inherit.c --- */

/** Opens all that rooms inherit and that lives as long as the parent; hashes what it can. */
KEEL_CHECKED enum keel_err keel_inherit_open(struct keel_parent *p, struct keel_fault *fault);
void keel_inherit_close(struct keel_parent *p);
/** What this room gets at this start; some are opened for it alone. */
KEEL_CHECKED enum keel_err keel_inherit_for(struct keel_parent *p, enum keel_room_id room,
	struct keel_hands *out, struct keel_fault *fault);
/**
 * What runs, as it was hashed: keeld, the product's program, the declaration. The items go to `items`.
 */
#define KEEL_MEASURED_MAX 512
struct keel_list keel_inherit_measured(
	const struct keel_parent *p, uint8_t items[KEEL_MEASURED_MAX]);
/** Closes those that the parent does not keep. */
void keel_inherit_done(struct keel_hands *hands);

/* --- listeners.c --- */

/** Opens the listeners of the interfaces that are open in the parent's state; closes the others. */
KEEL_CHECKED enum keel_err keel_listeners_open(struct keel_parent *p, struct keel_fault *fault);
void keel_listeners_close(struct keel_parent *p);

/* --- start.c --- */

/** Starts the room, with a new end to each peer that lives. */
KEEL_CHECKED enum keel_err keel_start(
	struct keel_parent *p, enum keel_room_id room, struct keel_fault *fault);
/** The user and group that the room runs as. */
void keel_start_user(enum keel_room_id room, uid_t *uid, gid_t *gid);

/* --- whose.c, notify.c --- */

/** The process that holds the socket; false: none that can be seen. */
bool keel_whose(uint64_t inode, pid_t *pid, char name[64]);

/** Tells systemd ("READY=1"), if it is systemd that started us. */
void keel_notify(const char *state);
/** How often systemd wants to hear WATCHDOG=1, in ms; 0: never. */
uint64_t keel_notify_watchdog_ms(void);

/* --- missing.c --- */

/** Says for a person, on stderr, which walls are missing, what that means and what to do. */
void keel_parent_missing(const struct keel_parent *p);

/* --- parent_log.c --- */

void keel_parent_log(
	enum keel_log_level level, const char *event, const struct keel_log_pair *pairs, size_t n);
#define KEEL_PARENT_LOG(level, event, ...)                                                         \
	keel_parent_log(level, event, (const struct keel_log_pair[]){ __VA_ARGS__ },               \
		KEEL_COUNT(((const struct keel_log_pair[]){ __VA_ARGS__ })))
/** The three lines of a fault, on stderr. */
void keel_parent_fault(const struct keel_fault *fault);
/** Fills the fault from errno. */
KEEL_CHECKED enum keel_err keel_fault_of_os(
	struct keel_fault *fault, const char *doing, const char *what, const char *next);

#endif

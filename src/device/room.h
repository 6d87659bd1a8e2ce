/*
 * What every room is built on: its ends to other rooms, what the parent handed it, its walls, and
 * the loop that checks each message before a handler sees it.
 *
 *	static const struct keel_answer answers[] = {
 *		{ MSG_REQUEST, 0, answer_request },
 *	};
 *	int vault_main(struct keel_room_env *env)
 *	{
 *		struct vault v = { 0 };
 *		enum keel_err e = vault_open(&v, env, &fault);
 *		if (e != KEEL_OK)
 *			return keel_room_fail(env, &fault);
 *		keel_room_confine(env);
 *		return keel_room_serve(env, answers, KEEL_COUNT(answers), NULL, &v);
 *	}
 *
 * When a room's main is called it has its own user, an empty network namespace, its limits, and no
 * descriptor but its own. keel_room_confine adds Landlock and the system call filter.
 *
 * What the parent hands over stands in three variables of the environment, one item a line; the
 * maker's program gets the same (libkeel reads them by keel_room_open):
 *
 *	KEEL_ENDS     "3 parent 1\n4 vault 7\n"      descriptor, room, which start (life) of it
 *	KEEL_HANDED   "5 product\n6 lock\n7 hardware/heater\n"
 *	KEEL_OPTIONS  "folder /var/lib/keel/vault\norigin https://app.example\nhost hub.local\n"
 *
 * handed: product (all; product.cbor as it was hashed, sealed), tpm (vault), listen/0, listen/1, …
 * (door, non-blocking), door.crt and door.key (door, PEM), service.ca (uplink, PEM), measures (monitor;
 * the maker's list of installed files), lock (app: held by flock for as long as any app lives; only
 * to be left alone),
 * memory (app: KEEL_MEMORY_SIZE bytes that survive a restart of the app, not of the parent) and
 * hardware/NAME (app; as declared).
 */
#ifndef KEEL_DEVICE_ROOM_H
#define KEEL_DEVICE_ROOM_H

#include "core/clock.h"
#include "core/log.h"
#include "device/rooms.h"

#define KEEL_MEMORY_SIZE 4096

struct keel_room_env;

/** A room's main: `door_main`, `vault_main`, `monitor_main`. Its result is the exit status. */
typedef int keel_room_main(struct keel_room_env *env);

/**
 * One kind of message and what is done on it.
 *
 * states  the room's states in which it is taken, 1 << state each; 0: in any (keel_room_set_state)
 * act     body: the message's struct (struct msg_request, …), checked; views valid until it returns.
 *         An error is logged; it does not end the sender.
 */
struct keel_answer {
	enum keel_msg msg;
	unsigned states;
	enum keel_err (*act)(
		struct keel_room_env *env, enum keel_room_id from, const void *body, void *self);
};

/** Told when a peer's end is gone (up false) and when it has a new one (up true). */
typedef void keel_room_peer(struct keel_room_env *env, enum keel_room_id peer, bool up, void *self);

/* --- what was handed over -------------------------------------------------------------------- */

/**
 * Reads the environment that the parent made, and clears it. For mains this is done already;
 * libkeel calls it itself. KEEL_ESTATE: not started by keeld. Free with keel_room_close.
 */
KEEL_CHECKED enum keel_err keel_room_open(
	enum keel_room_id self, struct keel_room_env **out, struct keel_fault *fault);
void keel_room_close(struct keel_room_env *env);

enum keel_room_id keel_room_self(const struct keel_room_env *env);
/** A handed descriptor by its name, or -1. It stays the environment's; the room may read and write. */
int keel_room_fd(const struct keel_room_env *env, const char *name);
/** The i-th value of an option, or NULL: "folder", "origin", "host", "app". Lives as long as env. */
const char *keel_room_option(const struct keel_room_env *env, const char *name, size_t i);
/** When keeld started, by keel_room_clock: the same for every start of a room. 0: not said. */
uint64_t keel_room_started_ms(const struct keel_room_env *env);
/** The compiled declaration's bytes, as the parent hashed them. Lives as long as env. */
struct keel_bytes keel_room_product(const struct keel_room_env *env);
/** The system's clock: now_ms since boot, sleep included; wall_s 0 while it is not set. */
const struct keel_clock *keel_room_clock(const struct keel_room_env *env);

/* --- walls ----------------------------------------------------------------------------------- */

/**
 * Builds the walls that are left (Landlock, seccomp) and tells the parent that the room is ready
 * and which walls this system could not build. Open files before; after this only what the row says.
 */
void keel_room_confine(struct keel_room_env *env);
/** As keel_room_confine, where the room reads some more paths (NULL ends them). */
void keel_room_confine_with(struct keel_room_env *env, const char *const *reads);
/** As keel_room_confine, where the room may connect to these TCP ports (kernel 6.7; before it to any). */
void keel_room_confine_to(struct keel_room_env *env, const uint16_t *ports, size_t n);

/**
 * libkeel's wall: after it the maker's program cannot exec. Needs no libseccomp. KEEL_EIO: the
 * system refused (errno tells). The parent was told which other walls are missing.
 */
KEEL_CHECKED enum keel_err keel_confine_app(void);
/** Tells the parent that the room is ready; keel_room_confine does it, and libkeel. */
void keel_room_ready(struct keel_room_env *env, const enum keel_wall *missing, size_t n);

/* --- talking --------------------------------------------------------------------------------- */

/**
 * Sends a message; never blocks. The line must exist (else the process ends: our own mistake).
 * KEEL_ESTATE: the peer is away. KEEL_EFULL: it does not read. KEEL_ERANGE: the schema forbids it.
 */
KEEL_CHECKED enum keel_err keel_room_send(
	struct keel_room_env *env, enum keel_room_id to, enum keel_msg msg, const void *body);
/** Whether there is an end to that room now. */
bool keel_room_has(const struct keel_room_env *env, enum keel_room_id peer);

/** Sets the answers, for a room with a loop of its own; keel_room_serve does it itself. */
void keel_room_listen(struct keel_room_env *env, const struct keel_answer *answers, size_t n,
	keel_room_peer *peer, void *self);
/**
 * The descriptors to watch for reading: fills fds[room], -1 where there is none. They change when
 * a peer is started anew: look again after each keel_room_handle.
 */
void keel_room_fds(const struct keel_room_env *env, int fds[ROOM_COUNT]);
/**
 * Takes the messages that wait on this descriptor (at most 16 a call), each checked by line,
 * length, schema and state. Never blocks. False: the parent is gone, the room has to end.
 */
KEEL_CHECKED bool keel_room_handle(struct keel_room_env *env, int fd);

/** A room's state, for the states of its answers; 0 at first. */
void keel_room_set_state(struct keel_room_env *env, unsigned state);
unsigned keel_room_state(const struct keel_room_env *env);

/** Calls `fn` first after `in_ms` and then every `every_ms` (0: once). At most 8 a room. In serve. */
void keel_room_timer(struct keel_room_env *env, uint64_t in_ms, uint64_t every_ms,
	void (*fn)(struct keel_room_env *env, void *self), void *self);
/** The loop: until the parent ends it (SIGTERM, or its end closes). Gives the exit status. */
int keel_room_serve(struct keel_room_env *env, const struct keel_answer *answers, size_t n,
	keel_room_peer *peer, void *self);
/** Ends serve after the handler that runs. */
void keel_room_stop(struct keel_room_env *env, int status);

/* --- telling --------------------------------------------------------------------------------- */

/** One line on stderr. No secret and no personal datum: core/log.h. */
void keel_room_log(const struct keel_room_env *env, enum keel_log_level level, const char *event,
	const struct keel_log_pair *pairs, size_t n);
#define KEEL_ROOM_LOG(env, level, event, ...)                                                      \
	keel_room_log(env, level, event, (const struct keel_log_pair[]){ __VA_ARGS__ },            \
		KEEL_COUNT(((const struct keel_log_pair[]){ __VA_ARGS__ })))
/** Logs the fault; gives the exit status to return from main. */
int keel_room_fail(const struct keel_room_env *env, const struct keel_fault *fault);

#endif

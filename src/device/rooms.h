/*
 * The rooms of keeld and the lines between them: the two tables of rooms.c are the architecture.
 * A room is a process that can do what its row says and nothing else; rooms that no line joins
 * share no socket. EN 303 645 5.6-7, 5.6-8 (least privilege), 5.13-1A.
 */
#ifndef KEEL_DEVICE_ROOMS_H
#define KEEL_DEVICE_ROOMS_H

#include <stdbool.h>

#include "device/messages.h"

enum keel_room_id {
	ROOM_PARENT, /* no room: starts them, and has a line with each */
	ROOM_VAULT,
	ROOM_DOOR,
	ROOM_MONITOR,
	ROOM_APP,
	ROOM_UPLINK,
	ROOM_COUNT
};

/* What a room's system call filter lets it do besides computing and talking on its lines. */
enum keel_may {
	MAY_FILES = 1,  /* open, write, lock, sync and delete files (where Landlock lets it) */
	MAY_READ = 2,   /* open files and folders to read */
	MAY_ACCEPT = 4, /* take connections of an inherited listener: accept, epoll, never socket */
	MAY_EXEC = 8,   /* the app only: one exec, of the maker's program; libkeel takes it away */
	MAY_CONNECT =
		16, /* keeps the device's network: TCP and UDP outward, and read what it sees */
};

struct keel_room {
	const char *name; /* "vault": in logs, and `keeld --room` */
	const char *user;
	unsigned uid;            /* where the system has no such user: a number of its own */
	unsigned may;            /* of enum keel_may */
	const char *folder;      /* its own, in the home; read and write; or NULL */
	const char *const *sees; /* paths that it may read; NULL ends them; or NULL */
	unsigned files_max;      /* RLIMIT_NOFILE */
	unsigned memory_mib;     /* RLIMIT_DATA */
	unsigned patience_ms;    /* the longest that the parent waits before starting it anew */
	unsigned rank;           /* a complaint about a room of a higher rank ends who complains */
};

extern const struct keel_room keel_rooms[ROOM_COUNT];

/** The name's room; ROOM_COUNT: none of that name. */
enum keel_room_id keel_room_named(struct keel_bytes name);

struct keel_line {
	enum keel_room_id from;
	enum keel_room_id to;
	enum keel_msg msg; /* its schema: keel_message_schema */
};

extern const struct keel_line keel_lines[];
extern const size_t keel_lines_count;

/** Whether `from` may say `msg` to `to`. */
bool keel_line_allows(enum keel_room_id from, enum keel_room_id to, uint64_t msg);
/** Whether the two have any line, one way or the other: then and only then they share a socket. */
bool keel_line_joins(enum keel_room_id a, enum keel_room_id b);

/**
 * Reads what `from` said to `to`: line, then form, then schema, in this order; fills `out`.
 * KEEL_ERIGHT: no line allows it. KEEL_ESHORT, KEEL_EFORM, KEEL_ERANGE: not what its schema says.
 */
KEEL_CHECKED enum keel_err keel_line_read(enum keel_room_id from, enum keel_room_id to,
	struct keel_bytes in, enum keel_msg *msg, union keel_body *out, struct keel_where *where);

#endif

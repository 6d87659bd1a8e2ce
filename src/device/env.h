/* The inside of struct keel_room_env: for env.c, room.c and confine.c only. */
#ifndef KEEL_DEVICE_ENV_H
#define KEEL_DEVICE_ENV_H

#include "device/room.h"

#define KEEL_ENV_HANDED_MAX  48
#define KEEL_ENV_OPTIONS_MAX 32
#define KEEL_ENV_TIMERS_MAX  8
#define KEEL_ENV_TEXT_MAX    8192
#define KEEL_ENV_PRODUCT_MAX 65536

struct keel_env_end {
	int fd; /* -1: the peer is away */
	uint64_t life;
};

struct keel_env_handed {
	const char *name; /* in text */
	int fd;
};

struct keel_env_option {
	const char *name; /* in text */
	const char *value;
};

struct keel_env_timer {
	uint64_t due_ms;
	uint64_t every_ms;
	void (*fn)(struct keel_room_env *env, void *self);
	void *self;
};

struct keel_room_env {
	enum keel_room_id self;
	struct keel_env_end ends[ROOM_COUNT];
	struct keel_env_handed handed[KEEL_ENV_HANDED_MAX];
	size_t handed_count;
	struct keel_env_option options[KEEL_ENV_OPTIONS_MAX];
	size_t option_count;
	char text[KEEL_ENV_TEXT_MAX]; /* what names and values point into */
	uint8_t *product;
	size_t product_n;
	struct keel_clock clock;
	bool missing[WALL_COUNT]; /* walls that this system could not build */

	const struct keel_answer *answers;
	size_t answer_count;
	keel_room_peer *peer;
	void *handler;
	unsigned state;
	struct keel_env_timer timers[KEEL_ENV_TIMERS_MAX];
	size_t timer_count;
	bool stopped;
	int status;
	uint8_t in[KEEL_MESSAGE_MAX]; /* the message that a handler looks into */
};

#endif

/*
 * Where `keel owner` keeps who somebody is in a home: a folder (0700) that only they can read.
 *
 *	member   keys and home (owner/member.h)
 *	hub      four lines: the door's address and the CA that vouches for it; the same of the service
 *	entry    a claim that was sent and not yet answered: the next claim finishes it
 */
#ifndef KEEL_CLI_KEYS_H
#define KEEL_CLI_KEYS_H

#include "cli/post.h"
#include "owner/member.h"

#define KEEL_KEYS_PATH_MAX 400

struct keel_keys {
	char dir[KEEL_KEYS_PATH_MAX];
	char url[256];
	char ca[KEEL_KEYS_PATH_MAX]; /* empty: none */
	char service[256];           /* empty: none */
	char service_ca[KEEL_KEYS_PATH_MAX];
};

/**
 * dir NULL: $XDG_DATA_HOME/keel/home, or ~/.local/share/keel/home. Reads the address where there
 * is one. KEEL_EIO, KEEL_EFULL: the fault tells.
 */
KEEL_CHECKED enum keel_err keel_keys_open(
	const char *dir, struct keel_keys *out, struct keel_fault *fault);
/** The door that these keys belong to, and the service that carries to it. Live as long as k. */
struct keel_door_at keel_keys_door(const struct keel_keys *k);
struct keel_door_at keel_keys_service(const struct keel_keys *k);
/** Makes the folder where it is missing, and keeps the addresses. */
KEEL_CHECKED enum keel_err keel_keys_save_hub(const struct keel_keys *k, struct keel_fault *fault);

/** KEEL_ENONE: no home was claimed with this folder. */
KEEL_CHECKED enum keel_err keel_keys_load(
	const struct keel_keys *k, struct keel_member *out, struct keel_fault *fault);
/** Whole and durable, or not at all. */
KEEL_CHECKED enum keel_err keel_keys_save(
	const struct keel_keys *k, const struct keel_member *m, struct keel_fault *fault);

/** Whether a claim is under way. */
bool keel_keys_has_entry(const struct keel_keys *k);
/**
 * A claim under way: what was sent, and what is needed to read the answer. KEEL_ENONE: none.
 * `sent` is a view into buf, which holds the claim's key: the caller wipes it.
 */
KEEL_CHECKED enum keel_err keel_keys_load_entry(const struct keel_keys *k,
	uint8_t buf[KEEL_ENTRY_FILE_MAX + 1], struct keel_entry *out, struct keel_bytes *sent,
	struct keel_fault *fault);
KEEL_CHECKED enum keel_err keel_keys_save_entry(const struct keel_keys *k,
	const struct keel_entry *e, struct keel_bytes sent, struct keel_fault *fault);
void keel_keys_drop_entry(const struct keel_keys *k);
/** Forgets the home: after leaving it. */
void keel_keys_drop(const struct keel_keys *k);

#endif

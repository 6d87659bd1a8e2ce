/* A home for tests: a provisioned device with its engine, a real store in a folder of its own, a
 * clock that the test moves, and people who talk to it. */
#ifndef KEEL_TESTS_HOME_H
#define KEEL_TESTS_HOME_H

#include "device/vault/provision.h"
#include "device/vault/swtpm.h"
#include "device/vault/vault.h"
#include "owner/member.h"

#define HOME_SENT_MAX 32

struct home_sent {
	uint64_t number;
	char message[KEEL_NAME_MAX + 1];
	int64_t value; /* of its first field */
	char person[2 * KEEL_THUMBPRINT_LEN + 1];
};

struct home {
	char dir[64];
	/* Set before home_make, and kept by it: where the power is cut. */
	const char *vfs;         /* NULL: the system's */
	struct keel_root root;   /* without a write: the keeper's own */
	const struct swtpm *tpm; /* NULL: its keys are in a file */
	bool unattested;         /* its maker endorsed no key that quotes */
	struct keel_keeper *keeper;
	struct keel_store *store;
	struct keel_identity identity;
	struct keel_test_clock time;
	struct keel_clock clock;
	uint64_t started_ms; /* the device, by this clock */
	struct keel_rules rules;
	struct keel_vault *vault;
	struct keel_label label;
	struct keel_p256_key maker;
	/* what the outbox got */
	struct home_sent sent[HOME_SENT_MAX];
	size_t sents;
	unsigned forgets, refused, wrong;
	bool lost;          /* the engine is to be ended */
	uint64_t deletions; /* that the program was told of */
	enum keel_device_state state;
	/* the last exchange */
	unsigned status;
	uint8_t answer_buf[KEEL_ANSWER_MAX];
	struct keel_bytes answer;
	uint8_t plain[2 * KEEL_BODY_MAX];
	uint8_t request_buf[KEEL_BODY_MAX];
	struct keel_bytes request;
	char sentence[KEEL_SENTENCE_MAX + 1];
	uint64_t wait_s;
};

/** A device as it leaves the factory. */
void home_make(struct home *h);
/** The power goes and comes back: memory is lost, the clock since boot begins again. */
void home_reboot(struct home *h);
/** Opens the store and the engine; false where the store cannot be opened. */
bool home_open(struct home *h);
void home_close(struct home *h);
/** Closes it and removes its folder. */
void home_end(struct home *h);

/** Sends a body; gives the status, and reads a refusal's sentence. */
unsigned home_send(struct home *h, enum keel_path path, const char *from, struct keel_bytes body);
/** Claims or recovers by the label; gives the status. The body that was sent stays in h->request. */
unsigned home_enter(struct home *h, enum keel_purpose purpose, struct keel_member *m);
/** Claims, and demands that it works. */
void home_claim(struct home *h, struct keel_member *m);
/** Vouches for whoever lost their phone; NULL: takes it back. */
enum keel_err home_vouch(struct home *h, struct keel_member *by, const struct keel_member *lost);
/** Says their name, as a client does after the welcome. */
enum keel_err home_rename(struct home *h, struct keel_member *m, const char *name);
/** Invites (as `by`) and joins: a guest with one message, or an owner (message NULL). */
void home_join(struct home *h, struct keel_member *by, const char *message, int64_t until,
	struct keel_member *m);

/** Asks; gives the error of the answer, or KEEL_ERR_COUNT where it was not sealed. Reads the result. */
enum keel_err home_ask(
	struct home *h, const struct keel_member *m, uint64_t op, const void *args, void *result);
/** Fetches a challenge, then changes. */
enum keel_err home_change(
	struct home *h, struct keel_member *m, uint64_t op, const void *args, void *result);
/** Changes with this challenge; the sealed request stays in h->request. */
enum keel_err home_change_with(struct home *h, struct keel_member *m, uint64_t op, const void *args,
	const uint8_t *challenge, void *result);
/** Sends h->request again. */
enum keel_err home_again(struct home *h, const struct keel_member *m, uint64_t op, void *result);
void home_challenge(struct home *h, const struct keel_member *m, uint8_t out[KEEL_CHALLENGE_LEN]);
/** Checks the last exchange: its status (200 where the answer was sealed) and part of its sentence. */
void home_says(const struct home *h, unsigned status, const char *part);
/** The command "set temperature". */
enum keel_err home_heat(struct home *h, struct keel_member *m, int64_t celsius_milli);
/** Its args, in memory that lives until the next call. */
const struct keel_command_args *home_command(const char *message, const char *field, int64_t value);

#endif

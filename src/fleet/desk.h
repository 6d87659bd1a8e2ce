/*
 * The desk's part of the store: keys, cases, messages, files, and mail that waits. All that is said
 * comes sealed (desk/sealed.h) and stays so. EN 303 645 5.2-1, 5.2-2; PSTI schedule 1, 2.
 *
 * Jobs and reads as in fleet/store.h. A job's `who` is the operator, for the audit log.
 */
#ifndef KEEL_FLEET_DESK_H
#define KEEL_FLEET_DESK_H

#include "fleet/store.h"

#define KEEL_DESK_NUMBER_LEN   9    /* 2026-K7QF */
#define KEEL_DESK_SEALED_MAX   1024 /* an opening, a copy, a wrapped key */
#define KEEL_DESK_MESSAGE_MAX  33280
#define KEEL_DESK_PIECE_MAX    61952
#define KEEL_DESK_MESSAGES_MAX 500         /* of a case, */
#define KEEL_DESK_REPORTER_MAX 400         /* where its reporter's end */
#define KEEL_DESK_CASE_FILES   (27u << 20) /* sealed, of a case: 25 MiB of files */
#define KEEL_DESK_ALL_FILES    (INT64_C(4) << 30)

#define KEEL_DESK_KEY_PATH "/desk-key.json" /* its public half, as RFC 7517 has it */

/* --- keys ------------------------------------------------------------------------------------ */

/** What an operator reads by. */
struct keel_desk_reader {
	char operator[KEEL_FLEET_WORD_MAX + 1];
	struct keel_p256_pub pub;
	struct keel_bytes wrapped; /* its private half; only the operator's browser unwraps it */
	char how[KEEL_FLEET_WORD_MAX + 1]; /* by what: "passkey", "code" */
	int64_t made_s;
	bool reads; /* what comes now: has a copy of the latest key */
};

struct keel_desk_reader_put {
	struct keel_fleet_write write;
	const char *who; /* whose it is, too */
	int64_t now_s;
	struct keel_p256_pub pub;
	struct keel_bytes wrapped;
	const char *how;
};
/** In the place of an earlier one, whose copies of the desk's keys are forgotten. */
void keel_desk_reader_put(struct keel_fleet_store *s, struct keel_desk_reader_put *j);
KEEL_CHECKED enum keel_err keel_desk_readers(struct keel_fleet_store *s,
	void (*each)(void *self, const struct keel_desk_reader *row), void *self);

struct keel_desk_copy {
	const char *operator;
	struct keel_bytes sealed; /* to the operator's reader key */
};

struct keel_desk_key_add {
	struct keel_fleet_write write;
	const char *who;
	int64_t now_s;
	struct keel_p256_pub pub;
	const struct keel_desk_copy *copies;
	size_t count;
};
/**
 * From now on reports are sealed to it. KEEL_ERANGE: nobody has a copy. KEEL_ENONE: a copy is for
 * somebody without a reader key. KEEL_ESTATE: it is there already.
 */
void keel_desk_key_add(struct keel_fleet_store *s, struct keel_desk_key_add *j);

struct keel_desk_copy_put {
	struct keel_fleet_write write;
	const char *who;
	int64_t now_s;
	struct keel_digest kid;
	struct keel_desk_copy copy;
};
/** One operator more can read. KEEL_ENONE: no such key, or operator without a reader key. */
void keel_desk_copy_put(struct keel_fleet_store *s, struct keel_desk_copy_put *j);

/** The one that reports are sealed to. KEEL_ENONE: no operator has made one yet. */
KEEL_CHECKED enum keel_err keel_desk_key_now(
	struct keel_fleet_store *s, struct keel_p256_pub *out, int64_t *made_s);
/** All of the desk's keys, the latest first; sealed is empty where this operator has no copy. */
KEEL_CHECKED enum keel_err keel_desk_copies(struct keel_fleet_store *s, const char *operator,
	void (*each)(void *self, const struct keel_p256_pub *desk, int64_t made_s,
		struct keel_bytes sealed),
	void *self);

/* --- cases ----------------------------------------------------------------------------------- */

/** Values are stored. */
enum keel_desk_state {
	KEEL_DESK_NEW,
	KEEL_DESK_ACKNOWLEDGED,
	KEEL_DESK_CONFIRMED, /* it is a weakness, and being worked on */
	KEEL_DESK_FIXED,
	KEEL_DESK_CLOSED, /* it is none, or was told before */
	KEEL_DESK_STATES
};
const char *keel_desk_state_word(uint64_t state);

struct keel_desk_case {
	char number[KEEL_DESK_NUMBER_LEN + 1];
	char model[KEEL_FLEET_MODEL_MAX + 1]; /* empty: the reporter named none of ours */
	uint64_t state;
	int64_t created_s;
	int64_t acknowledged_s;          /* 0: not yet */
	int64_t told_s;                  /* when the desk last said something; 0: never */
	int64_t heard_s;                 /* when the reporter did */
	int64_t due_s;                   /* when it has to, next; 0: nothing is due */
	int64_t acknowledge_s, status_s; /* so long it has for each, as was promised then */
	struct keel_digest kid;          /* of the desk's key that the opening is sealed to */
	struct keel_digest token;
	uint64_t messages, file_bytes;
	uint8_t opening[KEEL_DESK_SEALED_MAX];
	size_t opening_n;
};

/** A report comes in. */
struct keel_desk_open {
	struct keel_fleet_write write;
	int64_t now_s;
	struct keel_bytes model;
	struct keel_digest kid, token; /* token: SHA-256 of it */
	struct keel_bytes opening, message;
	int64_t acknowledge_s, status_s; /* so long the desk has, by the product's declaration */
	bool mail;                       /* tell the desk by mail, too */
	char number[KEEL_DESK_NUMBER_LEN + 1]; /* out */
};
/**
 * The same again gets the same number. KEEL_ENONE: no such key. KEEL_ESTATE: the token is another
 * case's.
 */
void keel_desk_open(struct keel_fleet_store *s, struct keel_desk_open *j);

enum keel_desk_from { KEEL_DESK_FROM_REPORTER, KEEL_DESK_FROM_DESK, KEEL_DESK_NOTE };

/** One more message: the reporter's by its token, the desk's by its number. */
struct keel_desk_say {
	struct keel_fleet_write write;
	const char *who; /* NULL: the reporter */
	int64_t now_s;
	enum keel_desk_from from;
	const char *number; /* or NULL, and */
	struct keel_digest token;
	struct keel_bytes sealed;
	bool mail;
	uint64_t said; /* out: the message's number in its case, from 1 */
};
/**
 * The same bytes as the last again change nothing. An answer acknowledges. KEEL_ENONE: no such case.
 * KEEL_EFULL: it has as many as a case may have.
 */
void keel_desk_say(struct keel_fleet_store *s, struct keel_desk_say *j);

struct keel_desk_piece {
	struct keel_fleet_write write;
	struct keel_digest token;
	uint64_t file, piece;
	struct keel_bytes sealed;
};
/** The same again changes nothing. KEEL_ENONE. KEEL_EFULL: of the case, or of all. KEEL_ESTATE: it is another. */
void keel_desk_piece(struct keel_fleet_store *s, struct keel_desk_piece *j);

struct keel_desk_turn {
	struct keel_fleet_write write;
	const char *who;
	int64_t now_s;
	const char *number;
	enum keel_desk_state to;
};
/** Reporters see it, so it counts as told. KEEL_ENONE. KEEL_ESTATE: it is so already, or back to new. */
void keel_desk_turn(struct keel_fleet_store *s, struct keel_desk_turn *j);

/** KEEL_ENONE. */
KEEL_CHECKED enum keel_err keel_desk_case_by_token(
	struct keel_fleet_store *s, const struct keel_digest *token, struct keel_desk_case *out);
KEEL_CHECKED enum keel_err keel_desk_case_find(
	struct keel_fleet_store *s, const char *number, struct keel_desk_case *out);
/**
 * What is due first comes first, then what nothing is due of, the latest first; without openings.
 * From behind the place that the case `after` had (its due, created and number; NULL: from the first on), until each says false.
 */
KEEL_CHECKED enum keel_err keel_desk_cases(struct keel_fleet_store *s,
	const struct keel_desk_case *after,
	bool (*each)(void *self, const struct keel_desk_case *row), void *self);

struct keel_desk_message {
	uint64_t number, from;
	int64_t came_s;
	struct keel_bytes sealed;
};
/** In their order, from behind `after`; notes only where they are asked for. */
KEEL_CHECKED enum keel_err keel_desk_messages(struct keel_fleet_store *s, const char *number,
	uint64_t after, bool notes, bool (*each)(void *self, const struct keel_desk_message *row),
	void *self);
/** A piece of a file; out is a view of buf. KEEL_ENONE. */
KEEL_CHECKED enum keel_err keel_desk_piece_get(struct keel_fleet_store *s, const char *number,
	uint64_t file, uint64_t piece, uint8_t buf[KEEL_DESK_PIECE_MAX], struct keel_bytes *out);
/** Which files there are, and how many pieces of each came. */
KEEL_CHECKED enum keel_err keel_desk_files(struct keel_fleet_store *s, const char *number,
	void (*each)(void *self, uint64_t file, uint64_t pieces, uint64_t bytes), void *self);

/* --- mail ------------------------------------------------------------------------------------ */

struct keel_desk_mail {
	int64_t row;
	char number[KEEL_DESK_NUMBER_LEN + 1];
	bool first; /* the case is new; else its reporter wrote once more */
	uint64_t tries;
};
/** The mail whose time has come first. KEEL_ENONE: none has. */
KEEL_CHECKED enum keel_err keel_desk_mail_next(
	struct keel_fleet_store *s, int64_t now_s, struct keel_desk_mail *out);

struct keel_desk_mailed {
	struct keel_fleet_write write;
	int64_t row;
	int64_t again_s; /* when to try again; 0: it went */
};
void keel_desk_mailed(struct keel_fleet_store *s, struct keel_desk_mailed *j);

#endif

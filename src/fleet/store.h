/*
 * What the maker's service keeps, as operations and not as SQL: another database is another set of
 * store_*.c. EN 303 645 5.3-16, 5.8-1, 6-1 to 6-4.
 *
 * Writes are jobs. In a store that serves (opened with a loop) a job is queued and this returns at
 * once; a thread of the store's own runs all that wait in one transaction, and when that is durable
 * calls each job's `done` in the loop. So a lone request is committed at once, and those that come
 * while a commit runs share the next. In a store without a loop it is done when the call returns.
 * A job and what it points to live until then; one that fails changes nothing, and no other job.
 *
 * Reads see what is durable, and answer at once.
 */
#ifndef KEEL_FLEET_STORE_H
#define KEEL_FLEET_STORE_H

#include "core/bytes.h"
#include "crypto/purpose.h"
#include "fleet/public/support.h"

struct event_base;
struct keel_fleet_store;

#define KEEL_FLEET_SERIAL_MAX    64
#define KEEL_FLEET_MODEL_MAX     64
#define KEEL_FLEET_WORD_MAX      40   /* a reason, an action: a word of a closed set */
#define KEEL_FLEET_DETAIL_MAX    200  /* what it is about, for a person */
#define KEEL_FLEET_DECISIONS_MAX 100  /* of a unit: the latest */
#define KEEL_FLEET_OWNERS_MAX    4096 /* the list of owners, as the device signed it */
#define KEEL_FLEET_STRANGERS     1000 /* refused devices that are remembered: the latest */

/**
 * Makes the file where it is missing, and brings an older one's schema up to date.
 *
 * base  the loop that `done` is called in; NULL: jobs are done when the call returns
 *
 * KEEL_ESTATE: a newer keel-fleet wrote it. KEEL_EFORM: no database of ours. KEEL_EIO.
 */
KEEL_CHECKED enum keel_err keel_fleet_store_open(const char *path, struct event_base *base,
	struct keel_fleet_store **out, struct keel_fault *fault);
/** Jobs that wait are done first, and told. */
void keel_fleet_store_close(struct keel_fleet_store *s);

/** What every job begins with. */
struct keel_fleet_write {
	enum keel_err err; /* how it went; KEEL_EIO, KEEL_EFULL: of any */
	void (*done)(void *self, struct keel_fleet_write *w); /* may be NULL without a loop */
	void *self;
	/* The store's own. */
	enum keel_err (*run)(struct keel_fleet_store *s, struct keel_fleet_write *w);
	struct keel_fleet_write *next;
};

/* --- the maker's products -------------------------------------------------------------------- */

/** A compiled declaration; its SHA-256 is its name, and devices' statements have it. */
struct keel_fleet_product_add {
	struct keel_fleet_write write;
	const char *who; /* the operator, for the audit log; so in every job of theirs */
	int64_t now_s;
	struct keel_bytes compiled;
	struct keel_bytes model;   /* its identifier, its version and its end of support, as the */
	struct keel_bytes version; /* declaration has them */
	int64_t until;
};
/**
 * The same again changes nothing. KEEL_ERANGE: it would shorten a support period that was published
 * (public/support.h), and is not added.
 */
void keel_fleet_product_add(struct keel_fleet_store *s, struct keel_fleet_product_add *j);

/** A maker's signed list of files, verified by the caller, of a product that is there. */
struct keel_fleet_measures_add {
	struct keel_fleet_write write;
	const char *who;
	int64_t now_s;
	struct keel_digest product;
	struct keel_bytes list;
};
/** KEEL_ENONE: no such product. */
void keel_fleet_measures_add(struct keel_fleet_store *s, struct keel_fleet_measures_add *j);

/** out: a view of buf. KEEL_ENONE: nobody added it. KEEL_EFULL: buf is too small. */
KEEL_CHECKED enum keel_err keel_fleet_product_get(struct keel_fleet_store *s,
	const struct keel_digest *product, void *buf, size_t cap, struct keel_bytes *out);

#define KEEL_FLEET_PUBLISHED_MAX 64
/** What was published of a model's support, the oldest first. EN 303 645 5.3-13. */
KEEL_CHECKED enum keel_err keel_fleet_published(struct keel_fleet_store *s, struct keel_bytes model,
	struct keel_published out[KEEL_FLEET_PUBLISHED_MAX], size_t *count);

struct keel_fleet_product_row {
	struct keel_digest digest;
	struct keel_bytes compiled;
	int64_t added_s;
};
/** All of them, the oldest first; views live until `each` returns. */
KEEL_CHECKED enum keel_err keel_fleet_products(struct keel_fleet_store *s,
	void (*each)(void *self, const struct keel_fleet_product_row *row), void *self);
/** Every list of a product. */
KEEL_CHECKED enum keel_err keel_fleet_measures(struct keel_fleet_store *s,
	const struct keel_digest *product, void (*each)(void *self, struct keel_bytes list),
	void *self);

/* --- units ----------------------------------------------------------------------------------- */

/** A unit as the maker endorsed it. */
struct keel_fleet_unit {
	uint8_t id[KEEL_DEVICE_ID_LEN];
	char serial[KEEL_FLEET_SERIAL_MAX + 1];
	char model[KEEL_FLEET_MODEL_MAX + 1];
	struct keel_p256_pub sign, agree;
	int64_t added_s;
	int64_t revoked_s; /* 0: it is not */
	char revoked_why[KEEL_FLEET_DETAIL_MAX + 1];
};

struct keel_fleet_enrol {
	struct keel_fleet_write write;
	const char *who;
	int64_t now_s;
	const struct keel_fleet_unit *units;
	size_t count;
	size_t added; /* out: new ones; a unit that is there as it was is not an error */
	size_t wrong; /* out, with KEEL_ESTATE: which one has an id or a serial of another */
};
/** All of them, or none. */
void keel_fleet_enrol(struct keel_fleet_store *s, struct keel_fleet_enrol *j);

struct keel_fleet_revoke {
	struct keel_fleet_write write;
	const char *who;
	int64_t now_s;
	uint8_t id[KEEL_DEVICE_ID_LEN];
	const char *why; /* a sentence for the next operator; NULL: it is one of the fleet again */
};
/** KEEL_ENONE: no such unit. KEEL_ESTATE: it is so already. */
void keel_fleet_revoke(struct keel_fleet_store *s, struct keel_fleet_revoke *j);

/** KEEL_ENONE. */
KEEL_CHECKED enum keel_err keel_fleet_unit_find(struct keel_fleet_store *s,
	const uint8_t id[KEEL_DEVICE_ID_LEN], struct keel_fleet_unit *out);
/** By its serial, whole. KEEL_ENONE. */
KEEL_CHECKED enum keel_err keel_fleet_unit_by_serial(
	struct keel_fleet_store *s, const char *serial, struct keel_fleet_unit *out);

/* --- the home of a unit ---------------------------------------------------------------------- */

/* As judged at a session's opening. Values are stored. */
enum keel_fleet_decision { KEEL_FLEET_ACCEPTED, KEEL_FLEET_FLAGGED, KEEL_FLEET_QUARANTINED };
const char *keel_fleet_decision_word(uint64_t decision);

struct keel_fleet_home {
	uint8_t home[KEEL_HOME_ID_LEN];
	size_t home_n; /* 0 in the factory state */
	uint8_t owners[KEEL_FLEET_OWNERS_MAX];
	size_t owners_n; /* 0: no list */
	uint64_t owners_number;
	uint64_t taken;   /* the highest report's number */
	uint64_t dropped; /* so many reports the device had no room for */
	int64_t heard_s;
	int64_t next_s; /* until when it should be heard again */
	uint64_t decision;
	char reasons[KEEL_FLEET_DETAIL_MAX + 1];
	char version[KEEL_FLEET_WORD_MAX + 1];
	struct keel_digest product;
	uint8_t token[16]; /* the id of the token that the decision was made on */
	bool quoted;       /* the grade of the evidence: keel_grade_word */
};

/** A session that is about to be opened. */
struct keel_fleet_session {
	struct keel_fleet_write write;
	uint8_t id[KEEL_DEVICE_ID_LEN];
	int64_t now_s, next_s;
	struct keel_bytes home;   /* 16 bytes, or empty */
	struct keel_bytes owners; /* verified by the caller; empty: none */
	uint64_t owners_number;
	struct keel_digest product;
	struct keel_bytes version;
	uint64_t decision;
	const char *reasons;
	struct keel_bytes statement; /* what it was made on: kept where the decision is a new one */
	uint8_t token[16];
	bool quoted;
	uint64_t taken; /* out */
	bool more; /* out: part of the old home is still there, nothing else is done; submit it again */
};
/**
 * A new home forgets the old one's reports, events, owners, oddities and inbox. KEEL_ENONE: no such unit.
 * KEEL_ERIGHT: it is revoked. KEEL_ESTALE: an older list of owners than this home gave before.
 */
void keel_fleet_session(struct keel_fleet_store *s, struct keel_fleet_session *j);

/** KEEL_ENONE: it never opened a session. */
KEEL_CHECKED enum keel_err keel_fleet_home_find(struct keel_fleet_store *s,
	const uint8_t id[KEEL_DEVICE_ID_LEN], struct keel_fleet_home *out);

/**
 * What holds of a unit now, whatever a token of some minutes ago says. KEEL_ENONE: no such unit, or it
 * never opened a session. KEEL_ERIGHT: it is revoked. KEEL_ESTATE: it has another home.
 */
KEEL_CHECKED enum keel_err keel_fleet_standing(struct keel_fleet_store *s,
	const uint8_t id[KEEL_DEVICE_ID_LEN], struct keel_bytes home, uint64_t *decision);

struct keel_fleet_heard_one {
	uint8_t id[KEEL_DEVICE_ID_LEN];
	int64_t heard_s, next_s;
};
struct keel_fleet_heard {
	struct keel_fleet_write write;
	const struct keel_fleet_heard_one *all;
	size_t count;
};
/** When devices were last heard; a unit that has no home is passed over. */
void keel_fleet_heard(struct keel_fleet_store *s, struct keel_fleet_heard *j);

/* --- reports --------------------------------------------------------------------------------- */

struct keel_fleet_report {
	uint64_t number, kind;
	int64_t time_s;  /* the device's */
	int64_t until_s; /* kept so long */
	struct keel_bytes payload;
	const char *refused; /* a word: not kept but counted, and the unit is flagged; NULL: kept */
};

struct keel_fleet_reports {
	struct keel_fleet_write write;
	uint8_t id[KEEL_DEVICE_ID_LEN];
	struct keel_bytes home;
	int64_t now_s, next_s;
	const struct keel_fleet_report *items;
	size_t count;
	uint64_t dropped;
	uint64_t taken; /* out: the highest number that was taken, now or before */
};
/**
 * Takes those with a higher number than the home's last; the others were taken before.
 * KEEL_ENONE, KEEL_ERIGHT as above. KEEL_ESTATE: the unit has another home now, or is in quarantine.
 */
void keel_fleet_reports(struct keel_fleet_store *s, struct keel_fleet_reports *j);

struct keel_fleet_report_row {
	uint64_t number, kind;
	int64_t time_s, came_s;
	struct keel_bytes payload;
};
/** A unit's reports, by number from `after` on; stops where `each` says false. */
KEEL_CHECKED enum keel_err keel_fleet_reports_of(struct keel_fleet_store *s,
	const uint8_t id[KEEL_DEVICE_ID_LEN], uint64_t after,
	bool (*each)(void *self, const struct keel_fleet_report_row *row), void *self);

struct keel_fleet_retain {
	struct keel_fleet_write write;
	int64_t now_s;
	int64_t case_s; /* how long a resolved case is kept after the last word in it; 0: for good */
	size_t gone;    /* out: reports */
	bool more;      /* out: that was not all; submit it again */
};
#define KEEL_FLEET_RETAIN_MAX 1000 /* 0.1 s, among two million: what a commit may have to wait */
/**
 * Deletes a part of what has had its time: reports, at most KEEL_FLEET_RETAIN_MAX; a resolved case, its
 * files in parts, with a line in the audit log; invitations, sessions and challenges that ended.
 * EN 303 645 6-4.
 */
void keel_fleet_retain(struct keel_fleet_store *s, struct keel_fleet_retain *j);

/* --- what is odd ----------------------------------------------------------------------------- */

/** Who was refused a session, though the maker's signature is right: unknown, or revoked. */
struct keel_fleet_stranger {
	struct keel_fleet_write write;
	uint8_t id[KEEL_DEVICE_ID_LEN];
	struct keel_bytes serial;
	const char *why; /* a word */
	int64_t now_s;
};
void keel_fleet_stranger(struct keel_fleet_store *s, struct keel_fleet_stranger *j);

struct keel_fleet_odd_row {
	uint8_t id[KEEL_DEVICE_ID_LEN];
	const char *serial, *word;
	uint64_t count;
	int64_t first_s, last_s;
};
/** Oddities of units, and strangers: the latest first. */
KEEL_CHECKED enum keel_err keel_fleet_odd(struct keel_fleet_store *s,
	void (*each)(void *self, const struct keel_fleet_odd_row *row), void *self);

/* --- lists for people ------------------------------------------------------------------------ */

struct keel_fleet_listed {
	const struct keel_fleet_unit *unit;
	const struct keel_fleet_home
		*home; /* NULL: it never opened a session; without owners' list */
	uint64_t odd;  /* what was refused of it */
};
/**
 * One word for a person, the worst that is known of it: "revoked", "quarantined", "flagged", "odd"
 * (something of it was refused), "away", "never heard", "here".
 */
const char *keel_fleet_state_word(const struct keel_fleet_listed *row, int64_t now_s);
/** Units whose serial, model or id (in hex) holds `search` (NULL: all), by serial. */
KEEL_CHECKED enum keel_err keel_fleet_units(struct keel_fleet_store *s, const char *search,
	void (*each)(void *self, const struct keel_fleet_listed *row), void *self);

/* --- the audit log --------------------------------------------------------------------------- */

struct keel_fleet_audit_row {
	uint64_t number;
	int64_t time_s;
	const char *who, *action, *detail;
	struct keel_digest hash; /* SHA-256 of the hash before it and the row */
};
/** Every row in order; `each` may be NULL. KEEL_EAUTH: row *bad does not follow from the one before. */
KEEL_CHECKED enum keel_err keel_fleet_audit(struct keel_fleet_store *s, uint64_t *bad,
	void (*each)(void *self, const struct keel_fleet_audit_row *row), void *self);

/* --- copies ---------------------------------------------------------------------------------- */

/** A whole copy to a new file, while others write. KEEL_EIO: there is a file already. */
KEEL_CHECKED enum keel_err keel_fleet_backup(
	struct keel_fleet_store *s, const char *to, struct keel_fault *fault);
/** The way back: copies a backup, which stays as it is, to where no file is. Open it then. */
KEEL_CHECKED enum keel_err keel_fleet_restore(
	const char *from, const char *to, struct keel_fault *fault);

#endif

/*
 * The vault's engine: who owns the device and what they may do. It opens, checks and answers every
 * request of an owner, keeps what was accepted, and hands commands to the product's program. Pure
 * logic over its seams: no sockets, no globals. docs/protocol.md.
 *
 * Invariants (tests name them):
 *  1 Nothing changes but by a claim under the label's code, an invitation's secret, a press of the
 *    button, or a change that an owner signed, for this device and home, with a fresh challenge.
 *  2 A change has its effect once: counter, decision and pending command are one commit.
 *  3 What was acknowledged survives a cut of the power; what was deleted does not come back.
 *  4 No personal datum is kept, and no telemetry sent, that is not declared, or that needs a consent not given.
 * EN 303 645 5.1-1, 5.4-1, 5.5-7, 5.11-1, 5.13-1A, 6-2, 6-3A, 6-6.
 */
#ifndef KEEL_DEVICE_VAULT_VAULT_H
#define KEEL_DEVICE_VAULT_VAULT_H

#include "core/clock.h"
#include "device/messages.h"
#include "device/vault/identity.h"
#include "device/vault/rules.h"
#include "owner/claim.h"
#include "session/notice.h"
#include "session/report.h"

struct keel_vault;

struct keel_vault_command {
	uint64_t number;           /* keel_vault_done names it */
	struct keel_bytes message; /* the declared name */
	struct keel_list fields;   /* keel_field_item */
	struct keel_bytes person;  /* text: whoever sent it, for keel_vault_keep; may be empty */
	int64_t time;              /* when it was accepted; 0: the device did not know the time */
};

enum keel_vault_counted { KEEL_VAULT_REFUSED, KEEL_VAULT_WRONG_CODE };

/** Where the vault tells things; each may be called within any function below that changes something. */
struct keel_vault_outbox {
	/** A command for the product's program; it stays pending until keel_vault_done. */
	void (*command)(void *self, const struct keel_vault_command *c);
	/** The home's data were deleted, by now so many times: so is the program's memory of them. */
	void (*forget)(void *self, uint64_t deletions);
	void (*state)(void *self, enum keel_device_state state);
	void (*counted)(void *self, enum keel_vault_counted what);
	/** The store could not be read back: what is in memory is half, and must serve nobody. Whoever
	 * runs the engine ends it when the call that tells this returns, and may open another. */
	void (*lost)(void *self);
	void *self;
};

struct keel_vault_seams {
	struct keel_store *store;
	const struct keel_identity *identity;
	const struct keel_clock *clock;
	const struct keel_rules *rules; /* all of these live longer than the vault */
	struct keel_vault_outbox outbox;
	const char *keys_in; /* keel_keeper_word */
	uint64_t started_ms; /* of the device, not of this vault: its first window for a claim */
};

/** KEEL_ENONE: never provisioned. KEEL_EFORM: a record that is none. KEEL_EIO. */
KEEL_CHECKED enum keel_err keel_vault_open(
	const struct keel_vault_seams *seams, struct keel_vault **out);
void keel_vault_close(struct keel_vault *v);

/**
 * Answers one body that came to the door. Always gives an answer: a status of HTTP, and its body
 * as a view of `buf` (KEEL_ANSWER_MAX bytes). from: the address that asks, as text.
 */
void keel_vault_serve(struct keel_vault *v, enum keel_path path, struct keel_bytes from,
	struct keel_bytes body, uint8_t *buf, struct keel_bytes *answer, unsigned *status);

/** A press opens the window for a claim or a recovery; held, all owners and all data go. */
KEEL_CHECKED enum keel_err keel_vault_button(struct keel_vault *v, enum keel_button how);

enum keel_device_state keel_vault_state(const struct keel_vault *v);

/* --- the product's program ------------------------------------------------------------------- */

/**
 * It started, or the vault did: it is told to forget where its memory knows of fewer deletions than
 * there were, and pending commands and the last of each remembered message go to the outbox again.
 */
void keel_vault_app_started(struct keel_vault *v, uint64_t deletions);
/** How often the home's data were deleted: what the program sends to be kept has to name it. */
uint64_t keel_vault_deletions(const struct keel_vault *v);
/**
 * It did this command. KEEL_ENONE: none of that number is pending. That the last of a remembered
 * message was done becomes durable with the next tick: a restart hands it over in any case.
 */
KEEL_CHECKED enum keel_err keel_vault_done(struct keel_vault *v, uint64_t number);
/**
 * A value, a telemetry or both, now, in thousandths. A value's history is kept where the declaration
 * says so; a telemetry waits to be sent where it needs no consent, or has it. KEEL_ENONE: neither is
 * declared so. KEEL_ERANGE: outside the telemetry's range; it stays as it was.
 */
KEEL_CHECKED enum keel_err keel_vault_report(
	struct keel_vault *v, struct keel_bytes name, int64_t value);
/** The last of a telemetry, by its place in the rules. KEEL_ENONE: nothing of it may be sent, or there is none. */
KEEL_CHECKED enum keel_err keel_vault_telemetry(
	const struct keel_vault *v, size_t i, int64_t *value);
/**
 * Keeps a declared datum (replacing the one before), of the home or of a person.
 * KEEL_ENONE: not declared, or nobody of that name. KEEL_ERIGHT: without consent. KEEL_ESTATE: nobody
 * owns the device, so there is nobody whose it could be.
 */
KEEL_CHECKED enum keel_err keel_vault_keep(struct keel_vault *v, struct keel_bytes datum,
	struct keel_bytes person, struct keel_bytes value);
/** Copies into buf (KEEL_DATUM_MAX). KEEL_ENONE: not declared, or nothing is kept. */
KEEL_CHECKED enum keel_err keel_vault_recall(struct keel_vault *v, struct keel_bytes datum,
	struct keel_bytes person, uint8_t *buf, struct keel_bytes *value);

/* --- the maker's service (docs/service.md) --------------------------------------------------- */

/** What a session is opened with; views into the caller's buffer and the vault. */
struct keel_vault_attested {
	struct keel_bytes device, home; /* home: empty where nobody owns the device */
	struct keel_bytes statement, endorsement;
	struct keel_bytes owners; /* empty where nobody owns the device */
	struct keel_bytes nonce;  /* for the signed time; a later one takes its place */
};
/**
 * What this device is and runs, signed over the service's nonce for that origin alone, and bound to
 * the session's key. EN 303 645 5.5-1, 5.7-1. buf: KEEL_ANSWER_MAX bytes.
 *
 * KEEL_ESTATE: no service is declared. KEEL_ERIGHT: it is not this one. KEEL_EAUTH: the key is no
 * point. KEEL_EIO.
 */
KEEL_CHECKED enum keel_err keel_vault_attest(struct keel_vault *v, struct keel_bytes nonce,
	struct keel_bytes origin, const struct keel_p256_pub *key, uint8_t *buf,
	struct keel_vault_attested *out);
/**
 * A session is open: its time is believed (time.c has the rules), once for each attest, and reports that
 * the service has are forgotten.
 *
 * KEEL_EAUTH: not signed by a key that the declared root vouches for, or over another nonce.
 * KEEL_ESTATE: nothing was attested. KEEL_ERANGE: a number, or a time, that cannot be; an event says
 * so. KEEL_EIO.
 */
KEEL_CHECKED enum keel_err keel_vault_session(
	struct keel_vault *v, uint64_t taken, struct keel_bytes voucher, struct keel_bytes time);
/** What the last attest told is true no more (owners, home, state, programs, walls): open anew. */
bool keel_vault_session_stale(const struct keel_vault *v);

/** A report for the service; payload: a view into the caller's buffer. */
struct keel_vault_report {
	uint64_t number;
	enum keel_report_kind kind;
	int64_t time; /* 0: not known then */
	struct keel_bytes payload;
	uint64_t dropped; /* of this home, for want of room, so far */
};
/** The first after `number`. KEEL_ENONE: there is none. */
KEEL_CHECKED enum keel_err keel_vault_report_next(const struct keel_vault *v, uint64_t number,
	uint8_t buf[KEEL_OUT_MAX + 64], struct keel_vault_report *out);
/** The service has all up to this one: durably forgotten. KEEL_ERANGE: none of that number was made. */
KEEL_CHECKED enum keel_err keel_vault_report_taken(struct keel_vault *v, uint64_t number);

/**
 * An item of the inbox, opened, in the order of their numbers: told to owners and taken, in one commit.
 * Taken and told to nobody: what is not of its code's form, a day of support before the declared one, what
 * owners see already. taken: the last number by now; what was taken before changes nothing.
 * KEEL_ESTATE: nobody owns the device. KEEL_EIO.
 */
KEEL_CHECKED enum keel_err keel_vault_notice(
	struct keel_vault *v, uint64_t number, const struct keel_notice *n, uint64_t *taken);

/* --- the rest of the device ------------------------------------------------------------------ */

/** Something that owners should know. security: the last to be forgotten. */
KEEL_CHECKED enum keel_err keel_vault_event(
	struct keel_vault *v, const char *word, struct keel_bytes detail, bool security);

/** What the parent measured and found; copied. Items: keel_measured_item, else texts. */
struct keel_vault_facts {
	struct keel_list measured;
	struct keel_list
		extended;         /* the log that the TPM's PCR holds; none where there is no TPM */
	struct keel_list missing; /* walls that this system could not give */
	struct keel_list open;    /* interfaces that are open */
};
/** KEEL_EFULL: more than a statement holds. */
KEEL_CHECKED enum keel_err keel_vault_facts(
	struct keel_vault *v, const struct keel_vault_facts *facts);
/** The state changed, and with it the interfaces that are open (texts; copied). KEEL_EFULL. */
KEEL_CHECKED enum keel_err keel_vault_interfaces(
	struct keel_vault *v, const struct keel_list *open);

/** Whether it is this key that endorsed the unit: else its declaration is not its maker's. */
bool keel_vault_endorsed_by(const struct keel_vault *v, const struct keel_p256_pub *maker);
/**
 * How the installed files stand against the maker's list. listed: there is a list, and it is the
 * maker's; until it is said, there is none. wrong: how many files are not as it says.
 */
void keel_vault_files(struct keel_vault *v, bool listed, uint64_t wrong);

/** Once a minute or so: forgets what is older than declared, writes histories and what was done, ends
 * invitations. */
KEEL_CHECKED enum keel_err keel_vault_tick(struct keel_vault *v);

#endif

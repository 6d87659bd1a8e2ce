/*
 * The engine's inside, shared by its own files only. Handlers of operations change the store within
 * one transaction; what stands in memory is read back from it (vault_reload) or replaced after the
 * commit, never before.
 */
#ifndef KEEL_DEVICE_VAULT_ENGINE_H
#define KEEL_DEVICE_VAULT_ENGINE_H

#include "core/break.h"
#include "device/vault/provision.h"
#include "device/vault/refusals.h"
#include "device/vault/vault.h"
#include "owner/request.h"
#include "owner/statement.h"
#include "session/notice.h"
#include "session/report.h"
#include "session/time.h"

#define OWNERS_MAX         16
#define INVITES_MAX        4
#define EVENTS_MAX         128
#define EVENTS_SHOWN       48
#define PENDING_MAX        16
#define REPORTS_MAX        256
#define ADDRESSES_MAX      64
#define CHALLENGES_MAX     4
#define USED_NONCES_MAX    16
#define RESULT_MAX         1536
#define WELCOME_MAX        1024
#define FIELDS_BYTES       1280
#define LIST_BYTES         14000
#define CLAIM_WINDOW_MS    (15ULL * 60 * 1000)
#define RECOVER_WINDOW_MS  (2ULL * 60 * 1000)
#define TICK_MS            60000
#define NONCE_MS           (5ULL * 60 * 1000)
#define INVITE_S           (15LL * 60)
#define VOUCH_S            (15ULL * 60)
#define CHALLENGE_S        60
#define WRONG_WAIT_MAX_S   (15ULL * 60)
#define WRONG_TELL_EACH_MS 60000
#define HOME               "home"
#define COMPARTMENT_SIZE   (sizeof("person/") + 2UL * KEEL_THUMBPRINT_LEN)
#define RECORD_NAME_SIZE   (KEEL_STORE_NAME_MAX + 1)

struct vault_challenge {
	bool set;
	uint8_t b[KEEL_CHALLENGE_LEN];
	uint64_t made_ms;
};

/* Which data somebody decided about, and how; the home's decisions stand in its own record. */
struct vault_decisions {
	size_t n;
	struct vault_decision {
		char datum[KEEL_NAME_MAX + 1];
		bool given;
	} of[KEEL_RULES_CONSENTS];
};

struct vault_owner {
	bool used;
	uint8_t print[KEEL_THUMBPRINT_LEN]; /* OT: of the keys that they have now */
	/* Who they are, whichever phone they have: the OT that they first came with. It names their
	 * compartment, and them to the product's program. */
	uint8_t person[KEEL_THUMBPRINT_LEN];
	struct keel_p256_pub sign, agree;
	uint64_t role;
	char name[KEEL_PERSON_NAME_MAX + 1];
	size_t messages;
	char message[KEEL_GUEST_MESSAGES_MAX][KEEL_NAME_MAX + 1];
	int64_t until, since;
	uint64_t counter;
	bool changed; /* the next two hold the last change and its result */
	struct keel_digest change;
	uint8_t result[RESULT_MAX];
	size_t result_n;
	struct keel_digest
		claim; /* the bytes by which they came: the same again, the same welcome */
	struct vault_decisions decisions;
	/* In memory only. */
	bool agreed;
	struct keel_key shared;
	struct vault_challenge challenges[CHALLENGES_MAX];
	unsigned next_challenge;
};

struct vault_home {
	uint8_t id[KEEL_HOME_ID_LEN];
	bool owned;
	uint64_t state;
	uint64_t homes;
	uint64_t list_number;
	int64_t last_wall_s;
	struct vault_decisions decisions;
	/* The device's, whoever owns it: a program's memory outlives a home, so these never go back. */
	uint64_t commands; /* the last command's number; the store's may be that of a home before */
	uint64_t deletions; /* of the home's data */
};

struct vault_invite {
	bool used;
	uint8_t id[KEEL_INVITATION_LEN];
	uint8_t secret[KEEL_SECRET_LEN];
	uint64_t role;
	char name[KEEL_PERSON_NAME_MAX + 1];
	size_t messages;
	char message[KEEL_GUEST_MESSAGES_MAX][KEEL_NAME_MAX + 1];
	int64_t until;
	int64_t made_wall_s; /* 0: not known */
	uint64_t ends_ms;    /* by this start's clock */
};

struct vault_command {
	uint64_t number; /* 0: none */
	char message[KEEL_NAME_MAX + 1];
	uint8_t fields[FIELDS_BYTES];
	size_t fields_n, fields_count;
	uint8_t by[KEEL_THUMBPRINT_LEN]; /* the person */
	bool pending;                    /* the program has not done it yet */
	int64_t time;                    /* when it was accepted; 0: not known */
};

struct vault_event {
	uint64_t number; /* 0: none */
	int64_t time;
	bool security;
	char word[KEEL_EVENT_WORD_MAX + 1];
	char detail[KEEL_EVENT_DETAIL_MAX + 1];
	uint64_t times; /* more than one: it counts, and number, time and detail are the last's */
	int64_t first;  /* when it was told first; 0: not known */
};

struct vault_value {
	bool known;
	int64_t value;
	uint64_t at_ms;
	bool unsaved; /* for the history */
};

struct vault_telemetry {
	bool known;
	int64_t value;
	uint64_t
		due_ms; /* not more often than declared, and first when the engine has run so long */
};

/* An address that sent a wrong code, and until when it waits. */
struct vault_address {
	struct keel_digest who;
	unsigned wrong; /* 0: free */
	uint64_t until_ms;
};

/* An owner's word that somebody lost their phone. In memory only: it dies with a reboot, as challenges do. */
struct vault_vouch {
	uint8_t by[KEEL_THUMBPRINT_LEN], lost[KEEL_THUMBPRINT_LEN]; /* OT */
	uint64_t until_ms;                                          /* 0: none */
};

/* The answer to whom the device has just forgotten: they may ask once more if it was lost. */
struct vault_farewell {
	struct keel_digest request;
	uint8_t answer[RESULT_MAX + 1024];
	size_t n;
	uint64_t until_ms;
};

/* What waits for the service; its content stands in the store. */
struct vault_reports {
	size_t count;
	struct vault_report {
		uint64_t number;
		uint8_t kind;
	} of[REPORTS_MAX]; /* in the order of their numbers */
	uint64_t last, dropped;
};

/* The time as the service signed it, and this device's clock at that moment. */
struct vault_service_time {
	bool known;
	int64_t wall_s;
	uint64_t at_ms;
	uint64_t within_ms; /* how long the way took: it may be later by that */
};

/* What a session is being opened with. */
struct vault_session {
	uint8_t nonce[KEEL_TIME_NONCE_LEN]; /* of ours, for the time; used once */
	bool asked;
	uint64_t asked_ms;
	struct keel_digest told; /* what the service was told that may change */
};

struct vault_facts {
	uint8_t measured[4096], extended[4096], missing[2048], open[1024];
	struct keel_vault_facts lists;
	bool listed;    /* the installed files have the maker's list */
	uint64_t wrong; /* files that are not as it says */
};

struct keel_vault {
	struct keel_vault_seams s;
	struct keel_unit unit;
	uint8_t boot_key[32]; /* for nonces: void after a restart */
	struct keel_digest used_nonces[USED_NONCES_MAX];
	unsigned next_nonce;
	uint64_t noted_ms; /* when home.last_wall_s was kept, in this start */
	uint64_t claim_until_ms, recover_until_ms;
	struct vault_vouch vouch;
	struct vault_address addresses[ADDRESSES_MAX];
	uint64_t wrong_told_ms; /* when owners were last told of wrong codes; 0: not yet */

	struct vault_home home;
	struct vault_owner owners[OWNERS_MAX];
	struct keel_p256_pub ready_for; /* whose key that is: the last who signed a change */
	struct keel_p256_opened ready;
	struct vault_invite invites[INVITES_MAX];
	struct vault_command
		accepted[KEEL_RULES_MESSAGES]; /* the last of each of the rules' messages */
	struct vault_command
		pending[PENDING_MAX];          /* not done when the next of their message came */
	uint64_t did[KEEL_RULES_MESSAGES];     /* done, and the store calls it pending */
	struct vault_event events[EVENTS_MAX]; /* a ring in no order */
	uint64_t event_number;
	struct vault_value values[KEEL_RULES_VALUES];           /* as the rules' values */
	struct vault_telemetry telemetry[KEEL_RULES_TELEMETRY]; /* as the rules' */
	bool app_seen; /* the program said something since the start */
	uint64_t app_seen_ms;
	bool ticked;
	uint64_t ticked_ms;
	struct vault_facts facts;
	struct vault_farewell farewell;
	uint64_t boots; /* how often the device started */
	struct vault_reports reports;
	uint64_t noted; /* the last item of the service's inbox that was taken in this home */
	struct vault_service_time service_time;
	struct vault_session session;

	/* Scratch for the job that runs. */
	uint8_t plain[KEEL_ANSWER_MAX], work[KEEL_ANSWER_MAX];
	uint8_t lists[LIST_BYTES], more_lists[9000], encoded[2048];
	char sentence[KEEL_SENTENCE_MAX];
};

/* --- records.c: the store's own words for all of this ---------------------------------------- */
KEEL_CHECKED enum keel_err vault_load(struct keel_vault *v);
/** The same while the engine runs, after a change or one that failed; the outbox hears where it fails. */
KEEL_CHECKED enum keel_err vault_reload(struct keel_vault *v);
/** Begins a transaction of the store. Where it cannot, all is read back: a store that stays broken ends the
 * engine, one that failed once does not. */
KEEL_CHECKED enum keel_err vault_begin(struct keel_vault *v);
/** Any record by its schema. */
KEEL_CHECKED enum keel_err vault_put(struct keel_vault *v, const char *name,
	const struct keel_schema *schema, const void *record);
KEEL_CHECKED enum keel_err vault_put_home(struct keel_vault *v, const struct vault_home *h);
KEEL_CHECKED enum keel_err vault_put_owner(struct keel_vault *v, const struct vault_owner *o);
KEEL_CHECKED enum keel_err vault_put_invite(struct keel_vault *v, const struct vault_invite *i);
KEEL_CHECKED enum keel_err vault_put_command(
	struct keel_vault *v, const char *prefix, const char *name, const struct vault_command *c);
KEEL_CHECKED enum keel_err vault_put_event(struct keel_vault *v, const struct vault_event *e);
KEEL_CHECKED enum keel_err vault_put_welcome(
	struct keel_vault *v, const uint8_t *print, struct keel_bytes welcome);
KEEL_CHECKED enum keel_err vault_get_welcome(struct keel_vault *v, const uint8_t *print,
	uint8_t *buf, size_t cap, struct keel_bytes *out);
KEEL_CHECKED enum keel_err vault_drop_owner(struct keel_vault *v, const uint8_t *print);
KEEL_CHECKED enum keel_err vault_drop_invite(struct keel_vault *v, const uint8_t *id);
/** Every record whose name begins so. */
KEEL_CHECKED enum keel_err vault_drop_all(struct keel_vault *v, const char *prefix);
KEEL_CHECKED enum keel_err vault_drop_number(
	struct keel_vault *v, const char *prefix, uint64_t number);
KEEL_CHECKED enum keel_err vault_drop_command(
	struct keel_vault *v, const char *prefix, const char *name);

/* --- owners.c -------------------------------------------------------------------------------- */
struct vault_owner *vault_owner_of(struct keel_vault *v, struct keel_bytes print);
/** Whoever lost their phone, by the word of an owner who is still here; NULL: nobody. */
struct vault_owner *vault_vouched_for(struct keel_vault *v);
size_t vault_owner_count(const struct keel_vault *v, uint64_t role);
/** Whose `person` it is. */
struct vault_owner *vault_person_of(struct keel_vault *v, const uint8_t *person);
/** "person/<person>" into out (COMPARTMENT_SIZE). */
void vault_compartment_of(const struct vault_owner *o, char *out);
/** The shared secret, agreed once. */
KEEL_CHECKED enum keel_err vault_agree(struct keel_vault *v, struct vault_owner *o);
/** Makes v->ready the key that verifies this owner's changes. KEEL_EAUTH. */
KEEL_CHECKED enum keel_err vault_make_ready(struct keel_vault *v, const struct vault_owner *o);
bool vault_time_over(const struct keel_vault *v, const struct vault_owner *o);
bool vault_may_send(const struct vault_owner *o, const char *message);
void vault_challenge_make(struct keel_vault *v, struct vault_owner *o, uint8_t *out);
bool vault_challenge_valid(const struct keel_vault *v, const struct vault_owner *o,
	struct keel_bytes challenge, uint64_t valid_s);
/**
 * These keys go: what was asked for with them and is not done goes along, and so do open invitations,
 * for whoever holds a stolen phone may have made one to come back by.
 */
KEEL_CHECKED enum keel_err vault_see_off(struct keel_vault *v, const struct vault_owner *o);
/** Everything of all owners and of the home: what leaving, a held button and a new claim do. */
KEEL_CHECKED enum keel_err vault_empty_home(struct keel_vault *v, struct vault_home *next);
/** Whether anything is kept in a compartment of that beginning; true where it cannot be told. */
bool vault_has_compartment(struct keel_vault *v, const char *prefix);
/** All compartments whose name begins so. */
KEEL_CHECKED enum keel_err vault_drop_compartments(struct keel_vault *v, const char *prefix);
/** 0 where it is not known. */
int64_t vault_wall(const struct keel_vault *v);
/** For what is kept: the time, or the best guess that is not later. */
int64_t vault_time(const struct keel_vault *v);
/** For what ends: never behind a time that this device knew, so a clock set back revives nothing. */
int64_t vault_latest(const struct keel_vault *v);
uint64_t vault_now_ms(const struct keel_vault *v);

/* --- data.c ---------------------------------------------------------------------------------- */
/** KEEL_CONSENT_NOT_NEEDED, _GIVEN or _NOT_GIVEN; o: whose, for a person's datum. */
enum keel_consent vault_consent(
	const struct keel_vault *v, const struct keel_rule_datum *d, const struct vault_owner *o);
/** A datum whose consent nobody has given or refused yet, or NULL; next: one who is being changed. */
const struct keel_rule_datum *vault_undecided(
	const struct keel_vault *v, const struct vault_home *home, const struct vault_owner *next);
void vault_decide(struct vault_decisions *d, const char *datum, bool given);
const struct vault_decision *vault_decision_of(const struct vault_decisions *d, const char *datum);

/** Within the caller's transaction: what was reported since; what is older than declared. */
KEEL_CHECKED enum keel_err vault_write_histories(struct keel_vault *v);
void vault_histories_written(struct keel_vault *v);
KEEL_CHECKED enum keel_err vault_prune(struct keel_vault *v);

/* --- events.c -------------------------------------------------------------------------------- */
/** Within a transaction of the caller's. Memory follows when it is loaded again, or at once. */
KEEL_CHECKED enum keel_err vault_event_put(
	struct keel_vault *v, const char *word, struct keel_bytes detail, bool security);

/* --- claims.c -------------------------------------------------------------------------------- */
enum vault_no vault_hello(struct keel_vault *v, struct keel_wr *w);
enum vault_no vault_claim(struct keel_vault *v, struct keel_bytes from, struct keel_bytes body,
	struct keel_wr *w, uint64_t *wait_s);

/* --- requests.c ------------------------------------------------------------------------------ */
enum vault_no vault_request(struct keel_vault *v, struct keel_bytes body, struct keel_wr *w);

/* --- statement.c ----------------------------------------------------------------------------- */
enum vault_hearer { TO_ANYBODY, TO_OWNER, TO_SERVICE };
/** session: the key of the session that it opens; TO_SERVICE only, else NULL. */
enum vault_no vault_statement(struct keel_vault *v, enum vault_hearer to,
	const struct keel_statement_args *a, const struct keel_p256_pub *session,
	struct keel_statement_result *r);

/* --- reports.c ------------------------------------------------------------------------------- */
/** Within the caller's transaction. Memory follows when it is loaded again, or at once. */
KEEL_CHECKED enum keel_err vault_report_put(
	struct keel_vault *v, enum keel_report_kind kind, struct keel_bytes payload);
/** A security event, for the service. */
KEEL_CHECKED enum keel_err vault_report_event(
	struct keel_vault *v, const char *word, struct keel_bytes detail);
/** Within the caller's transaction: the telemetry that is due; after its commit, when it is due next. */
KEEL_CHECKED enum keel_err vault_report_telemetry(struct keel_vault *v);
void vault_telemetry_reported(struct keel_vault *v);
KEEL_CHECKED enum keel_err vault_load_reports(struct keel_vault *v);

/* --- notices.c ------------------------------------------------------------------------------- */
/** The words of their events begin so; each has one place, where the latest stands. */
#define VAULT_NOTICE "notice-"
KEEL_CHECKED enum keel_err vault_load_noted(struct keel_vault *v);

/* --- time.c ---------------------------------------------------------------------------------- */
/** By the service's word, counted on; 0: it said none in this start. */
int64_t vault_service_time(const struct keel_vault *v);
/** The time came, way_ms after it was asked for. KEEL_ERANGE: it cannot be; owners were told. */
KEEL_CHECKED enum keel_err vault_take_time(struct keel_vault *v, int64_t now, uint64_t way_ms);
/** The list of owners, signed; a view of the scratch `encoded`. */
KEEL_CHECKED enum keel_err vault_sign_owners(struct keel_vault *v, struct keel_bytes *out);

/* --- operations ------------------------------------------------------------------------------ */
/** A change that is being made: handlers fill it; requests.c commits and finishes it. */
struct vault_change {
	struct vault_owner *owner; /* who asks; in memory */
	struct vault_owner next;   /* as they will be: saved unless gone */
	bool gone;                 /* whoever asks is no owner any more */
	bool renew;                /* the root is renewed: deleted things die */
	bool reload;               /* memory is read back after the commit */
	bool forget;               /* the program's memory goes too */
	bool vouches;              /* v->vouch becomes the next */
	struct vault_vouch vouch;
	struct vault_command sent;     /* to hand over; number 0: none */
	struct vault_command *last;    /* whose place it takes */
	struct vault_command *waiting; /* where that one waits on; NULL: it is done */
};
typedef enum vault_no vault_read(
	struct keel_vault *v, struct vault_owner *o, const void *args, void *result);
typedef enum vault_no vault_alter(
	struct keel_vault *v, struct vault_change *c, const void *args, void *result);

vault_read vault_read_challenge, vault_read_state, vault_read_history, vault_read_kept,
	vault_read_export, vault_read_people, vault_read_events, vault_read_statement,
	vault_read_product;
vault_alter vault_do_command, vault_do_invite, vault_do_remove, vault_do_delete, vault_do_rename,
	vault_do_consent, vault_do_leave, vault_do_vouch;

/** What somebody asked for (by NULL: anybody) and the program has not done: it will not reach it. */
KEEL_CHECKED enum keel_err vault_drop_pending(struct keel_vault *v, const uint8_t *by);
/** What they asked for and was done stays, and nobody is named for it. */
KEEL_CHECKED enum keel_err vault_forget_givers(struct keel_vault *v, const uint8_t *by);
/** Within the caller's transaction: what was done since and is still called pending. */
KEEL_CHECKED enum keel_err vault_write_done(struct keel_vault *v);
void vault_done_written(struct keel_vault *v);
/** All that was asked for but what a remembered message left behind; any: something was there. */
KEEL_CHECKED enum keel_err vault_drop_commands(struct keel_vault *v, bool *any);
/** What is pending, and the last of each remembered message. */
void vault_hand_over_all(struct keel_vault *v);
/** After the commit of a deletion: nothing of before is in memory, here or in the program's. */
void vault_tell_forget(struct keel_vault *v);
/** After the commit: memory follows, and the program has it. */
void vault_command_accepted(struct keel_vault *v, const struct vault_change *c);
void vault_tell_state(struct keel_vault *v);

#endif

/* The console's inside, for its own files only. */
#ifndef KEEL_FLEET_CONSOLE_INSIDE_H
#define KEEL_FLEET_CONSOLE_INSIDE_H

#include "fleet/console/console.h"
#include "fleet/desk.h"
#include "fleet/lists.h"
#include "fleet/passkey.h"
#include "http/json.h"
#include "http/json_read.h"

#define CONSOLE_PAGE       100 /* rows of a page of a list */
#define CONSOLE_ANSWER_MAX ((size_t)1 << 20)
#define CONSOLE_FILES_MAX  64
#define CONSOLE_API        "/console/api/"

struct console_file {
	char path[128];
	const char *type;
	uint8_t *bytes;
	size_t n;
};

struct keel_console {
	struct keel_console_config config;
	char rp[256]; /* the origin's host */
	struct keel_fleet_store *store;
	struct console_file files[CONSOLE_FILES_MAX];
	size_t file_count;
	struct keel_http_route *routes;
	uint8_t *answer;  /* that is written now */
	uint8_t *strings; /* what the call says that is answered now */
};

/* What a call may say; the table of fields is in serve.c, and which call takes which in its row. */
struct console_ask {
	struct keel_bytes search, after, state, id, why, name;
	struct keel_bytes secret, credential, client, authenticator, signature;
	struct keel_bytes number, how, key, sealed;
	uint64_t before, behind, file, piece;
};
enum {
	ASK_SEARCH = 1 << 0,
	ASK_AFTER = 1 << 1,
	ASK_STATE = 1 << 2,
	ASK_ID = 1 << 3,
	ASK_WHY = 1 << 4,
	ASK_NAME = 1 << 5,
	ASK_SECRET = 1 << 6,
	ASK_CREDENTIAL = 1 << 7,
	ASK_CLIENT = 1 << 8,
	ASK_AUTHENTICATOR = 1 << 9,
	ASK_SIGNATURE = 1 << 10,
	ASK_BEFORE = 1 << 11,
	ASK_CASE = 1 << 12,
	ASK_HOW = 1 << 13,
	ASK_KEY = 1 << 14,
	ASK_SEALED = 1 << 15,
	ASK_BEHIND = 1 << 16,
	ASK_FILE = 1 << 17,
	ASK_PIECE = 1 << 18,
};

/* One call that is understood, and who makes it. */
struct console_act {
	struct keel_console *c;
	struct keel_http_call *call;
	int64_t now_s;
	struct console_ask ask;
	struct keel_fleet_operator op; /* who is signed in */
	struct keel_digest cookie;
};

/* --- answers: reply.c --- */

struct keel_json console_json(struct keel_console *c, struct keel_wr *w);
void console_reply(struct keel_http_call *call, const struct keel_wr *w, const char *field);
void console_refuse(
	struct keel_http_call *call, unsigned status, const char *word, const char *sentence);
void console_refuse_err(struct keel_http_call *call, enum keel_err e);

/* A member with bytes as hex. */
void console_hex(struct keel_json *j, const char *name, struct keel_bytes b);
/* Seconds since 1970, never below 0. */
void console_time(struct keel_json *j, const char *name, int64_t at_s);
/* before: where the page goes on; UINT64_MAX: it does not. */
void console_before(struct keel_json *j, uint64_t before);
/* The device that a call names, by its id of 16 bytes in hex. False: refused. */
bool console_device(const struct console_act *a, uint8_t id[KEEL_DEVICE_ID_LEN]);

/* --- jobs: what waits for the disk, job.c --- */

struct console_job {
	union { /* each begins with its write */
		struct keel_fleet_write write;
		struct keel_fleet_operator_add add;
		struct keel_fleet_sign_in sign_in;
		struct keel_fleet_operator_remove remove;
		struct keel_fleet_invite invite;
		struct keel_fleet_cookie cookie;
		struct keel_fleet_revoke revoke;
		struct keel_desk_reader_put reader;
		struct keel_desk_key_add key;
		struct keel_desk_copy_put copy;
		struct keel_desk_say say;
		struct keel_desk_turn turn;
	} job;
	struct keel_console *c;
	struct keel_http_call *call;                            /* NULL: whoever waited went */
	void (*done)(struct console_job *j);                    /* it is durable: answers */
	void (*failed)(struct console_job *j, enum keel_err e); /* NULL: as console_refuse_err */
	/* What the job points to. */
	struct keel_fleet_operator op;
	struct keel_passkey passkey;
	uint8_t challenge[KEEL_PASSKEY_CHALLENGE_LEN];
	char name[KEEL_FLEET_OPERATOR_MAX + 1];
	char why[KEEL_FLEET_DETAIL_MAX + 1];
	char link[KEEL_CONSOLE_LINK_MAX];
	char set_cookie[160];
	char number[KEEL_DESK_NUMBER_LEN + 1];
	struct keel_desk_copy own;
	size_t sealed_n;
	uint8_t sealed[]; /* what the call says of this name */
};

/* With its call held, and who does it; the store's operation then gets it. */
struct console_job *console_job_new(
	const struct console_act *a, void (*done)(struct console_job *j));
/* The answer that says nothing but that it is done. */
void console_done(struct console_job *j);

/* --- who is in: entry.c --- */

/* KEEL_ENONE: nobody. */
KEEL_CHECKED enum keel_err console_who(struct console_act *a);

void console_on_challenge(struct console_act *a);
void console_on_register(struct console_act *a);
void console_on_sign_in(struct console_act *a);
void console_on_sign_out(struct console_act *a);
void console_on_me(struct console_act *a);

/* --- operators.c --- */

void console_on_operators(struct console_act *a);
void console_on_invite(struct console_act *a);
void console_on_remove(struct console_act *a);
void console_on_audit(struct console_act *a);
void console_on_policy(struct console_act *a);

/* What a call names an operator by, copied into the job. False: refused. */
bool console_take_name(const struct console_act *a, char name[KEEL_FLEET_OPERATOR_MAX + 1]);
void console_refuse_name(struct keel_http_call *call);

/* --- desk.c: its keys --- */

void console_on_desk(struct console_act *a);
void console_on_desk_reader(struct console_act *a);
void console_on_desk_key(struct console_act *a);
void console_on_desk_copy(struct console_act *a);

/* --- cases.c --- */

void console_on_cases(struct console_act *a);
void console_on_case(struct console_act *a);
void console_on_case_piece(struct console_act *a);
void console_on_case_answer(struct console_act *a);
void console_on_case_note(struct console_act *a);
void console_on_case_state(struct console_act *a);

/* --- devices.c --- */

void console_on_devices(struct console_act *a);
void console_on_device(struct console_act *a);
void console_on_telemetry(struct console_act *a);
void console_on_device_events(struct console_act *a);
void console_on_events(struct console_act *a);
void console_on_odd(struct console_act *a);
void console_on_revoke(struct console_act *a);
void console_on_reinstate(struct console_act *a);

/* --- files.c --- */

void console_serve_file(struct keel_console *c, struct keel_http_call *call);

#endif

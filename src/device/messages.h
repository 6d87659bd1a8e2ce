/*
 * What the rooms of keeld say to each other: every message, its fields and its schema. A message is
 * the CBOR array [type, body]; who may send which one to whom stands in rooms.c. EN 303 645 5.13-1A.
 *
 * Every struct begins with `has` (core/schema.h). Views in a message that was read live until the
 * handler that got it returns.
 */
#ifndef KEEL_DEVICE_MESSAGES_H
#define KEEL_DEVICE_MESSAGES_H

#include "core/cbor.h"
#include "core/schema.h"

/** The longest message on a line, head and all. */
#define KEEL_MESSAGE_MAX 40960
#define KEEL_REQUEST_MAX 16384
#define KEEL_ANSWER_MAX  32768

enum keel_msg {
	MSG_READY = 1,    /* room → parent: open and confined */
	MSG_BAD_PEER = 2, /* room → parent: this peer sent what no line or schema allows */
	MSG_END =
		3, /* parent → room: a new end to a peer that was started anew (with a descriptor) */
	MSG_REQUEST = 10, /* door, uplink → vault */
	MSG_ANSWER = 11,  /* vault → door, uplink */
	MSG_COMMAND = 20, /* vault → app */
	MSG_KEPT = 21,    /* vault → app */
	MSG_DATUM = 22,   /* vault → app */
	MSG_FORGET = 23, /* vault → app: what the program remembers from before a deletion goes */
	MSG_HELLO = 30,  /* app → vault: started; commands not yet done are sent (again) */
	MSG_DONE = 31,   /* app → vault */
	MSG_REPORT = 32, /* app → vault */
	MSG_KEEP = 33,   /* app → vault */
	MSG_RECALL = 34, /* app → vault */
	MSG_ALIVE = 35, /* app → parent: its step was done; the next word comes within this time */
	MSG_EVENT = 40,   /* monitor → vault */
	MSG_COUNT = 41,   /* door, vault → monitor */
	MSG_WHOSE = 42,   /* monitor → parent */
	MSG_PROCESS = 43, /* parent → monitor */
	MSG_STARTED = 44, /* parent → monitor */
	MSG_FILES = 45,   /* monitor → vault: the installed files against the maker's list */
	MSG_BUTTON = 50,  /* parent → vault */
	MSG_FACTS = 51,  /* parent → vault, monitor: what was measured, which walls are missing */
	MSG_STATE = 52,  /* vault → parent, monitor: decides which interfaces are open */
	MSG_ATTEST = 60, /* uplink → vault: a session with the maker's service is being opened */
	MSG_ATTESTED = 61, /* vault → uplink: what it is opened with */
	MSG_SESSION = 62,  /* uplink → vault: it is open */
	MSG_RENEW = 63,    /* vault → uplink: what the session was opened with is true no more */
	MSG_OUT = 64,      /* vault → uplink: a report to send, each once a session, in order */
	MSG_TAKEN = 65,    /* uplink → vault: the service has them, up to this number */
	MSG_NOTICE = 66,   /* uplink → vault: what the maker tells owners, from the inbox */
	MSG_NOTED = 67,    /* vault → uplink: taken, up to this number */
};

/** A room's wall: what stands between it and the rest of the device. */
enum keel_wall {
	WALL_USER,     /* a user of its own */
	WALL_NETWORK,  /* an empty network namespace */
	WALL_FILES,    /* Landlock: the paths of its row and no others */
	WALL_TRUNCATE, /* Landlock ABI 3: emptying a file is refused too */
	WALL_SCOPE,    /* Landlock ABI 6: no signal and no abstract socket to the outside */
	WALL_SYSCALLS, /* seccomp: the calls of its row and no others */
	WALL_LIMITS,   /* rlimits */
	WALL_COUNT
};
/** "user", "network", …; NULL ends them. */
extern const char *const keel_wall_words[WALL_COUNT + 1];

/*
 * How often the home's data were deleted. MSG_FORGET: now. MSG_HELLO: as far as the program's memory
 * knows, so that one that was away at a deletion is told afterwards.
 */
struct msg_deletions {
	uint32_t has;
	uint64_t deletions;
};

struct msg_ready {
	uint32_t has;
	struct keel_list missing; /* of keel_wall_item: walls that this system could not build */
};
extern const struct keel_row keel_wall_item; /* uint64_t, an enum keel_wall */

struct msg_bad_peer { /* and MSG_END */
	uint32_t has;
	uint64_t room; /* enum keel_room_id */
	uint64_t life; /* which start of it: an old complaint ends no new process */
};

enum keel_path { PATH_HELLO, PATH_CLAIM, PATH_REQUEST, PATH_INTERROGATE, PATH_COUNT };
extern const char *const keel_path_words[PATH_COUNT + 1];

struct msg_request {
	uint32_t has;
	uint64_t id;            /* the sender's; the answer carries it */
	uint64_t path;          /* enum keel_path */
	struct keel_bytes from; /* text: the address that asks, for the delay after wrong codes */
	struct keel_bytes body; /* unopened */
};

struct msg_answer {
	uint32_t has;
	uint64_t id;
	uint64_t status; /* of HTTP */
	struct keel_bytes body;
};

struct msg_field { /* a tuple [name, value] */
	uint32_t has;
	struct keel_bytes name;
	int64_t value; /* thousandths of its unit */
};
extern const struct keel_schema keel_schema_field;
extern const struct keel_row keel_field_item; /* for keel_list_next */
#define KEEL_FIELDS_MAX    16
#define KEEL_FIELD_ENCODED 80 /* one of them needs no more */

struct msg_command {
	uint32_t has;
	uint64_t number;           /* MSG_DONE names it */
	struct keel_bytes message; /* the declared name */
	struct keel_list fields;   /* of keel_field_item */
	int64_t time;              /* when it was accepted, Unix s; 0: not known */
	struct keel_bytes person;  /* text; may be absent */
};
enum { COMMAND_NUMBER, COMMAND_MESSAGE, COMMAND_FIELDS, COMMAND_TIME, COMMAND_PERSON };

struct msg_done {
	uint32_t has;
	uint64_t number;
};

struct msg_report { /* what the program's step reported, in its order */
	uint32_t has;
	struct keel_list values; /* of keel_field_item */
};
#define KEEL_REPORTS_MAX 32

struct msg_keep {
	uint32_t has;
	uint64_t id;
	struct keel_bytes datum;
	struct keel_bytes value;
	uint64_t deletions;       /* that the program knew of: what it kept before one stays gone */
	struct keel_bytes person; /* may be absent */
};
enum { KEEP_ID, KEEP_DATUM, KEEP_VALUE, KEEP_DELETIONS, KEEP_PERSON };

struct msg_kept {
	uint32_t has;
	uint64_t id;
	uint64_t err; /* enum keel_err */
};

struct msg_recall {
	uint32_t has;
	uint64_t id;
	struct keel_bytes datum;
	struct keel_bytes person; /* may be absent */
};
enum { RECALL_ID, RECALL_DATUM, RECALL_PERSON };

struct msg_datum {
	uint32_t has;
	uint64_t id;
	uint64_t err;            /* enum keel_err; KEEL_ENONE: nothing is kept */
	struct keel_bytes value; /* absent unless err is KEEL_OK */
};
enum { DATUM_ID, DATUM_ERR, DATUM_VALUE };

struct msg_alive {
	uint32_t has;
	uint64_t
		within_ms; /* the parent starts the app anew when twice this time passed in silence */
};

/** What the monitor tells the owner. */
enum keel_event_word {
	EVENT_UNDECLARED_PORT, /* a socket is open that no interface declares */
	EVENT_PORT_GONE,       /* that one was closed again */
	EVENT_FILE_CHANGED,    /* an installed file is not the one that was built */
	EVENT_FILE_MISSING,
	EVENT_UNDECLARED_PROCESS, /* a process of the device's that is none of its rooms */
	EVENT_ROOM_RESTARTED,     /* a room ended and was started anew */
	EVENT_ROOM_RESTLESS,      /* it does so again and again */
	EVENT_MANY_REFUSED,       /* many requests were refused in a short time */
	EVENT_MANY_MALFORMED,
	EVENT_MANY_WRONG_CODES,
	EVENT_MANY_LIMITED, /* many connections were turned away */
	EVENT_WORD_COUNT
};
extern const char *const keel_event_words[EVENT_WORD_COUNT + 1]; /* "undeclared-port", … */

struct msg_event {
	uint32_t has;
	uint64_t word;            /* enum keel_event_word */
	struct keel_bytes detail; /* text: "tcp 0.0.0.0:9999 by nc (4711)" */
};

enum keel_counted {
	COUNT_REFUSED,    /* a request that the vault refused */
	COUNT_WRONG_CODE, /* a claim under a wrong code */
	COUNT_MALFORMED,  /* no HTTP, or no message of ours */
	COUNT_LIMITED,    /* a client that ran into a limit */
	COUNT_COUNT
};
extern const char *const keel_counted_words[COUNT_COUNT + 1];

struct msg_count {
	uint32_t has;
	uint64_t what; /* enum keel_counted */
	uint64_t n;
};

struct msg_whose {
	uint32_t has;
	uint64_t inode; /* of a socket */
};

struct msg_process {
	uint32_t has;
	uint64_t inode;
	uint64_t pid; /* 0: nobody that the parent can see */
	struct keel_bytes name;
};

struct msg_started {
	uint32_t has;
	uint64_t room; /* enum keel_room_id */
	uint64_t pid;
	uint64_t restarts;
	uint64_t user; /* its own; 0: it shares the parent's */
};

struct msg_files {
	uint32_t has;
	bool listed;    /* there is a list, and it is the maker's for this declaration */
	uint64_t wrong; /* files that are not as it says, at the last look */
};

enum keel_button { BUTTON_PRESSED, BUTTON_HELD, BUTTON_COUNT };
extern const char *const keel_button_words[BUTTON_COUNT + 1];

struct msg_button {
	uint32_t has;
	uint64_t how; /* enum keel_button */
};

struct msg_program { /* a tuple [name, digest] */
	uint32_t has;
	struct keel_bytes name;   /* "keeld", "app", "product.cbor" */
	struct keel_bytes sha256; /* of the file that runs, hashed before it did */
};
extern const struct keel_schema keel_schema_program;
extern const struct keel_row keel_program_item;

struct msg_gap { /* a tuple [room, wall]: this room lacks this wall */
	uint32_t has;
	uint64_t room;
	uint64_t wall;
};
extern const struct keel_schema keel_schema_gap;
extern const struct keel_row keel_gap_item;

struct msg_facts {
	uint32_t has;
	struct keel_list programs; /* of keel_program_item */
	struct keel_list missing;  /* of keel_gap_item */
	struct keel_list extended; /* of keel_program_item: the log that the TPM's PCR holds */
};
enum { FACTS_EXTENDED = 2 }; /* its row, for has */

/** The device's states, with the numbers of docs/protocol.md. */
enum keel_state { STATE_FACTORY, STATE_SETUP, STATE_OPERATION, STATE_ISOLATED, STATE_COUNT };
extern const char *const keel_state_words[STATE_COUNT + 1];

struct msg_state {
	uint32_t has;
	uint64_t state; /* enum keel_state */
};

/* docs/service.md has what these carry. */
#define KEEL_OUT_MAX 1024 /* a report's payload */

struct msg_attest {
	uint32_t has;
	uint64_t id;              /* the sender's; the answer carries it */
	struct keel_bytes nonce;  /* the service's */
	struct keel_bytes origin; /* whom the statement is for */
	struct keel_bytes key;    /* the public point of the session's key, x ‖ y */
};

struct msg_attested {
	uint32_t has;
	uint64_t id;
	struct keel_bytes device, home; /* home: empty where nobody owns the device */
	struct keel_bytes statement, endorsement;
	struct keel_bytes owners; /* absent where nobody owns the device */
	struct keel_bytes nonce;  /* the device's, for the service's time */
};
enum { ATTESTED_OWNERS = 5 }; /* its row */

struct msg_session {
	uint32_t has;
	uint64_t taken;            /* the last report of this home that the service has */
	struct keel_bytes voucher; /* of the key that signed the time */
	struct keel_bytes time;
};

struct msg_nothing { /* MSG_RENEW */
	uint32_t has;
};

struct msg_out {
	uint32_t has;
	uint64_t number;
	uint64_t kind; /* enum keel_report_kind */
	int64_t time;  /* 0: not known */
	struct keel_bytes payload;
	uint64_t dropped; /* reports of this home that went for want of room, so far */
};

struct msg_taken { /* and MSG_NOTED */
	uint32_t has;
	uint64_t number;
};

struct msg_notice { /* session/notice.h has what it may say; the vault holds it to that */
	uint32_t has;
	uint64_t number; /* of the item */
	uint64_t code;
	struct keel_bytes about; /* text */
};

/** Room for the struct of any message. */
union keel_body {
	uint32_t has;
	struct msg_ready ready;
	struct msg_bad_peer bad_peer;
	struct msg_request request;
	struct msg_answer answer;
	struct msg_command command;
	struct msg_deletions deletions;
	struct msg_done done;
	struct msg_report report;
	struct msg_keep keep;
	struct msg_kept kept;
	struct msg_recall recall;
	struct msg_datum datum;
	struct msg_event event;
	struct msg_count count;
	struct msg_process process;
	struct msg_started started;
	struct msg_files files;
	struct msg_facts facts;
	struct msg_attest attest;
	struct msg_attested attested;
	struct msg_session session;
	struct msg_nothing nothing;
	struct msg_out out;
	struct msg_taken taken;
	struct msg_notice notice;
	uint64_t largest[16];
};

/** The schema of a message, or NULL for a number that is none. */
const struct keel_schema *keel_message_schema(uint64_t msg);
/** "request", "answer", …, or "unknown". */
const char *keel_message_word(uint64_t msg);
/** The n-th message there is, from 0; 0 after the last: for tests and the fuzzer. */
enum keel_msg keel_message_at(size_t n);

/**
 * Reads the head [type, …] and leaves the body's encoding in *body.
 * KEEL_ESHORT, KEEL_EFORM; nothing is known of the body yet.
 */
KEEL_CHECKED enum keel_err keel_message_head(
	struct keel_bytes in, uint64_t *msg, struct keel_bytes *body);
/** Writes [msg, body]. KEEL_ERANGE in w: a value that the schema forbids. */
void keel_message_write(enum keel_msg msg, const void *body, struct keel_wr *w);

#endif

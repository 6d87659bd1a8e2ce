/*
 * The operators of the maker's service, as the store keeps them: their passkeys, the one-time links
 * that they come in by, and who is signed in at the console. There is no password, and no operator
 * from the beginning (EN 303 645 5.1). Jobs and reads are as in store.h; each action is in the audit log.
 *
 * Of a link's secret and of a session's cookie only the SHA-256 is kept: a copy of the database lets
 * nobody in. Sessions are in the database, so that any worker knows them and a restart ends none.
 */
#ifndef KEEL_FLEET_OPERATORS_H
#define KEEL_FLEET_OPERATORS_H

#include "fleet/store.h"

#define KEEL_FLEET_OPERATOR_MAX 40    /* bytes of a name */
#define KEEL_PASSKEY_ID_MAX     1023  /* of a credential id, WebAuthn §4 */
#define KEEL_INVITATION_S       86400 /* how long a link is good */
#define KEEL_SIGNED_IN_IDLE_S   900   /* a session without a call ends */
#define KEEL_SIGNED_IN_S        28800 /* eight hours: it ends anyway */

/** A public key credential of WebAuthn: ES256, and how often it has signed. */
struct keel_passkey {
	uint8_t id[KEEL_PASSKEY_ID_MAX];
	size_t id_n;
	struct keel_p256_pub key;
	uint32_t count; /* 0: this authenticator does not count */
};

struct keel_fleet_operator {
	int64_t row;
	char name[KEEL_FLEET_OPERATOR_MAX + 1];
	struct keel_passkey passkey;
	int64_t added_s;
	int64_t seen_s;    /* last signed in */
	int64_t removed_s; /* 0: is one */
};

/** Whether this may name an operator: 1 to 40 bytes of UTF-8 without control characters, and
 * none that the audit log uses itself: service, reporter, cli:... */
bool keel_fleet_operator_name_fits(struct keel_bytes name);

/* --- links ----------------------------------------------------------------------------------- */

struct keel_fleet_invite {
	struct keel_fleet_write write;
	const char *who;
	int64_t now_s;
	const char *name; /* of who comes; "": whoever comes says it, for the first one */
	struct keel_digest secret;
};
/** An earlier link for the same name is void. KEEL_ESTATE: there is an operator of this name. */
void keel_fleet_invite(struct keel_fleet_store *s, struct keel_fleet_invite *j);

/** KEEL_ENONE: no such link, or it is used, or over. */
KEEL_CHECKED enum keel_err keel_fleet_invitation_find(struct keel_fleet_store *s,
	const struct keel_digest *secret, int64_t now_s, char name[KEEL_FLEET_OPERATOR_MAX + 1]);

/* --- coming in ------------------------------------------------------------------------------- */

/** What registering and signing in have in common: a challenge that serves once, a session that begins. */
struct keel_fleet_entry {
	struct keel_bytes challenge;
	int64_t challenge_until_s;
	struct keel_digest cookie;
};

struct keel_fleet_operator_add {
	struct keel_fleet_write write;
	int64_t now_s;
	struct keel_fleet_entry entry;
	struct keel_digest secret; /* of the link */
	const char *name;          /* the link's, where it has one */
	const struct keel_passkey *passkey;
};
/**
 * Uses the link up, adds the operator and signs them in, or does nothing. KEEL_ENONE: no such link.
 * KEEL_ESTALE: the challenge was used. KEEL_ESTATE: the name or the passkey is another's.
 */
void keel_fleet_operator_add(struct keel_fleet_store *s, struct keel_fleet_operator_add *j);

/** KEEL_ENONE: no operator has this credential (any more). */
KEEL_CHECKED enum keel_err keel_fleet_operator_by_passkey(
	struct keel_fleet_store *s, struct keel_bytes id, struct keel_fleet_operator *out);

struct keel_fleet_sign_in {
	struct keel_fleet_write write;
	int64_t now_s;
	struct keel_fleet_entry entry;
	const struct keel_fleet_operator *op; /* as found */
	uint32_t count;                       /* as this signature says */
	bool copied;                          /* written */
};
/**
 * With KEEL_OK and `copied` nobody is in: the passkey's count does not rise, so there is a copy of it
 * (WebAuthn §6.1.1), and that is in the audit log. KEEL_ESTALE: the challenge was used. KEEL_EAUTH: the
 * operator was removed meanwhile.
 */
void keel_fleet_sign_in(struct keel_fleet_store *s, struct keel_fleet_sign_in *j);

/* --- being in -------------------------------------------------------------------------------- */

/** idle_s: when it ends without another call. KEEL_ENONE: nobody is signed in by this cookie. */
KEEL_CHECKED enum keel_err keel_fleet_signed_in(struct keel_fleet_store *s,
	const struct keel_digest *cookie, int64_t now_s, struct keel_fleet_operator *out,
	int64_t *idle_s);

struct keel_fleet_cookie {
	struct keel_fleet_write write;
	const char *who;
	int64_t now_s;
	struct keel_digest cookie;
};
/** There was a call: the idle time begins anew. */
void keel_fleet_stay(struct keel_fleet_store *s, struct keel_fleet_cookie *j);
void keel_fleet_sign_out(struct keel_fleet_store *s, struct keel_fleet_cookie *j);

/* --- all of them ----------------------------------------------------------------------------- */

/** Those who are, by name, and then those who were. */
KEEL_CHECKED enum keel_err keel_fleet_operators(struct keel_fleet_store *s,
	void (*each)(void *self, const struct keel_fleet_operator *op), void *self);
/** How many there are. */
KEEL_CHECKED enum keel_err keel_fleet_operators_count(struct keel_fleet_store *s, uint64_t *out);

struct keel_fleet_operator_remove {
	struct keel_fleet_write write;
	const char *who;
	int64_t now_s;
	const char *name;
};
/** Ends their sessions, too, and what they read reports by. KEEL_ENONE. KEEL_ESTATE: the last one stays; add another before. */
void keel_fleet_operator_remove(struct keel_fleet_store *s, struct keel_fleet_operator_remove *j);

#endif

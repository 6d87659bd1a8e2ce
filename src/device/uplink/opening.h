/*
 * How a session with the maker's service opens, and what is held while it lasts: docs/service.md,
 * Opening a session, from the device's side. Bytes in, bytes out; who carries them is room.c.
 *
 * What the service sends is believed only as far as the service root vouches for it: the keys by the
 * voucher, the token by those keys, for this origin, this device and the key C made here a moment before.
 * EN 303 645 5.5-1, 5.5-5.
 */
#ifndef KEEL_DEVICE_UPLINK_OPENING_H
#define KEEL_DEVICE_UPLINK_OPENING_H

#include "device/messages.h"
#include "session/call.h"
#include "session/open.h"
#include "session/token.h"

struct keel_opening {
	char origin[KEEL_ORIGIN_MAX + 1];
	struct keel_p256_pub root;

	/* Of the session that is being opened. */
	uint64_t id;              /* of the question to the vault */
	struct keel_p256_key own; /* C */
	struct keel_service_keys keys;
	uint8_t nonce[KEEL_SESSION_NONCE_LEN];
	uint8_t voucher[KEEL_VOUCHER_MAX];
	size_t voucher_n;

	/* Of the one that is open. */
	uint8_t device[KEEL_DEVICE_ID_LEN], home[KEEL_HOME_ID_LEN];
	size_t home_n; /* 0: nobody owns the device */
	uint8_t token[KEEL_TOKEN_MAX];
	size_t token_n;
	struct keel_key key;
};

/** KEEL_ERANGE: an origin that is longer than a token can name. */
KEEL_CHECKED enum keel_err keel_opening_init(
	struct keel_opening *o, struct keel_bytes origin, const struct keel_p256_pub *root);
/** Wipes what is secret. */
void keel_opening_clear(struct keel_opening *o);

/**
 * The answer of /v1/session/nonce. Makes C. now: Unix seconds, 0 where they are not known.
 * KEEL_EAUTH, KEEL_ESTALE: the root does not vouch for these keys, or no more. KEEL_EFORM and its like.
 */
KEEL_CHECKED enum keel_err keel_opening_nonce(
	struct keel_opening *o, struct keel_bytes body, int64_t now);
/** What the vault is asked next. Views into o. */
struct msg_attest keel_opening_question(struct keel_opening *o);
/**
 * Its answer becomes the body of /v1/session. KEEL_ESTALE: the answer to another question.
 */
KEEL_CHECKED enum keel_err keel_opening_attested(
	struct keel_opening *o, const struct msg_attested *in, struct keel_wr *w);
/**
 * The answer of /v1/session; from now on keel_opening_caller calls. KEEL_EAUTH: a token that is not of
 * these keys, or of another origin, device, home or C. Views live as long as body.
 */
KEEL_CHECKED enum keel_err keel_opening_session(
	struct keel_opening *o, struct keel_bytes body, struct keel_open_result *out);

/** In whose name calls are made. Views into o. */
struct keel_caller keel_opening_caller(const struct keel_opening *o);

#endif

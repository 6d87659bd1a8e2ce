/* Sizes and numbers that every message between owner and device shares. docs/protocol.md. */
#ifndef KEEL_OWNER_NAMES_H
#define KEEL_OWNER_NAMES_H

#include "core/schema.h"
#include "crypto/purpose.h"

#define KEEL_BODY_MAX          16384 /* of a request, and of its answer */
#define KEEL_PADDING_MAX       511   /* zeros in either, beyond that: owner/pad.h */
#define KEEL_NONCE_LEN         32    /* of hello and claim */
#define KEEL_REQUEST_NONCE_LEN 16
#define KEEL_CHALLENGE_LEN     16
#define KEEL_INVITATION_LEN    8
#define KEEL_SECRET_LEN        16
#define KEEL_PERSON_NAME_MAX   40
#define KEEL_NAME_MAX          64 /* a declared name: message, field, datum, telemetry */

enum keel_role { KEEL_ROLE_OWNER = 0, KEEL_ROLE_GUEST = 1, KEEL_ROLE_COUNT };
/** "owner", "guest". */
const char *keel_role_word(uint64_t role);

/** Whose a message is: what its envelope must name. Empty views where there is none. */
struct keel_names {
	struct keel_bytes device, home, recipient;
};

/**
 * A body by its schema, in the envelope of a purpose: the payload to sign, MAC or seal.
 * KEEL_ERANGE: a value that the schema forbids. KEEL_EFULL.
 */
KEEL_CHECKED enum keel_err keel_payload_write(enum keel_purpose purpose,
	const struct keel_names *names, const struct keel_schema *schema, const void *body,
	struct keel_wr *w);

/**
 * Reads such a payload, verified or opened before. Views live as long as it.
 * KEEL_EAUTH: of another purpose, device, home or recipient. KEEL_ESHORT, KEEL_EFORM, KEEL_ERANGE.
 */
KEEL_CHECKED enum keel_err keel_payload_read(enum keel_purpose purpose,
	const struct keel_names *names, const struct keel_schema *schema, struct keel_bytes payload,
	void *body);

/** A list made by hand: writes items one by one into a writer, then gives the row's value. */
struct keel_list_maker {
	struct keel_wr w;
	size_t count;
};
struct keel_list_maker keel_list_maker_of(void *buf, size_t cap);
/** Adds one item by its schema; false, and nothing changed, where it has no room or no right form. */
bool keel_list_put(struct keel_list_maker *m, const struct keel_schema *schema, const void *item);
bool keel_list_put_text(struct keel_list_maker *m, struct keel_bytes text);
struct keel_list keel_list_made(const struct keel_list_maker *m);

#endif

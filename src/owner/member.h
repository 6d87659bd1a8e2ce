/*
 * An owner's (or guest's) side of the protocol: their keys, the home that they belong to, and each
 * message that they write and read. No I/O: `keel owner`, the drill and the tests carry the bytes.
 * docs/protocol.md.
 */
#ifndef KEEL_OWNER_MEMBER_H
#define KEEL_OWNER_MEMBER_H

#include "owner/claim.h"
#include "owner/label.h"
#include "owner/ops.h"
#include "owner/request.h"

/** Who somebody is in one home. Secret in part; wiped by keel_member_wipe. */
struct keel_member {
	struct keel_p256_key sign, agree;               /* O */
	uint8_t thumbprint[KEEL_THUMBPRINT_LEN];        /* OT */
	struct keel_p256_pub device_sign, device_agree; /* D */
	uint8_t device[KEEL_THUMBPRINT_LEN];            /* DT */
	uint8_t id[KEEL_DEVICE_ID_LEN];
	uint8_t home[KEEL_HOME_ID_LEN];
	struct keel_key shared; /* of O.agree and D.agree */
	uint64_t role;
	uint64_t counter; /* the last one used */
};
void keel_member_wipe(struct keel_member *m);

/** What stands between a claim that was sent and its welcome: kept, so that a cut claim is finished. */
struct keel_entry {
	struct keel_member member; /* home, role not known yet */
	uint64_t purpose;          /* KEEL_FOR_CLAIM, _JOIN, _RECOVER or _RETURN */
	uint8_t key[32];           /* K, or the invitation's secret */
	uint64_t key_len;
	uint8_t device_nonce[KEEL_NONCE_LEN];
	uint8_t app_nonce[KEEL_NONCE_LEN];
};
void keel_entry_wipe(struct keel_entry *e);

/**
 * Begins a claim, a recovery or a return: checks that hello's D is the label's, makes O, writes the claim.
 * KEEL_EAUTH: another device answers than the label's. KEEL_EFORM: hello is no hello.
 */
KEEL_CHECKED enum keel_err keel_entry_claim(const struct keel_label *label,
	enum keel_purpose purpose, struct keel_bytes hello, struct keel_entry *e,
	struct keel_wr *w);
/** The same by an invitation (encoded, docs/protocol.md). */
KEEL_CHECKED enum keel_err keel_entry_join(struct keel_bytes invitation, struct keel_bytes hello,
	struct keel_entry *e, struct keel_wr *w);
/** Ends it: verifies both halves of the welcome; only then `out` is a member. KEEL_EAUTH. */
KEEL_CHECKED enum keel_err keel_entry_welcome(
	const struct keel_entry *e, struct keel_bytes welcome, struct keel_member *out);

/** A request that only reads. args by the op's schema (owner/request.h); nonce is made here. */
KEEL_CHECKED enum keel_err keel_member_ask(const struct keel_member *m, const struct keel_op *op,
	const void *args, uint8_t nonce[KEEL_REQUEST_NONCE_LEN], struct keel_wr *w);
/** A request that changes something: signed, with a challenge of the device and the next counter. */
KEEL_CHECKED enum keel_err keel_member_change(struct keel_member *m, const struct keel_op *op,
	const void *args, struct keel_bytes challenge, uint8_t nonce[KEEL_REQUEST_NONCE_LEN],
	struct keel_wr *w);
/**
 * Opens an answer into buf (KEEL_BODY_MAX·2) and checks that it answers this nonce.
 * KEEL_EAUTH: not from the device, or to another question.
 */
KEEL_CHECKED enum keel_err keel_member_answer(const struct keel_member *m,
	const uint8_t nonce[KEEL_REQUEST_NONCE_LEN], struct keel_bytes sealed, uint8_t *buf,
	struct keel_request_answer *out);
/** A statement, receipt or list that the device signed: gives its body. KEEL_EAUTH. */
KEEL_CHECKED enum keel_err keel_member_verify(const struct keel_member *m,
	enum keel_purpose purpose, const struct keel_schema *schema, struct keel_bytes sign1,
	void *body);

/** A member as bytes for a file that only they can read, and back. */
#define KEEL_MEMBER_FILE_MAX 512
KEEL_CHECKED enum keel_err keel_member_write(const struct keel_member *m, struct keel_wr *w);
KEEL_CHECKED enum keel_err keel_member_read(struct keel_bytes in, struct keel_member *out);

/**
 * A claim under way as bytes, with what was sent: for the same kind of file, kept until the welcome
 * is there. It holds the label's or invitation's key. `sent` is a view into `in`.
 */
#define KEEL_CLAIM_BYTES_MAX 2048
#define KEEL_ENTRY_FILE_MAX  (KEEL_CLAIM_BYTES_MAX + 512)
KEEL_CHECKED enum keel_err keel_entry_write(
	const struct keel_entry *e, struct keel_bytes sent, struct keel_wr *w);
KEEL_CHECKED enum keel_err keel_entry_read(
	struct keel_bytes in, struct keel_entry *out, struct keel_bytes *sent);

#endif

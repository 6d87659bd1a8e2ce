/*
 * A report of a vulnerability as it is sealed: what a reporter and the maker's desk say to each other,
 * and the service between them cannot read. docs/report.md has it byte by byte; EN 303 645 5.2-1.
 *
 * A reporter's page makes a secret, which is the private link. From it come a token, which shows the
 * service whose case it is, and the case's key, under which both sides write. The key travels once, in
 * the opening, sealed to the desk: its private half is in operators' browsers only.
 */
#ifndef KEEL_DESK_SEALED_H
#define KEEL_DESK_SEALED_H

#include "owner/names.h"

#define KEEL_CASE_SECRET_LEN   32
#define KEEL_CASE_TOKEN_LEN    32
#define KEEL_CASE_TEXT_MAX     32768
#define KEEL_CASE_PRODUCT_MAX  64
#define KEEL_CASE_CONTACT_MAX  200
#define KEEL_CASE_FILE_MAX     100         /* of a file's name */
#define KEEL_CASE_PIECE_MAX    61440       /* of a file: what travels at once */
#define KEEL_CASE_FILES_MAX    (25u << 20) /* all files of a case */
#define KEEL_CASE_SEALED_EXTRA 512 /* what name, envelope and seal add to a text or a piece */
#define KEEL_CASE_OPENING_MAX  512

/** Who wrote a message. Values are sealed, and stored. */
enum keel_case_who { KEEL_CASE_REPORTER = 0, KEEL_CASE_DESK = 1, KEEL_CASE_WHO_COUNT };

/** What follows from the link's secret: HKDF-SHA-256, salt empty, "keel case token" and "keel case key". */
void keel_case_derive(const uint8_t secret[KEEL_CASE_SECRET_LEN],
	uint8_t token[KEEL_CASE_TOKEN_LEN], struct keel_key *key);

/** The name of a desk's key: SHA-256 of x ‖ y. */
void keel_desk_kid(const struct keel_p256_pub *pub, struct keel_digest *out);

/** The case's key, sealed to the desk (COSE Encrypt, ECDH-ES). KEEL_EAUTH: that is no desk's key. */
KEEL_CHECKED enum keel_err keel_case_opening_write(
	const struct keel_p256_pub *desk, const struct keel_key *key, struct keel_wr *w);
/** By who holds the desk's private half. KEEL_EAUTH; and as every reader below: KEEL_ESHORT, KEEL_EFORM, KEEL_ERANGE. */
KEEL_CHECKED enum keel_err keel_case_opening_read(
	const struct keel_p256_key *desk, struct keel_bytes in, struct keel_key *key);

/** Texts are UTF-8 as their writer's page sent them, line breaks included: to be shown as text only. */
struct keel_case_message {
	uint32_t has;
	uint64_t who; /* enum keel_case_who */
	int64_t time_s;
	struct keel_bytes text;
	struct keel_bytes product; /* in the reporter's words; empty: not said */
	struct keel_bytes
		contact; /* where to write to, if the reporter wants that; empty: nowhere */
};

/** COSE Encrypt0 under the case's key. */
KEEL_CHECKED enum keel_err keel_case_message_write(
	const struct keel_key *key, const struct keel_case_message *m, struct keel_wr *w);
/** plain: in.n bytes; the message's views live as long. */
KEEL_CHECKED enum keel_err keel_case_message_read(const struct keel_key *key, struct keel_bytes in,
	uint8_t *plain, struct keel_case_message *out);

/** A part of a file; in all parts of one the name and the count are the same. */
struct keel_case_piece {
	uint32_t has;
	uint64_t file, piece, of; /* from 0; of: how many pieces make the file */
	struct keel_bytes name;
	struct keel_bytes bytes;
};

KEEL_CHECKED enum keel_err keel_case_piece_write(
	const struct keel_key *key, const struct keel_case_piece *p, struct keel_wr *w);
KEEL_CHECKED enum keel_err keel_case_piece_read(const struct keel_key *key, struct keel_bytes in,
	uint8_t *plain, struct keel_case_piece *out);

/** What operators write for each other: to the desk's key, so that the reporter does not read it. */
struct keel_case_note {
	uint32_t has;
	int64_t time_s;
	struct keel_bytes text;
};

KEEL_CHECKED enum keel_err keel_case_note_write(
	const struct keel_p256_pub *desk, const struct keel_case_note *n, struct keel_wr *w);
KEEL_CHECKED enum keel_err keel_case_note_read(const struct keel_p256_key *desk,
	struct keel_bytes in, uint8_t *plain, struct keel_case_note *out);

/** The desk's private half, for one operator: sealed to the key that only this operator opens. */
KEEL_CHECKED enum keel_err keel_desk_copy_write(
	const struct keel_p256_pub *reader, const struct keel_p256_key *desk, struct keel_wr *w);
/** KEEL_ERANGE: what was in it is no private key. */
KEEL_CHECKED enum keel_err keel_desk_copy_read(
	const struct keel_p256_key *reader, struct keel_bytes in, struct keel_p256_key *desk);

/** An operator's own private half, for the service to keep: under a key from passkey or code. */
KEEL_CHECKED enum keel_err keel_reader_wrap(
	const struct keel_key *key, const struct keel_p256_key *reader, struct keel_wr *w);
KEEL_CHECKED enum keel_err keel_reader_unwrap(
	const struct keel_key *key, struct keel_bytes in, struct keel_p256_key *reader);

#endif

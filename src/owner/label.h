/*
 * The label of a unit: its id, the thumbprint of its keys, and the claim code. EN 303 645 5.1-1, 5.1-2.
 *
 * The code is 100 random bits as 20 characters of Crockford's base 32, in five groups and a check
 * character: XXXX-XXXX-XXXX-XXXX-XXXX-C. It is read as people write: case does not matter, I and L
 * are 1, O is 0, dashes and spaces are skipped. The check finds every wrong character and every
 * swap of two. docs/protocol.md, The label.
 */
#ifndef KEEL_OWNER_LABEL_H
#define KEEL_OWNER_LABEL_H

#include "crypto/purpose.h"

#define KEEL_CODE_CHARS      20
#define KEEL_CODE_TEXT_SIZE  27 /* with dashes, check and NUL */
#define KEEL_CODE_ROUNDS     600000
#define KEEL_LABEL_TEXT_SIZE 108 /* "KEEL1:", 26, ':', 52, ':', 21 characters and NUL */
#define KEEL_ID_TEXT_SIZE    27  /* a device id in base 32, and NUL */

/** A claim code: 20 characters in upper case, without dashes and check. A secret; no printer but _write. */
struct keel_code {
	char c[KEEL_CODE_CHARS];
};

/** A fresh one, from the system's generator. */
void keel_code_make(struct keel_code *out);
/** Reads what a person typed. KEEL_ESHORT: too few characters. KEEL_EFORM: too many, or one that no
 * code has. KEEL_ERANGE: the check character does not fit: a character is wrong. */
KEEL_CHECKED enum keel_err keel_code_read(struct keel_bytes text, struct keel_code *out);
/** In groups, with its check character and a NUL. */
void keel_code_write(const struct keel_code *code, char out[KEEL_CODE_TEXT_SIZE]);
/** K, all that the device keeps of it: PBKDF2-HMAC-SHA-256, salted with the id. Slow by intent. */
void keel_code_key(
	const struct keel_code *code, const uint8_t id[KEEL_DEVICE_ID_LEN], struct keel_key *out);
void keel_code_wipe(struct keel_code *code);

struct keel_label {
	uint8_t id[KEEL_DEVICE_ID_LEN];
	uint8_t thumbprint[KEEL_THUMBPRINT_LEN];
	struct keel_code code;
};

/** What the QR code holds: KEEL1:id:thumbprint:code. Wipe it like the code. */
void keel_label_write(const struct keel_label *label, char out[KEEL_LABEL_TEXT_SIZE]);
/** KEEL_EFORM: no such text. Codes as keel_code_read. */
KEEL_CHECKED enum keel_err keel_label_read(struct keel_bytes text, struct keel_label *out);
void keel_label_wipe(struct keel_label *label);

/** A device id as people see it: 26 characters of base 32 (RFC 4648), and a NUL. */
void keel_id_write(const uint8_t id[KEEL_DEVICE_ID_LEN], char out[KEEL_ID_TEXT_SIZE]);
/** KEEL_EFORM: not 26 characters of it, or bits left over that are not zero. Case does not matter. */
KEEL_CHECKED enum keel_err keel_id_read(struct keel_bytes text, uint8_t out[KEEL_DEVICE_ID_LEN]);

#endif

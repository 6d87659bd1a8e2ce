/*
 * Writes JSON (RFC 8259): commas, indentation and escapes by itself; what opens and closes is the
 * caller's. Texts are UTF-8, as every text of a checked message is. No heap.
 *
 *	struct keel_json j = keel_json_of(&w);
 *	keel_json_open(&j, NULL, '{');
 *	keel_json_text(&j, "name", name);       {
 *	keel_json_open(&j, "open", '[');          "name": "door",
 *	keel_json_word(&j, NULL, "setup");        "open": [
 *	keel_json_close(&j, ']');                   "setup"
 *	keel_json_close(&j, '}');                 ]
 *						}
 */
#ifndef KEEL_HTTP_JSON_H
#define KEEL_HTTP_JSON_H

#include "core/bytes.h"

/** Private but for its size. */
struct keel_json {
	struct keel_wr *w;
	unsigned depth;
	bool first; /* nothing stands yet in what was opened last */
};

struct keel_json keel_json_of(struct keel_wr *w);

/* In an object each has a name; in a list, and at the top, NULL. */
void keel_json_open(struct keel_json *j, const char *name, char bracket);
void keel_json_close(struct keel_json *j, char bracket);
void keel_json_text(struct keel_json *j, const char *name, struct keel_bytes utf8);
void keel_json_word(struct keel_json *j, const char *name, const char *word);
/** Bytes, as a text in base64url without padding. */
void keel_json_base64(struct keel_json *j, const char *name, struct keel_bytes bytes);
void keel_json_uint(struct keel_json *j, const char *name, uint64_t v);
/** Thousandths of a unit, as a decimal: 21500 is 21.5. */
void keel_json_amount(struct keel_json *j, const char *name, int64_t thousandths);
void keel_json_bool(struct keel_json *j, const char *name, bool v);
void keel_json_null(struct keel_json *j, const char *name);

#endif

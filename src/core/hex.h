/* Bytes as hexadecimal digits, in small letters: one spelling for keys, names of records, lists, what people see. */
#ifndef KEEL_CORE_HEX_H
#define KEEL_CORE_HEX_H

#include "core/bytes.h"

/** The room that n bytes need as text, with its NUL. */
#define KEEL_HEX_SIZE(n) (2 * (n) + 1)

/** out: KEEL_HEX_SIZE(b.n) characters. */
void keel_hex_write(struct keel_bytes b, char *out);
/** Reads exactly n bytes from 2n digits. KEEL_EFORM: text is anything else; out untouched. */
KEEL_CHECKED enum keel_err keel_hex_read(struct keel_bytes text, uint8_t *out, size_t n);

#endif

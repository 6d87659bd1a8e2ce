/* Bytes as hexadecimal digits, small letters: in files and lists that people see. */
#ifndef KEEL_FLEET_HEX_H
#define KEEL_FLEET_HEX_H

#include <stdio.h>

#include "core/bytes.h"

/** out: two characters a byte, and a NUL. */
void keel_fleet_hex_write(struct keel_bytes b, char *out);
void keel_fleet_hex_print(FILE *out, struct keel_bytes b);
/** Exactly n bytes of text, an even number of digits. False: they are not; out may be half written. */
bool keel_fleet_hex_read(const char *text, size_t n, uint8_t *out);

#endif

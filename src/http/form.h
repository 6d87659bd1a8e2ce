/*
 * The strict reader of a plain form, application/x-www-form-urlencoded (WHATWG URL §5.1), as browsers
 * and curl send it: name=value, joined by &; no name twice, nothing badly escaped.
 */
#ifndef KEEL_HTTP_FORM_H
#define KEEL_HTTP_FORM_H

#include "core/bytes.h"

struct keel_form_field {
	const char *name;
	size_t max;              /* bytes of its value, decoded */
	struct keel_bytes value; /* out; empty where it is absent */
};

/**
 * Reads a form whose names are all among the fields. buf: form.n bytes, which the values are views of.
 * KEEL_EFORM: an escape, a byte or a name that is none of these, or a name twice; values that are no
 * UTF-8. KEEL_ERANGE: a value is too long.
 */
KEEL_CHECKED enum keel_err keel_form_read(
	struct keel_bytes form, struct keel_form_field *fields, size_t count, uint8_t *buf);

#endif

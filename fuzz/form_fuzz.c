/* A form that is taken comes back the same when it is written out with every byte escaped. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http/form.h"

#define FIELDS 3

static const char *const names[FIELDS] = { "text", "product", "contact" };

static void init(struct keel_form_field f[FIELDS])
{
	for (size_t i = 0; i < FIELDS; i++)
		f[i] = (struct keel_form_field){ .name = names[i], .max = 4096 };
}

static struct keel_bytes write(const struct keel_form_field f[FIELDS], char *out)
{
	size_t n = 0;
	for (size_t i = 0; i < FIELDS; i++) {
		if (f[i].value.p == NULL)
			continue;
		n += (size_t)snprintf(out + n, 16, "%s%s=", n > 0 ? "&" : "", f[i].name);
		for (size_t k = 0; k < f[i].value.n; k++)
			n += (size_t)snprintf(out + n, 16, "%%%02X", f[i].value.p[k]);
	}
	return (struct keel_bytes){ (const uint8_t *)out, n };
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct keel_form_field a[FIELDS], b[FIELDS];
	uint8_t *buf = malloc(n + 1), *again = malloc(3 * n + 64);
	char *text = malloc(3 * n + 64);
	KEEL_MUST(buf != NULL && again != NULL && text != NULL);
	init(a);
	init(b);
	if (keel_form_read((struct keel_bytes){ p, n }, a, FIELDS, buf) == KEEL_OK) {
		KEEL_MUST(keel_form_read(write(a, text), b, FIELDS, again) == KEEL_OK);
		for (size_t i = 0; i < FIELDS; i++)
			KEEL_MUST(keel_bytes_equal(a[i].value, b[i].value) &&
				  a[i].value.n <= a[i].max);
	}
	free(buf);
	free(again);
	free(text);
	return 0;
}

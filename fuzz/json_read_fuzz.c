/* A flat object of a console's page: what is taken, jansson takes, and reads the same. */
#include <jansson.h>
#include <string.h>

#include "http/json_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

struct got {
	struct keel_bytes text, raw;
	uint64_t n;
};

static const struct keel_json_field fields[] = {
	{ "text", KEEL_JSON_TEXT, offsetof(struct got, text), 200 },
	{ "raw", KEEL_JSON_BYTES, offsetof(struct got, raw), 200 },
	{ "n", KEEL_JSON_UINT, offsetof(struct got, n), 9007199254740991 },
};

static void compare(json_t *j, const struct got *g)
{
	json_t *text = json_object_get(j, "text");
	json_t *n = json_object_get(j, "n");
	KEEL_MUST((text != NULL) == (g->text.p != NULL));
	if (text != NULL)
		KEEL_MUST(keel_bytes_equal(
			g->text, (struct keel_bytes){ (const uint8_t *)json_string_value(text),
					 json_string_length(text) }));
	if (n != NULL)
		KEEL_MUST((uint64_t)json_integer_value(n) == g->n);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	uint8_t strings[1024];
	struct got g = { 0 };
	struct keel_wr w = keel_wr_of(strings, sizeof(strings));
	if (n > sizeof(strings) || keel_json_read((struct keel_bytes){ p, n }, fields,
					   KEEL_COUNT(fields), 7, 0, &w, &g) != KEEL_OK)
		return 0;
	json_t *j = json_loadb((const char *)p, n, JSON_REJECT_DUPLICATES, NULL);
	KEEL_MUST(j != NULL);
	compare(j, &g);
	json_decref(j);
	return 0;
}

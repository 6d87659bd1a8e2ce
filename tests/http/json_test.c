#include <jansson.h>

#include "check.h"
#include "http/json.h"

static char buf[65536];

static json_t *parsed(const struct keel_wr *w)
{
	struct keel_bytes out = { 0 };
	CHECK(keel_wr_end(w, &out) == KEEL_OK);
	return json_loadb(
		(const char *)out.p, out.n, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, NULL);
}

/* The property: whatever text goes in, an independent reader gets out. */
static void every_text_reads_back_the_same(void)
{
	static const char *const pieces[] = { "\"", "\\", "\n", "\t", "\x01", "\x1f", "\x7f", "/",
		"é", "漢", "🔥", "\xe2\x80\xa8", "</script>", "a" };
	uint32_t x = 1;
	for (unsigned round = 0; round < 2000; round++) {
		char text[256] = "";
		for (unsigned i = 0; i < round % 32; i++) {
			x = x * 1664525 + 1013904223;
			strncat(text, pieces[(x >> 16) % KEEL_COUNT(pieces)],
				sizeof(text) - strlen(text) - 1);
		}
		struct keel_wr w = keel_wr_of(buf, sizeof(buf));
		struct keel_json j = keel_json_of(&w);
		keel_json_open(&j, NULL, '{');
		keel_json_word(&j, "text", text);
		keel_json_close(&j, '}');
		json_t *root = parsed(&w);
		const char *back = json_string_value(json_object_get(root, "text"));
		CHECK_ROW(back != NULL && strcmp(back, text) == 0, text);
		json_decref(root);
	}
}

static void the_whole_is_laid_out_for_a_person(void)
{
	static const char text[] = "{\n"
				   "  \"a\": [\n"
				   "    1,\n"
				   "    true,\n"
				   "    [],\n"
				   "    {\n"
				   "      \"b\": null\n"
				   "    }\n"
				   "  ],\n"
				   "  \"c\": -0.5\n"
				   "}\n";
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	struct keel_json j = keel_json_of(&w);
	keel_json_open(&j, NULL, '{');
	keel_json_open(&j, "a", '[');
	keel_json_uint(&j, NULL, 1);
	keel_json_bool(&j, NULL, true);
	keel_json_open(&j, NULL, '[');
	keel_json_close(&j, ']');
	keel_json_open(&j, NULL, '{');
	keel_json_null(&j, "b");
	keel_json_close(&j, '}');
	keel_json_close(&j, ']');
	keel_json_amount(&j, "c", -500);
	keel_json_close(&j, '}');
	struct keel_bytes out = { 0 };
	CHECK(keel_wr_end(&w, &out) == KEEL_OK && keel_bytes_is(out, text));
	json_t *root = parsed(&w);
	CHECK(json_array_size(json_object_get(root, "a")) == 4);
	json_decref(root);
}

TEST_MAIN(TEST(every_text_reads_back_the_same), TEST(the_whole_is_laid_out_for_a_person))

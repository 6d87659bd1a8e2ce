/* The reader of flat objects: against a table, and beside jansson. */
#include <jansson.h>

#include "check.h"
#include "http/json_read.h"

struct got {
	struct keel_bytes text, raw;
	uint64_t n;
};

static const struct keel_json_field fields[] = {
	{ "text", KEEL_JSON_TEXT, offsetof(struct got, text), 12 },
	{ "raw", KEEL_JSON_BYTES, offsetof(struct got, raw), 4 },
	{ "n", KEEL_JSON_UINT, offsetof(struct got, n), 9007199254740991 },
	{ "other", KEEL_JSON_UINT, offsetof(struct got, n), 1 },
};

static enum keel_err read_it(const char *json, struct got *out, uint8_t strings[256])
{
	struct keel_wr w = keel_wr_of(strings, 256);
	*out = (struct got){ 0 };
	return keel_json_read(keel_text(json), fields, KEEL_COUNT(fields), 7, 4, &w, out);
}

static void an_object_is_read(void)
{
	struct got g;
	uint8_t strings[256];
	CHECK(read_it(" { \"text\" : \"Zo\\u00eb \\ud83d\\udd11\\/\" ,\r\n\t\"raw\":\"AAEC_w\", "
		      "\"n\": 9007199254740991 } ",
		      &g, strings) == KEEL_OK);
	CHECK(keel_bytes_is(g.text, "Zo\xc3\xab \xf0\x9f\x94\x91/"));
	CHECK(g.raw.n == 4 && memcmp(g.raw.p, "\0\1\2\xff", 4) == 0 && g.n == 9007199254740991);
	CHECK(read_it("{\"n\":0}", &g, strings) == KEEL_OK && g.n == 0 && g.text.p == NULL);
}

static void prov_5_13_1a_whatever_else_is_refused(void)
{
	static const struct {
		const char *json;
		enum keel_err e;
	} rows[] = {
		{ "", KEEL_EFORM },
		{ "{", KEEL_EFORM },
		{ "{}", KEEL_EFORM }, /* n has to be there */
		{ "[]", KEEL_EFORM },
		{ "{\"n\":1", KEEL_EFORM },
		{ "{\"n\":1}x", KEEL_EFORM },
		{ "{\"n\":1}{", KEEL_EFORM },
		{ "{\"n\":1,}", KEEL_EFORM },
		{ "{,\"n\":1}", KEEL_EFORM },
		{ "{\"n\":1 \"text\":\"\"}", KEEL_EFORM },
		{ "{\"n\" 1}", KEEL_EFORM },
		{ "{n:1}", KEEL_EFORM },
		{ "{'n':1}", KEEL_EFORM },
		{ "{\"n\":1,\"n\":1}", KEEL_EFORM },      /* twice */
		{ "{\"n\":1,\"other\":1}", KEEL_EFORM },  /* not of this call */
		{ "{\"n\":1,\"nobody\":1}", KEEL_EFORM }, /* of none */
		{ "{\"n\":01}", KEEL_EFORM },
		{ "{\"n\":-1}", KEEL_EFORM },
		{ "{\"n\":1.0}", KEEL_EFORM },
		{ "{\"n\":1e1}", KEEL_EFORM },
		{ "{\"n\":+1}", KEEL_EFORM },
		{ "{\"n\":\"1\"}", KEEL_EFORM },
		{ "{\"n\":true}", KEEL_EFORM },
		{ "{\"n\":null}", KEEL_EFORM },
		{ "{\"n\":}", KEEL_EFORM },
		{ "{\"n\":9007199254740992}", KEEL_ERANGE },
		{ "{\"n\":99999999999999999999999}", KEEL_ERANGE },
		{ "{\"n\":1,\"text\":1}", KEEL_EFORM },
		{ "{\"n\":1,\"text\":\"a\nb\"}", KEEL_EFORM },
		{ "{\"n\":1,\"text\":\"a\\nb\"}",
			KEEL_EFORM }, /* control characters, also escaped */
		{ "{\"n\":1,\"text\":\"\\u0000\"}", KEEL_EFORM },
		{ "{\"n\":1,\"text\":\"\\ud83d\"}", KEEL_EFORM },
		{ "{\"n\":1,\"text\":\"\\ud83dx\"}", KEEL_EFORM },
		{ "{\"n\":1,\"text\":\"\\ud83d\\ud83d\"}", KEEL_EFORM },
		{ "{\"n\":1,\"text\":\"\\udd11\"}", KEEL_EFORM },
		{ "{\"n\":1,\"text\":\"\\u00e\"}", KEEL_EFORM },
		{ "{\"n\":1,\"text\":\"\\x\"}", KEEL_EFORM },
		{ "{\"n\":1,\"text\":\"\xff\"}", KEEL_EFORM },
		{ "{\"n\":1,\"text\":\"\xed\xa0\xbd\"}", KEEL_EFORM },
		{ "{\"n\":1,\"text\":\"1234567890123\"}", KEEL_ERANGE },
		{ "{\"n\":1,\"raw\":\"AAEC_wA\"}", KEEL_ERANGE },
		{ "{\"n\":1,\"raw\":\"AAEC/w\"}", KEEL_EFORM },
		{ "{\"n\":1,\"raw\":\"AAEC_w==\"}", KEEL_EFORM },
		{ "{\"n\":1,\"raw\":\"AAEC_x\"}", KEEL_EFORM }, /* bits left over */
		{ "\xef\xbb\xbf{\"n\":1}", KEEL_EFORM },
	};
	for (size_t i = 0; i < KEEL_COUNT(rows); i++) {
		struct got g;
		uint8_t strings[256];
		CHECK_ROW(read_it(rows[i].json, &g, strings) == rows[i].e, rows[i].json);
	}
}

static void an_object_that_is_cut_anywhere_is_refused(void)
{
	static const char whole[] = "{\"text\":\"\\ud83d\\udd11\",\"raw\":\"AAEC\",\"n\":17}";
	for (size_t n = 0; n < sizeof(whole) - 1; n++) {
		char cut[sizeof(whole)];
		struct got g;
		uint8_t strings[256];
		memcpy(cut, whole, n);
		cut[n] = '\0';
		CHECK_ROW(read_it(cut, &g, strings) == KEEL_EFORM, cut);
	}
}

/* Every byte put in at every place: what is taken, jansson takes, and reads the same. */
static void what_is_taken_another_reader_takes(void)
{
	static const char whole[] = "{\"text\":\"a\\u00e9\\/\",\"n\":17}";
	for (size_t at = 0; at < sizeof(whole) - 1; at++)
		for (unsigned c = 1; c < 256; c++) {
			char json[sizeof(whole) + 1];
			struct got g;
			uint8_t strings[256];
			(void)snprintf(json, sizeof(json), "%.*s%c%s", (int)at, whole, (char)c,
				whole + at);
			if (read_it(json, &g, strings) != KEEL_OK)
				continue;
			json_t *j = json_loads(json, JSON_REJECT_DUPLICATES, NULL);
			const char *text = json_string_value(json_object_get(j, "text"));
			CHECK_ROW(j != NULL && text != NULL && keel_bytes_is(g.text, text), json);
			CHECK_ROW(
				(uint64_t)json_integer_value(json_object_get(j, "n")) == g.n, json);
			json_decref(j);
		}
}

TEST_MAIN(TEST(an_object_is_read), TEST(prov_5_13_1a_whatever_else_is_refused),
	TEST(an_object_that_is_cut_anywhere_is_refused), TEST(what_is_taken_another_reader_takes))

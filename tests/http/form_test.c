/* The plain form's reader: what browsers and curl send, and nothing else. EN 303 645 5.13-1A. */
#include "check.h"
#include "http/form.h"

#define FIELDS(text_max)                                                                           \
	{                                                                                          \
		{ "text", text_max, { 0 } }, { "a", 4, { 0 } },                                    \
	}

static void prov_5_13_1b_what_is_no_form_is_refused(void)
{
	/* clang-format off */
	static const struct {
		const char *why, *form;
		enum keel_err e;
		const char *text; /* where it is taken */
	} rows[] = {
		{ "empty",               "",                 KEEL_OK, "" },
		{ "one field",           "text=hello",       KEEL_OK, "hello" },
		{ "blank and escape",    "text=a+b%20c%2B",  KEEL_OK, "a b c+" },
		{ "line break",          "text=a%0D%0Ab",    KEEL_OK, "a\r\nb" },
		{ "small escape",        "text=%c3%bc",      KEEL_OK, "\xc3\xbc" },
		{ "two fields",          "a=1&text=x",       KEEL_OK, "x" },
		{ "empty value",         "text=",            KEEL_OK, "" },
		{ "escaped name",        "te%78t=x",         KEEL_OK, "x" },
		{ "as long as allowed",  "text=12345678",    KEEL_OK, "12345678" },
		{ "too long",            "text=123456789",   KEEL_ERANGE, NULL },
		{ "twice",               "text=x&text=y",    KEEL_EFORM, NULL },
		{ "empty, then again",   "text=&text=",      KEEL_EFORM, NULL },
		{ "unknown name",        "other=x",          KEEL_EFORM, NULL },
		{ "no name",             "=x",               KEEL_EFORM, NULL },
		{ "no value",            "text",             KEEL_EFORM, NULL },
		{ "ampersand at end",    "text=x&",          KEEL_EFORM, NULL },
		{ "two ampersands",      "text=x&&a=1",      KEEL_EFORM, NULL },
		{ "bad escape",          "text=%g0",         KEEL_EFORM, NULL },
		{ "cut escape",          "text=%2",          KEEL_EFORM, NULL },
		{ "cut after percent",   "text=%",           KEEL_EFORM, NULL },
		{ "a blank as it is",    "text=a b",         KEEL_EFORM, NULL },
		{ "second equals sign",  "text=a=b",         KEEL_EFORM, NULL },
		{ "no UTF-8",            "text=%ff",         KEEL_EFORM, NULL },
		{ "raw UTF-8",           "text=\xc3\xbc",    KEEL_EFORM, NULL },
	};
	/* clang-format on */
	for (size_t i = 0; i < KEEL_COUNT(rows); i++) {
		uint8_t buf[64];
		struct keel_form_field fields[] = FIELDS(8);
		CHECK_ROW(keel_form_read(keel_text(rows[i].form), fields, 2, buf) == rows[i].e,
			rows[i].why);
		if (rows[i].e == KEEL_OK)
			CHECK_ROW(keel_bytes_is(fields[0].value, rows[i].text), rows[i].why);
	}
}

static void a_nul_is_a_value_only_where_it_is_escaped(void)
{
	static const uint8_t raw[] = "text=a\0b", escaped[] = "text=a%00b";
	uint8_t buf[64];
	struct keel_form_field fields[] = FIELDS(8);
	CHECK(keel_form_read((struct keel_bytes){ raw, 8 }, fields, 2, buf) == KEEL_EFORM);
	CHECK(keel_form_read((struct keel_bytes){ escaped, 10 }, fields, 2, buf) == KEEL_OK);
	CHECK(keel_bytes_equal(fields[0].value, (struct keel_bytes){ (const uint8_t *)"a\0b", 3 }));
}

TEST_MAIN(TEST(prov_5_13_1b_what_is_no_form_is_refused),
	TEST(a_nul_is_a_value_only_where_it_is_escaped))

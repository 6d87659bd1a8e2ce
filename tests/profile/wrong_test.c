/* Wrong files: each is refused at the exact line and column where it is wrong. EN 303 645 5.13-1A. */
#include <stdlib.h>

#include "check.h"
#include "profile/declaration.h"

/* clang-format off */
static const struct {
	const char *why;
	const char *from, *to; /* the heating product with one text in the place of another */
	unsigned line, column;
} rows[] = {
	{ "a tab", "keel: 1\n", "keel: 1\n\tmaker: x\n", 4, 1 },
	{ "a fraction", "keel: 1\n", "keel: 1.5\n", 3, 7 },
	{ "a leading zero", "keel: 1\n", "keel: 01\n", 3, 7 },
	{ "a map", "keel: 1\n", "keel: {a: 1}\n", 3, 7 },
	{ "capitals", "keel: 1\n", "keel: 1\nKeel: 1\n", 4, 1 },
	{ "an empty name", "  name: Example Heating Ltd\n", "  name: \"\"\n", 5, 9 },
	{ "a long name", "  name: Example Heating Ltd\n", "  name: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n", 5, 9 },
	{ "a control character", "  name: Example Heating Ltd\n", "  name: \"a\\tb\"\n", 5, 9 },
	{ "a name missing", "  name: Example Heating Ltd\n  address", "  address", 5, 3 },
	{ "no hexadecimal digit", "  key: 4565", "  key: g565", 8, 3 },
	{ "127 digits", "  key: 4565", "  key: 456", 8, 8 },
	{ "a list for a map", "integrity:\n  on_change: [alert]\n", "integrity: [alert]\n", 84, 12 },
	{ "a key twice in one line", "identifier: hearth-h1, ", "identifier: hearth-h1, identifier: hearth-h1, ", 9, 32 },
	{ "a choice in capitals", "keys: tpm", "keys: TPM", 10, 7 },
	{ "nothing", "keys: tpm", "keys:", 10, 6 },
	{ "a short date", "from: 2026-12-01", "from: 2026-12-1", 13, 9 },
	{ "a date before 2000", "from: 2026-12-01", "from: 1999-12-31", 13, 9 },
	{ "a date as a text", "from: 2026-12-01", "from: \"2026-12-01\"", 13, 9 },
	{ "an end before its begin", "until: 2033-12-01", "until: 2026-11-30", 14, 3 },
	{ "an unknown unit", "acknowledge: 2 days", "acknowledge: 2 fortnights", 20, 16 },
	{ "two spaces", "acknowledge: 2 days", "acknowledge: 2  days", 20, 16 },
	{ "too soon", "acknowledge: 2 days", "acknowledge: 59 seconds", 20, 16 },
	{ "too late", "status: 14 days", "status: 2 years", 21, 11 },
	{ "a port with a fraction", "    port: 8443\n", "    port: 8443.0\n", 28, 11 },
	{ "a port by its word", "    port: 8443\n", "    port: http\n", 28, 11 },
	{ "a negative port", "    port: 8443\n", "    port: -1\n", 28, 11 },
	{ "an unknown state", "    open: [factory, setup, operation, isolated]\n", "    open: [factory, sleeping]\n", 30, 21 },
	{ "a state twice", "    open: [factory, setup, operation, isolated]\n", "    open: [factory, setup, factory]\n", 30, 28 },
	{ "a word for a list", "    open: [factory, setup, operation, isolated]\n", "    open: factory\n", 30, 11 },
	{ "a port for a button", "  - {name: button, transport: button,", "  - {name: button, transport: button, port: 1,", 33, 39 },
	{ "a name twice", "  - {name: button, transport: button,", "  - {name: door, transport: button,", 33, 6 },
	{ "neither yes nor no", "leaves: to owners, sensitive: yes", "leaves: to owners, sensitive: maybe", 48, 166 },
	{ "an unknown field", "leaves: to owners, sensitive: yes", "leaves: to owners, secret: yes", 48, 155 },
	{ "an empty range", "min: -40, max: 80", "min: -40, max: -40", 55, 46 },
	{ "too many places", "min: -40, max: 80", "min: -40.0001, max: 80", 55, 41 },
	{ "an exponent", "min: -40, max: 80", "min: 1e3, max: 80", 55, 41 },
	{ "an unknown datum", "history: temperature history", "history: humidity", 55, 55 },
	{ "telemetry without its time to keep", "every: 1 hour, for: 365 days", "every: 1 hour", 51, 5 },
	{ "telemetry of an empty range", "unit: count, min: 0, max: 1000000", "unit: count, min: 1, max: 0.999", 51, 48 },
	{ "telemetry twice", "{name: sensor faults", "{name: burner starts", 52, 6 },
	{ "telemetry with a name that SenML cannot say", "{name: burner starts", "{name: burner_starts", 51, 6 },
	{ "telemetry that begins with a space", "{name: burner starts", "{name: \" starts\"", 51, 6 },
	{ "telemetry named as a datum", "{name: burner starts", "{name: schedule", 51, 6 },
	{ "a unit as long as a name", "unit: count", "unit: count of all starts", 51, 33 },
	{ "a step that misses", "min: 5, max: 30, step: 0.5", "min: 5, max: 30, step: 0.7", 64, 58 },
	{ "no step", "min: 5, max: 30, step: 0.5", "min: 5, max: 30, step: 0", 64, 64 },
	{ "a message twice", "{name: clear schedule,", "{name: schedule,", 72, 6 },
	{ "an unknown sender", "from: owner, fields: []", "from: neighbour, fields: []", 72, 34 },
	{ "a number for a field", "from: owner, fields: []", "from: owner, fields: [0]", 72, 50 },
	{ "a folder in a file's name", "file: temp1_input", "file: ../../dev/mem", 75, 25 },
	{ "the folder above", "file: temp1_input", "file: ..", 75, 25 },
	{ "a reaction twice", "on_change: [alert]", "on_change: [alert, alert]", 85, 22 },
	{ "yes as a text", "  automatic: yes", "  automatic: \"yes\"", 88, 14 },
	{ "a decision over nothing", "default: no, datum: heating history", "default: no, datum: absence", 96, 116 },
	{ "an unknown provision", "provision: 5.7-1", "provision: 5.14-1", 123, 6 },
	{ "an exception twice", "provision: 5.11-2", "provision: 5.7-1", 124, 6 },
	{ "a model whose pages have no address", "identifier: hearth-h1", "identifier: .", 9, 9 },
	{ "a model whose pages are the folder above", "identifier: hearth-h1", "identifier: \"..\"", 9, 9 },
	{ "a service by http", "https://fleet", "http://fleet", 116, 3 },
	{ "a service with a path", "fleet.heating.example", "fleet.heating.example/", 116, 3 },
	{ "an unknown trust", "trust: maker", "trust: anybody", 117, 10 },
	{ "no trust", "  trust: maker\n", "", 116, 3 },
	{ "a service's key of 127 digits", "  key: 83405", "  key: 8340", 119, 8 },
	{ "a service's key that is no number", "  key: 83405", "  key: z3405", 119, 3 },
	{ "a clock without drift", "drift: 5", "drift: 0", 120, 10 },
	{ "an alias", "reason: No associated service", "reason: *no associated service", 124, 33 },
	{ "an anchor", "reason: No associated service", "reason: &a No associated service", 124, 33 },
	{ "a tag", "exceptions:\n", "exceptions: !!seq\n", 122, 13 },
};

static const struct {
	const char *why;
	const char *text;
	unsigned line, column;
} whole[] = {
	{ "an empty file",          "", 1, 1 },
	{ "a comment alone",        "# keel: 1\n", 1, 1 },
	{ "a word",                 "keel\n", 1, 1 },
	{ "a list",                 "- keel: 1\n", 1, 1 },
	{ "a second document",      "keel: 1\n---\nkeel: 1\n", 2, 1 },
	{ "a map as a key",         "{a: 1}: 2\n", 1, 1 },
	{ "nested too deep",        "[[[[[[[[[1]]]]]]]]]\n", 1, 9 },
	{ "a quote that never ends", "keel: 1\nmaker: \"x\n", 3, 1 },
	{ "a tab after spaces",     "maker:\n  name: x\n  \tkey: y\n", 3, 3 },
	{ "no UTF-8",               "keel: 1\nmaker: \303\244\377\n", 2, 9 },
};
/* clang-format on */

static char heating[65536];

static void load_heating(void)
{
	FILE *f = fopen(HEATING, "rb");
	CHECK(f != NULL);
	if (f == NULL)
		return;
	heating[fread(heating, 1, sizeof(heating) - 1, f)] = '\0';
	(void)fclose(f);
}

static void refused_at(const char *text, const char *why, unsigned line, unsigned column)
{
	static struct keel_declaration d;
	struct keel_yaml_fault f = { 0 };
	CHECK_ROW(keel_declaration_read(keel_text(text), NULL, &d, &f) == KEEL_EFORM, why);
	CHECK_ROW(f.what[0] != '\0' && f.next[0] != '\0', why);
	if (f.at.line != line || f.at.column != column)
		(void)printf("%s: %u:%u: %s\n", why, f.at.line, f.at.column, f.what);
	CHECK_ROW(f.at.line == line && f.at.column == column, why);
	CHECK_ROW(d.yaml == NULL && d.bytes.n == 0, why);
}

/* The heating product with one text in the place of another, in `text`. */
static bool with(char text[static 65536], const char *from, const char *to)
{
	load_heating();
	const char *at = strstr(heating, from);
	CHECK_ROW(at != NULL, from);
	if (at != NULL)
		(void)snprintf(text, 65536, "%.*s%s%s", (int)(at - heating), heating, to,
			at + strlen(from));
	return at != NULL;
}

static void prov_5_13_1a_a_wrong_declaration_is_refused_where_it_is_wrong(void)
{
	static char text[65536];
	for (size_t i = 0; i < KEEL_COUNT(rows); i++)
		if (with(text, rows[i].from, rows[i].to))
			refused_at(text, rows[i].why, rows[i].line, rows[i].column);
}

/* What stands there, and what may: a person should not have to look it up. */
static void a_refusal_says_what_it_found_and_what_to_write(void)
{
	/* clang-format off */
	static const struct {
		const char *from, *to, *what, *next;
	} told[] = {
		{ "    port: 8443", "    port: 70000",   "port 70000 is too large", "write a whole number from 1 to 65535" },
		{ "    port: 8443", "    port: 0",       "port 0 is too small", "write a whole number from 1 to 65535" },
		{ "    port: 8443", "    port: http",    "port cannot be http", "write a whole number from 1 to 65535" },
		{ "    port: 8443", "    port: \"1\"",   "port cannot be a text in quotes", "write a whole number" },
		{ "    port: 8443", "    port:",         "port has no value", "write a whole number" },
		{ "    port: 8443", "    port: [1]",     "port cannot be a list", "write a whole number" },
		{ "    port: 8443", "    port: {a: 1}",  "port cannot be a group of fields", "write a whole number" },
		{ "keel: 1", "keel: 2",                  "the declaration is of form 2, and this keel knows form 1", "take a keel of the version" },
		{ "keel: 1", "keel: 2\nnew: field",     "the declaration is of form 2, and this keel knows form 1", "take a keel of the version" },
		{ "keel: 1", "keel: 0",                  "keel 0 is too small", "write 1" },
		{ "2 days", "59 seconds",                "acknowledge 59 seconds is too short", "write a time from 1 minute to 1 year" },
		{ "14 days", "2 years",                  "status 2 years is too long", "write a time from 1 minute to 1 year" },
		{ "from: 2026-12-01", "from: 1999-12-31", "from 1999-12-31 is too early", "from 2000-01-01 to 2170-01-01" },
		{ "until: 2033-12-01", "until: 2999-01-01", "until 2999-01-01 is too late", "from 2000-01-01 to 2170-01-01" },
		{ "min: -40,", "min: -2000000000,",      "min -2000000000 is too small", "from -1000000000 to 1000000000" },
		{ "step: 0.5", "step: 0",                "step 0 is too small", "write a number from 0.001 to 1000000" },
		{ "keys: tpm", "keys: TPM",              "keys cannot be TPM", "write one of: tpm, file" },
		{ "keys: tpm", "keys: \"a\\e[1mb\"",     "keys cannot be a", "write one of: tpm, file" },
		{ "automatic: yes", "automatic: on",     "automatic cannot be on", "write yes or no" },
		{ "name: Hearth H1,", "name: \"\",",     "name is empty", "write a text of 1 to 64 bytes" },
		{ "type: smart heating hub, ", "",       "model lacks its type", "add type: and a text of 1 to 64 bytes" },
		{ "open: [factory, setup, operation, isolated]\n", "open: [setup, setup, setup, setup, setup]\n", "open has 5 items", "a list of 0 to 4" },
		{ "integrity:\n  on_change: [alert]", "integrity: alert", "integrity cannot be alert", "its fields in indented lines below it, or between { and }: on_change, boot" },
		{ "purpose: Regulates the heating.", "purpos: Regulates", "sensor has no field purpos", "its fields are: sensor, purpose" },
		{ "purpose: Regulates the heating.", "purpose: Heats, and cools", "sensor has no field and cools", "put a text that has a comma in it into quotes" },
	};
	/* clang-format on */
	static char text[65536];
	static struct keel_declaration d;
	for (size_t i = 0; i < KEEL_COUNT(told); i++) {
		struct keel_yaml_fault f = { 0 };
		if (!with(text, told[i].from, told[i].to))
			continue;
		CHECK_ROW(keel_declaration_read(keel_text(text), NULL, &d, &f) == KEEL_EFORM,
			told[i].what);
		CHECK_ROW(strcmp(f.what, told[i].what) == 0, f.what);
		CHECK_ROW(strstr(f.next, told[i].next) != NULL, f.next);
	}
}

static void a_file_that_is_no_declaration_is_refused_where_it_begins_to_be_none(void)
{
	for (size_t i = 0; i < KEEL_COUNT(whole); i++)
		refused_at(whole[i].text, whole[i].why, whole[i].line, whole[i].column);
}

/* What libyaml says of each, a person reads in the words of a file's writer. */
static void what_is_not_yaml_is_told_with_what_mends_it(void)
{
	/* clang-format off */
	static const struct {
		const char *text, *what, *next;
	} told[] = {
		{ "a: 1\n\tb: 2\n",      "line 2 begins with a tab; YAML wants spaces", "put spaces" },
		{ "a: {b: 1}\n\t- c\n",  "line 2 begins with a tab; YAML wants spaces", "put spaces" },
		{ "a: b: c\n",           "not YAML: mapping values", "': ' in it into quotes" },
		{ "a: {b: 1\nc: 2\n",    "not YAML: did not find", "end it with }" },
		{ "a: [b\nc: 2\n",       "not YAML: did not find", "end it with ]" },
		{ "a: \"x\n",            "not YAML: found unexpected end", "close the quote" },
		{ "a: @x\n",             "not YAML: found character", "begins with this character" },
		{ "a: *\n",              "not YAML: did not find", "begins with * or &" },
		{ "a: b\n- c\n",         "not YAML: did not find", "at the same column" },
		{ "  a: 1\nb: 2\n",      "not YAML: did not find", "the file's first field" },
		{ "a: \377\n",           "not YAML: invalid leading", "save the file as UTF-8" },
		{ "a: \001\n",           "not YAML: control", "remove the control character" },
	};
	/* clang-format on */
	for (size_t i = 0; i < KEEL_COUNT(told); i++) {
		static struct keel_declaration d;
		struct keel_yaml_fault f = { 0 };
		enum keel_err e = keel_declaration_read(keel_text(told[i].text), NULL, &d, &f);
		CHECK_ROW(e == KEEL_EFORM, told[i].text);
		CHECK_ROW(strstr(f.what, told[i].what) != NULL, f.what);
		CHECK_ROW(strstr(f.next, told[i].next) != NULL, f.next);
	}
}

static void more_than_a_declaration_may_have_is_refused(void)
{
	static char text[KEEL_YAML_BYTES_MAX + 2];
	memset(text, '#', sizeof(text) - 1);
	refused_at(text, "too long", 1, 1);
	memset(text, 0, sizeof(text));
	text[0] = '[';
	for (size_t i = 1; i < 2 * KEEL_YAML_NODES_MAX; i += 2)
		memcpy(text + i, "1,", 2);
	/* The list itself is the first node: the first item too many is item NODES_MAX. */
	refused_at(text, "too many values", 1, 2 + 2 * (KEEL_YAML_NODES_MAX - 1));
}

/* What is sent has to have a receiver; whoever talks to devices every day does not vouch for them. */
static void telemetry_needs_a_service_and_that_a_key_of_its_own(void)
{
	static char text[65536];
	static struct keel_declaration d;
	struct keel_yaml_fault f = { 0 };
	load_heating();
	char *service = strstr(heating, "service:\n");
	char *key = service == NULL ? NULL : strstr(service, "  key: ");
	char *end = strstr(heating, "exceptions:\n");
	CHECK(key != NULL && end != NULL);
	if (key == NULL || end == NULL)
		return;
	(void)snprintf(text, sizeof(text), "%.*s%s", (int)(service - heating), heating, end);
	refused_at(text, "telemetry without a service", 50, 1);
	memcpy(key, strstr(heating, "  key: "), strlen("  key: ") + 128);
	refused_at(heating, "the maker's key for the service", 119, 3);
	CHECK(keel_declaration_read(keel_text(heating), NULL, &d, &f) == KEEL_EFORM &&
		strstr(f.what, "unit-signing key") != NULL);
}

/* A longer one opens no session: a token has no room for it. */
static void a_service_has_an_address_of_128_bytes(void)
{
	static char text[65536];
	static struct keel_declaration d;
	struct keel_yaml_fault f = { 0 };
	for (size_t n = 128; n <= 129; n++) {
		char host[129 + 1] = "";
		memset(host, 'a', n - strlen("https://"));
		if (!with(text, "fleet.heating.example", host))
			continue;
		CHECK((keel_declaration_read(keel_text(text), NULL, &d, &f) == KEEL_OK) ==
			(n == 128));
		keel_declaration_clear(&d);
	}
	CHECK(strstr(f.what, "url is too long: it has 129 bytes") != NULL);
	CHECK(strstr(f.next, "128 bytes in all") != NULL);
}

static void seventeen_messages_for_guests_are_one_too_many(void)
{
	static char text[65536];
	static struct keel_declaration d;
	struct keel_yaml_fault f = { 0 };
	load_heating();
	const char *at = strstr(heating, "  - {name: clear schedule");
	for (unsigned n = 15; n <= 16; n++) {
		size_t len =
			(size_t)snprintf(text, sizeof(text), "%.*s", (int)(at - heating), heating);
		for (unsigned i = 0; i < n; i++)
			len += (size_t)snprintf(text + len, sizeof(text) - len,
				"  - {name: message %u, from: guest, fields: []}\n", i);
		(void)snprintf(text + len, sizeof(text) - len, "%s", at);
		CHECK((keel_declaration_read(keel_text(text), NULL, &d, &f) == KEEL_OK) ==
			(n == 15));
		keel_declaration_clear(&d);
	}
	CHECK(strstr(f.what, "17 messages") != NULL);
}

/* The heating history needs one already. */
static void seventeen_consents_are_one_too_many(void)
{
	static char text[65536];
	static struct keel_declaration d;
	struct keel_yaml_fault f = { 0 };
	load_heating();
	const char *at = strstr(heating, "  - {name: burner starts");
	for (unsigned n = 15; n <= 16; n++) {
		size_t len =
			(size_t)snprintf(text, sizeof(text), "%.*s", (int)(at - heating), heating);
		for (unsigned i = 0; i < n; i++)
			len += (size_t)snprintf(text + len, sizeof(text) - len,
				"  - {name: room %u, unit: Cel, purpose: Warmth., consent: yes, "
				"every: 1 hour, min: 0, max: 40, for: 1 day}\n",
				i);
		(void)snprintf(text + len, sizeof(text) - len, "%s", at);
		CHECK((keel_declaration_read(keel_text(text), NULL, &d, &f) == KEEL_OK) ==
			(n == 15));
		keel_declaration_clear(&d);
	}
	CHECK(strstr(f.what, "17 data and telemetries") != NULL);
}

TEST_MAIN(TEST(prov_5_13_1a_a_wrong_declaration_is_refused_where_it_is_wrong),
	TEST(a_refusal_says_what_it_found_and_what_to_write),
	TEST(a_file_that_is_no_declaration_is_refused_where_it_begins_to_be_none),
	TEST(what_is_not_yaml_is_told_with_what_mends_it),
	TEST(more_than_a_declaration_may_have_is_refused),
	TEST(telemetry_needs_a_service_and_that_a_key_of_its_own),
	TEST(a_service_has_an_address_of_128_bytes),
	TEST(seventeen_messages_for_guests_are_one_too_many),
	TEST(seventeen_consents_are_one_too_many))

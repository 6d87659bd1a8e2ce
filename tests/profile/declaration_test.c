#include <stdlib.h>

#include "check.h"
#include "profile/provisions.h"

static char heating[65536];
static size_t heating_n;

static bool read_file(const char *path, char *out, size_t cap, size_t *n)
{
	FILE *f = fopen(path, "rb");
	if (f == NULL)
		return false;
	*n = fread(out, 1, cap - 1, f);
	out[*n] = '\0';
	(void)fclose(f);
	return true;
}

static struct keel_declaration d;
static struct keel_yaml_fault fault;

static enum keel_err read_bytes(const void *p, size_t n)
{
	fault = (struct keel_yaml_fault){ 0 };
	return keel_declaration_read((struct keel_bytes){ p, n }, NULL, &d, &fault);
}

static void the_service_is_read(void)
{
	const struct keel_service *s = &d.product.service;
	struct keel_list rest = d.product.telemetry;
	struct keel_telemetry t;
	uint8_t xy[64];
	CHECK(keel_has(&d.product, KEEL_PRODUCT_SERVICE));
	CHECK(keel_bytes_is(s->url, "https://fleet.heating.example"));
	CHECK(s->trust == KEEL_TRUST_MAKER && s->drift == 5000);
	CHECK(keel_product_service_key(&d.product, xy) == KEEL_OK && xy[0] == 0x83 &&
		xy[63] == 0x22);
	CHECK(keel_list_next(&keel_telemetry_row, &rest, &t) && rest.count == 1);
	CHECK(keel_bytes_is(t.name, "burner starts") && keel_bytes_is(t.unit, "count"));
	CHECK(t.min == 0 && t.max == 1000000000 && t.every_s == 3600 && t.for_s == 31536000);
}

static void heating_compiles_to_the_same_bytes_twice(void)
{
	static struct keel_declaration other;
	CHECK(read_file(HEATING, heating, sizeof(heating), &heating_n));
	CHECK(read_bytes(heating, heating_n) == KEEL_OK);
	CHECK(keel_declaration_read((struct keel_bytes){ (uint8_t *)heating, heating_n }, NULL,
		      &other, &fault) == KEEL_OK);
	CHECK(keel_bytes_equal(d.bytes, other.bytes));
	CHECK(keel_bytes_is(d.product.model.identifier, "hearth-h1"));
	CHECK(d.product.keys == KEEL_KEPT_TPM && d.product.messages.count == 3);
	CHECK(d.product.vulnerabilities.acknowledge_s == 172800);
	the_service_is_read();
	keel_declaration_clear(&other);
	keel_declaration_clear(&d);
}

static void the_declarations_table_is_sound(void)
{
	CHECK(keel_schema_check(&keel_product_schema) == KEEL_OK);
}

static enum keel_verdict verdict(const char *number)
{
	for (size_t i = 0; i < keel_provision_count; i++)
		if (strcmp(keel_provisions[i].number, number) == 0)
			return keel_provision_judge(&keel_provisions[i], &d).verdict;
	return KEEL_VERDICT_COUNT;
}

static void every_provision_of_the_standard_has_its_row(void)
{
	static char tsv[65536];
	size_t n;
	size_t rows = 0;
	CHECK(read_file(PROVISIONS, tsv, sizeof(tsv), &n));
	for (const char *line = strchr(tsv, '\n'); line != NULL && line[1] != '\0';
		line = strchr(line + 1, '\n'), rows++) {
		char number[16] = "";
		char level[8] = "";
		CHECK(sscanf(line + 1, "%15[^\t]\t%*[^\t]\t%7[^\t]", number, level) == 2);
		CHECK_ROW(rows < keel_provision_count &&
				  strcmp(keel_provisions[rows].number, number) == 0 &&
				  keel_provisions[rows].mandatory == (level[0] == 'M'),
			number);
	}
	CHECK(rows == keel_provision_count);
}

static void heating_leaves_no_provision_unmet(void)
{
	CHECK(read_bytes(heating, heating_n) == KEEL_OK);
	for (size_t i = 0; i < keel_provision_count; i++)
		CHECK_ROW(verdict(keel_provisions[i].number) != KEEL_VERDICT_UNMET,
			keel_provisions[i].number);
	CHECK(verdict("5.7-1") == KEEL_VERDICT_EXCUSED);
	keel_declaration_clear(&d);
}

/* The heating product with one text in the place of another. */
static enum keel_err read_changed(const char *from, const char *to)
{
	static char changed[65536];
	const char *at = strstr(heating, from);
	CHECK_ROW(at != NULL, from);
	if (at == NULL)
		return KEEL_OK;
	int n = snprintf(changed, sizeof(changed), "%.*s%s%s", (int)(at - heating), heating, to,
		at + strlen(from));
	return read_bytes(changed, (size_t)n);
}

static void what_is_left_out_is_unmet(void)
{
	static const struct {
		const char *from, *to, *provision;
	} rows[] = {
		{ "  status: 14 days\n", "", "5.2-1" },
		{ "  action: ", "  action: x\n  monitorin: ", NULL },
		{ "on_change: [alert]", "on_change: []", "5.7-2" },
		{ "default: no, datum: heating history", "default: yes, datum: heating history",
			"6-2" },
		{ "kept: sealed store, origin: PBKDF2", "kept: program, origin: PBKDF2", "5.4-3" },
		{ "provision: 5.7-1", "provision: 5.2-1", "5.0-1" },
		{ "for: 30 days, leaves: to owners}", "leaves: to owners}", "6-6" },
	};
	for (size_t i = 0; i < KEEL_COUNT(rows); i++) {
		enum keel_err e = read_changed(rows[i].from, rows[i].to);
		CHECK_ROW((e == KEEL_OK) == (rows[i].provision != NULL), rows[i].from);
		if (e == KEEL_OK && rows[i].provision != NULL)
			CHECK_ROW(verdict(rows[i].provision) == KEEL_VERDICT_UNMET, rows[i].from);
		if (e == KEEL_OK)
			keel_declaration_clear(&d);
	}
}

/* Each is refused by where the change stands: its line, and the column that is given. */
static void a_wrong_file_is_refused_where_it_is_wrong(void)
{
	static const struct {
		const char *from, *to;
		unsigned line, column;
	} rows[] = {
		{ "keel: 1\n", "keel: 2\n", 3, 7 },
		{ "keel: 1\n", "keel: \"1\"\n", 3, 7 },
		{ "keel: 1\n", "keel: 1\nkeel: 1\n", 4, 1 },
		{ "keel: 1\n", "keel: &a 1\n", 3, 7 },
		{ "keel: 1\n", "keel: !!int 1\n", 3, 7 },
		{ "keel: 1\n", "keel: *a\n", 3, 7 },
		{ "keel: 1\n", "kel: 1\n", 3, 1 },
		{ "keel: 1\n", "keel: [1]\n", 3, 7 },
		{ "keel: 1\n", "", 3, 1 },
		{ "keys: tpm", "keys: cloud", 10, 7 },
		{ "from: 2026-12-01", "from: 2026-02-30", 13, 9 },
		{ "until: 2033-12-01", "until: 2026-12-01", 14, 3 },
		{ "acknowledge: 2 days", "acknowledge: 2", 20, 16 },
		{ "transport: tcp", "transport: telepathy", 27, 16 },
		{ "port: 8443", "port: 0", 28, 11 },
		{ "port: 8443", "port: 65536", 28, 11 },
	};
	for (size_t i = 0; i < KEEL_COUNT(rows); i++) {
		CHECK_ROW(read_changed(rows[i].from, rows[i].to) == KEEL_EFORM, rows[i].to);
		if (fault.at.line != rows[i].line || fault.at.column != rows[i].column)
			(void)printf("%s: at %u:%u\n", rows[i].to, fault.at.line, fault.at.column);
		CHECK_ROW(fault.at.line == rows[i].line && fault.at.column == rows[i].column,
			rows[i].to);
		CHECK_ROW(fault.what[0] != '\0' && fault.next[0] != '\0', rows[i].to);
	}
}

/* Ten thousand changed files: each is read, or refused with a place. */
static void mutations_are_read_or_refused(void)
{
	uint32_t seed = 303645;
	for (unsigned round = 0; round < 10000; round++) {
		static char copy[65536];
		memcpy(copy, heating, heating_n);
		for (unsigned i = 0; i <= round % 4; i++) {
			seed = seed * 1664525 + 1013904223;
			size_t at = (seed >> 8) % heating_n;
			seed = seed * 1664525 + 1013904223;
			copy[at] = (char)(seed >> 24);
		}
		if (read_bytes(copy, heating_n) == KEEL_OK) {
			for (size_t i = 0; i < keel_provision_count; i++)
				CHECK(keel_provision_judge(&keel_provisions[i], &d).at.line > 0);
			keel_declaration_clear(&d);
		} else {
			CHECK(fault.at.line > 0 && fault.what[0] != '\0');
		}
	}
}

TEST_MAIN(TEST(heating_compiles_to_the_same_bytes_twice), TEST(the_declarations_table_is_sound),
	TEST(every_provision_of_the_standard_has_its_row), TEST(heating_leaves_no_provision_unmet),
	TEST(what_is_left_out_is_unmet), TEST(a_wrong_file_is_refused_where_it_is_wrong),
	TEST(mutations_are_read_or_refused))

/* What of a declaration comes to the engine, and when it is more than the engine holds. */
#include <string.h>

#include "check.h"
#include "device/vault/facts.h"
#include "profile/declaration.h"

static char file[65536];
static struct keel_declaration d;
static struct keel_rules rules;

/* The heating product with `more` before its telemetry. */
static void read_with(const char *more)
{
	static char text[65536];
	struct keel_yaml_fault fault = { 0 };
	FILE *f = fopen(HEATING, "rb");
	CHECK(f != NULL);
	if (f == NULL)
		return;
	file[fread(file, 1, sizeof(file) - 1, f)] = '\0';
	(void)fclose(f);
	char *at = strstr(file, "telemetry:\n");
	CHECK(at != NULL);
	if (at == NULL)
		return;
	at += strlen("telemetry:\n");
	(void)snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - file), file, more, at);
	CHECK(keel_declaration_read(keel_text(text), NULL, &d, &fault) == KEEL_OK);
}

static enum keel_err rules_with(const char *more)
{
	read_with(more);
	enum keel_err e = keel_rules_of(d.bytes, &rules);
	keel_declaration_clear(&d);
	return e;
}

static void telemetry_comes_as_it_is_declared(void)
{
	CHECK(rules_with("") == KEEL_OK);
	const struct keel_rule_telemetry *t =
		keel_rule_telemetry_of(&rules, keel_text("burner starts"));
	CHECK(rules.telemetries == 2 && rules.data == 3 && t == &rules.telemetry[0]);
	CHECK(strcmp(t->name, "burner starts") == 0 && strcmp(t->unit, "count") == 0);
	CHECK(t->min == 0 && t->max == 1000000000 && t->every_s == 3600 && !t->consent);
	CHECK(keel_rule_telemetry_of(&rules, keel_text("burner")) == NULL);
	CHECK(keel_rule_datum_of(&rules, keel_text("burner starts")) == NULL);
}

#define PERSONAL                                                                                   \
	"unit: Cel, purpose: Warmth., consent: yes, every: 1 hour, min: -40, max: 80, for: 2 "     \
	"days}\n"

static void what_needs_consent_stands_among_the_data(void)
{
	CHECK(rules_with("  - {name: room, " PERSONAL) == KEEL_OK && rules.data == 4);
	const struct keel_rule_datum *asked = keel_rule_datum_of(&rules, keel_text("room"));
	CHECK(asked != NULL && asked->consent && asked->telemetry && !asked->person);
	CHECK(rules.telemetry[0].consent && rules.telemetry[0].min == -40000);
}

static struct keel_list personal(size_t n, uint8_t *buf, size_t cap)
{
	struct keel_list_maker m = keel_list_maker_of(buf, cap);
	const struct keel_telemetry t = { .name = keel_text("room"),
		.unit = keel_text("Cel"),
		.purpose = keel_text("Warmth."),
		.consent = true,
		.every_s = 3600,
		.for_s = 3600 };
	for (size_t i = 0; i < n; i++)
		CHECK(keel_list_put(&m, keel_telemetry_row.of, &t));
	return keel_list_made(&m);
}

/* keel compile refuses them, but who says that it was keel compile? The heating history needs one already. */
static void more_consents_than_setup_asks_for_are_too_many(void)
{
	static uint8_t items[4096], compiled[KEEL_PRODUCT_MAX];
	for (size_t n = 15; n <= 16; n++) {
		struct keel_wr w = keel_wr_of(compiled, sizeof(compiled));
		struct keel_bytes bytes = { 0 };
		read_with("");
		d.product.telemetry = personal(n, items, sizeof(items));
		keel_schema_write(&keel_product_schema, &d.product, &w);
		CHECK(keel_wr_end(&w, &bytes) == KEEL_OK);
		CHECK(keel_rules_of(bytes, &rules) == (n == 15 ? KEEL_OK : KEEL_EFULL));
		keel_declaration_clear(&d);
	}
}

TEST_MAIN(TEST(telemetry_comes_as_it_is_declared), TEST(what_needs_consent_stands_among_the_data),
	TEST(more_consents_than_setup_asks_for_are_too_many))

/*
 * Each provision that a declaration can leave unmet: with what it asks taken away, it is unmet, at the
 * place that is given, and nothing but what hangs on the same words is.
 */
#include <stdlib.h>

#include "check.h"
#include "profile/provisions.h"
#include "profile/secure.h"

static char heating[65536];
static char changed[65536];
static struct keel_declaration d;

static void load_heating(void)
{
	FILE *f = fopen(HEATING, "rb");
	CHECK(f != NULL);
	if (f == NULL)
		return;
	heating[fread(heating, 1, sizeof(heating) - 1, f)] = '\0';
	(void)fclose(f);
}

/* Puts `to` in the place of `from`; `part` is the line after which from is looked for. */
static bool replace(char *text, const char *part, const char *from, const char *to)
{
	static char rest[65536];
	char *at = strstr(text, part);
	at = at == NULL ? NULL : strstr(at, from);
	CHECK_ROW(at != NULL, from);
	if (at == NULL)
		return false;
	(void)snprintf(rest, sizeof(rest), "%s", at + strlen(from));
	(void)snprintf(at, sizeof(changed) - (size_t)(at - text), "%s%s", to, rest);
	return true;
}

static struct keel_judgement judgement(const char *number)
{
	for (size_t i = 0; i < keel_provision_count; i++)
		if (strcmp(keel_provisions[i].number, number) == 0)
			return keel_provision_judge(&keel_provisions[i], &d);
	return (struct keel_judgement){ .verdict = KEEL_VERDICT_COUNT };
}

/* Where `mark` stands in the changed text. */
static struct keel_yaml_mark mark_of(const char *part, const char *mark)
{
	struct keel_yaml_mark m = { 1, 1 };
	const char *at = strstr(strstr(changed, part), mark);
	CHECK_ROW(at != NULL, mark);
	for (const char *c = changed; at != NULL && c < at; c++) {
		m.column = *c == '\n' ? 1 : m.column + 1;
		m.line += *c == '\n';
	}
	return m;
}

struct loss {
	const char *part, *from, *to,
		*mark; /* mark: the word at whose place it is unmet, or NULL */
};

static char next_of_last[240];

static void judged(const char *number, enum keel_verdict verdict, struct loss l)
{
	struct keel_yaml_fault f = { 0 };
	load_heating();
	memcpy(changed, heating, sizeof(changed));
	if (!replace(changed, l.part, l.from, l.to))
		return;
	enum keel_err e = keel_declaration_read(keel_text(changed), NULL, &d, &f);
	CHECK_ROW(e == KEEL_OK, f.what);
	if (e != KEEL_OK)
		return;
	struct keel_judgement j = judgement(number);
	CHECK_ROW(j.verdict == verdict, number);
	(void)snprintf(next_of_last, sizeof(next_of_last), "%s", j.next);
	if (l.mark != NULL) {
		struct keel_yaml_mark at = mark_of(l.part, l.mark);
		if (j.at.line != at.line || j.at.column != at.column)
			(void)printf("%s: %u:%u, not %u:%u\n", number, j.at.line, j.at.column,
				at.line, at.column);
		CHECK_ROW(j.at.line == at.line && j.at.column == at.column, number);
	}
	keel_declaration_clear(&d);
}

#define UNMET(number, ...) judged(number, KEEL_VERDICT_UNMET, (struct loss){ __VA_ARGS__ })
#define MET(number, ...)   judged(number, KEEL_VERDICT_MET, (struct loss){ __VA_ARGS__ })
#define KEELD(number, ...) judged(number, KEEL_VERDICT_KEELD, (struct loss){ __VA_ARGS__ })

static void prov_5_0_1_only_a_recommendation_is_excused(void)
{
	UNMET("5.0-1", "\nexceptions:", "provision: 5.7-1", "provision: 5.2-1", "provision:");
}

static void prov_5_2_1_reporting_needs_contact_policy_and_times(void)
{
	static const char *const fields[] = {
		"  contact: ", "  policy: ", "  acknowledge: ", "  status: "
	};
	static const char *const asked[] = { "write contact under vulnerabilities",
		"write policy under vulnerabilities", "write acknowledge under vulnerabilities",
		"write status under vulnerabilities" };
	for (size_t i = 0; i < KEEL_COUNT(fields); i++) {
		UNMET("5.2-1", "\nvulnerabilities:", fields[i], "  #", "vulnerabilities:");
		CHECK_ROW(strcmp(next_of_last, asked[i]) == 0, next_of_last);
	}
}

/* RFC 9116 lets a contact be a page by https, a mailbox or a telephone. */
static void prov_5_2_1_a_report_goes_where_nobody_else_reads_it(void)
{
	static const char *const contacts[] = { "http://heating.example/security",
		"ftp://heating.example/", "security@heating.example", "https://", "Write to us." };
	for (size_t i = 0; i < KEEL_COUNT(contacts); i++)
		UNMET("5.2-1", "\nvulnerabilities:", "https://heating.example/security",
			contacts[i], "contact:");
	UNMET("5.2-1", "\n  policy:", "https://", "http://", "policy:");
	MET("5.2-1", "\nvulnerabilities:", "https://heating.example/security",
		"mailto:security@heating.example");
	MET("5.2-1", "\nvulnerabilities:", "https://heating.example/security",
		"tel:+44-20-7946-0000");
}

static void no_provision_sends_an_owner_to_a_page_by_http(void)
{
	UNMET("5.3-13", "\nsupport:", "https://", "http://", "published:");
	UNMET("5.11-3", "\ndeletion:", "https://", "See http://", "instructions:");
	UNMET("5.12-2", "\nsetup:", "https://", "http://", "guide:");
	UNMET("5.12-3", "\nsetup:", "The app's page", "http://heating.example/check", "check:");
	MET("5.12-2", "\nsetup:", "https://heating.example/hearth-h1/start",
		"The leaflet in the box.");
}

static void prov_5_2_2_and_3_what_is_done_and_watched_is_said(void)
{
	UNMET("5.2-2", "\nvulnerabilities:", "  action: ", "  #", "vulnerabilities:");
	UNMET("5.2-3", "\nvulnerabilities:", "  monitoring: ", "  #", "vulnerabilities:");
}

static void prov_5_3_updates_are_declared(void)
{
	UNMET("5.3-1", "\npractice:", "  components: ", "  #", "practice:");
	UNMET("5.3-4A", "\nupdate:", "automatic: yes", "automatic: no", "automatic:");
	UNMET("5.3-4B", "\nupdate:", "automatic: yes", "automatic: no", "automatic:");
	UNMET("5.3-6A", "\nupdate:", "  postpone: ", "  #", "update:");
	UNMET("5.3-8", "\npractice:", "  updates: ", "  #", "practice:");
	UNMET("5.3-11", "\nupdate:", "  notice: ", "  #", "update:");
	UNMET("5.3-12", "\nupdate:", "  notice: ", "  #", "update:");
	UNMET("5.3-13", "\nsupport:", "  published: ", "  #", "support:");
}

/* Without an update mechanism: the three for products that have none are asked in its place. */
static void prov_5_3_2_and_14_a_product_without_updates(void)
{
	static const char *const asked[] = { "5.3-2", "5.3-3", "5.3-5", "5.3-7", "5.3-14",
		"5.3-15A", "5.3-15B" };
	static const char whole[] =
		"update:\n  automatic: yes\n  check: 24 hours\n  postpone: 7 days\n"
		"  mechanism: Signed manifests with rollback protection, verified on the device.\n"
		"  notice: The app tells what an update mends, and when heating will pause for "
		"it.\n";
	for (size_t i = 0; i < KEEL_COUNT(asked); i++)
		UNMET(asked[i], "keel: 1", whole, "", "keel: 1");
}

static void prov_5_4_1_and_3_critical_parameters_are_kept_securely(void)
{
	UNMET("5.4-1", "{name: door key", "kept: file", "kept: app", "kept:");
	UNMET("5.4-3", "{name: door key", "kept: file", "kept: program", "kept:");
}

static void prov_5_5_cryptography_and_keys_are_looked_after(void)
{
	UNMET("5.5-2", "\npractice:", "  cryptography: ", "  #", "practice:");
	UNMET("5.5-3", "\npractice:", "  cryptography: ", "  #", "practice:");
	UNMET("5.5-8", "\npractice:", "  parameters: ", "  #", "practice:");
}

/* What is not known to be secure is not, whatever carries it; a cable and a button are no network. */
static void prov_5_5_1_what_a_network_carries_is_protected(void)
{
	static const struct {
		const char *transport, *protocol, *next;
	} plain[] = {
		{ "tcp", "telnet", "speak ssh" },
		{ "tcp", "http", "speak https" },
		{ "tcp", "mqtt", "speak mqtts" },
		{ "udp", "coap", "speak coaps or oscore" },
		{ "radio", "wep", "speak wpa3" },
		{ "tcp", "HTTPS", "man product.yaml names" },
		{ "udp", "our own", "man product.yaml names" },
	};
	char to[160];
	for (size_t i = 0; i < KEEL_COUNT(plain); i++) {
		(void)snprintf(to, sizeof(to), "transport: %s,%s protocol: %s", plain[i].transport,
			strcmp(plain[i].transport, "radio") == 0 ? "" : " port: 23,",
			plain[i].protocol);
		UNMET("5.5-1", "{name: button", "transport: button, protocol: press", to,
			"protocol:");
		CHECK_ROW(strstr(next_of_last, plain[i].next) != NULL, next_of_last);
	}
	KEELD("5.5-1", "{name: button",
		"transport: button, protocol: press, open: [factory, setup, operation, isolated]",
		"transport: tcp, port: 23, protocol: telnet, open: []");
	KEELD("5.5-1", "{name: button", "transport: button, protocol: press",
		"transport: serial, protocol: console");
	KEELD("5.5-1", "{name: button", "transport: button, protocol: press",
		"transport: udp, port: 5353, protocol: mdns");
}

/* Devices and service compare it by its bytes: each origin has one spelling. */
static void an_origin_has_one_spelling(void)
{
	static const char *const origins[] = { "https://fleet.example", "https://a",
		"https://fleet.example:8443", "https://192.0.2.7:1", "https://[2001:db8::7]",
		"https://[2001:db8::7]:65535", "https://x-1.example" };
	static const char *const others[] = { "https://", "http://fleet.example", "fleet.example",
		"https://fleet.example/", "https://fleet.example?", "https://fleet.example#a",
		"https://me@fleet.example", "https://Fleet.example", "HTTPS://fleet.example",
		"https://fleet.example:", "https://fleet.example:443", "https://fleet.example:0",
		"https://fleet.example:08443", "https://fleet.example:65536",
		"https://fleet.example:123456", "https://fleet.example:8443/", "https://:8443",
		"https://.example", "https://-a", "https://[]", "https://[2001:db8::7",
		"https://[::1]x", "https://a b", "https://fleet.example:8x", "https://é.example" };
	for (size_t i = 0; i < KEEL_COUNT(origins); i++)
		CHECK_ROW(keel_secure_origin(keel_text(origins[i])) == NULL, origins[i]);
	for (size_t i = 0; i < KEEL_COUNT(others); i++)
		CHECK_ROW(keel_secure_origin(keel_text(others[i])) != NULL, others[i]);
}

/* man product.yaml lists what may be written: each of it is known, and none is missing. */
static void the_manual_names_every_secure_protocol(void)
{
	enum { SECURE = 21 };
	static char text[65536];
	size_t n = 0;
	FILE *f = fopen(MANUAL, "rb");
	CHECK(f != NULL && fread(text, 1, sizeof(text) - 1, f) > 0);
	if (f != NULL)
		(void)fclose(f);
	char *line = strstr(text, "Protocols that protect");
	char *end = strstr(text, "Any other is told");
	CHECK(line != NULL && end != NULL && line < end);
	if (line == NULL || end == NULL)
		return;
	*end = '\0';
	while ((line = strstr(line, "\n.Li ")) != NULL) {
		line += strlen("\n.Li ");
		while (*line != '\n') {
			struct keel_bytes word = { (const uint8_t *)line, strcspn(line, " \n") };
			bool mark = keel_bytes_is(word, ",") || keel_bytes_is(word, ".");
			CHECK_ROW(mark || keel_secure_protocol(word) == NULL, line);
			n += !mark;
			line += word.n + (line[word.n] == ' ');
		}
	}
	CHECK(n == SECURE);
}

static void prov_5_6_the_surface_is_small(void)
{
	UNMET("5.6-3", "\npractice:", "  hardware: ", "  #", "practice:");
	UNMET("5.6-4A", "{name: button", "open: ", "debug: yes, open: ", "open:");
	UNMET("5.6-9", "\npractice:", "  development: ", "  #", "practice:");
}

static void prov_5_7_a_change_of_the_software_is_seen(void)
{
	UNMET("5.7-1", "\nintegrity:", "provision: 5.7-1", "provision: 5.6-6", "integrity:");
	UNMET("5.7-2", "\nintegrity:", "[alert]", "[isolate]", "on_change:");
}

static void prov_5_8_3_what_senses_is_listed(void)
{
	UNMET("5.8-3", "\nsensing:",
		"sensing:\n  - {sensor: room thermometer, purpose: Regulates the heating.}",
		"sensing: []", "sensing:");
}

static void prov_5_9_what_goes_on_alone_is_declared(void)
{
	static const char whole[] =
		"  - function: heating\n"
		"    without_network: Goes on at the last setpoint and the weekly schedule.\n"
		"    after_power_cut: Heats again within seconds, at the last setpoint.\n"
		"    fallback: Frost protection at 7 degrees.\n";
	UNMET("5.9-1", "\nautonomy:", whole, "  []\n", "autonomy:");
	UNMET("5.9-2", "\nautonomy:", whole, "  []\n", "autonomy:");
}

static void prov_5_11_3_and_5_12_owners_are_told_how(void)
{
	UNMET("5.11-3", "\ndeletion:", "  instructions: ", "  #", "deletion:");
	UNMET("5.12-2", "\nsetup:", "  guide: ", "  #", "setup:");
	UNMET("5.12-3", "\nsetup:", "  check: ", "  #", "setup:");
}

static void prov_6_2_consent_is_asked_for_and_not_preset(void)
{
	UNMET("6-2", "keel: 1", "default: no, datum: heating history",
		"default: yes, datum: heating history", "basis: consent");
	UNMET("6-2", "keel: 1", "default: no, datum: heating history", "default: no",
		"basis: consent");
	UNMET("6-2", "\ntelemetry:", "consent: no", "consent: yes", "consent: yes");
	CHECK_ROW(strstr(next_of_last, "setup.decisions") != NULL, next_of_last);
	MET("6-2", "\ntelemetry:", "consent: no", "consent: no");
	UNMET("6-2", "\nsetup:", "default: no, datum: heating history",
		"default: no, datum: burner starts", NULL);
}

/* Telemetry that tells of a person is asked for, taken back, and held by somebody else. */
static void prov_6_2_and_3a_telemetry_is_asked_for_by_its_name(void)
{
	static const char from[] = "{name: burner starts, unit: count, min: 0, max: 1000000, "
				   "purpose: Tells how worn the burner is., consent: no";
	static const char to[] = "{name: burner starts, unit: count, min: 0, max: 1000000, "
				 "purpose: Tells how worn the burner is., consent: yes";
	struct keel_yaml_fault f = { 0 };
	load_heating();
	memcpy(changed, heating, sizeof(changed));
	if (!replace(changed, "keel: 1", from, to) ||
		!replace(changed, "\nsetup:", "  guide:",
			"    - {ask: May the maker know?, default: no, datum: burner starts}\n  "
			"guide:"))
		return;
	CHECK(keel_declaration_read(keel_text(changed), NULL, &d, &f) == KEEL_OK);
	CHECK(judgement("6-2").verdict == KEEL_VERDICT_MET);
	CHECK(judgement("6-3A").verdict == KEEL_VERDICT_KEELD);
	CHECK(judgement("5.11-2").verdict == KEEL_VERDICT_ASSESS);
	keel_declaration_clear(&d);
}

/* What changes where a product has a service, and sends it something. */
static void a_service_is_judged_with_what_it_gets(void)
{
	static const struct {
		const char *number;
		enum keel_verdict with, without;
	} rows[] = {
		{ "5.9-3", KEEL_VERDICT_KEELD, KEEL_VERDICT_ASSESS },
		{ "5.10-1", KEEL_VERDICT_ASSESS, KEEL_VERDICT_ABSENT },
		{ "5.11-2", KEEL_VERDICT_ABSENT, KEEL_VERDICT_ABSENT },
		{ "6-4", KEEL_VERDICT_ASSESS, KEEL_VERDICT_ABSENT },
		{ "6-5", KEEL_VERDICT_MET, KEEL_VERDICT_ABSENT },
		{ "6-6", KEEL_VERDICT_MET, KEEL_VERDICT_MET },
	};
	struct keel_yaml_fault f = { 0 };
	for (size_t alone = 0; alone < 2; alone++) {
		load_heating();
		char *telemetry = strstr(heating, "telemetry:\n");
		char *values = strstr(heating, "values:\n");
		char *service = strstr(heating, "service:\n");
		char *end = strstr(heating, "exceptions:\n");
		CHECK(telemetry != NULL && values != NULL && service != NULL && end != NULL);
		(void)snprintf(changed, sizeof(changed), "%.*s%.*s%s", (int)(telemetry - heating),
			heating, (int)(service - values), values, end);
		const char *text = alone == 0 ? heating : changed;
		CHECK(keel_declaration_read(keel_text(text), NULL, &d, &f) == KEEL_OK);
		for (size_t i = 0; i < KEEL_COUNT(rows); i++)
			CHECK_ROW(judgement(rows[i].number).verdict ==
					  (alone == 0 ? rows[i].with : rows[i].without),
				rows[i].number);
		keel_declaration_clear(&d);
	}
}

static void prov_6_6_a_history_has_an_end(void)
{
	UNMET("6-6", "{name: temperature history", "for: 30 days, ", "", "{name: temperature");
}

TEST_MAIN(TEST(prov_5_0_1_only_a_recommendation_is_excused),
	TEST(prov_5_2_1_reporting_needs_contact_policy_and_times),
	TEST(prov_5_2_2_and_3_what_is_done_and_watched_is_said),
	TEST(prov_5_2_1_a_report_goes_where_nobody_else_reads_it),
	TEST(no_provision_sends_an_owner_to_a_page_by_http),
	TEST(prov_5_5_1_what_a_network_carries_is_protected), TEST(an_origin_has_one_spelling),
	TEST(the_manual_names_every_secure_protocol), TEST(prov_5_3_updates_are_declared),
	TEST(prov_5_3_2_and_14_a_product_without_updates),
	TEST(prov_5_4_1_and_3_critical_parameters_are_kept_securely),
	TEST(prov_5_5_cryptography_and_keys_are_looked_after), TEST(prov_5_6_the_surface_is_small),
	TEST(prov_5_7_a_change_of_the_software_is_seen), TEST(prov_5_8_3_what_senses_is_listed),
	TEST(prov_5_9_what_goes_on_alone_is_declared),
	TEST(prov_5_11_3_and_5_12_owners_are_told_how),
	TEST(prov_6_2_consent_is_asked_for_and_not_preset),
	TEST(prov_6_2_and_3a_telemetry_is_asked_for_by_its_name),
	TEST(a_service_is_judged_with_what_it_gets), TEST(prov_6_6_a_history_has_an_end))

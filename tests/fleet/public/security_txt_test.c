/* RFC 9116, rule by rule, over the file as a reporter's tool reads it. */
#include <strings.h>
#include <time.h>

#include "fleet/public/security_txt.h"
#include "place.h"

static struct place p;

/* The value of the n-th field of this name (§2: names are read without case); NULL where there is none. */
static const char *field(const struct keel_http_answer *a, const char *name, unsigned n)
{
	static char value[1200];
	const char *line = (const char *)a->body.p;
	for (; line != NULL && line[0] != '\0'; line = strchr(line, '\n'), line += line != NULL) {
		size_t len = strlen(name);
		if (strncasecmp(line, name, len) != 0 || line[len] != ':' || n-- > 0)
			continue;
		(void)snprintf(value, sizeof(value), "%.*s", (int)strcspn(line + len + 2, "\r\n"),
			line + len + 2);
		return value;
	}
	return NULL;
}

static bool is_field(const struct keel_http_answer *a, const char *name, const char *value)
{
	const char *found = field(a, name, 0);
	return found != NULL && strcmp(found, value) == 0;
}

static int64_t seconds_of(const char *rfc3339)
{
	struct tm tm = { 0 };
	const char *end = rfc3339 != NULL ? strptime(rfc3339, "%Y-%m-%dT%H:%M:%SZ", &tm) : NULL;
	return end != NULL && *end == '\0' ? (int64_t)timegm(&tm) : 0;
}

static struct keel_http_answer file(void)
{
	return place_get(&p, "/.well-known/security.txt");
}

/* §2.2, §4: each field on its own line, "name: value", and every line has its end. */
static bool well_formed(const struct keel_http_answer *a)
{
	const char *line = (const char *)a->body.p;
	while (*line != '\0') {
		size_t name = strspn(line, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-");
		size_t all = strcspn(line, "\n");
		if (name == 0 || strncmp(line + name, ": ", 2) != 0 || line[all] != '\n')
			return false;
		for (size_t i = name + 2; i < all; i++)
			if (line[i] < ' ')
				return false;
		if (all == name + 2)
			return false;
		line += all + 1;
	}
	return a->body.n > 0;
}

static void prov_5_2_1_every_rule_of_rfc_9116_holds(void)
{
	place_open(&p);
	p.site.encryption = keel_text("https://fleet.heating.example/desk-key.asc");
	struct keel_http_answer a = file();
	/* §3: the path, the type and its charset. */
	CHECK(a.status == 200 && strcmp(a.type, "text/plain; charset=utf-8") == 0);
	CHECK(well_formed(&a));
	/* §2.5.3: at least one Contact, a URI, of the web by https. */
	CHECK(is_field(&a, "Contact", "https://heating.example/security"));
	/* §2.5.5: Expires once, as RFC 3339 has it, in the future, under a year. */
	int64_t expires = seconds_of(field(&a, "Expires", 0));
	CHECK(expires > p.site.now_s && expires < p.site.now_s + (int64_t)365 * 86400);
	CHECK(field(&a, "Expires", 1) == NULL);
	/* §2.5.2: Canonical is where it was fetched from, by https. */
	CHECK(is_field(&a, "Canonical", PLACE_ORIGIN "/.well-known/security.txt"));
	/* §2.5.8: Preferred-Languages once. */
	CHECK(is_field(&a, "Preferred-Languages", "en"));
	CHECK(field(&a, "Preferred-Languages", 1) == NULL);
	/* §2.5.7, §2.5.4: where the policy is, and where the key is: not the key itself. */
	CHECK(is_field(&a, "Policy", "https://heating.example/security/policy"));
	CHECK(is_field(&a, "Encryption", "https://fleet.heating.example/desk-key.asc"));
	place_close(&p);
}

static void the_services_own_form_is_the_first_contact(void)
{
	place_open(&p);
	p.site.form = keel_text(PLACE_ORIGIN "/report");
	struct keel_http_answer a = file();
	CHECK(well_formed(&a) && is_field(&a, "Contact", PLACE_ORIGIN "/report"));
	CHECK(strcmp(field(&a, "Contact", 1), "https://heating.example/security") == 0);
	p.declaration.product.vulnerabilities.contact = p.site.form;
	a = file();
	CHECK(is_field(&a, "Contact", PLACE_ORIGIN "/report") && field(&a, "Contact", 1) == NULL);
	p.declaration.product.vulnerabilities.contact = (struct keel_bytes){ 0 };
	a = file();
	CHECK(a.status == 200 && is_field(&a, "Contact", PLACE_ORIGIN "/report"));
	place_close(&p);
}

static void expires_is_renewed_every_day_and_is_the_same_all_day(void)
{
	place_open(&p);
	for (int64_t hour = 0; hour < (int64_t)24 * 400; hour++) {
		p.site.now_s = (PLACE_DAY * (int64_t)24 + hour) * 3600;
		struct keel_http_answer a = file();
		int64_t left = seconds_of(field(&a, "Expires", 0)) - p.site.now_s;
		CHECK(left == (KEEL_SECURITY_TXT_DAYS * (int64_t)24 - hour % 24) * 3600);
	}
	place_close(&p);
}

static void what_is_no_uri_of_the_rfc_is_left_out(void)
{
	static const struct {
		const char *contact;
		bool stands;
	} rows[] = {
		{ "https://heating.example/security", true },
		{ "mailto:security@heating.example", true },
		{ "tel:+44-1632-960000", true },
		{ "http://heating.example/security", false },
		{ "security@heating.example", false },
		{ "https://", false },
		{ "https://heating.example/a b", false },
		{ "https://heating.example/\nPolicy: https://evil.example", false },
		{ "https://heating.example/\r", false },
		{ "https://heating.example/é", false },
		{ "javascript:alert(1)", false },
	};
	place_open(&p);
	for (size_t i = 0; i < KEEL_COUNT(rows); i++) {
		struct keel_vulnerabilities *v = &p.declaration.product.vulnerabilities;
		bool web = rows[i].stands && strncmp(rows[i].contact, "https:", 6) == 0;
		v->contact = v->policy = p.site.encryption = keel_text(rows[i].contact);
		struct keel_http_answer a = file();
		CHECK_ROW(a.status == (rows[i].stands ? 200 : 404), rows[i].contact);
		v->contact = keel_text("tel:+44-1632-960000");
		a = file();
		CHECK_ROW(a.status == 200 && well_formed(&a), rows[i].contact);
		CHECK_ROW((field(&a, "Policy", 0) != NULL) == web, rows[i].contact);
		CHECK_ROW(field(&a, "Policy", 1) == NULL, rows[i].contact);
		CHECK_ROW((field(&a, "Encryption", 0) != NULL) == web, rows[i].contact);
	}
	place_close(&p);
}

static void many_products_name_each_contact_once_in_their_order(void)
{
	static struct keel_product others[3];
	struct keel_site_product all[3];
	place_open(&p);
	for (size_t i = 0; i < 3; i++) {
		others[i] = p.declaration.product;
		all[i] = p.product;
		all[i].product = &others[i];
	}
	others[1].vulnerabilities.contact = keel_text("mailto:b@heating.example");
	p.site.products = all;
	p.site.count = 3;
	struct keel_http_answer a = file();
	CHECK(is_field(&a, "Contact", "https://heating.example/security"));
	CHECK(strcmp(field(&a, "Contact", 1), "mailto:b@heating.example") == 0);
	CHECK(field(&a, "Contact", 2) == NULL && field(&a, "Policy", 1) == NULL);
	CHECK(field(&a, "Expires", 1) == NULL && well_formed(&a));
	p.site.count = 0;
	CHECK(file().status == 404);
	place_close(&p);
}

TEST_MAIN(TEST(prov_5_2_1_every_rule_of_rfc_9116_holds),
	TEST(the_services_own_form_is_the_first_contact),
	TEST(expires_is_renewed_every_day_and_is_the_same_all_day),
	TEST(what_is_no_uri_of_the_rfc_is_left_out),
	TEST(many_products_name_each_contact_once_in_their_order))

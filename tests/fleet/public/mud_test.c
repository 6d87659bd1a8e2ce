/* RFC 8520, rule by rule, over the file as a MUD manager reads it; its sections are in the comments. */
#include "fleet/public/mud.h"
#include "place.h"

#define ACLS "ietf-access-control-list:acls"

static struct place p;
static json_t *root;
static const json_t *mud;

static void open_mud(void)
{
	place_open(&p);
	root = place_json(&p, PLACE_HUB "mud.json");
	mud = json_object_get(root, "ietf-mud:mud");
}

static void close_mud(void)
{
	json_decref(root);
	place_close(&p);
}

static const char *text(const char *name)
{
	const char *s = json_string_value(json_object_get(mud, name));
	return s != NULL ? s : "";
}

static const json_t *acl(const char *name)
{
	const json_t *list = json_object_get(json_object_get(root, ACLS), "acl");
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *x = json_array_get(list, i);
		if (strcmp(json_string_value(json_object_get(x, "name")), name) == 0)
			return x;
	}
	return NULL;
}

static const json_t *entry(const char *list, const char *name)
{
	const json_t *aces = json_object_get(json_object_get(acl(list), "aces"), "ace");
	for (size_t i = 0; i < json_array_size(aces); i++) {
		const json_t *x = json_array_get(aces, i);
		if (strcmp(json_string_value(json_object_get(x, "name")), name) == 0)
			return x;
	}
	return NULL;
}

/* entry / matches / a / b */
static const json_t *match(const char *list, const char *name, const char *a, const char *b)
{
	return json_object_get(
		json_object_get(json_object_get(entry(list, name), "matches"), a), b);
}

static bool is_text(const json_t *v, const char *s)
{
	return json_is_string(v) && strcmp(json_string_value(v), s) == 0;
}

static int64_t port(const json_t *p_)
{
	return is_text(json_object_get(p_, "operator"), "eq")
		       ? json_integer_value(json_object_get(p_, "port"))
		       : 0;
}

static void what_is_mandatory_is_there(void)
{
	struct keel_http_answer a;
	open_mud();
	a = place_get(&p, PLACE_HUB "mud.json");
	CHECK(a.status == 200 && strcmp(a.type, "application/mud+json") == 0); /* §12.3 */
	CHECK(json_integer_value(json_object_get(mud, "mud-version")) == 1);   /* §3.1 */
	CHECK(strcmp(text("mud-url"), PLACE_ORIGIN PLACE_HUB "mud.json") ==
		0);                                                      /* §3.2: https, itself */
	CHECK(strcmp(text("last-update"), "2026-12-01T12:34:56Z") == 0); /* §3.4 */
	int64_t hours = json_integer_value(json_object_get(mud, "cache-validity"));
	CHECK(hours >= 1 && hours <= 168);                                      /* §3.5 */
	CHECK(json_is_true(json_object_get(mud, "is-supported")));              /* §3.6 */
	CHECK(strcmp(text("systeminfo"), "Hearth H1, smart heating hub") == 0); /* §3.7 */
	CHECK(strcmp(text("mfg-name"), "Example Heating Ltd") == 0);            /* §3.8 */
	CHECK(strcmp(text("model-name"), "hearth-h1") == 0);
	CHECK(strcmp(text("documentation"), PLACE_ORIGIN PLACE_HUB) == 0);
	/* §3.8: the software can be updated and the URL cannot. §3.9: none is used. */
	CHECK(json_object_get(mud, "software-rev") == NULL);
	CHECK(json_object_get(mud, "firmware-rev") == NULL);
	CHECK(json_object_get(mud, "extensions") == NULL);
	/* None is made, so none is named. */
	CHECK(json_object_get(mud, "mud-signature") == NULL);
	close_mud();
}

/* §3.3: each policy names lists that are there, each list once and by exactly one policy. */
static void policies_and_lists_name_each_other(void)
{
	static const struct {
		const char *policy, *lists[2];
	} rows[] = { { "from-device-policy", { "from-ipv4", "from-ipv6" } },
		{ "to-device-policy", { "to-ipv4", "to-ipv6" } } };
	open_mud();
	for (size_t i = 0; i < KEEL_COUNT(rows); i++) {
		const json_t *policy = json_object_get(mud, rows[i].policy);
		const json_t *named =
			json_object_get(json_object_get(policy, "access-lists"), "access-list");
		CHECK_ROW(json_array_size(named) == 2, rows[i].policy);
		for (size_t n = 0; n < 2; n++) {
			const json_t *name = json_object_get(json_array_get(named, n), "name");
			CHECK_ROW(is_text(name, rows[i].lists[n]), rows[i].lists[n]);
			CHECK_ROW(acl(rows[i].lists[n]) != NULL, rows[i].lists[n]);
		}
	}
	CHECK(json_array_size(json_object_get(json_object_get(root, ACLS), "acl")) == 4);
	close_mud();
}

/* Each list has one version of IP, and every entry only what its type allows (RFC 8519). */
static void every_entry_is_of_its_lists_type_and_accepts(void)
{
	static const struct {
		const char *list, *type, *ip, *other;
	} rows[] = { { "from-ipv4", "ipv4-acl-type", "ipv4", "ipv6" },
		{ "to-ipv4", "ipv4-acl-type", "ipv4", "ipv6" },
		{ "from-ipv6", "ipv6-acl-type", "ipv6", "ipv4" },
		{ "to-ipv6", "ipv6-acl-type", "ipv6", "ipv4" } };
	open_mud();
	for (size_t i = 0; i < KEEL_COUNT(rows); i++) {
		const json_t *aces =
			json_object_get(json_object_get(acl(rows[i].list), "aces"), "ace");
		CHECK_ROW(is_text(json_object_get(acl(rows[i].list), "type"), rows[i].type),
			rows[i].list);
		CHECK_ROW(json_array_size(aces) == 2, rows[i].list);
		for (size_t n = 0; n < json_array_size(aces); n++) {
			const json_t *ace = json_array_get(aces, n);
			const json_t *m = json_object_get(ace, "matches");
			CHECK_ROW(json_object_get(m, rows[i].ip) != NULL, rows[i].list);
			CHECK_ROW(json_object_get(m, rows[i].other) == NULL, rows[i].list);
			CHECK_ROW(is_text(json_object_get(
						  json_object_get(ace, "actions"), "forwarding"),
					  "accept"),
				rows[i].list);
		}
	}
	close_mud();
}

static void the_service_is_called_by_name_and_port_and_calls_nobody(void)
{
	open_mud();
	CHECK(is_text(match("from-ipv4", "service", "ipv4", "ietf-acldns:dst-dnsname"),
		"fleet.heating.example"));
	CHECK(is_text(match("to-ipv6", "service", "ipv6", "ietf-acldns:src-dnsname"),
		"fleet.heating.example"));
	CHECK(json_integer_value(match("from-ipv4", "service", "ipv4", "protocol")) == 6);
	CHECK(port(match("from-ipv4", "service", "tcp", "destination-port")) == 443);
	CHECK(port(match("to-ipv4", "service", "tcp", "source-port")) == 443);
	CHECK(match("from-ipv4", "service", "tcp", "source-port") == NULL);
	CHECK(is_text(match("from-ipv4", "service", "tcp", "ietf-mud:direction-initiated"),
		"from-device"));
	CHECK(is_text(
		match("to-ipv4", "service", "tcp", "ietf-mud:direction-initiated"), "from-device"));
	CHECK(match("from-ipv4", "service", "ietf-mud:mud", "local-networks") == NULL);
	close_mud();
}

/* RFC 7951 §6.9: an empty leaf is [null]. */
static void who_is_at_home_reaches_what_is_open_and_no_more(void)
{
	open_mud();
	const json_t *local = match("to-ipv4", "home: door", "ietf-mud:mud", "local-networks");
	CHECK(json_array_size(local) == 1 && json_is_null(json_array_get(local, 0)));
	CHECK(port(match("to-ipv4", "home: door", "tcp", "destination-port")) == 8443);
	CHECK(port(match("from-ipv6", "home: door", "tcp", "source-port")) == 8443);
	CHECK(is_text(match("to-ipv6", "home: door", "tcp", "ietf-mud:direction-initiated"),
		"to-device"));
	CHECK(match("to-ipv4", "home: door", "ipv4", "ietf-acldns:src-dnsname") == NULL);
	CHECK(entry("to-ipv4", "home: button") == NULL);
	close_mud();
}

static void is_supported_ends_with_the_support_and_is_a_new_version_then(void)
{
	place_open(&p);
	p.site.now_s = (p.history[1].until + 1) * (int64_t)86400 - 1;
	root = place_json(&p, PLACE_HUB "mud.json");
	mud = json_object_get(root, "ietf-mud:mud");
	CHECK(json_is_true(json_object_get(mud, "is-supported")));
	json_decref(root);
	p.site.now_s++;
	root = place_json(&p, PLACE_HUB "mud.json");
	mud = json_object_get(root, "ietf-mud:mud");
	CHECK(json_is_false(json_object_get(mud, "is-supported")));
	CHECK(strcmp(text("last-update"), "2033-12-02T00:00:00Z") == 0);
	close_mud();
}

static void the_services_origin_is_taken_apart(void)
{
	static const struct {
		const char *url, *host;
		int64_t port;
	} rows[] = { { "https://fleet.example", "fleet.example", 443 },
		{ "https://fleet.example:8443", "fleet.example", 8443 },
		{ "https://[fd00::1]", "fd00::1", 443 }, { "https://[fd00::1]:9", "fd00::1", 9 },
		{ "https://192.0.2.1:65535", "192.0.2.1", 65535 } };
	for (size_t i = 0; i < KEEL_COUNT(rows); i++) {
		place_open(&p);
		p.declaration.product.service.url = keel_text(rows[i].url);
		root = place_json(&p, PLACE_HUB "mud.json");
		CHECK_ROW(is_text(match("from-ipv4", "service", "ipv4", "ietf-acldns:dst-dnsname"),
				  rows[i].host),
			rows[i].url);
		CHECK_ROW(port(match("from-ipv4", "service", "tcp", "destination-port")) ==
				  rows[i].port,
			rows[i].url);
		close_mud();
	}
}

static void without_a_service_it_speaks_with_the_home_alone(void)
{
	place_open(&p);
	p.declaration.product.has &= ~(1U << KEEL_PRODUCT_SERVICE);
	root = place_json(&p, PLACE_HUB "mud.json");
	CHECK(entry("from-ipv4", "service") == NULL);
	CHECK(entry("to-ipv4", "home: door") != NULL);
	close_mud();
}

/* A debug port that is declared and never open (5.6-4A) needs nothing of the network. */
static void what_is_never_open_is_not_asked_for(void)
{
	static uint8_t buf[512];
	struct keel_wr items = keel_wr_of(buf, sizeof(buf));
	struct keel_list all = { 0 };
	struct keel_interface i;
	place_open(&p);
	struct keel_list rest = p.declaration.product.interfaces;
	CHECK(keel_list_next(&keel_interface_row, &rest, &i));
	i.open = (struct keel_list){ 0 };
	keel_list_add(&keel_interface_row, &i, &items, &all);
	p.declaration.product.interfaces = all;
	root = place_json(&p, PLACE_HUB "mud.json");
	CHECK(entry("to-ipv4", "home: door") == NULL && entry("to-ipv4", "service") != NULL);
	close_mud();
}

/* §3.7: 60 characters, and none cut in its middle; é is two bytes. */
static void systeminfo_is_cut_between_characters(void)
{
	place_open(&p);
	p.declaration.product.model.name = keel_text("éééééééééééééééééééééééééééééé");
	p.declaration.product.model.type = keel_text("éééééééééééééééééééééééééééééé");
	root = place_json(&p, PLACE_HUB "mud.json");
	mud = json_object_get(root, "ietf-mud:mud");
	CHECK(strlen(text("systeminfo")) == 2 * 58 + 2);
	close_mud();
}

TEST_MAIN(TEST(what_is_mandatory_is_there), TEST(policies_and_lists_name_each_other),
	TEST(every_entry_is_of_its_lists_type_and_accepts),
	TEST(the_service_is_called_by_name_and_port_and_calls_nobody),
	TEST(who_is_at_home_reaches_what_is_open_and_no_more),
	TEST(is_supported_ends_with_the_support_and_is_a_new_version_then),
	TEST(the_services_origin_is_taken_apart),
	TEST(without_a_service_it_speaks_with_the_home_alone),
	TEST(what_is_never_open_is_not_asked_for), TEST(systeminfo_is_cut_between_characters))

#include "place.h"

static struct place p;

static void every_address_answers_with_its_type(void)
{
	static const struct {
		const char *path;
		unsigned status;
		const char *type;
	} rows[] = {
		{ "/", 200, "text/html; charset=utf-8" },
		{ "/style.css", 200, "text/css; charset=utf-8" },
		{ "/.well-known/security.txt", 200, "text/plain; charset=utf-8" },
		{ "/p/hearth-h1/", 200, "text/html; charset=utf-8" },
		{ "/p/hearth-h1", 200, "text/html; charset=utf-8" },
		{ "/p/hearth-h1/product.json", 200, "application/json" },
		{ "/p/hearth-h1/statement", 200, "text/html; charset=utf-8" },
		{ "/p/hearth-h1/statement.json", 200, "application/json" },
		{ "/p/hearth-h1/mud.json", 200, "application/mud+json" },
		{ "/p/hearth-h1//", 404, "text/html; charset=utf-8" },
		{ "/p/hearth-h1/product", 404, "text/html; charset=utf-8" },
		{ "/p/hearth-h1/product.json/", 404, "text/html; charset=utf-8" },
		{ "/p/hearth-h", 404, "text/html; charset=utf-8" },
		{ "/p/hearth-h12", 404, "text/html; charset=utf-8" },
		{ "/p/HEARTH-H1/", 404, "text/html; charset=utf-8" },
		{ "/p/", 404, "text/html; charset=utf-8" },
		{ "/product.json", 404, "text/html; charset=utf-8" },
		{ "/security.txt", 404, "text/html; charset=utf-8" },
		{ "", 404, "text/html; charset=utf-8" },
	};
	place_open(&p);
	for (size_t i = 0; i < KEEL_COUNT(rows); i++) {
		struct keel_http_answer a = place_get(&p, rows[i].path);
		CHECK_ROW(a.status == rows[i].status && strcmp(a.type, rows[i].type) == 0,
			rows[i].path);
		CHECK_ROW(a.body.n > 0, rows[i].path);
	}
	place_close(&p);
}

static void nothing_is_run_and_nothing_is_loaded_from_elsewhere(void)
{
	static const char *const paths[] = { "/", PLACE_HUB, PLACE_HUB "statement", "/nowhere" };
	static const char *const never[] = { "<script", "style=", "<style", "<img", "<form",
		"src=", "@import", "url(" };
	place_open(&p);
	for (size_t i = 0; i < KEEL_COUNT(paths); i++) {
		struct keel_http_answer a = place_get(&p, paths[i]);
		CHECK(strstr(a.fields[0], "default-src 'none'; style-src 'self';") != NULL);
		for (size_t n = 0; n < KEEL_COUNT(never); n++)
			CHECK_ROW(!place_says(&a, never[n]), never[n]);
	}
	place_close(&p);
}

/* EN 303 645: what an owner must be able to read, word by word. */
static void prov_5_2_1_and_5_3_13_and_5_3_16_the_page_says_what_is_declared(void)
{
	static const char *const rows[] = {
		"Example Heating Ltd",
		"Hearth H1",
		"hearth-h1",
		"smart heating hub",
		"<dt>Software version<dd>1.0.0",
		/* 5.3-13 */
		"Security updates until <time datetime=\"2033-12-01\">1 December 2033</time>",
		"<dt>Promised on<dd><time datetime=\"2026-11-23\">23 November 2026</time>",
		"<dt>Extended<dd>on <time datetime=\"2026-12-01\">1 December 2026</time>, from "
		"<time "
		"datetime=\"2032-12-01\">1 December 2032</time> to <time datetime=\"2033-12-01\">",
		/* 5.2-1 */
		"<a href=\"https://heating.example/security\">",
		"within 2 days",
		"every 14 days",
		"<a href=\"https://heating.example/security/policy\">",
		/* updates */
		"It updates itself",
		"every day",
		"for 7 days",
		"Signed manifests with rollback protection",
		/* 5.11-1, 5.11-3, 5.8-3, 5.6-1, 5.12-2, 5.9-1 */
		"hold the button for ten seconds",
		"https://heating.example/hearth-h1/delete",
		"room thermometer",
		"TCP port 8443, https",
		"https://fleet.heating.example",
		"https://heating.example/hearth-h1/start",
		"Frost protection at 7 degrees",
		/* 5.0-1 */
		"<dt>Provision 5.7-1<dd>The example board has no verified boot",
	};
	place_open(&p);
	struct keel_http_answer a = place_get(&p, PLACE_HUB);
	for (size_t i = 0; i < KEEL_COUNT(rows); i++)
		CHECK_ROW(place_says(&a, rows[i]), rows[i]);
	place_close(&p);
}

static void prov_6_1_and_6_5_the_privacy_notice_says_purpose_ground_time_and_receiver(void)
{
	static const char *const rows[] = {
		"<h3>heating history</h3>\n<p>Shows the owner when the burner ran and",
		"<dt>Allowed because<dd>you agreed to it, and may take that back",
		"<dt>Allowed because<dd>the product cannot do without it what you bought it for",
		"<dt>Kept for<dd>30 days",
		"<dt>Kept for<dd>until you delete it",
		"<dt>Leaves the product<dd>only to you, its owners",
		"<dt>Sensitive<dd>yes",
		"<h3>burner starts</h3>\n<p>Tells how worn the burner is.\n",
		"<dt>What is sent<dd>a number from 0 to 1000000, at most every hour",
		"<dt>Kept by the maker for<dd>1 year",
		"a random number for the home, and fingerprints of its owners&#39;",
		"<dt>Asks you first<dd>no",
	};
	place_open(&p);
	struct keel_http_answer a = place_get(&p, PLACE_HUB);
	for (size_t i = 0; i < KEEL_COUNT(rows); i++)
		CHECK_ROW(place_says(&a, rows[i]), rows[i]);
	p.declaration.product.personal_data = (struct keel_list){ 0 };
	p.declaration.product.telemetry = (struct keel_list){ 0 };
	p.declaration.product.sensing = (struct keel_list){ 0 };
	a = place_get(&p, PLACE_HUB);
	CHECK(!place_says(&a, "<p>Nothing.") && place_says(&a, "whenever it calls"));
	p.declaration.product.has &= ~(1U << KEEL_PRODUCT_SERVICE);
	a = place_get(&p, PLACE_HUB);
	CHECK(!place_says(&a, "whenever it calls"));
	CHECK(place_says(&a, "It keeps no personal data.") && place_says(&a, "<p>Nothing."));
	CHECK(place_says(&a, "Its maker declares no sensor."));
	place_close(&p);
}

static void after_its_end_the_page_says_so(void)
{
	place_open(&p);
	p.site.now_s = (p.history[1].until + 1) * (int64_t)86400 - 1;
	struct keel_http_answer a = place_get(&p, PLACE_HUB);
	CHECK(!place_says(&a, "No more security updates"));
	p.site.now_s++;
	a = place_get(&p, PLACE_HUB);
	CHECK(place_says(&a, "No more security updates since <time datetime=\"2033-12-01\">"));
	a = place_get(&p, "/");
	CHECK(place_says(&a, "No more security updates since"));
	place_close(&p);
}

static const json_t *at(const json_t *v, const char *a, const char *b)
{
	return json_object_get(json_object_get(v, a), b);
}

static bool is(const json_t *v, const char *text)
{
	return json_is_string(v) && strcmp(json_string_value(v), text) == 0;
}

static void prov_5_2_1_the_page_leads_to_the_form_where_there_is_one(void)
{
	place_open(&p);
	struct keel_http_answer a = place_get(&p, PLACE_HUB);
	CHECK(!place_says(&a, "Report it here"));
	p.site.form = keel_text(PLACE_ORIGIN "/report");
	a = place_get(&p, PLACE_HUB);
	CHECK(place_says(&a, "<a href=\"" PLACE_ORIGIN "/report?product=hearth-h1\">"));
	CHECK(place_says(&a, "<a href=\"https://heating.example/security\">"));
	json_t *j = place_json(&p, PLACE_HUB "product.json");
	CHECK(is(json_object_get(j, "report_form"), PLACE_ORIGIN "/report"));
	json_decref(j);
	place_close(&p);
}

static void the_json_says_what_the_page_says(void)
{
	place_open(&p);
	json_t *j = place_json(&p, PLACE_HUB "product.json");
	CHECK(is(json_object_get(j, "declared"), "2026-12-01T12:34:56Z"));
	CHECK(is(at(j, "maker", "name"), "Example Heating Ltd") && at(j, "maker", "key") == NULL);
	CHECK(is(at(j, "model", "identifier"), "hearth-h1") &&
		is(at(j, "model", "version"), "1.0.0"));
	CHECK(is(at(j, "support", "until"), "2033-12-01") &&
		json_is_true(at(j, "support", "supported")));
	CHECK(is(json_object_get(json_array_get(at(j, "support", "history"), 0), "until"),
		"2032-12-01"));
	CHECK(json_integer_value(at(j, "vulnerabilities", "acknowledge_s")) == 172800);
	const json_t *door = json_array_get(json_object_get(j, "interfaces"), 0);
	CHECK(is(json_object_get(door, "transport"), "tcp"));
	CHECK(json_array_size(json_object_get(door, "open")) == 4);
	CHECK(json_integer_value(json_object_get(door, "port")) == 8443);
	const json_t *datum = json_array_get(json_object_get(j, "personal_data"), 2);
	CHECK(is(json_object_get(datum, "basis"), "consent"));
	CHECK(json_integer_value(json_object_get(datum, "for_s")) == 2592000);
	CHECK(json_is_true(json_object_get(datum, "sensitive")));
	const json_t *starts = json_array_get(json_object_get(j, "telemetry"), 0);
	CHECK(json_number_value(json_object_get(starts, "max")) == 1000000.0);
	CHECK(json_integer_value(json_object_get(starts, "for_s")) == 31536000);
	CHECK(json_is_true(at(j, "update", "automatic")));
	CHECK(json_array_size(json_object_get(j, "exceptions")) == 2);
	CHECK(is(at(j, "service", "url"), "https://fleet.heating.example"));
	CHECK(json_array_size(at(j, "service", "learns")) == 6);
	CHECK(json_is_true(at(j, "statement_of_compliance", "offered")));
	/* What is nobody's to act on stays inside. */
	CHECK(json_object_get(j, "hardware") == NULL &&
		json_object_get(j, "security_parameters") == NULL);
	json_decref(j);
	p.declaration.product.telemetry = (struct keel_list){ 0 };
	p.declaration.product.has &= ~(1U << KEEL_PRODUCT_TELEMETRY);
	j = place_json(&p, PLACE_HUB "product.json");
	CHECK(json_is_array(json_object_get(j, "telemetry")));
	json_decref(j);
	place_close(&p);
}

/* --- a hostile declaration: every text of it, in every record and list, is replaced ------------- */

#define IN_LISTS "<i>\"&'\xc3\xa9" /* 8 bytes: fits the shortest field */
#define AT_TOP   "<i>\"&'\xc3\xa9\n\r\x01</i>"

enum { LIST_ROOM = 8192 };
static uint8_t arena[64 * LIST_ROOM];
static size_t lists; /* that have their room in it */

static void make_hostile(const struct keel_schema *s, void *record, const char *text);

static void replace(const struct keel_row *row, uint8_t *value, const char *text)
{
	static uint64_t item[64];
	struct keel_bytes words = keel_text(text);
	struct keel_list old, new = { 0 };
	if (row->kind == KEEL_TEXT)
		memcpy(value, &words, sizeof(words));
	else if (row->kind == KEEL_MAP)
		make_hostile(row->of, value, text);
	if (row->kind != KEEL_LIST || row->item->kind != KEEL_MAP)
		return;
	memcpy(&old, value, sizeof(old));
	KEEL_MUST((lists + 1) * LIST_ROOM <= sizeof(arena));
	struct keel_wr items = keel_wr_of(arena + LIST_ROOM * lists++, LIST_ROOM);
	while (keel_list_next(row->item, &old, item)) {
		uint64_t mine[64];
		memcpy(mine, item, sizeof(mine));
		make_hostile(row->item->of, mine, IN_LISTS);
		keel_list_add(row->item, mine, &items, &new);
	}
	CHECK_ROW(items.err == KEEL_OK, row->name);
	memcpy(value, &new, sizeof(new));
}

static void make_hostile(const struct keel_schema *s, void *record, const char *text)
{
	for (size_t i = 0; i < s->count; i++)
		if (keel_has(record, i))
			replace(&s->rows[i], (uint8_t *)record + s->rows[i].at, text);
}

static void open_hostile(void)
{
	place_open(&p);
	lists = 0;
	make_hostile(&keel_product_schema, &p.declaration.product, AT_TOP);
	struct keel_statement_facts *f = &p.product.statement;
	struct keel_bytes *const texts[] = { &f->batch, &f->representative, &f->signature,
		&f->signatory, &f->function, &f->place };
	for (size_t i = 0; i < KEEL_COUNT(texts); i++)
		*texts[i] = keel_text(AT_TOP);
}

static size_t count_of(const struct keel_http_answer *a, const char *text)
{
	size_t n = 0;
	for (const char *s = (const char *)a->body.p; (s = strstr(s, text)) != NULL; s++)
		n++;
	return n;
}

#define HUB_OF_HOSTILE "/p/%3Ci%3E%22%26%27%C3%A9%0A%0D%01%3C%2Fi%3E/"

static void a_hostile_declaration_stays_text_in_html(void)
{
	static const char *const paths[] = { "/", HUB_OF_HOSTILE, HUB_OF_HOSTILE "statement" };
	open_hostile();
	for (size_t i = 0; i < KEEL_COUNT(paths); i++) {
		struct keel_http_answer a = place_get(&p, paths[i]);
		CHECK_ROW(a.status == 200, paths[i]);
		CHECK_ROW(!place_says(&a, "<i>") && !place_says(&a, "</i>"), paths[i]);
		CHECK_ROW(!place_says(&a, "\"&'") && !place_says(&a, "&'"), paths[i]);
		CHECK_ROW(count_of(&a, "&lt;i&gt;&quot;&amp;&#39;\xc3\xa9") >= 3, paths[i]);
		CHECK_ROW(!place_says(&a, "href=\"<") && !place_says(&a, "href=\"&lt;"), paths[i]);
	}
	place_close(&p);
}

/* As many texts as go in come out, each the same. */
static size_t hostile_texts(const json_t *v)
{
	size_t n = 0;
	if (json_is_string(v))
		return is(v, AT_TOP) || is(v, IN_LISTS);
	for (size_t i = 0; i < json_array_size(v); i++)
		n += hostile_texts(json_array_get(v, i));
	for (void *i = json_object_iter((json_t *)(uintptr_t)v); i != NULL;
		i = json_object_iter_next((json_t *)(uintptr_t)v, i))
		n += hostile_texts(json_object_iter_value(i));
	return n;
}

static void a_hostile_declaration_reads_back_from_json(void)
{
	static const struct {
		const char *path;
		size_t texts;
	} rows[] = {
		{ HUB_OF_HOSTILE "product.json", 53 },
		{ HUB_OF_HOSTILE "statement.json", 11 },
		{ HUB_OF_HOSTILE "mud.json", 2 },
	};
	open_hostile();
	for (size_t i = 0; i < KEEL_COUNT(rows); i++) {
		json_t *j = place_json(&p, rows[i].path);
		size_t n = hostile_texts(j);
		CHECK_ROW(j != NULL && n > 0, rows[i].path);
		if (n != rows[i].texts)
			(void)printf("%s: %zu texts\n", rows[i].path, n);
		CHECK_ROW(n == rows[i].texts, rows[i].path);
		json_decref(j);
	}
	/* A file of lines takes none of it. */
	CHECK(place_get(&p, "/.well-known/security.txt").status == 404);
	place_close(&p);
}

/* --- what a declaration can be at most ----------------------------------------------------------- */

/* Fills one list until it has its most, or the whole is as long as a compiled declaration may be. */
static void fill(const struct keel_row *item, void *record, struct keel_list *list)
{
	static uint8_t whole[KEEL_PRODUCT_MAX];
	static uint8_t items[KEEL_PRODUCT_MAX];
	struct keel_wr w = keel_wr_of(items, sizeof(items));
	struct keel_list before = { 0 };
	*list = before;
	while (list->count < 64) {
		struct keel_wr out = keel_wr_of(whole, sizeof(whole));
		before = *list;
		keel_list_add(item, record, &w, list);
		keel_schema_write(&keel_product_schema, &p.declaration.product, &out);
		if (out.err == KEEL_OK)
			continue;
		*list = before;
		CHECK(out.err == KEEL_EFULL && list->count > 5);
		return;
	}
}

static void every_answer_has_room(void)
{
	static const char *const paths[] = { PLACE_HUB, PLACE_HUB "product.json",
		PLACE_HUB "mud.json" };
	for (size_t n = 0; n < KEEL_COUNT(paths); n++) {
		struct keel_http_answer a = place_get(&p, paths[n]);
		CHECK_ROW(a.status == 200 && a.body.n < KEEL_SITE_PRODUCT_MAX, paths[n]);
	}
}

/* Quotes grow most in HTML; a MUD file names each interface four times. */
static void the_longest_declaration_has_room_in_every_answer(void)
{
	static const uint8_t quotes[] = { [0 ... 999] = '"' };
	static const size_t purposes[] = { 3, 1000 };
	static const struct keel_bytes name = { quotes, 64 };
	for (size_t i = 0; i < KEEL_COUNT(purposes); i++) {
		struct keel_bytes purpose = { quotes, purposes[i] };
		struct keel_interface door;
		struct keel_telemetry t = { .name = name,
			.unit = { quotes, 16 },
			.purpose = purpose,
			.min = -1000000000000,
			.max = 999999999999,
			.every_s = 1,
			.for_s = 61 };
		place_open(&p);
		struct keel_product *d = &p.declaration.product;
		d->values = d->messages = d->parameters = (struct keel_list){ 0 };
		struct keel_list rest = d->interfaces;
		CHECK(keel_list_next(&keel_interface_row, &rest, &door));
		door.name = door.protocol = door.people = name;
		door.purpose = purpose;
		fill(&keel_telemetry_row, &t, &d->telemetry);
		every_answer_has_room();
		d->telemetry = (struct keel_list){ 0 };
		fill(&keel_interface_row, &door, &d->interfaces);
		every_answer_has_room();
		place_close(&p);
	}
}

static void too_small_a_buffer_is_a_500_and_no_half_page(void)
{
	char small[1000];
	place_open(&p);
	struct keel_http_answer a =
		keel_site_answer(&p.site, keel_text(PLACE_HUB), small, sizeof(small));
	CHECK(a.status == 500 && a.body.n == 0 && a.type == NULL);
	place_close(&p);
}

/* An identifier may hold any character; its address none that means something in an address. */
static void any_identifier_has_an_address_of_its_own(void)
{
	static const struct {
		const char *identifier, *path;
	} rows[] = { { "a", "/p/a/" }, { "ab", "/p/ab/" }, { "a/b?c#d", "/p/a%2Fb%3Fc%23d/" },
		{ "h 1%", "/p/h%201%25/" }, { "\xc3\xa9", "/p/%C3%A9/" },
		{ "A-._~9", "/p/A-._~9/" } };
	static struct keel_product products[KEEL_COUNT(rows)];
	struct keel_site_product all[KEEL_COUNT(rows)];
	place_open(&p);
	for (size_t i = 0; i < KEEL_COUNT(rows); i++) {
		products[i] = p.declaration.product;
		products[i].model.identifier = keel_text(rows[i].identifier);
		all[i] = p.product;
		all[i].product = &products[i];
	}
	p.site.products = all;
	p.site.count = KEEL_COUNT(rows);
	for (size_t i = 0; i < KEEL_COUNT(rows); i++) {
		char link[80];
		char said[80];
		(void)snprintf(link, sizeof(link), "href=\"%s\"", rows[i].path);
		(void)snprintf(said, sizeof(said), "label<dd>%s\n", rows[i].identifier);
		struct keel_http_answer a = place_get(&p, "/");
		CHECK_ROW(place_says(&a, link), rows[i].path);
		a = place_get(&p, rows[i].path);
		CHECK_ROW(a.status == 200 && place_says(&a, said), rows[i].path);
	}
	place_close(&p);
}

static void a_service_without_products_says_so(void)
{
	place_open(&p);
	p.site.count = 0;
	struct keel_http_answer a = place_get(&p, "/");
	CHECK(a.status == 200 && place_says(&a, "None is published here yet."));
	place_close(&p);
}

TEST_MAIN(TEST(every_address_answers_with_its_type),
	TEST(nothing_is_run_and_nothing_is_loaded_from_elsewhere),
	TEST(prov_5_2_1_and_5_3_13_and_5_3_16_the_page_says_what_is_declared),
	TEST(prov_5_2_1_the_page_leads_to_the_form_where_there_is_one),
	TEST(prov_6_1_and_6_5_the_privacy_notice_says_purpose_ground_time_and_receiver),
	TEST(after_its_end_the_page_says_so), TEST(the_json_says_what_the_page_says),
	TEST(a_hostile_declaration_stays_text_in_html),
	TEST(a_hostile_declaration_reads_back_from_json),
	TEST(the_longest_declaration_has_room_in_every_answer),
	TEST(too_small_a_buffer_is_a_500_and_no_half_page),
	TEST(any_identifier_has_an_address_of_its_own), TEST(a_service_without_products_says_so))

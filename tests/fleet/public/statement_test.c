/* The UK statement of compliance: SI 2023/1007, schedule 4; its letters are in the comments. */
#include "fleet/public/statement.h"
#include "place.h"

static struct place p;

/* Page and JSON hold the same, so each row is looked for in both. */
static void schedule_4_is_all_there(void)
{
	static const char *const rows[] = {
		"Hearth H1", "hearth-h1", "smart heating hub", "all units", /* (a) */
		"Example Heating Ltd", "1 Warm Street, Exampletown",        /* (b) */
		"is prepared by or on behalf of the manufacturer",          /* (c) */
		"In the opinion of the manufacturer, they have complied with the applicable "
		"security "
		"requirements in Schedule 1.",     /* (d) */
		"2032-12-01",                      /* (e) at first */
		"Ada Example", "Head of Products", /* (f) */
		"Exampletown", "2026-11-23",       /* (g) */
	};
	place_open(&p);
	p.declaration.product.support.from = 20781;
	for (size_t i = 0; i < KEEL_COUNT(rows); i++) {
		struct keel_http_answer page = place_get(&p, PLACE_HUB "statement");
		CHECK_ROW(page.status == 200 && place_says(&page, rows[i]), rows[i]);
		struct keel_http_answer json = place_get(&p, PLACE_HUB "statement.json");
		CHECK_ROW(json.status == 200 && place_says(&json, rows[i]), rows[i]);
	}
	place_close(&p);
}

/* (e): what was right when it was first supplied, whatever was extended since. */
static void an_extension_does_not_change_the_first_period(void)
{
	place_open(&p);
	struct keel_http_answer a = place_get(&p, PLACE_HUB "statement");
	CHECK(place_says(&a, "2032-12-01") && !place_says(&a, "2033-12-01"));
	p.product.published_count = 0;
	a = place_get(&p, PLACE_HUB "statement");
	CHECK(place_says(&a, "2033-12-01"));
	place_close(&p);
}

static void deemed_compliance_and_a_representative_are_said_where_they_are(void)
{
	place_open(&p);
	struct keel_http_answer a = place_get(&p, PLACE_HUB "statement");
	CHECK(!place_says(&a, "representative"));
	p.product.statement.deemed = true;
	p.product.statement.representative = keel_text("B Example, 2 Cold Street");
	a = place_get(&p, PLACE_HUB "statement");
	CHECK(place_says(&a, "deemed compliance conditions in Schedule 2"));
	CHECK(!place_says(&a, "requirements in Schedule 1"));
	CHECK(place_says(&a, "B Example, 2 Cold Street"));
	a = place_get(&p, PLACE_HUB "statement.json");
	CHECK(place_says(&a, "\"by\": \"schedule 2\"") && place_says(&a, "B Example"));
	place_close(&p);
}

static void lose_batch(void)
{
	p.product.statement.batch.n = 0;
}
static void lose_signature(void)
{
	p.product.statement.signature.n = 0;
}
static void lose_signatory(void)
{
	p.product.statement.signatory.n = 0;
}
static void lose_function(void)
{
	p.product.statement.function.n = 0;
}
static void lose_place(void)
{
	p.product.statement.place.n = 0;
}
static void lose_date(void)
{
	p.product.statement.date = 0;
}
static void date_tomorrow(void)
{
	p.product.statement.date = PLACE_DAY + 1;
}
static void lose_contact(void)
{
	p.declaration.product.vulnerabilities.contact.n = 0;
}
static void lose_acknowledge(void)
{
	p.declaration.product.vulnerabilities.acknowledge_s = 0;
}
static void lose_status(void)
{
	p.declaration.product.vulnerabilities.status_s = 0;
}

/* What is not known is not stated: none is offered, and page and JSON say why. */
static void without_one_of_them_there_is_no_statement(void)
{
	static const struct {
		void (*lose)(void);
		const char *why;
	} rows[] = { { lose_batch, "the batch" }, { lose_signature, "not signed" },
		{ lose_signatory, "who signs it" }, { lose_function, "function" },
		{ lose_place, "where it was issued" }, { lose_date, "when it was issued" },
		{ date_tomorrow, "later than today" }, { lose_contact, "how to report" },
		{ lose_acknowledge, "how to report" }, { lose_status, "how to report" } };
	for (size_t i = 0; i < KEEL_COUNT(rows); i++) {
		place_open(&p);
		rows[i].lose();
		struct keel_http_answer a = place_get(&p, PLACE_HUB "statement");
		CHECK_ROW(a.status == 404 && place_says(&a, rows[i].why), rows[i].why);
		CHECK_ROW(!place_says(&a, "opinion of the manufacturer"), rows[i].why);
		a = place_get(&p, PLACE_HUB "statement.json");
		CHECK_ROW(a.status == 404 && place_says(&a, rows[i].why), rows[i].why);
		a = place_get(&p, PLACE_HUB "product.json");
		CHECK_ROW(place_says(&a, rows[i].why), rows[i].why);
		place_close(&p);
	}
}

TEST_MAIN(TEST(schedule_4_is_all_there), TEST(an_extension_does_not_change_the_first_period),
	TEST(deemed_compliance_and_a_representative_are_said_where_they_are),
	TEST(without_one_of_them_there_is_no_statement))

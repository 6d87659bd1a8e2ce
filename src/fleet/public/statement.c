#include "fleet/public/statement.h"

#include <string.h>

#include "fleet/public/facts_json.h"
#include "fleet/public/frame.h"
#include "http/html.h"

enum { DAY_S = 86400 };

static const char law[] =
	"The Product Security and Telecommunications Infrastructure (Security Requirements for "
	"Relevant Connectable Products) Regulations 2023 (SI 2023/1007)";
static const char prepared[] = "This statement of compliance is prepared by or on behalf of the "
			       "manufacturer of the product."; /* (c) */
/* (d), as facts.deemed says. */
static const char *const complies[] = {
	"In the opinion of the manufacturer, they have complied with the applicable security "
	"requirements in Schedule 1.",
	"In the opinion of the manufacturer, they have complied with the deemed compliance "
	"conditions in Schedule 2.",
};

/* What Schedule 4 asks for and only the maker can say; the declaration has the rest. */
static const struct {
	size_t at;
	const char *missing;
} facts[] = {
	{ offsetof(struct keel_statement_facts, batch),
		"The maker has not said yet for which units it is (the batch)." },
	{ offsetof(struct keel_statement_facts, signature), "The maker has not signed it yet." },
	{ offsetof(struct keel_statement_facts, signatory),
		"The maker has not said yet who signs it." },
	{ offsetof(struct keel_statement_facts, function),
		"The maker has not said yet what the function is of who signs it." },
	{ offsetof(struct keel_statement_facts, place),
		"The maker has not said yet where it was issued." },
};

/* Schedule 1, paragraph 2: without these the declaration itself does not comply. */
static bool says_how_to_report(const struct keel_vulnerabilities *v)
{
	return v->contact.n > 0 && v->acknowledge_s > 0 && v->status_s > 0;
}

const char *keel_statement_missing(const struct keel_site *site, const struct keel_site_product *p)
{
	struct keel_bytes text;
	for (size_t i = 0; i < KEEL_COUNT(facts); i++) {
		memcpy(&text, (const uint8_t *)&p->statement + facts[i].at, sizeof(text));
		if (text.n == 0)
			return facts[i].missing;
	}
	if (p->statement.date == 0)
		return "The maker has not said yet when it was issued.";
	if (p->statement.date > site->now_s / DAY_S)
		return "It is dated later than today.";
	if (!says_how_to_report(&p->product->vulnerabilities))
		return "The maker does not say how to report a vulnerability, and what happens "
		       "then.";
	return NULL;
}

/* (e): the support period that was right when the product was first supplied. */
static int64_t first_until(const struct keel_site_product *p)
{
	return p->published_count > 0 ? p->published[0].until : p->product->support.until;
}

static void write_period(struct keel_wr *w, const struct keel_site_product *p)
{
	keel_frame_term(w, "Defined support period when first supplied");
	keel_wr_text(w, "from ");
	keel_frame_date(w, p->product->support.from);
	keel_wr_text(w, " until ");
	keel_frame_date(w, first_until(p));
	keel_wr_text(w, "\n");
}

/* The letters are those of Schedule 4's list. */
void keel_statement_html(struct keel_wr *w, const struct keel_site_product *p)
{
	const struct keel_statement_facts *f = &p->statement;
	keel_wr_text(w, "<p>");
	keel_wr_text(w, law);
	keel_wr_text(w, "\n<dl>\n");
	keel_frame_text(w, "Product", p->product->model.name); /* (a) */
	keel_frame_text(w, "Model", p->product->model.identifier);
	keel_frame_text(w, "Type", p->product->model.type);
	keel_frame_text(w, "Batch", f->batch);
	keel_frame_text(w, "Manufacturer", p->product->maker.name); /* (b) */
	keel_frame_text(w, "Address", p->product->maker.address);
	if (f->representative.n > 0)
		keel_frame_text(w, "Authorised representative", f->representative);
	write_period(w, p); /* (e) */
	keel_wr_text(w, "</dl>\n<p>");
	keel_wr_text(w, prepared);
	keel_wr_text(w, "\n<p>");
	keel_wr_text(w, complies[f->deemed]);
	keel_wr_text(w, "\n<dl>\n");
	keel_frame_text(w, "Signed", f->signature); /* (f) */
	keel_frame_text(w, "Name", f->signatory);
	keel_frame_text(w, "Function", f->function);
	keel_frame_text(w, "Place of issue", f->place); /* (g) */
	keel_frame_day(w, "Date of issue", f->date);
	keel_wr_text(w, "</dl>\n");
}

static void json_product(struct keel_json *j, const struct keel_site_product *p)
{
	keel_json_open(j, "product", '{');
	keel_json_text(j, "name", p->product->model.name);
	keel_json_text(j, "model", p->product->model.identifier);
	keel_json_text(j, "type", p->product->model.type);
	keel_json_text(j, "batch", p->statement.batch);
	keel_json_close(j, '}');
}

static void json_manufacturer(struct keel_json *j, const struct keel_site_product *p)
{
	keel_json_open(j, "manufacturer", '{');
	keel_json_text(j, "name", p->product->maker.name);
	keel_json_text(j, "address", p->product->maker.address);
	keel_json_close(j, '}');
	if (p->statement.representative.n > 0)
		keel_json_text(j, "authorised_representative", p->statement.representative);
}

static void json_issue(struct keel_json *j, const struct keel_statement_facts *f)
{
	keel_json_open(j, "signatory", '{');
	keel_json_text(j, "signature", f->signature);
	keel_json_text(j, "name", f->signatory);
	keel_json_text(j, "function", f->function);
	keel_json_close(j, '}');
	keel_json_text(j, "place", f->place);
	keel_facts_json_date(j, "date", f->date);
}

void keel_statement_json(struct keel_wr *w, const struct keel_site_product *p)
{
	struct keel_json j = keel_json_of(w);
	keel_json_open(&j, NULL, '{');
	keel_json_word(&j, "law", law);
	json_product(&j, p);
	json_manufacturer(&j, p);
	keel_json_word(&j, "prepared_by", prepared);
	keel_json_word(&j, "complies", complies[p->statement.deemed]);
	keel_json_word(&j, "by", p->statement.deemed ? "schedule 2" : "schedule 1");
	keel_json_open(&j, "defined_support_period", '{');
	keel_facts_json_date(&j, "from", p->product->support.from);
	keel_facts_json_date(&j, "until", first_until(p));
	keel_json_close(&j, '}');
	json_issue(&j, &p->statement);
	keel_json_close(&j, '}');
}

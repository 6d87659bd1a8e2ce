#include "fleet/public/page.h"

#include "core/break.h"
#include "fleet/public/frame.h"
#include "fleet/public/page_data.h"
#include "http/html.h"
#include "profile/say.h"

struct page {
	struct keel_wr *w;
	const struct keel_site *site;
	const struct keel_site_product *of;
	const struct keel_product *p;
};

static void text(const struct page *g, const char *s)
{
	keel_wr_text(g->w, s);
}

/* "<p>before WORDS after" */
static void sentence(
	const struct page *g, const char *before, struct keel_bytes words, const char *after)
{
	text(g, "<p>");
	text(g, before);
	keel_html_text(g->w, words);
	text(g, after);
	text(g, "\n");
}

/* An extension is told with the day on which it was published (5.3-13). */
static void extensions(const struct page *g)
{
	for (size_t i = 1; i < g->of->published_count; i++) {
		keel_frame_term(g->w, "Extended");
		text(g, "on ");
		keel_frame_date(g->w, g->of->published[i].on);
		text(g, ", from ");
		keel_frame_date(g->w, g->of->published[i - 1].until);
		text(g, " to ");
		keel_frame_date(g->w, g->of->published[i].until);
		text(g, "\n");
	}
}

static void support(const struct page *g)
{
	const struct keel_support *s = &g->p->support;
	text(g, "<p>Until that day its maker publishes security updates for it. "
		"The date may be moved later, never earlier.\n<dl>\n");
	keel_frame_day(g->w, "Security updates until", keel_site_until(g->of));
	keel_frame_day(g->w, "Supported from", s->from);
	if (g->of->published_count > 0)
		keel_frame_day(g->w, "Promised on", g->of->published[0].on);
	extensions(g);
	if (s->published.n > 0)
		keel_frame_address(g->w, "Published at", s->published);
	text(g, "</dl>\n");
}

static void update_times(const struct page *g, const struct keel_update *u)
{
	keel_frame_term(g->w, "Looks for updates");
	keel_say_every(g->w, u->check_s);
	text(g, "\n");
	if (u->postpone_s == 0)
		return;
	keel_frame_term(g->w, "You may put one off");
	text(g, "for ");
	keel_say_duration(g->w, u->postpone_s);
	text(g, "\n");
}

static void update(const struct page *g)
{
	const struct keel_update *u = &g->p->update;
	text(g, u->automatic ? "<p>It updates itself; there is nothing that you must do.\n<dl>\n"
			     : "<p>It does not update itself: you start each update.\n<dl>\n");
	update_times(g, u);
	if (u->notice.n > 0)
		keel_frame_text(g->w, "How you are told", u->notice);
	keel_frame_text(g->w, "How updates are protected", u->mechanism);
	text(g, "</dl>\n");
}

static void report_steps(const struct page *g, const struct keel_vulnerabilities *v)
{
	text(g, "<ol>\n<li>You tell the maker what you found.\n");
	if (v->acknowledge_s > 0) {
		text(g, "<li>You hear that it arrived, within ");
		keel_say_duration(g->w, v->acknowledge_s);
		text(g, ".\n");
	}
	if (v->status_s > 0) {
		text(g, "<li>You hear how it stands, at least ");
		keel_say_every(g->w, v->status_s);
		text(g, ", until it is resolved.\n");
	}
	if (v->action.n > 0) {
		text(g, "<li>");
		keel_html_text(g->w, v->action);
		text(g, "\n");
	}
	text(g, "</ol>\n");
}

/* Here, without an account; what is written there is sealed to the desk. */
static void report_form(const struct page *g)
{
	text(g, "<p class=\"big\"><a href=\"");
	keel_html_text(g->w, g->site->form);
	text(g, "?product=");
	keel_site_model(g->w, g->p);
	text(g, "\">Report it here</a>\n<p>No account, no name needed. You get a case number at "
		"once, and a "
		"private link to see how it stands.\n");
}

/* 5.2-1: who to tell, and what then happens. */
static void report(const struct page *g)
{
	const struct keel_vulnerabilities *v = &g->p->vulnerabilities;
	const bool form = g->site->form.n > 0 && !keel_broken("form-unnamed");
	if (form)
		report_form(g);
	if (v->contact.n == 0 && !form) {
		text(g, "<p>The maker names no address for that.\n");
		return;
	}
	report_steps(g, v);
	text(g, "<dl>\n");
	if (v->contact.n > 0)
		keel_frame_address(g->w, form ? "Or to the maker" : "To the maker", v->contact);
	if (v->policy.n > 0)
		keel_frame_address(g->w, "The maker's policy", v->policy);
	if (v->monitoring.n > 0)
		keel_frame_text(g->w, "The maker looks for them, too", v->monitoring);
	text(g, "</dl>\n");
}

static void deletion(const struct page *g)
{
	sentence(g, "", g->p->deletion.how, "");
	if (g->p->deletion.instructions.n == 0)
		return;
	text(g, "<dl>\n");
	keel_frame_address(g->w, "Explained at", g->p->deletion.instructions);
	text(g, "</dl>\n");
}

static void outages(const struct page *g)
{
	struct keel_list rest = g->p->autonomy;
	struct keel_autonomy a;
	while (keel_list_next(&keel_autonomy_row, &rest, &a)) {
		text(g, "<h3>");
		keel_html_text(g->w, a.function);
		text(g, "</h3>\n<dl>\n");
		keel_frame_text(g->w, "Without the network", a.without_network);
		keel_frame_text(g->w, "After a power cut", a.after_power_cut);
		if (a.fallback.n > 0)
			keel_frame_text(g->w, "At the least", a.fallback);
		text(g, "</dl>\n");
	}
}

static void decisions(const struct page *g)
{
	struct keel_list rest = g->p->setup.decisions;
	struct keel_decision d;
	text(g, "<ul>\n");
	while (keel_list_next(&keel_decision_row, &rest, &d)) {
		text(g, "<li>");
		keel_html_text(g->w, d.ask);
		text(g, d.preset ? " <span class=\"note\">Yes, unless you say otherwise</span>\n"
				 : " <span class=\"note\">No, unless you say otherwise</span>\n");
	}
	text(g, "</ul>\n");
}

static void setup(const struct page *g)
{
	const struct keel_setup *s = &g->p->setup;
	if (s->decisions.count > 0) {
		text(g, "<p>What it asks you when it is set up:\n");
		decisions(g);
	}
	text(g, "<dl>\n");
	if (s->guide.n > 0)
		keel_frame_address(g->w, "How to set it up safely", s->guide);
	if (s->check.n > 0)
		keel_frame_text(g->w, "How to see that it is", s->check);
	text(g, "</dl>\n");
}

static void exceptions(const struct page *g)
{
	struct keel_list rest = g->p->exceptions;
	struct keel_exception x;
	text(g, "<p>Recommendations of the security standard ETSI EN 303 645 that the product does "
		"not follow, and why.\n<dl>\n");
	while (keel_list_next(&keel_exception_row, &rest, &x)) {
		text(g, "<dt>Provision ");
		keel_html_text(g->w, x.provision);
		text(g, "<dd>");
		keel_html_text(g->w, x.reason);
		text(g, "\n");
	}
	text(g, "</dl>\n");
}

static void about(const struct page *g)
{
	text(g, "<dl>\n");
	keel_frame_text(g->w, "Make", g->p->maker.name);
	keel_frame_text(g->w, "Model", g->p->model.name);
	keel_frame_text(g->w, "Identifier on the label", g->p->model.identifier);
	keel_frame_text(g->w, "Type", g->p->model.type);
	keel_frame_text(g->w, "Software version", g->p->model.version);
	keel_frame_text(g->w, "The maker's address", g->p->maker.address);
	text(g, "</dl>\n");
}

static void data(const struct page *g)
{
	keel_page_data_write(g->w, g->p);
}

static void telemetry(const struct page *g)
{
	keel_page_telemetry_write(g->w, g->p);
}

static void sensors(const struct page *g)
{
	keel_page_sensors_write(g->w, g->p);
}

static void interfaces(const struct page *g)
{
	keel_page_interfaces_write(g->w, g->p);
}

/* In the order in which an owner asks. `part` is the declaration's that has to be there; 0: none. */
static const struct {
	const char *id, *heading;
	size_t part;
	void (*write)(const struct page *g);
} sections[] = {
	{ "support", "How long it is supported", 0, support },
	{ "report", "Report a vulnerability", 0, report },
	{ "updates", "How it is updated", KEEL_PRODUCT_UPDATE, update },
	{ "data", "What it keeps about you", 0, data },
	{ "telemetry", "What it tells its maker", 0, telemetry },
	{ "sensors", "What it senses", 0, sensors },
	{ "delete", "How to delete your data", KEEL_PRODUCT_DELETION, deletion },
	{ "interfaces", "What it opens", 0, interfaces },
	{ "outages", "When network or power fail", KEEL_PRODUCT_AUTONOMY, outages },
	{ "setup", "How to set it up", KEEL_PRODUCT_SETUP, setup },
	{ "exceptions", "What it does not do", KEEL_PRODUCT_EXCEPTIONS, exceptions },
	{ "about", "The product", 0, about },
};

static bool is_there(const struct page *g, size_t part)
{
	return part == 0 || keel_has(g->p, part);
}

static void heading(const struct page *g)
{
	bool supported = keel_site_supported(g->site, g->of);
	text(g, "<header>\n<p class=\"maker\">");
	keel_html_text(g->w, g->p->maker.name);
	text(g, "\n<h1>");
	keel_html_text(g->w, g->p->model.name);
	text(g, "</h1>\n");
	sentence(g, "", g->p->model.type, "");
	text(g, supported ? "<p class=\"badge good\">Security updates until "
			  : "<p class=\"badge bad\">No more security updates since ");
	keel_frame_date(g->w, keel_site_until(g->of));
	text(g, "\n</header>\n");
}

static void contents(const struct page *g)
{
	text(g, "<nav aria-label=\"On this page\">\n<ul>\n");
	for (size_t i = 0; i < KEEL_COUNT(sections); i++) {
		if (!is_there(g, sections[i].part))
			continue;
		text(g, "<li><a href=\"#");
		text(g, sections[i].id);
		text(g, "\">");
		text(g, sections[i].heading);
		text(g, "</a>\n");
	}
	text(g, "</ul>\n</nav>\n");
}

static void section(const struct page *g, size_t i)
{
	text(g, "<section id=\"");
	text(g, sections[i].id);
	text(g, "\">\n<h2>");
	text(g, sections[i].heading);
	text(g, "</h2>\n");
	sections[i].write(g);
	text(g, "</section>\n");
}

static void footer(const struct page *g)
{
	text(g, "<footer>\n<p>Made from what the maker declared. The product itself enforces it: "
		"what is not declared is refused.\n<ul>\n<li>");
	keel_frame_link(g->w, g->p, "statement", "UK statement of compliance");
	text(g, "\n<li>");
	keel_frame_link(g->w, g->p, "product.json", "These facts as JSON");
	text(g, "\n<li>");
	keel_frame_link(g->w, g->p, "mud.json", "For your network: MUD file");
	text(g, "\n<li><a href=\"/.well-known/security.txt\">security.txt</a>\n"
		"<li><a href=\"/\">All products</a>\n</ul>\n</footer>\n");
}

void keel_product_page_write(
	struct keel_wr *w, const struct keel_site *site, const struct keel_site_product *p)
{
	struct page g = { w, site, p, p->product };
	keel_frame_open(w, p->product->model.name, p->product->maker.name);
	heading(&g);
	contents(&g);
	text(&g, "<main>\n");
	for (size_t i = 0; i < KEEL_COUNT(sections); i++)
		if (is_there(&g, sections[i].part))
			section(&g, i);
	text(&g, "</main>\n");
	footer(&g);
	keel_frame_close(w);
}

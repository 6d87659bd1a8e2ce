#include "fleet/public/page_data.h"

#include "core/decimal.h"
#include "fleet/public/facts_json.h"
#include "fleet/public/frame.h"
#include "http/html.h"
#include "profile/say.h"

/* <h3>name</h3>, its purpose, and the beginning of what else is said of it. */
static void open_item(struct keel_wr *w, struct keel_bytes name, struct keel_bytes purpose)
{
	keel_wr_text(w, "<h3>");
	keel_html_text(w, name);
	keel_wr_text(w, "</h3>\n<p>");
	keel_html_text(w, purpose);
	keel_wr_text(w, "\n<dl>\n");
}

static void close_item(struct keel_wr *w)
{
	keel_wr_text(w, "</dl>\n");
}

static void words(struct keel_wr *w, const char *term, const char *what)
{
	keel_frame_term(w, term);
	keel_wr_text(w, what);
	keel_wr_text(w, "\n");
}

static void how_long(struct keel_wr *w, const char *term, uint64_t s)
{
	keel_frame_term(w, term);
	if (s > 0)
		keel_say_duration(w, s);
	else
		keel_wr_text(w, "until you delete it");
	keel_wr_text(w, "\n");
}

static void leaves(struct keel_wr *w, struct keel_bytes whom)
{
	if (keel_bytes_is(whom, "never"))
		words(w, "Leaves the product", "never");
	else if (keel_bytes_is(whom, "to owners"))
		words(w, "Leaves the product", "only to you, its owners");
	else
		keel_frame_text(w, "Leaves the product for", whom);
}

static void datum(struct keel_wr *w, const struct keel_personal_datum *d)
{
	static const char *const bases[] = {
		[KEEL_BASIS_CONSENT] = "you agreed to it, and may take that back",
		[KEEL_BASIS_CONTRACT] = "the product cannot do without it what you bought it for",
		[KEEL_BASIS_INTEREST] = "a legitimate interest of its maker",
	};
	open_item(w, d->name, d->purpose);
	words(w, "Allowed because", bases[d->basis]);
	words(w, "Whose it is", d->of == KEEL_DATUM_OF_HOME ? "the home's" : "each person's own");
	how_long(w, "Kept for", d->for_s);
	leaves(w, d->leaves);
	if (d->sensitive)
		words(w, "Sensitive", "yes: it tells much about you");
	close_item(w);
}

void keel_page_data_write(struct keel_wr *w, const struct keel_product *p)
{
	struct keel_list rest = p->personal_data;
	struct keel_personal_datum d;
	if (rest.count == 0) {
		keel_wr_text(w, "<p>It keeps no personal data.\n");
		return;
	}
	while (keel_list_next(&keel_personal_datum_row, &rest, &d))
		datum(w, &d);
}

static void telemetry(struct keel_wr *w, const struct keel_telemetry *t)
{
	open_item(w, t->name, t->purpose);
	keel_frame_term(w, "What is sent");
	keel_wr_text(w, "a number from ");
	keel_decimal_thousandths(w, t->min);
	keel_wr_text(w, " to ");
	keel_decimal_thousandths(w, t->max);
	if (!keel_bytes_is(t->unit, "count")) {
		char unit[80];
		struct keel_wr u = keel_wr_of(unit, sizeof(unit));
		struct keel_bytes sign = { 0 };
		keel_say_unit(&u, t->unit);
		KEEL_MUST(keel_wr_end(&u, &sign) == KEEL_OK);
		keel_html_text(w, sign);
	}
	keel_wr_text(w, ", at most ");
	keel_say_every(w, t->every_s);
	keel_wr_text(w, "\n");
	how_long(w, "Kept by the maker for", t->for_s);
	words(w, "Asks you first", t->consent ? "yes, and you may take that back" : "no");
	close_item(w);
}

/* A device that calls says more than its telemetry, and the page does not hide that. */
static void session(struct keel_wr *w)
{
	keel_wr_text(w, "<h3>whenever it calls the maker&#39;s service</h3>\n<ul>\n");
	for (const char *const *fact = keel_session_facts; *fact != NULL; fact++) {
		keel_wr_text(w, "<li>");
		keel_html_text(w, keel_text(*fact));
		keel_wr_text(w, "\n");
	}
	keel_wr_text(w, "</ul>\n");
}

void keel_page_telemetry_write(struct keel_wr *w, const struct keel_product *p)
{
	struct keel_list rest = p->telemetry;
	struct keel_telemetry t;
	bool calls = keel_has(p, KEEL_PRODUCT_SERVICE);
	if (rest.count == 0 && !calls) {
		keel_wr_text(w, "<p>Nothing.\n");
		return;
	}
	keel_wr_text(w, "<p>This, and nothing else: the product sends no more, and the maker&#39;s "
			"service takes no more.\n");
	while (keel_list_next(&keel_telemetry_row, &rest, &t))
		telemetry(w, &t);
	if (calls)
		session(w);
}

void keel_page_sensors_write(struct keel_wr *w, const struct keel_product *p)
{
	struct keel_list rest = p->sensing;
	struct keel_sensing s;
	if (rest.count == 0) {
		keel_wr_text(w, "<p>Its maker declares no sensor.\n");
		return;
	}
	keel_wr_text(w, "<dl>\n");
	while (keel_list_next(&keel_sensing_row, &rest, &s)) {
		keel_wr_text(w, "<dt>");
		keel_html_text(w, s.sensor);
		keel_wr_text(w, "<dd>");
		keel_html_text(w, s.purpose);
		keel_wr_text(w, "\n");
	}
	close_item(w);
}

/* "TCP port 8443, https" */
static void where(struct keel_wr *w, const struct keel_interface *i)
{
	static const char *const transports[] = {
		[KEEL_TRANSPORT_TCP] = "TCP",
		[KEEL_TRANSPORT_UDP] = "UDP",
		[KEEL_TRANSPORT_SERIAL] = "a serial line",
		[KEEL_TRANSPORT_USB] = "USB",
		[KEEL_TRANSPORT_RADIO] = "radio",
		[KEEL_TRANSPORT_BUTTON] = "a button",
	};
	keel_frame_term(w, "What it is");
	keel_wr_text(w, transports[i->transport]);
	if (i->port > 0) {
		keel_wr_text(w, " port ");
		keel_decimal_uint(w, i->port);
	}
	keel_wr_text(w, ", ");
	keel_html_text(w, i->protocol);
	keel_wr_text(w, "\n");
}

static void when(struct keel_wr *w, const struct keel_interface *i)
{
	static const char *const states[] = { "as it comes from the factory", "while it is set up",
		"in use", "when it has isolated itself" };
	struct keel_list rest = i->open;
	uint64_t state;
	const char *before = "";
	keel_frame_term(w, "Open");
	if (rest.count == 0 || rest.count == KEEL_COUNT(states)) {
		keel_wr_text(w, rest.count == 0 ? "never\n" : "always\n");
		return;
	}
	while (keel_list_next(&keel_open_row, &rest, &state)) {
		keel_wr_text(w, before);
		keel_wr_text(w, states[state]);
		before = ", ";
	}
	keel_wr_text(w, "\n");
}

static void service(struct keel_wr *w, const struct keel_product *p)
{
	keel_wr_text(w,
		"<h3>maker&#39;s service</h3>\n<p>The product calls it; nobody can call the "
		"product from there. Your commands on that way are sealed for the "
		"product.\n<dl>\n");
	keel_frame_address(w, "Where", p->service.url);
	close_item(w);
}

void keel_page_interfaces_write(struct keel_wr *w, const struct keel_product *p)
{
	struct keel_list rest = p->interfaces;
	struct keel_interface i;
	keel_wr_text(w, "<p>This, and nothing else. Something else that opens is told to you.\n");
	while (keel_list_next(&keel_interface_row, &rest, &i)) {
		open_item(w, i.name, i.purpose);
		where(w, &i);
		when(w, &i);
		keel_frame_text(w, "For", i.people);
		close_item(w);
	}
	if (keel_has(p, KEEL_PRODUCT_SERVICE))
		service(w, p);
}

#include "fleet/public/site.h"

#include <string.h>

#include "fleet/public/facts_json.h"
#include "fleet/public/frame.h"
#include "fleet/public/mud.h"
#include "fleet/public/page.h"
#include "fleet/public/security_txt.h"
#include "http/html.h"

enum { DAY_S = 86400, PATH_MAX_BYTES = 200 /* an identifier of 64 bytes, each escaped */ };

static const char style[] =
#include "style.css.inc"
	;

static const char html[] = "text/html; charset=utf-8";
static const char json[] = "application/json";

/* Nothing is loaded but our own style; nothing is run, framed, sent or told. */
static const char *const fields[] = {
	"Content-Security-Policy: default-src 'none'; style-src 'self'; base-uri 'none'; "
	"form-action 'none'; frame-ancestors 'none'",
	"Referrer-Policy: no-referrer",
	"Cross-Origin-Opener-Policy: same-origin",
	NULL,
};

int64_t keel_site_until(const struct keel_site_product *p)
{
	return keel_support_until(p->published, p->published_count, p->product->support.until);
}

/* Through its last day, in UTC. */
bool keel_site_supported(const struct keel_site *site, const struct keel_site_product *p)
{
	return site->now_s / DAY_S <= keel_site_until(p);
}

/* RFC 3986 §2.3: what need not be escaped. */
static bool unreserved(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '.' || c == '_' || c == '~';
}

void keel_site_model(struct keel_wr *w, const struct keel_product *p)
{
	static const char hex[] = "0123456789ABCDEF";
	const struct keel_bytes id = p->model.identifier;
	for (size_t i = 0; i < id.n; i++) {
		uint8_t c = id.p[i];
		if (unreserved(c)) {
			keel_wr_u8(w, c);
			continue;
		}
		keel_wr_u8(w, '%');
		keel_wr_u8(w, (uint8_t)hex[c >> 4]);
		keel_wr_u8(w, (uint8_t)hex[c & 15]);
	}
}

void keel_site_path(struct keel_wr *w, const struct keel_product *p)
{
	keel_wr_text(w, "/p/");
	keel_site_model(w, p);
	keel_wr_u8(w, '/');
}

/* What an answer's writer is given. product is NULL for what belongs to the origin. */
struct asked {
	const struct keel_site *site;
	const struct keel_site_product *product;
	struct keel_wr *w;
};

static void product_line(const struct asked *a, const struct keel_site_product *p)
{
	keel_wr_text(a->w, "<section>\n<p class=\"maker\">");
	keel_html_text(a->w, p->product->maker.name);
	keel_wr_text(a->w, "\n<h2><a href=\"");
	keel_site_path(a->w, p->product);
	keel_wr_text(a->w, "\">");
	keel_html_text(a->w, p->product->model.name);
	keel_wr_text(a->w, "</a></h2>\n<p>");
	keel_html_text(a->w, p->product->model.type);
	keel_wr_text(a->w, keel_site_supported(a->site, p)
				   ? "\n<p>Security updates until "
				   : "\n<p>No more security updates since ");
	keel_frame_date(a->w, keel_site_until(p));
	keel_wr_text(a->w, "\n</section>\n");
}

static unsigned products_page(const struct asked *a)
{
	keel_frame_open(a->w, keel_text("Products"), (struct keel_bytes){ 0 });
	keel_wr_text(a->w,
		"<header>\n<h1>Products</h1>\n<p>What each is, how long it is supported, "
		"what it keeps and sends, and where to report a vulnerability.\n"
		"</header>\n<main>\n");
	for (size_t i = 0; i < a->site->count; i++)
		product_line(a, &a->site->products[i]);
	keel_wr_text(a->w, a->site->count == 0 ? "<p>None is published here yet.\n" : "");
	keel_wr_text(a->w, "</main>\n<footer>\n<ul>\n<li><a href=\"" KEEL_SECURITY_TXT_PATH
			   "\">security.txt</a>\n</ul>\n</footer>\n");
	keel_frame_close(a->w);
	return 200;
}

static unsigned style_sheet(const struct asked *a)
{
	keel_wr_text(a->w, style);
	return 200;
}

static unsigned security_txt(const struct asked *a)
{
	if (keel_security_txt_write(a->w, a->site) == KEEL_OK)
		return 200;
	keel_wr_text(a->w, "No product that is published here names a contact.\n");
	return 404;
}

static unsigned product_page(const struct asked *a)
{
	keel_product_page_write(a->w, a->site, a->product);
	return 200;
}

static unsigned product_json(const struct asked *a)
{
	keel_facts_json_write(a->w, a->site, a->product);
	return 200;
}

static unsigned statement_page(const struct asked *a)
{
	const char *missing = keel_statement_missing(a->site, a->product);
	keel_frame_open(
		a->w, keel_text("Statement of compliance"), a->product->product->model.name);
	keel_wr_text(a->w, "<header>\n<h1>Statement of compliance</h1>\n<p>");
	keel_frame_link(a->w, a->product->product, "", "To the product&#39;s page");
	keel_wr_text(a->w, "\n</header>\n<main>\n<section>\n");
	if (missing == NULL) {
		keel_statement_html(a->w, a->product);
	} else {
		keel_wr_text(a->w, "<p>None is published for this product. ");
		keel_wr_text(a->w, missing);
	}
	keel_wr_text(a->w, "\n</section>\n</main>\n");
	keel_frame_close(a->w);
	return missing == NULL ? 200 : 404;
}

static unsigned statement_json(const struct asked *a)
{
	const char *missing = keel_statement_missing(a->site, a->product);
	if (missing == NULL) {
		keel_statement_json(a->w, a->product);
		return 200;
	}
	struct keel_json j = keel_json_of(a->w);
	keel_json_open(&j, NULL, '{');
	keel_json_bool(&j, "offered", false);
	keel_json_word(&j, "why_not", missing);
	keel_json_close(&j, '}');
	return 404;
}

static unsigned mud_json(const struct asked *a)
{
	keel_mud_write(a->w, a->site, a->product);
	return 200;
}

static unsigned nothing_here(const struct asked *a)
{
	keel_frame_open(a->w, keel_text("Not here"), (struct keel_bytes){ 0 });
	keel_wr_text(a->w, "<header>\n<h1>There is no such page</h1>\n</header>\n<main>\n<p>The "
			   "product may have another "
			   "name here: <a href=\"/\">all products</a>.\n</main>\n");
	keel_frame_close(a->w);
	return 404;
}

struct place {
	const char *path; /* whole, or what follows /p/MODEL/ */
	const char *type;
	unsigned (*write)(const struct asked *a); /* gives the status */
};
/* clang-format off */
static const struct place of_the_origin[] = {
	{ "/",                    html,                        products_page },
	{ "/style.css",           "text/css; charset=utf-8",   style_sheet   },
	{ KEEL_SECURITY_TXT_PATH, "text/plain; charset=utf-8", security_txt  },
};
static const struct place of_a_product[] = {
	{ "",               html,                   product_page   },
	{ "product.json",   json,                   product_json   },
	{ "statement",      html,                   statement_page },
	{ "statement.json", json,                   statement_json },
	{ "mud.json",       "application/mud+json", mud_json       },
};
static const struct place nowhere = { "", html, nothing_here };
/* clang-format on */

static const struct place *place_in(const struct place *places, size_t n, struct keel_bytes path)
{
	for (size_t i = 0; i < n; i++)
		if (keel_bytes_is(path, places[i].path))
			return &places[i];
	return &nowhere;
}

/* Whether the path goes into this product; `rest` is what follows. Without the last slash, too. */
static bool goes_into(const struct keel_product *p, struct keel_bytes path, struct keel_bytes *rest)
{
	char at[PATH_MAX_BYTES];
	struct keel_wr w = keel_wr_of(at, sizeof(at));
	struct keel_bytes own = { 0 };
	keel_site_path(&w, p);
	KEEL_MUST(keel_wr_end(&w, &own) == KEEL_OK);
	size_t n = path.n < own.n ? path.n : own.n;
	if (n + 1 < own.n || memcmp(path.p, own.p, n) != 0)
		return false;
	*rest = (struct keel_bytes){ path.p + n, path.n - n };
	return true;
}

static const struct place *find(struct asked *a, struct keel_bytes path)
{
	struct keel_bytes rest;
	for (size_t i = 0; i < a->site->count; i++) {
		if (!goes_into(a->site->products[i].product, path, &rest))
			continue;
		a->product = &a->site->products[i];
		return place_in(of_a_product, KEEL_COUNT(of_a_product), rest);
	}
	return place_in(of_the_origin, KEEL_COUNT(of_the_origin), path);
}

size_t keel_site_answer_max(const struct keel_site *site)
{
	return KEEL_SITE_PRODUCT_MAX + site->count * KEEL_SITE_LINE_MAX;
}

struct keel_http_answer keel_site_answer(
	const struct keel_site *site, struct keel_bytes path, void *buf, size_t cap)
{
	struct keel_wr w = keel_wr_of(buf, cap);
	struct asked a = { .site = site, .w = &w };
	const struct place *place = find(&a, path);
	struct keel_http_answer answer = { .type = place->type, .fields = fields };
	answer.status = place->write(&a);
	if (keel_wr_end(&w, &answer.body) != KEEL_OK)
		return (struct keel_http_answer){ .status = 500 };
	return answer;
}

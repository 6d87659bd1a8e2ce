#include "device/door/page.h"

#include <string.h>

#include "http/html.h"

static const char before[] =
	"<!DOCTYPE html>\n"
	"<html lang=\"en\">\n"
	"<meta charset=\"utf-8\">\n"
	"<meta name=\"viewport\" content=\"width=device-width\">\n"
	"<meta name=\"color-scheme\" content=\"light dark\">\n"
	"<title>The door of a device</title>\n"
	"<h1>You are at the door of a device</h1>\n"
	"<p>Here the device takes sealed messages from its owners. There is nothing to log in to,\n"
	"and this page asks you for nothing: no name, no password, no code.\n";
static const char after[] = "<p>If a page that looks like this one asks for the code on the "
			    "device's label, do not give it.\n"
			    "</html>\n";

/* On top of what every answer has: nothing is loaded, framed, sent or told by this page. */
static const char policy[] =
	"Content-Security-Policy: default-src 'none'; base-uri 'none'; form-action 'none'; "
	"frame-ancestors 'none'";
static const char *const fields[] = {
	policy,
	"Referrer-Policy: no-referrer",
	"Cross-Origin-Opener-Policy: same-origin",
	"Cross-Origin-Resource-Policy: same-origin",
	NULL,
};

bool keel_page_is_origin(const char *origin)
{
	static const char scheme[] = "https://";
	size_t n = sizeof(scheme) - 1;
	if (strncmp(origin, scheme, n) != 0)
		return false;
	size_t rest = strlen(origin + n);
	return rest > 0 && rest <= 253 + sizeof(":65535") - 1 &&
	       strspn(origin + n, "abcdefghijklmnopqrstuvwxyz0123456789-.:[]") == rest;
}

static void write_product(struct keel_wr *w, const struct keel_product *p)
{
	char until[11];
	keel_date_write(p->support.until, until);
	keel_wr_text(w, "<p>The device is a ");
	keel_html_text(w, p->model.name);
	keel_wr_text(w, " by ");
	keel_html_text(w, p->maker.name);
	keel_wr_text(w, ". Its maker supports it until ");
	keel_wr_text(w, until);
	keel_wr_text(w, ".\n<p>You have found a weakness in it? Tell its maker: ");
	keel_html_link(w, p->vulnerabilities.contact);
	keel_wr_text(w, "\n");
}

static void write_app(struct keel_wr *w, const char *origin)
{
	if (origin == NULL) {
		keel_wr_text(w, "<p>To use the device, open the app that its maker names.\n");
		return;
	}
	keel_wr_text(w, "<p>To use the device, open its app: ");
	keel_html_link(w, keel_text(origin));
	keel_wr_text(w, "\n");
}

void keel_page_make(struct keel_page *page, const char *origin, const struct keel_product *product)
{
	struct keel_wr w = keel_wr_of(page->html, sizeof(page->html));
	struct keel_bytes all = { 0 };
	keel_wr_text(&w, before);
	write_app(&w, origin);
	if (product != NULL)
		write_product(&w, product);
	keel_wr_text(&w, after);
	KEEL_MUST(keel_wr_end(&w, &all) == KEEL_OK);
	page->n = all.n;
}

struct keel_http_answer keel_page_answer(const struct keel_page *page)
{
	return (struct keel_http_answer){
		.status = 200,
		.type = "text/html; charset=utf-8",
		.body = { (const uint8_t *)page->html, page->n },
		.fields = fields,
	};
}

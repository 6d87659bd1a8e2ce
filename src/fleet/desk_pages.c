/* The pages of web/desk: read once, answered as they are; in one place the service writes itself. */
#include <stdlib.h>
#include <string.h>

#include "cli/files.h"
#include "fleet/command.h"
#include "fleet/reports.h"
#include "fleet/service.h"
#include "http/html.h"

#define PAGE_MAX ((size_t)256 * 1024)
#define SAID_MAX 4096

static const char mark[] = "<!--STATUS-->"; /* where a page has room for what the service says */

/* clang-format off */
static const struct {
	const char *path, *file, *type;
} files[KEEL_DESK_PAGES] = {
	[KEEL_DESK_REPORT] = { "/report",     "report.html", "text/html; charset=utf-8" },
	[KEEL_DESK_CASE]   = { "/case",       "case.html",   "text/html; charset=utf-8" },
	[KEEL_DESK_SCRIPT] = { "/report.js",  "report.js",   "text/javascript; charset=utf-8" },
	[KEEL_DESK_STYLE]  = { "/report.css", "report.css",  "text/css; charset=utf-8" },
};
/* clang-format on */

/* Not "no-referrer": a form's own Origin would be null then (Fetch §4.2), and be refused. */
static const char policy[] =
	"Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; "
	"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
	"require-trusted-types-for 'script'";
const char *const keel_desk_fields[] = {
	policy,
	"Referrer-Policy: same-origin",
	"Cross-Origin-Opener-Policy: same-origin",
	"Cross-Origin-Resource-Policy: same-origin",
	"X-Content-Type-Options: nosniff",
	"Cache-Control: no-store",
	NULL,
};

static enum keel_err read_page(
	const char *folder, const char *name, struct keel_bytes *out, struct keel_fault *fault)
{
	char path[KEEL_FLEET_PATH_MAX];
	uint8_t *buf = malloc(PAGE_MAX);
	KEEL_MUST(buf != NULL);
	enum keel_err e = keel_fleet_path(folder, name, path, fault);
	if (e == KEEL_OK)
		e = keel_file_read(path, buf, PAGE_MAX, out, fault);
	if (e != KEEL_OK)
		free(buf);
	return e;
}

enum keel_err keel_reports_open(
	const char *pages, struct keel_reports **out, struct keel_fault *fault)
{
	struct keel_reports *r = calloc(1, sizeof(*r));
	enum keel_err e = KEEL_OK;
	KEEL_MUST(r != NULL);
	keel_work_init(&r->work);
	keel_allow_init(&r->worked, KEEL_DESK_AN_HOUR, KEEL_DESK_ALL_AN_HOUR);
	keel_allow_init(&r->plain, KEEL_DESK_PLAIN_AN_HOUR, KEEL_DESK_PLAIN_ALL);
	for (size_t i = 0; e == KEEL_OK && pages[0] != '\0' && i < KEEL_DESK_PAGES; i++)
		e = read_page(pages, files[i].file, &r->pages[i], fault);
	if (e == KEEL_OK)
		*out = r;
	else
		keel_reports_close(r);
	return e;
}

void keel_reports_close(struct keel_reports *r)
{
	for (size_t i = 0; r != NULL && i < KEEL_DESK_PAGES; i++) {
		void *page;
		memcpy(&page, &r->pages[i].p, sizeof(page)); /* ours: read_page made it */
		free(page);
	}
	free(r);
}

void keel_desk_on_page(void *self, struct keel_http_call *call)
{
	const struct keel_fleet_service *s = self;
	struct keel_http_answer a = { .status = 200, .fields = keel_desk_fields };
	for (size_t i = 0; i < KEEL_DESK_PAGES; i++)
		if (keel_bytes_is(keel_http_call_head(call)->path, files[i].path)) {
			a.type = files[i].type;
			a.body = s->reports->pages[i];
		}
	if (a.body.n == 0)
		keel_http_refuse(call, KEEL_HTTP_NO_ROUTE);
	else
		keel_http_answer(call, &a);
}

/* Without pages the service still says what it has to say. */
void keel_desk_show(struct keel_http_call *call, struct keel_bytes page, unsigned status,
	struct keel_bytes html)
{
	const uint8_t *at = page.n > 0 ? memmem(page.p, page.n, mark, sizeof(mark) - 1) : NULL;
	size_t before = at != NULL ? (size_t)(at - page.p) : 0;
	uint8_t *buf = malloc(page.n + html.n + 1);
	KEEL_MUST(buf != NULL);
	struct keel_wr w = keel_wr_of(buf, page.n + html.n + 1);
	struct keel_http_answer a = {
		.status = status, .type = files[KEEL_DESK_CASE].type, .fields = keel_desk_fields
	};
	keel_wr_bytes(&w, (struct keel_bytes){ page.p, before });
	keel_wr_bytes(&w, html);
	if (at != NULL)
		keel_wr_bytes(&w, (struct keel_bytes){ at, page.n - before });
	KEEL_MUST(keel_wr_end(&w, &a.body) == KEEL_OK);
	keel_http_answer(call, &a);
	free(buf);
}

#include "fleet/public/frame.h"

#include "core/decimal.h"
#include "http/html.h"

static const char head[] =
	"<!DOCTYPE html>\n"
	"<html lang=\"en\">\n"
	"<head>\n"
	"<meta charset=\"utf-8\">\n"
	"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	"<meta name=\"color-scheme\" content=\"light dark\">\n"
	"<link rel=\"stylesheet\" href=\"/style.css\">\n"
	"<title>";

void keel_frame_open(struct keel_wr *w, struct keel_bytes title, struct keel_bytes by)
{
	keel_wr_text(w, head);
	keel_html_text(w, title);
	keel_wr_text(w, by.n > 0 ? " – " : "");
	keel_html_text(w, by);
	keel_wr_text(w, "</title>\n</head>\n<body>\n");
}

void keel_frame_close(struct keel_wr *w)
{
	keel_wr_text(w, "</body>\n</html>\n");
}

/* The path is percent-encoded, so nothing of it means anything in HTML. */
void keel_frame_link(
	struct keel_wr *w, const struct keel_product *p, const char *file, const char *words)
{
	keel_wr_text(w, "<a href=\"");
	keel_site_path(w, p);
	keel_wr_text(w, file);
	keel_wr_text(w, "\">");
	keel_wr_text(w, words);
	keel_wr_text(w, "</a>");
}

void keel_frame_date(struct keel_wr *w, int64_t days)
{
	static const char *const months[] = { " January ", " February ", " March ", " April ",
		" May ", " June ", " July ", " August ", " September ", " October ", " November ",
		" December " };
	char date[11];
	keel_date_write(days, date);
	keel_wr_text(w, "<time datetime=\"");
	keel_wr_text(w, date);
	keel_wr_text(w, "\">");
	keel_decimal_uint(w, (uint64_t)(10 * (date[8] - '0') + date[9] - '0'));
	keel_wr_text(w, months[10 * (date[5] - '0') + date[6] - '0' - 1]);
	keel_wr_bytes(w, (struct keel_bytes){ (const uint8_t *)date, 4 });
	keel_wr_text(w, "</time>");
}

void keel_frame_term(struct keel_wr *w, const char *term)
{
	keel_wr_text(w, "<dt>");
	keel_wr_text(w, term);
	keel_wr_text(w, "<dd>");
}

void keel_frame_text(struct keel_wr *w, const char *term, struct keel_bytes text)
{
	keel_frame_term(w, term);
	keel_html_text(w, text);
	keel_wr_text(w, "\n");
}

void keel_frame_address(struct keel_wr *w, const char *term, struct keel_bytes text)
{
	keel_frame_term(w, term);
	keel_html_link(w, text);
	keel_wr_text(w, "\n");
}

void keel_frame_day(struct keel_wr *w, const char *term, int64_t days)
{
	keel_frame_term(w, term);
	keel_frame_date(w, days);
	keel_wr_text(w, "\n");
}

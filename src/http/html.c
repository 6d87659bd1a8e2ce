#include "http/html.h"

#include <string.h>

static const char *escape_of(uint8_t c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	}
	return NULL;
}

void keel_html_text(struct keel_wr *w, struct keel_bytes text)
{
	for (size_t i = 0; i < text.n; i++) {
		const char *escaped = escape_of(text.p[i]);
		if (escaped != NULL)
			keel_wr_text(w, escaped);
		else
			keel_wr_u8(w, text.p[i]);
	}
}

/* What a browser runs (javascript:, data:) is not among them. */
static bool is_address(struct keel_bytes text)
{
	static const char *const schemes[] = { "https://", "mailto:", "tel:" };
	for (size_t i = 0; i < KEEL_COUNT(schemes); i++) {
		size_t n = strlen(schemes[i]);
		if (text.n > n && memcmp(text.p, schemes[i], n) == 0)
			return true;
	}
	return false;
}

void keel_html_link(struct keel_wr *w, struct keel_bytes text)
{
	bool address = is_address(text);
	if (address) {
		keel_wr_text(w, "<a href=\"");
		keel_html_text(w, text);
		keel_wr_text(w, "\">");
	}
	keel_html_text(w, text);
	keel_wr_text(w, address ? "</a>" : "");
}

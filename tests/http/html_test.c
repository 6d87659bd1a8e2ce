#include "check.h"
#include "http/html.h"

static char buf[65536];

static struct keel_bytes written(
	void (*write)(struct keel_wr *, struct keel_bytes), struct keel_bytes in)
{
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	struct keel_bytes out = { 0 };
	write(&w, in);
	CHECK(keel_wr_end(&w, &out) == KEEL_OK);
	return out;
}

/* What a browser makes of the five references that are ever written; -1 for anything that is markup. */
static int unescape(struct keel_bytes *rest)
{
	static const struct {
		const char *reference;
		char c;
	} rows[] = { { "&amp;", '&' }, { "&lt;", '<' }, { "&gt;", '>' }, { "&quot;", '"' },
		{ "&#39;", '\'' } };
	int c = rest->p[0];
	if (c != '&')
		*rest = (struct keel_bytes){ rest->p + 1, rest->n - 1 };
	if (c != '&')
		return c != '\0' && strchr("<>\"'", c) != NULL ? -1 : c;
	for (size_t i = 0; i < KEEL_COUNT(rows); i++) {
		size_t n = strlen(rows[i].reference);
		if (rest->n < n || memcmp(rest->p, rows[i].reference, n) != 0)
			continue;
		*rest = (struct keel_bytes){ rest->p + n, rest->n - n };
		return rows[i].c;
	}
	return -1;
}

static bool reads_back(struct keel_bytes in)
{
	struct keel_bytes rest = written(keel_html_text, in);
	for (size_t i = 0; i < in.n; i++)
		if (rest.n == 0 || unescape(&rest) != in.p[i])
			return false;
	return rest.n == 0;
}

/* The property: no byte that opens markup or ends an attribute, and a browser reads the text itself. */
static void every_text_stays_text_and_reads_the_same(void)
{
	uint8_t text[300];
	uint32_t x = 1;
	for (unsigned round = 0; round < 2000; round++) {
		size_t n = round % sizeof(text);
		for (size_t i = 0; i < n; i++) {
			x = x * 1664525 + 1013904223;
			text[i] = (x >> 30) == 0 ? (uint8_t) "<>&\"';#a"[x >> 24 & 7]
						 : (uint8_t)(x >> 16);
		}
		CHECK(reads_back((struct keel_bytes){ text, n }));
	}
}

static void only_an_address_becomes_a_link(void)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
		{ "https://a.example/?x=1&y=2", "<a "
						"href=\"https://a.example/?x=1&amp;y=2\">https://"
						"a.example/?x=1&amp;y=2</a>" },
		{ "mailto:a@b.example", "<a href=\"mailto:a@b.example\">mailto:a@b.example</a>" },
		{ "tel:+441", "<a href=\"tel:+441\">tel:+441</a>" },
		{ "https://x\" onclick=\"y",
			"<a href=\"https://x&quot; onclick=&quot;y\">https://x&quot; "
			"onclick=&quot;y</a>" },
		{ "javascript:alert(1)", "javascript:alert(1)" },
		{ "http://a.example", "http://a.example" },
		{ "https://", "https://" },
		{ " https://a", " https://a" },
		{ "see <the box>", "see &lt;the box&gt;" },
		{ "", "" },
	};
	for (size_t i = 0; i < KEEL_COUNT(rows); i++)
		CHECK_ROW(
			keel_bytes_is(written(keel_html_link, keel_text(rows[i].in)), rows[i].out),
			rows[i].in);
}

TEST_MAIN(TEST(every_text_stays_text_and_reads_the_same), TEST(only_an_address_becomes_a_link))

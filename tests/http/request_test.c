#include <stdlib.h>

#include "check.h"
#include "http/chunks.h"
#include "http/request.h"

#define GET  "GET / HTTP/1.1\r\n"
#define HOST "Host: hub.local\r\n"
#define POST "POST /v1/hello HTTP/1.1\r\n" HOST
#define TEXT(s)                                                                                    \
	{                                                                                          \
		(const uint8_t *)(s), sizeof(s) - 1                                                \
	}

static struct keel_http_limits with_chunks(void)
{
	struct keel_http_limits l = keel_http_strict;
	l.chunked = true;
	return l;
}

/* As a server does it: the end first, then the head; in memory of exactly its size. */
static enum keel_http_refusal offer(
	struct keel_bytes in, const struct keel_http_limits *limits, struct keel_http_head *head)
{
	size_t seen = 0;
	size_t size = 0;
	enum keel_http_refusal no = keel_http_head_end(in, limits, &seen, &size);
	if (no != KEEL_HTTP_FINE)
		return no;
	uint8_t *copy = malloc(size);
	memcpy(copy, in.p, size);
	no = keel_http_head_read((struct keel_bytes){ copy, size }, limits, head);
	free(copy);
	return no;
}

/* clang-format off */
static const struct {
	const char *why;
	struct keel_bytes in;
	enum keel_http_refusal no;
} malformed[] = {
	{ "bare LF in the request line",        TEXT("GET / HTTP/1.1\nHost: a\r\n\r\n"),           KEEL_HTTP_BYTE },
	{ "bare LF behind a field",             TEXT(GET "Host: a\nX: b\r\n\r\n"),                 KEEL_HTTP_BYTE },
	{ "bare LF as the end",                 TEXT(GET "Host: a\r\n\n"),                         KEEL_HTTP_BYTE },
	{ "bare CR in a value",                 TEXT(GET "Host: a\r\nX: a\rb\r\n\r\n"),            KEEL_HTTP_BYTE },
	{ "bare CR in the request line",        TEXT("GET /\rx HTTP/1.1\r\nHost: a\r\n\r\n"),      KEEL_HTTP_BYTE },
	{ "NUL in a value",                     TEXT(GET HOST "X: a\0b\r\n\r\n"),                  KEEL_HTTP_BYTE },
	{ "control character in a value",       TEXT(GET HOST "X: a\x01" "b\r\n\r\n"),             KEEL_HTTP_BYTE },
	{ "DEL in a value",                     TEXT(GET HOST "X: a\x7f\r\n\r\n"),                 KEEL_HTTP_BYTE },
	{ "NUL in a name",                      TEXT(GET HOST "X\0Y: a\r\n\r\n"),                  KEEL_HTTP_FIELD },
	{ "NUL in the target",                  TEXT("GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n"),       KEEL_HTTP_TARGET },
	{ "empty line first",                   TEXT("\r\n" GET HOST "\r\n"),                      KEEL_HTTP_LINE },
	{ "nothing but a line",                 TEXT("hello\r\n\r\n"),                             KEEL_HTTP_LINE },
	{ "HTTP/0.9",                           TEXT("GET /\r\n\r\n"),                             KEEL_HTTP_LINE },
	{ "two spaces behind the method",       TEXT("GET  / HTTP/1.1\r\n" HOST "\r\n"),           KEEL_HTTP_LINE },
	{ "two spaces behind the target",       TEXT("GET /  HTTP/1.1\r\n" HOST "\r\n"),           KEEL_HTTP_LINE },
	{ "space first",                        TEXT(" GET / HTTP/1.1\r\n" HOST "\r\n"),           KEEL_HTTP_LINE },
	{ "space last",                         TEXT("GET / HTTP/1.1 \r\n" HOST "\r\n"),           KEEL_HTTP_LINE },
	{ "space in the target",                TEXT("GET /a b HTTP/1.1\r\n" HOST "\r\n"),         KEEL_HTTP_LINE },
	{ "tab for a space",                    TEXT("GET\t/ HTTP/1.1\r\n" HOST "\r\n"),           KEEL_HTTP_LINE },
	{ "method with a separator",            TEXT("G(T / HTTP/1.1\r\n" HOST "\r\n"),            KEEL_HTTP_LINE },
	{ "http in small letters",              TEXT("GET / http/1.1\r\n" HOST "\r\n"),            KEEL_HTTP_LINE },
	{ "version with two digits",            TEXT("GET / HTTP/1.10\r\n" HOST "\r\n"),           KEEL_HTTP_LINE },
	{ "another protocol",                   TEXT("GET / ICY/1.1\r\n" HOST "\r\n"),             KEEL_HTTP_LINE },
	{ "HTTP/1.0",                           TEXT("GET / HTTP/1.0\r\n" HOST "\r\n"),            KEEL_HTTP_VERSION },
	{ "HTTP/2.0",                           TEXT("GET / HTTP/2.0\r\n" HOST "\r\n"),            KEEL_HTTP_VERSION },
	{ "HTTP/9.9",                           TEXT("GET / HTTP/9.9\r\n" HOST "\r\n"),            KEEL_HTTP_VERSION },
	{ "the preface of HTTP/2",              TEXT("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),          KEEL_HTTP_VERSION },
	{ "unknown method",                     TEXT("BREW / HTTP/1.1\r\n" HOST "\r\n"),           KEEL_HTTP_METHOD },
	{ "method in small letters",            TEXT("get / HTTP/1.1\r\n" HOST "\r\n"),            KEEL_HTTP_METHOD },
	{ "CONNECT, authority-form",            TEXT("CONNECT a:443 HTTP/1.1\r\n" HOST "\r\n"),    KEEL_HTTP_METHOD },
	{ "authority-form",                     TEXT("GET a:443 HTTP/1.1\r\n" HOST "\r\n"),        KEEL_HTTP_TARGET },
	{ "absolute-form",                      TEXT("GET http://a/ HTTP/1.1\r\n" HOST "\r\n"),    KEEL_HTTP_TARGET },
	{ "asterisk-form with GET",             TEXT("GET * HTTP/1.1\r\n" HOST "\r\n"),            KEEL_HTTP_TARGET },
	{ "fragment",                           TEXT("GET /#a HTTP/1.1\r\n" HOST "\r\n"),          KEEL_HTTP_TARGET },
	{ "backslash",                          TEXT("GET /a\\b HTTP/1.1\r\n" HOST "\r\n"),        KEEL_HTTP_TARGET },
	{ "byte above 127 in the target",       TEXT("GET /\xc3\xa4 HTTP/1.1\r\n" HOST "\r\n"),    KEEL_HTTP_TARGET },
	{ "escape of one digit",                TEXT("GET /%4 HTTP/1.1\r\n" HOST "\r\n"),          KEEL_HTTP_TARGET },
	{ "escape of no digits",                TEXT("GET /%zz HTTP/1.1\r\n" HOST "\r\n"),         KEEL_HTTP_TARGET },
	{ "escaped NUL",                        TEXT("GET /%00 HTTP/1.1\r\n" HOST "\r\n"),         KEEL_HTTP_TARGET },
	{ "escaped CR in the query",            TEXT("GET /?a=%0d HTTP/1.1\r\n" HOST "\r\n"),      KEEL_HTTP_TARGET },
	{ "dot segments",                       TEXT("GET /a/../b HTTP/1.1\r\n" HOST "\r\n"),      KEEL_HTTP_TARGET },
	{ "a dot at the end",                   TEXT("GET /a/. HTTP/1.1\r\n" HOST "\r\n"),         KEEL_HTTP_TARGET },
	{ "escaped dot segments",               TEXT("GET /%2E%2e/b HTTP/1.1\r\n" HOST "\r\n"),    KEEL_HTTP_TARGET },
	{ "half-escaped dot segment",           TEXT("GET /.%2e HTTP/1.1\r\n" HOST "\r\n"),        KEEL_HTTP_TARGET },
	{ "space before the colon",             TEXT(GET "Host : a\r\n\r\n"),                      KEEL_HTTP_FIELD },
	{ "tab before the colon",               TEXT(GET HOST "X\t: a\r\n\r\n"),                   KEEL_HTTP_FIELD },
	{ "no colon",                           TEXT(GET HOST "X\r\n\r\n"),                        KEEL_HTTP_FIELD },
	{ "no name",                            TEXT(GET HOST ": a\r\n\r\n"),                      KEEL_HTTP_FIELD },
	{ "name with a space",                  TEXT(GET HOST "X Y: a\r\n\r\n"),                   KEEL_HTTP_FIELD },
	{ "name with a byte above 127",         TEXT(GET HOST "X\xe4: a\r\n\r\n"),                 KEEL_HTTP_FIELD },
	{ "folded line",                        TEXT(GET HOST "X: a\r\n b\r\n\r\n"),               KEEL_HTTP_FIELD },
	{ "line folded by a tab",               TEXT(GET HOST "X: a\r\n\tb\r\n\r\n"),              KEEL_HTTP_FIELD },
	{ "first field folded",                 TEXT(GET " Host: a\r\n\r\n"),                      KEEL_HTTP_FIELD },
	{ "Connection that is no list",         TEXT(GET HOST "Connection: a b\r\n\r\n"),          KEEL_HTTP_FIELD },
	{ "no Host",                            TEXT(GET "X: a\r\n\r\n"),                          KEEL_HTTP_HOST },
	{ "two Hosts",                          TEXT(GET HOST "Host: b\r\n\r\n"),                  KEEL_HTTP_HOST },
	{ "the same Host twice",                TEXT(GET HOST HOST "\r\n"),                        KEEL_HTTP_HOST },
	{ "empty Host",                         TEXT(GET "Host:\r\n\r\n"),                         KEEL_HTTP_HOST },
	{ "a list of Hosts",                    TEXT(GET "Host: a, b\r\n\r\n"),                    KEEL_HTTP_HOST },
	{ "Host with a path",                   TEXT(GET "Host: a/b\r\n\r\n"),                     KEEL_HTTP_HOST },
	{ "Host with a user",                   TEXT(GET "Host: me@a\r\n\r\n"),                    KEEL_HTTP_HOST },
	{ "Host without a port's number",       TEXT(GET "Host: a:\r\n\r\n"),                      KEEL_HTTP_HOST },
	{ "Host with a port in words",          TEXT(GET "Host: a:https\r\n\r\n"),                 KEEL_HTTP_HOST },
	{ "Host with a bracket left open",      TEXT(GET "Host: [::1\r\n\r\n"),                    KEEL_HTTP_HOST },
	{ "Host with a zone",                   TEXT(GET "Host: [fe80::1%25eth0]\r\n\r\n"),        KEEL_HTTP_HOST },
	{ "two Origins",                        TEXT(GET HOST "Origin: a\r\nOrigin: a\r\n\r\n"),   KEEL_HTTP_TWICE },
	{ "two Content-Types",                  TEXT(GET HOST "Content-Type: a\r\ncontent-type: a\r\n\r\n"), KEEL_HTTP_TWICE },
	{ "two differing lengths",              TEXT(POST "Content-Length: 1\r\nContent-Length: 2\r\n\r\n"), KEEL_HTTP_LENGTH },
	{ "the same length twice",              TEXT(POST "Content-Length: 1\r\nContent-Length: 1\r\n\r\n"), KEEL_HTTP_LENGTH },
	{ "a list of lengths",                  TEXT(POST "Content-Length: 1, 1\r\n\r\n"),         KEEL_HTTP_LENGTH },
	{ "length with a plus",                 TEXT(POST "Content-Length: +1\r\n\r\n"),           KEEL_HTTP_LENGTH },
	{ "length below zero",                  TEXT(POST "Content-Length: -1\r\n\r\n"),           KEEL_HTTP_LENGTH },
	{ "length in hex",                      TEXT(POST "Content-Length: 0x1\r\n\r\n"),          KEEL_HTTP_LENGTH },
	{ "length with zeros before it",        TEXT(POST "Content-Length: 01\r\n\r\n"),           KEEL_HTTP_LENGTH },
	{ "length with a space in it",          TEXT(POST "Content-Length: 1 2\r\n\r\n"),          KEEL_HTTP_LENGTH },
	{ "empty length",                       TEXT(POST "Content-Length:\r\n\r\n"),              KEEL_HTTP_LENGTH },
	{ "length beyond 64 bits",              TEXT(POST "Content-Length: 18446744073709551617\r\n\r\n"), KEEL_HTTP_LENGTH },
	{ "length beside chunked",              TEXT(POST "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"), KEEL_HTTP_LENGTH },
	{ "chunked beside length",              TEXT(POST "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n"), KEEL_HTTP_LENGTH },
	{ "xchunked",                           TEXT(POST "Transfer-Encoding: xchunked\r\n\r\n"),  KEEL_HTTP_CODING },
	{ "gzip, chunked",                      TEXT(POST "Transfer-Encoding: gzip, chunked\r\n\r\n"), KEEL_HTTP_CODING },
	{ "chunked, chunked",                   TEXT(POST "Transfer-Encoding: chunked, chunked\r\n\r\n"), KEEL_HTTP_CODING },
	{ "identity",                           TEXT(POST "Transfer-Encoding: identity\r\n\r\n"),  KEEL_HTTP_CODING },
	{ "empty Transfer-Encoding",            TEXT(POST "Transfer-Encoding:\r\n\r\n"),           KEEL_HTTP_CODING },
	{ "Transfer-Encoding twice",            TEXT(POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n"), KEEL_HTTP_TWICE },
	{ "Cookie twice",                       TEXT(GET HOST "Cookie: a=b\r\ncookie: a=c\r\n\r\n"), KEEL_HTTP_TWICE },
	{ "Sec-Fetch-Site twice",               TEXT(GET HOST "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Site: same-origin\r\n\r\n"), KEEL_HTTP_TWICE },
	{ "chunked where it is not taken",      TEXT(POST "Transfer-Encoding: chunked\r\n\r\n"),   KEEL_HTTP_NO_LENGTH },
	{ "a body without a length",            TEXT(POST "\r\n"),                                 KEEL_HTTP_NO_LENGTH },
	{ "Expect",                             TEXT(POST "Content-Length: 1\r\nExpect: 100-continue\r\n\r\n"), KEEL_HTTP_EXPECT },
	{ "another Expect",                     TEXT(GET HOST "Expect: a miracle\r\n\r\n"),        KEEL_HTTP_EXPECT },
};

static const struct {
	const char *why;
	struct keel_bytes in;
} fine[] = {
	{ "the shortest",             TEXT("GET / HTTP/1.1\r\nHost:a\r\n\r\n") },
	{ "a port",                   TEXT(GET "Host: hub.local:8443\r\n\r\n") },
	{ "an IPv6 address",          TEXT(GET "Host: [fd00::1]:8443\r\n\r\n") },
	{ "white space around",       TEXT(GET "Host: \t a \t\r\n\r\n") },
	{ "an empty value",           TEXT(GET HOST "X:\r\n\r\n") },
	{ "bytes above 127",          TEXT(GET HOST "X: \xc3\xa4\r\n\r\n") },
	{ "escapes",                  TEXT("GET /a%20b/%E4?c=%2F HTTP/1.1\r\n" HOST "\r\n") },
	{ "dots that are no segment", TEXT("GET /.well-known/a..b/... HTTP/1.1\r\n" HOST "\r\n") },
	{ "asterisk with OPTIONS",    TEXT("OPTIONS * HTTP/1.1\r\n" HOST "\r\n") },
	{ "an empty list",            TEXT(GET HOST "Connection: , ,\r\n\r\n") },
	{ "a length of zero",         TEXT(POST "Content-Length: 0\r\n\r\n") },
};
/* clang-format on */

static void prov_5_13_1a_what_rfc_9112_calls_invalid_is_refused(void)
{
	struct keel_http_head h;
	for (size_t i = 0; i < KEEL_COUNT(malformed); i++)
		CHECK_ROW(offer(malformed[i].in, &keel_http_strict, &h) == malformed[i].no,
			malformed[i].why);
}

static void what_is_well_formed_is_taken(void)
{
	struct keel_http_head h;
	for (size_t i = 0; i < KEEL_COUNT(fine); i++)
		CHECK_ROW(offer(fine[i].in, &keel_http_strict, &h) == KEEL_HTTP_FINE, fine[i].why);
}

/* Every refusal that a client can see has a status, and a word of its own. */
static void every_refusal_has_its_row(void)
{
	for (unsigned i = KEEL_HTTP_BYTE; i < KEEL_HTTP_REFUSALS; i++) {
		CHECK(keel_http_refusal_word(i) != NULL);
		unsigned status = keel_http_refusal_status(i);
		CHECK(i >= KEEL_HTTP_TLS ? status == 0 : status >= 400 && status < 600);
		for (unsigned k = 0; k < i; k++)
			CHECK(strcmp(keel_http_refusal_word(i), keel_http_refusal_word(k)) != 0);
	}
}

static void a_head_is_read_into_its_values(void)
{
	static const char text[] =
		"POST /v1/request?a=1?b HTTP/1.1\r\nhOST: hub.local:8443\r\n"
		"Origin: https://app.example\r\nConnection: keep-alive, Close\r\n"
		"Content-Type:application/cbor \r\nContent-Length: 16384\r\n\r\n";
	struct keel_http_head h;
	struct keel_bytes in = { (const uint8_t *)text, sizeof(text) - 1 };
	CHECK(keel_http_head_read(in, &keel_http_strict, &h) == KEEL_HTTP_FINE);
	CHECK(h.method == KEEL_HTTP_POST && h.length == 16384 && h.close && !h.chunked);
	CHECK(keel_bytes_is(h.path, "/v1/request") && keel_bytes_is(h.query, "a=1?b"));
	CHECK(keel_bytes_is(h.target, "/v1/request?a=1?b"));
	CHECK(keel_bytes_is(h.known[KEEL_HTTP_F_HOST], "hub.local:8443"));
	CHECK(keel_bytes_is(h.known[KEEL_HTTP_F_ORIGIN], "https://app.example"));
	CHECK(keel_bytes_is(h.known[KEEL_HTTP_F_CONTENT_TYPE], "application/cbor"));
	CHECK(h.known[KEEL_HTTP_F_AUTHORIZATION].p == NULL && h.count == 5 && h.size == in.n);
}

/* A head cut at any byte is neither accepted nor refused, but waited for. */
static void every_beginning_of_a_head_asks_for_more(void)
{
	static const char text[] = GET HOST "X: y\r\n\r\n";
	size_t seen = 0;
	size_t size = 0;
	for (size_t n = 0; n < sizeof(text) - 1; n++) {
		size_t fresh = 0;
		struct keel_bytes in = { (const uint8_t *)text, n };
		CHECK(keel_http_head_end(in, &keel_http_strict, &seen, &size) == KEEL_HTTP_MORE);
		CHECK(keel_http_head_end(in, &keel_http_strict, &fresh, &size) == KEEL_HTTP_MORE);
	}
	struct keel_bytes all = { (const uint8_t *)text, sizeof(text) - 1 };
	CHECK(keel_http_head_end(all, &keel_http_strict, &seen, &size) == KEEL_HTTP_FINE);
	CHECK(size == sizeof(text) - 1);
}

static enum keel_http_refusal offer_long(size_t target, size_t fields, size_t value)
{
	static uint8_t buf[4 * KEEL_HTTP_HEAD_MAX];
	static char filler[2 * KEEL_HTTP_HEAD_MAX];
	struct keel_http_head h;
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	struct keel_bytes all = { 0 };
	memset(filler, 'a', sizeof(filler));
	keel_wr_text(&w, "GET /");
	keel_wr_bytes(&w, (struct keel_bytes){ (const uint8_t *)filler, target - 1 });
	keel_wr_text(&w, " HTTP/1.1\r\nHost: a\r\n");
	for (size_t i = 1; i < fields; i++) {
		keel_wr_text(&w, "X: ");
		keel_wr_bytes(&w, (struct keel_bytes){ (const uint8_t *)filler, value });
		keel_wr_text(&w, "\r\n");
	}
	keel_wr_text(&w, "\r\n");
	CHECK(keel_wr_end(&w, &all) == KEEL_OK);
	return offer(all, &keel_http_strict, &h);
}

static void each_limit_holds_exactly(void)
{
	CHECK(offer_long(KEEL_HTTP_TARGET_MAX, 1, 1) == KEEL_HTTP_FINE);
	CHECK(offer_long(KEEL_HTTP_TARGET_MAX + 1, 1, 1) == KEEL_HTTP_LONG_TARGET);
	CHECK(offer_long(KEEL_HTTP_HEAD_MAX, 1, 1) == KEEL_HTTP_LONG_TARGET);
	CHECK(offer_long(1, KEEL_HTTP_FIELDS_MAX, 1) == KEEL_HTTP_FINE);
	CHECK(offer_long(1, KEEL_HTTP_FIELDS_MAX + 1, 1) == KEEL_HTTP_LONG_HEAD);
	size_t around = sizeof("GET / HTTP/1.1\r\nHost: a\r\nX: \r\n\r\n") - 1;
	CHECK(offer_long(1, 2, KEEL_HTTP_HEAD_MAX - around) == KEEL_HTTP_FINE);
	CHECK(offer_long(1, 2, KEEL_HTTP_HEAD_MAX - around + 1) == KEEL_HTTP_LONG_HEAD);
}

static void what_was_read_is_written_the_same(void)
{
	static const char text[] = POST "Content-Length: 3\r\nX: \r\n\r\n";
	uint8_t buf[sizeof(text)];
	struct keel_http_head h;
	struct keel_bytes again = { 0 };
	struct keel_bytes in = { (const uint8_t *)text, sizeof(text) - 1 };
	CHECK(keel_http_head_read(in, &keel_http_strict, &h) == KEEL_HTTP_FINE);
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	keel_http_head_write(&w, &h);
	CHECK(keel_wr_end(&w, &again) == KEEL_OK && keel_bytes_equal(again, in));
}

/* --- chunks --- */

/* clang-format off */
static const struct {
	const char *why;
	struct keel_bytes in;
	enum keel_http_refusal no;
	const char *body;
} chunks[] = {
	{ "nothing",                 TEXT("0\r\n\r\n"),                 KEEL_HTTP_FINE, "" },
	{ "two chunks",              TEXT("3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"), KEEL_HTTP_FINE, "abcde" },
	{ "hex of both cases",       TEXT("A\r\n0123456789\r\nb\r\n01234567890\r\n0\r\n\r\n"), KEEL_HTTP_FINE, "012345678901234567890" },
	{ "what follows is not ours", TEXT("0\r\n\r\nGET"),             KEEL_HTTP_FINE, "" },
	{ "no end yet",              TEXT("3\r\nabc\r\n"),              KEEL_HTTP_MORE, NULL },
	{ "bare LF behind the size", TEXT("3\nabc\r\n0\r\n\r\n"),       KEEL_HTTP_CHUNK, NULL },
	{ "bare LF behind the data", TEXT("3\r\nabc\n0\r\n\r\n"),       KEEL_HTTP_CHUNK, NULL },
	{ "no CRLF behind the data", TEXT("3\r\nabc0\r\n\r\n"),         KEEL_HTTP_CHUNK, NULL },
	{ "0x",                      TEXT("0x3\r\nabc\r\n0\r\n\r\n"),   KEEL_HTTP_CHUNK, NULL },
	{ "plus",                    TEXT("+3\r\nabc\r\n0\r\n\r\n"),    KEEL_HTTP_CHUNK, NULL },
	{ "space",                   TEXT("3 \r\nabc\r\n0\r\n\r\n"),    KEEL_HTTP_CHUNK, NULL },
	{ "space and more",          TEXT("3 z\r\nabc\r\n0\r\n\r\n"),   KEEL_HTTP_CHUNK, NULL },
	{ "extension",               TEXT("3;a=b\r\nabc\r\n0\r\n\r\n"), KEEL_HTTP_CHUNK, NULL },
	{ "no size",                 TEXT("\r\n\r\n"),                  KEEL_HTTP_CHUNK, NULL },
	{ "trailer",                 TEXT("0\r\nX: y\r\n\r\n"),         KEEL_HTTP_CHUNK, NULL },
	{ "too long a size",         TEXT("00000003\r\nabc\r\n0\r\n\r\n"), KEEL_HTTP_LONG_BODY, NULL },
	{ "larger than the limit",   TEXT("21\r\n"),                    KEEL_HTTP_LONG_BODY, NULL },
};
/* clang-format on */

static void chunks_are_read_strictly(void)
{
	for (size_t i = 0; i < KEEL_COUNT(chunks); i++) {
		struct keel_http_chunks c = { 0 };
		uint8_t raw[64];
		memcpy(raw, chunks[i].in.p, chunks[i].in.n);
		enum keel_http_refusal no =
			keel_http_chunks_scan(&c, (struct keel_bytes){ raw, chunks[i].in.n }, 32);
		CHECK_ROW(no == chunks[i].no, chunks[i].why);
		if (no == KEEL_HTTP_FINE && chunks[i].body != NULL)
			CHECK_ROW(keel_bytes_is(keel_http_chunks_join(&c, raw), chunks[i].body),
				chunks[i].why);
	}
}

static void chunks_that_drip_give_the_same(void)
{
	static const char text[] = "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
	uint8_t raw[sizeof(text)];
	struct keel_http_chunks c = { 0 };
	memcpy(raw, text, sizeof(text));
	for (size_t n = 0; n < sizeof(text) - 1; n++)
		CHECK(keel_http_chunks_scan(&c, (struct keel_bytes){ raw, n }, 32) ==
			KEEL_HTTP_MORE);
	CHECK(keel_http_chunks_scan(&c, (struct keel_bytes){ raw, sizeof(text) - 1 }, 32) ==
		KEEL_HTTP_FINE);
	CHECK(keel_bytes_is(keel_http_chunks_join(&c, raw), "abcde"));
}

static void limits_hand_on_chunked_where_it_is_taken(void)
{
	struct keel_http_limits l = with_chunks();
	struct keel_http_head h;
	struct keel_bytes in = TEXT(POST "Transfer-Encoding: Chunked\r\n\r\n");
	CHECK(keel_http_head_read(in, &l, &h) == KEEL_HTTP_FINE && h.chunked);
}

TEST_MAIN(TEST(prov_5_13_1a_what_rfc_9112_calls_invalid_is_refused),
	TEST(what_is_well_formed_is_taken), TEST(every_refusal_has_its_row),
	TEST(a_head_is_read_into_its_values), TEST(every_beginning_of_a_head_asks_for_more),
	TEST(each_limit_holds_exactly), TEST(what_was_read_is_written_the_same),
	TEST(chunks_are_read_strictly), TEST(chunks_that_drip_give_the_same),
	TEST(limits_hand_on_chunked_where_it_is_taken))

/* What needs no socket: rates of addresses, whose requests are taken, and an answer's bytes. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>

#include "check.h"
#include "http/address.h"
#include "http/answer.h"
#include "http/gate.h"

static struct keel_http_place place(const char *text, uint16_t port)
{
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = htons(port) };
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(port) };
	if (inet_pton(AF_INET, text, &in.sin_addr) == 1)
		return keel_http_place_of((const struct sockaddr *)&in);
	CHECK(inet_pton(AF_INET6, text, &in6.sin6_addr) == 1);
	return keel_http_place_of((const struct sockaddr *)&in6);
}

static void addresses_are_written_as_people_write_them(void)
{
	static const char *const all[] = { "192.0.2.1", "2001:db8::1", "fe80::1", "::1" };
	char text[KEEL_HTTP_ADDRESS_TEXT];
	for (size_t i = 0; i < KEEL_COUNT(all); i++) {
		struct keel_http_place p = place(all[i], 8443);
		keel_http_place_text(&p, text);
		CHECK_ROW(strcmp(text, all[i]) == 0 && p.port == 8443, all[i]);
	}
	struct keel_http_place mapped = place("::ffff:192.0.2.1", 1);
	keel_http_place_text(&mapped, text);
	CHECK(strcmp(text, "192.0.2.1") == 0);
}

/* A bucket gives what it holds, then what flows in, whatever the steps of the clock. */
static void rates_hold_over_any_steps_of_the_clock(void)
{
	const struct keel_http_quota q = {
		.connections = 1, .v6_bits = 128, .requests = { .a_second = 10, .at_once = 5 }
	};
	for (uint64_t step = 1; step < 400; step += 7) {
		struct keel_http_addresses *t = keel_http_addresses_new(2, &q);
		struct keel_http_place p = place("192.0.2.1", 1);
		struct keel_http_address *a = keel_http_address_enter(t, &p, 1000);
		uint64_t given = 0;
		uint64_t now = 1000;
		for (; now <= 21000; now += step)
			for (int i = 0; i < 10; i++)
				given += keel_http_address_ask(t, a, now);
		uint64_t fair = 5 + (now - step - 1000) / 100;
		CHECK(given <= fair && given + 1 >= fair);
		keel_http_address_leave(t, a);
		keel_http_addresses_free(t);
	}
}

static void an_address_that_comes_back_is_known(void)
{
	const struct keel_http_quota q = {
		.connections = 1, .v6_bits = 128, .connects = { .a_second = 1, .at_once = 2 }
	};
	struct keel_http_addresses *t = keel_http_addresses_new(3, &q);
	struct keel_http_place a = place("192.0.2.1", 1);
	for (int i = 0; i < 2; i++) {
		struct keel_http_address *in = keel_http_address_enter(t, &a, 5000);
		CHECK(in != NULL && keel_http_address_enter(t, &a, 5000) == NULL); /* only one */
		keel_http_address_leave(t, in);
	}
	CHECK(keel_http_address_enter(t, &a, 5000) == NULL);
	/* Until others need its place. */
	for (int i = 2; i < 6; i++) {
		char text[16];
		(void)snprintf(text, sizeof(text), "192.0.2.%d", i);
		struct keel_http_place other = place(text, 1);
		struct keel_http_address *in = keel_http_address_enter(t, &other, 5000);
		CHECK(in != NULL);
		keel_http_address_leave(t, in);
	}
	struct keel_http_address *again = keel_http_address_enter(t, &a, 5000);
	CHECK(again != NULL);
	keel_http_address_leave(t, again);
	keel_http_addresses_free(t);
}

static bool share(unsigned bits, const char *a, const char *b)
{
	const struct keel_http_quota q = { .connections = 1, .v6_bits = bits };
	struct keel_http_addresses *t = keel_http_addresses_new(4, &q);
	struct keel_http_place one = place(a, 1);
	struct keel_http_place two = place(b, 1);
	CHECK(keel_http_address_enter(t, &one, 0) != NULL);
	bool shared = keel_http_address_enter(t, &two, 0) == NULL;
	keel_http_addresses_free(t);
	return shared;
}

static void a_network_is_one_client_where_that_is_wanted(void)
{
	CHECK(share(64, "2001:db8::1", "2001:db8::2"));
	CHECK(!share(128, "2001:db8::1", "2001:db8::2"));
	CHECK(!share(64, "2001:db8::1", "2001:db8:0:1::1"));
	CHECK(!share(64, "192.0.2.1", "192.0.2.2")); /* IPv4 is never cut */
}

/* Who holds a /48 has 65,536 networks of 64 bits, and is one client all the same; its neighbour is another. */
static void a_site_with_many_networks_has_so_many_times_as_much(void)
{
	const struct keel_http_quota q = { .connections = 2,
		.v6_bits = 64,
		.v6_wide_bits = 48,
		.v6_wide_times = 3,
		.requests = { .a_second = 1, .at_once = 1 } };
	struct keel_http_addresses *t = keel_http_addresses_new(32, &q);
	struct keel_http_address *in[8];
	size_t count = 0, asked = 0;
	for (unsigned i = 0; i < 8; i++) {
		char text[32];
		(void)snprintf(text, sizeof(text), "2001:db8:1:%u::1", i);
		struct keel_http_place p = place(text, 1);
		in[count] = keel_http_address_enter(t, &p, 0);
		count += in[count] != NULL;
	}
	CHECK(count == 6); /* and each had two of its own */
	for (size_t i = 0; i < count; i++)
		asked += keel_http_address_ask(t, in[i], 0);
	CHECK(asked == 3);
	struct keel_http_place neighbour = place("2001:db8:2::1", 1), v4 = place("192.0.2.1", 1);
	struct keel_http_address *other = keel_http_address_enter(t, &neighbour, 0);
	CHECK(other != NULL && keel_http_address_ask(t, other, 0));
	CHECK(keel_http_address_enter(t, &v4, 0) != NULL);
	/* A place that is given back is the site's again. */
	struct keel_http_place ninth = place("2001:db8:1:9::1", 1);
	CHECK(keel_http_address_enter(t, &ninth, 0) == NULL);
	keel_http_address_leave(t, in[0]);
	CHECK(keel_http_address_enter(t, &ninth, 0) != NULL);
	keel_http_addresses_free(t);
}

/* The network with number 0 has the same bytes as its site, and is not it. */
static void a_network_is_not_its_site(void)
{
	const struct keel_http_quota q = {
		.connections = 1, .v6_bits = 64, .v6_wide_bits = 48, .v6_wide_times = 4
	};
	struct keel_http_addresses *t = keel_http_addresses_new(8, &q);
	struct keel_http_place zero = place("2001:db8:1::1", 1), one = place("2001:db8:1:1::1", 1);
	CHECK(keel_http_address_enter(t, &one, 0) != NULL);
	CHECK(keel_http_address_enter(t, &zero, 0) != NULL);
	CHECK(keel_http_address_enter(t, &zero, 0) == NULL);
	keel_http_addresses_free(t);
}

/* The table is as large as the house: full, it takes nobody, and gives places back. */
static void a_full_table_takes_nobody(void)
{
	const struct keel_http_quota q = { .connections = 8, .v6_bits = 128 };
	struct keel_http_addresses *t = keel_http_addresses_new(2, &q);
	struct keel_http_place a = place("192.0.2.1", 1);
	struct keel_http_place b = place("192.0.2.2", 1);
	struct keel_http_place c = place("192.0.2.3", 1);
	struct keel_http_address *in = keel_http_address_enter(t, &a, 0);
	CHECK(in != NULL && keel_http_address_enter(t, &b, 0) != NULL);
	CHECK(keel_http_address_enter(t, &c, 0) == NULL);
	keel_http_address_leave(t, in);
	CHECK(keel_http_address_enter(t, &c, 0) != NULL);
	keel_http_addresses_free(t);
}

/* clang-format off */
static const struct {
	const char *here;
	const char *host;
	const char *origin; /* NULL: none */
	enum keel_http_refusal no;
} visits[] = {
	{ "192.0.2.1",   "hub.local:8443",        NULL, KEEL_HTTP_FINE },
	{ "192.0.2.1",   "HUB.Local:8443",        NULL, KEEL_HTTP_FINE },
	{ "192.0.2.1",   "hub.local",             NULL, KEEL_HTTP_MISDIRECTED },
	{ "192.0.2.1",   "hub.local:443",         NULL, KEEL_HTTP_MISDIRECTED },
	{ "192.0.2.1",   "hub.local.:8443",       NULL, KEEL_HTTP_MISDIRECTED },
	{ "192.0.2.1",   "xhub.local:8443",       NULL, KEEL_HTTP_MISDIRECTED },
	{ "192.0.2.1",   "out.example",           NULL, KEEL_HTTP_FINE },
	{ "192.0.2.1",   "out.example:443",       NULL, KEEL_HTTP_FINE },
	{ "192.0.2.1",   "out.example:8443",      NULL, KEEL_HTTP_MISDIRECTED },
	{ "192.0.2.1",   "192.0.2.1:8443",        NULL, KEEL_HTTP_FINE },
	{ "192.0.2.1",   "192.0.2.2:8443",        NULL, KEEL_HTTP_MISDIRECTED },
	{ "192.0.2.1",   "192.0.2.1",             NULL, KEEL_HTTP_MISDIRECTED },
	{ "192.0.2.1",   "3221225985:8443",       NULL, KEEL_HTTP_MISDIRECTED },
	{ "192.0.2.1",   "[::ffff:192.0.2.1]:8443", NULL, KEEL_HTTP_FINE },
	{ "2001:db8::1", "[2001:db8::1]:8443",    NULL, KEEL_HTTP_FINE },
	{ "2001:db8::1", "[2001:DB8:0::1]:8443",  NULL, KEEL_HTTP_FINE },
	{ "2001:db8::1", "[2001:db8::2]:8443",    NULL, KEEL_HTTP_MISDIRECTED },
	{ "2001:db8::1", "[2001:db8::1::]:8443",  NULL, KEEL_HTTP_MISDIRECTED },
	{ "192.0.2.1",   "hub.local:8443",        "https://app.example", KEEL_HTTP_FINE },
	{ "192.0.2.1",   "hub.local:8443",        "https://hub.local:8443", KEEL_HTTP_FINE },
	{ "192.0.2.1",   "hub.local:8443",        "https://hub.local:8444", KEEL_HTTP_ORIGIN },
	{ "192.0.2.1",   "hub.local:8443",        "http://hub.local:8443", KEEL_HTTP_ORIGIN },
	{ "192.0.2.1",   "hub.local:8443",        "evils://hub.local:8443", KEEL_HTTP_ORIGIN },
	{ "192.0.2.1",   "hub.local:8443",        "https://app.example:8443", KEEL_HTTP_ORIGIN },
	{ "192.0.2.1",   "hub.local:8443",        "https://APP.example", KEEL_HTTP_ORIGIN },
	{ "192.0.2.1",   "hub.local:8443",        "null", KEEL_HTTP_ORIGIN },
	{ "192.0.2.1",   "hub.local:8443",        "", KEEL_HTTP_ORIGIN },
	{ "192.0.2.1",   "evil.example:8443",     "https://app.example", KEEL_HTTP_MISDIRECTED },
};
/* clang-format on */

static void only_our_names_and_the_apps_pages_are_let_in(void)
{
	static const char *const hosts[] = { "hub.local", "out.example:443" };
	const struct keel_http_gate g = {
		.origin = "https://app.example", .hosts = hosts, .host_count = KEEL_COUNT(hosts)
	};
	for (size_t i = 0; i < KEEL_COUNT(visits); i++) {
		struct keel_http_head h = { 0 };
		struct keel_http_place here = place(visits[i].here, 8443);
		h.known[KEEL_HTTP_F_HOST] = keel_text(visits[i].host);
		if (visits[i].origin != NULL)
			h.known[KEEL_HTTP_F_ORIGIN] = keel_text(visits[i].origin);
		CHECK_ROW(keel_http_gate_check(&g, &here, &h) == visits[i].no, visits[i].host);
	}
}

static void without_an_app_no_page_of_a_stranger_is_let_in(void)
{
	const struct keel_http_gate g = { 0 };
	struct keel_http_place here = place("192.0.2.1", 443);
	struct keel_http_head h = { 0 };
	h.known[KEEL_HTTP_F_HOST] = keel_text("192.0.2.1");
	CHECK(keel_http_gate_check(&g, &here, &h) == KEEL_HTTP_FINE);
	h.known[KEEL_HTTP_F_ORIGIN] = keel_text("https://app.example");
	CHECK(keel_http_gate_check(&g, &here, &h) == KEEL_HTTP_ORIGIN);
}

static bool written(
	const struct keel_http_answer *a, const struct keel_http_framing *f, const char *text)
{
	uint8_t buf[2048];
	struct keel_bytes all = { 0 };
	struct keel_wr w = keel_wr_of(buf, keel_http_answer_size(a, f));
	keel_http_answer_write(&w, a, f);
	return keel_wr_end(&w, &all) == KEEL_OK && keel_bytes_is(all, text);
}

#define ALWAYS "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n"

static void answers_are_written_in_one_piece(void)
{
	char date[KEEL_HTTP_DATE_LEN];
	static const char *const more[] = { "X: y", NULL };
	struct keel_http_answer a = {
		.status = 200, .type = "text/plain", .body = keel_text("hi")
	};
	struct keel_http_framing f = { .date = "" };
	CHECK(written(&a, &f,
		"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n" ALWAYS
		"\r\nhi"));
	f.head_only = true;
	f.close = true;
	f.date = date;
	f.origin = keel_text("https://a");
	a.retry_after_s = 12;
	a.fields = more;
	keel_http_date(784111777, date); /* the example of RFC 9110 §5.6.7 */
	CHECK(strcmp(date, "Sun, 06 Nov 1994 08:49:37 GMT") == 0);
	CHECK(written(&a, &f,
		"HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
		"Content-Type: text/plain\r\nContent-Length: 2\r\n" ALWAYS
		"Access-Control-Allow-Origin: https://a\r\nVary: Origin\r\nRetry-After: 12\r\n"
		"X: y\r\nConnection: close\r\n\r\n"));
	keel_http_date(0, date); /* no time is known: none is told */
	CHECK(date[0] == '\0');
	const struct keel_http_answer none = { .status = 204 };
	const struct keel_http_framing plain = { .date = "" };
	CHECK(written(&none, &plain, "HTTP/1.1 204 No Content\r\n" ALWAYS "\r\n"));
	const struct keel_http_answer odd = { .status = 299 };
	CHECK(written(&odd, &plain,
		"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n" ALWAYS "\r\n"));
}

/* Every status that a refusal may have has its line: none turns into 500 by oversight. */
static void every_refusal_has_a_status_line(void)
{
	const struct keel_http_framing plain = { .date = "" };
	for (enum keel_http_refusal r = KEEL_HTTP_BYTE; r < KEEL_HTTP_REFUSALS; r++) {
		struct keel_http_answer a = { .status = keel_http_refusal_status(r) };
		char line[16];
		uint8_t buf[2048];
		if (a.status == 0)
			continue;
		struct keel_wr w = keel_wr_of(buf, sizeof(buf));
		keel_http_answer_write(&w, &a, &plain);
		(void)snprintf(line, sizeof(line), "HTTP/1.1 %u ", a.status);
		CHECK_ROW(memcmp(buf, line, strlen(line)) == 0, keel_http_refusal_word(r));
	}
}

TEST_MAIN(TEST(addresses_are_written_as_people_write_them),
	TEST(rates_hold_over_any_steps_of_the_clock), TEST(an_address_that_comes_back_is_known),
	TEST(a_network_is_one_client_where_that_is_wanted),
	TEST(a_site_with_many_networks_has_so_many_times_as_much), TEST(a_network_is_not_its_site),
	TEST(a_full_table_takes_nobody), TEST(only_our_names_and_the_apps_pages_are_let_in),
	TEST(without_an_app_no_page_of_a_stranger_is_let_in),
	TEST(answers_are_written_in_one_piece), TEST(every_refusal_has_a_status_line))

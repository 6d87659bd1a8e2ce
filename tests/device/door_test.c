/*
 * The door in its own process behind all its walls, between a parent, a vault and a monitor that
 * the test plays, and clients over real TLS.
 */
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "device/confine.h"
#include "device/door/door.h"
#include "device/door/page.h"
#include "device/talk.h"
#include "owner/claim.h"
#include "peer.h"

#define APP     "https://app.example"
#define HUB     "Host: hub.local:443\r\n"
#define WAIT_MS 3000

struct house {
	pid_t door;
	uint16_t port;
	int parent; /* our ends */
	int vault;
	int monitor;
	uint8_t buf[KEEL_MESSAGE_MAX]; /* what the last message's views look into */
};

/* --- the door's process --- */

static int pem_file(const char *text)
{
	int fd = memfd_create("pem", MFD_CLOEXEC);
	KEEL_MUST(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	return fd;
}

static void line_to(int ends[2])
{
	KEEL_MUST(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == 0);
}

static void run_door(int parent, int vault, int monitor, int listener, const struct peer_pem *pem)
{
	char text[512];
	(void)snprintf(text, sizeof(text), "%d parent 0\n%d vault 1\n%d monitor 2\n", parent, vault,
		monitor);
	(void)setenv("KEEL_ENDS", text, 1);
	(void)snprintf(text, sizeof(text), "%d listen/0\n%d door.crt\n%d door.key\n", listener,
		pem_file(pem->chain), pem_file(pem->key));
	(void)setenv("KEEL_HANDED", text, 1);
	(void)snprintf(text, sizeof(text),
		"origin " APP
		"\nhost hub.local:443\nhost other.local\nuid 61802\ngid 61802\nparent %d\n",
		(int)getppid());
	(void)setenv("KEEL_OPTIONS", text, 1);
	_exit(keel_room_run(ROOM_DOOR, door_main));
}

/* One message on this end, by line and schema. */
static bool hear(struct house *h, int fd, enum keel_room_id who, enum keel_msg msg,
	union keel_body *out, unsigned wait_ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	struct keel_bytes in;
	enum keel_msg got;
	if (poll(&p, 1, (int)wait_ms) != 1 || keel_talk_receive(fd, h->buf, &in, NULL) != KEEL_OK)
		return false;
	return keel_line_read(ROOM_DOOR, who, in, &got, out, NULL) == KEEL_OK && got == msg;
}

static void start(struct house *h)
{
	int parent[2];
	int vault[2];
	int monitor[2];
	struct peer_pem pem;
	union keel_body body;
	int listener = peer_listen(false, &h->port);
	peer_pem_make(&pem);
	line_to(parent);
	line_to(vault);
	line_to(monitor);
	h->door = fork();
	KEEL_MUST(h->door >= 0);
	if (h->door == 0)
		run_door(parent[1], vault[1], monitor[1], listener, &pem);
	(void)close(parent[1]);
	(void)close(vault[1]);
	(void)close(monitor[1]);
	(void)close(listener);
	h->parent = parent[0];
	h->vault = vault[0];
	h->monitor = monitor[0];
	CHECK(hear(h, h->parent, ROOM_PARENT, MSG_READY, &body, WAIT_MS));
}

/* The door ends by itself, and in peace, when its parent is gone. */
static void stop(struct house *h)
{
	int status = -1;
	keel_fd_close(&h->parent);
	for (int i = 0; i < 150 && waitpid(h->door, &status, WNOHANG) == 0; i++)
		peer_sleep_ms(20);
	CHECK(status == 0);
	if (status == -1)
		(void)kill(h->door, SIGKILL);
	keel_fd_close(&h->vault);
	keel_fd_close(&h->monitor);
}

/* --- clients --- */

static struct house house;
static struct peer peer;
static struct peer_answer answer;

static bool open_from(const char *from)
{
	return peer_open(&peer, &(struct peer_at){ .port = house.port, .from = from });
}

static bool post(struct peer *p, const char *path, const char *body, const char *more)
{
	char text[1024];
	(void)snprintf(text, sizeof(text),
		"POST /v1/%s HTTP/1.1\r\n" HUB "Content-Type: application/cbor\r\n"
		"Content-Length: %zu\r\n%s\r\n%s",
		path, strlen(body), more, body);
	return peer_say_text(p, text);
}

static bool vault_hears(union keel_body *out)
{
	return hear(&house, house.vault, ROOM_VAULT, MSG_REQUEST, out, WAIT_MS);
}

static void vault_says(uint64_t id, uint64_t status, const char *body)
{
	struct msg_answer m = { .has = 7, .id = id, .status = status, .body = keel_text(body) };
	CHECK(keel_talk_send(house.vault, MSG_ANSWER, &m, -1) == KEEL_OK);
}

/* The answer is the protocol's map, and its sentence one for a person. */
static bool answer_is_refusal(enum keel_err word)
{
	struct keel_refusal r;
	struct keel_bytes body = { answer.body, answer.body_n };
	return keel_schema_read(&keel_refusal_schema, body, &r, NULL) == KEEL_OK &&
	       keel_bytes_is(r.word, keel_err_word(word)) && r.sentence.n > 10;
}

/* --- what is promised --- */

static void prov_5_6_the_page_has_no_script_and_names_the_app(void)
{
	start(&house);
	CHECK(open_from(NULL) && peer_say_text(&peer, "GET / HTTP/1.1\r\n" HUB "\r\n"));
	CHECK(peer_hear(&peer, &answer, WAIT_MS, false) && answer.status == 200);
	answer.body[answer.body_n] = '\0';
	const char *html = (const char *)answer.body;
	CHECK(strstr(html, "href=\"" APP "\"") != NULL && strstr(html, "<script") == NULL);
	CHECK(strstr(html, "<form") == NULL && strstr(html, "src=") == NULL);
	CHECK(strstr(peer_field(&answer, "Content-Security-Policy"), "default-src 'none'") != NULL);
	CHECK(strcmp(peer_field(&answer, "X-Content-Type-Options"), "nosniff") == 0);
	CHECK(strcmp(peer_field(&answer, "Cache-Control"), "no-store") == 0);
	CHECK(strcmp(peer_field(&answer, "Referrer-Policy"), "no-referrer") == 0);
	CHECK(peer_field(&answer, "Server") == NULL && peer_field(&answer, "Set-Cookie") == NULL);
	peer_close(&peer);
	stop(&house);
}

/* A declared text is text, whatever its maker wrote into it. */
static void the_page_says_what_is_declared_and_nothing_of_it_is_html(void)
{
	static struct keel_page page;
	struct keel_product p = { 0 };
	p.model.name = keel_text("Hearth <H1>");
	p.maker.name = keel_text("A & B's \"Ltd\"");
	p.support.until = 23345; /* 2033-12-01 */
	p.vulnerabilities.contact = keel_text("https://maker.example/?a=1&b=\"><script>");
	keel_page_make(&page, APP, &p);
	page.html[page.n] = '\0';
	CHECK(strstr(page.html, "a Hearth &lt;H1&gt; by A &amp; B&#39;s &quot;Ltd&quot;. ") !=
		NULL);
	CHECK(strstr(page.html, "until 2033-12-01.") != NULL);
	CHECK(strstr(page.html,
		      "href=\"https://maker.example/?a=1&amp;b=&quot;&gt;&lt;script&gt;\"") !=
		NULL);
	CHECK(strstr(page.html, "<script") == NULL);
	p.vulnerabilities.contact = keel_text("javascript:alert(1)");
	keel_page_make(&page, NULL, &p);
	CHECK(strstr(page.html, "href") == NULL);
	CHECK(keel_page_is_origin(APP) && keel_page_is_origin("https://[fd00::1]:8443"));
	CHECK(!keel_page_is_origin("http://app.example") && !keel_page_is_origin("https://"));
	CHECK(!keel_page_is_origin("https://app.example/") && !keel_page_is_origin("https://A.b"));
}

static void a_request_reaches_the_vault_unopened_and_its_answer_comes_back(void)
{
	union keel_body m;
	start(&house);
	CHECK(open_from("127.0.0.5"));
	for (enum keel_path i = 0; i < PATH_COUNT; i++) {
		CHECK(post(&peer, keel_path_words[i], "sealed", "Origin: " APP "\r\n"));
		CHECK(vault_hears(&m) && m.request.path == i);
		CHECK(keel_bytes_is(m.request.body, "sealed"));
		CHECK(keel_bytes_is(m.request.from, "127.0.0.5"));
		vault_says(m.request.id, i == PATH_CLAIM ? 409 : 200, "answer");
		CHECK(peer_hear(&peer, &answer, WAIT_MS, false));
		CHECK(answer.status == (i == PATH_CLAIM ? 409 : 200) && answer.body_n == 6);
		CHECK(memcmp(answer.body, "answer", 6) == 0);
		CHECK(strcmp(peer_field(&answer, "Content-Type"), "application/cbor") == 0);
		CHECK(strcmp(peer_field(&answer, "Access-Control-Allow-Origin"), APP) == 0);
	}
	peer_close(&peer);
	stop(&house);
}

static void answers_find_their_requests_in_any_order(void)
{
	static struct peer many[3];
	union keel_body m;
	uint64_t id[3];
	start(&house);
	for (size_t i = 0; i < 3; i++) {
		CHECK(peer_open(&many[i], &(struct peer_at){ .port = house.port }));
		CHECK(post(&many[i], "request", "x", "") && vault_hears(&m));
		id[i] = m.request.id;
	}
	vault_says(4711, 200, "nobody's"); /* nobody waits for it */
	vault_says(id[2], 200, "2");
	vault_says(id[0], 200, "0");
	vault_says(id[1], 200, "1");
	vault_says(id[1], 200, "again");
	for (size_t i = 0; i < 3; i++) {
		CHECK(peer_hear(&many[i], &answer, WAIT_MS, false) && answer.body_n == 1);
		CHECK(answer.body[0] == (uint8_t)('0' + i));
		peer_close(&many[i]);
	}
	stop(&house);
}

static void a_silent_vault_is_told_as_503_after_five_seconds(void)
{
	union keel_body m;
	start(&house);
	CHECK(open_from(NULL) && post(&peer, "hello", "x", "") && vault_hears(&m));
	uint64_t began = peer_now_ms();
	CHECK(peer_hear(&peer, &answer, 7000, false) && answer.status == 503);
	CHECK(peer_now_ms() - began >= 4500 && answer_is_refusal(KEEL_ESTATE));
	vault_says(m.request.id, 200, "late"); /* goes nowhere */
	CHECK(post(&peer, "hello", "y", "") && vault_hears(&m));
	vault_says(m.request.id, 200, "new");
	CHECK(peer_hear(&peer, &answer, WAIT_MS, false) && answer.body_n == 3);
	CHECK(memcmp(answer.body, "new", 3) == 0);
	peer_close(&peer);
	stop(&house);
}

/* EN 303 645 5.9-1: the door lives on without the vault, and works again when that is back. */
static void prov_5_9_1_a_vault_that_dies_is_told_and_found_again(void)
{
	union keel_body m;
	start(&house);
	for (uint64_t life = 10; life < 14; life++) {
		for (unsigned i = 0; i < 4; i++) { /* what was left with the old one … */
			CHECK(open_from(NULL) && post(&peer, "hello", "x", "") && vault_hears(&m));
			peer_close(&peer);
			peer_sleep_ms(20);
		}
		CHECK(open_from("127.0.0.2") && post(&peer, "hello", "x", ""));
		peer_sleep_ms(50);
		keel_fd_close(&house.vault);
		CHECK(peer_hear(&peer, &answer, WAIT_MS, false) && answer.status == 503);
		CHECK(post(&peer, "hello", "x", "") && peer_hear(&peer, &answer, WAIT_MS, false));
		CHECK(answer.status == 503 && answer_is_refusal(KEEL_ESTATE));
		int ends[2];
		line_to(ends);
		struct msg_bad_peer end = { .has = 3, .room = ROOM_VAULT, .life = life };
		CHECK(keel_talk_send(house.parent, MSG_END, &end, ends[1]) == KEEL_OK);
		(void)close(ends[1]);
		house.vault = ends[0];
		peer_sleep_ms(100);
		/* … takes no place at the new one */
		CHECK(post(&peer, "hello", "x", "") && vault_hears(&m));
		vault_says(m.request.id, 200, "back");
		CHECK(peer_hear(&peer, &answer, WAIT_MS, false) && answer.status == 200);
		peer_close(&peer);
	}
	stop(&house);
}

/* One address cannot fill the vault's queue; another is still heard. */
static void few_requests_wait_for_one_address(void)
{
	static struct peer many[6];
	union keel_body m;
	uint64_t first = 0;
	start(&house);
	for (size_t i = 0; i < 6; i++) {
		CHECK(peer_open(&many[i], &(struct peer_at){ .port = house.port }));
		CHECK(post(&many[i], "request", "x", ""));
		if (i < 4)
			CHECK(vault_hears(&m));
		else
			CHECK(peer_hear(&many[i], &answer, WAIT_MS, false) && answer.status == 503);
		first = i == 0 ? m.request.id : first;
	}
	CHECK(answer_is_refusal(KEEL_ESTATE) && peer_field(&answer, "Retry-After") != NULL);
	CHECK(open_from("127.0.0.2") && post(&peer, "request", "x", ""));
	vault_says(first, 200, "x"); /* it works at four at once */
	CHECK(vault_hears(&m) && keel_bytes_is(m.request.from, "127.0.0.2"));
	vault_says(m.request.id, 200, "yes");
	CHECK(peer_hear(&peer, &answer, WAIT_MS, false) && answer.status == 200);
	peer_close(&peer);
	/* One that goes makes place for the next. */
	peer_close(&many[1]);
	peer_close(&many[4]);
	peer_sleep_ms(100);
	CHECK(peer_open(&many[4], &(struct peer_at){ .port = house.port }));
	CHECK(post(&many[4], "request", "x", "") && vault_hears(&m));
	for (size_t i = 0; i < 6; i++)
		if (i != 1)
			peer_close(&many[i]);
	stop(&house);
}

static bool post_from(struct peer *p, unsigned address, const char *body)
{
	char from[16];
	(void)snprintf(from, sizeof(from), "127.0.0.%u", address);
	return peer_open(p, &(struct peer_at){ .port = house.port, .from = from }) &&
	       post(p, "request", body, "");
}

/* Answers what the vault is asked, until it is this; gives how many came before. */
static unsigned heard_before(const char *body)
{
	union keel_body m;
	unsigned n = 0;
	while (vault_hears(&m)) {
		uint64_t id = m.request.id;
		bool found = keel_bytes_is(m.request.body, body);
		vault_says(id, 200, found ? "yes" : "x");
		if (found)
			return n;
		n++;
	}
	return UINT32_MAX;
}

/* EN 303 645 5.9-1: few neighbours who ask without end do not keep another out. */
static void prov_5_9_1_four_addresses_do_not_fill_the_places(void)
{
	static struct peer many[16];
	start(&house);
	for (unsigned i = 0; i < 16; i++)
		CHECK(post_from(&many[i], 10 + i / 4, "flood"));
	peer_sleep_ms(100);
	CHECK(post_from(&peer, 2, "mine"));
	/* The latest of those that have most made way; it is told so. */
	CHECK(peer_hear(&many[15], &answer, WAIT_MS, false) && answer.status == 503);
	peer_close(&many[15]);
	CHECK(post_from(&many[15], 13, "more") && peer_hear(&many[15], &answer, WAIT_MS, false));
	CHECK(answer.status == 503); /* who has places gets none of another's */
	CHECK(heard_before("mine") == 15);
	CHECK(peer_hear(&peer, &answer, WAIT_MS, false) && answer.status == 200);
	CHECK(answer.body_n == 3 && memcmp(answer.body, "yes", 3) == 0);
	peer_close(&peer);
	for (unsigned i = 0; i < 16; i++)
		peer_close(&many[i]);
	stop(&house);
}

static bool vault_hears_nothing(void)
{
	struct pollfd p = { .fd = house.vault, .events = POLLIN };
	return poll(&p, 1, 200) == 0;
}

/* EN 303 645 5.9-1: who asks and goes, again and again, leaves four requests with the vault, not more. */
static void prov_5_9_1_who_goes_leaves_no_more_than_four_with_the_vault(void)
{
	static struct peer gone;
	union keel_body m;
	uint64_t id[4];
	start(&house);
	for (unsigned i = 0; i < 4; i++) {
		CHECK(post_from(&gone, 10 + i / 2, "left") && vault_hears(&m));
		id[i] = m.request.id;
		peer_close(&gone);
		peer_sleep_ms(50);
	}
	CHECK(post_from(&peer, 2, "mine") && vault_hears_nothing());
	vault_says(id[1], 200, "x"); /* and so it is done with the first, too */
	CHECK(vault_hears(&m) && keel_bytes_is(m.request.from, "127.0.0.2"));
	vault_says(m.request.id, 200, "yes"); /* … and with all of them */
	CHECK(peer_hear(&peer, &answer, WAIT_MS, false) && answer.status == 200);
	for (unsigned i = 0; i < 4; i++) {
		CHECK(post_from(&gone, 10, "left") && vault_hears(&m));
		id[i] = m.request.id;
		peer_close(&gone);
		peer_sleep_ms(50);
	}
	/* What it left there counts as its own; when it is answered, the next is asked. */
	CHECK(post_from(&gone, 10, "more") && peer_hear(&gone, &answer, WAIT_MS, false));
	CHECK(answer.status == 503);
	CHECK(post(&peer, "request", "mine", "") && vault_hears_nothing());
	vault_says(id[0], 200, "x");
	CHECK(vault_hears(&m) && keel_bytes_is(m.request.from, "127.0.0.2"));
	peer_close(&gone);
	peer_close(&peer);
	stop(&house);
}

/* Sixteen addresses with one place each: nobody has more than another, so the next one waits. */
static void the_places_of_many_addresses_are_theirs(void)
{
	static struct peer many[16];
	start(&house);
	for (unsigned i = 0; i < 16; i++)
		CHECK(post_from(&many[i], 10 + i, "one"));
	peer_sleep_ms(100);
	CHECK(post_from(&peer, 2, "mine") && peer_hear(&peer, &answer, WAIT_MS, false));
	CHECK(answer.status == 503);
	peer_close(&peer);
	for (unsigned i = 0; i < 16; i++)
		peer_close(&many[i]);
	stop(&house);
}

/* The longest requests of a whole house fit into the vault's line, as it gets four at a time. */
static void sixteen_of_the_longest_requests_reach_the_vault(void)
{
	static struct peer many[16];
	static char body[KEEL_REQUEST_MAX + 1], head[256];
	union keel_body m;
	start(&house);
	memset(body, 'x', KEEL_REQUEST_MAX);
	(void)snprintf(head, sizeof(head),
		"POST /v1/request HTTP/1.1\r\n" HUB "Content-Type: application/cbor\r\n"
		"Content-Length: %d\r\n\r\n",
		KEEL_REQUEST_MAX);
	for (unsigned i = 0; i < 16; i++) {
		char from[16];
		(void)snprintf(from, sizeof(from), "127.0.0.%u", 10 + i);
		CHECK(peer_open(&many[i], &(struct peer_at){ .port = house.port, .from = from }));
		CHECK(peer_say_text(&many[i], head) && peer_say_text(&many[i], body));
	}
	peer_sleep_ms(200);
	for (unsigned i = 0; i < 16; i++) {
		CHECK(vault_hears(&m) && m.request.body.n == KEEL_REQUEST_MAX);
		vault_says(m.request.id, 200, "x");
	}
	for (unsigned i = 0; i < 16; i++) {
		CHECK(peer_hear(&many[i], &answer, WAIT_MS, false) && answer.status == 200);
		peer_close(&many[i]);
	}
	stop(&house);
}

/* clang-format off */
static const struct {
	const char *why;
	const char *text;
	unsigned status;
	enum keel_err word;
} refusals[] = {
	{ "malformed",      "GET / HTTP/1.1\n\n",                                     400, KEEL_EFORM },
	{ "another Host",   "GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n",           421, KEEL_ERIGHT },
	{ "another Origin", "GET / HTTP/1.1\r\n" HUB "Origin: https://evil.example\r\n\r\n", 403, KEEL_ERIGHT },
	{ "no such path",   "GET /v1/ HTTP/1.1\r\n" HUB "\r\n",                       404, KEEL_ENONE },
	{ "not by GET",     "GET /v1/hello HTTP/1.1\r\n" HUB "\r\n",                  405, KEEL_ENONE },
	{ "not CBOR",       "POST /v1/hello HTTP/1.1\r\n" HUB "Content-Type: text/plain\r\nContent-Length: 1\r\n\r\nx", 415, KEEL_EFORM },
	{ "over 16 KiB",    "POST /v1/hello HTTP/1.1\r\n" HUB "Content-Type: application/cbor\r\nContent-Length: 16385\r\n\r\n", 413, KEEL_ERANGE },
	{ "chunked",        "POST /v1/hello HTTP/1.1\r\n" HUB "Content-Type: application/cbor\r\nTransfer-Encoding: chunked\r\n\r\n", 411, KEEL_EFORM },
};
/* clang-format on */

static void what_the_door_refuses_is_explained_and_reaches_the_monitor(void)
{
	union keel_body m;
	uint64_t counted = 0;
	start(&house);
	for (size_t i = 0; i < KEEL_COUNT(refusals); i++) {
		CHECK(open_from(NULL) && peer_say_text(&peer, refusals[i].text));
		CHECK_ROW(peer_hear(&peer, &answer, WAIT_MS, false), refusals[i].why);
		CHECK_ROW(answer.status == refusals[i].status, refusals[i].why);
		CHECK_ROW(answer_is_refusal(refusals[i].word), refusals[i].why);
		peer_close(&peer);
	}
	while (counted < KEEL_COUNT(refusals) &&
		hear(&house, house.monitor, ROOM_MONITOR, MSG_COUNT, &m, WAIT_MS)) {
		CHECK(m.count.what == COUNT_MALFORMED);
		counted += m.count.n;
	}
	CHECK(counted == KEEL_COUNT(refusals));
	struct pollfd p = { .fd = house.vault, .events = POLLIN };
	CHECK(poll(&p, 1, 0) == 0); /* the vault has heard of none of them */
	stop(&house);
}

/* What no line or schema allows ends its sender: the door complains, and goes on. */
static void a_vault_that_says_something_else_is_accused(void)
{
	union keel_body m;
	start(&house);
	struct msg_count strange = { .has = 3, .what = COUNT_REFUSED, .n = 1 };
	CHECK(keel_talk_send(house.vault, MSG_COUNT, &strange, -1) == KEEL_OK);
	CHECK(hear(&house, house.parent, ROOM_PARENT, MSG_BAD_PEER, &m, WAIT_MS));
	CHECK(m.bad_peer.room == ROOM_VAULT && m.bad_peer.life == 1);
	CHECK(open_from(NULL) && post(&peer, "hello", "x", ""));
	CHECK(peer_hear(&peer, &answer, WAIT_MS, false) && answer.status == 503);
	peer_close(&peer);
	stop(&house);
}

TEST_MAIN(TEST(prov_5_6_the_page_has_no_script_and_names_the_app),
	TEST(the_page_says_what_is_declared_and_nothing_of_it_is_html),
	TEST(a_request_reaches_the_vault_unopened_and_its_answer_comes_back),
	TEST(answers_find_their_requests_in_any_order),
	TEST(a_silent_vault_is_told_as_503_after_five_seconds),
	TEST(prov_5_9_1_a_vault_that_dies_is_told_and_found_again),
	TEST(few_requests_wait_for_one_address),
	TEST(prov_5_9_1_four_addresses_do_not_fill_the_places),
	TEST(prov_5_9_1_who_goes_leaves_no_more_than_four_with_the_vault),
	TEST(the_places_of_many_addresses_are_theirs),
	TEST(sixteen_of_the_longest_requests_reach_the_vault),
	TEST(what_the_door_refuses_is_explained_and_reaches_the_monitor),
	TEST(a_vault_that_says_something_else_is_accused))

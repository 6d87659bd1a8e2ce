/* The HTTPS client against real TLS servers that are not what it was told to trust, or no servers at all. */
#include <errno.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "certs.h"
#include "check.h"
#include "device/uplink/web.h"

#define WITHIN_MS   1500
#define PATIENCE_MS 5000
#define ASKED_MAX   4096
#define DRIP_MS     100
#define LONG_BODY   (KEEL_WEB_BODY_MAX + 1)

#define SIXTEEN "and so on and on"
#define CHUNK   "40\r\n" SIXTEEN SIXTEEN SIXTEEN SIXTEEN "\r\n"
#define OK_HEAD "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n"
#define OK      OK_HEAD "\r\nhi"

enum cert_kind {
	RIGHT,
	OTHER_NAME,
	EXPIRED,
	NOT_YET,
	NOT_YET_OTHER_NAME,
	NOT_YET_OTHER_CA,
	OTHER_CA,
	NAMESAKE,
	KIND_COUNT
};

/* What the server does once the request has come. */
enum manner { SAYS, CUTS, DRIPS, FLOODS_BODY, FLOODS_HEAD, SILENT, NO_TLS_AT_ALL, OLD_TLS };

struct server {
	enum cert_kind cert;
	enum manner manner;
	const char *says;
};

/* What the server's process tells the test. */
struct told {
	unsigned connections, requests;
	char asked[ASKED_MAX]; /* the last request */
};

struct place {
	pid_t pid;
	uint16_t port;
	struct told *told;
};

static struct certs_ca ca, other_ca, namesake;
static struct certs_leaf leaves[KIND_COUNT];

static uint64_t now_ms(void)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static void pause_ms(long ms)
{
	(void)nanosleep(&(struct timespec){ ms / 1000, ms % 1000 * 1000000 }, NULL);
}

/* --- the server's process -------------------------------------------------------------------- */

static SSL_CTX *context(const struct server *s)
{
	const struct certs_leaf *l = &leaves[s->cert];
	SSL_CTX *c = SSL_CTX_new(TLS_server_method());
	BIO *chain = BIO_new_mem_buf(l->chain, -1), *key = BIO_new_mem_buf(l->key, -1);
	X509 *x = PEM_read_bio_X509(chain, NULL, NULL, NULL);
	EVP_PKEY *k = PEM_read_bio_PrivateKey(key, NULL, NULL, NULL);
	KEEL_MUST(SSL_CTX_use_certificate(c, x) == 1 && SSL_CTX_use_PrivateKey(c, k) == 1);
	if (s->manner == OLD_TLS)
		KEEL_MUST(SSL_CTX_set_max_proto_version(c, TLS1_2_VERSION) == 1);
	return c;
}

/* A request whole: its head, and the body of three bytes that every test sends. */
static bool hear(SSL *ssl, struct told *told)
{
	char asked[ASKED_MAX] = "";
	size_t n = 0;
	for (const char *end = NULL; end == NULL || asked + n < end + 4 + 3;) {
		int got = SSL_read(ssl, asked + n, (int)(sizeof(asked) - 1 - n));
		if (got <= 0)
			return false;
		n += (size_t)got;
		end = strstr(asked, "\r\n\r\n");
	}
	memcpy(told->asked, asked, sizeof(asked));
	told->requests++;
	return true;
}

static bool say(SSL *ssl, const char *text)
{
	return SSL_write(ssl, text, (int)strlen(text)) > 0;
}

static void flood(SSL *ssl, const char *head, const char *piece)
{
	bool good = say(ssl, head);
	while (good)
		good = say(ssl, piece);
}

static void drip(SSL *ssl)
{
	bool good = say(ssl, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
	for (; good; pause_ms(DRIP_MS))
		good = say(ssl, "x");
}

static void converse(SSL *ssl, const struct server *s, struct told *told)
{
	while (hear(ssl, told)) {
		if (s->manner == SAYS) {
			if (!say(ssl, s->says))
				return;
			continue;
		}
		if (s->manner == CUTS)
			(void)say(ssl, s->says);
		else if (s->manner == DRIPS)
			drip(ssl);
		else if (s->manner == FLOODS_BODY)
			flood(ssl, s->says, CHUNK);
		else if (s->manner == FLOODS_HEAD)
			flood(ssl, "HTTP/1.1 200 OK\r\n", "X-Filler: and so on and so on\r\n");
		return;
	}
}

static void serve_one(int fd, SSL_CTX *tls, const struct server *s, struct told *told)
{
	if (s->manner == SILENT) {
		pause_ms(PATIENCE_MS);
		return;
	}
	if (s->manner == NO_TLS_AT_ALL) {
		(void)!write(fd, OK, sizeof(OK) - 1);
		return;
	}
	SSL *ssl = SSL_new(tls);
	(void)SSL_set_fd(ssl, fd);
	if (SSL_accept(ssl) == 1)
		converse(ssl, s, told);
	SSL_free(ssl);
}

static _Noreturn void serve(int listener, const struct server *s, struct told *told)
{
	SSL_CTX *tls = context(s);
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGCHLD, SIG_IGN);
	for (;;) {
		int fd = accept(listener, NULL, NULL);
		if (fd < 0)
			_exit(1);
		told->connections++;
		if (fork() == 0) {
			serve_one(fd, tls, s, told);
			_exit(0);
		}
		(void)close(fd);
	}
}

static int listen_anywhere(uint16_t *port)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	KEEL_MUST(fd >= 0 && bind(fd, (struct sockaddr *)&at, sizeof(at)) == 0 &&
		  listen(fd, 8) == 0 && getsockname(fd, (struct sockaddr *)&at, &n) == 0);
	*port = ntohs(at.sin_port);
	return fd;
}

static void start(const struct server *s, struct place *out)
{
	int fd = listen_anywhere(&out->port);
	out->told = mmap(NULL, sizeof(*out->told), PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	out->pid = fork();
	KEEL_MUST(out->told != MAP_FAILED && out->pid >= 0);
	if (out->pid == 0)
		serve(fd, s, out->told);
	(void)close(fd);
}

static void stop(struct place *p)
{
	(void)kill(p->pid, SIGKILL);
	(void)waitpid(p->pid, NULL, 0);
	(void)munmap(p->told, sizeof(*p->told));
}

/* --- the client ------------------------------------------------------------------------------ */

struct got {
	unsigned times;
	struct keel_web_answer answer;
	char body[64];
};

static void answered(void *self, const struct keel_web_answer *a)
{
	struct got *g = self;
	g->times++;
	g->answer = *a;
	if (a->body.n > 0)
		memcpy(g->body, a->body.p,
			a->body.n < sizeof(g->body) ? a->body.n : sizeof(g->body) - 1);
}

static struct keel_web *client(uint16_t port)
{
	char origin[64];
	struct keel_web *w = NULL;
	struct keel_fault fault;
	(void)snprintf(origin, sizeof(origin), "https://localhost:%u", port);
	KEEL_MUST(keel_web_open(origin, keel_text(ca.pem), &w, &fault) == KEEL_OK);
	KEEL_MUST(keel_web_find(w) == KEEL_OK);
	return w;
}

static void begin(struct keel_web *w, enum keel_web_lane lane, uint32_t within_ms, struct got *g)
{
	*g = (struct got){ 0 };
	CHECK(keel_web_post(w, lane, "/v1/x", keel_text("ask"), within_ms, answered, g) == KEEL_OK);
	CHECK(keel_web_busy(w, lane));
}

static void await(struct keel_web *w, const struct got *g)
{
	for (uint64_t until = now_ms() + PATIENCE_MS; g->times == 0 && now_ms() < until;)
		keel_web_wait(w, NULL, 0, 100);
}

static struct got ask(struct keel_web *w)
{
	struct got g;
	begin(w, WEB_CALL, WITHIN_MS, &g);
	await(w, &g);
	CHECK(g.times == 1 && !keel_web_busy(w, WEB_CALL));
	return g;
}

/* --- the tests ------------------------------------------------------------------------------- */

/* clang-format off */
static const struct {
	const char *why;
	struct server server;
	enum keel_web_end end;
	unsigned status;
	uint64_t retry_after_s;
	bool asked; /* whether the server may have seen a request */
} rows[] = {
	{ "the service",                 { RIGHT,      SAYS, OK }, WEB_ANSWERED, 200, 0, true },
	{ "another name",                { OTHER_NAME, SAYS, OK }, WEB_DISTRUSTED, 0, 0, false },
	{ "expired",                     { EXPIRED,    SAYS, OK }, WEB_DISTRUSTED, 0, 0, false },
	{ "by a clock years behind",     { NOT_YET,    SAYS, OK }, WEB_ANSWERED, 200, 0, true },
	{ "that, another name",          { NOT_YET_OTHER_NAME, SAYS, OK }, WEB_DISTRUSTED, 0, 0, false },
	{ "that, another CA",            { NOT_YET_OTHER_CA, SAYS, OK }, WEB_DISTRUSTED, 0, 0, false },
	{ "another CA",                  { OTHER_CA,   SAYS, OK }, WEB_DISTRUSTED, 0, 0, false },
	{ "another CA of that name",     { NAMESAKE,   SAYS, OK }, WEB_NO_TLS, 0, 0, false },
	{ "TLS 1.2 only",                { RIGHT,      OLD_TLS, OK }, WEB_NO_TLS, 0, 0, false },
	{ "no TLS at all",               { RIGHT,      NO_TLS_AT_ALL, NULL }, WEB_NO_TLS, 0, 0, false },
	{ "says nothing",                { RIGHT,      SILENT, NULL }, WEB_LATE, 0, 0, false },
	{ "sends elsewhere",             { RIGHT,      SAYS, "HTTP/1.1 302 Found\r\nLocation: https://localhost:1/\r\nContent-Length: 0\r\n\r\n" },
	  WEB_ANSWERED, 302, 0, true },
	{ "sends to plain HTTP",         { RIGHT,      SAYS, "HTTP/1.1 307 Temporary Redirect\r\nLocation: http://localhost:1/\r\nContent-Length: 0\r\n\r\n" },
	  WEB_ANSWERED, 307, 0, true },
	{ "busy",                        { RIGHT,      SAYS, "HTTP/1.1 503 Busy\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n" },
	  WEB_ANSWERED, 503, 7, true },
	{ "an answer that drips",        { RIGHT,      DRIPS, NULL }, WEB_LATE, 200, 0, true },
	{ "an answer without end",       { RIGHT,      FLOODS_BODY, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" },
	  WEB_TOO_LONG, 200, 0, true },
	{ "announced too long",          { RIGHT,      FLOODS_BODY, "HTTP/1.1 200 OK\r\nContent-Length: 65537\r\n\r\n" },
	  WEB_TOO_LONG, 200, 0, true },
	{ "a head without end",          { RIGHT,      FLOODS_HEAD, NULL }, WEB_TOO_LONG, 200, 0, true },
	{ "cut in the body",             { RIGHT,      CUTS, OK_HEAD "\r\nh" }, WEB_BROKEN, 200, 0, true },
	{ "cut in the head",             { RIGHT,      CUTS, OK_HEAD }, WEB_BROKEN, 200, 0, true },
	{ "HTTP/0.9",                    { RIGHT,      CUTS, "hi" }, WEB_BROKEN, 0, 0, true },
};
/* clang-format on */

/* EN 303 645 5.5-1, 5.13-1A: nothing is sent to who is not the service; no answer takes more than its share. */
static void prov_5_5_1_only_the_service_is_talked_to_and_in_bounds(void)
{
	for (size_t i = 0; i < KEEL_COUNT(rows); i++) {
		struct place p;
		start(&rows[i].server, &p);
		struct keel_web *w = client(p.port);
		uint64_t before = now_ms();
		struct got g = ask(w);
		char row[96];
		(void)snprintf(row, sizeof(row), "%s: %s %u", rows[i].why,
			keel_web_end_words[g.answer.end], g.answer.status);
		CHECK_ROW(g.answer.end == rows[i].end && g.answer.status == rows[i].status, row);
		CHECK_ROW(g.answer.retry_after_s == rows[i].retry_after_s, row);
		CHECK_ROW(now_ms() - before < WITHIN_MS + 1000, row);
		CHECK_ROW(p.told->requests == (rows[i].asked ? 1 : 0), row);
		keel_web_close(w);
		stop(&p);
	}
}

static void nobody_there_is_told(void)
{
	uint16_t port;
	(void)close(listen_anywhere(&port));
	struct keel_web *w = client(port);
	CHECK(ask(w).answer.end == WEB_UNREACHED);
	keel_web_close(w);
}

static void a_call_says_no_more_than_it_must(void)
{
	struct place p;
	char wanted[256];
	start(&(struct server){ RIGHT, SAYS,
		      "HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nAlt-Svc: h2=\":1\"\r\n"
		      "Content-Length: 2\r\n\r\nhi" },
		&p);
	struct keel_web *w = client(p.port);
	(void)snprintf(wanted, sizeof(wanted),
		"POST /v1/x HTTP/1.1\r\nHost: localhost:%u\r\nAccept: */*\r\n"
		"Content-Type: application/cbor\r\nContent-Length: 3\r\n\r\nask",
		p.port);
	for (unsigned i = 1; i <= 3; i++) {
		struct got g = ask(w);
		CHECK(g.answer.end == WEB_ANSWERED && strcmp(g.body, "hi") == 0);
		CHECK_ROW(strcmp(p.told->asked, wanted) == 0, p.told->asked);
		CHECK(p.told->requests == i && p.told->connections == 1); /* one is kept */
	}
	keel_web_close(w);
	stop(&p);
}

static void a_poll_and_a_call_go_side_by_side(void)
{
	struct place slow;
	struct got poll, call;
	start(&(struct server){ RIGHT, DRIPS, NULL }, &slow);
	struct keel_web *w = client(slow.port);
	begin(w, WEB_POLL, PATIENCE_MS, &poll);
	begin(w, WEB_CALL, 300, &call);
	await(w, &call);
	CHECK(call.answer.end == WEB_LATE && poll.times == 0 && keel_web_busy(w, WEB_POLL));
	keel_web_drop(w, WEB_POLL);
	keel_web_drop(w, WEB_POLL);
	for (unsigned i = 0; i < 3; i++)
		keel_web_wait(w, NULL, 0, 50);
	CHECK(poll.times == 0 && call.times == 1 && !keel_web_busy(w, WEB_POLL));
	keel_web_close(w);
	stop(&slow);
}

static void a_wait_ends_when_one_of_the_rooms_lines_speaks(void)
{
	int ends[2];
	struct place p;
	struct got poll;
	start(&(struct server){ RIGHT, DRIPS, NULL }, &p);
	struct keel_web *w = client(p.port);
	KEEL_MUST(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == 0);
	struct pollfd fds[] = { { .fd = -1, .events = POLLIN },
		{ .fd = ends[0], .events = POLLIN } };
	begin(w, WEB_POLL, PATIENCE_MS, &poll);
	CHECK(write(ends[1], "x", 1) == 1);
	uint64_t before = now_ms();
	keel_web_wait(w, fds, 2, 2000);
	CHECK(now_ms() - before < 1000 && fds[1].revents == POLLIN && fds[0].revents == 0);
	(void)close(ends[1]);
	CHECK(read(ends[0], &(char){ 0 }, 1) == 1);
	keel_web_wait(w, fds, 2, 2000);
	CHECK((fds[1].revents & POLLHUP) != 0);
	(void)close(ends[0]);
	keel_web_close(w);
	stop(&p);
}

static void a_body_longer_than_allowed_is_not_sent(void)
{
	static uint8_t body[LONG_BODY];
	struct keel_web *w = client(1);
	struct got g;
	CHECK(keel_web_post(w, WEB_CALL, "/", KEEL_VIEW(body), WITHIN_MS, answered, &g) ==
		KEEL_EFULL);
	CHECK(!keel_web_busy(w, WEB_CALL));
	keel_web_close(w);
}

static void what_is_no_origin_is_refused(void)
{
	static const char *const wrong[] = { "", "localhost", "http://localhost", "https://",
		"https://localhost/", "https://localhost/v1", "https://localhost?x",
		"https://a@localhost", "https://localhost#x", "ftp://localhost",
		"https://local host" };
	struct keel_web *w;
	struct keel_fault fault;
	for (size_t i = 0; i < KEEL_COUNT(wrong); i++)
		CHECK_ROW(keel_web_open(wrong[i], keel_text(ca.pem), &w, &fault) == KEEL_EFORM,
			wrong[i]);
	CHECK(keel_web_open("https://localhost", keel_text("none"), &w, &fault) == KEEL_EFORM);
	CHECK(fault.next[0] != '\0');
}

/* Puts a CA where the system's are: in a folder by the hash of its name. */
static bool trusted_by_the_system(const struct certs_ca *c)
{
	char path[64];
	if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
		mount("none", "/etc/ssl/certs", "tmpfs", 0, NULL) != 0)
		return false;
	(void)snprintf(
		path, sizeof(path), "/etc/ssl/certs/%08lx.0", X509_subject_name_hash(c->cert));
	FILE *f = fopen(path, "we");
	return f != NULL && fputs(c->pem, f) >= 0 && fclose(f) == 0;
}

/* Debian's libcurl has a folder of roots built in, whatever file is named. */
static void the_systems_roots_are_not_the_makers(void)
{
	struct place p;
	int status = -1;
	if (getuid() != 0) {
		CHECK_SKIP("not root: the system's roots are not its own to change");
		return;
	}
	start(&(struct server){ OTHER_CA, SAYS, OK }, &p);
	pid_t child = fork();
	if (child == 0)
		_exit(!trusted_by_the_system(&other_ca)                    ? 2
			: ask(client(p.port)).answer.end == WEB_DISTRUSTED ? 0
									   : 1);
	CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
	stop(&p);
}

static void prepare(void)
{
	const long later = 3L * 365 * 86400;
	certs_ca_make("Test CA", &ca);
	certs_ca_make("Other CA", &other_ca);
	certs_ca_make("Test CA", &namesake);
	certs_leaf_make(&ca, "localhost", -60, 3600, &leaves[RIGHT]);
	certs_leaf_make(&ca, "elsewhere.example", -60, 3600, &leaves[OTHER_NAME]);
	certs_leaf_make(&ca, "localhost", -3600, -60, &leaves[EXPIRED]);
	certs_leaf_make(&ca, "localhost", later, later + 3600, &leaves[NOT_YET]);
	certs_leaf_make(&ca, "elsewhere.example", later, later + 3600, &leaves[NOT_YET_OTHER_NAME]);
	certs_leaf_make(&other_ca, "localhost", later, later + 3600, &leaves[NOT_YET_OTHER_CA]);
	certs_leaf_make(&other_ca, "localhost", -60, 3600, &leaves[OTHER_CA]);
	certs_leaf_make(&namesake, "localhost", -60, 3600, &leaves[NAMESAKE]);
	/* What the environment says of proxies is not for us. */
	(void)setenv("HTTPS_PROXY", "http://127.0.0.1:1", 1);
	(void)setenv("ALL_PROXY", "http://127.0.0.1:1", 1);
}

int main(int argc, char **argv)
{
	static const struct check_test all[] = {
		TEST(prov_5_5_1_only_the_service_is_talked_to_and_in_bounds),
		TEST(nobody_there_is_told),
		TEST(a_call_says_no_more_than_it_must),
		TEST(a_poll_and_a_call_go_side_by_side),
		TEST(a_wait_ends_when_one_of_the_rooms_lines_speaks),
		TEST(a_body_longer_than_allowed_is_not_sent),
		TEST(what_is_no_origin_is_refused),
		TEST(the_systems_roots_are_not_the_makers),
	};
	prepare();
	return check_main(all, KEEL_COUNT(all), argc, argv);
}

#include "service.h"

#include <event2/event.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/cbor.h"
#include "http/after.h"
#include "http/server.h"
#include "http/tls.h"
#include "session/call.h"
#include "session/inbox.h"
#include "session/notice.h"
#include "session/open.h"
#include "session/report.h"
#include "session/token.h"

#define TYPE    "application/cbor"
#define HOLD_MS 60000
#define LOOK_MS 20

struct inside {
	struct service *s;
	struct event_base *base;
	struct keel_p256_opened sign;
	struct keel_service_keys keys;
	struct keel_http_call *held; /* the one long poll */
	uint64_t held_taken;
	struct keel_key key; /* of the session that called last */
	bool dies;
	struct event *look;
	uint8_t body[KEEL_CALL_MAX];
};

/* --- answers --- */

static void answer(struct inside *in, struct keel_http_call *call, const struct keel_schema *schema,
	const void *result)
{
	struct keel_wr w = keel_wr_of(in->body, sizeof(in->body));
	struct keel_http_answer a = { .status = 200, .type = TYPE };
	keel_schema_write(schema, result, &w);
	KEEL_MUST(keel_wr_end(&w, &a.body) == KEEL_OK);
	keel_http_answer(call, &a);
}

static void refuse(struct inside *in, struct keel_http_call *call, unsigned status)
{
	in->s->disk->refused++;
	keel_http_answer(call, &(struct keel_http_answer){ .status = status,
				       .type = TYPE,
				       .body = keel_text("\xa0"),
				       .retry_after_s = status == 503 ? 1 : 0 });
}

/* --- opening --- */

static void give_nonce(void *self, struct keel_http_call *call)
{
	struct inside *in = self;
	struct service *s = in->s;
	uint8_t nonce[KEEL_SESSION_NONCE_LEN], voucher[KEEL_VOUCHER_MAX];
	struct keel_wr w = keel_wr_of(voucher, sizeof(voucher));
	const struct keel_signer root = keel_signer_of(&s->root);
	struct keel_nonce_result r = { .nonce = KEEL_VIEW(nonce) };
	if (s->disk->turn_away > 0) {
		s->disk->turn_away--;
		refuse(in, call, 503);
		return;
	}
	keel_session_nonce_make(&s->nonces, time(NULL), nonce);
	KEEL_MUST(keel_voucher_write(&root, &s->root.pub, &in->keys, &w) == KEEL_OK &&
		  keel_wr_end(&w, &r.voucher) == KEEL_OK);
	answer(in, call, &keel_nonce_result_schema, &r);
}

/* The test's vault says in its statement C and the nonce, and nothing else: id and home are all ones. */
static bool statement_read(
	const struct inside *in, struct keel_bytes statement, struct keel_p256_pub *c)
{
	struct keel_rd r = keel_rd_of(statement);
	struct keel_bytes both = keel_cbor_read_bytes(&r);
	if (keel_rd_end(&r) != KEEL_OK || both.n != sizeof(c->xy) + KEEL_SESSION_NONCE_LEN)
		return false;
	memcpy(c->xy, both.p, sizeof(c->xy));
	const struct keel_bytes nonce = { both.p + sizeof(c->xy), KEEL_SESSION_NONCE_LEN };
	return keel_session_nonce_check(&in->s->nonces, nonce, time(NULL)) == KEEL_OK;
}

static const uint8_t ones[16] = { 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1 };

static void open_session(void *self, struct keel_http_call *call)
{
	struct inside *in = self;
	struct service *s = in->s;
	uint8_t st[KEEL_THUMBPRINT_LEN], token[KEEL_TOKEN_MAX], signed_time[KEEL_TIME_MAX];
	struct keel_wr wt = keel_wr_of(token, sizeof(token));
	struct keel_wr ws = keel_wr_of(signed_time, sizeof(signed_time));
	const struct keel_signer sign = keel_signer_of(&s->sign);
	struct keel_p256_pub c;
	struct keel_open_args args;
	struct keel_open_result r = { .valid_s = SERVICE_VALID_S,
		.only_updates = s->disk->quarantine,
		.taken = s->disk->last };
	if (keel_schema_read(&keel_open_args_schema, keel_http_call_body(call), &args, NULL) !=
			KEEL_OK ||
		!statement_read(in, args.statement, &c)) {
		refuse(in, call, 400);
		return;
	}
	const struct keel_token t = { .issuer = keel_text(s->origin),
		.audience = keel_text(s->origin),
		.expires = time(NULL) + SERVICE_VALID_S,
		.issued = time(NULL),
		.cti = KEEL_VIEW(ones),
		.cnf = keel_cnf_of(&c),
		.device = KEEL_VIEW(ones),
		.home = KEEL_VIEW(ones) };
	keel_service_thumbprint(&in->keys, st);
	KEEL_MUST(keel_token_write(&sign, st, &t, &wt) == KEEL_OK &&
		  keel_wr_end(&wt, &r.token) == KEEL_OK);
	KEEL_MUST(keel_time_write(&sign, st, ones, args.nonce, time(NULL), &ws) == KEEL_OK &&
		  keel_wr_end(&ws, &r.time) == KEEL_OK);
	s->disk->sessions++;
	answer(in, call, &keel_open_result_schema, &r);
}

/* --- calls --- */

static bool call_read(struct inside *in, struct keel_http_call *call, const char *path,
	const struct keel_schema *schema, void *args)
{
	struct keel_call c;
	struct keel_token t;
	struct keel_p256_pub own;
	const struct keel_agreer agree = keel_agreer_of(&in->s->agree);
	if (keel_schema_read(&keel_call_schema, keel_http_call_body(call), &c, NULL) != KEEL_OK ||
		keel_token_verify(&in->sign, c.token, keel_text(in->s->origin), time(NULL), &t) !=
			KEEL_OK)
		return false;
	keel_cose_key_pub(&t.cnf.key, &own);
	return keel_session_key(&agree, &own, c.token, &in->key) == KEEL_OK &&
	       keel_call_open(&c, &in->key, path, t.device, t.home, schema, args) == KEEL_OK;
}

static void keep(struct service_disk *d, uint64_t number)
{
	if (number <= d->last || number > SERVICE_REPORTS_MAX)
		return;
	if (number == d->die_before) {
		d->die_before = 0;
		(void)raise(SIGKILL);
	}
	d->times[number]++;
	d->last = number;
}

static void take_reports(void *self, struct keel_http_call *call)
{
	struct inside *in = self;
	struct service_disk *d = in->s->disk;
	struct keel_report_args args;
	struct keel_report_item item;
	if (!call_read(in, call, KEEL_PATH_REPORT, &keel_report_args_schema, &args) ||
		keel_report_check(&args) != KEEL_OK) {
		refuse(in, call, 403);
		return;
	}
	d->reports++;
	while (keel_list_next(&keel_report_item_row, &args.items, &item))
		keep(d, item.number);
	if (d->die_after != 0 && d->last >= d->die_after) {
		d->die_after = 0;
		(void)raise(SIGKILL);
	}
	answer(in, call, &keel_report_result_schema,
		&(struct keel_report_result){ .taken = d->last });
}

/* Each payload is its own number as text. */
static void give_request(uint64_t n, struct keel_wr *w, struct keel_inbox_result *r)
{
	char text[24];
	(void)snprintf(text, sizeof(text), "request %llu", (unsigned long long)n);
	const struct keel_inbox_item item = { .number = n, .payload = keel_text(text) };
	keel_list_add(&keel_inbox_item_row, &item, w, &r->items);
}

/* Each is about its own number. */
static void give_notice(
	struct inside *in, uint64_t n, struct keel_wr *w, struct keel_inbox_result *r)
{
	static const struct keel_key other = { { 5 } };
	const struct keel_notice_to to = { in->s->disk->false_notice ? &other : &in->key,
		KEEL_VIEW(ones), KEEL_VIEW(ones), n };
	char text[24];
	uint8_t buf[KEEL_NOTICE_MAX], sealed[KEEL_NOTICE_SEALED];
	struct keel_wr inner = keel_wr_of(buf, sizeof(buf)),
		       out = keel_wr_of(sealed, sizeof(sealed));
	struct keel_inbox_item item = { .number = n, .kind = KEEL_INBOX_NOTICE };
	struct keel_bytes encoded;
	(void)snprintf(text, sizeof(text), "%llu", (unsigned long long)n);
	const struct keel_notice notice = { .about = keel_text(text) };
	keel_schema_write(&keel_notice_schema, &notice, &inner);
	KEEL_MUST(keel_wr_end(&inner, &encoded) == KEEL_OK);
	KEEL_MUST(keel_notice_seal(&to, encoded, &out) == KEEL_OK);
	KEEL_MUST(keel_wr_end(&out, &item.payload) == KEEL_OK);
	keel_list_add(&keel_inbox_item_row, &item, w, &r->items);
	in->s->disk->notices_given++;
}

/* All that was not answered, or not taken, yet. */
static void give_inbox(struct inside *in, struct keel_http_call *call)
{
	uint8_t items[1024];
	struct service_disk *d = in->s->disk;
	struct keel_wr w = keel_wr_of(items, sizeof(items));
	struct keel_inbox_result r = { 0 };
	for (uint64_t n = d->inbox_answered + 1; n <= d->inbox; n++)
		give_request(n, &w, &r);
	bool die = d->die_at_notice && d->notices > in->held_taken;
	for (uint64_t n = in->held_taken + 1; n <= d->notices; n++)
		give_notice(in, n, &w, &r);
	answer(in, call, &keel_inbox_result_schema, &r);
	if (die) {
		d->die_at_notice = false;
		in->dies = true;
	}
}

static bool is_empty(const struct inside *in)
{
	const struct service_disk *d = in->s->disk;
	return d->inbox == d->inbox_answered && d->notices <= in->held_taken;
}

static void open_inbox(void *self, struct keel_http_call *call)
{
	struct inside *in = self;
	struct service_disk *d = in->s->disk;
	struct keel_inbox_args args;
	if (!call_read(in, call, KEEL_PATH_INBOX, &keel_inbox_args_schema, &args)) {
		refuse(in, call, 403);
		return;
	}
	d->polls++;
	if (d->die_at_taken && args.taken > 0) {
		d->die_at_taken = false;
		(void)raise(SIGKILL);
	}
	d->notices_taken = args.taken > d->notices_taken ? args.taken : d->notices_taken;
	in->held_taken = args.taken;
	if (is_empty(in))
		in->held = call;
	else
		give_inbox(in, call);
}

static void poll_over(void *self, struct keel_http_call *call, enum keel_http_over why)
{
	struct inside *in = self;
	if (in->held == call)
		in->held = NULL;
	if (why == KEEL_HTTP_WAITED)
		give_inbox(in, call);
}

static void look(evutil_socket_t fd, short what, void *arg)
{
	struct inside *in = arg;
	struct keel_http_call *call = in->held;
	(void)fd, (void)what;
	if (in->dies) /* the answer before this look is on its way */
		(void)raise(SIGKILL);
	(void)keel_http_after(in->look, LOOK_MS);
	if (call == NULL || is_empty(in))
		return;
	in->held = NULL;
	give_inbox(in, call);
}

static void take_answer(void *self, struct keel_http_call *call)
{
	struct inside *in = self;
	struct service_disk *d = in->s->disk;
	struct keel_answer_args args;
	if (!call_read(in, call, KEEL_PATH_ANSWER, &keel_answer_args_schema, &args)) {
		refuse(in, call, 403);
		return;
	}
	d->answers++;
	d->answer_number = args.number;
	d->answer_status = args.status;
	d->answer_n = args.body.n < sizeof(d->answer) ? args.body.n : sizeof(d->answer);
	memcpy(d->answer, args.body.p, d->answer_n);
	if (d->die_at_answer) {
		d->die_at_answer = false;
		(void)raise(SIGKILL);
	}
	d->inbox_answered = args.number;
	answer(in, call, &keel_nothing_schema, &(struct keel_nothing){ 0 });
}

/* clang-format off */
#define ROUTE(p, f, ...) { .method = KEEL_HTTP_POST, .path = (p), .body_max = KEEL_CALL_MAX, .type = TYPE, .handle = (f), __VA_ARGS__ }
static const struct keel_http_route routes[] = {
	ROUTE(KEEL_PATH_NONCE, give_nonce),
	ROUTE(KEEL_PATH_SESSION, open_session),
	ROUTE(KEEL_PATH_REPORT, take_reports),
	ROUTE(KEEL_PATH_INBOX, open_inbox, .hold_ms = HOLD_MS, .over = poll_over),
	ROUTE(KEEL_PATH_ANSWER, take_answer),
};
/* clang-format on */

/* --- its life --- */

static int listen_at(uint16_t *port)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_port = htons(*port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(at);
	int yes = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	KEEL_MUST(fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) == 0 &&
		  bind(fd, (struct sockaddr *)&at, sizeof(at)) == 0 && listen(fd, 16) == 0 &&
		  getsockname(fd, (struct sockaddr *)&at, &n) == 0);
	*port = ntohs(at.sin_port);
	return fd;
}

static uint64_t clock_ms(void *self)
{
	struct timespec t;
	(void)self;
	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static int64_t clock_s(void *self)
{
	(void)self;
	return time(NULL);
}

static _Noreturn void run(struct service *s, int listener)
{
	static struct inside in;
	struct keel_fault fault;
	SSL_CTX *tls = NULL;
	struct keel_http_server *server;
	const char *const hosts[] = { s->origin + strlen("https://") };
	struct keel_http_config c = { .limits = keel_http_strict,
		.times = { 5000, 60000, 5000, 5000, 5000, 1000 },
		.quota = { .connections = 16, .v6_bits = 128 },
		.gate = { .hosts = hosts, .host_count = 1 },
		.connections = 16,
		.routes = routes,
		.route_count = KEEL_COUNT(routes),
		.self = &in,
		.clock = { clock_ms, clock_s, NULL } };
	in = (struct inside){ .s = s, .base = event_base_new() };
	in.keys = (struct keel_service_keys){ .sign = s->sign.pub,
		.agree = s->agree.pub,
		.from = time(NULL) - 60,
		.until = time(NULL) + 3600 };
	KEEL_MUST(keel_p256_open_pub(&s->sign.pub, &in.sign) == KEEL_OK);
	KEEL_MUST(keel_tls_open(keel_text(s->leaf.chain), keel_text(s->leaf.key), &tls, &fault) ==
		  KEEL_OK);
	KEEL_MUST(keel_http_server_open(in.base, tls, &c, &server) == KEEL_OK &&
		  keel_http_server_listen(server, listener) == KEEL_OK);
	in.look = event_new(in.base, -1, 0, look, &in);
	KEEL_MUST(in.look != NULL && keel_http_after(in.look, LOOK_MS));
	(void)event_base_dispatch(in.base);
	_exit(1);
}

void service_make(struct service *s, const struct certs_leaf *leaf)
{
	static char origin[64];
	s->leaf = *leaf;
	s->disk = mmap(
		NULL, sizeof(*s->disk), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	KEEL_MUST(s->disk != MAP_FAILED);
	keel_p256_generate(&s->root);
	keel_p256_generate(&s->sign);
	keel_p256_generate(&s->agree);
	keel_random(s->nonces.b, sizeof(s->nonces.b));
	s->port = 0;
	(void)close(listen_at(&s->port));
	(void)snprintf(origin, sizeof(origin), "https://localhost:%u", s->port);
	s->origin = origin;
}

void service_start(struct service *s)
{
	int listener = listen_at(&s->port);
	s->pid = fork();
	KEEL_MUST(s->pid >= 0);
	if (s->pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		run(s, listener);
	}
	(void)close(listener);
}

void service_kill(struct service *s)
{
	if (s->pid > 0) {
		(void)kill(s->pid, SIGKILL);
		(void)waitpid(s->pid, NULL, 0);
	}
	s->pid = 0;
}

bool service_is_dead(struct service *s)
{
	if (s->pid > 0 && waitpid(s->pid, NULL, WNOHANG) == s->pid)
		s->pid = 0;
	return s->pid == 0;
}

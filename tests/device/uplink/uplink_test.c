/*
 * The room in its own process behind all its walls, between a parent and a vault that the test plays and a
 * service over real TLS (service.h), which is killed, and started again, at the worst moments.
 */
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "check.h"
#include "core/cbor.h"
#include "device/confine.h"
#include "device/home.h"
#include "device/talk.h"
#include "device/uplink/room.h"
#include "keel/profile.h"
#include "service.h"
#include "session/notice.h"
#include "session/open.h"

#define AT_ONCE 16 /* reports that the vault hands out before it hears of them */
#define WAIT_MS 10000
#define ID_LEN  16

/* The leak check traces, which no room may. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "detect_leaks=0";
}

static struct certs_ca ca;
static struct service service;

/* The vault as the room sees it: its queue, and what it was asked. */
struct house {
	pid_t room;
	int parent, vault; /* our ends */
	uint64_t last, sent, taken;
	bool session;
	uint8_t time_nonce[KEEL_TIME_NONCE_LEN];
	unsigned attests, sessions, requests;
	uint64_t request; /* the last one's number */
	uint64_t noted;   /* the last notice that was taken, durably: it outlives the room */
	unsigned told;    /* to owners */
	bool mute;        /* it dies before it says that it has one */
	uint8_t buf[KEEL_MESSAGE_MAX];
};

static struct house house;

static uint64_t now_ms(void)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* --- the room's process ---------------------------------------------------------------------- */

static uint64_t soonest(void *self)
{
	(void)self;
	return 0;
}

static int room_main(struct keel_room_env *env)
{
	return keel_uplink_run(env, soonest);
}

static int file_of(struct keel_bytes content)
{
	int fd = memfd_create("handed", MFD_CLOEXEC);
	KEEL_MUST(fd >= 0 && write(fd, content.p, content.n) == (ssize_t)content.n);
	return fd;
}

static struct keel_bytes product_with_service(uint8_t *out, size_t cap)
{
	static uint8_t plain[4096];
	static char key[2 * 64 + 1];
	struct keel_p256_key maker;
	struct keel_product p;
	struct keel_wr w = keel_wr_of(out, cap);
	struct keel_bytes made;
	keel_p256_generate(&maker);
	for (size_t i = 0; i < 64; i++)
		(void)snprintf(key + 2 * i, 3, "%02x", service.root.pub.xy[i]);
	KEEL_MUST(keel_product_read(home_product(plain, sizeof(plain), 8443, &maker.pub), &p) ==
		  KEEL_OK);
	p.service = (struct keel_service){ .url = keel_text(service.origin),
		.trust = KEEL_TRUST_MAKER,
		.key = keel_text(key),
		.drift = 1000 };
	p.has |= 1u << KEEL_PRODUCT_SERVICE;
	keel_schema_write(&keel_product_schema, &p, &w);
	KEEL_MUST(keel_wr_end(&w, &made) == KEEL_OK);
	return made;
}

static _Noreturn void run_room(int parent, int vault)
{
	static uint8_t product[8192];
	char text[256];
	(void)snprintf(text, sizeof(text), "%d parent 0\n%d vault 1\n", parent, vault);
	(void)setenv("KEEL_ENDS", text, 1);
	(void)snprintf(text, sizeof(text), "%d product\n%d service.ca\n",
		file_of(product_with_service(product, sizeof(product))),
		file_of(keel_text(ca.pem)));
	(void)setenv("KEEL_HANDED", text, 1);
	(void)snprintf(text, sizeof(text), "uid 61805\ngid 61805\nparent %d\n", (int)getppid());
	(void)setenv("KEEL_OPTIONS", text, 1);
	_exit(keel_room_run(ROOM_UPLINK, room_main));
}

static void room_start(void)
{
	int parent[2], vault[2];
	KEEL_MUST(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, parent) == 0 &&
		  socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, vault) == 0);
	house.room = fork();
	KEEL_MUST(house.room >= 0);
	if (house.room == 0)
		run_room(parent[1], vault[1]);
	(void)close(parent[1]);
	(void)close(vault[1]);
	house.parent = parent[0];
	house.vault = vault[0];
	house.session = false;
}

static void room_kill(void)
{
	(void)kill(house.room, SIGKILL);
	(void)waitpid(house.room, NULL, 0);
	keel_fd_close(&house.parent);
	keel_fd_close(&house.vault);
}

/* --- the vault ------------------------------------------------------------------------------- */

static void say(enum keel_msg msg, const void *body)
{
	CHECK(keel_talk_send(house.vault, msg, body, -1) == KEEL_OK);
}

static void flow(void)
{
	while (house.session && house.sent < house.last && house.sent < house.taken + AT_ONCE) {
		char payload[32];
		(void)snprintf(payload, sizeof(payload), "report %u", (unsigned)++house.sent);
		const struct msg_out m = { .number = house.sent, .payload = keel_text(payload) };
		say(MSG_OUT, &m);
	}
}

/* The statement is C and the nonce, and nothing else: the service of the test reads them there. */
static void attest(const struct msg_attest *in)
{
	static const uint8_t ones[ID_LEN] = { 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1 };
	uint8_t both[96], statement[128];
	struct keel_wr w = keel_wr_of(statement, sizeof(statement));
	struct msg_attested out = { .id = in->id,
		.device = KEEL_VIEW(ones),
		.home = KEEL_VIEW(ones),
		.endorsement = keel_text("\xa0"),
		.nonce = KEEL_VIEW(house.time_nonce) };
	house.attests++;
	house.session = false;
	CHECK(keel_bytes_is(in->origin, service.origin));
	memcpy(both, in->key.p, 64);
	memcpy(both + 64, in->nonce.p, 32);
	keel_random(house.time_nonce, sizeof(house.time_nonce));
	keel_cbor_bytes(&w, KEEL_VIEW(both));
	KEEL_MUST(keel_wr_end(&w, &out.statement) == KEEL_OK);
	say(MSG_ATTESTED, &out);
}

static void begin(const struct msg_session *in)
{
	struct keel_service_keys keys;
	uint8_t ones[ID_LEN];
	int64_t now = 0;
	memset(ones, 1, sizeof(ones));
	CHECK(keel_voucher_verify(in->voucher, &service.root.pub, time(NULL), &keys) == KEEL_OK);
	CHECK(keel_time_verify(in->time, &keys, ones, KEEL_VIEW(house.time_nonce), &now) ==
		KEEL_OK);
	house.sessions++;
	house.session = true;
	house.sent = house.taken = in->taken;
}

static void answer_request(const struct msg_request *in)
{
	char expected[32], text[32];
	house.requests++;
	house.request = in->id;
	(void)snprintf(expected, sizeof(expected), "request %u", (unsigned)in->id);
	(void)snprintf(text, sizeof(text), "answer %u", (unsigned)in->id);
	CHECK(in->path == PATH_REQUEST && keel_bytes_is(in->body, expected));
	say(MSG_ANSWER,
		&(struct msg_answer){ .id = in->id, .status = 200, .body = keel_text(text) });
}

/* As the vault does: number and event are one commit. */
static void take_notice(const struct msg_notice *in)
{
	char expected[32];
	(void)snprintf(expected, sizeof(expected), "%u", (unsigned)in->number);
	CHECK(in->code == KEEL_NOTICE_UPDATE && keel_bytes_is(in->about, expected));
	house.told += in->number > house.noted;
	house.noted = in->number > house.noted ? in->number : house.noted;
	if (!house.mute)
		say(MSG_NOTED, &(struct msg_taken){ .number = house.noted });
}

static void take(enum keel_msg msg, const union keel_body *body)
{
	if (msg == MSG_ATTEST)
		attest(&body->attest);
	else if (msg == MSG_SESSION)
		begin(&body->session);
	else if (msg == MSG_REQUEST)
		answer_request(&body->request);
	else if (msg == MSG_NOTICE)
		take_notice(&body->notice);
	else if (msg == MSG_TAKEN)
		house.taken = body->taken.number;
}

/* A turn of the vault's loop: one message of the room's, if it says one within a moment. */
static void turn(void)
{
	struct pollfd p = { .fd = house.vault, .events = POLLIN };
	struct keel_bytes in;
	union keel_body body;
	enum keel_msg msg;
	flow();
	if (poll(&p, 1, 20) != 1 || keel_talk_receive(house.vault, house.buf, &in, NULL) != KEEL_OK)
		return;
	CHECK(keel_line_read(ROOM_UPLINK, ROOM_VAULT, in, &msg, &body, NULL) == KEEL_OK);
	take(msg, &body);
}

/* Lives on until this is so, and starts the service again when it dies. */
static bool until(bool (*what)(void), unsigned within_ms)
{
	for (uint64_t end = now_ms() + within_ms; !what() && now_ms() < end;) {
		turn();
		if (service_is_dead(&service))
			service_start(&service);
	}
	return what();
}

static bool connected(void)
{
	return house.session && service.disk->polls > 0;
}

static bool all_taken(void)
{
	return house.taken == house.last;
}

static void prepare(void)
{
	struct certs_leaf leaf;
	house = (struct house){ .parent = -1, .vault = -1 };
	certs_leaf_make(&ca, "localhost", -60, 3600, &leaf);
	service_make(&service, &leaf);
	service_start(&service);
	room_start();
}

static void clear(void)
{
	room_kill();
	service_kill(&service);
}

static void check_each_once(void)
{
	unsigned wrong = 0;
	for (uint64_t n = 1; n <= house.last; n++)
		wrong += service.disk->times[n] != 1;
	CHECK(wrong == 0 && service.disk->last == house.last);
}

/* --- the tests ------------------------------------------------------------------------------- */

static void a_session_opens_and_what_waits_is_told_in_order_and_once(void)
{
	prepare();
	house.last = 100;
	CHECK(until(connected, WAIT_MS));
	CHECK(until(all_taken, WAIT_MS));
	check_each_once();
	CHECK(service.disk->reports <= 20 && service.disk->sessions == house.sessions);
	clear();
}

static bool taken_60(void)
{
	return house.taken >= 60;
}

/* EN 303 645 5.9-3: none lost, none twice, whoever dies in the middle. */
static void prov_5_9_3_a_service_killed_amid_reports_loses_none_and_takes_none_twice(void)
{
	prepare();
	house.last = 120;
	service.disk->die_before = 21; /* of a call, some are kept, and nobody was told */
	service.disk->die_after = 60;  /* all were */
	CHECK(until(taken_60, 3 * WAIT_MS));
	CHECK(service.disk->die_before == 0 && service.disk->die_after == 0);
	room_kill(); /* and now the room */
	room_start();
	CHECK(until(all_taken, 2 * WAIT_MS));
	check_each_once();
	CHECK(house.sessions >= 4);
	clear();
}

static bool answered_1(void)
{
	return service.disk->answers >= 1 && service.disk->inbox_answered == 1;
}

static bool answered_3(void)
{
	return service.disk->inbox_answered == 3;
}

static void owners_requests_reach_the_vault_and_its_answers_the_service(void)
{
	prepare();
	CHECK(until(connected, WAIT_MS));
	service.disk->inbox = 1;
	CHECK(until(answered_1, WAIT_MS));
	CHECK(service.disk->answer_status == 200 && service.disk->answer_n == 8 &&
		memcmp(service.disk->answer, "answer 1", 8) == 0);
	service.disk->inbox = 3; /* two at once */
	CHECK(until(answered_3, WAIT_MS));
	CHECK(house.requests == 3 && service.disk->answers == 3 &&
		service.disk->answer_number == 3);
	clear();
}

/* The service has the answer and dies before it says so: the vault, which gives the same bytes the same
 * answer, is asked again, and the number is named as taken. */
static void a_request_in_the_middle_comes_again_and_not_more(void)
{
	prepare();
	CHECK(until(connected, WAIT_MS));
	service.disk->die_at_answer = true;
	service.disk->inbox = 1;
	CHECK(until(answered_1, 2 * WAIT_MS));
	/* Where the service is back at once, libcurl sends the same answer again by itself. */
	unsigned asked = house.requests;
	CHECK((asked == 1 || asked == 2) && service.disk->answers == 2);
	for (unsigned i = 0; i < 20; i++)
		turn();
	CHECK(house.requests == asked);
	clear();
}

static bool all_noted(void)
{
	return service.disk->notices_taken == service.disk->notices && house.noted > 0;
}

static bool told_once_more(void)
{
	return house.told == 3;
}

/* EN 303 645 5.9-3: whoever dies between given, told and taken. */
static void prov_5_9_3_a_notice_is_told_once_whoever_dies(void)
{
	prepare();
	CHECK(until(connected, WAIT_MS));
	service.disk->notices = 2;
	service.disk->die_at_notice = true;
	service.disk->die_at_taken = true;
	CHECK(until(all_noted, 3 * WAIT_MS));
	CHECK(house.told == 2 && house.noted == 2);
	CHECK(!service.disk->die_at_notice && !service.disk->die_at_taken);
	house.mute = true;
	service.disk->notices = 3;
	CHECK(until(told_once_more, WAIT_MS) && service.disk->notices_taken == 2);
	room_kill(); /* it has it, and the room does not know */
	room_start();
	house.mute = false;
	unsigned given = service.disk->notices_given;
	CHECK(until(all_noted, 2 * WAIT_MS));
	CHECK(house.told == 3 && service.disk->notices_given > given);
	clear();
}

/* Who has the certificate, and not what the maker vouches for, tells owners nothing. */
static void prov_5_5_1_a_notice_under_another_key_ends_the_session(void)
{
	prepare();
	CHECK(until(connected, WAIT_MS));
	unsigned before = house.sessions;
	service.disk->false_notice = true;
	service.disk->notices = 1;
	CHECK(!until(all_noted, 1500) && house.told == 0 && service.disk->notices_given > 0);
	service.disk->false_notice = false;
	CHECK(until(all_noted, 2 * WAIT_MS));
	CHECK(house.told == 1 && house.sessions > before);
	clear();
}

static bool sessions_3(void)
{
	return house.sessions >= 3;
}

static void a_session_is_renewed_before_its_token_ends(void)
{
	prepare();
	CHECK(until(sessions_3, 3 * SERVICE_VALID_S * 1000));
	CHECK(service.disk->refused == 0 && service.disk->sessions >= 3);
	clear();
}

static bool sessions_2(void)
{
	return house.sessions >= 2;
}

/* Sooner than its token ends, but not at once: what changes often opens no session each time. */
static void what_the_vault_finds_changed_opens_a_new_session(void)
{
	prepare();
	CHECK(until(connected, WAIT_MS));
	uint64_t before = now_ms();
	for (unsigned i = 0; i < 5; i++)
		say(MSG_RENEW, &(struct msg_nothing){ 0 });
	CHECK(until(sessions_2, WAIT_MS));
	CHECK(now_ms() - before > 4000 && now_ms() - before < SERVICE_VALID_S * 750u);
	CHECK(house.sessions == 2);
	clear();
}

static void a_service_that_turns_away_is_not_asked_sooner_than_it_says(void)
{
	prepare();
	service.disk->turn_away = 2;
	uint64_t before = now_ms();
	CHECK(until(connected, WAIT_MS));
	CHECK(now_ms() - before >= 2000);
	CHECK(service.disk->refused == 2);
	clear();
}

static void in_quarantine_nothing_is_reported(void)
{
	prepare();
	service.disk->quarantine = true;
	house.last = 3;
	CHECK(until(connected, WAIT_MS));
	for (unsigned i = 0; i < 20; i++)
		turn();
	CHECK(service.disk->reports == 0 && service.disk->polls > 0);
	clear();
}

/* A service with the right certificate and another root: it has the maker's name, and not its word. */
static void another_root_opens_no_session(void)
{
	prepare();
	service_kill(&service);
	keel_p256_generate(&service.root);
	service_start(&service);
	for (unsigned i = 0; i < 100; i++)
		turn();
	CHECK(house.attests == 0 && house.sessions == 0 && service.disk->sessions == 0);
	clear();
}

static void the_room_ends_with_its_parent(void)
{
	int status = -1;
	prepare();
	CHECK(until(connected, WAIT_MS));
	keel_fd_close(&house.parent);
	for (unsigned i = 0; i < 100 && waitpid(house.room, &status, WNOHANG) == 0; i++)
		(void)poll(NULL, 0, 20);
	CHECK(status == 0);
	clear();
}

int main(int argc, char **argv)
{
	static const struct check_test all[] = {
		TEST(a_session_opens_and_what_waits_is_told_in_order_and_once),
		TEST(prov_5_9_3_a_service_killed_amid_reports_loses_none_and_takes_none_twice),
		TEST(owners_requests_reach_the_vault_and_its_answers_the_service),
		TEST(a_request_in_the_middle_comes_again_and_not_more),
		TEST(prov_5_9_3_a_notice_is_told_once_whoever_dies),
		TEST(prov_5_5_1_a_notice_under_another_key_ends_the_session),
		TEST(a_session_is_renewed_before_its_token_ends),
		TEST(what_the_vault_finds_changed_opens_a_new_session),
		TEST(a_service_that_turns_away_is_not_asked_sooner_than_it_says),
		TEST(in_quarantine_nothing_is_reported),
		TEST(another_root_opens_no_session),
		TEST(the_room_ends_with_its_parent),
	};
	certs_ca_make("Test CA", &ca);
	return check_main(all, KEEL_COUNT(all), argc, argv);
}

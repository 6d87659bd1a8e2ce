/* A room's loop: what reaches a handler, and what becomes of a peer that breaks a rule. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "check.h"
#include "device/room.h"
#include "device/talk.h"

/* The vault under test, with the test at its other ends. */
struct bench {
	struct keel_room_env *env;
	int parent, door, app; /* the others' ends */
	unsigned counts[128];  /* by message */
	unsigned ups, downs;
	enum keel_err give;
};

static struct bench *counting;

static enum keel_err count(
	struct keel_room_env *env, enum keel_room_id from, const void *body, void *self)
{
	(void)env;
	(void)from;
	(void)body;
	(void)self;
	return counting->give;
}

#define COUNTED(msg)                                                                               \
	static enum keel_err on_##msg(                                                             \
		struct keel_room_env *env, enum keel_room_id from, const void *body, void *self)   \
	{                                                                                          \
		((struct bench *)self)->counts[msg]++;                                             \
		return count(env, from, body, self);                                               \
	}
COUNTED(MSG_REQUEST)
COUNTED(MSG_HELLO)
COUNTED(MSG_DONE)
COUNTED(MSG_REPORT)
COUNTED(MSG_KEEP)
COUNTED(MSG_RECALL)
COUNTED(MSG_EVENT)
COUNTED(MSG_BUTTON)
COUNTED(MSG_FACTS)
COUNTED(MSG_FILES)
COUNTED(MSG_ATTEST)
COUNTED(MSG_SESSION)
COUNTED(MSG_TAKEN)
COUNTED(MSG_NOTICE)

static const struct keel_answer answers[] = {
	{ MSG_REQUEST, 1u << 1, on_MSG_REQUEST },
	{ MSG_HELLO, 0, on_MSG_HELLO },
	{ MSG_DONE, 0, on_MSG_DONE },
	{ MSG_REPORT, 0, on_MSG_REPORT },
	{ MSG_KEEP, 0, on_MSG_KEEP },
	{ MSG_RECALL, 0, on_MSG_RECALL },
	{ MSG_EVENT, 0, on_MSG_EVENT },
	{ MSG_BUTTON, 0, on_MSG_BUTTON },
	{ MSG_FACTS, 0, on_MSG_FACTS },
	{ MSG_FILES, 0, on_MSG_FILES },
	{ MSG_ATTEST, 0, on_MSG_ATTEST },
	{ MSG_SESSION, 0, on_MSG_SESSION },
	{ MSG_TAKEN, 0, on_MSG_TAKEN },
	{ MSG_NOTICE, 0, on_MSG_NOTICE },
};

static void peer(struct keel_room_env *env, enum keel_room_id room, bool up, void *self)
{
	struct bench *b = self;
	(void)env;
	(void)room;
	b->ups += up;
	b->downs += !up;
}

static int pair(int *other)
{
	int fds[2];
	CHECK(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) == 0);
	*other = fds[1];
	return fds[0];
}

static void open_bench(struct bench *b)
{
	char ends[128];
	struct keel_fault fault;
	*b = (struct bench){ 0 };
	counting = b;
	int parent = pair(&b->parent), door = pair(&b->door), app = pair(&b->app);
	(void)snprintf(ends, sizeof(ends), "%d parent 0\n%d door 5\n%d app 6\n", parent, door, app);
	(void)setenv("KEEL_ENDS", ends, 1);
	(void)setenv("KEEL_HANDED", "", 1);
	(void)setenv("KEEL_OPTIONS", "folder /var/lib/a home\nhost a\nhost b\n", 1);
	CHECK(keel_room_open(ROOM_VAULT, &b->env, &fault) == KEEL_OK);
	CHECK(getenv("KEEL_ENDS") == NULL);
	keel_room_listen(b->env, answers, KEEL_COUNT(answers), peer, b);
}

static void close_bench(struct bench *b)
{
	keel_room_close(b->env);
	keel_fd_close(&b->parent);
	keel_fd_close(&b->door);
	keel_fd_close(&b->app);
}

/* Lets the room take what waits, and drops its log lines. */
static bool turn(struct bench *b)
{
	int fds[ROOM_COUNT], log = dup(STDERR_FILENO), null = open("/dev/null", O_WRONLY);
	bool lives = true;
	(void)dup2(null, STDERR_FILENO);
	for (size_t i = 0; i < ROOM_COUNT; i++) {
		keel_room_fds(b->env, fds);
		if (fds[i] >= 0)
			lives = keel_room_handle(b->env, fds[i]);
	}
	(void)dup2(log, STDERR_FILENO);
	(void)close(log);
	(void)close(null);
	return lives;
}

/* What the parent heard: the message, or 0. */
static enum keel_msg parent_hears(struct bench *b, union keel_body *body)
{
	static uint8_t buf[KEEL_MESSAGE_MAX];
	struct keel_bytes in;
	enum keel_msg msg;
	if (keel_talk_receive(b->parent, buf, &in, NULL) != KEEL_OK)
		return (enum keel_msg)0;
	CHECK(keel_line_read(ROOM_VAULT, ROOM_PARENT, in, &msg, body, NULL) == KEEL_OK);
	return msg;
}

static void say(int fd, enum keel_msg msg, const void *body)
{
	CHECK(keel_talk_send(fd, msg, body, -1) == KEEL_OK);
}

static const struct msg_request request = { .id = 1, .path = PATH_HELLO };

static void options_keep_their_spaces(void)
{
	struct bench b;
	open_bench(&b);
	CHECK(strcmp(keel_room_option(b.env, "folder", 0), "/var/lib/a home") == 0);
	CHECK(strcmp(keel_room_option(b.env, "host", 1), "b") == 0);
	CHECK(keel_room_option(b.env, "host", 2) == NULL);
	CHECK(keel_room_fd(b.env, "tpm") == -1);
	close_bench(&b);
}

static void a_program_that_keeld_did_not_start_is_told_so(void)
{
	struct keel_room_env *env;
	struct keel_fault fault;
	CHECK(keel_room_open(ROOM_APP, &env, &fault) == KEEL_ESTATE);
	CHECK(strlen(fault.next) > 0);
}

static void a_message_in_the_wrong_state_is_not_handled_and_ends_nobody(void)
{
	struct bench b;
	union keel_body body;
	open_bench(&b);
	say(b.door, MSG_REQUEST, &request);
	CHECK(turn(&b) && b.counts[MSG_REQUEST] == 0);
	keel_room_set_state(b.env, 1);
	say(b.door, MSG_REQUEST, &request);
	CHECK(turn(&b) && b.counts[MSG_REQUEST] == 1);
	CHECK(keel_room_has(b.env, ROOM_DOOR) && parent_hears(&b, &body) == 0);
	close_bench(&b);
}

static void a_handlers_error_does_not_end_the_sender(void)
{
	struct bench b;
	union keel_body body;
	open_bench(&b);
	b.give = KEEL_ERANGE;
	say(b.app, MSG_HELLO, &(struct msg_deletions){ 0 });
	CHECK(turn(&b) && b.counts[MSG_HELLO] == 1);
	CHECK(keel_room_has(b.env, ROOM_APP) && parent_hears(&b, &body) == 0);
	close_bench(&b);
}

static uint8_t big[KEEL_MESSAGE_MAX + 1];

/* clang-format off */
static const struct {
	const char *why;
	struct keel_bytes bytes;
} broken[] = {
	{ "no CBOR", { (const uint8_t *)"\xFF", 1 } },
	{ "nothing", { (const uint8_t *)"", 0 } },
	{ "a message of another line", { (const uint8_t *)"\x82\x18\x1F\xA1\x01\x07", 6 } },
	{ "a command", { (const uint8_t *)"\x82\x14\xA0", 3 } },
	{ "a request without fields", { (const uint8_t *)"\x82\x0A\xA0", 3 } },
	{ "longer than any message", { big, sizeof(big) } },
};
/* clang-format on */

/* EN 303 645 5.13-1A: who breaks the table's rules is ended, and nothing of it reaches a handler. */
static void prov_5_13_1a_what_no_line_or_schema_allows_ends_its_sender(void)
{
	for (size_t i = 0; i < KEEL_COUNT(broken); i++) {
		struct bench b;
		union keel_body body;
		open_bench(&b);
		keel_room_set_state(b.env, 1);
		CHECK(send(b.door, broken[i].bytes.p, broken[i].bytes.n, 0) ==
			(ssize_t)broken[i].bytes.n);
		say(b.door, MSG_REQUEST, &request); /* after it nothing is believed */
		CHECK_ROW(turn(&b), broken[i].why);
		CHECK_ROW(b.counts[MSG_REQUEST] == 0, broken[i].why);
		CHECK_ROW(!keel_room_has(b.env, ROOM_DOOR) && b.downs == 1, broken[i].why);
		CHECK_ROW(parent_hears(&b, &body) == MSG_BAD_PEER, broken[i].why);
		CHECK_ROW(
			body.bad_peer.room == ROOM_DOOR && body.bad_peer.life == 5, broken[i].why);
		CHECK_ROW(keel_room_has(b.env, ROOM_APP), broken[i].why);
		close_bench(&b);
	}
}

static void a_peer_that_ends_is_no_offender(void)
{
	struct bench b;
	union keel_body body;
	open_bench(&b);
	keel_fd_close(&b.door);
	CHECK(turn(&b) && b.downs == 1 && !keel_room_has(b.env, ROOM_DOOR));
	CHECK(parent_hears(&b, &body) == 0);
	CHECK(keel_room_send(b.env, ROOM_DOOR, MSG_ANSWER, &(struct msg_answer){ .status = 200 }) ==
		KEEL_ESTATE);
	close_bench(&b);
}

static void a_new_end_takes_the_place_of_the_old(void)
{
	struct bench b;
	int other;
	open_bench(&b);
	keel_room_set_state(b.env, 1);
	int own = pair(&other);
	struct msg_bad_peer end = { .room = ROOM_DOOR, .life = 9 };
	CHECK(keel_talk_send(b.parent, MSG_END, &end, own) == KEEL_OK);
	keel_fd_close(&own);
	CHECK(turn(&b) && b.ups == 1 && b.downs == 1);
	say(other, MSG_REQUEST, &request);
	CHECK(turn(&b) && b.counts[MSG_REQUEST] == 1);
	CHECK(keel_room_send(b.env, ROOM_DOOR, MSG_ANSWER, &(struct msg_answer){ .status = 200 }) ==
		KEEL_OK);
	uint8_t byte;
	CHECK(recv(other, &byte, 1, MSG_DONTWAIT) == 1);
	keel_fd_close(&other);
	close_bench(&b);
}

static void only_the_parent_hands_over_descriptors(void)
{
	struct bench b;
	union keel_body body;
	open_bench(&b);
	struct msg_bad_peer end = { .room = ROOM_APP, .life = 9 };
	CHECK(keel_talk_send(b.door, MSG_END, &end, b.door) == KEEL_OK);
	CHECK(turn(&b) && b.ups == 0);
	CHECK(parent_hears(&b, &body) == MSG_BAD_PEER && body.bad_peer.room == ROOM_DOOR);
	close_bench(&b);
}

static void without_the_parent_the_room_ends(void)
{
	struct bench b;
	open_bench(&b);
	keel_fd_close(&b.parent);
	CHECK(!turn(&b));
	close_bench(&b);
}

static void a_peer_that_does_not_read_costs_a_message_not_the_room(void)
{
	struct bench b;
	static const uint8_t body[KEEL_ANSWER_MAX];
	struct msg_answer a = { .status = 200, .body = { body, sizeof(body) } };
	enum keel_err e = KEEL_OK;
	open_bench(&b);
	for (unsigned i = 0; i < 1000 && e == KEEL_OK; i++)
		e = keel_room_send(b.env, ROOM_DOOR, MSG_ANSWER, &a);
	CHECK(e == KEEL_EFULL);
	a.status = 99;
	CHECK(keel_room_send(b.env, ROOM_DOOR, MSG_ANSWER, &a) == KEEL_ERANGE);
	close_bench(&b);
}

static unsigned rings;
static void ring(struct keel_room_env *env, void *self)
{
	(void)self;
	if (++rings == 3)
		keel_room_stop(env, 7);
}

static void timers_ring_until_the_room_is_stopped(void)
{
	struct bench b;
	open_bench(&b);
	keel_room_timer(b.env, 1, 0, ring, NULL); /* once */
	keel_room_timer(b.env, 5, 5, ring, NULL);
	CHECK(keel_room_serve(b.env, answers, KEEL_COUNT(answers), peer, &b) == 7);
	CHECK(rings == 3);
	close_bench(&b);
}

TEST_MAIN(TEST(options_keep_their_spaces), TEST(a_program_that_keeld_did_not_start_is_told_so),
	TEST(a_message_in_the_wrong_state_is_not_handled_and_ends_nobody),
	TEST(a_handlers_error_does_not_end_the_sender),
	TEST(prov_5_13_1a_what_no_line_or_schema_allows_ends_its_sender),
	TEST(a_peer_that_ends_is_no_offender), TEST(a_new_end_takes_the_place_of_the_old),
	TEST(only_the_parent_hands_over_descriptors), TEST(without_the_parent_the_room_ends),
	TEST(a_peer_that_does_not_read_costs_a_message_not_the_room),
	TEST(timers_ring_until_the_room_is_stopped))

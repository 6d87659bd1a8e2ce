/*
 * A door that was taken over, in a keeld whose other rooms are the real ones. It hands on what comes,
 * as an honest pipe would, so that an owner notices nothing; but it keeps all that passes, both ways.
 * When it is told to, it says to the other rooms whatever its rows of rooms.c let it say.
 *
 * No TLS: it takes frames from whoever connects (tests/cli/hostile_test.py), one a connection:
 *
 *	order u8, length u32be, body     order: enum keel_path, or one of those below
 *	status u32be, length u32be, body
 */
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "device/room.h"

keel_room_main door_main;

enum { ORDER_ATTACK = 100, ORDER_DUMP, ORDER_COMPLAIN };
enum { SEEN_MAX = 512, KEPT_MAX = 32 << 20, PATIENCE_MS = 10000, FLIPS = 12 };

struct seen {
	uint64_t path;
	size_t at, n; /* its body, in kept */
};

struct door {
	struct keel_room_env *env;
	struct seen seen[SEEN_MAX];
	size_t requests;
	uint8_t kept[KEPT_MAX]; /* every body that passed, one after the other */
	size_t kept_n;
	uint64_t id; /* of the request under way */
	bool answered;
	uint64_t status;
	uint8_t answer[KEEL_ANSWER_MAX];
	size_t answer_n;
	uint32_t said; /* messages of the attack */
};

static size_t keep(struct door *d, struct keel_bytes b)
{
	size_t at = d->kept_n;
	KEEL_MUST(b.n <= KEPT_MAX - at);
	if (b.n > 0)
		memcpy(d->kept + at, b.p, b.n);
	d->kept_n += b.n;
	return at;
}

static enum keel_err on_answer(
	struct keel_room_env *env, enum keel_room_id from, const void *body, void *self)
{
	struct door *d = self;
	const struct msg_answer *m = body;
	(void)env;
	(void)from;
	(void)keep(d, m->body);
	if (m->id != d->id)
		return KEEL_OK;
	d->answered = true;
	d->status = m->status;
	d->answer_n = m->body.n;
	if (m->body.n > 0)
		memcpy(d->answer, m->body.p, m->body.n);
	return KEEL_OK;
}

static const struct keel_answer answers[] = { { MSG_ANSWER, 0, on_answer } };

/* Takes what its lines bring, for so long; ends with the parent. */
static void listen_to_rooms(struct door *d, int wait)
{
	int fds[ROOM_COUNT];
	struct pollfd p[ROOM_COUNT];
	keel_room_fds(d->env, fds);
	for (size_t i = 0; i < ROOM_COUNT; i++)
		p[i] = (struct pollfd){ .fd = fds[i], .events = POLLIN };
	if (poll(p, ROOM_COUNT, wait) <= 0)
		return;
	for (size_t i = 0; i < ROOM_COUNT; i++)
		if (p[i].revents != 0 && !keel_room_handle(d->env, p[i].fd))
			exit(0);
}

static void pause_a_little(void)
{
	(void)nanosleep(&(struct timespec){ .tv_nsec = 2000000 }, NULL);
}

static void say(struct door *d, enum keel_room_id to, enum keel_msg msg, const void *body)
{
	enum keel_err e;
	while ((e = keel_room_send(d->env, to, msg, body)) == KEEL_EFULL)
		pause_a_little();
	d->said += e == KEEL_OK;
}

/* One request, and the answer to it; the vault answers each. */
static void ask(
	struct door *d, uint64_t id, uint64_t path, struct keel_bytes from, struct keel_bytes body)
{
	const struct msg_request m = {
		.has = 15, .id = id, .path = path, .from = from, .body = body
	};
	d->id = id;
	d->answered = false;
	d->status = 0;
	d->answer_n = 0;
	say(d, ROOM_VAULT, MSG_REQUEST, &m);
	for (unsigned ms = 0; !d->answered && ms < PATIENCE_MS; ms += 100)
		listen_to_rooms(d, 100);
}

/* --- what its rows allow -------------------------------------------------------------------------- */

static const char *const addresses[] = { "127.0.0.1", "10.99.0.1", "fe80::1", "",
	"0123456789012345678901234567890123456789012345678901234567890123" };

static struct keel_bytes body_of(const struct door *d, size_t i)
{
	return (struct keel_bytes){ d->kept + d->seen[i].at, d->seen[i].n };
}

/* As it was, again and again, wherever it may be sent and whoever is said to have sent it. */
static void replay(struct door *d, size_t i)
{
	static const uint64_t ids[] = { 0, 1, UINT64_MAX };
	for (uint64_t path = 0; path < PATH_COUNT; path++)
		for (size_t a = 0; a < KEEL_COUNT(ids); a++)
			ask(d, ids[a], path, keel_text(addresses[(i + a) % KEEL_COUNT(addresses)]),
				body_of(d, i));
}

static void spoil(struct door *d, size_t i)
{
	static uint8_t buf[KEEL_REQUEST_MAX];
	struct keel_bytes body = body_of(d, i);
	for (size_t f = 0; f < FLIPS && body.n > 0; f++) {
		size_t bit = (body.n * 8 - 1) * f / (FLIPS - 1);
		memcpy(buf, body.p, body.n);
		buf[bit / 8] ^= (uint8_t)(1u << bit % 8);
		ask(d, 7, d->seen[i].path, keel_text(addresses[f % KEEL_COUNT(addresses)]),
			(struct keel_bytes){ buf, body.n });
	}
}

static void say_requests(struct door *d)
{
	static uint8_t long_body[KEEL_REQUEST_MAX];
	size_t n = d->requests; /* of the owner's: its own are not recorded */
	for (size_t i = n;
		i-- > 0;) /* the latest first: while its challenge is the last that was given */
		replay(d, i);
	for (unsigned again = 0; again < 2; again++)
		for (size_t i = 0; i < n; i++)
			replay(d, i);
	for (size_t i = 0; i < n; i++)
		spoil(d, i);
	for (uint64_t path = 0; path < PATH_COUNT; path++) {
		ask(d, 1, path, keel_text("127.0.0.1"), KEEL_VIEW(long_body));
		ask(d, 1, path, keel_text("127.0.0.1"), (struct keel_bytes){ 0 });
	}
}

static void say_counts(struct door *d)
{
	static const uint64_t n[] = { 1, 2, 1000, UINT32_MAX };
	for (uint64_t what = 0; what < COUNT_COUNT; what++)
		for (size_t i = 0; i < KEEL_COUNT(n); i++)
			say(d, ROOM_MONITOR, MSG_COUNT,
				&(struct msg_count){ .what = what, .n = n[i] });
}

/* It is ready over and over, and has no walls at all. */
static void say_ready(struct door *d)
{
	enum keel_wall walls[WALL_COUNT];
	for (size_t n = 0; n < WALL_COUNT; n++) {
		walls[n] = (enum keel_wall)n;
		keel_room_ready(d->env, walls, n + 1);
		d->said++;
	}
}

/* The last that it does: who complains of the vault is ended itself. */
static void say_bad_peer(struct door *d)
{
	for (uint64_t life = 0; life < 64; life++)
		for (uint64_t room = 0; room < ROOM_COUNT; room++)
			say(d, ROOM_PARENT, MSG_BAD_PEER,
				&(struct msg_bad_peer){ .room = room, .life = life });
}

/* Every row that it has; a new one needs its words here. */
static void attack(struct door *d, bool complain)
{
	for (size_t i = 0; i < keel_lines_count; i++) {
		if (keel_lines[i].from != ROOM_DOOR)
			continue;
		enum keel_msg msg = keel_lines[i].msg;
		KEEL_MUST(msg == MSG_REQUEST || msg == MSG_COUNT || msg == MSG_READY ||
			  msg == MSG_BAD_PEER);
		if (complain != (msg == MSG_BAD_PEER))
			continue;
		if (msg == MSG_REQUEST)
			say_requests(d);
		else if (msg == MSG_COUNT)
			say_counts(d);
		else if (msg == MSG_READY)
			say_ready(d);
		else
			say_bad_peer(d);
	}
}

/* --- the pipe -------------------------------------------------------------------------------------- */

static bool read_all(int fd, uint8_t *p, size_t n)
{
	while (n > 0) {
		ssize_t got = read(fd, p, n);
		if (got <= 0)
			return false;
		p += got;
		n -= (size_t)got;
	}
	return true;
}

static void write_frame(int fd, uint64_t status, struct keel_bytes body)
{
	uint8_t head[8];
	struct keel_wr w = keel_wr_of(head, sizeof(head));
	keel_wr_u32be(&w, (uint32_t)status);
	keel_wr_u32be(&w, (uint32_t)body.n);
	if (write(fd, head, sizeof(head)) != sizeof(head))
		return;
	while (body.n > 0) {
		ssize_t n = write(fd, body.p, body.n);
		if (n <= 0)
			return;
		body.p += n;
		body.n -= (size_t)n;
	}
}

static void pass_on(struct door *d, uint64_t path, struct keel_bytes body)
{
	static uint64_t last = 1000;
	KEEL_MUST(d->requests < SEEN_MAX);
	d->seen[d->requests++] = (struct seen){ path, keep(d, body), body.n };
	ask(d, ++last, path, keel_text("127.0.0.1"), body);
}

static void obey(struct door *d, int fd, uint8_t order, struct keel_bytes body)
{
	if (order < PATH_COUNT) {
		pass_on(d, order, body);
		write_frame(fd, d->status, (struct keel_bytes){ d->answer, d->answer_n });
	} else if (order == ORDER_DUMP) {
		write_frame(fd, 200, (struct keel_bytes){ d->kept, d->kept_n });
	} else {
		attack(d, order == ORDER_COMPLAIN);
		write_frame(fd, d->said, (struct keel_bytes){ 0 });
	}
}

static void serve_one(struct door *d, int listener)
{
	static uint8_t body[KEEL_REQUEST_MAX];
	uint8_t head[5];
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	if (fd < 0)
		return;
	if (read_all(fd, head, sizeof(head))) {
		struct keel_rd r = keel_rd_of(KEEL_VIEW(head));
		uint8_t order = keel_rd_u8(&r);
		uint32_t n = keel_rd_u32be(&r);
		if (n <= sizeof(body) && read_all(fd, body, n))
			obey(d, fd, order, (struct keel_bytes){ body, n });
	}
	(void)close(fd);
}

int door_main(struct keel_room_env *env)
{
	/* Large, and on the heap: what is static is in every room's process, and counts against its limit. */
	struct door *d = calloc(1, sizeof(*d));
	KEEL_MUST(d != NULL);
	d->env = env;
	(void)signal(SIGPIPE, SIG_IGN);
	keel_room_listen(env, answers, KEEL_COUNT(answers), NULL, d);
	keel_room_confine(env);
	int listener = keel_room_fd(env, "listen/0");
	for (;;) {
		struct pollfd p = { .fd = listener, .events = POLLIN };
		listen_to_rooms(d, 0);
		if (poll(&p, 1, 20) == 1)
			serve_one(d, listener);
	}
}

/* libkeel: a program that starts, is killed and starts again, between a parent and a vault that the test plays. */
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "device/room.h"
#include "device/talk.h"
#include "keel/keel.h"

/* --- the program: remembers what it was told; keeps it and tells it with every step ---------------- */

enum { MANY = KEEL_REPORTS_MAX + 3 };

struct program {
	int64_t told;
};

static void tell(struct keel *k, const struct keel_command *c, void *self)
{
	struct program *p = self;
	(void)k;
	p->told = (int64_t)keel_field(c, "much");
}

static void report_much(struct keel *k, const struct keel_command *c, void *self)
{
	char name[16];
	(void)c, (void)self;
	for (int i = 0; i < MANY; i++) {
		(void)snprintf(name, sizeof(name), "value %d", i);
		keel_report(k, name, i);
	}
}

static void step(struct keel *k, void *self)
{
	const struct program *p = self;
	keel_report(k, "temperature", 20.5);
	keel_report(k, "a name that is longer than any name that product.yaml may declare", 1);
	keel_report(k, "burner power", -3);
	keel_keep(k, "told", &p->told, sizeof(p->told));
}

static int program_main(void)
{
	static struct program p;
	static const struct keel_on on[] = { { "tell", tell }, { "report much", report_much } };
	return keel_run(&(struct keel_program){ .period_ms = 60000,
		.step = step,
		.on = on,
		.on_count = KEEL_COUNT(on),
		.memory = &p,
		.memory_size = sizeof(p),
		.self = &p });
}

/* --- the test's side ----------------------------------------------------------------------------- */

struct rig {
	int memory; /* what the parent keeps for the program */
	int parent, vault;
	pid_t pid;
};

static void start(struct rig *r)
{
	char ends[64], handed[32];
	int parent[2], vault[2];
	CHECK(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, parent) == 0);
	CHECK(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, vault) == 0);
	(void)snprintf(ends, sizeof(ends), "%d parent 0\n%d vault 1\n", parent[1], vault[1]);
	(void)snprintf(handed, sizeof(handed), "%d memory\n", r->memory);
	r->pid = fork();
	KEEL_MUST(r->pid >= 0);
	if (r->pid == 0) {
		(void)setenv("KEEL_ENDS", ends, 1);
		(void)setenv("KEEL_HANDED", handed, 1);
		(void)setenv("KEEL_OPTIONS", "", 1);
		_exit(program_main());
	}
	(void)close(parent[1]);
	(void)close(vault[1]);
	r->parent = parent[0];
	r->vault = vault[0];
}

static void end(struct rig *r)
{
	CHECK(kill(r->pid, SIGKILL) == 0 && waitpid(r->pid, NULL, 0) == r->pid);
	keel_fd_close(&r->parent);
	keel_fd_close(&r->vault);
}

/* The next thing that the program says to the vault; 0: nothing comes. */
static enum keel_msg next(struct rig *r, union keel_body *body)
{
	static uint8_t buf[KEEL_MESSAGE_MAX];
	struct pollfd p = { .fd = r->vault, .events = POLLIN };
	struct keel_bytes in;
	enum keel_msg msg = (enum keel_msg)0;
	if (poll(&p, 1, 10000) == 1 && keel_talk_receive(r->vault, buf, &in, NULL) == KEEL_OK)
		CHECK(keel_line_read(ROOM_APP, ROOM_VAULT, in, &msg, body, NULL) == KEEL_OK);
	return msg;
}

/* The next but what it keeps. */
static enum keel_msg next_other(struct rig *r, union keel_body *body)
{
	enum keel_msg msg = next(r, body);
	while (msg == MSG_KEEP)
		msg = next(r, body);
	return msg;
}

/* The next of this kind. */
static bool hears(struct rig *r, enum keel_msg want, union keel_body *body)
{
	enum keel_msg msg = next(r, body);
	while (msg != want && msg != 0)
		msg = next(r, body);
	return msg == want;
}

/* Reads what it keeps until it is this, by a program that knows of so many deletions. */
static bool keeps(struct rig *r, int64_t told, uint64_t deletions)
{
	union keel_body body;
	while (hears(r, MSG_KEEP, &body)) {
		int64_t is;
		CHECK(body.keep.value.n == sizeof(is));
		memcpy(&is, body.keep.value.p, sizeof(is));
		if (is == told && body.keep.deletions == deletions)
			return true;
	}
	return false;
}

static bool greets(struct rig *r, uint64_t deletions)
{
	union keel_body body;
	return hears(r, MSG_HELLO, &body) && body.deletions.deletions == deletions;
}

static void command(struct rig *r, uint64_t number, int64_t much)
{
	uint8_t buf[64];
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	const struct msg_field f = { .name = keel_text("much"), .value = much * 1000 };
	struct msg_command c = { .number = number, .message = keel_text("tell") };
	keel_list_add(&keel_field_item, &f, &w, &c.fields);
	CHECK(keel_talk_send(r->vault, MSG_COMMAND, &c, -1) == KEEL_OK);
}

static bool did(struct rig *r, uint64_t number)
{
	union keel_body body;
	return hears(r, MSG_DONE, &body) && body.done.number == number;
}

static void forget(struct rig *r, uint64_t deletions)
{
	const struct msg_deletions d = { .deletions = deletions };
	CHECK(keel_talk_send(r->vault, MSG_FORGET, &d, -1) == KEEL_OK);
}

static void open_rig(struct rig *r)
{
	r->memory = memfd_create("memory", 0);
	KEEL_MUST(r->memory >= 0 && ftruncate(r->memory, KEEL_MEMORY_SIZE) == 0);
	start(r);
}

static void close_rig(struct rig *r)
{
	end(r);
	keel_fd_close(&r->memory);
}

/* EN 303 645 5.9-2: what it was told is there after a kill, and is not done a second time. */
static void prov_5_9_2_memory_survives_a_kill(void)
{
	struct rig r;
	open_rig(&r);
	CHECK(greets(&r, 0));
	command(&r, 7, 21);
	CHECK(did(&r, 7));
	end(&r);
	start(&r);
	CHECK(keeps(&r, 21, 0));
	close_rig(&r);
}

/* What it kept or remembered before a deletion is gone after it; then any number is a new command's. */
static void prov_5_11_1_a_deletion_is_known_for_good(void)
{
	struct rig r;
	open_rig(&r);
	command(&r, 7, 21);
	CHECK(keeps(&r, 21, 0));
	forget(&r, 3);
	CHECK(keeps(&r, 0, 3));
	command(&r, 1, 5);
	CHECK(did(&r, 1));
	end(&r);
	start(&r);
	CHECK(greets(&r, 3));
	CHECK(keeps(&r, 5, 3));
	close_rig(&r);
}

static bool next_is(struct keel_list *rest, const char *name, int64_t value)
{
	struct msg_field f;
	return keel_list_next(&keel_field_item, rest, &f) && keel_bytes_is(f.name, name) &&
	       f.value == value;
}

/* One that no declaration can name is left out, and takes no other along. */
static void a_step_s_reports_come_in_one_message(void)
{
	struct rig r;
	union keel_body body;
	open_rig(&r);
	CHECK(next_other(&r, &body) == MSG_REPORT);
	struct keel_list rest = body.report.values;
	CHECK(rest.count == 2);
	CHECK(next_is(&rest, "temperature", 20500) && next_is(&rest, "burner power", -3000));
	CHECK(next_other(&r, &body) == MSG_HELLO);
	close_rig(&r);
}

/* A command's reports and those of the step after it, before it is said to be done; none is lost. */
static void what_a_command_reports_comes_before_it_is_done(void)
{
	struct rig r;
	union keel_body body;
	char name[16];
	const struct msg_command c = { .number = 7, .message = keel_text("report much") };
	open_rig(&r);
	CHECK(next_other(&r, &body) == MSG_REPORT);
	CHECK(next_other(&r, &body) == MSG_HELLO);
	CHECK(keel_talk_send(r.vault, MSG_COMMAND, &c, -1) == KEEL_OK);
	CHECK(next_other(&r, &body) == MSG_REPORT);
	struct keel_list rest = body.report.values;
	CHECK(rest.count == KEEL_REPORTS_MAX);
	for (int i = 0; i < MANY; i++) {
		if (i == KEEL_REPORTS_MAX) {
			CHECK(next_other(&r, &body) == MSG_REPORT);
			rest = body.report.values;
		}
		(void)snprintf(name, sizeof(name), "value %d", i);
		CHECK(next_is(&rest, name, 1000L * i));
	}
	CHECK(next_is(&rest, "temperature", 20500) && next_is(&rest, "burner power", -3000));
	CHECK(next_other(&r, &body) == MSG_DONE && body.done.number == 7);
	close_rig(&r);
}

TEST_MAIN(TEST(prov_5_9_2_memory_survives_a_kill), TEST(prov_5_11_1_a_deletion_is_known_for_good),
	TEST(a_step_s_reports_come_in_one_message),
	TEST(what_a_command_reports_comes_before_it_is_done))

/*
 * The thermostat of products/heating: the program itself, between a parent, a vault and a room that
 * the test plays, with files for its sensor and its burner. Its clock is held (held_clock.c), so that
 * it lives through days here; everything else is as it is on a hub.
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
#include "device/room.h"
#include "device/talk.h"
#include "heating/held_clock.h"

#define MINUTE INT64_C(60)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)

enum { STEP_S = 10, SPEED = 20 }; /* of the room, as room.c has it */
enum { PATIENCE_MS = 20000, VALUES_MAX = 10, NAME_SIZE = 65, KEPT_SIZE = 4096 };

/* --- the room that is heated ----------------------------------------------------------------------- */

static const double burner_watt = 2000, radiator_capacity = 15e3, room_capacity = 250e3;
static const double radiator_to_room = 60, room_to_outside = 35;

struct air {
	double room, radiator, outside; /* °C */
	double coldest, warmest;        /* the room, since the test set them */
};

static void pass_second(struct air *a, double power)
{
	double to_room = radiator_to_room * (a->radiator - a->room);
	a->radiator += (burner_watt * power - to_room) / radiator_capacity;
	a->room += (to_room - room_to_outside * (a->room - a->outside)) / room_capacity;
	a->coldest = a->room < a->coldest ? a->room : a->coldest;
	a->warmest = a->room > a->warmest ? a->room : a->warmest;
}

/* --- the rig --------------------------------------------------------------------------------------- */

struct value {
	char name[NAME_SIZE];
	double value;
};

struct rig {
	struct held_clock *clock;
	int clock_fd, memory, sensor, burner; /* files, as the parent would hand them over */
	int parent, vault;                    /* the program's lines, while it runs */
	pid_t pid;
	uint64_t last_command;
	int64_t said_s;                  /* when the next commands were given; 0: now */
	struct value values[VALUES_MAX]; /* what it reported last */
	uint8_t schedule[KEPT_SIZE];     /* what it kept */
	size_t schedule_n;
	bool forgetful; /* the vault answers no recall */
	struct air air;
};

static int file_of(size_t n)
{
	int fd = memfd_create("file", 0);
	KEEL_MUST(fd >= 0 && ftruncate(fd, (off_t)n) == 0);
	return fd;
}

static void sense(struct rig *r, const char *text)
{
	KEEL_MUST(ftruncate(r->sensor, 0) == 0 &&
		  pwrite(r->sensor, text, strlen(text), 0) == (ssize_t)strlen(text));
}

static void sense_room(struct rig *r)
{
	char text[16];
	(void)snprintf(text, sizeof(text), "%6d\n", (int)(r->air.room * 1000));
	sense(r, text);
}

/* The burner's power, 0 to 1. */
static double burns(const struct rig *r)
{
	char text[16] = "";
	KEEL_MUST(pread(r->burner, text, sizeof(text) - 1, 0) >= 0);
	return strtod(text, NULL) / 1000;
}

static _Noreturn void become_thermostat(const struct rig *r, int parent, int vault)
{
	char ends[64], handed[160], clock[16];
	const char *program = getenv("THERMOSTAT");
	KEEL_MUST(program != NULL);
	(void)snprintf(ends, sizeof(ends), "%d parent 0\n%d vault 1\n", parent, vault);
	(void)snprintf(handed, sizeof(handed),
		"%d memory\n%d hardware/room sensor\n%d hardware/burner\n", r->memory, r->sensor,
		r->burner);
	(void)snprintf(clock, sizeof(clock), "%d", r->clock_fd);
	(void)setenv("KEEL_ENDS", ends, 1);
	(void)setenv("KEEL_HANDED", handed, 1);
	(void)setenv("KEEL_OPTIONS", "", 1);
	(void)setenv("HELD_CLOCK", clock, 1);
	(void)setenv("TZ", "UTC", 1);
	(void)execl(program, program, (char *)NULL);
	_exit(127);
}

static struct value *value_named(struct rig *r, struct keel_bytes name)
{
	for (size_t i = 0; i < VALUES_MAX; i++) {
		struct value *v = &r->values[i];
		if (v->name[0] == '\0' && name.n < NAME_SIZE)
			memcpy(v->name, name.p, name.n);
		if (keel_bytes_is(name, v->name))
			return v;
	}
	KEEL_MUST(false);
	return NULL;
}

static void answer_recall(const struct rig *r, const struct msg_recall *m)
{
	bool there = r->schedule_n > 0 && keel_bytes_is(m->datum, "schedule");
	struct msg_datum d = { .id = m->id, .err = there ? KEEL_OK : KEEL_ENONE };
	if (there) {
		d.has = 1u << DATUM_VALUE;
		d.value = (struct keel_bytes){ r->schedule, r->schedule_n };
	}
	if (!r->forgetful)
		CHECK(keel_talk_send(r->vault, MSG_DATUM, &d, -1) == KEEL_OK);
}

static void keep(struct rig *r, const struct msg_keep *m)
{
	const struct msg_kept kept = { .id = m->id, .err = KEEL_OK };
	if (keel_bytes_is(m->datum, "schedule")) {
		KEEL_MUST(m->value.n <= sizeof(r->schedule));
		if (m->value.n > 0)
			memcpy(r->schedule, m->value.p, m->value.n);
		r->schedule_n = m->value.n;
	}
	CHECK(keel_talk_send(r->vault, MSG_KEPT, &kept, -1) == KEEL_OK);
}

static void note_reports(struct rig *r, struct keel_list values)
{
	struct msg_field f;
	while (keel_list_next(&keel_field_item, &values, &f))
		value_named(r, f.name)->value = (double)f.value / 1000;
}

/* One message of the program to its vault; its number, where it says that a command is done. */
static uint64_t take(struct rig *r, struct keel_bytes in)
{
	union keel_body body;
	enum keel_msg msg;
	KEEL_MUST(keel_line_read(ROOM_APP, ROOM_VAULT, in, &msg, &body, NULL) == KEEL_OK);
	if (msg == MSG_REPORT)
		note_reports(r, body.report.values);
	else if (msg == MSG_RECALL)
		answer_recall(r, &body.recall);
	else if (msg == MSG_KEEP)
		keep(r, &body.keep);
	return msg == MSG_DONE ? body.done.number : 0;
}

/* What it said, up to this command being done; 0: what waits. False: it did not come to that. */
static bool hear(struct rig *r, uint64_t number)
{
	static uint8_t buf[KEEL_MESSAGE_MAX];
	struct pollfd p = { .fd = r->vault, .events = POLLIN };
	struct keel_bytes in;
	while (poll(&p, 1, number == 0 ? 0 : PATIENCE_MS) == 1 &&
		keel_talk_receive(r->vault, buf, &in, NULL) == KEEL_OK)
		if (take(r, in) == number && number != 0)
			return true;
	return number == 0;
}

/* Waits for one word to its parent, that a step was done. */
static bool stepped(const struct rig *r)
{
	static uint8_t buf[KEEL_MESSAGE_MAX];
	struct pollfd p = { .fd = r->parent, .events = POLLIN };
	struct keel_bytes in;
	return poll(&p, 1, PATIENCE_MS) == 1 &&
	       keel_talk_receive(r->parent, buf, &in, NULL) == KEEL_OK;
}

static void forget_steps(const struct rig *r)
{
	static uint8_t buf[KEEL_MESSAGE_MAX];
	struct keel_bytes in;
	while (keel_talk_receive(r->parent, buf, &in, NULL) == KEEL_OK)
		;
}

struct field {
	const char *name;
	double value;
};

/* Sends a command; what the program does on it, a step included, it did before it is done. */
static void order(struct rig *r, const char *message, const struct field *fields, size_t n)
{
	uint8_t buf[256];
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	struct msg_command c = { .number = ++r->last_command,
		.message = keel_text(message),
		.time = r->said_s > 0 ? r->said_s : r->clock->wall_s };
	for (size_t i = 0; i < n; i++) {
		const struct msg_field f = { .name = keel_text(fields[i].name),
			.value = (int64_t)(fields[i].value * 1000) };
		keel_list_add(&keel_field_item, &f, &w, &c.fields);
	}
	CHECK(keel_talk_send(r->vault, MSG_COMMAND, &c, -1) == KEEL_OK);
	CHECK(hear(r, r->last_command));
}

static void command(struct rig *r, const char *message, const struct field *fields, size_t n)
{
	order(r, message, fields, n);
	forget_steps(r);
}

/* Wakes it: a command that it does not know is done, too. */
static void wake(struct rig *r)
{
	order(r, "are you there", NULL, 0);
}

static void start(struct rig *r)
{
	int parent[2], vault[2];
	KEEL_MUST(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, parent) == 0 &&
		  socketpair(AF_UNIX, SOCK_SEQPACKET, 0, vault) == 0);
	r->pid = fork();
	KEEL_MUST(r->pid >= 0);
	if (r->pid == 0) {
		(void)close(parent[0]);
		(void)close(vault[0]);
		become_thermostat(r, parent[1], vault[1]);
	}
	(void)close(parent[1]);
	(void)close(vault[1]);
	r->parent = parent[0];
	r->vault = vault[0];
	wake(r); /* it has asked for what it wants back, and was answered */
	wake(r); /* and has taken that */
	forget_steps(r);
}

static void end(struct rig *r)
{
	CHECK(kill(r->pid, SIGKILL) == 0 && waitpid(r->pid, NULL, 0) == r->pid);
	keel_fd_close(&r->parent);
	keel_fd_close(&r->vault);
	memset(r->values, 0, sizeof(r->values));
}

/* The power goes: what its memory held is lost. */
static void power_cut(struct rig *r)
{
	end(r);
	keel_fd_close(&r->memory);
	r->memory = file_of(KEEL_MEMORY_SIZE);
}

static void open_rig(struct rig *r, double celsius, double outside, int64_t wall_s)
{
	*r = (struct rig){ .air = { celsius, celsius, outside, celsius, celsius } };
	r->clock_fd = file_of(sizeof(*r->clock));
	r->clock =
		mmap(NULL, sizeof(*r->clock), PROT_READ | PROT_WRITE, MAP_SHARED, r->clock_fd, 0);
	KEEL_MUST(r->clock != MAP_FAILED);
	r->clock->ms = 60000;
	r->clock->wall_s = wall_s;
	r->memory = file_of(KEEL_MEMORY_SIZE);
	r->sensor = file_of(0);
	r->burner = file_of(0);
	sense_room(r);
	start(r);
}

static void close_rig(struct rig *r)
{
	end(r);
	(void)munmap(r->clock, sizeof(*r->clock));
	(void)close(r->clock_fd);
	(void)close(r->memory);
	(void)close(r->sensor);
	(void)close(r->burner);
}

static void tick(struct rig *r)
{
	r->clock->ms += STEP_S * INT64_C(1000);
	if (r->clock->wall_s != 0)
		r->clock->wall_s += STEP_S;
	wake(r);
	CHECK(stepped(r));
	(void)hear(r, 0);
}

/* The room and the program live on for so long, a control period at a time. */
static void live(struct rig *r, int64_t seconds)
{
	for (int64_t s = 0; s < seconds && check_failures == 0; s += STEP_S) {
		for (unsigned i = 0; i < STEP_S * SPEED; i++)
			pass_second(&r->air, burns(r));
		sense_room(r);
		tick(r);
	}
}

static double told(struct rig *r, const char *name)
{
	return value_named(r, keel_text(name))->value;
}

static void set_temperature(struct rig *r, double celsius)
{
	command(r, "set temperature", &(struct field){ "celsius", celsius }, 1);
}

static void schedule(struct rig *r, double day, double minute, double celsius)
{
	const struct field fields[] = { { "day", day }, { "minute", minute },
		{ "celsius", celsius } };
	command(r, "schedule", fields, KEEL_COUNT(fields));
}

/* Unix time of a Monday's midnight, and so many seconds. */
static int64_t monday(int64_t seconds)
{
	struct tm t = { .tm_year = 2026 - 1900, .tm_mon = 10, .tm_mday = 30 };
	return (int64_t)timegm(&t) + seconds;
}

static bool near(double a, double b, double by)
{
	return a > b - by && a < b + by;
}

/* --- the controller -------------------------------------------------------------------------------- */

static void it_reaches_the_setpoint_and_stays_there(void)
{
	struct rig r;
	open_rig(&r, 15, 5, 0);
	set_temperature(&r, 21);
	live(&r, 20 * MINUTE);
	CHECK(r.air.warmest < 21.3);
	CHECK(near(r.air.room, 21, 0.1));
	r.air.coldest = r.air.warmest = r.air.room;
	live(&r, 40 * MINUTE);
	CHECK(r.air.coldest > 20.9 && r.air.warmest < 21.1);
	CHECK(near(told(&r, "temperature"), r.air.room, 0.002));
	CHECK(near(told(&r, "burner power"), burns(&r) * 100, 0.1));
	close_rig(&r);
}

/* A night in which the burner cannot do it: what it could not make up for is not made up for later. */
static void what_it_could_not_reach_does_not_make_it_overshoot(void)
{
	struct rig r;
	open_rig(&r, 15, -45, 0);
	set_temperature(&r, 21);
	live(&r, HOUR);
	CHECK(r.air.room < 13 && burns(&r) > 0.99);
	r.air.outside = 5;
	live(&r, 30 * MINUTE);
	CHECK(r.air.warmest > 20.9 && r.air.warmest < 21.3);
	CHECK(near(r.air.room, 21, 0.1));
	close_rig(&r);
}

/* A day that is too warm without it: in the evening it heats in time. */
static void what_it_could_not_cool_does_not_make_it_late(void)
{
	struct rig r;
	open_rig(&r, 21, 26, 0);
	set_temperature(&r, 21);
	live(&r, HOUR);
	CHECK(r.air.room > 25 && burns(&r) < 0.01);
	r.air.outside = 5;
	live(&r, 30 * MINUTE);
	CHECK(r.air.coldest > 20);
	CHECK(near(r.air.room, 21, 0.1));
	close_rig(&r);
}

/* EN 303 645 5.9-1: whatever was asked for, and if nothing ever was. */
static void prov_5_9_1_frost_is_kept_out(void)
{
	struct rig r;
	open_rig(&r, 9, -10, 0);
	live(&r, 20 * MINUTE);
	CHECK(r.air.coldest > 6 && near(r.air.room, 7, 0.1));
	set_temperature(&r, 5);
	CHECK(near(told(&r, "setpoint"), 7, 0.001));
	live(&r, 20 * MINUTE);
	CHECK(r.air.coldest > 6 && near(r.air.room, 7, 0.1));
	close_rig(&r);
}

static void without_a_sensor_it_burns_a_little_and_says_so(void)
{
	static const char *const broken[] = { "", "99999\n", "-40000\n" };
	struct rig r;
	open_rig(&r, 21, 5, 0);
	set_temperature(&r, 21);
	for (size_t i = 0; i < KEEL_COUNT(broken); i++) {
		sense(&r, broken[i]);
		tick(&r);
		CHECK_ROW(near(told(&r, "sensor fault"), 1, 0.001), broken[i]);
		CHECK_ROW(burns(&r) > 0.1 && burns(&r) < 0.4, broken[i]);
	}
	live(&r, STEP_S);
	CHECK(near(told(&r, "sensor fault"), 0, 0.001));
	close_rig(&r);
}

/* Each fault and each start counts once, however long it lasts; nothing of it says how warm it is. */
static void what_wears_out_is_counted_for_the_maker(void)
{
	struct rig r;
	open_rig(&r, 21, 5, 0);
	set_temperature(&r, 10);
	tick(&r);
	CHECK(near(told(&r, "burner starts"), 0, 0.001) && burns(&r) == 0);
	for (unsigned starts = 1; starts <= 3; starts++) {
		set_temperature(&r, 30);
		tick(&r);
		tick(&r);
		CHECK(burns(&r) > 0 && near(told(&r, "burner starts"), starts, 0.001));
		set_temperature(&r, 10);
		tick(&r);
		CHECK(burns(&r) == 0 && near(told(&r, "burner starts"), starts, 0.001));
	}
	CHECK(near(told(&r, "sensor faults"), 0, 0.001));
	for (unsigned faults = 1; faults <= 2; faults++) {
		sense(&r, "");
		tick(&r);
		tick(&r);
		CHECK(near(told(&r, "sensor faults"), faults, 0.001));
		sense_room(&r);
		tick(&r);
		CHECK(near(told(&r, "sensor faults"), faults, 0.001));
	}
	close_rig(&r);
}

/* --- the schedule ---------------------------------------------------------------------------------- */

static void the_week_is_lived_by_the_schedule(void)
{
	struct rig r;
	open_rig(&r, 18, 5, monday(5 * HOUR + 50 * MINUTE));
	schedule(&r, 0, 6 * 60, 21);
	schedule(&r, 0, 22 * 60, 16);
	schedule(&r, 4, 12 * 60, 19.5);
	CHECK(near(told(&r, "schedule running"), 1, 0.001));
	CHECK(near(told(&r, "setpoint"), 19.5, 0.001)); /* last week's last */
	live(&r, 10 * MINUTE - STEP_S);
	CHECK(near(told(&r, "setpoint"), 19.5, 0.001));
	live(&r, STEP_S);
	CHECK(near(told(&r, "setpoint"), 21, 0.001));
	live(&r, 30 * MINUTE);
	CHECK(near(r.air.room, 21, 0.1));
	r.clock->wall_s = monday(22 * HOUR - STEP_S);
	live(&r, STEP_S);
	CHECK(near(told(&r, "setpoint"), 16, 0.001));
	r.clock->wall_s = monday(4 * DAY + 13 * HOUR);
	tick(&r);
	CHECK(near(told(&r, "setpoint"), 19.5, 0.001));
	command(&r, "clear schedule", NULL, 0);
	CHECK(near(told(&r, "schedule running"), 0, 0.001));
	CHECK(near(told(&r, "setpoint"), 19.5, 0.001));
	close_rig(&r);
}

static void the_owners_word_holds_until_the_next_change(void)
{
	struct rig r;
	open_rig(&r, 18, 5, monday(12 * HOUR + 50 * MINUTE));
	schedule(&r, 0, 6 * 60, 21);
	schedule(&r, 0, 13 * 60, 16);
	CHECK(near(told(&r, "setpoint"), 21, 0.001));
	set_temperature(&r, 24);
	live(&r, 10 * MINUTE - STEP_S);
	CHECK(near(told(&r, "setpoint"), 24, 0.001));
	live(&r, STEP_S);
	CHECK(near(told(&r, "setpoint"), 16, 0.001));
	close_rig(&r);
}

/* The next change may be the same entry, a week later. */
static void one_entry_comes_every_week(void)
{
	struct rig r;
	open_rig(&r, 18, 5, monday(12 * HOUR));
	schedule(&r, 0, 6 * 60, 20);
	CHECK(near(told(&r, "setpoint"), 20, 0.001));
	set_temperature(&r, 24);
	r.clock->wall_s = monday(7 * DAY + 6 * HOUR - STEP_S - STEP_S);
	tick(&r);
	CHECK(near(told(&r, "setpoint"), 24, 0.001));
	tick(&r);
	CHECK(near(told(&r, "setpoint"), 20, 0.001));
	close_rig(&r);
}

/* Cleared and entered anew: what rules now is what was entered last. */
static void a_new_week_rules_at_once(void)
{
	struct rig r;
	open_rig(&r, 18, 5, monday(12 * HOUR));
	schedule(&r, 0, 6 * 60, 21);
	schedule(&r, 0, 22 * 60, 16);
	command(&r, "clear schedule", NULL, 0);
	schedule(&r, 0, 7 * 60, 19);
	schedule(&r, 0, 22 * 60, 15);
	CHECK(near(told(&r, "setpoint"), 19, 0.001));
	close_rig(&r);
}

/* An entry that begins at the same minute is replaced, at once where it rules now; too many do no harm. */
static void the_schedule_takes_what_it_can_hold(void)
{
	struct rig r;
	open_rig(&r, 18, 5, monday(12 * HOUR));
	for (int i = 0; i < 100; i++)
		schedule(&r, 0, 11 * 60, i % 2 == 0 ? 20 : 22.5);
	CHECK(near(told(&r, "setpoint"), 22.5, 0.001));
	for (int i = 0; i < 200; i++)
		schedule(&r, i % 7, i, 18);
	schedule(&r, 0, 11 * 60, 23);
	CHECK(near(told(&r, "setpoint"), 23, 0.001));
	close_rig(&r);
}

/* EN 303 645 5.9-1: it does not guess what time it is. */
static void prov_5_9_1_without_a_known_time_the_last_setpoint_holds(void)
{
	struct rig r;
	open_rig(&r, 18, 5, 0);
	for (int hour = 0; hour < 24; hour++)
		schedule(&r, 3, hour * 60, 10); /* 1970 began on a Thursday */
	set_temperature(&r, 20);
	live(&r, 10 * MINUTE);
	CHECK(near(told(&r, "setpoint"), 20, 0.001));
	CHECK(near(told(&r, "schedule running"), 0, 0.001));
	r.clock->wall_s = monday(HOUR);
	tick(&r);
	CHECK(near(told(&r, "schedule running"), 1, 0.001));
	CHECK(near(told(&r, "setpoint"), 10, 0.001));
	close_rig(&r);
}

/* --- what lasts ------------------------------------------------------------------------------------ */

/* EN 303 645 5.9-2: the vault has kept it, and the program asks for it. */
static void prov_5_9_2_the_schedule_is_recalled_after_a_power_cut(void)
{
	struct rig r;
	open_rig(&r, 18, 5, monday(5 * HOUR));
	schedule(&r, 0, 6 * 60, 21.5);
	schedule(&r, 0, 7 * 60, 17);
	power_cut(&r);
	r.clock->wall_s = monday(7 * HOUR - MINUTE);
	start(&r);
	CHECK(near(told(&r, "setpoint"), 21.5, 0.001));
	live(&r, MINUTE);
	CHECK(near(told(&r, "setpoint"), 17, 0.001));
	power_cut(&r);
	r.schedule_n -= 1; /* of another version of it, say */
	start(&r);
	CHECK(near(told(&r, "schedule running"), 0, 0.001));
	close_rig(&r);
}

/* EN 303 645 5.9-2: handed over again, it counts from when it was said, not from now. */
static void prov_5_9_2_the_owners_word_outlives_a_power_cut(void)
{
	struct rig r;
	open_rig(&r, 18, 5, monday(12 * HOUR));
	schedule(&r, 0, 6 * 60, 20);
	schedule(&r, 0, 13 * 60, 16);
	set_temperature(&r, 24);
	int64_t said = r.clock->wall_s;
	for (int hour = 0; hour < 2; hour++) {
		power_cut(&r);
		r.clock->wall_s = monday((12 + hour) * HOUR + 30 * MINUTE);
		start(&r);
		r.said_s = said;
		set_temperature(&r, 24);
		CHECK(near(told(&r, "setpoint"), hour == 0 ? 24 : 16, 0.001));
	}
	close_rig(&r);
}

/* EN 303 645 5.9-2: the setpoint, the schedule and how hard it burns, with nobody to ask. */
static void prov_5_9_2_a_kill_changes_nothing(void)
{
	struct rig r;
	open_rig(&r, 18, 5, monday(5 * HOUR));
	schedule(&r, 0, 4 * 60, 20);
	schedule(&r, 0, 22 * 60, 16);
	set_temperature(&r, 23);
	live(&r, 30 * MINUTE);
	double before = burns(&r);
	CHECK(before > 0.2);
	end(&r);
	r.forgetful = true;
	start(&r);
	CHECK(near(told(&r, "setpoint"), 23, 0.001));
	CHECK(near(burns(&r), before, 0.05));
	r.clock->wall_s = monday(22 * HOUR);
	tick(&r);
	CHECK(near(told(&r, "setpoint"), 16, 0.001));
	close_rig(&r);
}

TEST_MAIN(TEST(it_reaches_the_setpoint_and_stays_there),
	TEST(what_it_could_not_reach_does_not_make_it_overshoot),
	TEST(what_it_could_not_cool_does_not_make_it_late), TEST(prov_5_9_1_frost_is_kept_out),
	TEST(without_a_sensor_it_burns_a_little_and_says_so),
	TEST(what_wears_out_is_counted_for_the_maker), TEST(the_week_is_lived_by_the_schedule),
	TEST(the_owners_word_holds_until_the_next_change), TEST(one_entry_comes_every_week),
	TEST(a_new_week_rules_at_once), TEST(the_schedule_takes_what_it_can_hold),
	TEST(prov_5_9_1_without_a_known_time_the_last_setpoint_holds),
	TEST(prov_5_9_2_the_schedule_is_recalled_after_a_power_cut),
	TEST(prov_5_9_2_the_owners_word_outlives_a_power_cut),
	TEST(prov_5_9_2_a_kill_changes_nothing))

/*
 * The hearth: a thermostat over libkeel. It reads the room's sensor, drives the burner, takes a
 * setpoint and a weekly schedule from the owner, and goes on heating whatever else is down.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "keel/keel.h"

enum { PERIOD_MS = 10000, ENTRIES = 42, BURNER_FULL = 1000 };
enum { WEEK = 7 * 1440, THURSDAY = 3 * 1440 }; /* minutes, since a Monday */

static const double frost = 7.0;   /* °C: what the declaration's autonomy promises at least */
static const double gain = 0.45;   /* of the burner's power, for one degree too cold */
static const double reset_s = 120; /* the integral makes up for a lasting error in this time */

/* From a minute of the week on, this temperature. */
struct entry {
	uint16_t minute;
	int16_t centi;
};

/* What survives a restart of this program. */
struct memory {
	double setpoint;
	double integral; /* 0..1 */
	int64_t since; /* when the setpoint began to hold, in minutes of local time since a Monday */
	uint16_t entries;
	struct entry entry[ENTRIES];
};

static struct memory m;

/* What wears out, since this program started: for the maker's service. */
static struct {
	unsigned burner_starts, sensor_faults;
	bool burns, blind;
} worn;

/* Counts up when something begins to be so. */
static void count(unsigned *times, bool *was, bool is)
{
	*times += is && !*was;
	*was = is;
}

static bool read_sensor(const struct keel *k, double *celsius)
{
	char text[24] = { 0 };
	if (pread(keel_hardware(k, "room sensor"), text, sizeof(text) - 1, 0) < 1)
		return false;
	*celsius = strtod(text, NULL) / 1000;
	return *celsius > -30 && *celsius < 60; /* else the sensor is broken */
}

static void drive_burner(struct keel *k, double power)
{
	char text[16];
	int n = snprintf(text, sizeof(text), "%4d\n", (int)(power * BURNER_FULL));
	if (n < 1 || pwrite(keel_hardware(k, "burner"), text, (size_t)n, 0) != n)
		keel_log(k, "burner.unreachable", 0);
	else
		count(&worn.burner_starts, &worn.burns, (int)(power * BURNER_FULL) > 0);
	keel_report(k, "burner power", power * 100);
	keel_report(k, "burner starts", worn.burner_starts);
}

/* Minutes of local time since a Monday: 1970 began on a Thursday. */
static int64_t minutes(struct tm t)
{
	return timegm(&t) / 60 + THURSDAY;
}

/* The entry that rules now: the last one begun this week, or else last week's last. -1: none. */
static int entry_now(int64_t minute, int64_t *begun)
{
	int now = (int)(minute % WEEK);
	int rules = -1;
	int latest = -1;
	for (int i = 0; i < m.entries; i++) {
		int at = m.entry[i].minute + (m.entry[i].minute <= now ? WEEK : 0);
		rules = at > latest ? i : rules;
		latest = at > latest ? at : latest;
	}
	*begun = minute - now - WEEK + latest;
	return rules;
}

/* The owner's word holds until the schedule's next change; without a known time it holds on. */
static double wanted(struct keel *k)
{
	struct tm t;
	bool timed = keel_time(k, &t);
	keel_report(k, "schedule running", timed && m.entries > 0);
	int64_t begun = 0;
	int rules = timed ? entry_now(minutes(t), &begun) : -1;
	if (rules >= 0 && m.since < begun) {
		m.since = begun;
		m.setpoint = m.entry[rules].centi / 100.0;
	}
	return m.setpoint > frost ? m.setpoint : frost;
}

/* PI; while the burner stands at an end, the integral does not run on (anti-windup). */
static double regulate(const struct keel *k, double error)
{
	static uint64_t before;
	uint64_t now = keel_uptime_ms(k);
	double step = before == 0 ? 0 : error * gain * (double)(now - before) / 1000 / reset_s;
	before = now;
	double power = gain * error + m.integral + step;
	if ((power < 1 || step < 0) && (power > 0 || step > 0))
		m.integral += step;
	m.integral = m.integral < 0 ? 0 : m.integral > 1 ? 1 : m.integral;
	return power < 0 ? 0 : power > 1 ? 1 : power;
}

static void step(struct keel *k, void *self)
{
	(void)self;
	double celsius = 0;
	bool sane = read_sensor(k, &celsius);
	double target = wanted(k);
	keel_report(k, "sensor fault", !sane);
	count(&worn.sensor_faults, &worn.blind, !sane);
	keel_report(k, "sensor faults", worn.sensor_faults);
	keel_report(k, "setpoint", target);
	if (sane)
		keel_report(k, "temperature", celsius);
	/* Blind, it burns a little: a cold house is worse than a warm one. */
	drive_burner(k, sane ? regulate(k, target - celsius) : 0.2);
}

static void set_temperature(struct keel *k, const struct keel_command *c, void *self)
{
	(void)k, (void)self;
	struct tm t;
	m.setpoint = keel_field(c, "celsius");
	if (c->time > 0 && localtime_r(&c->time, &t) != NULL)
		m.since = minutes(t);
}

/* One entry of the week; one that begins at the same minute is replaced. */
static void schedule(struct keel *k, const struct keel_command *c, void *self)
{
	(void)self;
	uint16_t minute = (uint16_t)(keel_field(c, "day") * 1440 + keel_field(c, "minute"));
	int i = 0;
	while (i < m.entries && m.entry[i].minute != minute)
		i++;
	if (i == ENTRIES)
		return;
	m.entry[i] = (struct entry){ minute, (int16_t)(keel_field(c, "celsius") * 100) };
	if (m.since % WEEK == minute)
		m.since = 0; /* it rules now: from now on as it was changed */
	m.entries = (uint16_t)(i == m.entries ? i + 1 : m.entries);
	keel_keep(k, "schedule", m.entry, m.entries * sizeof(m.entry[0]));
}

static void clear_schedule(struct keel *k, const struct keel_command *c, void *self)
{
	(void)c, (void)self;
	m.entries = 0;
	keel_keep(k, "schedule", NULL, 0);
}

static void recalled(struct keel *k, const char *datum, const void *value, size_t n, void *self)
{
	(void)k, (void)self;
	if (strcmp(datum, "schedule") != 0 || n > sizeof(m.entry) || n % sizeof(m.entry[0]) != 0)
		return;
	if (n > 0) /* else value is NULL */
		memcpy(m.entry, value, n);
	m.entries = (uint16_t)(n / sizeof(m.entry[0]));
}

int main(void)
{
	static const struct keel_on on[] = { { "set temperature", set_temperature },
		{ "schedule", schedule }, { "clear schedule", clear_schedule } };
	return keel_run(&(struct keel_program){ .period_ms = PERIOD_MS,
		.step = step,
		.recall = (const char *const[]){ "schedule", NULL },
		.recalled = recalled,
		.on = on,
		.on_count = sizeof(on) / sizeof(on[0]),
		.memory = &m,
		.memory_size = sizeof(m) });
}

/*
 * A fleet to look at: seed DATABASE COUNT enrols so many units and gives some of them a story: sessions
 * with each decision, telemetry of two weeks, events, what was refused, strangers. For the console's tests.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "fleet/store.h"
#include "session/report.h"
#include "session/senml.h"

#define HOME    "aaaaaaaaaaaaaaaa"
#define DAY_S   86400
#define SPAN    14 /* days of telemetry */
#define PER_DAY 6

static int64_t now_s;

static void good(enum keel_err e, const char *what)
{
	if (e == KEEL_OK)
		return;
	(void)fprintf(stderr, "seed: %s: %s\n", what, keel_err_text(e));
	exit(1);
}

static struct keel_fleet_unit unit_of(unsigned n)
{
	struct keel_fleet_unit u = { .id = { (uint8_t)n, (uint8_t)(n >> 8), 7 } };
	(void)snprintf(u.serial, sizeof(u.serial), "H1-%06u", n);
	(void)snprintf(u.model, sizeof(u.model), "hearth-h1");
	return u;
}

static void enrol(struct keel_fleet_store *s, unsigned count)
{
	struct keel_fleet_unit *all = calloc(count, sizeof(*all));
	struct keel_fleet_enrol j = {
		.who = "cli:seed", .now_s = now_s - 20 * DAY_S, .units = all, .count = count
	};
	if (all == NULL)
		exit(1);
	for (unsigned i = 0; i < count; i++)
		all[i] = unit_of(i + 1);
	keel_fleet_enrol(s, &j);
	good(j.write.err, "enrol");
	free(all);
}

static void open_home(struct keel_fleet_store *s, unsigned n, uint64_t decision,
	const char *reasons, int64_t at_s)
{
	struct keel_fleet_unit u = unit_of(n);
	struct keel_fleet_session j = { .now_s = at_s,
		.next_s = at_s + 900,
		.home = keel_text(HOME),
		.version = keel_text("1.2.0"),
		.decision = decision,
		.reasons = reasons,
		.quoted = n == 7,
		.statement = keel_text("eat"),
		.token = { (uint8_t)n, 1 } };
	memcpy(j.id, u.id, sizeof(j.id));
	keel_fleet_session(s, &j);
	good(j.write.err, "session");
}

static void report(struct keel_fleet_store *s, unsigned n, const struct keel_fleet_report *r)
{
	struct keel_fleet_unit u = unit_of(n);
	struct keel_fleet_reports j = { .home = keel_text(HOME),
		.now_s = now_s,
		.next_s = now_s + 900,
		.items = r,
		.count = 1 };
	memcpy(j.id, u.id, sizeof(j.id));
	keel_fleet_reports(s, &j);
	good(j.write.err, "report");
}

static void telemetry(
	struct keel_fleet_store *s, unsigned n, uint64_t number, int64_t at_s, unsigned i)
{
	static const int64_t shape[] = { 2, 5, 3, 1, 4, 7, 6 };
	uint8_t buf[512];
	struct keel_fleet_report r = {
		.number = number, .time_s = at_s, .until_s = now_s + 30 * DAY_S
	};
	const struct keel_senml_record all[] = {
		{ .name = keel_text("boiler starts"),
			.unit = keel_text("count"),
			.value = 1000 * shape[i % KEEL_COUNT(shape)],
			.time_ms = 1000 * at_s },
		{ .name = keel_text("flow temperature"),
			.unit = keel_text("Cel"),
			.value = 38000 + 1700 * shape[(i / 2) % KEEL_COUNT(shape)],
			.time_ms = 1000 * at_s },
	};
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	keel_senml_begin(&w, KEEL_COUNT(all));
	for (size_t k = 0; k < KEEL_COUNT(all); k++)
		keel_senml_put(&w, &all[k]);
	good(keel_wr_end(&w, &r.payload), "senml");
	report(s, n, &r);
}

static void event(struct keel_fleet_store *s, unsigned n, uint64_t number, int64_t at_s,
	const char *word, const char *detail)
{
	uint8_t buf[512];
	struct keel_fleet_report r = { .number = number,
		.kind = KEEL_REPORT_EVENT,
		.time_s = at_s,
		.until_s = now_s + 30 * DAY_S };
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	const struct keel_report_event ev = {
		.has = 3, .word = keel_text(word), .detail = keel_text(detail)
	};
	keel_schema_write(&keel_report_event_schema, &ev, &w);
	good(keel_wr_end(&w, &r.payload), "event");
	report(s, n, &r);
}

/* Unit 7 has lived through something. */
static void tell_story(struct keel_fleet_store *s)
{
	uint64_t number = 0;
	open_home(s, 7, 0, "", now_s - SPAN * DAY_S);
	for (unsigned i = 0; i < SPAN * PER_DAY; i++)
		telemetry(s, 7, ++number, now_s - SPAN * DAY_S + (int64_t)i * DAY_S / PER_DAY, i);
	event(s, 7, ++number, now_s - 7000, "room-restarted", "app");
	event(s, 7, ++number, now_s - 3600, "undeclared-port", "tcp 0.0.0.0:4444");
	open_home(
		s, 7, KEEL_FLEET_FLAGGED, "measurement: keeld is none of the maker's", now_s - 600);
	const struct keel_fleet_report refused = {
		.number = ++number, .time_s = now_s, .refused = "undeclared telemetry"
	};
	report(s, 7, &refused);
}

static void stranger(struct keel_fleet_store *s)
{
	struct keel_fleet_stranger j = { .id = { 0xee },
		.serial = keel_text("H1-009999"),
		.why = "session of an unknown unit",
		.now_s = now_s - 120 };
	keel_fleet_stranger(s, &j);
	good(j.write.err, "stranger");
}

static void revoke(struct keel_fleet_store *s, unsigned n)
{
	struct keel_fleet_unit u = unit_of(n);
	struct keel_fleet_revoke j = {
		.who = "cli:seed", .now_s = now_s - DAY_S, .why = "stolen from the depot"
	};
	memcpy(j.id, u.id, sizeof(j.id));
	keel_fleet_revoke(s, &j);
	good(j.write.err, "revoke");
}

int main(int argc, char **argv)
{
	struct keel_fleet_store *s;
	struct keel_fault fault;
	unsigned count = argc == 3 ? (unsigned)strtoul(argv[2], NULL, 10) : 0;
	if (count < 20) {
		(void)fprintf(stderr, "usage: seed DATABASE COUNT (20 or more)\n");
		return 2;
	}
	now_s = time(NULL);
	good(keel_fleet_store_open(argv[1], NULL, &s, &fault), fault.what);
	enrol(s, count);
	tell_story(s);
	open_home(s, 8, KEEL_FLEET_QUARANTINED, "debug: enabled", now_s - 60);
	open_home(s, 9, 0, "", now_s - 3 * DAY_S);
	for (unsigned n = 10; n < count && n < 15; n++)
		open_home(s, n, 0, "", now_s - 30);
	event(s, 10, 1, now_s - 5000, "file-changed", "/usr/sbin/keeld");
	revoke(s, 16);
	stranger(s);
	keel_fleet_store_close(s);
	return 0;
}

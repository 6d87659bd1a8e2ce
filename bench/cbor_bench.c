/*
 * CBOR with its schema check beside libcbor without one, over the same bytes of the same message.
 * Both are run in turns, and each run's best counts, so that the machine's other work does not.
 */
#include <cbor.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "core/cbor.h"
#include "core/schema.h"

#define ROUNDS 20000
#define TURNS  15

/* The owner's state, as the vault answers it: values with their ages, and some facts. */
struct value {
	uint32_t has;
	struct keel_bytes name;
	int64_t value;
	uint64_t age_s;
};

struct state {
	uint32_t has;
	struct keel_list values;
	bool alive;
	int64_t time_s;
	uint64_t role, events;
	struct keel_bytes home;
};

static const struct keel_row value_rows[] = {
	{ .name = "name", .kind = KEEL_TEXT, .min = 1, .max = 40, KEEL_AT(struct value, name) },
	{ .name = "value", .kind = KEEL_NUMBER, KEEL_AT(struct value, value) },
	{ .name = "age", .kind = KEEL_DURATION, KEEL_AT(struct value, age_s) },
};
static const struct keel_schema value_schema =
	KEEL_SCHEMA("value", KEEL_AS_TUPLE, value_rows, struct value);
static const struct keel_row value_item = { .kind = KEEL_MAP, .of = &value_schema };
static const char *const roles[] = { "owner", "guest", NULL };

/* clang-format off */
static const struct keel_row rows[] = {
	{ .label = 1, .name = "values", .kind = KEEL_LIST, .item = &value_item, .max = 64, KEEL_AT(struct state, values) },
	{ .label = 2, .name = "alive",  .kind = KEEL_BOOL, KEEL_AT(struct state, alive) },
	{ .label = 3, .name = "time",   .kind = KEEL_INT, KEEL_AT(struct state, time_s) },
	{ .label = 4, .name = "role",   .kind = KEEL_CHOICE, .choices = roles, KEEL_AT(struct state, role) },
	{ .label = 5, .name = "events", .kind = KEEL_UINT, KEEL_AT(struct state, events) },
	{ .label = 6, .name = "home",   .kind = KEEL_BYTES, .min = 16, .max = 16, KEEL_AT(struct state, home) },
};
/* clang-format on */
static const struct keel_schema schema = KEEL_SCHEMA("state", KEEL_AS_MAP, rows, struct state);

static struct keel_bytes message(uint8_t *buf, size_t cap)
{
	static const char *const names[] = { "temperature", "setpoint", "humidity", "boiler starts",
		"heating power", "window open" };
	uint8_t items_buf[512];
	struct keel_wr items = keel_wr_of(items_buf, sizeof(items_buf));
	struct keel_wr w = keel_wr_of(buf, cap);
	struct keel_bytes out = { 0 };
	struct state s = { .alive = true, .time_s = 1795529419, .events = 312 };
	s.home = keel_text("0123456789abcdef");
	for (size_t i = 0; i < KEEL_COUNT(names); i++) {
		struct value v = { .name = keel_text(names[i]), .value = 21500, .age_s = 7 * i };
		keel_list_add(&value_item, &v, &items, &s.values);
	}
	keel_schema_write(&schema, &s, &w);
	KEEL_MUST(keel_wr_end(&w, &out) == KEEL_OK);
	return out;
}

static double now_ns(void)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* Reads the message and every item of its list, as a handler would. */
static double ours(struct keel_bytes in)
{
	double start = now_ns();
	for (unsigned i = 0; i < ROUNDS; i++) {
		struct state s;
		struct value v;
		size_t n = 0;
		KEEL_MUST(keel_schema_read(&schema, in, &s, NULL) == KEEL_OK);
		while (keel_list_next(&value_item, &s.values, &v))
			n += v.name.n;
		KEEL_MUST(n > 0 && s.events == 312);
	}
	return (now_ns() - start) / ROUNDS;
}

static double theirs(struct keel_bytes in)
{
	double start = now_ns();
	for (unsigned i = 0; i < ROUNDS; i++) {
		struct cbor_load_result result;
		cbor_item_t *item = cbor_load(in.p, in.n, &result);
		KEEL_MUST(item != NULL && cbor_map_size(item) == KEEL_COUNT(rows));
		cbor_decref(&item);
	}
	return (now_ns() - start) / ROUNDS;
}

int main(void)
{
	uint8_t buf[512];
	struct keel_bytes in = message(buf, sizeof(buf));
	double best_ours = 1e18;
	double best_theirs = 1e18;
	for (unsigned turn = 0; turn < TURNS; turn++) {
		double a = ours(in);
		double b = theirs(in);
		best_ours = a < best_ours ? a : best_ours;
		best_theirs = b < best_theirs ? b : best_theirs;
	}
	(void)printf("cbor: %zu bytes, checked by schema and read: %.0f ns; libcbor without "
		     "schema: %.0f ns; "
		     "%.1f times as fast (aim: more than 1.0)\n",
		in.n, best_ours, best_theirs, best_theirs / best_ours);
	return EXIT_SUCCESS;
}

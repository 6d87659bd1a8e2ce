/*
 * A schema with every kind: what it accepts obeys it, is deterministic CBOR, and read, written and
 * read again is the same; what it refuses leaves the struct as it was; what it writes it can read.
 */
#include <stdlib.h>
#include <string.h>

#include "core/cbor.h"
#include "core/schema.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

struct pair {
	uint32_t has;
	struct keel_bytes name;
	int64_t value;
};

struct message {
	uint32_t has;
	uint64_t count, age_s, mode;
	int64_t offset, celsius, from;
	bool on;
	struct keel_bytes id, title, rest;
	struct pair pair;
	struct keel_list pairs, rows;
};

static const struct keel_row pair_rows[] = {
	{ .name = "name", .kind = KEEL_TEXT, .min = 1, .max = 8, KEEL_AT(struct pair, name) },
	{ .name = "value", .kind = KEEL_INT, .min = -5, .max = 300, KEEL_AT(struct pair, value) },
};
static const struct keel_schema pair_schema =
	KEEL_SCHEMA("pair", KEEL_AS_TUPLE, pair_rows, struct pair);
static const struct keel_row pair_item = { .kind = KEEL_MAP, .of = &pair_schema };
static const struct keel_row number_item = { .kind = KEEL_UINT, .max = 1000 };
static const struct keel_row row_item = { .kind = KEEL_LIST, .max = 3, .item = &number_item };
static const char *const modes[] = { "off", "eco", "on", NULL };

/* clang-format off */
static const struct keel_row rows[] = {
	{ .label = 1,  .name = "count",   .kind = KEEL_UINT, .max = 70000, KEEL_AT(struct message, count) },
	{ .label = 2,  .name = "offset",  .kind = KEEL_INT, .optional = true, KEEL_AT(struct message, offset) },
	{ .label = 3,  .name = "celsius", .kind = KEEL_NUMBER, .min = 5000, .max = 30000, .optional = true, KEEL_AT(struct message, celsius) },
	{ .label = 4,  .name = "age",     .kind = KEEL_DURATION, .optional = true, KEEL_AT(struct message, age_s) },
	{ .label = 5,  .name = "from",    .kind = KEEL_DATE, .min = -9, .max = 99999, .optional = true, KEEL_AT(struct message, from) },
	{ .label = 6,  .name = "mode",    .kind = KEEL_CHOICE, .choices = modes, .optional = true, KEEL_AT(struct message, mode) },
	{ .label = 7,  .name = "on",      .kind = KEEL_BOOL, .optional = true, KEEL_AT(struct message, on) },
	{ .label = 8,  .name = "id",      .kind = KEEL_BYTES, .min = 2, .max = 4, .optional = true, KEEL_AT(struct message, id) },
	{ .label = 9,  .name = "title",   .kind = KEEL_TEXT, .max = 40, .optional = true, KEEL_AT(struct message, title) },
	{ .label = 10, .name = "pair",    .kind = KEEL_MAP, .of = &pair_schema, .optional = true, KEEL_AT(struct message, pair) },
	{ .label = 11, .name = "pairs",   .kind = KEEL_LIST, .item = &pair_item, .max = 4, .optional = true, KEEL_AT(struct message, pairs) },
	{ .label = 30, .name = "rows",    .kind = KEEL_LIST, .item = &row_item, .min = 1, .optional = true, KEEL_AT(struct message, rows) },
	{ .label = -1, .name = "rest",    .kind = KEEL_ANY, .optional = true, KEEL_AT(struct message, rest) },
};
/* clang-format on */
static const struct keel_schema schema = KEEL_SCHEMA("message", KEEL_AS_MAP, rows, struct message);

static void check_refused(const struct message *m, const struct keel_where *where)
{
	const uint8_t *b = (const uint8_t *)m;
	for (size_t i = 0; i < sizeof(*m); i++)
		KEEL_MUST(b[i] == 0xa5);
	KEEL_MUST(memchr(where->path, '\0', sizeof(where->path)) != NULL);
}

/* Walking a list gives as many items as it says, each within its row's bounds. */
static void check_pairs(struct keel_list rest)
{
	struct pair pair;
	size_t count = 0;
	for (; keel_list_next(&pair_item, &rest, &pair); count++)
		KEEL_MUST(pair.name.n >= 1 && pair.name.n <= 8 && pair.value >= -5 &&
			  pair.value <= 300);
	KEEL_MUST(count <= 4 && rest.cbor.n == 0);
}

static void check_rows(struct keel_list rest)
{
	struct keel_list row;
	uint64_t v;
	while (keel_list_next(&row_item, &rest, &row)) {
		KEEL_MUST(row.count <= 3);
		while (keel_list_next(&number_item, &row, &v))
			KEEL_MUST(v <= 1000);
	}
}

static void check_bounds(const struct message *m)
{
	KEEL_MUST(m->count <= 70000 && m->mode <= 2 && m->title.n <= 40);
	KEEL_MUST(!keel_has(m, 2) || (m->celsius >= 5000 && m->celsius <= 30000));
	KEEL_MUST(!keel_has(m, 7) || (m->id.n >= 2 && m->id.n <= 4));
	KEEL_MUST(!keel_has(m, 12) || keel_cbor_check(m->rest) == KEEL_OK);
	for (size_t i = 0; i < m->title.n; i++)
		KEEL_MUST(m->title.p[i] >= 0x20 && m->title.p[i] != 0x7f);
}

/* A view of so many bytes of what is left. */
static struct keel_bytes some(struct keel_rd *r)
{
	size_t n = keel_rd_u8(r);
	return keel_rd_take(r, n < r->n ? n : r->n);
}

/* Any bits in a struct's members, with the bias towards what is allowed that small numbers are. */
static void make_any(struct keel_rd *r, struct message *m)
{
	m->has = keel_rd_u32be(r);
	m->count = keel_rd_u32be(r);
	m->offset = (int64_t)keel_rd_u64be(r);
	m->celsius = keel_rd_u16be(r);
	m->age_s = keel_rd_u64be(r);
	m->from = (int64_t)keel_rd_u8(r) - 128;
	m->mode = keel_rd_u8(r);
	m->on = keel_rd_u8(r) & 1;
	m->id = some(r);
	m->title = some(r);
	m->pair.name = some(r);
	m->pair.value = keel_rd_u16be(r);
	m->pairs.count = keel_rd_u8(r);
	m->pairs.cbor = some(r);
	m->rows.count = keel_rd_u8(r);
	m->rows.cbor = some(r);
	m->rest = keel_rd_rest(r);
}

/* Whatever a program puts into the struct: what is written can be read. */
static void check_written(struct keel_bytes in)
{
	uint8_t buf[4096];
	struct message m = { 0 };
	struct message again;
	struct keel_bytes out = { 0 };
	struct keel_rd r = keel_rd_of(in);
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	make_any(&r, &m);
	keel_schema_write(&schema, &m, &w);
	if (keel_wr_end(&w, &out) != KEEL_OK)
		return;
	KEEL_MUST(keel_schema_read(&schema, out, &again, NULL) == KEEL_OK);
	KEEL_MUST(again.count == m.count &&
		  (!keel_has(&m, 8) || keel_bytes_equal(again.title, m.title)));
	KEEL_MUST(
		((again.has ^ m.has) & 0x1ffe) == 0); /* the first row is there whatever has says */
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct keel_bytes in = { p, n };
	check_written(in);
	struct keel_bytes again = { 0 };
	struct keel_where where = { "" };
	struct message m;
	memset(&m, 0xa5, sizeof(m));
	if (keel_schema_read(&schema, in, &m, &where) != KEEL_OK) {
		check_refused(&m, &where);
		return 0;
	}
	check_bounds(&m);
	check_pairs(m.pairs);
	check_rows(m.rows);
	KEEL_MUST(keel_cbor_check(in) == KEEL_OK);
	uint8_t *buf = malloc(n);
	struct keel_wr w = keel_wr_of(buf, n);
	keel_schema_write(&schema, &m, &w);
	KEEL_MUST(keel_wr_end(&w, &again) == KEEL_OK && keel_bytes_equal(in, again));
	free(buf);
	return 0;
}

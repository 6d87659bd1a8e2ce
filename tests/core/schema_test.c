#include "check.h"
#include "core/cbor.h"
#include "core/schema.h"
#include "hex.h"

struct field {
	uint32_t has;
	struct keel_bytes name;
	int64_t min;
};

struct place {
	uint32_t has;
	uint64_t floor;
	struct keel_bytes room;
};

struct message {
	uint32_t has;
	uint64_t count, age_s, mode;
	int64_t offset, celsius, from;
	bool on;
	struct keel_bytes id, title, rest;
	struct place place;
	struct keel_list fields, rows;
};

static const struct keel_row field_rows[] = {
	{ .name = "name", .kind = KEEL_TEXT, .min = 1, .max = 8, KEEL_AT(struct field, name) },
	{ .name = "min", .kind = KEEL_INT, .min = -5, .max = 300, KEEL_AT(struct field, min) },
};
static const struct keel_schema field_schema =
	KEEL_SCHEMA("field", KEEL_AS_TUPLE, field_rows, struct field);
static const struct keel_row field_item = { .kind = KEEL_MAP, .of = &field_schema };

static const struct keel_row place_rows[] = {
	{ .label = 1, .name = "floor", .kind = KEEL_UINT, .max = 9, KEEL_AT(struct place, floor) },
	{ .label = 2,
		.name = "room",
		.kind = KEEL_TEXT,
		.optional = true,
		KEEL_AT(struct place, room) },
};
static const struct keel_schema place_schema =
	KEEL_SCHEMA("place", KEEL_AS_MAP, place_rows, struct place);

static const struct keel_row number_item = { .kind = KEEL_UINT, .max = 1000 };
static const struct keel_row row_item = { .kind = KEEL_LIST, .max = 3, .item = &number_item };
static const char *const modes[] = { "off", "eco", "on", NULL };

/* clang-format off */
enum { COUNT, OFFSET, CELSIUS, AGE, FROM, MODE, ON, ID, TITLE, PLACE, FIELDS, ROWS, REST };
static const struct keel_row rows[] = {
	{ .label = 1,  .name = "count",   .kind = KEEL_UINT, .min = 1, .max = 70000, KEEL_AT(struct message, count) },
	{ .label = 2,  .name = "offset",  .kind = KEEL_INT, .optional = true, KEEL_AT(struct message, offset) },
	{ .label = 3,  .name = "celsius", .kind = KEEL_NUMBER, .min = 5000, .max = 30000, .optional = true, KEEL_AT(struct message, celsius) },
	{ .label = 4,  .name = "age",     .kind = KEEL_DURATION, .optional = true, KEEL_AT(struct message, age_s) },
	{ .label = 5,  .name = "from",    .kind = KEEL_DATE, .min = -9, .max = 99999, .optional = true, KEEL_AT(struct message, from) },
	{ .label = 6,  .name = "mode",    .kind = KEEL_CHOICE, .choices = modes, .optional = true, KEEL_AT(struct message, mode) },
	{ .label = 7,  .name = "on",      .kind = KEEL_BOOL, .optional = true, KEEL_AT(struct message, on) },
	{ .label = 8,  .name = "id",      .kind = KEEL_BYTES, .min = 2, .max = 4, .optional = true, KEEL_AT(struct message, id) },
	{ .label = 9,  .name = "title",   .kind = KEEL_TEXT, .max = 12, .optional = true, KEEL_AT(struct message, title) },
	{ .label = 10, .name = "place",   .kind = KEEL_MAP, .of = &place_schema, .optional = true, KEEL_AT(struct message, place) },
	{ .label = 11, .name = "fields",  .kind = KEEL_LIST, .item = &field_item, .max = 4, .optional = true, KEEL_AT(struct message, fields) },
	{ .label = 30, .name = "rows",    .kind = KEEL_LIST, .item = &row_item, .min = 1, .optional = true, KEEL_AT(struct message, rows) },
	{ .label = -1, .name = "rest",    .kind = KEEL_ANY, .optional = true, KEEL_AT(struct message, rest) },
};
static const struct keel_schema schema = KEEL_SCHEMA("message", KEEL_AS_MAP, rows, struct message);

/* Every kind once: what the full message below is on the wire. */
#define FULL                                                                                       \
	"ad" "011a00011170" "0224" "031953fc" "041a00015180" "05195140" "0602" "07f5" "0843616263"  \
	"096a4bc3bc636865e6b0b421" "0aa2010302646b69" "7463" "0b82826161208262626219012c"            \
	"181e83830102038081" "1903e8" "20a10182c6f64178"

static const struct {
	const char *hex;
	enum keel_err err;
	const char *where;
} wrong[] = {
	/* the whole */
	{ "",                     KEEL_ESHORT, "" },
	{ "80",                   KEEL_EFORM,  "" },
	{ "01",                   KEEL_EFORM,  "" },
	{ "bf0101ff",             KEEL_EFORM,  "" },
	{ "b80101ff",             KEEL_EFORM,  "" },
	{ "a1010100",             KEEL_EFORM,  "" },           /* a tail */
	{ "b9ffff0101",           KEEL_EFORM,  "" },           /* more pairs than rows */
	/* keys */
	{ "a0",                   KEEL_EFORM,  "count" },      /* missing */
	{ "a10200",               KEEL_EFORM,  "count" },
	{ "a201010c00",           KEEL_EFORM,  "?" },          /* unknown */
	{ "a20101200100",         KEEL_EFORM,  "" },
	{ "a2010121f5",           KEEL_EFORM,  "?" },
	{ "a201010101",           KEEL_EFORM,  "?" },          /* twice */
	{ "a3010107f50224",       KEEL_EFORM,  "?" },          /* unsorted */
	{ "a20101616100",         KEEL_EFORM,  "?" },          /* a text as label */
	{ "a201011bffffffffffffffff00", KEEL_ERANGE, "?" },
	{ "a20101",               KEEL_ESHORT, "?" },
	{ "a101",                 KEEL_ESHORT, "count" },
	{ "a118010100",           KEEL_EFORM,  "?" },          /* label 1 in two bytes */
	/* values */
	{ "a10100",               KEEL_ERANGE, "count" },
	{ "a1011a00011171",       KEEL_ERANGE, "count" },
	{ "a1011bffffffffffffffff", KEEL_ERANGE, "count" },
	{ "a10120",               KEEL_EFORM,  "count" },      /* -1 */
	{ "a101f93c00",           KEEL_EFORM,  "count" },      /* 1.0 */
	{ "a1011801",             KEEL_EFORM,  "count" },      /* not the shortest */
	{ "a101c101",             KEEL_EFORM,  "count" },      /* tagged */
	{ "a20101021b8000000000000000", KEEL_ERANGE, "offset" },
	{ "a20101023b8000000000000000", KEEL_ERANGE, "offset" },
	{ "a2010103191387",       KEEL_ERANGE, "celsius" },    /* 4.999 */
	{ "a2010103197531",       KEEL_ERANGE, "celsius" },    /* 30.001 */
	{ "a2010104613a",         KEEL_EFORM,  "age" },
	{ "a2010105" "29",        KEEL_ERANGE, "from" },       /* -10 */
	{ "a201010603",           KEEL_ERANGE, "mode" },
	{ "a2010106636f6666",     KEEL_EFORM,  "mode" },       /* the word is for YAML */
	{ "a201010701",           KEEL_EFORM,  "on" },
	{ "a2010107f6",           KEEL_EFORM,  "on" },
	{ "a2010107f815",         KEEL_EFORM,  "on" },
	{ "a20101084161",         KEEL_ERANGE, "id" },
	{ "a20101084561626364" "65", KEEL_ERANGE, "id" },
	{ "a2010108626162",       KEEL_EFORM,  "id" },
	{ "a20101085bffffffffffffffff", KEEL_ESHORT, "id" },
	{ "a20101096d61616161616161616161616161", KEEL_ERANGE, "title" },
	{ "a2010109426162",       KEEL_EFORM,  "title" },
	{ "a201010962c328",       KEEL_EFORM,  "title" },      /* no UTF-8 */
	{ "a201010963610a62",     KEEL_ERANGE, "title" },      /* a line feed */
	{ "a20101096100",         KEEL_ERANGE, "title" },      /* NUL */
	{ "a2010109617f",         KEEL_ERANGE, "title" },      /* DEL */
	{ "a201010962c285",       KEEL_ERANGE, "title" },      /* NEL */
	{ "a20101096" "30a61ff",  KEEL_EFORM,  "title" },      /* control, then no UTF-8 */
	/* inside */
	{ "a201010aa0",           KEEL_EFORM,  "place.floor" },
	{ "a201010aa1010a",       KEEL_ERANGE, "place.floor" },
	{ "a201010aa201010301",   KEEL_EFORM,  "place.?" },
	{ "a201010aa2010102",     KEEL_ESHORT, "place.room" },
	{ "a201010a80",           KEEL_EFORM,  "place" },
	{ "a201010ba0",           KEEL_EFORM,  "fields" },
	{ "a201010b85808080" "8080", KEEL_ERANGE, "fields" },  /* five items */
	{ "a201010b9bffffffffffffffff", KEEL_ESHORT, "fields" },
	{ "a201010b8100",         KEEL_EFORM,  "fields[0]" },
	{ "a201010b81816161",     KEEL_EFORM,  "fields[0]" },
	{ "a201010b818361610000", KEEL_EFORM,  "fields[0]" },
	{ "a201010b8182600000",   KEEL_ERANGE, "fields[0].name" },
	{ "a201010b838261610082616200826163" "25", KEEL_ERANGE, "fields[2].min" },
	{ "a201010b828261" "6100", KEEL_ESHORT, "fields[1]" },
	{ "a20101181e80",         KEEL_ERANGE, "rows" },
	{ "a20101181e8201",       KEEL_ESHORT, "rows" },
	{ "a20101181e828001",     KEEL_EFORM,  "rows[1]" },
	{ "a20101181e818401020304", KEEL_ERANGE, "rows[0]" },
	{ "a20101181e828081" "1903e9", KEEL_ERANGE, "rows[1][0]" },
	/* nothing known, but strict */
	{ "a2010120a200000000",   KEEL_EFORM,  "rest" },
	{ "a20101201800",         KEEL_EFORM,  "rest" },
	{ "a20101209fff",         KEEL_EFORM,  "rest" },
	{ "a201012061ff",         KEEL_EFORM,  "rest" },
	{ "a201012081818181818181818181818100", KEEL_EFORM, "rest" }, /* 12 deep in a map: 13 */
};
/* clang-format on */

static void prov_5_13_1b_what_the_schema_does_not_allow_is_refused(void)
{
	for (size_t i = 0; i < KEEL_COUNT(wrong); i++) {
		uint8_t buf[128];
		struct message m;
		struct message before;
		struct keel_where where = { "untouched" };
		memset(&m, 0xa5, sizeof(m));
		memcpy(&before, &m, sizeof(m));
		struct keel_bytes in = hex_bytes(wrong[i].hex, buf, sizeof(buf));
		CHECK_ROW(keel_schema_read(&schema, in, &m, &where) == wrong[i].err, wrong[i].hex);
		CHECK_ROW(strcmp(where.path, wrong[i].where) == 0, wrong[i].hex);
		CHECK_ROW(memcmp(&m, &before, sizeof(m)) == 0, wrong[i].hex);
		CHECK_ROW(keel_schema_read(&schema, in, &m, NULL) == wrong[i].err, wrong[i].hex);
	}
}

static struct keel_bytes full(uint8_t *buf, size_t cap)
{
	return hex_bytes(FULL, buf, cap);
}

static void prov_5_13_1a_a_message_is_read_by_its_schema(void)
{
	uint8_t buf[128];
	struct message m;
	struct keel_where where = { "" };
	CHECK(keel_schema_read(&schema, full(buf, sizeof(buf)), &m, &where) == KEEL_OK);
	CHECK(m.has == 0x1fff && keel_has(&m, REST) && !keel_has(&m, REST + 1));
	CHECK(m.count == 70000 && m.offset == -5 && m.celsius == 21500 && m.age_s == 86400);
	CHECK(m.from == 20800 && m.mode == 2 && m.on);
	CHECK(keel_bytes_is(m.id, "abc") && keel_bytes_is(m.title, "K\xc3\xbc"
								   "che\xe6\xb0\xb4!"));
	CHECK(m.place.has == 3 && m.place.floor == 3 && keel_bytes_is(m.place.room, "kitc"));
	CHECK(m.fields.count == 2 && m.rows.count == 3 && m.rest.n == 7);
}

static void lists_are_walked_item_by_item(void)
{
	uint8_t buf[128];
	struct message m;
	struct field field;
	struct keel_list row;
	uint64_t n = 0;
	CHECK(keel_schema_read(&schema, full(buf, sizeof(buf)), &m, NULL) == KEEL_OK);
	struct keel_list rest = m.fields;
	CHECK(keel_list_next(&field_item, &rest, &field));
	CHECK(field.has == 3 && keel_bytes_is(field.name, "a") && field.min == -1);
	CHECK(keel_list_next(&field_item, &rest, &field));
	CHECK(keel_bytes_is(field.name, "bb") && field.min == 300);
	CHECK(!keel_list_next(&field_item, &rest, &field));
	rest = m.rows;
	CHECK(keel_list_next(&row_item, &rest, &row) && row.count == 3);
	CHECK(keel_list_next(&number_item, &row, &n) && n == 1);
	CHECK(keel_list_next(&row_item, &rest, &row) && row.count == 0);
	CHECK(!keel_list_next(&number_item, &row, &n));
	CHECK(keel_list_next(&row_item, &rest, &row) && keel_list_next(&number_item, &row, &n));
	CHECK(n == 1000 && !keel_list_next(&row_item, &rest, &row));
}

static void absent_rows_are_zero(void)
{
	static const uint8_t in[] = { 0xa1, 0x01, 0x07 };
	struct message m;
	struct message want;
	memset(&m, 0xa5, sizeof(m));
	memset(&want, 0, sizeof(want));
	want.has = 1u << COUNT;
	want.count = 7;
	CHECK(keel_schema_read(&schema, KEEL_VIEW(in), &m, NULL) == KEEL_OK);
	CHECK(memcmp(&m, &want, sizeof(m)) == 0);
}

static void what_was_read_is_written_the_same(void)
{
	uint8_t in_buf[128];
	uint8_t buf[128];
	struct message m;
	struct keel_bytes in = full(in_buf, sizeof(in_buf));
	struct keel_bytes out = { 0 };
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	CHECK(keel_schema_read(&schema, in, &m, NULL) == KEEL_OK);
	keel_schema_write(&schema, &m, &w);
	CHECK(keel_wr_end(&w, &out) == KEEL_OK && keel_bytes_equal(in, out));
	for (size_t n = 0; n < in.n; n++) { /* and into no smaller buffer */
		w = keel_wr_of(buf, n);
		keel_schema_write(&schema, &m, &w);
		CHECK(keel_wr_end(&w, &out) == KEEL_EFULL);
	}
}

static void a_message_cut_anywhere_is_refused(void)
{
	uint8_t buf[128];
	struct message m;
	struct keel_bytes in = full(buf, sizeof(buf));
	for (size_t n = 0; n < in.n; n++) {
		struct keel_bytes cut = { buf, n };
		CHECK(keel_schema_read(&schema, cut, &m, NULL) == KEEL_ESHORT);
	}
}

static enum keel_err written(const struct message *m)
{
	uint8_t buf[256];
	struct keel_bytes out = { 0 };
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	keel_schema_write(&schema, m, &w);
	return keel_wr_end(&w, &out);
}

/* Takes a good message, spoils one row and expects that it is not written. */
#define SPOILT(row, statement)                                                                     \
	do {                                                                                       \
		struct message m = { .has = 1u << (row), .count = 1 };                             \
		m.celsius = 20000;                                                                 \
		statement;                                                                         \
		CHECK_ROW(written(&m) == KEEL_ERANGE, #statement);                                 \
	} while (0)

static void what_reading_would_refuse_is_not_written(void)
{
	static const uint8_t deep[] = { 0x81, 0x81, 0x81, 0x81, 0x81, 0x81, 0x81, 0x81, 0x81, 0x81,
		0x81, 0x81, 0x00 };
	static const uint8_t good_field[] = { 0x82, 0x61, 0x61, 0x00 };
	CHECK(written(&(struct message){ .count = 1 }) == KEEL_OK);
	SPOILT(COUNT, m.count = 0);
	SPOILT(COUNT, m.count = 70001);
	SPOILT(CELSIUS, m.celsius = 4999);
	SPOILT(FROM, m.from = -10);
	SPOILT(MODE, m.mode = 3);
	SPOILT(ID, m.id = keel_text("a"));
	SPOILT(ID, m.id = keel_text("abcde"));
	SPOILT(TITLE, m.title = keel_text("a\tb"));
	SPOILT(TITLE, m.title = keel_text("\xff"));
	SPOILT(TITLE, m.title = keel_text("much too long"));
	SPOILT(PLACE, m.place.floor = 10);
	SPOILT(FIELDS, m.fields = ((struct keel_list){ keel_text("\x01"), 1 }));
	SPOILT(FIELDS, m.fields = ((struct keel_list){ KEEL_VIEW(good_field), 0 }));
	SPOILT(FIELDS, m.fields = ((struct keel_list){ KEEL_VIEW(good_field), 2 }));
	SPOILT(ROWS, m.rows.count = 0);
	SPOILT(REST, m.rest = keel_text(""));
	SPOILT(REST, m.rest = keel_text("\x01\x01"));
	SPOILT(REST, m.rest = keel_text("\x18\x01"));
	SPOILT(REST, m.rest = KEEL_VIEW(deep));
}

static void a_list_is_made_item_by_item(void)
{
	uint8_t items_buf[64];
	uint8_t buf[64];
	struct message m = { .has = 1u << FIELDS, .count = 1 };
	struct message again;
	struct field fields[] = { { .name = keel_text("a"), .min = 1 },
		{ .name = keel_text("b"), .min = -5 } };
	struct keel_wr items = keel_wr_of(items_buf, sizeof(items_buf));
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	struct keel_bytes out = { 0 };
	for (size_t i = 0; i < KEEL_COUNT(fields); i++)
		keel_list_add(&field_item, &fields[i], &items, &m.fields);
	keel_schema_write(&schema, &m, &w);
	CHECK(keel_wr_end(&w, &out) == KEEL_OK);
	CHECK(keel_schema_read(&schema, out, &again, NULL) == KEEL_OK);
	struct field field;
	CHECK(again.fields.count == 2 && keel_list_next(&field_item, &again.fields, &field));
	CHECK(keel_list_next(&field_item, &again.fields, &field));
	CHECK(keel_bytes_is(field.name, "b") && field.min == -5);
}

static void a_list_that_lost_an_item_is_not_written(void)
{
	uint8_t small[4]; /* exactly one item */
	struct message m = { .has = 1u << FIELDS, .count = 1 };
	struct field field = { .name = keel_text("a") };
	struct keel_wr items = keel_wr_of(small, sizeof(small));
	keel_list_add(&field_item, &field, &items, &m.fields);
	CHECK(written(&m) == KEEL_OK);
	keel_list_add(&field_item, &field, &items, &m.fields); /* no room */
	CHECK(items.err == KEEL_EFULL && written(&m) == KEEL_ERANGE);
}

static void a_long_path_is_cut(void)
{
	static const struct keel_row deep_item = { .kind = KEEL_UINT };
	static const struct keel_row long_rows[] = {
		{ .label = 1,
			.name = "a name of which nobody will ever need all the characters that it "
				"has, "
				"however long the path may be that leads to it",
			.kind = KEEL_LIST,
			.item = &deep_item,
			KEEL_AT(struct message, rows) },
	};
	static const struct keel_schema long_schema =
		KEEL_SCHEMA("long", KEEL_AS_MAP, long_rows, struct message);
	static const uint8_t in[] = { 0xa1, 0x01, 0x81, 0x20 };
	struct message m;
	struct keel_where where;
	memset(&where, '#', sizeof(where));
	CHECK(keel_schema_read(&long_schema, KEEL_VIEW(in), &m, &where) == KEEL_EFORM);
	CHECK(strlen(where.path) == sizeof(where.path) - 1);
}

/* A schema that contains itself, as trees do: the message ends it, or the bound on depth does. */
extern const struct keel_schema tree_schema;
struct tree {
	uint32_t has;
	struct keel_list below;
};
static const struct keel_row tree_item = { .kind = KEEL_MAP, .of = &tree_schema };
static const struct keel_row tree_rows[] = {
	{ .label = 0,
		.name = "below",
		.kind = KEEL_LIST,
		.item = &tree_item,
		KEEL_AT(struct tree, below) },
};
const struct keel_schema tree_schema = KEEL_SCHEMA("tree", KEEL_AS_TUPLE, tree_rows, struct tree);

static void depth_is_bounded_though_the_schema_is_not(void)
{
	uint8_t buf[64];
	struct tree t;
	for (size_t depth = 1; depth < 40; depth++) {
		memset(buf, 0x81, sizeof(buf));
		buf[2 * depth - 1] = 0x80;
		enum keel_err e = keel_schema_read(
			&tree_schema, (struct keel_bytes){ buf, 2 * depth }, &t, NULL);
		CHECK(e == (2 * depth <= KEEL_CBOR_DEPTH_MAX ? KEEL_OK : KEEL_EFORM));
		if (2 * depth >= sizeof(buf))
			break;
	}
	CHECK(keel_schema_check(&tree_schema) == KEEL_EFORM);
}

struct garden {
	uint32_t has;
	struct tree tree;
};
static const struct keel_row garden_rows[] = {
	{ .label = 1,
		.name = "tree",
		.kind = KEEL_MAP,
		.of = &tree_schema,
		KEEL_AT(struct garden, tree) },
};
static const struct keel_schema garden_schema =
	KEEL_SCHEMA("garden", KEEL_AS_MAP, garden_rows, struct garden);

/* The bound counts what stands around the list that a program brings, too: map, tuple and list. */
static void what_is_nested_too_deep_is_not_written(void)
{
	uint8_t items[KEEL_CBOR_DEPTH_MAX];
	uint8_t buf[64];
	struct keel_bytes out = { 0 };
	memset(items, 0x81, sizeof(items));
	items[sizeof(items) - 1] = 0x80;
	for (size_t depth = 2; depth <= KEEL_CBOR_DEPTH_MAX; depth += 2) {
		struct keel_bytes item = { items + sizeof(items) - depth, depth };
		struct garden g = { .tree = { .below = { item, 1 } } };
		struct keel_wr w = keel_wr_of(buf, sizeof(buf));
		keel_schema_write(&garden_schema, &g, &w);
		enum keel_err want = depth + 3 <= KEEL_CBOR_DEPTH_MAX ? KEEL_OK : KEEL_ERANGE;
		CHECK(keel_wr_end(&w, &out) == want);
	}
}

/* A table with one slip each, made from a good one. */
#define SLIP(index, statement)                                                                     \
	do {                                                                                       \
		struct keel_row copy[KEEL_COUNT(rows)];                                            \
		struct keel_schema s = schema;                                                     \
		memcpy(copy, rows, sizeof(rows));                                                  \
		s.rows = copy;                                                                     \
		struct keel_row *row = &copy[index];                                               \
		(void)row;                                                                         \
		statement;                                                                         \
		CHECK_ROW(keel_schema_check(&s) == KEEL_EFORM, #statement);                        \
	} while (0)

static void a_wrong_table_is_found(void)
{
	static const char *const none[] = { NULL };
	static const struct keel_row bad_item = { .kind = KEEL_MAP };
	CHECK(keel_schema_check(&schema) == KEEL_OK);
	CHECK(keel_schema_check(&place_schema) == KEEL_OK);
	CHECK(keel_schema_check(&field_schema) == KEEL_OK);
	SLIP(1, row->label = 1);
	SLIP(1, row->label = 4);
	SLIP(0, row->label = -1);
	SLIP(0, row->name = NULL);
	SLIP(0, row->at = 0);
	SLIP(0, row->at = sizeof(struct message));
	SLIP(1, row->at = rows[0].at);
	SLIP(0, row->min = 80000);
	SLIP(0, row->min = -1);
	SLIP(2, row->max = 4);
	SLIP(MODE, row->choices = NULL);
	SLIP(MODE, row->choices = none);
	SLIP(PLACE, row->of = NULL);
	SLIP(FIELDS, row->item = NULL);
	SLIP(FIELDS, row->item = &bad_item);
	SLIP(FIELDS, row->item = &rows[0]); /* its place is not 0 */
	SLIP(0, s.count = 33);
	SLIP(0, s.size = 0);
	SLIP(0, s.size = 40);
	SLIP(0, s.name = NULL);
	SLIP(0, s.form = KEEL_AS_TUPLE);
}

TEST_MAIN(TEST(prov_5_13_1b_what_the_schema_does_not_allow_is_refused),
	TEST(prov_5_13_1a_a_message_is_read_by_its_schema), TEST(lists_are_walked_item_by_item),
	TEST(absent_rows_are_zero), TEST(what_was_read_is_written_the_same),
	TEST(a_message_cut_anywhere_is_refused), TEST(what_reading_would_refuse_is_not_written),
	TEST(a_list_is_made_item_by_item), TEST(a_list_that_lost_an_item_is_not_written),
	TEST(a_long_path_is_cut), TEST(depth_is_bounded_though_the_schema_is_not),
	TEST(what_is_nested_too_deep_is_not_written), TEST(a_wrong_table_is_found))

/* The two tables of the architecture, and what a receiver refuses. */
#include "check.h"
#include "core/cbor.h"
#include "device/rooms.h"

static void every_schema_is_a_right_table(void)
{
	for (size_t i = 0; keel_message_at(i) != 0; i++) {
		enum keel_msg m = keel_message_at(i);
		CHECK_ROW(
			keel_schema_check(keel_message_schema(m)) == KEEL_OK, keel_message_word(m));
		CHECK_ROW(keel_message_schema(m)->size <= sizeof(union keel_body),
			keel_message_word(m));
	}
}

static void every_message_has_a_line_and_every_line_a_message(void)
{
	for (size_t i = 0; keel_message_at(i) != 0; i++) {
		bool found = false;
		for (size_t k = 0; k < keel_lines_count; k++)
			found |= keel_lines[k].msg == keel_message_at(i);
		CHECK_ROW(found, keel_message_word(keel_message_at(i)));
	}
	for (size_t k = 0; k < keel_lines_count; k++) {
		CHECK(keel_message_schema(keel_lines[k].msg) != NULL);
		CHECK(keel_lines[k].from != keel_lines[k].to);
	}
}

/* EN 303 645 5.6-7: what reaches actuators comes from the vault alone. */
static void prov_5_6_7_commands_reach_the_app_from_the_vault_only(void)
{
	for (size_t k = 0; k < keel_lines_count; k++) {
		const struct keel_line *l = &keel_lines[k];
		if (l->to == ROOM_APP)
			CHECK(l->from == ROOM_VAULT ||
				(l->from == ROOM_PARENT && l->msg == MSG_END));
	}
	CHECK(!keel_line_joins(ROOM_DOOR, ROOM_APP));
	CHECK(!keel_line_joins(ROOM_MONITOR, ROOM_APP));
	CHECK(!keel_line_joins(ROOM_UPLINK, ROOM_APP));
	CHECK(keel_line_joins(ROOM_DOOR, ROOM_VAULT));
}

static void prov_5_6_7_rooms_have_users_of_their_own(void)
{
	for (size_t i = 1; i < ROOM_COUNT; i++)
		for (size_t k = 0; k < i; k++) {
			CHECK_ROW(keel_rooms[i].uid != keel_rooms[k].uid, keel_rooms[i].name);
			CHECK_ROW(strcmp(keel_rooms[i].user, keel_rooms[k].user) != 0,
				keel_rooms[i].name);
		}
	CHECK(keel_room_named(keel_text("door")) == ROOM_DOOR);
	CHECK(keel_room_named(keel_text("doo")) == ROOM_COUNT);
}

struct refused {
	const char *why;
	enum keel_room_id from, to;
	struct keel_bytes in;
	enum keel_err err;
};

#define BYTES(...)                                                                                 \
	{                                                                                          \
		(const uint8_t[]){ __VA_ARGS__ }, sizeof((const uint8_t[]){ __VA_ARGS__ })         \
	}

/* clang-format off */
static const struct refused rows[] = {
	{ "done is what it says", ROOM_APP, ROOM_VAULT, BYTES(0x82, 0x18, 31, 0xA1, 0x01, 0x07), KEEL_OK },
	{ "no bytes at all", ROOM_APP, ROOM_VAULT, { 0 }, KEEL_ESHORT },
	{ "one item", ROOM_APP, ROOM_VAULT, BYTES(0x81, 0x18, 31), KEEL_EFORM },
	{ "three items", ROOM_APP, ROOM_VAULT, BYTES(0x83, 0x18, 31, 0xA1, 0x01, 0x07, 0x00), KEEL_EFORM },
	{ "a type that is text", ROOM_APP, ROOM_VAULT, BYTES(0x82, 0x61, 'a', 0xA0), KEEL_EFORM },
	{ "a tail", ROOM_APP, ROOM_VAULT, BYTES(0x82, 0x18, 31, 0xA1, 0x01, 0x07, 0x00), KEEL_EFORM },
	{ "a field too many", ROOM_APP, ROOM_VAULT, BYTES(0x82, 0x18, 31, 0xA2, 0x01, 0x07, 0x02, 0x00), KEEL_EFORM },
	{ "a field too few", ROOM_APP, ROOM_VAULT, BYTES(0x82, 0x18, 31, 0xA0), KEEL_EFORM },
	{ "cut in the middle", ROOM_APP, ROOM_VAULT, BYTES(0x82, 0x18, 31, 0xA1, 0x01), KEEL_ESHORT },
	{ "the number 7 in two bytes", ROOM_APP, ROOM_VAULT, BYTES(0x82, 0x18, 31, 0xA1, 0x01, 0x18, 0x07), KEEL_EFORM },
	{ "an unknown message", ROOM_APP, ROOM_VAULT, BYTES(0x82, 0x19, 0x03, 0xE7, 0xA0), KEEL_ERIGHT },
	{ "a command from the app", ROOM_APP, ROOM_VAULT, BYTES(0x82, 0x14, 0xA0), KEEL_ERIGHT },
	{ "a command from the door", ROOM_DOOR, ROOM_APP, BYTES(0x82, 0x14, 0xA0), KEEL_ERIGHT },
	{ "the monitor says done", ROOM_MONITOR, ROOM_VAULT, BYTES(0x82, 0x18, 31, 0xA1, 0x01, 0x07), KEEL_ERIGHT },
	{ "a path that is none", ROOM_DOOR, ROOM_VAULT, BYTES(0x82, 0x0A, 0xA4, 0x01, 0x00, 0x02, 0x04, 0x03, 0x60, 0x04, 0x40), KEEL_ERANGE },
	{ "a line feed in an address", ROOM_DOOR, ROOM_VAULT, BYTES(0x82, 0x0A, 0xA4, 0x01, 0x00, 0x02, 0x00, 0x03, 0x61, '\n', 0x04, 0x40), KEEL_EFORM },
	{ "a count of zero", ROOM_DOOR, ROOM_MONITOR, BYTES(0x82, 0x18, 41, 0xA2, 0x01, 0x00, 0x02, 0x00), KEEL_ERANGE },
};
/* clang-format on */

static void prov_5_13_1a_only_what_line_form_and_schema_allow_is_read(void)
{
	for (size_t i = 0; i < KEEL_COUNT(rows); i++) {
		union keel_body body = { 0 };
		enum keel_msg msg = 0;
		struct keel_where where;
		enum keel_err e =
			keel_line_read(rows[i].from, rows[i].to, rows[i].in, &msg, &body, &where);
		CHECK_ROW(
			e == rows[i].err || (rows[i].err != KEEL_ERIGHT && rows[i].err != KEEL_OK &&
						    e != KEEL_OK && e != KEEL_ERIGHT),
			rows[i].why);
		CHECK_ROW(e == KEEL_OK || msg == 0, rows[i].why);
	}
}

static void a_command_comes_through_with_its_fields(void)
{
	uint8_t items[128], out[256];
	struct keel_wr w = keel_wr_of(items, sizeof(items));
	struct msg_field f = { .name = keel_text("celsius"), .value = -21500 };
	keel_schema_write(&keel_schema_field, &f, &w);
	struct msg_command c = {
		.number = 9, .message = keel_text("set temperature"), .fields = { .count = 1 }
	};
	CHECK(keel_wr_end(&w, &c.fields.cbor) == KEEL_OK);
	w = keel_wr_of(out, sizeof(out));
	keel_message_write(MSG_COMMAND, &c, &w);
	struct keel_bytes b;
	CHECK(keel_wr_end(&w, &b) == KEEL_OK);
	union keel_body body;
	enum keel_msg msg;
	CHECK(keel_line_read(ROOM_VAULT, ROOM_APP, b, &msg, &body, NULL) == KEEL_OK);
	CHECK(msg == MSG_COMMAND && body.command.number == 9);
	CHECK(!keel_has(&body, COMMAND_PERSON));
	struct keel_list rest = body.command.fields;
	struct msg_field got;
	CHECK(keel_list_next(&keel_field_item, &rest, &got));
	CHECK(keel_bytes_is(got.name, "celsius") && got.value == -21500);
	CHECK(!keel_list_next(&keel_field_item, &rest, &got));
}

TEST_MAIN(TEST(every_schema_is_a_right_table),
	TEST(every_message_has_a_line_and_every_line_a_message),
	TEST(prov_5_6_7_commands_reach_the_app_from_the_vault_only),
	TEST(prov_5_6_7_rooms_have_users_of_their_own),
	TEST(prov_5_13_1a_only_what_line_form_and_schema_allow_is_read),
	TEST(a_command_comes_through_with_its_fields))

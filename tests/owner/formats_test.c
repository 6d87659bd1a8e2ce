#include <string.h>

#include "check.h"
#include "core/cbor.h"
#include "owner/ask.h"
#include "owner/claim.h"
#include "owner/ops.h"
#include "owner/request.h"
#include "owner/statement.h"

static const struct keel_schema *const messages[] = {
	&keel_hello_schema,
	&keel_endorsement_schema,
	&keel_claim_schema,
	&keel_welcome_schema,
	&keel_claimed_schema,
	&keel_welcomed_schema,
	&keel_invitation_schema,
	&keel_refusal_schema,
	&keel_request_schema,
	&keel_change_schema,
	&keel_request_answer_schema,
	&keel_statement_schema,
	&keel_measured_item_schema,
	&keel_quote_schema,
	&keel_owners_list_schema,
	&keel_owner_item_schema,
	&keel_receipt_schema,
	&keel_relay_schema,
	&keel_relayed_schema,
};

static void tables_are_sound(void)
{
	for (size_t i = 0; i < KEEL_COUNT(messages); i++)
		CHECK_ROW(keel_schema_check(messages[i]) == KEEL_OK, messages[i]->name);
	for (size_t i = 0; i < KEEL_OP_COUNT; i++) {
		CHECK_ROW(keel_schema_check(keel_ops[i].args) == KEEL_OK, keel_ops[i].name);
		CHECK_ROW(keel_schema_check(keel_ops[i].result) == KEEL_OK, keel_ops[i].name);
		CHECK_ROW(keel_op_of(keel_ops[i].number) == &keel_ops[i], keel_ops[i].name);
		CHECK_ROW(keel_ops[i].changes == (keel_ops[i].number >= 32), keel_ops[i].name);
	}
	CHECK(keel_op_of(0) == NULL && keel_op_of(10) == NULL && keel_op_of(40) == NULL);
}

/* The example of docs/protocol.md's op 32, byte by byte: set temperature, celsius 21.5. */
static void prov_5_13_1a_command_is_the_documented_bytes(void)
{
	static const uint8_t bytes[] = { 0xa2, 0x01, 0x6f, 's', 'e', 't', ' ', 't', 'e', 'm', 'p',
		'e', 'r', 'a', 't', 'u', 'r', 'e', 0x02, 0x81, 0x82, 0x67, 'c', 'e', 'l', 's', 'i',
		'u', 's', 0x19, 0x53, 0xfc };
	uint8_t items[64], buf[64];
	struct keel_list_maker m = keel_list_maker_of(items, sizeof(items));
	struct keel_field_item f = { .name = keel_text("celsius"), .value = 21500 };
	CHECK(keel_list_put(&m, &keel_field_item_schema, &f));
	struct keel_command_args a = { .message = keel_text("set temperature"),
		.fields = keel_list_made(&m) };
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	struct keel_bytes out;
	keel_schema_write(&keel_command_args_schema, &a, &w);
	CHECK(keel_wr_end(&w, &out) == KEEL_OK);
	CHECK(keel_bytes_equal(out, KEEL_VIEW(bytes)));

	struct keel_command_args b;
	CHECK(keel_schema_read(&keel_command_args_schema, out, &b, NULL) == KEEL_OK);
	struct keel_list rest = b.fields;
	CHECK(keel_list_next(&keel_field_item_row, &rest, &f));
	CHECK(f.value == 21500 && keel_bytes_is(f.name, "celsius"));
	CHECK(!keel_list_next(&keel_field_item_row, &rest, &f));
}

/* EN 303 645 5.13-1B: a claim that lacks a byte, or has one more, is refused at each place. */
static void prov_5_13_1b_a_claim_with_a_tail_or_a_gap_is_refused(void)
{
	uint8_t zero[64] = { 0 }, buf[512];
	struct keel_claim c = {
		.thumbprint = { zero, 32 },
		.sign = { zero, 64 },
		.agree = { zero, 64 },
		.device_nonce = { zero, 32 },
		.app_nonce = { zero, 32 },
		.invitation = { zero, KEEL_INVITATION_LEN },
		.has = 1U << KEEL_CLAIM_INVITATION,
	};
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	struct keel_bytes out;
	keel_schema_write(&keel_claim_schema, &c, &w);
	CHECK(keel_wr_end(&w, &out) == KEEL_OK);
	struct keel_claim r;
	CHECK(keel_schema_read(&keel_claim_schema, out, &r, NULL) == KEEL_OK);
	CHECK(keel_has(&r, KEEL_CLAIM_INVITATION));
	for (size_t n = 0; n < out.n; n++)
		CHECK(keel_schema_read(&keel_claim_schema, (struct keel_bytes){ out.p, n }, &r,
			      NULL) != KEEL_OK);
	buf[out.n] = 0;
	struct keel_bytes tail = { out.p, out.n + 1 };
	CHECK(keel_schema_read(&keel_claim_schema, tail, &r, NULL) != KEEL_OK);
	c.sign.n = 63;
	w = keel_wr_of(buf, sizeof(buf));
	keel_schema_write(&keel_claim_schema, &c, &w);
	CHECK(keel_wr_end(&w, &out) == KEEL_ERANGE);
}

/* A payload names what it is for, which device, which home and for whom: each must fit. */
static void prov_5_5_7_a_payload_fits_its_purpose_device_home_and_recipient_only(void)
{
	uint8_t a[32] = { 1 }, b[32] = { 2 }, buf[256];
	struct keel_names names = { { a, 16 }, { a, 16 }, { a, 32 } };
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	struct keel_request q = { .has = 1U << KEEL_REQUEST_OP, .nonce = { a, 16 }, .op = 2 }, r;
	struct keel_bytes out;
	CHECK(keel_payload_write(KEEL_FOR_REQUEST, &names, &keel_request_schema, &q, &w) ==
		KEEL_OK);
	CHECK(keel_wr_end(&w, &out) == KEEL_OK);
	CHECK(keel_payload_read(KEEL_FOR_REQUEST, &names, &keel_request_schema, out, &r) ==
		KEEL_OK);
	CHECK(r.op == 2 && !keel_has(&r, KEEL_REQUEST_CHANGE));
	CHECK(keel_payload_read(KEEL_FOR_ANSWER, &names, &keel_request_schema, out, &r) ==
		KEEL_EAUTH);
	const struct keel_names wrong[] = {
		{ { b, 16 }, { a, 16 }, { a, 32 } },
		{ { a, 16 }, { b, 16 }, { a, 32 } },
		{ { a, 16 }, { 0 }, { a, 32 } },
		{ { a, 16 }, { a, 16 }, { b, 32 } },
		{ { a, 16 }, { a, 16 }, { 0 } },
	};
	for (size_t i = 0; i < KEEL_COUNT(wrong); i++)
		CHECK(keel_payload_read(KEEL_FOR_REQUEST, &wrong[i], &keel_request_schema, out,
			      &r) == KEEL_EAUTH);
}

static void list_keeps_whole_items_only(void)
{
	uint8_t items[20];
	struct keel_list_maker m = keel_list_maker_of(items, sizeof(items));
	CHECK(keel_list_put_text(&m, keel_text("twelve bytes")));
	CHECK(!keel_list_put_text(&m, keel_text("twelve bytes")));
	CHECK(keel_list_put_text(&m, keel_text("five5")));
	struct keel_list l = keel_list_made(&m);
	CHECK(l.count == 2 && l.cbor.n == 13 + 6);
}

TEST_MAIN(TEST(tables_are_sound), TEST(prov_5_13_1a_command_is_the_documented_bytes),
	TEST(prov_5_13_1b_a_claim_with_a_tail_or_a_gap_is_refused),
	TEST(prov_5_5_7_a_payload_fits_its_purpose_device_home_and_recipient_only),
	TEST(list_keeps_whole_items_only))

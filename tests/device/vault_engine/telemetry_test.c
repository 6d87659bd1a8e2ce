/* Telemetry: only what is declared, in its range, and with the consent that it needs, waits to be sent. */
#include <string.h>

#include "check.h"
#include "device/vault_engine/home.h"

/* The places of what home.c declares, and of what needs consent here. */
enum { STARTS, BOILER, ROOM };

static struct home h;
static struct keel_member ann;

static enum keel_err report(const char *name, int64_t value)
{
	return keel_vault_report(h.vault, keel_text(name), value);
}

static bool waits(size_t i, int64_t wanted)
{
	int64_t value = -1;
	return keel_vault_telemetry(h.vault, i, &value) == KEEL_OK && value == wanted;
}

static bool nothing_waits(size_t i)
{
	int64_t value = -1;
	return keel_vault_telemetry(h.vault, i, &value) == KEEL_ENONE && value == -1;
}

static void begin(void)
{
	static const struct keel_rule_datum asked = {
		.name = "room", .consent = true, .telemetry = true
	};
	static const struct keel_rule_telemetry room = { .name = "room",
		.unit = "Cel",
		.consent = true,
		.min = -40000,
		.max = 80000,
		.every_s = 600 };
	home_make(&h);
	h.rules.datum[h.rules.data++] = asked;
	h.rules.telemetry[h.rules.telemetries++] = room;
	home_claim(&h, &ann);
}

static enum keel_err consent(bool given)
{
	const struct keel_consent_args a = { .datum = keel_text("room"), .given = given };
	return home_change(&h, &ann, KEEL_OP_CONSENT, &a, NULL);
}

static void the_last_that_was_reported_waits(void)
{
	begin();
	CHECK(nothing_waits(STARTS));
	CHECK(report("starts", 1000) == KEEL_OK && report("starts", 2000) == KEEL_OK);
	CHECK(waits(STARTS, 2000) && nothing_waits(BOILER));
	home_end(&h);
}

/* The service would refuse it, and take the device for one that is out of order. */
static void prov_5_13_1a_what_is_out_of_range_or_not_declared_is_not_sent(void)
{
	static const struct {
		const char *name;
		int64_t value;
		enum keel_err e;
	} rows[] = {
		{ "starts", -1, KEEL_ERANGE },
		{ "starts", 1000001, KEEL_ERANGE },
		{ "starts", INT64_MIN, KEEL_ERANGE },
		{ "starts", INT64_MAX, KEEL_ERANGE },
		{ "start", 1, KEEL_ENONE },
		{ "", 1, KEEL_ENONE },
		{ "diary", 1, KEEL_ENONE },
		{ "starts", 0, KEEL_OK },
		{ "starts", 1000000, KEEL_OK },
	};
	begin();
	for (size_t i = 0; i < KEEL_COUNT(rows); i++) {
		CHECK(report("starts", 7000) == KEEL_OK);
		CHECK_ROW(report(rows[i].name, rows[i].value) == rows[i].e, rows[i].name);
		CHECK_ROW(waits(STARTS, rows[i].e == KEEL_OK ? rows[i].value : 7000), rows[i].name);
	}
	CHECK(nothing_waits(BOILER) && nothing_waits(ROOM) && nothing_waits(ROOM + 1));
	CHECK(nothing_waits(SIZE_MAX));
	home_end(&h);
}

/* What owners see and the service gets is reported once. */
static void a_value_of_the_same_name_is_told_and_sent(void)
{
	struct keel_state_result r;
	struct keel_value_item value = { 0 };
	begin();
	CHECK(report("boiler", 40000) == KEEL_OK);
	CHECK(home_ask(&h, &ann, KEEL_OP_STATE, NULL, &r) == KEEL_OK);
	CHECK(r.app_alive && keel_list_next(&keel_value_item_row, &r.values, &value));
	CHECK(keel_bytes_is(value.name, "boiler") && value.value == 40000);
	CHECK(waits(BOILER, 40000));
	home_end(&h);
}

static void prov_6_2_telemetry_waits_only_with_consent(void)
{
	begin();
	CHECK(report("room", 20000) == KEEL_OK && nothing_waits(ROOM));
	CHECK(consent(true) == KEEL_OK);
	CHECK(nothing_waits(ROOM)); /* nor is sent later what was measured before */
	CHECK(report("room", 20500) == KEEL_OK && waits(ROOM, 20500));
	CHECK(consent(false) == KEEL_OK && nothing_waits(ROOM));
	CHECK(report("room", 21000) == KEEL_OK && nothing_waits(ROOM));
	home_reboot(&h);
	CHECK(report("room", 21000) == KEEL_OK && nothing_waits(ROOM));
	CHECK(consent(true) == KEEL_OK);
	home_reboot(&h);
	CHECK(report("room", 21500) == KEEL_OK && waits(ROOM, 21500));
	home_end(&h);
}

static void prov_6_3a_a_new_home_has_not_consented(void)
{
	struct keel_receipt_result r;
	begin();
	CHECK(consent(true) == KEEL_OK && report("room", 20000) == KEEL_OK && waits(ROOM, 20000));
	CHECK(home_change(&h, &ann, KEEL_OP_LEAVE, NULL, &r) == KEEL_OK);
	CHECK(nothing_waits(ROOM));
	home_claim(&h, &ann);
	CHECK(report("room", 20000) == KEEL_OK && nothing_waits(ROOM));
	home_end(&h);
}

/* Setup is over when this, too, was decided; owners see it beside what is kept, and nothing of it is kept. */
static void prov_6_2_and_3b_its_consent_is_asked_for_and_shown(void)
{
	const struct keel_consent_args other = { .datum = keel_text("presence"), .given = true };
	const struct keel_delete_args all = { .what = KEEL_DELETE_MINE_AND_HOMES };
	struct keel_kept_result r;
	struct keel_kept_item item = { 0 };
	struct keel_receipt_result deleted;
	struct keel_receipt receipt;
	begin();
	CHECK(home_change(&h, &ann, KEEL_OP_CONSENT, &other, NULL) == KEEL_OK);
	CHECK(h.state == KEEL_STATE_SETUP);
	CHECK(consent(true) == KEEL_OK && h.state == KEEL_STATE_OPERATION);
	CHECK(keel_vault_keep(h.vault, keel_text("room"), keel_text(""), keel_text("x")) ==
		KEEL_ENONE);
	CHECK(home_ask(&h, &ann, KEEL_OP_KEPT, NULL, &r) == KEEL_OK && r.data.count == 5);
	while (keel_list_next(&keel_kept_item_row, &r.data, &item))
		;
	CHECK(keel_bytes_is(item.datum, "room") && item.items == 0);
	CHECK(item.consent == KEEL_CONSENT_GIVEN);
	CHECK(home_change(&h, &ann, KEEL_OP_DELETE, &all, &deleted) == KEEL_OK);
	CHECK(keel_member_verify(&ann, KEEL_FOR_RECEIPT, &keel_receipt_schema, deleted.receipt,
		      &receipt) == KEEL_OK);
	CHECK(receipt.gone.count == 4); /* it does not say that what was sent is gone */
	home_end(&h);
}

TEST_MAIN(TEST(the_last_that_was_reported_waits),
	TEST(prov_5_13_1a_what_is_out_of_range_or_not_declared_is_not_sent),
	TEST(a_value_of_the_same_name_is_told_and_sent),
	TEST(prov_6_2_telemetry_waits_only_with_consent),
	TEST(prov_6_3a_a_new_home_has_not_consented),
	TEST(prov_6_2_and_3b_its_consent_is_asked_for_and_shown))

/* What the room holds of reports and owners' requests while they are on their way. */
#include "check.h"
#include "device/uplink/outbox.h"
#include "device/uplink/relay.h"

static struct keel_outbox box;
static struct keel_relay relay;

static enum keel_err put(uint64_t number, uint64_t dropped)
{
	const struct msg_out m = { .number = number,
		.kind = KEEL_REPORT_EVENT,
		.time = 7,
		.payload = keel_text("what happened"),
		.dropped = dropped };
	return keel_outbox_put(&box, &m);
}

static void reports_are_held_in_order_and_no_more_than_one_call_carries(void)
{
	keel_outbox_clear(&box);
	for (uint64_t n = 1; n <= KEEL_OUTBOX_MAX; n++)
		CHECK(put(2 * n, n) == KEEL_OK);
	CHECK(put(100, 0) == KEEL_EFULL);
	struct keel_report_args args = keel_outbox_args(&box);
	struct keel_list rest = args.items;
	struct keel_report_item item;
	uint64_t n = 0;
	while (keel_list_next(&keel_report_item_row, &rest, &item))
		CHECK(item.number == 2 * ++n && item.kind == KEEL_REPORT_EVENT && item.time == 7 &&
			keel_bytes_is(item.payload, "what happened"));
	CHECK(n == KEEL_OUTBOX_MAX && args.dropped == KEEL_OUTBOX_MAX);
	keel_outbox_clear(&box);
	CHECK(put(5, 0) == KEEL_OK && put(5, 0) == KEEL_ESTALE && put(4, 0) == KEEL_ESTALE);
}

/* A service that says what it cannot know is not believed, and nothing is forgotten for it. */
static void only_what_the_service_can_have_is_forgotten(void)
{
	keel_outbox_clear(&box);
	CHECK(put(5, 0) == KEEL_OK && put(7, 0) == KEEL_OK && put(9, 0) == KEEL_OK);
	CHECK(keel_outbox_taken(&box, 4) == KEEL_ESTALE);
	CHECK(keel_outbox_taken(&box, 8) == KEEL_ERANGE);
	CHECK(keel_outbox_taken(&box, 10) == KEEL_ERANGE && box.count == 3);
	CHECK(keel_outbox_taken(&box, 7) == KEEL_OK && box.count == 1 && box.of[0].number == 9);
	CHECK(keel_outbox_taken(&box, 9) == KEEL_OK && box.count == 0);
	CHECK(keel_outbox_taken(&box, 9) == KEEL_ESTALE);
}

struct item {
	uint64_t number, kind;
	struct keel_bytes payload;
};

/* The inbox with these items, as it comes. */
static bool take(const struct item *items, size_t n, bool *any)
{
	static uint8_t list[KEEL_WEB_BODY_MAX], body[KEEL_WEB_BODY_MAX];
	struct keel_wr w = keel_wr_of(list, sizeof(list)), out = keel_wr_of(body, sizeof(body));
	struct keel_inbox_result r = { 0 };
	struct keel_bytes in;
	for (size_t i = 0; i < n; i++) {
		const struct keel_inbox_item item = { .number = items[i].number,
			.kind = items[i].kind,
			.payload = items[i].payload };
		keel_list_add(&keel_inbox_item_row, &item, &w, &r.items);
	}
	keel_schema_write(&keel_inbox_result_schema, &r, &out);
	KEEL_MUST(keel_wr_end(&out, &in) == KEEL_OK);
	return keel_relay_take(&relay, in, any) == KEEL_OK;
}

static void answer(uint64_t id, unsigned status, struct keel_bytes body)
{
	keel_relay_answered(
		&relay, &(struct msg_answer){ .id = id, .status = status, .body = body });
}

static void requests_go_to_the_vault_one_by_one(void)
{
	const struct item items[] = { { 3, 0, keel_text("a") }, { 4, 0, keel_text("b") } };
	struct msg_request m;
	bool any = false;
	relay = (struct keel_relay){ .taken = 2 };
	CHECK(take(items, 2, &any) && any);
	CHECK(keel_relay_next(&relay, &m) && m.id == 3 && m.path == PATH_REQUEST &&
		keel_bytes_is(m.body, "a"));
	CHECK(!keel_relay_next(&relay, &m)); /* not before the first is answered */
	answer(4, 200, keel_text("too early"));
	CHECK(relay.state == RELAY_ASKED);
	answer(3, 200, keel_text("x"));
	const struct keel_answer_args args = keel_relay_args(&relay);
	CHECK(args.number == 3 && args.status == 200 && keel_bytes_is(args.body, "x"));
	CHECK(relay.taken == 2); /* until the service has it */
	keel_relay_done(&relay);
	CHECK(relay.taken == 3 && keel_relay_next(&relay, &m) && m.id == 4);
}

static void what_a_session_left_in_the_middle_comes_again(void)
{
	const struct item items[] = { { 3, 0, keel_text("a") }, { 4, 0, keel_text("b") } };
	struct msg_request m;
	bool any = false;
	relay = (struct keel_relay){ .taken = 3 };
	CHECK(take(items, 2, &any) && any && keel_relay_next(&relay, &m) && m.id == 4);
	keel_relay_clear(&relay);
	CHECK(take(items, 2, &any) && any && keel_relay_next(&relay, &m) && m.id == 4);
	answer(4, 200, keel_text("y"));
	keel_relay_done(&relay);
	CHECK(take(items, 2, &any) && !any && !keel_relay_next(&relay, &m));
}

/* EN 303 645 5.13-1B: what no door would take is named as taken, and holds nothing up. */
static void prov_5_13_1b_what_no_door_would_take_is_let_go(void)
{
	static const uint8_t longest[KEEL_REQUEST_MAX + 1];
	const struct item items[] = { { 3, 9, keel_text("of a kind to come") },
		{ 4, 0, KEEL_VIEW(longest) }, { 5, 0, keel_text("b") } };
	struct msg_request m;
	bool any = false;
	relay = (struct keel_relay){ 0 };
	CHECK(take(items, 3, &any) && any && keel_relay_next(&relay, &m) && m.id == 5);
	CHECK(relay.taken == 4);
	relay = (struct keel_relay){ 0 };
	CHECK(keel_relay_take(&relay, keel_text("\xff"), &any) != KEEL_OK);
	CHECK(!keel_relay_next(&relay, &m));
}

static void an_answer_that_cannot_be_carried_is_told_as_none(void)
{
	static const uint8_t longest[KEEL_RELAYED_MAX + 1];
	const struct keel_bytes bodies[] = { { 0 }, KEEL_VIEW(longest) };
	const struct item one = { 1, 0, keel_text("a") };
	for (size_t i = 0; i < KEEL_COUNT(bodies); i++) {
		struct msg_request m;
		bool any = false;
		relay = (struct keel_relay){ 0 };
		CHECK(take(&one, 1, &any) && keel_relay_next(&relay, &m));
		answer(1, 200, bodies[i]);
		const struct keel_answer_args args = keel_relay_args(&relay);
		CHECK(relay.state == RELAY_ANSWERED && args.status == 503 && args.body.n == 1);
	}
}

TEST_MAIN(TEST(reports_are_held_in_order_and_no_more_than_one_call_carries),
	TEST(only_what_the_service_can_have_is_forgotten),
	TEST(requests_go_to_the_vault_one_by_one),
	TEST(what_a_session_left_in_the_middle_comes_again),
	TEST(prov_5_13_1b_what_no_door_would_take_is_let_go),
	TEST(an_answer_that_cannot_be_carried_is_told_as_none))

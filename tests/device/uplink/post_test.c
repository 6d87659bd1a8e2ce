/* What the room holds of reports and owners' requests while they are on their way. */
#include "check.h"
#include "device/uplink/outbox.h"
#include "device/uplink/relay.h"
#include "session/notice.h"

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

static const uint8_t id[KEEL_DEVICE_ID_LEN] = { 1 }, home[KEEL_HOME_ID_LEN] = { 2 };
static const struct keel_key key = { { 7 } };

/* Whether that is next, a request or a notice, with this number. */
static bool next(enum keel_msg want, uint64_t number, union keel_body *m)
{
	const struct keel_caller me = {
		.key = &key, .device = KEEL_VIEW(id), .home = KEEL_VIEW(home)
	};
	enum keel_msg msg = MSG_READY;
	return keel_relay_next(&relay, &me, &msg, m) == KEEL_OK && msg == want &&
	       (msg == MSG_REQUEST ? m->request.id : m->notice.number) == number;
}

static bool nothing_next(void)
{
	const struct keel_caller me = {
		.key = &key, .device = KEEL_VIEW(id), .home = KEEL_VIEW(home)
	};
	enum keel_msg msg;
	union keel_body m;
	return keel_relay_next(&relay, &me, &msg, &m) == KEEL_ENONE;
}

static struct item notice_of(uint64_t number, const struct keel_key *by, const char *body,
	uint8_t buf[KEEL_NOTICE_SEALED])
{
	const struct keel_notice_to to = { by, KEEL_VIEW(id), KEEL_VIEW(home), number };
	struct keel_wr w = keel_wr_of(buf, KEEL_NOTICE_SEALED);
	struct item out = { number, KEEL_INBOX_NOTICE, { 0 } };
	KEEL_MUST(keel_notice_seal(&to, keel_text(body), &w) == KEEL_OK);
	KEEL_MUST(keel_wr_end(&w, &out.payload) == KEEL_OK);
	return out;
}

static void requests_go_to_the_vault_one_by_one(void)
{
	const struct item items[] = { { 3, 0, keel_text("a") }, { 4, 0, keel_text("b") } };
	union keel_body m;
	bool any = false;
	relay = (struct keel_relay){ .answered = 2 };
	CHECK(take(items, 2, &any) && any);
	CHECK(next(MSG_REQUEST, 3, &m) && m.request.path == PATH_REQUEST &&
		keel_bytes_is(m.request.body, "a"));
	CHECK(nothing_next()); /* not before the first is answered */
	answer(4, 200, keel_text("too early"));
	CHECK(relay.state == RELAY_ASKED);
	answer(3, 200, keel_text("x"));
	const struct keel_answer_args args = keel_relay_args(&relay);
	CHECK(args.number == 3 && args.status == 200 && keel_bytes_is(args.body, "x"));
	CHECK(relay.answered == 2); /* until the service has it */
	keel_relay_done(&relay);
	CHECK(relay.answered == 3 && next(MSG_REQUEST, 4, &m));
}

static void what_a_session_left_in_the_middle_comes_again(void)
{
	const struct item items[] = { { 3, 0, keel_text("a") }, { 4, 0, keel_text("b") } };
	union keel_body m;
	bool any = false;
	relay = (struct keel_relay){ .answered = 3 };
	CHECK(take(items, 2, &any) && any && next(MSG_REQUEST, 4, &m));
	keel_relay_clear(&relay);
	CHECK(take(items, 2, &any) && any && next(MSG_REQUEST, 4, &m));
	answer(4, 200, keel_text("y"));
	keel_relay_done(&relay);
	CHECK(take(items, 2, &any) && !any && nothing_next());
}

#define NOTICE_A "\xa2\x01\x01\x02\x61\x41" /* {1: 1, 2: "A"} */

static void notices_go_to_the_vault_and_are_taken_as_it_says(void)
{
	uint8_t bufs[3][KEEL_NOTICE_SEALED];
	const struct item items[] = { { 900, 0, keel_text("a") },
		notice_of(5, &key, NOTICE_A, bufs[0]), notice_of(6, &key, "\xa1\x01\x01", bufs[1]),
		notice_of(7, &key, NOTICE_A, bufs[2]) };
	union keel_body m;
	bool any = false;
	relay = (struct keel_relay){ 0 };
	CHECK(take(items, 4, &any) && any && next(MSG_REQUEST, 900, &m));
	CHECK(keel_relay_waits(&relay));
	answer(900, 200, keel_text("x"));
	keel_relay_done(&relay);
	CHECK(!keel_relay_waits(&relay) && relay.taken == 0);
	CHECK(next(MSG_NOTICE, 5, &m) && m.notice.code == 1 && keel_bytes_is(m.notice.about, "A"));
	CHECK(keel_relay_waits(&relay) && nothing_next());
	keel_relay_noted(&relay, 4); /* not this one */
	CHECK(keel_relay_waits(&relay));
	keel_relay_noted(&relay, 5);
	CHECK(relay.taken == 5 && next(MSG_NOTICE, 7, &m)); /* 6 is of a form to come */
	keel_relay_noted(&relay, 9); /* the vault had more of a session before */
	CHECK(relay.taken == 9 && nothing_next());
	CHECK(take(items, 4, &any) && !any);
	keel_relay_clear(&relay); /* another session, perhaps of another home: the vault knows */
	CHECK(take(items, 4, &any) && any && next(MSG_NOTICE, 5, &m));
}

/* EN 303 645 5.5-1: not under the session's key, or not as this number. */
static void prov_5_5_1_a_notice_of_somebody_elses_is_no_item(void)
{
	static const struct keel_key other = { { 8 } };
	uint8_t buf[KEEL_NOTICE_SEALED];
	struct item item = notice_of(5, &other, NOTICE_A, buf);
	const struct keel_caller me = {
		.key = &key, .device = KEEL_VIEW(id), .home = KEEL_VIEW(home)
	};
	enum keel_msg msg;
	union keel_body m;
	bool any = false;
	relay = (struct keel_relay){ 0 };
	CHECK(take(&item, 1, &any) && keel_relay_next(&relay, &me, &msg, &m) == KEEL_EAUTH);
	item = notice_of(5, &key, NOTICE_A, buf);
	item.number = 6;
	keel_relay_clear(&relay);
	CHECK(take(&item, 1, &any) && keel_relay_next(&relay, &me, &msg, &m) == KEEL_EAUTH);
	CHECK(relay.taken == 0);
}

/* EN 303 645 5.13-1B: what no door would take is named as taken, and holds nothing up. */
static void prov_5_13_1b_what_no_door_would_take_is_let_go(void)
{
	static const uint8_t longest[KEEL_REQUEST_MAX + 1];
	const struct item items[] = { { 3, 9, keel_text("of a kind to come") },
		{ 4, 0, KEEL_VIEW(longest) }, { 5, 0, keel_text("b") } };
	union keel_body m;
	bool any = false;
	relay = (struct keel_relay){ 0 };
	CHECK(take(items, 3, &any) && any && next(MSG_REQUEST, 5, &m));
	CHECK(relay.taken == 3 && relay.answered == 4);
	relay = (struct keel_relay){ 0 };
	CHECK(keel_relay_take(&relay, keel_text("\xff"), &any) != KEEL_OK);
	CHECK(nothing_next());
}

static void an_answer_that_cannot_be_carried_is_told_as_none(void)
{
	static const uint8_t longest[KEEL_RELAYED_MAX + 1];
	const struct keel_bytes bodies[] = { { 0 }, KEEL_VIEW(longest) };
	const struct item one = { 1, 0, keel_text("a") };
	for (size_t i = 0; i < KEEL_COUNT(bodies); i++) {
		union keel_body m;
		bool any = false;
		relay = (struct keel_relay){ 0 };
		CHECK(take(&one, 1, &any) && next(MSG_REQUEST, 1, &m));
		answer(1, 200, bodies[i]);
		const struct keel_answer_args args = keel_relay_args(&relay);
		CHECK(relay.state == RELAY_ANSWERED && args.status == 503 && args.body.n == 1);
	}
}

TEST_MAIN(TEST(reports_are_held_in_order_and_no_more_than_one_call_carries),
	TEST(only_what_the_service_can_have_is_forgotten),
	TEST(requests_go_to_the_vault_one_by_one),
	TEST(what_a_session_left_in_the_middle_comes_again),
	TEST(notices_go_to_the_vault_and_are_taken_as_it_says),
	TEST(prov_5_5_1_a_notice_of_somebody_elses_is_no_item),
	TEST(prov_5_13_1b_what_no_door_would_take_is_let_go),
	TEST(an_answer_that_cannot_be_carried_is_told_as_none))

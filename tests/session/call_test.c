/* Calls in a session: nobody but who holds C makes one, and each is for one path, device and home. */
#include "check.h"
#include "session/call.h"
#include "session/hostile.h"
#include "session/report.h"

static struct keel_p256_key c, s_agree, thief;
static struct keel_key ours, theirs; /* the session's key, as device and service make it */
static const uint8_t token[] = { 0x83, 1, 2, 3 }, other_token[] = { 0x83, 1, 2, 4 };
static const uint8_t id[16] = { 1 }, home[16] = { 2 }, other[16] = { 9 };
static uint8_t buf[4096];

static struct keel_key agreed(
	const struct keel_p256_key *own, const struct keel_p256_pub *peer, struct keel_bytes of)
{
	struct keel_key key;
	const struct keel_agreer agreer = keel_agreer_of(own);
	KEEL_MUST(keel_session_key(&agreer, peer, of, &key) == KEEL_OK);
	return key;
}

static struct keel_bytes call_by(const struct keel_key *key, struct keel_bytes of_home)
{
	struct keel_bytes out;
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	const struct keel_report_result args = { .taken = 41 };
	const struct keel_caller caller = {
		.token = KEEL_VIEW(token), .key = key, .device = KEEL_VIEW(id), .home = of_home
	};
	KEEL_MUST(keel_call_write(&caller, KEEL_PATH_REPORT, &keel_report_result_schema, &args,
			  &w) == KEEL_OK);
	KEEL_MUST(keel_wr_end(&w, &out) == KEEL_OK);
	return out;
}

static struct keel_bytes make(void)
{
	keel_p256_generate(&c);
	keel_p256_generate(&s_agree);
	keel_p256_generate(&thief);
	ours = agreed(&c, &s_agree.pub, KEEL_VIEW(token));
	theirs = agreed(&s_agree, &c.pub, KEEL_VIEW(token));
	return call_by(&ours, KEEL_VIEW(home));
}

static enum keel_err open(struct keel_bytes in, const struct keel_key *key, const char *path,
	struct keel_bytes device, struct keel_bytes at_home)
{
	struct keel_call call;
	struct keel_report_result args;
	enum keel_err e = keel_schema_read(&keel_call_schema, in, &call, NULL);
	if (e == KEEL_OK)
		e = keel_call_open(
			&call, key, path, device, at_home, &keel_report_result_schema, &args);
	return e == KEEL_OK && args.taken != 41 ? KEEL_ERANGE : e;
}

static void both_sides_agree_on_the_key_and_the_call_opens(void)
{
	struct keel_bytes good = make();
	struct keel_call call;
	CHECK(memcmp(&ours, &theirs, sizeof(ours)) == 0);
	CHECK(keel_schema_read(&keel_call_schema, good, &call, NULL) == KEEL_OK);
	CHECK(keel_bytes_equal(call.token, KEEL_VIEW(token)));
	CHECK(open(good, &theirs, KEEL_PATH_REPORT, KEEL_VIEW(id), KEEL_VIEW(home)) == KEEL_OK);
}

/* docs/service.md, Opening a session, computed here from the primitives. */
static void the_key_is_the_documented_one(void)
{
	struct keel_key shared, expected;
	struct keel_digest digest;
	uint8_t info[12 + 32] = "keel session";
	const struct keel_bytes of = KEEL_VIEW(token);
	(void)make();
	KEEL_MUST(keel_p256_agree(&c, &s_agree.pub, &shared) == KEEL_OK);
	keel_sha256(&of, 1, &digest);
	memcpy(info + 12, digest.b, 32);
	keel_hkdf(KEEL_VIEW(shared.b), (struct keel_bytes){ 0 }, KEEL_VIEW(info), expected.b, 32);
	CHECK(memcmp(&ours, &expected, sizeof(ours)) == 0);
}

static void prov_5_5_1_a_stolen_token_without_its_key_is_refused(void)
{
	(void)make();
	/* The thief has the token and S's public keys, and makes up the rest. */
	const struct keel_key guess = agreed(&thief, &s_agree.pub, KEEL_VIEW(token));
	struct keel_bytes forged = call_by(&guess, KEEL_VIEW(home));
	CHECK(open(forged, &theirs, KEEL_PATH_REPORT, KEEL_VIEW(id), KEEL_VIEW(home)) ==
		KEEL_EAUTH);
}

static void prov_5_5_1_another_token_is_another_key(void)
{
	(void)make();
	const struct keel_key next = agreed(&c, &s_agree.pub, KEEL_VIEW(other_token));
	CHECK(memcmp(&next, &ours, sizeof(next)) != 0);
	struct keel_bytes forged = call_by(&next, KEEL_VIEW(home));
	CHECK(open(forged, &theirs, KEEL_PATH_REPORT, KEEL_VIEW(id), KEEL_VIEW(home)) ==
		KEEL_EAUTH);
}

static void prov_5_5_7_a_call_is_for_one_path_device_and_home(void)
{
	struct keel_bytes good = make(), none = { 0 };
	CHECK(open(good, &theirs, KEEL_PATH_INBOX, KEEL_VIEW(id), KEEL_VIEW(home)) == KEEL_EAUTH);
	CHECK(open(good, &theirs, "", KEEL_VIEW(id), KEEL_VIEW(home)) == KEEL_EAUTH);
	CHECK(open(good, &theirs, KEEL_PATH_REPORT, KEEL_VIEW(other), KEEL_VIEW(home)) ==
		KEEL_EAUTH);
	CHECK(open(good, &theirs, KEEL_PATH_REPORT, KEEL_VIEW(id), KEEL_VIEW(other)) == KEEL_EAUTH);
	CHECK(open(good, &theirs, KEEL_PATH_REPORT, KEEL_VIEW(id), none) == KEEL_EAUTH);
	good = call_by(&ours, none); /* in the factory state */
	CHECK(open(good, &theirs, KEEL_PATH_REPORT, KEEL_VIEW(id), none) == KEEL_OK);
	CHECK(open(good, &theirs, KEEL_PATH_REPORT, KEEL_VIEW(id), KEEL_VIEW(home)) == KEEL_EAUTH);
}

/* The token's own bytes are its signature's to defend: token_test. Here they count as changed too. */
static bool takes(void *self, struct keel_bytes in)
{
	struct keel_call call;
	(void)self;
	return keel_schema_read(&keel_call_schema, in, &call, NULL) == KEEL_OK &&
	       keel_bytes_equal(call.token, KEEL_VIEW(token)) &&
	       open(in, &theirs, KEEL_PATH_REPORT, KEEL_VIEW(id), KEEL_VIEW(home)) == KEEL_OK;
}

static void prov_5_13_1b_every_change_is_refused(void)
{
	struct keel_bytes good = make();
	uint8_t kept[sizeof(buf)];
	memcpy(kept, good.p, good.n);
	CHECK(hostile_changes_taken((struct keel_bytes){ kept, good.n }, takes, NULL) == 0);
}

static void a_peer_off_the_curve_gives_no_key(void)
{
	static const struct keel_p256_pub nowhere = { { 7 } };
	struct keel_key key;
	(void)make();
	const struct keel_agreer agreer = keel_agreer_of(&s_agree);
	CHECK(keel_session_key(&agreer, &nowhere, KEEL_VIEW(token), &key) == KEEL_EAUTH);
}

/* The largest report there is fits a body, and reads back. */
static void the_largest_report_fits_a_body_or_is_refused(void)
{
	static uint8_t payload[KEEL_REPORT_PAYLOAD_MAX], items[65536], body[KEEL_CALL_MAX];
	struct keel_wr w = keel_wr_of(items, sizeof(items)), out = keel_wr_of(body, sizeof(body));
	struct keel_report_args args = { 0 }, read;
	struct keel_call call;
	struct keel_bytes in;
	(void)make();
	for (unsigned i = 1; i <= 15; i++) {
		const struct keel_report_item item = { .number = i, .payload = KEEL_VIEW(payload) };
		keel_list_add(&keel_report_item_row, &item, &w, &args.items);
	}
	const struct keel_caller caller = { KEEL_VIEW(token), &ours, KEEL_VIEW(id),
		KEEL_VIEW(home) };
	CHECK(keel_call_write(&caller, KEEL_PATH_REPORT, &keel_report_args_schema, &args, &out) ==
		KEEL_OK);
	CHECK(keel_wr_end(&out, &in) == KEEL_OK);
	CHECK(keel_schema_read(&keel_call_schema, in, &call, NULL) == KEEL_OK);
	CHECK(keel_call_open(&call, &theirs, KEEL_PATH_REPORT, KEEL_VIEW(id), KEEL_VIEW(home),
		      &keel_report_args_schema, &read) == KEEL_OK);
	CHECK(read.items.count == 15);
	const struct keel_report_item more = { .number = 16, .payload = KEEL_VIEW(payload) };
	w = keel_wr_of(items, sizeof(items));
	args.items = (struct keel_list){ 0 };
	for (unsigned i = 1; i <= 16; i++)
		keel_list_add(&keel_report_item_row, &more, &w, &args.items);
	out = keel_wr_of(body, sizeof(body));
	CHECK(keel_call_write(&caller, KEEL_PATH_REPORT, &keel_report_args_schema, &args, &out) !=
		KEEL_OK);
}

TEST_MAIN(TEST(both_sides_agree_on_the_key_and_the_call_opens), TEST(the_key_is_the_documented_one),
	TEST(prov_5_5_1_a_stolen_token_without_its_key_is_refused),
	TEST(prov_5_5_1_another_token_is_another_key),
	TEST(prov_5_5_7_a_call_is_for_one_path_device_and_home),
	TEST(prov_5_13_1b_every_change_is_refused), TEST(a_peer_off_the_curve_gives_no_key),
	TEST(the_largest_report_fits_a_body_or_is_refused))

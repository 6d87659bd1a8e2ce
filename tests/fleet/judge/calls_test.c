/* A call, from its bytes to what it says: by its token the first time, and by what was kept then. */
#include "check.h"
#include "fleet/judge/calls.h"
#include "session/inbox.h"
#include "session/token.h"

#define NOW    1800000000
#define ORIGIN "https://fleet.example"

static struct keel_p256_key c, s_sign[2], s_agree[2];
static struct keel_judge_keys keys;
static struct keel_verified *seen;
static uint8_t st[2][KEEL_THUMBPRINT_LEN], token_buf[KEEL_TOKEN_MAX], body_buf[2048];
static const uint8_t id[16] = { 1 }, home[16] = { 2 };
static size_t home_n = sizeof(home); /* 0: nobody owns the device */

static void begin(void)
{
	keel_p256_generate(&c);
	keys.count = 2; /* one that rolls out, and the next */
	for (size_t i = 0; i < 2; i++) {
		keel_p256_generate(&s_sign[i]);
		keel_p256_generate(&s_agree[i]);
		keel_thumbprint(&s_sign[i].pub, &s_agree[i].pub, st[i]);
		memcpy(keys.key[i].st, st[i], sizeof(st[i]));
		KEEL_MUST(keel_p256_open_pub(&s_sign[i].pub, &keys.key[i].sign) == KEEL_OK);
		keys.key[i].agree = keel_agreer_of(&s_agree[i]);
		keys.key[i].until = i == 0 ? NOW + 100 : NOW + 10000;
	}
	seen = keel_verified_new(4);
}

static void end(void)
{
	for (size_t i = 0; i < 2; i++)
		keel_p256_close(&keys.key[i].sign);
	keel_verified_free(seen);
}

static struct keel_bytes token_by(size_t which, const char *origin, bool only_updates)
{
	struct keel_wr w = keel_wr_of(token_buf, sizeof(token_buf));
	struct keel_bytes out;
	const struct keel_signer signer = keel_signer_of(&s_sign[which]);
	const struct keel_token t = { .issuer = keel_text(origin),
		.audience = keel_text(origin),
		.issued = NOW,
		.expires = NOW + KEEL_TOKEN_TTL_S,
		.cti = KEEL_VIEW(id),
		.cnf = keel_cnf_of(&c.pub),
		.device = KEEL_VIEW(id),
		.home = { home, home_n },
		.only_updates = only_updates };
	KEEL_MUST(keel_token_write(&signer, st[which], &t, &w) == KEEL_OK);
	KEEL_MUST(keel_wr_end(&w, &out) == KEEL_OK);
	return out;
}

/* As the device makes it: by C and S.agree. */
static struct keel_bytes call_with(struct keel_bytes token, const struct keel_p256_key *by,
	size_t which, const uint8_t *device)
{
	struct keel_key key;
	struct keel_wr w = keel_wr_of(body_buf, sizeof(body_buf));
	struct keel_bytes out;
	const struct keel_agreer agreer = keel_agreer_of(by);
	const struct keel_inbox_args args = { .taken = 9, .wait_s = 50 };
	KEEL_MUST(keel_session_key(&agreer, &s_agree[which].pub, token, &key) == KEEL_OK);
	const struct keel_caller caller = { token, &key, { device, 16 }, { home, home_n } };
	KEEL_MUST(keel_call_write(&caller, KEEL_PATH_INBOX, &keel_inbox_args_schema, &args, &w) ==
		  KEEL_OK);
	KEEL_MUST(keel_wr_end(&w, &out) == KEEL_OK);
	return out;
}

static enum keel_err judge(struct keel_bytes body, int64_t now, const char *path)
{
	struct keel_judge_call call;
	struct keel_inbox_args args;
	enum keel_err e = keel_judge_call(seen, &keys, keel_text(ORIGIN), now, body, &call);
	if (e == KEEL_OK)
		e = keel_judge_call_args(&call, path, &keel_inbox_args_schema, &args);
	return e == KEEL_OK && (args.taken != 9 || args.wait_s != 50) ? KEEL_ERANGE : e;
}

static void a_call_is_opened_and_its_session_kept(void)
{
	struct keel_judge_call call;
	begin();
	struct keel_bytes body = call_with(token_by(1, ORIGIN, true), &c, 1, id);
	CHECK(judge(body, NOW, KEEL_PATH_INBOX) == KEEL_OK);
	CHECK(keel_verified_count(seen) == 1);
	keys.count = 0; /* known by what was kept: no key is needed now */
	CHECK(judge(body, NOW, KEEL_PATH_INBOX) == KEEL_OK);
	CHECK(keel_judge_call(seen, &keys, keel_text(ORIGIN), NOW, body, &call) == KEEL_OK);
	CHECK(call.session->only_updates && call.session->home_n == 16);
	CHECK(memcmp(call.session->device, id, sizeof(id)) == 0);
	CHECK(judge(body, NOW + KEEL_TOKEN_TTL_S, KEEL_PATH_INBOX) == KEEL_EAUTH);
	end();
}

static void a_device_that_nobody_owns_calls_too(void)
{
	begin();
	home_n = 0;
	CHECK(judge(call_with(token_by(1, ORIGIN, false), &c, 1, id), NOW, KEEL_PATH_INBOX) ==
		KEEL_OK);
	home_n = sizeof(home);
	end();
}

static void a_key_that_rolls_over_takes_its_sessions_with_it(void)
{
	begin();
	struct keel_bytes body = call_with(token_by(0, ORIGIN, false), &c, 0, id);
	CHECK(judge(body, NOW + 99, KEEL_PATH_INBOX) == KEEL_OK);
	CHECK(judge(body, NOW + 100, KEEL_PATH_INBOX) == KEEL_ESTALE);
	CHECK(keel_verified_count(seen) == 0);
	end();
}

/* EN 303 645 5.5-1: with the token, and without C. First when it was never seen, then when it was. */
static void prov_5_5_1_a_stolen_token_makes_no_call(void)
{
	struct keel_p256_key thief;
	begin();
	keel_p256_generate(&thief);
	struct keel_bytes token = token_by(1, ORIGIN, false);
	CHECK(judge(call_with(token, &thief, 1, id), NOW, KEEL_PATH_INBOX) == KEEL_EAUTH);
	CHECK(judge(call_with(token, &c, 1, id), NOW, KEEL_PATH_INBOX) == KEEL_OK);
	CHECK(judge(call_with(token, &thief, 1, id), NOW, KEEL_PATH_INBOX) == KEEL_EAUTH);
	end();
}

static void prov_5_5_7_what_the_token_says_is_what_counts(void)
{
	static const uint8_t other[16] = { 9 };
	begin();
	struct keel_bytes token = token_by(1, ORIGIN, false);
	CHECK(judge(call_with(token, &c, 1, other), NOW, KEEL_PATH_INBOX) == KEEL_EAUTH);
	CHECK(judge(call_with(token, &c, 1, id), NOW, KEEL_PATH_REPORT) == KEEL_EAUTH);
	token = token_by(1, "https://other.example", false);
	CHECK(judge(call_with(token, &c, 1, id), NOW, KEEL_PATH_INBOX) == KEEL_EAUTH);
	end();
}

/* A token whose kid names another of our keys, or none; a signature of theirs. */
static void prov_5_5_1_forged_tokens_are_refused(void)
{
	begin();
	struct keel_bytes token = token_by(1, ORIGIN, false);
	uint8_t *kid = memmem(token_buf, token.n, st[1], sizeof(st[1]));
	memcpy(kid, st[0], sizeof(st[0]));
	CHECK(judge(call_with(token, &c, 1, id), NOW, KEEL_PATH_INBOX) == KEEL_EAUTH);
	kid[0] ^= 1;
	CHECK(judge(call_with(token, &c, 1, id), NOW, KEEL_PATH_INBOX) == KEEL_EAUTH);
	token = token_by(1, ORIGIN, false);
	token_buf[token.n - 1] ^= 1;
	CHECK(judge(call_with(token, &c, 1, id), NOW, KEEL_PATH_INBOX) == KEEL_EAUTH);
	CHECK(keel_verified_count(seen) == 0);
	end();
}

static void what_is_no_call_is_told_apart(void)
{
	static const uint8_t none[] = { 0xa0 }, halves[] = { 0x82, 0x80, 0x80 };
	begin();
	CHECK(judge(KEEL_VIEW(none), NOW, KEEL_PATH_INBOX) == KEEL_EFORM);
	CHECK(judge(KEEL_VIEW(halves), NOW, KEEL_PATH_INBOX) == KEEL_EFORM);
	end();
}

TEST_MAIN(TEST(a_call_is_opened_and_its_session_kept), TEST(a_device_that_nobody_owns_calls_too),
	TEST(a_key_that_rolls_over_takes_its_sessions_with_it),
	TEST(prov_5_5_1_a_stolen_token_makes_no_call),
	TEST(prov_5_5_7_what_the_token_says_is_what_counts),
	TEST(prov_5_5_1_forged_tokens_are_refused), TEST(what_is_no_call_is_told_apart))

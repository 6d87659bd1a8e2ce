/* An owner against a real vault, in one process, and somebody in the middle who relays and changes. */
#include <stdlib.h>

#include "check.h"
#include "device/vault_engine/home.h"
#include "owner/member.h"
#include "owner/pad.h"

static struct home home; /* large */

/* Seals a question of m into home.request, and gives its nonce. */
static void question(
	const struct keel_member *m, uint64_t op, uint8_t nonce[KEEL_REQUEST_NONCE_LEN])
{
	struct keel_wr w = keel_wr_of(home.request_buf, sizeof(home.request_buf));
	KEEL_MUST(keel_member_ask(m, keel_op_of(op), NULL, nonce, &w) == KEEL_OK);
	KEEL_MUST(keel_wr_end(&w, &home.request) == KEEL_OK);
}

static void change(struct keel_member *m, int64_t celsius, uint8_t nonce[KEEL_REQUEST_NONCE_LEN])
{
	uint8_t challenge[KEEL_CHALLENGE_LEN];
	home_challenge(&home, m, challenge);
	struct keel_wr w = keel_wr_of(home.request_buf, sizeof(home.request_buf));
	KEEL_MUST(keel_member_change(m, keel_op_of(KEEL_OP_COMMAND),
			  home_command("set temperature", "celsius", celsius), KEEL_VIEW(challenge),
			  nonce, &w) == KEEL_OK);
	KEEL_MUST(keel_wr_end(&w, &home.request) == KEEL_OK);
}

static bool holds(struct keel_bytes in, const void *what, size_t n)
{
	return memmem(in.p, in.n, what, n) != NULL;
}

static void a_visit_works_through_an_honest_pipe(void)
{
	struct keel_member m;
	struct keel_state_result r;
	home_make(&home);
	home_claim(&home, &m);
	CHECK(home_ask(&home, &m, KEEL_OP_STATE, NULL, &r) == KEEL_OK);
	CHECK(r.role == KEEL_ROLE_OWNER);
	CHECK(home_heat(&home, &m, 21500) == KEEL_OK);
	CHECK(home.sents == 1 && home.sent[0].value == 21500);
	keel_member_wipe(&m);
	home_end(&home);
}

/* EN 303 645 5.5-7: what a pipe carries tells it nothing but whose it is. */
static void prov_5_5_7_nothing_is_readable_in_the_middle(void)
{
	static const char *const words[] = { "set temperature", "celsius", "temperature", "Ann" };
	uint8_t nonce[KEEL_REQUEST_NONCE_LEN];
	struct keel_member m;
	home_make(&home);
	home_claim(&home, &m);
	CHECK(home_rename(&home, &m, "Ann") == KEEL_OK);
	CHECK(!holds(home.request, "Ann", 3));
	change(&m, 21500, nonce);
	for (size_t i = 0; i < KEEL_COUNT(words); i++)
		CHECK_ROW(!holds(home.request, words[i], strlen(words[i])), words[i]);
	CHECK(!holds(home.request, nonce, sizeof(nonce)));
	CHECK(!holds(home.request, m.home, sizeof(m.home)));
	CHECK(home_send(&home, PATH_REQUEST, "a", home.request) == 200);
	CHECK(!holds(home.answer, nonce, sizeof(nonce)));
	question(&m, KEEL_OP_PEOPLE, nonce);
	CHECK(home_send(&home, PATH_REQUEST, "a", home.request) == 200);
	for (size_t i = 0; i < KEEL_COUNT(words); i++)
		CHECK_ROW(!holds(home.answer, words[i], strlen(words[i])), words[i]);
	keel_member_wipe(&m);
	home_end(&home);
}

/* What is asked and answered in a visit: whoever carries it sees whole steps, and not what it is by its size. */
static void a_relay_sees_sizes_in_whole_steps_only(void)
{
	static const uint64_t without_args[] = { KEEL_OP_CHALLENGE, KEEL_OP_STATE, KEEL_OP_KEPT,
		KEEL_OP_PEOPLE, KEEL_OP_PRODUCT };
	uint8_t nonce[KEEL_REQUEST_NONCE_LEN];
	struct keel_member m;
	home_make(&home);
	home_claim(&home, &m);
	for (size_t i = 0; i < KEEL_COUNT(without_args); i++) {
		question(&m, without_args[i], nonce);
		CHECK(home.request.n % KEEL_PAD_STEP == 0);
		CHECK(home_send(&home, PATH_REQUEST, "a", home.request) == 200);
		CHECK(home.answer.n % KEEL_PAD_STEP == 0);
	}
	question(&m, KEEL_OP_STATE, nonce);
	size_t asking = home.request.n;
	question(&m, KEEL_OP_CHALLENGE, nonce);
	CHECK(home.request.n == asking);
	change(&m, 21500, nonce);
	CHECK(home.request.n % KEEL_PAD_STEP == 0);
	CHECK(home_send(&home, PATH_REQUEST, "a", home.request) == 200);
	CHECK(home.answer.n % KEEL_PAD_STEP == 0);
	keel_member_wipe(&m);
	home_end(&home);
}

/* A body with this padding, sealed as it is. */
static void seal_as_it_is(const struct keel_member *m, enum keel_purpose purpose, const void *body,
	const struct keel_schema *schema, struct keel_bytes *out)
{
	static uint8_t plain[KEEL_BODY_MAX];
	const bool asks = purpose == KEEL_FOR_REQUEST;
	const struct keel_bytes owner = KEEL_VIEW(m->thumbprint), device = KEEL_VIEW(m->device);
	const struct keel_names names = { KEEL_VIEW(m->id), KEEL_VIEW(m->home),
		asks ? device : owner };
	struct keel_wr w = keel_wr_of(plain, sizeof(plain));
	struct keel_wr sealed = keel_wr_of(home.request_buf, sizeof(home.request_buf));
	struct keel_bytes payload;
	KEEL_MUST(keel_payload_write(purpose, &names, schema, body, &w) == KEEL_OK &&
		  keel_wr_end(&w, &payload) == KEEL_OK);
	KEEL_MUST(keel_cose_seal_static(&m->shared, asks ? owner : device, asks ? device : owner,
			  payload, &sealed) == KEEL_OK &&
		  keel_wr_end(&sealed, out) == KEEL_OK);
}

/* Older peers have none; and it is no place in which something could be hidden. */
static void padding_may_be_missing_and_is_nothing_but_zeros(void)
{
	static const uint8_t zeros[8] = { 0 }, others[8] = { [7] = 1 };
	const uint8_t nonce[KEEL_REQUEST_NONCE_LEN] = { 1 };
	static const struct {
		struct keel_bytes padding;
		bool there, good;
	} rows[] = {
		{ { 0 }, false, true },
		{ { zeros, 0 }, true, true },
		{ { zeros, 8 }, true, true },
		{ { others, 8 }, true, false },
	};
	struct keel_member m;
	home_make(&home);
	home_claim(&home, &m);
	for (size_t i = 0; i < KEEL_COUNT(rows); i++) {
		struct keel_request q = {
			.nonce = KEEL_VIEW(nonce), .op = KEEL_OP_STATE, .padding = rows[i].padding
		};
		struct keel_request_answer a = { .nonce = KEEL_VIEW(nonce),
			.padding = rows[i].padding };
		struct keel_request_answer read;
		q.has = 1U << KEEL_REQUEST_OP | (uint32_t)rows[i].there << KEEL_REQUEST_PADDING;
		a.has = (uint32_t)rows[i].there << KEEL_ANSWER_PADDING;
		seal_as_it_is(&m, KEEL_FOR_REQUEST, &q, &keel_request_schema, &home.request);
		CHECK(home_send(&home, PATH_REQUEST, "a", home.request) ==
			(rows[i].good ? 200 : 400));
		seal_as_it_is(&m, KEEL_FOR_ANSWER, &a, &keel_request_answer_schema, &home.request);
		CHECK(keel_member_answer(&m, nonce, home.request, home.plain, &read) ==
			(rows[i].good ? KEEL_OK : KEEL_EFORM));
	}
	keel_member_wipe(&m);
	home_end(&home);
}

/* The same question twice looks different each time: nobody sees that it was the same. */
static void equal_questions_are_sealed_differently(void)
{
	uint8_t nonce[KEEL_REQUEST_NONCE_LEN];
	uint8_t first[KEEL_BODY_MAX];
	struct keel_member m;
	home_make(&home);
	home_claim(&home, &m);
	question(&m, KEEL_OP_STATE, nonce);
	struct keel_bytes one = { first, home.request.n };
	memcpy(first, home.request.p, home.request.n);
	question(&m, KEEL_OP_STATE, nonce);
	CHECK(one.n == home.request.n && !keel_bytes_equal(one, home.request));
	keel_member_wipe(&m);
	home_end(&home);
}

/* EN 303 645 5.13-1: every byte of a sealed change, in two ways; only the untouched one commands. */
static void prov_5_5_7_every_changed_byte_of_a_request_is_refused(void)
{
	uint8_t nonce[KEEL_REQUEST_NONCE_LEN];
	struct keel_member m;
	struct keel_request_answer a;
	home_make(&home);
	home_claim(&home, &m);
	change(&m, 21500, nonce);
	size_t n = home.request.n;
	for (size_t i = 0; i < 2 * n; i++) {
		uint8_t mask = i < n ? 0x01 : 0x80;
		home.request_buf[i % n] ^= mask;
		unsigned status = home_send(&home, PATH_REQUEST, "a", home.request);
		/* Where the device answers at all, its answer is for who asked, and refuses. */
		if (status == 200)
			CHECK(keel_member_answer(&m, nonce, home.answer, home.plain, &a) !=
					KEEL_OK ||
				a.error != KEEL_OK);
		home.request_buf[i % n] ^= mask;
	}
	CHECK(home.sents == 0);
	for (size_t cut = 0; cut < n; cut++)
		CHECK(home_send(&home, PATH_REQUEST, "a",
			      (struct keel_bytes){ home.request_buf, cut }) != 200);
	CHECK(home.sents == 0);
	CHECK(home_send(&home, PATH_REQUEST, "a", home.request) == 200);
	CHECK(home.sents == 1);
	keel_member_wipe(&m);
	home_end(&home);
}

static void every_changed_byte_of_an_answer_is_refused(void)
{
	uint8_t nonce[KEEL_REQUEST_NONCE_LEN];
	struct keel_member m;
	struct keel_request_answer a = { .error = 77 };
	home_make(&home);
	home_claim(&home, &m);
	question(&m, KEEL_OP_STATE, nonce);
	CHECK(home_send(&home, PATH_REQUEST, "a", home.request) == 200);
	uint8_t *bytes = malloc(home.answer.n);
	KEEL_MUST(bytes != NULL);
	memcpy(bytes, home.answer.p, home.answer.n);
	for (size_t i = 0; i < home.answer.n; i++) {
		bytes[i] ^= 0x10;
		CHECK(keel_member_answer(&m, nonce, (struct keel_bytes){ bytes, home.answer.n },
			      home.plain, &a) != KEEL_OK);
		bytes[i] ^= 0x10;
		CHECK(keel_member_answer(&m, nonce, (struct keel_bytes){ bytes, i }, home.plain,
			      &a) != KEEL_OK);
	}
	CHECK(a.error == 77); /* untouched on error */
	CHECK(keel_member_answer(&m, nonce, home.answer, home.plain, &a) == KEEL_OK);
	CHECK(a.error == KEEL_OK);
	free(bytes);
	keel_member_wipe(&m);
	home_end(&home);
}

static void an_answer_to_another_question_is_refused(void)
{
	uint8_t first[KEEL_REQUEST_NONCE_LEN];
	uint8_t second[KEEL_REQUEST_NONCE_LEN];
	struct keel_member m;
	struct keel_request_answer a;
	home_make(&home);
	home_claim(&home, &m);
	question(&m, KEEL_OP_STATE, first);
	CHECK(home_send(&home, PATH_REQUEST, "a", home.request) == 200);
	question(&m, KEEL_OP_STATE, second);
	CHECK(keel_member_answer(&m, second, home.answer, home.plain, &a) == KEEL_EAUTH);
	CHECK(keel_member_answer(&m, first, home.answer, home.plain, &a) == KEEL_OK);
	/* Our own request sent back to us is no answer either. */
	CHECK(keel_member_answer(&m, second, home.request, home.plain, &a) != KEEL_OK);
	keel_member_wipe(&m);
	home_end(&home);
}

/* An owner of one home cannot read or command another, nor after leaving and coming back. */
static void another_home_is_another_world(void)
{
	uint8_t nonce[KEEL_REQUEST_NONCE_LEN];
	struct keel_member m;
	struct keel_member again;
	struct keel_receipt_result gone;
	home_make(&home);
	home_claim(&home, &m);
	CHECK(home_change(&home, &m, KEEL_OP_LEAVE, NULL, &gone) == KEEL_OK);
	home_claim(&home, &again);
	CHECK(memcmp(m.home, again.home, sizeof(m.home)) != 0);
	CHECK(memcmp(m.thumbprint, again.thumbprint, sizeof(m.thumbprint)) != 0);
	question(&m, KEEL_OP_STATE, nonce);
	CHECK(home_send(&home, PATH_REQUEST, "a", home.request) != 200);
	/* The new keys with the old home's name: the envelope says so, and it is refused. */
	memcpy(again.home, m.home, sizeof(again.home));
	CHECK(home_ask(&home, &again, KEEL_OP_STATE, NULL, NULL) != KEEL_OK);
	keel_member_wipe(&m);
	keel_member_wipe(&again);
	home_end(&home);
}

/* What the device signs is taken for its own purpose only, unchanged, and from this device. */
static void signed_things_are_verified_whole(void)
{
	struct keel_member m;
	struct keel_receipt_result r;
	struct keel_receipt receipt;
	struct keel_owners_list list;
	const struct keel_delete_args args = { .what = KEEL_DELETE_MINE };
	uint8_t bytes[1024];
	home_make(&home);
	home_claim(&home, &m);
	CHECK(home_change(&home, &m, KEEL_OP_DELETE, &args, &r) == KEEL_OK);
	struct keel_bytes in = { bytes, r.receipt.n };
	KEEL_MUST(in.n <= sizeof(bytes));
	memcpy(bytes, r.receipt.p, in.n);
	CHECK(keel_member_verify(&m, KEEL_FOR_RECEIPT, &keel_receipt_schema, in, &receipt) ==
		KEEL_OK);
	CHECK(keel_bytes_equal(receipt.by, KEEL_VIEW(m.thumbprint)));
	CHECK(keel_member_verify(&m, KEEL_FOR_OWNERS, &keel_owners_list_schema, in, &list) !=
		KEEL_OK);
	for (size_t i = 0; i < in.n; i++) {
		bytes[i] ^= 0x04;
		CHECK(keel_member_verify(
			      &m, KEEL_FOR_RECEIPT, &keel_receipt_schema, in, &receipt) != KEEL_OK);
		bytes[i] ^= 0x04;
	}
	keel_member_wipe(&m);
	home_end(&home);
}

/* Somebody in the middle puts their own D, nonce or id into hello. */
static void a_changed_hello_makes_no_claim_that_works(void)
{
	static const uint8_t nothing[] = { 0xa0 };
	struct keel_entry e;
	struct keel_member m;
	uint8_t hello[2048];
	uint8_t buf[KEEL_CLAIM_BYTES_MAX];
	home_make(&home);
	CHECK(home_send(&home, PATH_HELLO, "a", KEEL_VIEW(nothing)) == 200);
	struct keel_bytes in = { hello, home.answer.n };
	KEEL_MUST(in.n <= sizeof(hello));
	memcpy(hello, home.answer.p, in.n);
	/* id and D stand in the first 153 bytes; a claim costs a PBKDF2 where they are right. */
	for (size_t i = 0; i < 153; i += 3) {
		struct keel_wr w = keel_wr_of(buf, sizeof(buf));
		hello[i] ^= 0x40;
		CHECK(keel_entry_claim(&home.label, KEEL_FOR_CLAIM, in, &e, &w) != KEEL_OK);
		hello[i] ^= 0x40;
	}
	home_claim(&home, &m);
	keel_member_wipe(&m);
	home_end(&home);
}

static void every_changed_byte_of_a_welcome_is_refused(void)
{
	static const uint8_t nothing[] = { 0xa0 };
	struct keel_entry e;
	struct keel_member m = { 0 };
	uint8_t bytes[2048];
	home_make(&home);
	CHECK(home_send(&home, PATH_HELLO, "a", KEEL_VIEW(nothing)) == 200);
	struct keel_wr w = keel_wr_of(home.request_buf, sizeof(home.request_buf));
	CHECK(keel_entry_claim(&home.label, KEEL_FOR_CLAIM, home.answer, &e, &w) == KEEL_OK);
	CHECK(keel_wr_end(&w, &home.request) == KEEL_OK);
	CHECK(home_send(&home, PATH_CLAIM, "a", home.request) == 200);
	struct keel_bytes in = { bytes, home.answer.n };
	KEEL_MUST(in.n <= sizeof(bytes));
	memcpy(bytes, home.answer.p, in.n);
	for (size_t i = 0; i < in.n; i++) {
		bytes[i] ^= 0x20;
		CHECK(keel_entry_welcome(&e, in, &m) != KEEL_OK);
		bytes[i] ^= 0x20;
	}
	CHECK(keel_entry_welcome(&e, in, &m) == KEEL_OK);
	keel_entry_wipe(&e);
	keel_member_wipe(&m);
	home_end(&home);
}

static void a_member_survives_its_file(void)
{
	uint8_t buf[KEEL_MEMBER_FILE_MAX];
	struct keel_member m;
	struct keel_member back = { 0 };
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	struct keel_bytes in;
	home_make(&home);
	home_claim(&home, &m);
	CHECK(home_heat(&home, &m, 20000) == KEEL_OK);
	CHECK(keel_member_write(&m, &w) == KEEL_OK && keel_wr_end(&w, &in) == KEEL_OK);
	for (size_t n = 0; n < in.n; n++)
		CHECK(keel_member_read((struct keel_bytes){ buf, n }, &back) != KEEL_OK);
	CHECK(keel_member_read(in, &back) == KEEL_OK);
	CHECK(memcmp(m.thumbprint, back.thumbprint, sizeof(m.thumbprint)) == 0);
	CHECK(back.counter == m.counter && back.role == m.role);
	CHECK(home_heat(&home, &back, 21000) == KEEL_OK); /* it can still command */
	keel_member_wipe(&m);
	keel_member_wipe(&back);
	home_end(&home);
}

/* A claim whose welcome was lost is finished from its file, with the same bytes. */
static void a_claim_under_way_survives_its_file(void)
{
	static const uint8_t nothing[] = { 0xa0 };
	uint8_t claim[KEEL_CLAIM_BYTES_MAX];
	uint8_t file[KEEL_ENTRY_FILE_MAX];
	struct keel_entry e;
	struct keel_entry back = { 0 };
	struct keel_member m = { 0 };
	struct keel_bytes sent;
	struct keel_bytes stored;
	struct keel_bytes again;
	home_make(&home);
	CHECK(home_send(&home, PATH_HELLO, "a", KEEL_VIEW(nothing)) == 200);
	struct keel_wr w = keel_wr_of(claim, sizeof(claim));
	CHECK(keel_entry_claim(&home.label, KEEL_FOR_CLAIM, home.answer, &e, &w) == KEEL_OK);
	CHECK(keel_wr_end(&w, &sent) == KEEL_OK);
	w = keel_wr_of(file, sizeof(file));
	CHECK(keel_entry_write(&e, sent, &w) == KEEL_OK && keel_wr_end(&w, &stored) == KEEL_OK);
	CHECK(home_send(&home, PATH_CLAIM, "a", sent) == 200); /* and the answer is lost */
	keel_entry_wipe(&e);
	for (size_t n = 0; n < stored.n; n++)
		CHECK(keel_entry_read((struct keel_bytes){ file, n }, &back, &again) != KEEL_OK);
	CHECK(keel_entry_read(stored, &back, &again) == KEEL_OK && keel_bytes_equal(sent, again));
	CHECK(home_send(&home, PATH_CLAIM, "a", again) == 200);
	CHECK(keel_entry_welcome(&back, home.answer, &m) == KEEL_OK);
	CHECK(home_heat(&home, &m, 20000) == KEEL_OK);
	keel_entry_wipe(&back);
	keel_member_wipe(&m);
	home_end(&home);
}

TEST_MAIN(TEST(a_visit_works_through_an_honest_pipe),
	TEST(prov_5_5_7_nothing_is_readable_in_the_middle),
	TEST(a_relay_sees_sizes_in_whole_steps_only),
	TEST(padding_may_be_missing_and_is_nothing_but_zeros),
	TEST(equal_questions_are_sealed_differently),
	TEST(prov_5_5_7_every_changed_byte_of_a_request_is_refused),
	TEST(every_changed_byte_of_an_answer_is_refused),
	TEST(an_answer_to_another_question_is_refused), TEST(another_home_is_another_world),
	TEST(signed_things_are_verified_whole), TEST(a_changed_hello_makes_no_claim_that_works),
	TEST(every_changed_byte_of_a_welcome_is_refused), TEST(a_member_survives_its_file),
	TEST(a_claim_under_way_survives_its_file))

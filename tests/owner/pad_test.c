/* A relay sees a size in whole steps, whatever is asked and answered. */
#include <string.h>

#include "check.h"
#include "core/cbor.h"
#include "owner/pad.h"
#include "vectors.h"

enum { MANY = 5000, NEARLY_ALL = KEEL_BODY_MAX - 40 };

static const uint8_t print[KEEL_THUMBPRINT_LEN];
static const struct keel_names names = { { print, 16 }, { print, 16 }, { print, 32 } };
static const struct keel_key shared = { { 7 } };
static uint8_t content[KEEL_BODY_MAX], item[KEEL_BODY_MAX], plain[2 * KEEL_BODY_MAX];
static uint8_t sealed[2 * KEEL_BODY_MAX], opened[2 * KEEL_BODY_MAX];

/* A byte string of n bytes. */
static struct keel_bytes item_of(size_t n)
{
	struct keel_wr w = keel_wr_of(item, sizeof(item));
	struct keel_bytes out;
	keel_cbor_bytes(&w, (struct keel_bytes){ content, n });
	KEEL_MUST(keel_wr_end(&w, &out) == KEEL_OK);
	return out;
}

/* Seals what was written and opens it again. The length is whole steps, and as few as do. */
static struct keel_bytes carry(const struct keel_wr *written, size_t bare)
{
	struct keel_bytes payload = { 0 }, message = { 0 }, out = { 0 };
	struct keel_wr w = keel_wr_of(sealed, sizeof(sealed));
	CHECK(keel_wr_end(written, &payload) == KEEL_OK);
	CHECK(keel_cose_seal_static(&shared, KEEL_VIEW(print), KEEL_VIEW(print), payload, &w) ==
		KEEL_OK);
	CHECK(keel_wr_end(&w, &message) == KEEL_OK);
	CHECK(message.n == keel_cose_sealed_len(payload.n));
	CHECK(message.n % KEEL_PAD_STEP == 0);
	CHECK(message.n - keel_cose_sealed_len(bare) < KEEL_PAD_STEP + 30);
	CHECK(keel_cose_open_static(&shared, message, opened, &out) == KEEL_OK);
	return out;
}

static void check_request(size_t n)
{
	const struct keel_request asked = { .has = 1U << KEEL_REQUEST_OP | 1U << KEEL_REQUEST_ARGS,
		.nonce = { print, KEEL_REQUEST_NONCE_LEN },
		.op = KEEL_OP_EXPORT,
		.args = item_of(n) };
	struct keel_request read;
	struct keel_wr w = keel_wr_of(plain, sizeof(plain));
	CHECK(keel_payload_write(KEEL_FOR_REQUEST, &names, &keel_request_schema, &asked, &w) ==
		KEEL_OK);
	size_t bare = w.n;
	w = keel_wr_of(plain, sizeof(plain));
	CHECK(keel_request_write(&names, &asked, &w) == KEEL_OK);
	struct keel_bytes payload = carry(&w, bare);
	CHECK(keel_payload_read(KEEL_FOR_REQUEST, &names, &keel_request_schema, payload, &read) ==
		KEEL_OK);
	CHECK(read.op == asked.op && keel_bytes_equal(read.args, asked.args));
	CHECK(!keel_has(&read, KEEL_REQUEST_CHANGE) && keel_padding_good(read.padding));
}

static void check_answer(size_t n)
{
	const struct keel_request_answer given = { .has = 1U << KEEL_ANSWER_RESULT,
		.nonce = { print, KEEL_REQUEST_NONCE_LEN },
		.result = item_of(n) };
	struct keel_request_answer read;
	struct keel_wr w = keel_wr_of(plain, sizeof(plain));
	CHECK(keel_payload_write(
		      KEEL_FOR_ANSWER, &names, &keel_request_answer_schema, &given, &w) == KEEL_OK);
	size_t bare = w.n;
	w = keel_wr_of(plain, sizeof(plain));
	CHECK(keel_request_answer_write(&names, &given, &w) == KEEL_OK);
	struct keel_bytes payload = carry(&w, bare);
	CHECK(keel_payload_read(KEEL_FOR_ANSWER, &names, &keel_request_answer_schema, payload,
		      &read) == KEEL_OK);
	CHECK(keel_bytes_equal(read.result, given.result) && keel_padding_good(read.padding));
}

static void a_request_of_any_size_is_whole_steps(void)
{
	for (size_t n = 0; n < MANY; n++)
		check_request(n);
}

/* Its padding takes nothing from the room that an answer has. */
static void an_answer_of_any_size_is_whole_steps(void)
{
	for (size_t n = 0; n < MANY; n++)
		check_answer(n);
	for (size_t n = NEARLY_ALL - KEEL_PAD_STEP; n <= NEARLY_ALL; n++)
		check_answer(n);
}

static void what_has_no_room_for_its_padding_is_not_written(void)
{
	const struct keel_request asked = { .has = 1U << KEEL_REQUEST_OP,
		.nonce = { print, KEEL_REQUEST_NONCE_LEN },
		.op = KEEL_OP_STATE };
	struct keel_wr w = keel_wr_of(plain, sizeof(plain));
	CHECK(keel_request_write(&names, &asked, &w) == KEEL_OK);
	for (size_t needs = w.n, cap = 0; cap < needs; cap++) {
		w = keel_wr_of(plain, cap);
		CHECK(keel_request_write(&names, &asked, &w) == KEEL_EFULL);
	}
}

static void padding_is_zeros_and_nothing_else(void)
{
	uint8_t b[KEEL_PADDING_MAX + 1] = { 0 };
	for (size_t n = 0; n <= KEEL_PADDING_MAX; n++) {
		CHECK(keel_padding_good((struct keel_bytes){ b, n }));
		b[n] = 1;
		CHECK(!keel_padding_good((struct keel_bytes){ b, n + 1 }));
		b[n] = 0;
	}
	CHECK(!keel_padding_good(KEEL_VIEW(b)));
	CHECK(keel_padding_good((struct keel_bytes){ 0 }));
}

/* The same zeros as the second implementation of docs/protocol.md chooses. */
static void the_known_answer_is_padded_alike(void)
{
	json_t *all = vectors_load("protocol.json");
	const json_t *j = json_object_get(all, "sealed");
	uint8_t id[16], home[16], to[32], known[1024];
	struct keel_bytes want = vectors_field(j, "plain", known, sizeof(known));
	const struct keel_names of = { vectors_field(all, "id", id, sizeof(id)),
		vectors_field(all, "home", home, sizeof(home)),
		vectors_field(j, "recipient_kid", to, sizeof(to)) };
	struct keel_request q;
	struct keel_bytes got = { 0 };
	struct keel_wr w = keel_wr_of(plain, sizeof(plain));
	CHECK(keel_payload_read(KEEL_FOR_REQUEST, &of, &keel_request_schema, want, &q) == KEEL_OK);
	CHECK(keel_has(&q, KEEL_REQUEST_PADDING));
	CHECK(keel_request_write(&of, &q, &w) == KEEL_OK && keel_wr_end(&w, &got) == KEEL_OK);
	CHECK(keel_bytes_equal(got, want));
	CHECK(keel_cose_sealed_len(want.n) % KEEL_PAD_STEP == 0);
	json_decref(all);
}

TEST_MAIN(TEST(a_request_of_any_size_is_whole_steps), TEST(an_answer_of_any_size_is_whole_steps),
	TEST(what_has_no_room_for_its_padding_is_not_written),
	TEST(padding_is_zeros_and_nothing_else), TEST(the_known_answer_is_padded_alike))

/* The table of purposes: each kind of signed thing, offered to every verifier of another kind. */
#include <string.h>

#include "check.h"
#include "crypto/purpose.h"
#include "vectors.h"

#define BUF 512

static const uint8_t device_id[KEEL_DEVICE_ID_LEN] = { 1 };
static const uint8_t home_id[KEEL_HOME_ID_LEN] = { 2 };
static const uint8_t print[KEEL_THUMBPRINT_LEN] = { 3 };
static const struct keel_bytes none = { 0 };
static const struct keel_bytes empty_map = { (const uint8_t[]){ 0xa0 }, 1 };

enum carrier { SIGNED, MACED, SEALED, TO_KEY, STORED };

/* docs/protocol.md: how each purpose travels, and which of its fields are filled. */
static const struct {
	const char *name;
	enum carrier by;
	bool home, recipient;
} purposes[KEEL_PURPOSE_END] = {
	[KEEL_FOR_ENDORSEMENT] = { "endorsement", SIGNED, false, false },
	[KEEL_FOR_CLAIM] = { "claim", MACED, false, false },
	[KEEL_FOR_CLAIMED] = { "claimed", MACED, true, false },
	[KEEL_FOR_WELCOME] = { "welcome", SIGNED, true, false },
	[KEEL_FOR_JOIN] = { "join", MACED, true, false },
	[KEEL_FOR_JOINED] = { "joined", MACED, true, false },
	[KEEL_FOR_REQUEST] = { "request", SEALED, true, true },
	[KEEL_FOR_ANSWER] = { "answer", SEALED, true, true },
	[KEEL_FOR_CHANGE] = { "change", SIGNED, true, false },
	[KEEL_FOR_RECEIPT] = { "receipt", SIGNED, true, false },
	[KEEL_FOR_OWNERS] = { "owners", SIGNED, true, false },
	[KEEL_FOR_STATEMENT] = { "statement", SIGNED, false, false },
	[KEEL_FOR_RECOVER] = { "recover", MACED, false, false },
	[KEEL_FOR_RECOVERED] = { "recovered", MACED, true, false },
	[KEEL_FOR_STORE] = { "store", STORED, false, false },
	[KEEL_FOR_RETURN] = { "return", MACED, false, false },
	[KEEL_FOR_RETURNED] = { "returned", MACED, true, false },
	[KEEL_FOR_MEASURES] = { "measures", SIGNED, false, false },
	[KEEL_FOR_VOUCHER] = { "voucher", SIGNED, false, false },
	[KEEL_FOR_CALL] = { "call", MACED, true, false },
	[KEEL_FOR_ASK] = { "ask", SIGNED, true, false },
	[KEEL_FOR_TIME] = { "time", SIGNED, false, false },
	[KEEL_FOR_CASE] = { "case", TO_KEY, false, true },
	[KEEL_FOR_CASE_MESSAGE] = { "case message", STORED, false, false },
	[KEEL_FOR_CASE_PIECE] = { "case piece", STORED, false, false },
	[KEEL_FOR_CASE_NOTE] = { "case note", TO_KEY, false, true },
	[KEEL_FOR_DESK_KEY] = { "desk key", TO_KEY, false, true },
	[KEEL_FOR_READER_KEY] = { "reader key", STORED, false, false },
};

/* One key pair and one secret for all, the worst case: only the purpose tells things apart. */
static struct keel_p256_key pair;
static struct keel_key secret;

/* The statement is an EAT: a claims map with its audience and profile, and no envelope. */
static void write_payload(enum keel_purpose p, struct keel_wr *w)
{
	static const uint8_t eat[] = { 0xa2, 0x03, 0x61, 'a', 0x19, 0x01, 0x09, 0x61, 'p' };
	if (p == KEEL_FOR_STATEMENT)
		keel_wr_bytes(w, KEEL_VIEW(eat));
	else
		keel_envelope_write(p, KEEL_VIEW(device_id),
			purposes[p].home ? KEEL_VIEW(home_id) : none,
			purposes[p].recipient ? KEEL_VIEW(print) : none, empty_map, w);
}

static struct keel_bytes make(enum keel_purpose p, uint8_t buf[BUF])
{
	uint8_t inner[BUF];
	struct keel_wr payload = keel_wr_of(inner, BUF), w = keel_wr_of(buf, BUF);
	struct keel_bytes in = { 0 }, out = { 0 };
	const struct keel_signer signer = keel_signer_of(&pair);
	enum keel_err e = KEEL_OK;
	write_payload(p, &payload);
	CHECK_ROW(keel_wr_end(&payload, &in) == KEEL_OK, purposes[p].name);
	switch (purposes[p].by) {
	case SIGNED:
		e = keel_cose_sign1(&signer, KEEL_VIEW(print), none, in, &w);
		break;
	case MACED:
		e = keel_cose_mac0(KEEL_VIEW(secret.b), none, in, &w);
		break;
	case SEALED:
		e = keel_cose_seal_static(&secret, KEEL_VIEW(print), KEEL_VIEW(print), in, &w);
		break;
	case TO_KEY:
		e = keel_cose_seal_to(&pair.pub, KEEL_VIEW(print), in, &w);
		break;
	case STORED:
		e = keel_cose_encrypt0(&secret, none, in, &w);
		break;
	}
	CHECK_ROW(e == KEEL_OK && keel_wr_end(&w, &out) == KEEL_OK, purposes[p].name);
	return out;
}

/* As the verifier of p does: open what carries it, then demand the purpose. */
static enum keel_err verify(enum keel_purpose p, struct keel_bytes in, struct keel_envelope *out)
{
	static uint8_t plain[BUF];
	const struct keel_agreer own = keel_agreer_of(&pair);
	struct keel_bytes payload = { 0 };
	enum keel_err e = KEEL_OK;
	switch (purposes[p].by) {
	case SIGNED:
		e = keel_cose_verify1(&pair.pub, in, none, &payload);
		break;
	case MACED:
		e = keel_cose_mac0_verify(KEEL_VIEW(secret.b), in, none, &payload);
		break;
	case SEALED:
		e = keel_cose_open_static(&secret, in, plain, &payload);
		break;
	case TO_KEY:
		e = keel_cose_open_from(&own, in, plain, &payload);
		break;
	case STORED:
		e = keel_cose_decrypt0(&secret, in, none, plain, &payload);
		break;
	}
	return e == KEEL_OK ? keel_envelope_read(p, payload, out) : e;
}

static bool accepted(enum keel_purpose made, enum keel_purpose offered)
{
	uint8_t buf[BUF];
	struct keel_envelope e = { 0 };
	enum keel_err err = verify(offered, make(made, buf), &e);
	CHECK_ROW(err == KEEL_OK || e.device.n == 0, purposes[made].name);
	bool same_carrier = purposes[made].by == purposes[offered].by;
	if (err != KEEL_OK && same_carrier && made != KEEL_FOR_STATEMENT)
		CHECK_ROW(err == KEEL_EAUTH, purposes[made].name);
	return err == KEEL_OK;
}

/* EN 303 645 5.5-1. A statement is no envelope, so that no verifier here takes it, its own
 * included: src/owner/statement.c reads it. */
static void prov_5_5_1_a_signed_thing_never_passes_for_another_kind(void)
{
	keel_p256_generate(&pair);
	keel_random(&secret, sizeof(secret));
	for (enum keel_purpose a = KEEL_FOR_ENDORSEMENT; a < KEEL_PURPOSE_END; a++)
		for (enum keel_purpose b = KEEL_FOR_ENDORSEMENT; b < KEEL_PURPOSE_END; b++)
			CHECK_ROW(accepted(a, b) == (a == b && a != KEEL_FOR_STATEMENT),
				purposes[a].name);
}

static void envelope_comes_back_as_it_was(void)
{
	uint8_t buf[BUF];
	struct keel_wr w = keel_wr_of(buf, BUF);
	struct keel_bytes all;
	struct keel_envelope e;
	keel_envelope_write(KEEL_FOR_REQUEST, KEEL_VIEW(device_id), KEEL_VIEW(home_id),
		KEEL_VIEW(print), empty_map, &w);
	CHECK(keel_wr_end(&w, &all) == KEEL_OK);
	CHECK(keel_envelope_read(KEEL_FOR_REQUEST, all, &e) == KEEL_OK);
	CHECK(e.purpose == KEEL_FOR_REQUEST && e.version == 1);
	CHECK(keel_bytes_equal(e.device, KEEL_VIEW(device_id)));
	CHECK(keel_bytes_equal(e.home, KEEL_VIEW(home_id)));
	CHECK(keel_bytes_equal(e.recipient, KEEL_VIEW(print)));
	CHECK(keel_bytes_equal(e.body, empty_map));
}

#define ID   "5000000000000000000000000000000000"
#define ID15 "4f000000000000000000000000000000"
#define ID17 "510000000000000000000000000000000000"
#define R31  "581f00000000000000000000000000000000000000000000000000000000000000"
#define R33  "5821000000000000000000000000000000000000000000000000000000000000000000"

static void prov_5_13_1b_what_is_no_envelope_is_refused(void)
{
	/* clang-format off */
	static const struct {
		const char *why, *hex;
		enum keel_err e;
	} rows[] = {
		{ "well formed",              "860101" ID "4040a0",     KEEL_OK },
		{ "another purpose",          "860201" ID "4040a0",     KEEL_EAUTH },
		{ "no purpose there is",      "861863" "01" ID "4040a0", KEEL_EAUTH },
		{ "another version",          "860102" ID "4040a0",     KEEL_EAUTH },
		{ "purpose negative",         "862001" ID "4040a0",     KEEL_EFORM },
		{ "five items",               "850101" ID "4040",       KEEL_EFORM },
		{ "seven items",              "870101" ID "4040a0a0",   KEEL_EFORM },
		{ "cut",                      "860101" ID "4040",       KEEL_ESHORT },
		{ "a tail",                   "860101" ID "4040a000",   KEEL_EFORM },
		{ "device id of 15 bytes",    "860101" ID15 "4040a0",   KEEL_ERANGE },
		{ "device id of 17 bytes",    "860101" ID17 "4040a0",   KEEL_ERANGE },
		{ "home id of 15 bytes",      "860101" ID ID15 "40a0",  KEEL_EFORM },
		{ "home id of 17 bytes",      "860101" ID ID17 "40a0",  KEEL_ERANGE },
		{ "recipient of 31 bytes",    "860101" ID "40" R31 "a0", KEEL_EFORM },
		{ "recipient of 33 bytes",    "860101" ID "40" R33 "a0", KEEL_ERANGE },
		{ "home null",                "860101" ID "f640a0",     KEEL_EFORM },
		{ "body an array",            "860101" ID "404080",     KEEL_EFORM },
		{ "body wrapped",             "860101" ID "404041a0",   KEEL_EFORM },
		{ "body's map unsorted",      "860101" ID "4040a202000100", KEEL_EFORM },
		{ "purpose written longer",   "86180101" ID "4040a0",   KEEL_EFORM },
	};
	/* clang-format on */
	for (size_t i = 0; i < KEEL_COUNT(rows); i++) {
		uint8_t buf[BUF];
		struct keel_envelope e;
		struct keel_bytes in = vectors_hex(rows[i].hex, buf, sizeof(buf));
		CHECK_ROW(
			keel_envelope_read(KEEL_FOR_ENDORSEMENT, in, &e) == rows[i].e, rows[i].why);
	}
}

/* What reading would refuse is not written. */
static void a_wrong_envelope_is_not_written(void)
{
	static const uint8_t array[] = { 0x80 }, cut[] = { 0xa1, 0x01 };
	const struct keel_bytes id = KEEL_VIEW(device_id), half = { device_id, 8 };
	const struct {
		const char *why;
		struct keel_bytes device, home, recipient, body;
	} rows[] = {
		{ "device id", half, none, none, empty_map },
		{ "home id", id, half, none, empty_map },
		{ "recipient", id, none, half, empty_map },
		{ "no body", id, none, none, none },
		{ "body an array", id, none, none, KEEL_VIEW(array) },
		{ "body cut", id, none, none, KEEL_VIEW(cut) },
	};
	for (size_t i = 0; i < KEEL_COUNT(rows); i++) {
		uint8_t buf[BUF];
		struct keel_wr w = keel_wr_of(buf, BUF);
		struct keel_bytes out;
		keel_envelope_write(KEEL_FOR_CLAIM, rows[i].device, rows[i].home, rows[i].recipient,
			rows[i].body, &w);
		CHECK_ROW(keel_wr_end(&w, &out) == KEEL_ERANGE, rows[i].why);
	}
}

static void a_thumbprint_is_of_both_keys_in_their_order(void)
{
	struct keel_p256_key other;
	uint8_t a[32], b[32], c[32];
	keel_p256_generate(&pair);
	keel_p256_generate(&other);
	keel_thumbprint(&pair.pub, &other.pub, a);
	keel_thumbprint(&other.pub, &pair.pub, b);
	keel_thumbprint(&pair.pub, &pair.pub, c);
	CHECK(memcmp(a, b, 32) != 0 && memcmp(a, c, 32) != 0 && memcmp(b, c, 32) != 0);
}

static void the_table_is_sound(void)
{
	CHECK(keel_schema_check(&keel_envelope_schema) == KEEL_OK);
}

TEST_MAIN(TEST(prov_5_5_1_a_signed_thing_never_passes_for_another_kind),
	TEST(envelope_comes_back_as_it_was), TEST(prov_5_13_1b_what_is_no_envelope_is_refused),
	TEST(a_wrong_envelope_is_not_written), TEST(a_thumbprint_is_of_both_keys_in_their_order),
	TEST(the_table_is_sound))

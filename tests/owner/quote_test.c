/* A quote as a TPM makes it: these bytes are of swtpm 0.7.1, that was told [keeld, 07 00…] and [app, 01 00…]. */
#include "check.h"
#include "hex.h"
#include "owner/quote.h"

#define ATTEST                                                                                     \
	"ff54434780180022000b87353d09709233b16545fdbd189645eca129c422f007160e59278c05e8f95dcb0020" \
	"9f10a0b7fa0a9a432f40cd5681d1e29fff3e1b5ec539124b57469a45cfb46f1100000000000005651000a5ac" \
	"3d89e25c012806d6d6213c552300000001000b030020000020a639dfd0e0d1afd251393d1d8ee3c7c4855ebe" \
	"5f98357a5993cea9cdbde1fd6e"
#define SIGNATURE                                                                                  \
	"0ad144ea9914342d4aac38cd10a3df764ff9c6a5b14e36ea2c16a4bb3c6056bc9a3a68f8a50acb5e96150069" \
	"0d65beb8554fd4bc66289bdaf40f5debfe7955a9"
#define KEY                                                                                        \
	"e46ade090b7025455072cabbfa3a0ced25ae2aa25c400c4a4be0ece0a7307e7ce929aa97cf354e2435f8444c" \
	"2d4c1da29d784205d5f02fade2e866108f1b6765"
#define QUALIFIER "9f10a0b7fa0a9a432f40cd5681d1e29fff3e1b5ec539124b57469a45cfb46f11"

#define SELECTION 109 /* in ATTEST: where the bits of the PCRs are */

static uint8_t attest[256], signature[64], items[256];
static struct keel_p256_pub key;
static struct keel_digest qualifier;
static struct keel_quote quote;

static void add(struct keel_wr *w, const char *name, uint8_t first)
{
	const uint8_t digest[KEEL_SHA256_LEN] = { first };
	const struct keel_measured_item m = { .name = keel_text(name),
		.digest = KEEL_VIEW(digest) };
	keel_list_add(&keel_measured_item_row, &m, w, &quote.log);
}

static void make(void)
{
	struct keel_wr w = keel_wr_of(items, sizeof(items));
	quote = (struct keel_quote){ .attest = hex_bytes(ATTEST, attest, sizeof(attest)),
		.signature = hex_bytes(SIGNATURE, signature, sizeof(signature)) };
	(void)hex_bytes(KEY, key.xy, sizeof(key.xy));
	(void)hex_bytes(QUALIFIER, qualifier.b, sizeof(qualifier.b));
	add(&w, "keeld", 7);
	add(&w, "app", 1);
}

static enum keel_err verify(void)
{
	return keel_quote_verify(&quote, &qualifier, &key);
}

static void what_a_tpm_quoted_is_read(void)
{
	struct keel_attest a;
	make();
	CHECK(keel_attest_read(quote.attest, &a) == KEEL_OK);
	CHECK(a.signer.n == 34 && keel_bytes_equal(a.qualifier, KEEL_VIEW(qualifier.b)));
	CHECK(a.bank == KEEL_PCR_BANK && a.pcrs == 1U << KEEL_PCR && a.digest.n == 32);
	CHECK(a.clock_ms == 0x565 && a.resets == 0x1000a5ac && a.safe);
	CHECK(verify() == KEEL_OK);
}

/* EN 303 645 5.7-1: nothing of a quote may be another, and no part of one is one. */
static void prov_5_7_1_every_changed_bit_is_refused(void)
{
	make();
	for (size_t i = 0; i < 8 * quote.attest.n; i++) {
		attest[i / 8] ^= (uint8_t)(1U << i % 8);
		CHECK(verify() != KEEL_OK);
		attest[i / 8] ^= (uint8_t)(1U << i % 8);
	}
	for (size_t i = 0; i < 8 * sizeof(signature); i++) {
		signature[i / 8] ^= (uint8_t)(1U << i % 8);
		CHECK(verify() == KEEL_EAUTH);
		signature[i / 8] ^= (uint8_t)(1U << i % 8);
	}
	while (quote.attest.n-- > 0)
		CHECK(verify() == KEEL_ESHORT);
	make();
	quote.attest.n++; /* a tail */
	CHECK(verify() == KEEL_EFORM);
}

static void each_lack_has_its_error(void)
{
	struct keel_wr w = keel_wr_of(items, sizeof(items));
	make();
	qualifier.b[31] ^= 1;
	CHECK(verify() == KEEL_ESTALE);
	make();
	attest[SELECTION] = 0x21; /* PCR 8 as well */
	CHECK(verify() == KEEL_ERANGE);
	make();
	quote.log = (struct keel_list){ 0 };
	add(&w, "keeld", 7);
	CHECK(verify() == KEEL_ESTATE);
	add(&w, "app", 2);
	CHECK(verify() == KEEL_ESTATE);
	make();
	key.xy[0] ^= 1;
	CHECK(verify() == KEEL_EAUTH);
	make();
	attest[0] = 0;
	CHECK(verify() == KEEL_EFORM);
	quote.attest.n = 0;
	CHECK(verify() == KEEL_ESHORT);
}

static struct keel_list list_of(uint8_t *buf, size_t cap, const char *names)
{
	struct keel_wr w = keel_wr_of(buf, cap);
	struct keel_list list = { 0 };
	for (; *names != '\0'; names += 2) {
		const uint8_t digest[KEEL_SHA256_LEN] = { (uint8_t)names[1] };
		const struct keel_measured_item m = { .name = { (const uint8_t *)names, 1 },
			.digest = KEEL_VIEW(digest) };
		keel_list_add(&keel_measured_item_row, &m, &w, &list);
	}
	KEEL_MUST(w.err == KEEL_OK);
	return list;
}

/* A letter is a program, the digit behind it what it was. */
static void a_log_ends_in_what_runs(void)
{
	static const struct {
		const char *log, *measured;
		bool ends;
	} rows[] = {
		{ "k1a1", "k1a1", true },
		{ "a1k1", "k1a1", true },
		{ "k1a1a2", "k1a2", true },
		{ "k1a1a2a1", "k1a1", true },
		{ "k1a1a2", "k1a1", false },
		{ "k1a1", "k1a2", false },
		{ "k1", "k1a1", false },
		{ "k1a1", "k1", false },
		{ "", "k1", false },
		{ "k1a1k2", "k1a1", false },
	};
	for (size_t i = 0; i < KEEL_COUNT(rows); i++) {
		uint8_t a[512], b[512];
		const struct keel_list log = list_of(a, sizeof(a), rows[i].log),
				       measured = list_of(b, sizeof(b), rows[i].measured);
		CHECK_ROW(keel_pcr_log_ends_in(&log, &measured) == rows[i].ends, rows[i].log);
	}
}

TEST_MAIN(TEST(what_a_tpm_quoted_is_read), TEST(prov_5_7_1_every_changed_bit_is_refused),
	TEST(each_lack_has_its_error), TEST(a_log_ends_in_what_runs))

/*
 * A quote, from anybody. What is read as one is written back byte by byte the same, and so has no other
 * reading. Under the key that was endorsed nothing verifies that it did not sign; and what it did sign
 * verifies just where the quote says what it is here for: this session, PCR 13 alone, this log.
 *
 * The first byte: how many bytes of the rest are the log; what is behind them is the attest.
 */
#include <string.h>

#include "owner/quote.h"

#define MAX 4096

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static struct keel_p256_key key;
/* SHA-256's of the seeds in the corpus. */
static const struct keel_digest qualifier = { { 0x9f, 0x10, 0xa0, 0xb7, 0xfa, 0x0a, 0x9a, 0x43,
	0x2f, 0x40, 0xcd, 0x56, 0x81, 0xd1, 0xe2, 0x9f, 0xff, 0x3e, 0x1b, 0x5e, 0xc5, 0x39, 0x12,
	0x4b, 0x57, 0x46, 0x9a, 0x45, 0xcf, 0xb4, 0x6f, 0x11 } };

static void sized(struct keel_wr *w, struct keel_bytes b)
{
	keel_wr_u16be(w, (uint16_t)b.n);
	keel_wr_bytes(w, b);
}

static void reads_one_way(struct keel_bytes in, const struct keel_attest *a)
{
	static uint8_t buf[MAX];
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	struct keel_bytes again;
	keel_wr_u32be(&w, 0xff544347);
	keel_wr_u16be(&w, 0x8018);
	sized(&w, a->signer);
	sized(&w, a->qualifier);
	keel_wr_u64be(&w, a->clock_ms);
	keel_wr_u32be(&w, a->resets);
	keel_wr_u32be(&w, a->restarts);
	keel_wr_u8(&w, a->safe);
	keel_wr_u64be(&w, a->firmware);
	keel_wr_u32be(&w, 1);
	keel_wr_u16be(&w, a->bank);
	keel_wr_u8(&w, 3);
	for (unsigned i = 0; i < 3; i++)
		keel_wr_u8(&w, (uint8_t)(a->pcrs >> (8 * i)));
	sized(&w, a->digest);
	KEEL_MUST(keel_wr_end(&w, &again) == KEEL_OK && keel_bytes_equal(again, in));
}

/* In words that are not the verifier's own. */
static bool proves(const struct keel_attest *a, const struct keel_list *log)
{
	struct keel_digest pcr, digest;
	const struct keel_bytes value = KEEL_VIEW(pcr.b);
	keel_pcr_replay(log, SIZE_MAX, &pcr);
	keel_sha256(&value, 1, &digest);
	return a->qualifier.n == 32 && memcmp(a->qualifier.p, qualifier.b, 32) == 0 &&
	       a->pcrs == 1U << 13 && a->bank == 11 && a->digest.n == 32 &&
	       memcmp(a->digest.p, digest.b, 32) == 0;
}

/* The items as a statement's schema would have read them. */
static struct keel_list log_of(struct keel_bytes items)
{
	struct keel_list log = { items, 0 };
	struct keel_rd r = keel_rd_of(items);
	while (r.n > 0 && log.count <= KEEL_PCR_LOG_MAX) {
		uint8_t one[] = { 0x82, 0x61, 0, 0x58, 0x20 };
		const uint8_t *at = r.p;
		if (r.n < 38 || memcmp(at, one, 2) != 0 || memcmp(at + 3, one + 3, 2) != 0 ||
			at[2] < ' ' || at[2] > '~')
			return (struct keel_list){ 0 };
		(void)keel_rd_take(&r, 38);
		log.count++;
	}
	return log;
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static const uint8_t d[32] = { 9 };
	uint8_t signature[KEEL_SIGNATURE_LEN] = { 1 };
	struct keel_attest a;
	struct keel_digest digest;
	if (n < 1 || n > MAX || (size_t)p[0] + 1 > n)
		return 0;
	if (key.d[0] == 0)
		KEEL_MUST(keel_p256_from_private(d, &key) == KEEL_OK);
	const struct keel_quote q = { .log = log_of((struct keel_bytes){ p + 1, p[0] }),
		.attest = { p + 1 + p[0], n - 1 - p[0] },
		.signature = KEEL_VIEW(signature) };
	enum keel_err read = keel_attest_read(q.attest, &a);
	if (read == KEEL_OK)
		reads_one_way(q.attest, &a);
	KEEL_MUST(keel_quote_verify(&q, &qualifier, &key.pub) != KEEL_OK);
	keel_sha256(&q.attest, 1, &digest);
	keel_p256_sign(&key, &digest, signature);
	KEEL_MUST((keel_quote_verify(&q, &qualifier, &key.pub) == KEEL_OK) ==
		  (read == KEEL_OK && proves(&a, &q.log)));
	return 0;
}

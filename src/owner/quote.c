#include "owner/quote.h"

#define GENERATED 0xff544347 /* TPM_GENERATED_VALUE: no key that is restricted signs it unmade */
#define QUOTE     0x8018     /* TPM_ST_ATTEST_QUOTE */
#define PCR_BYTES 3          /* of a selection: 24 PCRs, as every TPM has them */
#define NAME_MAX  68         /* of TPMU_NAME: an algorithm and its longest digest, and to spare */
#define DATA_MAX  66         /* of TPM2B_DATA: TPMT_HA */

/* clang-format off */
static const struct keel_row rows[] = {
	{ .name = "attest",    .kind = KEEL_BYTES, .min = 1, .max = KEEL_ATTEST_MAX, KEEL_AT(struct keel_quote, attest) },
	{ .name = "signature", .kind = KEEL_BYTES, .min = KEEL_SIGNATURE_LEN, .max = KEEL_SIGNATURE_LEN, KEEL_AT(struct keel_quote, signature) },
	{ .name = "log",       .kind = KEEL_LIST,  .min = 1, .max = KEEL_PCR_LOG_MAX, .item = &keel_measured_item_row, KEEL_AT(struct keel_quote, log) },
};
/* clang-format on */
const struct keel_schema keel_quote_schema =
	KEEL_SCHEMA("quote", KEEL_AS_TUPLE, rows, struct keel_quote);

/* TPM2B: a length, and so many bytes. */
static struct keel_bytes take_sized(struct keel_rd *r, size_t max)
{
	size_t n = keel_rd_u16be(r);
	if (n > max)
		keel_rd_fail(r, KEEL_EFORM);
	return keel_rd_take(r, n);
}

/* TPML_PCR_SELECTION of one bank. */
static void take_selection(struct keel_rd *r, struct keel_attest *a)
{
	if (keel_rd_u32be(r) != 1)
		keel_rd_fail(r, KEEL_EFORM);
	a->bank = keel_rd_u16be(r);
	if (keel_rd_u8(r) != PCR_BYTES)
		keel_rd_fail(r, KEEL_EFORM);
	for (unsigned i = 0; i < PCR_BYTES; i++)
		a->pcrs |= (uint32_t)keel_rd_u8(r) << (8 * i);
}

/* TPMI_YES_NO */
static bool take_yes(struct keel_rd *r)
{
	uint8_t yes = keel_rd_u8(r);
	if (yes > 1)
		keel_rd_fail(r, KEEL_EFORM);
	return yes == 1;
}

enum keel_err keel_attest_read(struct keel_bytes in, struct keel_attest *out)
{
	struct keel_rd r = keel_rd_of(in);
	struct keel_attest a = { 0 };
	if (keel_rd_u32be(&r) != GENERATED)
		keel_rd_fail(&r, KEEL_EFORM);
	if (keel_rd_u16be(&r) != QUOTE)
		keel_rd_fail(&r, KEEL_EFORM);
	a.signer = take_sized(&r, NAME_MAX);
	a.qualifier = take_sized(&r, DATA_MAX);
	a.clock_ms = keel_rd_u64be(&r);
	a.resets = keel_rd_u32be(&r);
	a.restarts = keel_rd_u32be(&r);
	a.safe = take_yes(&r);
	a.firmware = keel_rd_u64be(&r);
	take_selection(&r, &a);
	a.digest = take_sized(&r, KEEL_SHA256_LEN);
	enum keel_err e = keel_rd_end(&r);
	if (e == KEEL_OK)
		*out = a;
	return e;
}

void keel_quote_qualifier(
	struct keel_bytes nonce, const struct keel_p256_pub *session, struct keel_digest *out)
{
	const struct keel_bytes parts[] = { nonce, KEEL_VIEW(session->xy) };
	keel_sha256(parts, KEEL_COUNT(parts), out);
}

enum keel_err keel_quote_check(const struct keel_quote *q, const struct keel_digest *qualifier)
{
	struct keel_attest a;
	struct keel_digest value;
	enum keel_err e = keel_attest_read(q->attest, &a);
	if (e != KEEL_OK)
		return e;
	if (!keel_bytes_equal(a.qualifier, KEEL_VIEW(qualifier->b)))
		return KEEL_ESTALE;
	if (a.bank != KEEL_PCR_BANK || a.pcrs != 1U << KEEL_PCR)
		return KEEL_ERANGE;
	keel_pcr_replay(&q->log, q->log.count, &value);
	const struct keel_bytes held = KEEL_VIEW(value.b);
	keel_sha256(&held, 1, &value); /* a quote has the digest of all values, here of one */
	return keel_bytes_equal(a.digest, KEEL_VIEW(value.b)) ? KEEL_OK : KEEL_ESTATE;
}

enum keel_err keel_quote_verify(const struct keel_quote *q, const struct keel_digest *qualifier,
	const struct keel_p256_pub *key)
{
	struct keel_digest digest;
	enum keel_err e = keel_quote_check(q, qualifier);
	keel_sha256(&q->attest, 1, &digest);
	return e == KEEL_OK ? keel_p256_verify(key, &digest, q->signature) : e;
}

/*
 * COSE messages and envelopes from anybody. What is accepted is written back byte by byte the
 * same; what was not made with the key is refused and leaves nothing in the buffer. Where the form
 * is right, its fields are made into a message with a good proof, so that the fuzzer gets past it.
 */
#include <string.h>

#include "core/cbor.h"
#include "crypto/cose_parts.h"
#include "crypto/purpose.h"

#define MAX 4096

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static const struct keel_bytes none = { 0 };
static const struct keel_key key = { { 7 } };
static struct keel_p256_key pair;

static void same(const struct keel_wr *w, struct keel_bytes in)
{
	struct keel_bytes again;
	KEEL_MUST(keel_wr_end(w, &again) == KEEL_OK && keel_bytes_equal(again, in));
}

static void rewrite(const struct keel_schema *s, const void *record, struct keel_bytes in)
{
	static uint8_t buf[MAX];
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	keel_schema_write(s, record, &w);
	same(&w, in);
}

static void envelope(struct keel_bytes in)
{
	struct keel_envelope e;
	for (enum keel_purpose p = KEEL_FOR_ENDORSEMENT; p < KEEL_PURPOSE_END; p++) {
		static uint8_t buf[MAX];
		struct keel_wr w = keel_wr_of(buf, sizeof(buf));
		if (keel_envelope_read(p, in, &e) != KEEL_OK)
			continue;
		KEEL_MUST(e.purpose == (uint64_t)p && keel_cbor_check(e.body) == KEEL_OK);
		keel_envelope_write(p, e.device, e.home, e.recipient, e.body, &w);
		same(&w, in);
	}
}

static void sign1(struct keel_bytes in)
{
	struct keel_cose_sign1 s;
	struct keel_bytes kid, payload = none;
	enum keel_err e = keel_cose_sign1_kid(in, &kid);
	KEEL_MUST(keel_cose_verify1(&pair.pub, in, none, &payload) != KEEL_OK); /* not by us */
	KEEL_MUST(payload.p == NULL);
	if (keel_schema_read(&keel_cose_sign1_schema, in, &s, NULL) == KEEL_OK)
		rewrite(&keel_cose_sign1_schema, &s, in);
	if (e != KEEL_OK)
		return;
	static uint8_t buf[MAX];
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	const struct keel_signer signer = keel_signer_of(&pair);
	struct keel_bytes good;
	KEEL_MUST(keel_cose_sign1(&signer, kid, none, s.payload, &w) == KEEL_OK);
	KEEL_MUST(keel_wr_end(&w, &good) == KEEL_OK && good.n == in.n);
	KEEL_MUST(keel_cose_verify1(&pair.pub, good, none, &payload) == KEEL_OK);
	KEEL_MUST(keel_bytes_equal(payload, s.payload));
}

static void mac0(struct keel_bytes in)
{
	struct keel_cose_mac0 m;
	struct keel_bytes payload = none, again;
	enum keel_err e = keel_cose_mac0_verify(KEEL_VIEW(key.b), in, none, &payload);
	if (keel_schema_read(&keel_cose_mac0_schema, in, &m, NULL) == KEEL_OK)
		rewrite(&keel_cose_mac0_schema, &m, in);
	if (e != KEEL_OK && e != KEEL_EAUTH)
		return;
	static uint8_t buf[MAX];
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	KEEL_MUST(keel_cose_mac0(KEEL_VIEW(key.b), none, m.payload, &w) == KEEL_OK);
	KEEL_MUST(keel_wr_end(&w, &again) == KEEL_OK);
	KEEL_MUST((e == KEEL_OK) == keel_bytes_equal(again, in));
	KEEL_MUST(keel_cose_mac0_verify(KEEL_VIEW(key.b), again, none, &payload) == KEEL_OK);
}

typedef enum keel_err opener(struct keel_bytes in, uint8_t *out, struct keel_bytes *plain);

static enum keel_err open0(struct keel_bytes in, uint8_t *out, struct keel_bytes *plain)
{
	return keel_cose_decrypt0(&key, in, none, out, plain);
}

static enum keel_err open_static(struct keel_bytes in, uint8_t *out, struct keel_bytes *plain)
{
	return keel_cose_open_static(&key, in, out, plain);
}

static enum keel_err open_from(struct keel_bytes in, uint8_t *out, struct keel_bytes *plain)
{
	const struct keel_agreer own = keel_agreer_of(&pair);
	return keel_cose_open_from(&own, in, out, plain);
}

/* Refused, and the buffer holds zeros or what was there before. */
static void refused(opener *open, struct keel_bytes in)
{
	static uint8_t out[MAX];
	struct keel_bytes plain = none;
	memset(out, 0, in.n);
	KEEL_MUST(open(in, out, &plain) != KEEL_OK && plain.p == NULL);
	for (size_t i = 0; i < in.n; i++)
		KEEL_MUST(out[i] == 0);
}

/* A message with a good proof, made from the fields of the input; then one byte of its cipher
 * text is changed. */
static void opens(opener *open, const struct keel_wr *w, struct keel_bytes text)
{
	static uint8_t out[MAX], bad[MAX];
	struct keel_bytes good, plain;
	KEEL_MUST(keel_wr_end(w, &good) == KEEL_OK);
	KEEL_MUST(open(good, out, &plain) == KEEL_OK && keel_bytes_equal(plain, text));
	memcpy(bad, good.p, good.n);
	bad[22 + (text.n > 0 ? text.p[0] % text.n : 0)] ^= 1;
	refused(open, (struct keel_bytes){ bad, good.n });
}

static void encrypt0(struct keel_bytes in)
{
	static uint8_t buf[MAX];
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	struct keel_cose_encrypt0 m;
	refused(open0, in);
	if (keel_schema_read(&keel_cose_encrypt0_schema, in, &m, NULL) != KEEL_OK)
		return;
	rewrite(&keel_cose_encrypt0_schema, &m, in);
	KEEL_MUST(
		keel_cose_encrypt0_fixed(&key, m.unprotected.iv.p, none, m.cipher, &w) == KEEL_OK);
	opens(open0, &w, m.cipher);
}

static void sealed_static(struct keel_bytes in)
{
	static uint8_t buf[MAX];
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	struct keel_cose_encrypt m;
	struct keel_cose_recipient to;
	struct keel_bytes from, kid;
	refused(open_static, in);
	enum keel_err e = keel_cose_read_static(in, &m, &to);
	KEEL_MUST(keel_cose_seal_kids(in, &from, &kid) == e);
	if (e != KEEL_OK)
		return;
	rewrite(&keel_cose_encrypt_static_schema, &m, in);
	KEEL_MUST(keel_cose_seal_static_fixed(&key, from, kid, m.unprotected.iv.p,
			  to.unprotected.nonce.p, m.cipher, &w) == KEEL_OK);
	opens(open_static, &w, m.cipher);
}

static void sealed_to(struct keel_bytes in)
{
	static uint8_t buf[MAX];
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	struct keel_cose_encrypt m;
	struct keel_cose_recipient to;
	refused(open_from, in);
	if (keel_cose_read_to(in, &m, &to) != KEEL_OK)
		return;
	rewrite(&keel_cose_encrypt_to_schema, &m, in);
	KEEL_MUST(keel_cose_seal_to_fixed(&pair, &pair.pub, to.unprotected.kid, m.unprotected.iv.p,
			  m.cipher, &w) == KEEL_OK);
	opens(open_from, &w, m.cipher);
}

/* Runs that differ in nothing: the key pair is the same each time. */
static void once(void)
{
	static const uint8_t d[32] = { 9 };
	if (pair.d[0] == 0)
		KEEL_MUST(keel_p256_from_private(d, &pair) == KEEL_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	const struct keel_bytes in = { p, n };
	if (n > MAX - KEEL_COSE_OVERHEAD)
		return 0;
	once();
	envelope(in);
	sign1(in);
	mac0(in);
	encrypt0(in);
	sealed_static(in);
	sealed_to(in);
	return 0;
}

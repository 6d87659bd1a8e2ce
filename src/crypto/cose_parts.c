#include "crypto/cose_parts.h"

#include "core/cbor.h"

#define HEADER(...)                                                                                \
	{                                                                                          \
		(const uint8_t[]){ __VA_ARGS__ }, sizeof((uint8_t[]){ __VA_ARGS__ })               \
	}

const struct keel_bytes keel_cose_es256 = HEADER(0xa1, 0x01, 0x26);
const struct keel_bytes keel_cose_hmac_256 = HEADER(0xa1, 0x01, 0x05);
const struct keel_bytes keel_cose_a256gcm = HEADER(0xa1, 0x01, 0x03);
const struct keel_bytes keel_cose_ecdh_es = HEADER(0xa1, 0x01, 0x38, 0x18);
const struct keel_bytes keel_cose_ecdh_ss = HEADER(0xa1, 0x01, 0x38, 0x1a);

/* clang-format off */
static const struct keel_row iv_rows[] = {
	{ .label = 5, .name = "iv", .kind = KEEL_BYTES,
	  .min = KEEL_GCM_NONCE_LEN, .max = KEEL_GCM_NONCE_LEN, KEEL_AT(struct keel_cose_iv, iv) },
};
const struct keel_schema keel_cose_iv_schema =
	KEEL_SCHEMA("unprotected", KEEL_AS_MAP, iv_rows, struct keel_cose_iv);
/* clang-format on */

/* RFC 8949 §3, major type 2, the shortest form. */
void keel_cose_bytes_head(struct keel_wr *w, size_t n)
{
	if (n < 24) {
		keel_wr_u8(w, (uint8_t)(0x40 + n));
	} else if (n <= UINT8_MAX) {
		keel_wr_u8(w, 0x58);
		keel_wr_u8(w, (uint8_t)n);
	} else if (n <= UINT16_MAX) {
		keel_wr_u8(w, 0x59);
		keel_wr_u16be(w, (uint16_t)n);
	} else if (n <= UINT32_MAX) {
		keel_wr_u8(w, 0x5a);
		keel_wr_u32be(w, (uint32_t)n);
	} else {
		keel_wr_fail(w, KEEL_ERANGE);
	}
}

void keel_cose_tbs(const char *context, struct keel_bytes protected, struct keel_bytes external,
	struct keel_bytes payload, struct keel_cose_tbs *out)
{
	struct keel_wr before = keel_wr_of(out->before, sizeof(out->before));
	keel_cbor_array(&before, 4);
	keel_cbor_text(&before, context);
	keel_cbor_bytes(&before, protected);
	keel_cose_bytes_head(&before, external.n);
	struct keel_wr between = keel_wr_of(out->between, sizeof(out->between));
	keel_cose_bytes_head(&between, payload.n);
	KEEL_MUST(keel_wr_end(&before, &out->part[0]) == KEEL_OK);
	out->part[1] = external;
	KEEL_MUST(keel_wr_end(&between, &out->part[2]) == KEEL_OK);
	out->part[3] = payload;
}

void keel_cose_enc_structure(const char *context, struct keel_bytes protected,
	struct keel_bytes external, struct keel_wr *w)
{
	keel_cbor_array(w, 3);
	keel_cbor_text(w, context);
	keel_cbor_bytes(w, protected);
	keel_cbor_bytes(w, external);
}

/* PartyInfo: [identity, nonce, other], of which Keel uses the nonce only. */
static void party(struct keel_wr *w, struct keel_bytes nonce)
{
	keel_cbor_array(w, 3);
	keel_cbor_null(w);
	if (nonce.n > 0)
		keel_cbor_bytes(w, nonce);
	else
		keel_cbor_null(w);
	keel_cbor_null(w);
}

void keel_cose_kdf_context(int64_t alg, unsigned key_bits, struct keel_bytes party_u_nonce,
	struct keel_bytes protected, struct keel_wr *w)
{
	keel_cbor_array(w, 4);
	keel_cbor_int(w, alg);
	party(w, party_u_nonce);
	party(w, (struct keel_bytes){ 0 });
	keel_cbor_array(w, 2);
	keel_cbor_uint(w, key_bits);
	keel_cbor_bytes(w, protected);
}

void keel_cose_derive(const struct keel_key *shared, struct keel_bytes party_u_nonce,
	struct keel_bytes protected, struct keel_key *out)
{
	uint8_t buf[KEEL_COSE_CONTEXT_MAX];
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	struct keel_bytes info;
	keel_cose_kdf_context(KEEL_COSE_A256GCM, 256, party_u_nonce, protected, &w);
	KEEL_MUST(keel_wr_end(&w, &info) == KEEL_OK);
	keel_hkdf(KEEL_VIEW(shared->b), (struct keel_bytes){ 0 }, info, out->b, sizeof(out->b));
}

enum keel_err keel_cose_put_sealed(const struct keel_key *key, const uint8_t iv[KEEL_GCM_NONCE_LEN],
	struct keel_bytes aad, struct keel_bytes plain, struct keel_wr *w)
{
	const struct keel_cose_iv unprotected = { .iv = { iv, KEEL_GCM_NONCE_LEN } };
	keel_cbor_bytes(w, keel_cose_a256gcm);
	keel_schema_write(&keel_cose_iv_schema, &unprotected, w);
	keel_cose_bytes_head(w, plain.n + KEEL_GCM_TAG_LEN);
	uint8_t *cipher = keel_wr_room(w, plain.n + KEEL_GCM_TAG_LEN);
	if (cipher == NULL)
		return KEEL_EFULL;
	return keel_aead_seal(
		KEEL_AES_GCM_256, KEEL_VIEW(key->b), unprotected.iv, aad, plain, cipher);
}

/* COSE_Encrypt0: one key that both sides have. RFC 9052 §5.2. */
#include "core/cbor.h"
#include "crypto/cose_parts.h"

#define AAD_MAX (KEEL_COSE_EXTERNAL_MAX + 32)

/* clang-format off */
static const struct keel_row encrypt0_rows[] = {
	{ .name = "protected", .kind = KEEL_BYTES, KEEL_AT(struct keel_cose_encrypt0, protected) },
	{ .name = "unprotected", .kind = KEEL_MAP, .of = &keel_cose_iv_schema,
	  KEEL_AT(struct keel_cose_encrypt0, unprotected) },
	{ .name = "cipher", .kind = KEEL_BYTES, .min = KEEL_GCM_TAG_LEN,
	  KEEL_AT(struct keel_cose_encrypt0, cipher) },
};
const struct keel_schema keel_cose_encrypt0_schema =
	KEEL_SCHEMA("COSE_Encrypt0", KEEL_AS_TUPLE, encrypt0_rows, struct keel_cose_encrypt0);
/* clang-format on */

static enum keel_err aad_of(
	struct keel_bytes external, uint8_t buf[AAD_MAX], struct keel_bytes *aad)
{
	if (external.n > KEEL_COSE_EXTERNAL_MAX)
		return KEEL_ERANGE;
	struct keel_wr w = keel_wr_of(buf, AAD_MAX);
	keel_cose_enc_structure("Encrypt0", keel_cose_a256gcm, external, &w);
	return keel_wr_end(&w, aad);
}

enum keel_err keel_cose_encrypt0_fixed(const struct keel_key *key,
	const uint8_t iv[KEEL_GCM_NONCE_LEN], struct keel_bytes external, struct keel_bytes plain,
	struct keel_wr *w)
{
	uint8_t buf[AAD_MAX];
	struct keel_bytes aad;
	enum keel_err e = aad_of(external, buf, &aad);
	if (e != KEEL_OK)
		return e;
	keel_cbor_array(w, 3);
	return keel_cose_put_sealed(key, iv, aad, plain, w);
}

enum keel_err keel_cose_encrypt0(const struct keel_key *key, struct keel_bytes external_aad,
	struct keel_bytes plain, struct keel_wr *w)
{
	uint8_t iv[KEEL_GCM_NONCE_LEN];
	keel_random(iv, sizeof(iv));
	return keel_cose_encrypt0_fixed(key, iv, external_aad, plain, w);
}

enum keel_err keel_cose_decrypt0(const struct keel_key *key, struct keel_bytes in,
	struct keel_bytes external_aad, uint8_t *out, struct keel_bytes *plain)
{
	struct keel_cose_encrypt0 m;
	enum keel_err e = keel_schema_read(&keel_cose_encrypt0_schema, in, &m, NULL);
	if (e == KEEL_OK && !keel_bytes_equal(m.protected, keel_cose_a256gcm))
		e = KEEL_EFORM;
	uint8_t buf[AAD_MAX];
	struct keel_bytes aad;
	if (e == KEEL_OK)
		e = aad_of(external_aad, buf, &aad);
	if (e == KEEL_OK)
		e = keel_aead_open(
			KEEL_AES_GCM_256, KEEL_VIEW(key->b), m.unprotected.iv, aad, m.cipher, out);
	if (e == KEEL_OK)
		*plain = (struct keel_bytes){ out, m.cipher.n - KEEL_GCM_TAG_LEN };
	return e;
}

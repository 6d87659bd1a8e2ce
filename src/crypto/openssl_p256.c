/*
 * P-256 on OpenSSL 3. Measured (docs/decisions/0003): making an EVP_PKEY from a private number
 * costs as much as a signature, so what signs often keeps it (keel_p256_opened); ECDH works on the
 * curve itself, which is what OpenSSL's own ECDH does, without making two keys first.
 * EN 303 645 5.5-1.
 */
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <string.h>

#include "crypto/openssl.h"

#define POINT_LEN 65 /* 4 ‖ x ‖ y (SEC 1 §2.3.3) */
#define DER_MAX   72 /* of a signature */

void keel_ossl_p256_init(struct keel_ossl *all)
{
	all->group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	char curve[] = "P-256";
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, curve, 0),
		OSSL_PARAM_construct_end(),
	};
	KEEL_MUST(all->group != NULL && ctx != NULL && EVP_PKEY_fromdata_init(ctx) == 1);
	KEEL_MUST(EVP_PKEY_fromdata(ctx, &all->p256, EVP_PKEY_KEY_PARAMETERS, params) == 1);
	EVP_PKEY_CTX_free(ctx);
}

static void point_bytes(const struct keel_p256_pub *pub, uint8_t out[POINT_LEN])
{
	out[0] = POINT_CONVERSION_UNCOMPRESSED;
	memcpy(out + 1, pub->xy, sizeof(pub->xy));
}

/* What one computation on the curve needs; all of it is wiped when it is freed. */
struct sums {
	BN_CTX *ctx;
	BIGNUM *d;
	EC_POINT *from, *to;
};

static struct sums sums_new(const uint8_t d[32])
{
	const EC_GROUP *g = keel_ossl()->group;
	struct sums s = { BN_CTX_secure_new(), BN_secure_new(), EC_POINT_new(g), EC_POINT_new(g) };
	KEEL_MUST(s.ctx != NULL && s.d != NULL && s.from != NULL && s.to != NULL);
	BN_set_flags(s.d, BN_FLG_CONSTTIME);
	KEEL_MUST(BN_bin2bn(d, 32, s.d) != NULL);
	return s;
}

static void sums_free(struct sums *s)
{
	EC_POINT_clear_free(s->from);
	EC_POINT_clear_free(s->to);
	BN_clear_free(s->d);
	BN_CTX_free(s->ctx);
}

/* oct2point itself refuses what is not on the curve, and x or y of p and more. */
static bool read_point(EC_POINT *to, const struct keel_p256_pub *pub, BN_CTX *ctx)
{
	uint8_t bytes[POINT_LEN];
	point_bytes(pub, bytes);
	(void)ERR_set_mark();
	bool good = EC_POINT_oct2point(keel_ossl()->group, to, bytes, sizeof(bytes), ctx) == 1;
	(void)ERR_pop_to_mark();
	return good;
}

enum keel_err keel_p256_check(const struct keel_p256_pub *pub)
{
	EC_POINT *point = EC_POINT_new(keel_ossl()->group);
	KEEL_MUST(point != NULL);
	bool good = read_point(point, pub, NULL);
	EC_POINT_free(point);
	return good ? KEEL_OK : KEEL_EAUTH;
}

enum keel_err keel_p256_from_private(const uint8_t d[32], struct keel_p256_key *out)
{
	const EC_GROUP *g = keel_ossl()->group;
	keel_auto(sums_free) struct sums s = sums_new(d);
	if (BN_is_zero(s.d) || BN_cmp(s.d, EC_GROUP_get0_order(g)) >= 0)
		return KEEL_ERANGE;
	uint8_t point[POINT_LEN];
	KEEL_MUST(EC_POINT_mul(g, s.to, s.d, NULL, NULL, s.ctx) == 1);
	KEEL_MUST(EC_POINT_point2oct(g, s.to, POINT_CONVERSION_UNCOMPRESSED, point, sizeof(point),
			  s.ctx) == sizeof(point));
	memcpy(out->d, d, sizeof(out->d));
	memcpy(out->pub.xy, point + 1, sizeof(out->pub.xy));
	return KEEL_OK;
}

/* Rejection sampling, FIPS 186-5 §A.2.2: one try in 2^32 is drawn again. */
void keel_p256_generate(struct keel_p256_key *out)
{
	uint8_t d[32];
	do
		keel_random(d, sizeof(d));
	while (keel_p256_from_private(d, out) != KEEL_OK);
	keel_wipe(d, sizeof(d));
}

/* SP 800-56A §5.7.1.2; the curve's cofactor is 1, so a point on it is in the right group. */
enum keel_err keel_p256_agree(
	const struct keel_p256_key *own, const struct keel_p256_pub *peer, struct keel_key *out)
{
	const EC_GROUP *g = keel_ossl()->group;
	keel_auto(sums_free) struct sums s = sums_new(own->d);
	if (!read_point(s.from, peer, s.ctx))
		return KEEL_EAUTH;
	KEEL_MUST(EC_POINT_mul(g, s.to, NULL, s.from, s.d, s.ctx) == 1);
	uint8_t point[POINT_LEN];
	if (EC_POINT_point2oct(g, s.to, POINT_CONVERSION_UNCOMPRESSED, point, sizeof(point),
		    s.ctx) != sizeof(point))
		return KEEL_EAUTH; /* infinity: own->d was 0 */
	memcpy(out->b, point + 1, sizeof(out->b));
	keel_wipe(point, sizeof(point));
	return KEEL_OK;
}

void keel_p256_open(const struct keel_p256_key *own, struct keel_p256_opened *out)
{
	uint8_t point[POINT_LEN];
	point_bytes(&own->pub, point);
	BIGNUM *d = BN_secure_new();
	OSSL_PARAM_BLD *b = OSSL_PARAM_BLD_new();
	KEEL_MUST(d != NULL && b != NULL && BN_bin2bn(own->d, sizeof(own->d), d) != NULL);
	KEEL_MUST(OSSL_PARAM_BLD_push_utf8_string(b, OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0) == 1);
	KEEL_MUST(OSSL_PARAM_BLD_push_octet_string(
			  b, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point)) == 1);
	KEEL_MUST(OSSL_PARAM_BLD_push_BN(b, OSSL_PKEY_PARAM_PRIV_KEY, d) == 1);
	OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(b);
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	EVP_PKEY *key = NULL;
	KEEL_MUST(params != NULL && ctx != NULL && EVP_PKEY_fromdata_init(ctx) == 1);
	KEEL_MUST(EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_KEYPAIR, params) == 1);
	EVP_PKEY_CTX_free(ctx);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(b);
	BN_clear_free(d);
	out->state = key;
}

void keel_p256_close(struct keel_p256_opened *k)
{
	EVP_PKEY_free(k->state);
	k->state = NULL;
}

/* EVP speaks DER, COSE r ‖ s. */
static void fixed_of_der(const uint8_t *der, size_t n, uint8_t out[KEEL_SIGNATURE_LEN])
{
	ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &der, (long)n);
	KEEL_MUST(sig != NULL);
	KEEL_MUST(BN_bn2binpad(ECDSA_SIG_get0_r(sig), out, 32) == 32);
	KEEL_MUST(BN_bn2binpad(ECDSA_SIG_get0_s(sig), out + 32, 32) == 32);
	ECDSA_SIG_free(sig);
}

static size_t der_of_fixed(const uint8_t in[KEEL_SIGNATURE_LEN], uint8_t out[DER_MAX])
{
	ECDSA_SIG *sig = ECDSA_SIG_new();
	BIGNUM *r = BN_bin2bn(in, 32, NULL);
	BIGNUM *s = BN_bin2bn(in + 32, 32, NULL);
	KEEL_MUST(sig != NULL && r != NULL && s != NULL && ECDSA_SIG_set0(sig, r, s) == 1);
	int n = i2d_ECDSA_SIG(sig, &out);
	KEEL_MUST(n > 0 && n <= DER_MAX);
	ECDSA_SIG_free(sig);
	return (size_t)n;
}

void keel_p256_opened_sign(const struct keel_p256_opened *own, const struct keel_digest *digest,
	uint8_t signature[KEEL_SIGNATURE_LEN])
{
	uint8_t der[DER_MAX];
	size_t n = sizeof(der);
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, own->state, NULL);
	KEEL_MUST(ctx != NULL && EVP_PKEY_sign_init(ctx) == 1);
	KEEL_MUST(EVP_PKEY_sign(ctx, der, &n, digest->b, sizeof(digest->b)) == 1);
	EVP_PKEY_CTX_free(ctx);
	fixed_of_der(der, n, signature);
}

void keel_p256_sign(const struct keel_p256_key *own, const struct keel_digest *digest,
	uint8_t signature[KEEL_SIGNATURE_LEN])
{
	keel_auto(keel_p256_close) struct keel_p256_opened opened;
	keel_p256_open(own, &opened);
	keel_p256_opened_sign(&opened, digest, signature);
}

enum keel_err keel_p256_open_pub(const struct keel_p256_pub *pub, struct keel_p256_opened *out)
{
	uint8_t point[POINT_LEN];
	point_bytes(pub, point);
	EVP_PKEY *key = EVP_PKEY_dup(keel_ossl()->p256);
	KEEL_MUST(key != NULL);
	(void)ERR_set_mark();
	bool good = EVP_PKEY_set1_encoded_public_key(key, point, sizeof(point)) == 1;
	(void)ERR_pop_to_mark();
	if (!good) {
		EVP_PKEY_free(key);
		return KEEL_EAUTH;
	}
	out->state = key;
	return KEEL_OK;
}

enum keel_err keel_p256_opened_verify(const struct keel_p256_opened *key,
	const struct keel_digest *digest, struct keel_bytes signature)
{
	uint8_t der[DER_MAX];
	if (signature.n != KEEL_SIGNATURE_LEN)
		return KEEL_EAUTH;
	size_t n = der_of_fixed(signature.p, der);
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key->state, NULL);
	KEEL_MUST(ctx != NULL && EVP_PKEY_verify_init(ctx) == 1);
	(void)ERR_set_mark();
	bool good = EVP_PKEY_verify(ctx, der, n, digest->b, sizeof(digest->b)) == 1;
	(void)ERR_pop_to_mark();
	EVP_PKEY_CTX_free(ctx);
	return good ? KEEL_OK : KEEL_EAUTH;
}

enum keel_err keel_p256_verify(const struct keel_p256_pub *pub, const struct keel_digest *digest,
	struct keel_bytes signature)
{
	keel_auto(keel_p256_close) struct keel_p256_opened key = { 0 };
	enum keel_err e = keel_p256_open_pub(pub, &key);
	return e == KEEL_OK ? keel_p256_opened_verify(&key, digest, signature) : e;
}

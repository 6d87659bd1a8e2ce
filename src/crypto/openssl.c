/* Hash, MAC, PBKDF2 and random on OpenSSL 3; openssl_aead.c and openssl_p256.c have the rest. */
#include "crypto/openssl.h"

#include <errno.h>
#include <limits.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/params.h>
#include <sys/random.h>

/* Written once, below; only read afterwards. */
static struct keel_ossl ossl;
static CRYPTO_ONCE ossl_once = CRYPTO_ONCE_STATIC_INIT;

static EVP_MAC_CTX *hmac_template(void)
{
	EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	EVP_MAC_CTX *ctx = EVP_MAC_CTX_new(mac);
	char digest[] = "SHA256";
	const OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
		OSSL_PARAM_construct_end(),
	};
	KEEL_MUST(ctx != NULL && EVP_MAC_CTX_set_params(ctx, params) == 1);
	EVP_MAC_free(mac);
	return ctx;
}

static void fetch_all(void)
{
	KEEL_MUST(OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL) == 1);
	ossl.sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	KEEL_MUST(ossl.sha256 != NULL);
	keel_ossl_aead_init(&ossl);
	ossl.hmac = hmac_template();
	keel_ossl_p256_init(&ossl);
}

const struct keel_ossl *keel_ossl(void)
{
	KEEL_MUST(CRYPTO_THREAD_run_once(&ossl_once, fetch_all) == 1);
	return &ossl;
}

void keel_wipe(void *p, size_t n)
{
	OPENSSL_cleanse(p, n);
}

void keel_key_wipe(struct keel_key *k)
{
	keel_wipe(k, sizeof(*k));
}

void keel_p256_key_wipe(struct keel_p256_key *k)
{
	keel_wipe(k, sizeof(*k));
}

bool keel_ct_equal(struct keel_bytes a, struct keel_bytes b)
{
	return a.n == b.n && (a.n == 0 || CRYPTO_memcmp(a.p, b.p, a.n) == 0);
}

void keel_random(void *out, size_t n)
{
	uint8_t *p = out;
	while (n > 0) {
		ssize_t got = getrandom(p, n, 0);
		if (got < 0 && errno == EINTR)
			continue;
		KEEL_MUST(got > 0);
		p += got;
		n -= (size_t)got;
	}
}

void keel_hash_init(struct keel_hash *h)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	KEEL_MUST(ctx != NULL && EVP_DigestInit_ex2(ctx, keel_ossl()->sha256, NULL) == 1);
	h->state = ctx;
}

void keel_hash_add(struct keel_hash *h, struct keel_bytes part)
{
	KEEL_MUST(EVP_DigestUpdate(h->state, part.p, part.n) == 1);
}

void keel_hash_end(struct keel_hash *h, struct keel_digest *out)
{
	KEEL_MUST(EVP_DigestFinal_ex(h->state, out->b, NULL) == 1);
	keel_hash_clear(h);
}

void keel_hash_clear(struct keel_hash *h)
{
	EVP_MD_CTX_free(h->state);
	h->state = NULL;
}

void keel_sha256(const struct keel_bytes *parts, size_t n, struct keel_digest *out)
{
	struct keel_hash h;
	keel_hash_init(&h);
	for (size_t i = 0; i < n; i++)
		keel_hash_add(&h, parts[i]);
	keel_hash_end(&h, out);
}

void keel_hmac(
	struct keel_bytes key, const struct keel_bytes *parts, size_t n, struct keel_digest *out)
{
	/* To EVP_MAC_init a NULL key means the one before: an empty key needs an address. */
	const uint8_t *p = key.n > 0 ? key.p : (const uint8_t *)"";
	EVP_MAC_CTX *ctx = EVP_MAC_CTX_dup(keel_ossl()->hmac);
	KEEL_MUST(ctx != NULL && EVP_MAC_init(ctx, p, key.n, NULL) == 1);
	for (size_t i = 0; i < n; i++)
		KEEL_MUST(EVP_MAC_update(ctx, parts[i].p, parts[i].n) == 1);
	size_t len = 0;
	KEEL_MUST(EVP_MAC_final(ctx, out->b, &len, sizeof(out->b)) == 1);
	EVP_MAC_CTX_free(ctx);
}

void keel_pbkdf2(
	struct keel_bytes password, struct keel_bytes salt, uint32_t rounds, struct keel_key *out)
{
	KEEL_MUST(password.n <= INT_MAX && salt.n <= INT_MAX && rounds > 0 && rounds <= INT_MAX);
	KEEL_MUST(PKCS5_PBKDF2_HMAC(password.n > 0 ? (const char *)password.p : "", (int)password.n,
			  salt.p, (int)salt.n, (int)rounds, keel_ossl()->sha256, sizeof(out->b),
			  out->b) == 1);
}

/* Every path once, so that what OpenSSL makes at first use is made before the sandbox closes. */
void keel_crypto_warm(void)
{
	struct keel_key key = { 0 };
	struct keel_digest digest;
	uint8_t nonce[16] = { 0 };
	uint8_t box[32] = { 0 };
	keel_pbkdf2(KEEL_VIEW(nonce), KEEL_VIEW(nonce), 1, &key);
	keel_hmac(KEEL_VIEW(key.b), NULL, 0, &digest);
	for (enum keel_aead a = 0; a < KEEL_AEAD_COUNT; a++) {
		struct keel_bytes k = { key.b, keel_aead_key_len(a) };
		struct keel_bytes iv = { nonce, keel_aead_nonce_len(a) };
		KEEL_MUST(keel_aead_seal(a, k, iv, (struct keel_bytes){ 0 },
				  (struct keel_bytes){ box, 8 }, box) == KEEL_OK);
	}
	struct keel_p256_key pair;
	uint8_t signature[KEEL_SIGNATURE_LEN];
	keel_p256_generate(&pair);
	keel_p256_sign(&pair, &digest, signature);
	KEEL_MUST(keel_p256_verify(&pair.pub, &digest, KEEL_VIEW(signature)) == KEEL_OK);
	KEEL_MUST(keel_p256_agree(&pair, &pair.pub, &key) == KEEL_OK);
	keel_p256_key_wipe(&pair);
	keel_key_wipe(&key);
}

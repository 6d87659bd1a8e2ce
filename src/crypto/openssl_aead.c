/* AES-GCM and AES-CCM on OpenSSL 3. EN 303 645 5.5-1. */
#include <limits.h>
#include <openssl/err.h>

#include "crypto/openssl.h"

static const struct aead_size {
	uint8_t key, nonce, tag;
} sizes[KEEL_AEAD_COUNT] = {
	[KEEL_AES_GCM_256] = { 32, 12, 16 },
	[KEEL_AES_GCM_128] = { 16, 12, 16 },
	[KEEL_AES_CCM_16_64_128] = { 16, 13, 8 },
	[KEEL_AES_CCM_16_128_128] = { 16, 13, 16 },
};

size_t keel_aead_key_len(enum keel_aead a)
{
	return sizes[a].key;
}

size_t keel_aead_nonce_len(enum keel_aead a)
{
	return sizes[a].nonce;
}

size_t keel_aead_tag_len(enum keel_aead a)
{
	return sizes[a].tag;
}

static bool is_ccm(enum keel_aead a)
{
	return a == KEEL_AES_CCM_16_64_128 || a == KEEL_AES_CCM_16_128_128;
}

/* One operation. `tag` is set for opening, NULL for sealing. */
struct job {
	enum keel_aead a;
	struct keel_bytes key, nonce, aad, in;
	const uint8_t *tag;
};

static bool fits(const struct job *j)
{
	return j->key.n == sizes[j->a].key && j->nonce.n == sizes[j->a].nonce &&
	       j->aad.n <= INT_MAX && j->in.n <= INT_MAX;
}

/* CCM wants the tag (its length, for sealing) before the key, GCM only before the end. */
static bool start(EVP_CIPHER_CTX *ctx, const struct job *j)
{
	int encrypt = j->tag == NULL;
	if (EVP_CipherInit_ex2(ctx, keel_ossl()->aead[j->a], NULL, NULL, encrypt, NULL) != 1)
		return false;
	uint8_t expected[16];
	for (size_t i = 0; j->tag != NULL && i < sizes[j->a].tag; i++)
		expected[i] = j->tag[i];
	if (EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_IVLEN, sizes[j->a].nonce, NULL) != 1)
		return false;
	if ((is_ccm(j->a) || !encrypt) && EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG,
						  sizes[j->a].tag, encrypt ? NULL : expected) != 1)
		return false;
	return EVP_CipherInit_ex2(ctx, NULL, j->key.p, j->nonce.p, encrypt, NULL) == 1;
}

/* CCM wants to know how long the text is before the AAD, and verifies in the update itself. */
static bool run(EVP_CIPHER_CTX *ctx, const struct job *j, uint8_t *out)
{
	static const uint8_t none[1];
	uint8_t nowhere[16];
	int n = 0;
	if (is_ccm(j->a) && EVP_CipherUpdate(ctx, NULL, &n, NULL, (int)j->in.n) != 1)
		return false;
	if (j->aad.n > 0 && EVP_CipherUpdate(ctx, NULL, &n, j->aad.p, (int)j->aad.n) != 1)
		return false;
	if ((j->in.n > 0 || is_ccm(j->a)) &&
		EVP_CipherUpdate(ctx, j->in.n > 0 ? out : nowhere, &n, j->in.n > 0 ? j->in.p : none,
			(int)j->in.n) != 1)
		return false;
	return is_ccm(j->a) || EVP_CipherFinal_ex(ctx, nowhere, &n) == 1;
}

enum keel_err keel_aead_seal(enum keel_aead a, struct keel_bytes key, struct keel_bytes nonce,
	struct keel_bytes aad, struct keel_bytes plain, uint8_t *out)
{
	const struct job j = { a, key, nonce, aad, plain, NULL };
	if (!fits(&j))
		return KEEL_ERANGE;
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	KEEL_MUST(ctx != NULL && start(ctx, &j) && run(ctx, &j, out));
	KEEL_MUST(
		EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, sizes[a].tag, out + plain.n) == 1);
	EVP_CIPHER_CTX_free(ctx);
	return KEEL_OK;
}

/* After a wrong tag OpenSSL leaves the plain text in the buffer (GCM): it is wiped here. */
enum keel_err keel_aead_open(enum keel_aead a, struct keel_bytes key, struct keel_bytes nonce,
	struct keel_bytes aad, struct keel_bytes sealed, uint8_t *out)
{
	if (sealed.n < sizes[a].tag)
		return KEEL_EAUTH;
	size_t n = sealed.n - sizes[a].tag;
	const struct job j = { a, key, nonce, aad, { sealed.p, n }, sealed.p + n };
	if (!fits(&j))
		return KEEL_ERANGE;
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	KEEL_MUST(ctx != NULL);
	(void)ERR_set_mark();
	bool good = start(ctx, &j) && run(ctx, &j, out);
	(void)ERR_pop_to_mark();
	EVP_CIPHER_CTX_free(ctx);
	if (!good)
		keel_wipe(out, n);
	return good ? KEEL_OK : KEEL_EAUTH;
}

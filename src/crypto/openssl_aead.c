/* AES-GCM and AES-CCM on OpenSSL 3. EN 303 645 5.5-1. */
#include <limits.h>
#include <openssl/err.h>
#include <string.h>

#include "core/break.h"
#include "crypto/openssl.h"

#define TAG_MAX 16

/* clang-format off */
static const struct size {
	const char *name;
	uint8_t key, nonce, tag;
	bool ccm;
} sizes[KEEL_AEAD_COUNT] = {
	[KEEL_AES_GCM_256]        = { "AES-256-GCM", 32, 12, 16, false },
	[KEEL_AES_GCM_128]        = { "AES-128-GCM", 16, 12, 16, false },
	[KEEL_AES_CCM_16_64_128]  = { "AES-128-CCM", 16, 13,  8, true  },
	[KEEL_AES_CCM_16_128_128] = { "AES-128-CCM", 16, 13, 16, true  },
};
/* clang-format on */

void keel_ossl_aead_init(struct keel_ossl *all)
{
	for (size_t i = 0; i < KEEL_AEAD_COUNT; i++) {
		const struct size *s = &sizes[i];
		EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, s->name, NULL);
		KEEL_MUST(cipher != NULL);
		all->aead[i] = (struct keel_ossl_aead){ cipher, s->key, s->nonce, s->tag, s->ccm };
	}
}

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

/* One operation. `tag` is set for opening, NULL for sealing. */
struct job {
	const struct keel_ossl_aead *a;
	struct keel_bytes key, nonce, aad, in;
	const uint8_t *tag;
};

static bool fits(const struct job *j)
{
	return j->key.n == j->a->key && j->nonce.n == j->a->nonce && j->aad.n <= INT_MAX &&
	       j->in.n <= INT_MAX;
}

/* CCM wants the tag (for sealing its length) before the key; GCM allows it there, to open. */
static bool set_tag(EVP_CIPHER_CTX *ctx, const struct job *j)
{
	uint8_t tag[TAG_MAX];
	if (j->tag == NULL)
		return !j->a->ccm ||
		       EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, j->a->tag, NULL) == 1;
	memcpy(tag, j->tag, j->a->tag);
	return EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, j->a->tag, tag) == 1;
}

static bool start(EVP_CIPHER_CTX *ctx, const struct job *j)
{
	int encrypt = j->tag == NULL;
	return EVP_CipherInit_ex2(ctx, j->a->cipher, NULL, NULL, encrypt, NULL) == 1 &&
	       EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_IVLEN, j->a->nonce, NULL) == 1 &&
	       set_tag(ctx, j) &&
	       EVP_CipherInit_ex2(ctx, NULL, j->key.p, j->nonce.p, encrypt, NULL) == 1;
}

/* CCM wants to know the text's length before the AAD, and verifies in the text's own update. */
static bool run(EVP_CIPHER_CTX *ctx, const struct job *j, uint8_t *out)
{
	static const uint8_t none[1];
	uint8_t nowhere[16];
	int n = 0;
	if (j->a->ccm && EVP_CipherUpdate(ctx, NULL, &n, NULL, (int)j->in.n) != 1)
		return false;
	if (j->aad.n > 0 && EVP_CipherUpdate(ctx, NULL, &n, j->aad.p, (int)j->aad.n) != 1)
		return false;
	bool some = j->in.n > 0;
	if ((some || j->a->ccm) && EVP_CipherUpdate(ctx, some ? out : nowhere, &n,
					   some ? j->in.p : none, (int)j->in.n) != 1)
		return false;
	return j->a->ccm || EVP_CipherFinal_ex(ctx, nowhere, &n) == 1;
}

enum keel_err keel_ossl_seal(const struct keel_ossl_aead *a, struct keel_bytes key,
	struct keel_bytes nonce, struct keel_bytes aad, struct keel_bytes plain, uint8_t *out)
{
	const struct job j = { a, key, nonce, aad, plain, NULL };
	if (!fits(&j))
		return KEEL_ERANGE;
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	KEEL_MUST(ctx != NULL && start(ctx, &j) && run(ctx, &j, out));
	KEEL_MUST(EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, a->tag, out + plain.n) == 1);
	EVP_CIPHER_CTX_free(ctx);
	return KEEL_OK;
}

/* After a wrong tag OpenSSL leaves the plain text in the buffer (GCM): it is wiped here. */
enum keel_err keel_ossl_open(const struct keel_ossl_aead *a, struct keel_bytes key,
	struct keel_bytes nonce, struct keel_bytes aad, struct keel_bytes sealed, uint8_t *out)
{
	if (sealed.n < a->tag)
		return KEEL_EAUTH;
	size_t n = sealed.n - a->tag;
	const struct job j = { a, key, nonce, aad, { sealed.p, n }, sealed.p + n };
	if (!fits(&j))
		return KEEL_ERANGE;
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	KEEL_MUST(ctx != NULL);
	(void)ERR_set_mark();
	bool good = start(ctx, &j) && run(ctx, &j, out);
	(void)ERR_pop_to_mark();
	EVP_CIPHER_CTX_free(ctx);
	good |= keel_broken("tag-unchecked");
	if (!good)
		keel_wipe(out, n);
	return good ? KEEL_OK : KEEL_EAUTH;
}

enum keel_err keel_aead_seal(enum keel_aead a, struct keel_bytes key, struct keel_bytes nonce,
	struct keel_bytes aad, struct keel_bytes plain, uint8_t *out)
{
	return keel_ossl_seal(&keel_ossl()->aead[a], key, nonce, aad, plain, out);
}

enum keel_err keel_aead_open(enum keel_aead a, struct keel_bytes key, struct keel_bytes nonce,
	struct keel_bytes aad, struct keel_bytes sealed, uint8_t *out)
{
	return keel_ossl_open(&keel_ossl()->aead[a], key, nonce, aad, sealed, out);
}

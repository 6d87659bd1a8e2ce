#include <limits.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include "crypto/openssl.h"
#include "crypto/pem.h"

/* An encrypted key is refused rather than asked about. */
static int no_password(char *buf, int size, int rwflag, void *self)
{
	(void)buf, (void)size, (void)rwflag, (void)self;
	return -1;
}

static bool take_scalar(const EVP_PKEY *key, uint8_t d[32])
{
	char group[32];
	BIGNUM *v = NULL;
	bool p256 = EVP_PKEY_get_utf8_string_param(
			    key, OSSL_PKEY_PARAM_GROUP_NAME, group, sizeof(group), NULL) == 1 &&
		    keel_bytes_is(keel_text("prime256v1"), group) &&
		    EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_PRIV_KEY, &v) == 1 &&
		    BN_bn2binpad(v, d, 32) == 32;
	BN_clear_free(v);
	return p256;
}

enum keel_err keel_p256_read_pem(struct keel_bytes pem, struct keel_p256_key *out)
{
	uint8_t d[32];
	if (pem.n > INT_MAX)
		return KEEL_EFORM;
	(void)keel_ossl(); /* before OpenSSL reads its configuration by itself */
	(void)ERR_set_mark();
	BIO *bio = BIO_new_mem_buf(pem.p, (int)pem.n);
	KEEL_MUST(bio != NULL);
	EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL);
	enum keel_err e =
		key != NULL && take_scalar(key, d) ? keel_p256_from_private(d, out) : KEEL_EFORM;
	(void)ERR_pop_to_mark();
	EVP_PKEY_free(key);
	BIO_free(bio);
	keel_wipe(d, sizeof(d));
	return e;
}

/* ECPrivateKey, RFC 5915: for P-256 everything but the key's own bytes is always the same. */
void keel_p256_write_pem(const struct keel_p256_key *key, struct keel_wr *w)
{
	static const uint8_t head[] = { 0x30, 0x77, 0x02, 0x01, 0x01, 0x04, 0x20 };
	static const uint8_t curve[] = { 0xa0, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03,
		0x01, 0x07, 0xa1, 0x44, 0x03, 0x42, 0x00, 0x04 };
	enum { LINE = 48 }; /* bytes of a line of 64 characters */
	uint8_t der[sizeof(head) + 32 + sizeof(curve) + 64];
	uint8_t line[LINE / 3 * 4 + 1];
	struct keel_wr all = keel_wr_of(der, sizeof(der));
	keel_wr_bytes(&all, KEEL_VIEW(head));
	keel_wr_bytes(&all, KEEL_VIEW(key->d));
	keel_wr_bytes(&all, KEEL_VIEW(curve));
	keel_wr_bytes(&all, KEEL_VIEW(key->pub.xy));
	keel_wr_text(w, "-----BEGIN EC PRIVATE KEY-----\n");
	for (size_t i = 0; i < sizeof(der); i += LINE) {
		size_t n = sizeof(der) - i < LINE ? sizeof(der) - i : LINE;
		(void)EVP_EncodeBlock(line, der + i, (int)n);
		keel_wr_text(w, (const char *)line);
		keel_wr_u8(w, '\n');
	}
	keel_wr_text(w, "-----END EC PRIVATE KEY-----\n");
	keel_wipe(der, sizeof(der));
	keel_wipe(line, sizeof(line));
}

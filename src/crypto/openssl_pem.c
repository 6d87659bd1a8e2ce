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

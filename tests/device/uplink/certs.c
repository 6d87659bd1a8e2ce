#include "certs.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "core/err.h"

static void text_of(BIO *b, char *out, size_t cap)
{
	int n = BIO_read(b, out, (int)cap - 1);
	KEEL_MUST(n > 0 && (size_t)n < cap - 1);
	out[n] = '\0';
	BIO_free(b);
}

static void cert_pem(X509 *x, char *out, size_t cap)
{
	BIO *b = BIO_new(BIO_s_mem());
	KEEL_MUST(b != NULL && PEM_write_bio_X509(b, x) == 1);
	text_of(b, out, cap);
}

static void extend(X509 *x, int nid, const char *value)
{
	X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, NULL, nid, value);
	KEEL_MUST(e != NULL && X509_add_ext(x, e, -1) == 1);
	X509_EXTENSION_free(e);
}

static X509 *cert(EVP_PKEY *key, const char *name, long serial, long from_s, long until_s)
{
	X509 *x = X509_new();
	KEEL_MUST(x != NULL && key != NULL && X509_set_version(x, 2) == 1);
	KEEL_MUST(ASN1_INTEGER_set(X509_get_serialNumber(x), serial) == 1);
	KEEL_MUST(X509_gmtime_adj(X509_getm_notBefore(x), from_s) != NULL);
	KEEL_MUST(X509_gmtime_adj(X509_getm_notAfter(x), until_s) != NULL);
	KEEL_MUST(X509_set_pubkey(x, key) == 1);
	KEEL_MUST(X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC,
			  (const unsigned char *)name, -1, -1, 0) == 1);
	return x;
}

void certs_ca_make(const char *name, struct certs_ca *out)
{
	out->key = EVP_EC_gen("P-256");
	out->cert = cert(out->key, name, 1, -3600, 86400);
	KEEL_MUST(X509_set_issuer_name(out->cert, X509_get_subject_name(out->cert)) == 1);
	extend(out->cert, NID_basic_constraints, "critical,CA:TRUE");
	extend(out->cert, NID_key_usage, "critical,keyCertSign");
	KEEL_MUST(X509_sign(out->cert, out->key, EVP_sha256()) > 0);
	cert_pem(out->cert, out->pem, sizeof(out->pem));
}

void certs_leaf_make(const struct certs_ca *by, const char *name, long from_s, long until_s,
	struct certs_leaf *out)
{
	char alternative[128];
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *x = cert(key, name, 2, from_s, until_s);
	BIO *b = BIO_new(BIO_s_mem());
	(void)snprintf(alternative, sizeof(alternative), "DNS:%s", name);
	KEEL_MUST(X509_set_issuer_name(x, X509_get_subject_name(by->cert)) == 1);
	extend(x, NID_subject_alt_name, alternative);
	KEEL_MUST(X509_sign(x, by->key, EVP_sha256()) > 0);
	cert_pem(x, out->chain, sizeof(out->chain));
	KEEL_MUST(b != NULL && PEM_write_bio_PrivateKey(b, key, NULL, NULL, 0, NULL, NULL) == 1);
	text_of(b, out->key, sizeof(out->key));
	X509_free(x);
	EVP_PKEY_free(key);
}

/* A CA and the certificates that it makes, for tests of who checks them. */
#ifndef KEEL_TESTS_DEVICE_UPLINK_CERTS_H
#define KEEL_TESTS_DEVICE_UPLINK_CERTS_H

#include <openssl/x509.h>

struct certs_ca {
	X509 *cert;
	EVP_PKEY *key;
	char pem[2048];
};

struct certs_leaf {
	char chain[2048]; /* PEM */
	char key[1024];   /* PEM */
};

void certs_ca_make(const char *name, struct certs_ca *out);
/** For this DNS name, valid from and until these seconds from now. */
void certs_leaf_make(const struct certs_ca *by, const char *name, long from_s, long until_s,
	struct certs_leaf *out);

#endif

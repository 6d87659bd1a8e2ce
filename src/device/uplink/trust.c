#include "device/uplink/trust.h"

#include <openssl/ssl.h>
#include <string.h>

#define TLS_1_3 ((long)CURL_SSLVERSION_TLSv1_3)

/* OpenSSL asks at each thing that it finds wrong, and goes on where the answer is yes. */
static int judge(int good, X509_STORE_CTX *x)
{
	if (good == 1 || X509_STORE_CTX_get_error(x) != X509_V_ERR_CERT_NOT_YET_VALID)
		return good;
	X509_STORE_CTX_set_error(x, X509_V_OK);
	return 1;
}

/* Called before each handshake. */
static CURLcode add_judge(CURL *c, void *tls, void *self)
{
	(void)c, (void)self;
	SSL_CTX_set_verify(tls, SSL_VERIFY_PEER, judge);
	return CURLE_OK;
}

#define SET(option, value) (api->easy_setopt(c, option, value) == CURLE_OK)

/*
 * Debian's libcurl brings a folder of the system's roots (CAPATH) along with whatever file is named:
 * a maker's own CA would be one of a hundred and forty. A new connection is checked whole each time, so
 * TLS's sessions are not kept.
 */
bool keel_trust_set(const struct keel_curl *api, CURL *c, struct keel_bytes roots)
{
	struct curl_blob blob = { .len = roots.n, .flags = CURL_BLOB_COPY };
	memcpy(&blob.data, &roots.p,
		sizeof(blob.data)); /* libcurl copies, and has no word for const */
	return SET(CURLOPT_CAPATH, NULL) && SET(CURLOPT_CAINFO, NULL) &&
	       SET(CURLOPT_CAINFO_BLOB, &blob) && SET(CURLOPT_SSL_VERIFYPEER, 1L) &&
	       SET(CURLOPT_SSL_VERIFYHOST, 2L) && SET(CURLOPT_SSLVERSION, TLS_1_3) &&
	       SET(CURLOPT_SSL_SESSIONID_CACHE, 0L) && SET(CURLOPT_SSL_CTX_FUNCTION, add_judge);
}

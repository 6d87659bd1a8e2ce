#include "http/tls.h"

#include <limits.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <string.h>

#define SHAKE_TURNS 16 /* a handshake in memory takes three */

static enum keel_err refuse(struct keel_fault *fault, enum keel_err e, const char *what)
{
	ERR_clear_error();
	*fault = (struct keel_fault){ .err = e };
	(void)snprintf(fault->what, sizeof(fault->what), "the door's certificate: %s", what);
	(void)snprintf(fault->next, sizeof(fault->next),
		"give a PEM file with the certificate and those above it, and its key as PEM");
	return e;
}

/* A client that names protocols and not ours is told so (RFC 7301 §3.2); one that names none is fine. */
static int choose_protocol(SSL *ssl, const unsigned char **out, unsigned char *out_n,
	const unsigned char *in, unsigned in_n, void *arg)
{
	static const unsigned char ours[] = "\x08http/1.1";
	unsigned char *found;
	(void)ssl;
	(void)arg;
	if (SSL_select_next_proto(&found, out_n, ours, sizeof(ours) - 1, in, in_n) !=
		OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_ALERT_FATAL;
	*out = found;
	return SSL_TLSEXT_ERR_OK;
}

static void set_up(SSL_CTX *ctx)
{
	KEEL_MUST(SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION) == 1);
	KEEL_MUST(SSL_CTX_set_max_proto_version(ctx, TLS1_3_VERSION) == 1);
	(void)SSL_CTX_set_options(ctx, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
	/* RELEASE_BUFFERS: an idle connection keeps about 15 kB instead of 50. */
	(void)SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
	(void)SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	KEEL_MUST(SSL_CTX_set_num_tickets(ctx, 1) == 1);
	KEEL_MUST(SSL_CTX_set_max_early_data(ctx, 0) == 1);
	SSL_CTX_set_alpn_select_cb(ctx, choose_protocol, NULL);
}

static BIO *bio_of(struct keel_bytes pem)
{
	KEEL_MUST(pem.n < INT_MAX);
	BIO *b = BIO_new_mem_buf(pem.p, (int)pem.n);
	KEEL_MUST(b != NULL);
	return b;
}

static bool use_chain(SSL_CTX *ctx, struct keel_bytes pem)
{
	BIO *b = bio_of(pem);
	X509 *x = PEM_read_bio_X509(b, NULL, NULL, NULL);
	bool good = x != NULL && SSL_CTX_use_certificate(ctx, x) == 1;
	X509_free(x);
	while (good && (x = PEM_read_bio_X509(b, NULL, NULL, NULL)) != NULL)
		good = SSL_CTX_add0_chain_cert(ctx, x) == 1;
	BIO_free(b);
	ERR_clear_error();
	return good;
}

static bool use_key(SSL_CTX *ctx, struct keel_bytes pem)
{
	BIO *b = bio_of(pem);
	char nothing[] = ""; /* asks nobody for a password */
	EVP_PKEY *key = PEM_read_bio_PrivateKey(b, NULL, NULL, nothing);
	bool good = key != NULL && SSL_CTX_use_PrivateKey(ctx, key) == 1;
	EVP_PKEY_free(key);
	BIO_free(b);
	return good;
}

/* Both ends step until both are done; a last read takes the ticket. */
static bool shake(SSL *server, SSL *client)
{
	unsigned char byte = 0;
	for (unsigned i = 0; i < SHAKE_TURNS; i++) {
		int a = SSL_do_handshake(client);
		int b = SSL_do_handshake(server);
		if (a == 1 && b == 1)
			return SSL_write(client, &byte, 1) == 1 &&
			       SSL_read(server, &byte, 1) == 1 &&
			       SSL_write(server, &byte, 1) == 1 && SSL_read(client, &byte, 1) == 1;
	}
	return false;
}

static bool warm(SSL_CTX *ctx)
{
	SSL_CTX *client_ctx = SSL_CTX_new(TLS_client_method());
	KEEL_MUST(client_ctx != NULL);
	SSL *server = SSL_new(ctx);
	SSL *client = SSL_new(client_ctx);
	BIO *a = NULL;
	BIO *b = NULL;
	KEEL_MUST(server != NULL && client != NULL && BIO_new_bio_pair(&a, 0, &b, 0) == 1);
	SSL_set_bio(server, a, a);
	SSL_set_bio(client, b, b);
	SSL_set_accept_state(server);
	SSL_set_connect_state(client);
	bool good = shake(server, client);
	SSL_free(server);
	SSL_free(client);
	SSL_CTX_free(client_ctx);
	ERR_clear_error();
	return good;
}

enum keel_err keel_tls_open(struct keel_bytes chain, struct keel_bytes key, struct ssl_ctx_st **out,
	struct keel_fault *fault)
{
	enum keel_err e = KEEL_OK;
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
	KEEL_MUST(ctx != NULL);
	set_up(ctx);
	if (!use_chain(ctx, chain))
		e = refuse(fault, KEEL_EFORM, "no certificate can be read from it");
	else if (!use_key(ctx, key))
		e = refuse(fault, KEEL_EFORM, "its private key cannot be read, or is another's");
	else if (SSL_CTX_check_private_key(ctx) != 1 || !warm(ctx))
		e = refuse(fault, KEEL_EAUTH, "it and its key cannot shake hands by TLS 1.3");
	if (e == KEEL_OK)
		*out = ctx;
	else
		SSL_CTX_free(ctx);
	return e;
}

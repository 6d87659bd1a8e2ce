/*
 * The server's end of TLS: 1.3 only, one certificate, ALPN http/1.1, no early data, two session
 * tickets' worth of memory in the client and none here. EN 303 645 5.5-1.
 */
#ifndef KEEL_HTTP_TLS_H
#define KEEL_HTTP_TLS_H

#include "core/bytes.h"

struct ssl_ctx_st;

/**
 * Makes the context and shakes hands with itself once, so that everything that OpenSSL loads late
 * is loaded before the walls of a room stand, and a key that does not fit shows now.
 *
 * chain  PEM: the certificate first, then those above it
 * key    PEM
 *
 * KEEL_EFORM: not PEM. KEEL_EAUTH: key and certificate do not belong together, or cannot do TLS 1.3.
 * Free with SSL_CTX_free.
 */
KEEL_CHECKED enum keel_err keel_tls_open(struct keel_bytes chain, struct keel_bytes key,
	struct ssl_ctx_st **out, struct keel_fault *fault);

#endif

/* One request to a door, or to the maker's service, over HTTPS, by libcurl. */
#ifndef KEEL_CLI_POST_H
#define KEEL_CLI_POST_H

#include "core/bytes.h"

#define KEEL_POST_MAX 65536
#define KEEL_URL_MAX  256

/** A door: where it is, and who vouches for its certificate. */
struct keel_door_at {
	const char *url; /* https://hub.home.arpa:8443, without a path */
	/*
	 * PEM file of the CA to trust. NULL: any certificate; what counts is D, against which every
	 * byte is sealed or signed, and TLS is only the second wall (docs/threats.md).
	 */
	const char *ca;
	bool roots; /* ca NULL: those of the system instead of any; a service has a name in public */
	long connect_s; /* how long a connection may take; 0: as long as the answer */
	long wait_s;    /* and the answer; 0: 20 s */
};

/**
 * Whether it can be a door, before anything is asked of it: its URL is https://, a host, perhaps a port,
 * and nothing more; its CA, where one is named, is a file with a certificate. The fault tells.
 */
KEEL_CHECKED enum keel_err keel_door_check(
	const struct keel_door_at *door, struct keel_fault *fault);

/**
 * POSTs CBOR and gives the answer's status and body (at most KEEL_POST_MAX bytes, in buf).
 * A connection that the door closed before TLS, as it does to whoever comes too
 * often, is tried again for 4 s (cli/again.h). KEEL_EFORM: no address. KEEL_EIO: no answer; the fault says why and what to do.
 */
KEEL_CHECKED enum keel_err keel_post(const struct keel_door_at *door, const char *path,
	struct keel_bytes body, uint8_t buf[KEEL_POST_MAX], struct keel_bytes *answer, long *status,
	struct keel_fault *fault);

#endif

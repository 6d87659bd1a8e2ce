/*
 * A mail, by a mail server: libcurl's SMTP, behind walls (fleet/walls.h). TLS 1.2 or later, but to this machine
 * itself; the server's name is looked up here, for libcurl's own resolver needs a thread.
 */
#ifndef KEEL_FLEET_SMTP_H
#define KEEL_FLEET_SMTP_H

#include "core/bytes.h"

struct keel_smtp {
	const char *url, *from, *to; /* the caller's; url: smtp:// or smtps:// */
	const char *user, *password; /* user empty: the server asks for none */
	char host[256];
	uint16_t port;
};

/** Fills host and port from url. KEEL_ERANGE: it is no mail server's. */
KEEL_CHECKED enum keel_err keel_smtp_read(struct keel_smtp *s);

/** Before the walls: what it needs of the system; and its end. */
void keel_smtp_open(void);
void keel_smtp_close(void);

/**
 * mail: head and text, RFC 5322. KEEL_EIO: it did not go; *why: a sentence that lives as long as the program.
 * KEEL_ESTATE: the system's list of name servers was replaced; only a new start can read it.
 */
KEEL_CHECKED enum keel_err keel_smtp_send(
	const struct keel_smtp *s, struct keel_bytes mail, const char **why);

#endif

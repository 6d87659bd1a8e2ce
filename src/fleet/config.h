/* config.yaml of the service: few values, each with a line that says what it is. man keel-fleet. */
#ifndef KEEL_FLEET_CONFIG_H
#define KEEL_FLEET_CONFIG_H

#include "core/bytes.h"

#define KEEL_FLEET_TEXT_MAX 255

struct keel_fleet_config {
	char origin[KEEL_FLEET_TEXT_MAX + 1];      /* https://fleet.example */
	char app_origin[KEEL_FLEET_TEXT_MAX + 1];  /* the owner's app; empty: none */
	char address[KEEL_FLEET_TEXT_MAX + 1];     /* one, or several with blanks between */
	char certificate[KEEL_FLEET_TEXT_MAX + 1]; /* PEM, chain; below the folder, or absolute */
	char key[KEEL_FLEET_TEXT_MAX + 1];
	char desk[KEEL_FLEET_TEXT_MAX + 1]; /* the folder of the pages for reporters; empty: none */
	char mail_server[KEEL_FLEET_TEXT_MAX + 1]; /* smtps:// or smtp://; empty: no mail */
	char mail_from[KEEL_FLEET_TEXT_MAX + 1];
	char mail_to[KEEL_FLEET_TEXT_MAX + 1];
	char mail_user[KEEL_FLEET_TEXT_MAX + 1];     /* empty: the server asks for none */
	char mail_password[KEEL_FLEET_TEXT_MAX + 1]; /* a file, below the folder */
	char console[KEEL_FLEET_TEXT_MAX + 1];       /* the console's files; empty: there is none */
	/* Of the UK statement of compliance; empty, or 0: not said, and none is offered. */
	char batch[KEEL_FLEET_TEXT_MAX + 1];
	char signature[KEEL_FLEET_TEXT_MAX + 1];
	char signatory[KEEL_FLEET_TEXT_MAX + 1];
	char function[KEEL_FLEET_TEXT_MAX + 1];
	char place[KEEL_FLEET_TEXT_MAX + 1];
	int64_t issued;     /* days since 1970-01-01 */
	uint64_t case_days; /* a resolved case is kept so long; 0: for good */
	uint64_t port;
	uint64_t connections;         /* at once */
	uint64_t address_connections; /* of one address at once */
	uint64_t address_requests;    /* of one address a second */
};

/** What `init` writes: every value with its comment. KEEL_EFULL. */
KEEL_CHECKED enum keel_err keel_fleet_config_write(const char *origin, struct keel_wr *w);
/**
 * Reads it; what is not there is as `init` writes it. KEEL_EFORM: the fault tells line, column and
 * what to write.
 */
KEEL_CHECKED enum keel_err keel_fleet_config_read(
	struct keel_bytes file, struct keel_fleet_config *out, struct keel_fault *fault);

/** Whether this is an origin: https://, a host, perhaps a port, nothing more. */
bool keel_fleet_is_origin(const char *text);

#endif

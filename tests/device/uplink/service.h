/*
 * A small service for the test of the room: the real HTTPS server and the real formats of a session, a
 * memory that outlives its process, and a death at a moment that the test chooses.
 */
#ifndef KEEL_TESTS_DEVICE_UPLINK_SERVICE_H
#define KEEL_TESTS_DEVICE_UPLINK_SERVICE_H

#include <stdbool.h>
#include <sys/types.h>

#include "certs.h"
#include "crypto/crypto.h"

#define SERVICE_REPORTS_MAX 256
#define SERVICE_VALID_S     8

/** What is durable: shared with the test, and with the next start. */
struct service_disk {
	uint64_t last;                           /* report taken */
	unsigned times[SERVICE_REPORTS_MAX + 1]; /* how often each was kept */
	unsigned reports, sessions, polls, refused;
	uint64_t inbox; /* the last request there is */
	uint64_t inbox_answered;
	uint64_t notices; /* the last notice there is */
	uint64_t notices_taken;
	unsigned notices_given;
	unsigned answers;
	uint64_t answer_number, answer_status;
	uint8_t answer[64];
	size_t answer_n;

	/* What the test wants. */
	uint64_t die_before, die_after; /* keeping this report; 0: never */
	bool die_at_answer;             /* kept, and not said so */
	bool die_at_notice;             /* given */
	bool die_at_taken;              /* named as taken, and not forgotten */
	bool false_notice;              /* by who has the certificate, and not the session's key */
	unsigned turn_away;             /* so many nonces are refused with 503 and Retry-After: 1 */
	bool quarantine;
};

struct service {
	const char *origin;
	uint16_t port;
	struct certs_leaf leaf;
	struct keel_p256_key root, sign, agree;
	struct keel_key nonces;
	struct service_disk *disk;
	pid_t pid;
};

/** Makes keys and the disk, and chooses a port. */
void service_make(struct service *s, const struct certs_leaf *leaf);
void service_start(struct service *s);
/** Ends it at once, as a loss of power would. */
void service_kill(struct service *s);
/** Whether it died by itself; then it is waited for. */
bool service_is_dead(struct service *s);

#endif

/*
 * A notice: what the maker tells the owners of a device about its security. What it can say is a closed
 * list, and what it is about has a narrow alphabet, so that a service that was taken over has no words of
 * its own by which to fool them. It waits in the device's inbox and comes as a Mac0 under the session's
 * key, whose external AAD is the path and the item's number. docs/service.md, Inbox. EN 303 645 5.2, 5.3-11, 5.3-13.
 */
#ifndef KEEL_SESSION_NOTICE_H
#define KEEL_SESSION_NOTICE_H

#include "owner/names.h"

#define KEEL_NOTICE_ABOUT_MAX 24
#define KEEL_NOTICE_MAX       40  /* encoded */
#define KEEL_NOTICE_SEALED    160 /* and MACed */

/** Values travel; a device takes one that it does not know, and tells nobody. */
enum keel_notice_code {
	KEEL_NOTICE_UPDATE = 0,        /* this version closes a hole: "2.4.1" */
	KEEL_NOTICE_VULNERABILITY = 1, /* one is published under this name: "CVE-2026-12345" */
	KEEL_NOTICE_SUPPORT = 2,       /* support ends on this day: "2033-12-01" */
	KEEL_NOTICE_CODES
};
/** "update", "vulnerability", "support". */
const char *keel_notice_word(uint64_t code);

struct keel_notice {
	uint32_t has;
	uint64_t code;
	struct keel_bytes about;
};
extern const struct keel_schema keel_notice_schema;
/** KEEL_ENONE: a code that is not known. KEEL_ERANGE: what it is about is not of its code's form. */
KEEL_CHECKED enum keel_err keel_notice_check(const struct keel_notice *n);

/** In which session it is said, and as which item. */
struct keel_notice_to {
	const struct keel_key *key;
	struct keel_bytes device, home;
	uint64_t number;
};
/** notice: encoded. At most KEEL_NOTICE_SEALED bytes. */
KEEL_CHECKED enum keel_err keel_notice_seal(
	const struct keel_notice_to *to, struct keel_bytes notice, struct keel_wr *w);
/**
 * Views live as long as `in`; keel_notice_check has not been asked.
 *
 * KEEL_EAUTH: not under this key, changed, or of another device, home or number. KEEL_ESHORT, KEEL_EFORM,
 * KEEL_ERANGE: it is no notice, though under this key it may be a later one.
 */
KEEL_CHECKED enum keel_err keel_notice_open(
	const struct keel_notice_to *to, struct keel_bytes in, struct keel_notice *out);

#endif

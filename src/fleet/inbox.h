/*
 * What waits in the store for devices, until each names it as taken (docs/service.md, Inbox). Beside
 * store.h. Numbers rise over all devices, restarts and restored backups. Of each kind and subject only the
 * latest waits, so that a device that stays away fills nothing. EN 303 645 5.3-11, 5.9-3.
 */
#ifndef KEEL_FLEET_INBOX_H
#define KEEL_FLEET_INBOX_H

#include "fleet/store.h"

#define KEEL_FLEET_TELL_MAX 1000 /* units a job, so that nobody's commit waits for a whole fleet */

struct keel_fleet_tell {
	struct keel_fleet_write write;
	const char *who, *action, *detail; /* for the audit log, once */
	int64_t now_s;
	const char *to; /* a unit's serial, or a model: all of its units */
	uint64_t kind;  /* enum keel_inbox_kind */
	uint64_t about; /* the subject: a later item takes the place of one that waits */
	struct keel_bytes payload;
	int64_t after; /* 0 at first; moved on */
	size_t told;   /* out: so many units, added to what was there */
	bool more;     /* out: submit it again */
};
/**
 * Only units that somebody owns and nobody revoked. KEEL_ENONE: no unit has this serial or model.
 * KEEL_ESTATE: none of those is in a home.
 */
void keel_fleet_tell(struct keel_fleet_store *s, struct keel_fleet_tell *j);

struct keel_fleet_item {
	uint64_t number, kind;
	struct keel_bytes payload;
};
/** What waits for a unit in this home, by number; nothing where it is revoked or in quarantine. */
KEEL_CHECKED enum keel_err keel_fleet_inbox(struct keel_fleet_store *s,
	const uint8_t id[KEEL_DEVICE_ID_LEN], struct keel_bytes home,
	bool (*each)(void *self, const struct keel_fleet_item *item), void *self);

struct keel_fleet_inbox_taken {
	struct keel_fleet_write write;
	uint8_t id[KEEL_DEVICE_ID_LEN];
	uint64_t number; /* and all before it */
};
void keel_fleet_inbox_taken(struct keel_fleet_store *s, struct keel_fleet_inbox_taken *j);

/** For whom something came since *after, which moves on; at most KEEL_FLEET_TELL_MAX a call. */
KEEL_CHECKED enum keel_err keel_fleet_inbox_news(struct keel_fleet_store *s, uint64_t *after,
	void (*each)(void *self, const uint8_t id[KEEL_DEVICE_ID_LEN]), void *self);
/** The number of the last item that waits; 0: none does. */
KEEL_CHECKED enum keel_err keel_fleet_inbox_last(struct keel_fleet_store *s, uint64_t *last);

#endif

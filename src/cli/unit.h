/* One unit, as it leaves the factory: its identity, the maker's endorsement, its claim code. EN 303 645 5.4-2. */
#ifndef KEEL_CLI_UNIT_H
#define KEEL_CLI_UNIT_H

#include "crypto/crypto.h"
#include "owner/label.h"

struct keel_new_unit {
	const char *home;   /* its folder; the store is made in home/vault */
	const char *tpm;    /* /dev/tpmrm0 or swtpm's socket; NULL: keys in a file */
	const char *serial; /* 1 to 64 bytes */
	const struct keel_p256_key *maker;
	struct keel_bytes model;
};

/** KEEL_ESTATE where the folder holds a unit already; the fault names it. */
KEEL_CHECKED enum keel_err keel_unit_is_free(const char *home, struct keel_fault *fault);

/**
 * Makes the store, fills label, and writes the maker's endorsement (KEEL_ENDORSEMENT_MAX) into w.
 * On error nothing of the unit is left.
 * KEEL_ESTATE: the folder holds a unit already, which stays as it is. KEEL_EIO: the fault tells.
 */
KEEL_CHECKED enum keel_err keel_unit_make(const struct keel_new_unit *u, struct keel_label *label,
	struct keel_wr *w, struct keel_fault *fault);
/** Throws a unit that was just made away: one whose label nobody has is none. */
void keel_unit_undo(const struct keel_new_unit *u);

#endif

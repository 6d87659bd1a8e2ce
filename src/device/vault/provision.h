/*
 * What the factory gives a unit, once: its id, the maker's endorsement and the key of its label's
 * claim code. EN 303 645 5.1-1, 5.4-2.
 */
#ifndef KEEL_DEVICE_VAULT_PROVISION_H
#define KEEL_DEVICE_VAULT_PROVISION_H

#include "device/vault/identity.h"
#include "owner/claim.h"

#define KEEL_ENDORSEMENT_BYTES 512

struct keel_unit {
	uint8_t id[KEEL_DEVICE_ID_LEN];
	struct keel_key code; /* K: all that the device keeps of its claim code */
	char serial[KEEL_NAME_MAX + 1];
	uint8_t endorsement[KEEL_ENDORSEMENT_BYTES];
	size_t endorsement_n;
};
void keel_unit_wipe(struct keel_unit *u);

/**
 * Writes the record "unit", in a commit of its own. The endorsement must be of this id and
 * this identity. KEEL_ESTATE: it was provisioned before. KEEL_EAUTH: an endorsement of another
 * unit. KEEL_ERANGE: a serial that is empty or too long, or an endorsement too long.
 */
KEEL_CHECKED enum keel_err keel_vault_provision(struct keel_store *s, const struct keel_identity *d,
	const uint8_t id[KEEL_DEVICE_ID_LEN], struct keel_bytes serial, const struct keel_key *code,
	struct keel_bytes endorsement);
/** KEEL_ENONE: never provisioned. */
KEEL_CHECKED enum keel_err keel_unit_load(struct keel_store *s, struct keel_unit *out);

#endif

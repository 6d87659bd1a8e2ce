/* Why the vault says no: each reason its own sentence for a person. EN 303 645 5.13-1A. */
#ifndef KEEL_DEVICE_VAULT_REFUSALS_H
#define KEEL_DEVICE_VAULT_REFUSALS_H

#include "owner/claim.h"

enum vault_no {
	NO_NOT = 0, /* fine */
	NO_FORM,
	NO_STRANGER,
	NO_OTHER_DEVICE,
	NO_OTHER_HOME,
	NO_SEAL,
	NO_SIGNATURE,
	NO_REPLAYED,
	NO_HELD_BACK,
	NO_RIGHT,
	NO_TIME_OVER,
	NO_UNDECLARED,
	NO_RANGE,
	NO_DATUM,
	NO_CONSENT_NEEDED,
	NO_HISTORY,
	NO_PERSON,
	NO_LAST_OWNER,
	NO_FULL,
	NO_BUSY,
	NO_CODE,
	NO_WAIT,
	NO_NONCE,
	NO_CLAIM_CLOSED,
	NO_HAS_OWNERS,
	NO_BUTTON,
	NO_NOBODY,
	NO_VOUCH,
	NO_VOUCH_SELF,
	NO_INVITATION,
	NO_INVITES_OPEN,
	NO_NOT_FOR_GUESTS,
	NO_STORE,
	NO_COUNT
};

struct vault_refusal {
	unsigned status; /* of HTTP, where no sealed answer is given */
	enum keel_err err;
	const char *sentence;
};
const struct vault_refusal *vault_refusal_of(enum vault_no no);

#endif

/*
 * How somebody becomes an owner: hello, claim, join, recover, return, welcome. docs/protocol.md, Claim.
 * Schemas only; whoever reads one compares the values. EN 303 645 5.1-1, 5.12-1.
 */
#ifndef KEEL_OWNER_CLAIM_H
#define KEEL_OWNER_CLAIM_H

#include "core/schema.h"
#include "owner/names.h"

/** States of a device, as statements name them. Values travel. */
enum keel_device_state {
	KEEL_STATE_FACTORY = 0,
	KEEL_STATE_SETUP = 1,
	KEEL_STATE_OPERATION = 2,
	KEEL_STATE_ISOLATED = 3,
	KEEL_STATE_COUNT
};
/** "factory", "setup", "operation", "isolated". */
const char *keel_state_word(uint64_t state);

struct keel_hello {
	uint32_t has;
	struct keel_bytes id, sign, agree, endorsement, nonce;
	bool claim_open;
	uint64_t homes; /* so far; there only while nobody owns the device */
};
extern const struct keel_schema keel_hello_schema;
enum { KEEL_HELLO_HOMES = 6 }; /* its row, for keel_has */

/** Body of the endorsement, Sign1 by the maker, envelope 1. */
struct keel_endorsement {
	uint32_t has;
	struct keel_bytes sign, agree, model, serial;
	struct keel_bytes attest; /* the TPM's attestation key; absent where there is no TPM */
};
extern const struct keel_schema keel_endorsement_schema;
enum { KEEL_ENDORSEMENT_ATTEST = 4 }; /* its row, for keel_has */

/**
 * Body of claim, join, recover and return: Mac0, envelopes 2, 5, 13, 16. Keys and nonces only: it is proved, not
 * sealed, so whatever is personal (a name) comes with a sealed request afterwards.
 */
struct keel_claim {
	uint32_t has;
	struct keel_bytes thumbprint, sign, agree, device_nonce, app_nonce;
	struct keel_bytes invitation; /* its id: in a join only */
};
extern const struct keel_schema keel_claim_schema;
/** The purpose of the answer: claimed, joined, recovered or returned. */
enum keel_purpose keel_claim_answer(enum keel_purpose asked);
enum { KEEL_CLAIM_INVITATION = 5 };

/** Answer to /v1/claim: two structures, each still encoded. */
struct keel_welcome {
	uint32_t has;
	struct keel_bytes claimed; /* Mac0, envelope 3, 6, 14 or 17 */
	struct keel_bytes welcome; /* Sign1 by D.sign, envelope 4 */
};
extern const struct keel_schema keel_welcome_schema;

/** Body of the Mac0 in a welcome. */
struct keel_claimed {
	uint32_t has;
	struct keel_bytes thumbprint, owner, device_nonce, app_nonce;
};
extern const struct keel_schema keel_claimed_schema;

/** Body of the Sign1 in a welcome. */
struct keel_welcomed {
	uint32_t has;
	struct keel_bytes owner, app_nonce;
	uint64_t role;
};
extern const struct keel_schema keel_welcomed_schema;

/** What an owner hands to a guest or another owner, as text in base64url without padding. */
struct keel_invitation {
	uint32_t has;
	struct keel_bytes id, thumbprint, home, invitation, secret;
};
extern const struct keel_schema keel_invitation_schema;

/** What the door answers where no sealed answer can be given. */
struct keel_refusal {
	uint32_t has;
	struct keel_bytes word, sentence;
	uint64_t wait_s; /* optional */
};
extern const struct keel_schema keel_refusal_schema;
enum { KEEL_REFUSAL_WAIT = 2 };

#endif

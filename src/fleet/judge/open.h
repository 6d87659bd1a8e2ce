/*
 * Judges the opening of a session: who it is, what it runs, and what follows. docs/service.md, Opening
 * a session. Pure: the caller looks up the product and the unit between the two steps, and keeps what
 * comes of it. EN 303 645 5.5-1, 5.5-7, 5.7-1, 5.7-2.
 */
#ifndef KEEL_FLEET_JUDGE_OPEN_H
#define KEEL_FLEET_JUDGE_OPEN_H

#include "fleet/judge/policy.h"
#include "fleet/judge/product.h"
#include "owner/endorsement.h"
#include "session/open.h"
#include "session/token.h"

/** Why there is no session. */
enum keel_judge_no {
	KEEL_JUDGE_YES,
	KEEL_JUDGE_FORM, /* not the format */
	KEEL_JUDGE_PURPOSE, /* a statement for another profile or audience: `interrogate` opens no session */
	KEEL_JUDGE_NONCE,   /* not a nonce of ours, or an old one: again, with a new one */
	KEEL_JUDGE_PRODUCT, /* no product of this service has that declaration */
	KEEL_JUDGE_PROOF, /* endorsement or statement does not verify, or they contradict each other */
	KEEL_JUDGE_OWNERS, /* the list of owners does not verify, or is none of this home's */
	KEEL_JUDGE_UNKNOWN, /* its maker endorsed it, but it was not enrolled here, or with other keys */
	KEEL_JUDGE_REVOKED, /* it was taken out of the fleet */
	KEEL_JUDGE_COUNT
};
/** What the device is told. */
struct keel_judge_refusal {
	unsigned status;
	const char *word, *sentence;
};
extern const struct keel_judge_refusal keel_judge_refusals[KEEL_JUDGE_COUNT];

/** What the service is, for both steps. */
struct keel_judge_here {
	struct keel_bytes origin;
	const struct keel_key *nonce_key;
	const struct keel_policy *policy;
	int64_t now;
};

/** An opening as it came: nothing of it is proved yet. Views live as long as the body. */
struct keel_judge_asked {
	struct keel_open_args args;
	struct keel_statement statement; /* by its signer, whoever that is */
	uint8_t id
		[KEEL_DEVICE_ID_LEN]; /* to look the unit up; statement.declaration for the product */
};
/**
 * The first step, before anything is looked up or verified: the format, our nonce, and a statement for
 * this purpose and service. A hash and a MAC at most, so that a flood costs little.
 */
enum keel_judge_no keel_judge_ask(
	const struct keel_judge_here *here, struct keel_bytes body, struct keel_judge_asked *out);

/** The unit's row, as it was enrolled. */
struct keel_judge_unit {
	struct keel_p256_pub sign, agree; /* D */
	bool revoked;
	struct keel_bytes version; /* the latest that it had, or empty */
};

/** A session that may be opened. Views live as long as the body. */
struct keel_judge_opened {
	struct keel_statement statement;
	struct keel_endorsement endorsement;
	uint8_t id[KEEL_DEVICE_ID_LEN];
	struct keel_p256_pub session; /* C */
	struct keel_list owners;      /* keel_owner_item_row; none in the factory state */
	uint64_t owners_number;
	struct keel_bytes device_nonce; /* for the signed time */
	struct keel_judgement judgement;
};
/**
 * The second step: three signatures, a TPM's quote where there is one, and the policy.
 *
 * product  that whose digest is asked->statement.declaration, or NULL
 * unit     that of asked->id, or NULL
 *
 * With KEEL_JUDGE_UNKNOWN and KEEL_JUDGE_REVOKED out is filled, but for the judgement: its maker's
 * endorsement is good, so that the operator may be shown who asked. Untouched with the others.
 */
enum keel_judge_no keel_judge_open(const struct keel_judge_here *here,
	const struct keel_judge_asked *asked, const struct keel_judge_product *product,
	const struct keel_judge_unit *unit, struct keel_judge_opened *out);

/** The claims of its token: for whoever has S.sign. cti: random. Views as `opened`, and into it. */
struct keel_token keel_judge_claims(const struct keel_judge_here *here,
	const struct keel_judge_opened *opened, const uint8_t cti[KEEL_CTI_LEN]);

#endif

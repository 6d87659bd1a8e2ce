/*
 * What a device runs and how it stands, by its own statement, against its declaration, the maker's list
 * of files, and the maker's policy. EN 303 645 5.6-1, 5.7-1, 5.7-2.
 */
#ifndef KEEL_FLEET_JUDGE_EVIDENCE_H
#define KEEL_FLEET_JUDGE_EVIDENCE_H

#include "fleet/judge/policy.h"
#include "fleet/judge/product.h"
#include "owner/claim.h"

/**
 * Adds each reason, and says the grade of the evidence, which is what the quote proves: the word in the
 * statement counts for nothing.
 *
 * before     the latest version that the unit had, or empty
 * endorsed   by the maker: it names the key that may quote
 * statement  verified, of a session whose nonce is ours
 */
void keel_judge_evidence(const struct keel_policy *policy, const struct keel_judge_product *product,
	struct keel_bytes before, const struct keel_endorsement *endorsed,
	const struct keel_statement *statement, struct keel_judgement *judgement);

#endif

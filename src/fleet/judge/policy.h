/*
 * The maker's policy on attestation: what each thing that speaks against a device leads to, and the
 * judgement of one opening with its reasons. EN 303 645 5.7-1, 5.7-2.
 */
#ifndef KEEL_FLEET_JUDGE_POLICY_H
#define KEEL_FLEET_JUDGE_POLICY_H

#include "core/schema.h"
#include "profile/tree.h"

/** What a reason leads to; the gravest decides. Values are stored. */
enum keel_action {
	KEEL_ACCEPT = 0,
	KEEL_FLAG = 1,       /* accepted, and shown to the operator */
	KEEL_QUARANTINE = 2, /* nothing but the inbox of updates */
	KEEL_ACTION_COUNT
};
/** "accept", "flag", "quarantine". */
const char *keel_action_word(uint64_t action);

/** What speaks against a device. */
enum keel_why {
	KEEL_WHY_MEASUREMENT, /* a program runs that the maker's list does not have */
	KEEL_WHY_UNMEASURED,  /* no maker's list of this version is known to the service */
	KEEL_WHY_FILES, /* the device says that its files are not as its maker's list has them */
	KEEL_WHY_DEBUG, /* a debug interface is enabled */
	KEEL_WHY_INTERFACE, /* an interface is open that the declaration has closed, or not at all */
	KEEL_WHY_WALLS,     /* a room stands without a wall */
	KEEL_WHY_ROLLBACK,  /* an older version than it had before */
	KEEL_WHY_SELF_REPORTED, /* no TPM quoted the evidence */
	KEEL_WHY_UNQUOTED,      /* its maker endorsed a TPM that can, and did not */
	KEEL_WHY_QUOTE,         /* it claims a quote that does not prove what it states */
	KEEL_WHY_RAN_BEFORE,    /* since its TPM's reset something else ran there */
	KEEL_WHY_COUNT
};
/** "measurement", "unmeasured", … as in the file. Never changes once released. */
const char *keel_why_word(enum keel_why why);

struct keel_policy {
	uint32_t has;
	uint64_t on[KEEL_WHY_COUNT]; /* enum keel_action */
};
extern const struct keel_schema keel_policy_schema;

/** What holds where the maker says nothing. */
struct keel_policy keel_policy_default(void);
/**
 * Reads a file: a line for each reason, like `debug: quarantine`; one that is missing is the default's.
 * KEEL_EFORM: fault tells what, where and what to write.
 */
KEEL_CHECKED enum keel_err keel_policy_read(
	struct keel_bytes file, struct keel_policy *out, struct keel_yaml_fault *fault);
/** The file with the default in it and a comment above each line, to begin with. */
void keel_policy_sample(struct keel_wr *w);

#define KEEL_REASON_DETAIL_MAX 120

struct keel_reason {
	enum keel_why why;
	enum keel_action action;
	char detail[KEEL_REASON_DETAIL_MAX + 1]; /* for a person */
};

struct keel_judgement {
	enum keel_action action; /* the gravest of its reasons' */
	struct keel_reason reason[KEEL_WHY_COUNT];
	size_t reasons;
	bool quoted; /* the grade of the evidence: a TPM's quote proves it; else the device's own word */
};

/** Adds a reason by the policy, also one that is accepted. One of each kind: a later one is more of it. */
__attribute__((format(printf, 4, 5))) void keel_judgement_add(struct keel_judgement *d,
	const struct keel_policy *p, enum keel_why why, const char *detail, ...);
/** "measurement: keeld is none of the maker's; debug: …": reasons that are not accepted. Cut, whole characters. */
void keel_judgement_say(const struct keel_judgement *d, char *out, size_t cap);

#endif

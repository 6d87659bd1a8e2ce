/*
 * What a declaration says about each provision of EN 303 645 V3.1.3: one row a provision, all of
 * them. A verdict is about the declaration only; whether the device does what it declares is the
 * assessor's to find out.
 */
#ifndef KEEL_PROFILE_PROVISIONS_H
#define KEEL_PROFILE_PROVISIONS_H

#include "profile/declaration.h"

enum keel_verdict {
	KEEL_VERDICT_MET, /* the declaration has what the provision asks */
	KEEL_VERDICT_UNMET,
	KEEL_VERDICT_EXCUSED, /* a recommendation not met, its reason written down (5.0-1) */
	KEEL_VERDICT_ABSENT,  /* does not apply: the product has no such feature */
	KEEL_VERDICT_KEELD,   /* holds where the product is built on keeld; shown on the device */
	KEEL_VERDICT_ASSESS,  /* a declaration alone cannot tell */
	KEEL_VERDICT_COUNT
};

#define KEEL_NEXT_MAX 240

/** Where the declaration answers; a judge that looks closer narrows both. */
struct keel_place {
	char path[96];
	const char *next;
	char made[KEEL_NEXT_MAX]; /* for a next that names what this file lacks */
};

struct keel_judgement {
	enum keel_verdict verdict;
	struct keel_yaml_mark at; /* UNMET: what lacks, or the mapping that lacks it */
	char next
		[KEEL_NEXT_MAX]; /* how to meet it; or, for what is not judged here, who shows it */
	struct keel_bytes reason; /* EXCUSED; a view into the declaration */
};

struct keel_provision {
	const char *number;
	bool mandatory;   /* else recommended */
	const char *asks; /* our words, not the standard's */
	const char *next; /* where no more is known than that it lacks */
	const char *path;
	enum keel_verdict (*judge)(const struct keel_product *p, struct keel_place *at);
};

extern const struct keel_provision keel_provisions[];
extern const size_t keel_provision_count;

/** "met", "unmet", "excused", "not applicable", "keeld", "assess". */
const char *keel_verdict_word(enum keel_verdict v);
struct keel_judgement keel_provision_judge(
	const struct keel_provision *row, const struct keel_declaration *d);

#endif

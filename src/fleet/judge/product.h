/*
 * A version of a product as a judge needs it: its declaration, its maker's key made ready, and the
 * digests of the files that the maker signed for it. EN 303 645 5.7-1.
 */
#ifndef KEEL_FLEET_JUDGE_PRODUCT_H
#define KEEL_FLEET_JUDGE_PRODUCT_H

#include "crypto/crypto.h"
#include "keel/profile.h"
#include "owner/statement.h"

#define KEEL_JUDGE_FILES_MAX     512 /* of all lists of one version */
#define KEEL_JUDGE_TELEMETRY_MAX 64  /* as many as a declaration may have */

/** Public in size, private in meaning. Views into the compiled declaration, which the caller keeps. */
struct keel_judge_product {
	struct keel_digest digest; /* SHA-256 of the compiled declaration: its name */
	struct keel_product declared;
	struct keel_p256_pub maker;
	struct keel_p256_opened maker_key;
	uint8_t oemid[KEEL_OEMID_LEN];
	struct keel_digest files[KEEL_JUDGE_FILES_MAX]; /* sorted */
	size_t file_count;                              /* 0: no list is known */
	struct keel_telemetry telemetry[KEEL_JUDGE_TELEMETRY_MAX];
	size_t telemetry_count;
};

/** KEEL_ESHORT, KEEL_EFORM, KEEL_ERANGE: no declaration. KEEL_EAUTH: the maker's key is no point. */
KEEL_CHECKED enum keel_err keel_judge_product_open(
	struct keel_bytes compiled, struct keel_judge_product *out);
void keel_judge_product_close(struct keel_judge_product *p);
/**
 * Adds a list, signed by the maker for this declaration: several builds of one version have several.
 * KEEL_EAUTH: another maker's, another declaration's, or changed. KEEL_EFULL: too many files.
 */
KEEL_CHECKED enum keel_err keel_judge_product_measures(
	struct keel_judge_product *p, struct keel_bytes signed_list);
/** Whether the maker lists a file of this digest. */
bool keel_judge_product_has(const struct keel_judge_product *p, struct keel_bytes sha256);

#endif

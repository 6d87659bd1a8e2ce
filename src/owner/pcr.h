/*
 * What keeld measures is also told to the TPM: each measurement, in its order, extends one PCR, which
 * only a reset of the TPM sets back. The list of them is the log; from it anybody works out what the
 * PCR must hold, and so a quote of the PCR proves the log. docs/decisions/0016. EN 303 645 5.7-1.
 */
#ifndef KEEL_OWNER_PCR_H
#define KEEL_OWNER_PCR_H

#include "core/schema.h"
#include "crypto/crypto.h"

#define KEEL_PCR         13 /* in the SHA-256 bank */
#define KEEL_PCR_BANK    0x000b
#define KEEL_PCR_LOG_MAX 32 /* measurements since the TPM's reset: beyond, none is quoted */

/** One program: its name (keeld, app, product.cbor), and its SHA-256. A tuple. */
struct keel_measured_item {
	uint32_t has;
	struct keel_bytes name, digest;
};
extern const struct keel_schema keel_measured_item_schema;
extern const struct keel_row keel_measured_item_row;

/** Extends the value by one measurement: SHA-256(value ‖ SHA-256(the item's CBOR)), as the TPM does. */
void keel_pcr_extend(struct keel_digest *value, const struct keel_measured_item *item);
/** By which digest that is: what TPM2_PCR_Extend is given. */
void keel_pcr_event(const struct keel_measured_item *item, struct keel_digest *out);
/** What the PCR holds after the first `n` of a log; all of it, where there are fewer. */
void keel_pcr_replay(const struct keel_list *log, size_t n, struct keel_digest *out);

/** The digest that comes last under this name; false: none, and digest untouched. */
bool keel_pcr_log_last(struct keel_list log, struct keel_bytes name, struct keel_bytes *digest);
/**
 * Whether what is measured is what the log ends in: the last of each name, no name more and none less.
 * The log may say more: what ran before it since the TPM's reset.
 */
bool keel_pcr_log_ends_in(const struct keel_list *log, const struct keel_list *measured);

#endif

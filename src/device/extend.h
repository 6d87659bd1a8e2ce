/*
 * What the parent measured, told to the TPM: only what is new, since nothing takes it back until the
 * TPM is reset. The log of it stands in keeld's folder (extended.cbor), for the PCR alone says nothing
 * and outlives keeld. docs/decisions/0016. EN 303 645 5.7-1.
 *
 * 1. The log is written before the PCR is extended: at any moment the PCR holds the whole log, or all
 *    but its last entry.
 * 2. A PCR that was never extended has no log: what is in the file is of a time before its reset.
 * 3. Where the PCR holds anything else, `holds` is false, and nothing is claimed of it.
 */
#ifndef KEEL_DEVICE_EXTEND_H
#define KEEL_DEVICE_EXTEND_H

#include "owner/pcr.h"

#define KEEL_EXTENDED_FILE "extended.cbor"
#define KEEL_EXTENDED_MAX  4096

struct keel_extended {
	const char *home;
	uint8_t items[KEEL_EXTENDED_MAX];
	struct keel_list log; /* keel_measured_item, into items */
	bool holds;
};

/** An empty one where there is no file, or none that can be read: invariant 3 sees to the rest. */
void keel_extended_load(struct keel_extended *x, const char *home);
/**
 * Extends the PCR by each measurement that is not the log's last of that name. `holds` says how it ends.
 *
 * tpm  see device/tpm_pcr.h
 *
 * KEEL_ESTATE: the PCR holds what this log does not say. KEEL_EFULL: more than a log may have. Both
 * stay so until the TPM is reset. KEEL_EIO: the file, or the TPM, whose connection is of no more use.
 * KEEL_ERANGE: this TPM has no such PCR.
 */
KEEL_CHECKED enum keel_err keel_extend(
	struct keel_extended *x, int tpm, const struct keel_list *measured);

#endif

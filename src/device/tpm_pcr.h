/*
 * The two commands that the parent has for a TPM 2.0: read KEEL_PCR, and extend it. Both are of fixed
 * length and need no key, session or password of the caller's, so the parent calls no TPM library: it
 * is the one process here that keeps root's rights. TPM 2.0 Library part 3, 22.2 and 22.4.
 */
#ifndef KEEL_DEVICE_TPM_PCR_H
#define KEEL_DEVICE_TPM_PCR_H

#include "crypto/crypto.h"

/**
 * fd: /dev/tpmrm0, or a connected socket of swtpm; nobody else uses it meanwhile. KEEL_EIO: no answer
 * in two seconds, or not that of this command: the connection is of no more use. KEEL_ERANGE: the TPM
 * refused, or keeps no such PCR in the bank of SHA-256.
 */
KEEL_CHECKED enum keel_err keel_tpm_pcr_read(int fd, struct keel_digest *out);
KEEL_CHECKED enum keel_err keel_tpm_pcr_extend(int fd, const struct keel_digest *event);

#endif

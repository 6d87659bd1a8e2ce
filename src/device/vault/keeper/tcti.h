/*
 * The way to a TPM 2.0 over one descriptor that was open before the walls went up: /dev/tpmrm0, or
 * a connected Unix stream socket to swtpm. No dlopen, no new socket for a command, no SIGPIPE; a
 * response that does not come within a minute, or not whole, ends the connection for good.
 */
#ifndef KEEL_DEVICE_VAULT_TCTI_H
#define KEEL_DEVICE_VAULT_TCTI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <tss2/tss2_tcti.h>

#define KEEL_TCTI_MAX 4096 /* what the TPM's profile allows for a command or response */

struct keel_tcti {
	TSS2_TCTI_CONTEXT_COMMON_V1 v1; /* first: tpm2-tss casts */
	int fd;
	bool dead; /* commands and responses may be out of step */
	uint8_t response[KEEL_TCTI_MAX];
	size_t have; /* bytes of a whole response not yet fetched */
};

/** fd: owned from now on; closed by Tss2_Tcti_Finalize. `t` does not move while in use. */
void keel_tcti_init(struct keel_tcti *t, int fd);

#endif

/* Wrong claim codes cost the address that sends them time. EN 303 645 5.1-5. */
#ifndef KEEL_DEVICE_VAULT_WRONG_H
#define KEEL_DEVICE_VAULT_WRONG_H

#include "device/vault/engine.h"

/** Whether this address has to wait, and how many seconds. Everybody waits when very many came. */
bool vault_wrong_waits(struct keel_vault *v, struct keel_bytes from, uint64_t *wait_s);
/** One more wrong code: 2^n seconds, up to 15 minutes; counted, and told to the owners. */
void vault_wrong_count(struct keel_vault *v, struct keel_bytes from);
void vault_wrong_forget(struct keel_vault *v, struct keel_bytes from);

#endif

/*
 * Wrong claim codes cost the address that sends them time. EN 303 645 5.1-5. Nobody else: a stop for
 * all would let a neighbour lock the rightful owner out, and so would one for a whole IPv6 network,
 * which a home shares. Who has many addresses meets the code itself, which has 100 random bits.
 */
#ifndef KEEL_DEVICE_VAULT_WRONG_H
#define KEEL_DEVICE_VAULT_WRONG_H

#include "device/vault/engine.h"

/** Whether this address has to wait, and how many seconds. */
bool vault_wrong_waits(struct keel_vault *v, struct keel_bytes from, uint64_t *wait_s);
/**
 * One more wrong code: 2^n seconds, up to 15 minutes; counted, and told to the owners, once a minute
 * at most. 64 addresses are remembered: who sent most is forgotten last, so others' do not help.
 */
void vault_wrong_count(struct keel_vault *v, struct keel_bytes from);
void vault_wrong_forget(struct keel_vault *v, struct keel_bytes from);

#endif

/* What the declaration and the parent's facts are to the vault's engine: small translations. */
#ifndef KEEL_DEVICE_VAULT_FACTS_H
#define KEEL_DEVICE_VAULT_FACTS_H

#include "device/messages.h"
#include "device/vault/vault.h"

/** The rules that a compiled declaration sets. Views as long as `compiled`. KEEL_EFORM, KEEL_EFULL. */
KEEL_CHECKED enum keel_err keel_rules_of(struct keel_bytes compiled, struct keel_rules *out);

/** Whether the key that the declaration names endorsed this unit. */
KEEL_CHECKED bool keel_facts_of_its_maker(const struct keel_vault *v, struct keel_bytes compiled);
/** Hands the parent's facts to the engine, and which declared interfaces the state has open. */
KEEL_CHECKED enum keel_err keel_facts_take(struct keel_vault *v, struct keel_bytes compiled,
	const struct msg_facts *facts, enum keel_device_state state);
/** The state changed: which declared interfaces it has open, for the statement. */
KEEL_CHECKED enum keel_err keel_facts_state(
	struct keel_vault *v, struct keel_bytes compiled, enum keel_device_state state);

#endif

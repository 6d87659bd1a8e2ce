#include "device/vault/keeper/keeper.h"

void keel_keeper_close(struct keel_keeper *k)
{
	if (k != NULL)
		k->close(k);
}

const char *keel_keeper_word(const struct keel_keeper *k)
{
	return k->word;
}

struct keel_root keel_keeper_root(struct keel_keeper *k)
{
	return k->root;
}

const struct keel_fault *keel_keeper_fault(const struct keel_keeper *k)
{
	return &k->fault;
}

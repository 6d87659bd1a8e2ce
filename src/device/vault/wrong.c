#include "device/vault/wrong.h"

#include <string.h>

static struct vault_address *address_of(struct keel_vault *v, struct keel_bytes from)
{
	struct keel_digest who;
	keel_sha256(&from, 1, &who);
	for (size_t i = 0; i < ADDRESSES_MAX; i++)
		if (v->addresses[i].wrong > 0 &&
			memcmp(&v->addresses[i].who, &who, sizeof(who)) == 0)
			return &v->addresses[i];
	return NULL;
}

static bool goes_before(const struct vault_address *a, const struct vault_address *b)
{
	return a->wrong != b->wrong ? a->wrong < b->wrong : a->until_ms < b->until_ms;
}

/* A new place for an address: a free one, else that of who sent fewest, and of these the oldest. */
static struct vault_address *address_new(struct keel_vault *v, struct keel_bytes from)
{
	struct vault_address *best = &v->addresses[0];
	for (size_t i = 1; i < ADDRESSES_MAX; i++)
		if (goes_before(&v->addresses[i], best))
			best = &v->addresses[i];
	memset(best, 0, sizeof(*best));
	keel_sha256(&from, 1, &best->who);
	return best;
}

static uint64_t left_s(uint64_t now_ms, uint64_t until_ms)
{
	return until_ms > now_ms ? (until_ms - now_ms + 999) / 1000 : 0;
}

bool vault_wrong_waits(struct keel_vault *v, struct keel_bytes from, uint64_t *wait_s)
{
	const struct vault_address *a = address_of(v, from);
	*wait_s = a == NULL ? 0 : left_s(vault_now_ms(v), a->until_ms);
	return *wait_s > 0 && !keel_broken("wrong-code-free");
}

/* Told at the third and then at every doubling, and rarely: no guessers may flood list and store. */
static bool worth_telling(const struct keel_vault *v, unsigned wrong)
{
	bool rests =
		v->wrong_told_ms == 0 || vault_now_ms(v) - v->wrong_told_ms >= WRONG_TELL_EACH_MS;
	return rests && (wrong == 3 || (wrong > 3 && (wrong & (wrong - 1)) == 0));
}

void vault_wrong_count(struct keel_vault *v, struct keel_bytes from)
{
	struct vault_address *a = address_of(v, from);
	if (a == NULL)
		a = address_new(v, from);
	a->wrong++;
	uint64_t wait = a->wrong < 10 ? 1ULL << a->wrong : WRONG_WAIT_MAX_S;
	a->until_ms = vault_now_ms(v) + (wait < WRONG_WAIT_MAX_S ? wait : WRONG_WAIT_MAX_S) * 1000;
	if (!keel_broken("counts-dropped"))
		v->s.outbox.counted(v->s.outbox.self, KEEL_VAULT_WRONG_CODE);
	if (worth_telling(v, a->wrong) && !keel_broken("counts-dropped")) {
		v->wrong_told_ms = vault_now_ms(v);
		enum keel_err e = keel_vault_event(v, "wrong-code", from, true);
		(void)e; /* a store that is full or away must not let the guesser off */
	}
}

void vault_wrong_forget(struct keel_vault *v, struct keel_bytes from)
{
	struct vault_address *a = address_of(v, from);
	if (a != NULL)
		memset(a, 0, sizeof(*a));
}

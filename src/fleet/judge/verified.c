/*
 * A ring of sessions in the order in which they came, and beside it a table of their places, open
 * addressing with linear probing. A token's digest is as good as random, so its first bytes are the hash.
 *
 * 1. Each used place of the ring has exactly one slot of the table, on the way from its digest's own slot
 *    to the first empty one.
 * 2. The table is never more than half full, so every way ends.
 */
#include "fleet/judge/verified.h"

#include <stdlib.h>
#include <string.h>

#define EMPTY UINT32_MAX

struct place {
	struct keel_digest token;
	struct keel_session session;
	bool used;
};

struct keel_verified {
	struct place *ring;
	uint32_t *slots; /* of places */
	size_t capacity;
	size_t mask; /* slots - 1, a power of two less one */
	size_t next; /* the place that is taken next: the oldest where all are used */
	size_t count;
};

struct keel_verified *keel_verified_new(size_t capacity)
{
	size_t slots = 2;
	KEEL_MUST(capacity > 0 && capacity < UINT32_MAX / 4);
	while (slots < 2 * capacity)
		slots *= 2;
	struct keel_verified *v = calloc(1, sizeof(*v));
	KEEL_MUST(v != NULL);
	v->ring = calloc(capacity, sizeof(*v->ring));
	v->slots = malloc(slots * sizeof(*v->slots));
	KEEL_MUST(v->ring != NULL && v->slots != NULL);
	memset(v->slots, 0xff, slots * sizeof(*v->slots));
	v->capacity = capacity;
	v->mask = slots - 1;
	return v;
}

void keel_verified_free(struct keel_verified *v)
{
	if (v == NULL)
		return;
	keel_wipe(v->ring, v->capacity * sizeof(*v->ring));
	free(v->ring);
	free(v->slots);
	free(v);
}

static size_t own_slot(const struct keel_verified *v, const struct keel_digest *token)
{
	uint64_t hash;
	memcpy(&hash, token->b, sizeof(hash));
	return (size_t)hash & v->mask;
}

/* The slot of this token, or the empty one where its way ends. */
static size_t slot_of(const struct keel_verified *v, const struct keel_digest *token)
{
	size_t s = own_slot(v, token);
	while (v->slots[s] != EMPTY &&
		memcmp(&v->ring[v->slots[s]].token, token, sizeof(*token)) != 0)
		s = (s + 1) & v->mask;
	return s;
}

/* Empties a slot, and moves up those behind it whose way led over it. */
static void empty_slot(struct keel_verified *v, size_t gap)
{
	for (size_t s = (gap + 1) & v->mask; v->slots[s] != EMPTY; s = (s + 1) & v->mask) {
		size_t own = own_slot(v, &v->ring[v->slots[s]].token);
		if (((s - own) & v->mask) < ((s - gap) & v->mask))
			continue; /* its own slot lies behind the gap */
		v->slots[gap] = v->slots[s];
		gap = s;
	}
	v->slots[gap] = EMPTY;
}

static void drop(struct keel_verified *v, struct place *p)
{
	if (!p->used)
		return;
	empty_slot(v, slot_of(v, &p->token));
	keel_wipe(p, sizeof(*p));
	v->count--;
}

const struct keel_session *keel_verified_find(
	struct keel_verified *v, const struct keel_digest *token, int64_t now)
{
	uint32_t at = v->slots[slot_of(v, token)];
	if (at == EMPTY)
		return NULL;
	struct place *p = &v->ring[at];
	if (p->session.expires > now)
		return &p->session;
	drop(v, p);
	return NULL;
}

const struct keel_session *keel_verified_keep(struct keel_verified *v,
	const struct keel_digest *token, const struct keel_session *session)
{
	uint32_t at = v->slots[slot_of(v, token)];
	if (at != EMPTY)
		return &v->ring[at].session;
	struct place *p = &v->ring[v->next];
	drop(v, p);
	*p = (struct place){ *token, *session, true };
	v->slots[slot_of(v, token)] = (uint32_t)v->next;
	v->next = (v->next + 1) % v->capacity;
	v->count++;
	return &p->session;
}

void keel_verified_forget(struct keel_verified *v, const uint8_t device[KEEL_DEVICE_ID_LEN])
{
	for (size_t i = 0; i < v->capacity; i++)
		if (memcmp(v->ring[i].session.device, device, KEEL_DEVICE_ID_LEN) == 0)
			drop(v, &v->ring[i]);
}

size_t keel_verified_count(const struct keel_verified *v)
{
	return v->count;
}

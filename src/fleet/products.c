#include "fleet/products.h"

#include <stdlib.h>
#include <string.h>

#define FRESH_S  60
#define KEPT_MAX 64 /* versions at once: the one that was read longest ago makes way */

struct kept {
	bool used;
	int64_t read_s;
	uint8_t compiled[KEEL_PRODUCT_MAX];
	struct keel_judge_product product;
};

struct keel_fleet_products {
	struct keel_fleet_store *store;
	struct kept *kept[KEPT_MAX];
};

struct keel_fleet_products *keel_fleet_products_new(struct keel_fleet_store *store)
{
	struct keel_fleet_products *p = calloc(1, sizeof(*p));
	KEEL_MUST(p != NULL);
	p->store = store;
	return p;
}

static void drop(struct kept *k)
{
	if (k->used)
		keel_judge_product_close(&k->product);
	k->used = false;
}

void keel_fleet_products_free(struct keel_fleet_products *p)
{
	for (size_t i = 0; p != NULL && i < KEPT_MAX; i++) {
		if (p->kept[i] != NULL)
			drop(p->kept[i]);
		free(p->kept[i]);
	}
	free(p);
}

static bool is_of(const struct kept *k, const struct keel_digest *digest)
{
	return k != NULL && k->used &&
	       memcmp(k->product.digest.b, digest->b, sizeof(digest->b)) == 0;
}

/* The place of this product, else a free one, else that of the oldest. */
static struct kept **place_for(struct keel_fleet_products *p, const struct keel_digest *digest)
{
	struct kept **best = &p->kept[0];
	for (size_t i = 0; i < KEPT_MAX; i++) {
		struct kept **k = &p->kept[i];
		if (is_of(*k, digest))
			return k;
		bool free_one = *k == NULL || !(*k)->used;
		bool best_is = *best == NULL || !(*best)->used;
		if (!best_is && (free_one || (*k)->read_s < (*best)->read_s))
			best = k;
	}
	return best;
}

/* It was verified when it was added; one that is no list of this product any more is passed over. */
static void add_list(void *self, struct keel_bytes list)
{
	struct kept *k = self;
	enum keel_err e = keel_judge_product_measures(&k->product, list);
	(void)e;
}

static const struct keel_judge_product *read_into(struct keel_fleet_products *p, struct kept *k,
	const struct keel_digest *digest, int64_t now_s)
{
	struct keel_bytes compiled;
	drop(k);
	if (keel_fleet_product_get(p->store, digest, k->compiled, sizeof(k->compiled), &compiled) !=
			KEEL_OK ||
		keel_judge_product_open(compiled, &k->product) != KEEL_OK)
		return NULL;
	k->used = true;
	k->read_s = now_s;
	return keel_fleet_measures(p->store, digest, add_list, k) == KEEL_OK ? &k->product : NULL;
}

const struct keel_judge_product *keel_fleet_products_find(
	struct keel_fleet_products *p, struct keel_bytes digest, int64_t now_s)
{
	struct keel_digest d;
	if (keel_bytes_copy(digest, d.b, sizeof(d.b)) != KEEL_OK)
		return NULL;
	struct kept **k = place_for(p, &d);
	if (is_of(*k, &d) && now_s - (*k)->read_s < FRESH_S)
		return &(*k)->product;
	if (*k == NULL)
		*k = calloc(1, sizeof(**k));
	KEEL_MUST(*k != NULL);
	return read_into(p, *k, &d, now_s);
}

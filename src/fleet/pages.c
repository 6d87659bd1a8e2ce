#include "fleet/pages.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fleet/command.h"
#include "fleet/desk.h"
#include "fleet/public/site.h"

#define FRESH_S 60

/* One model: its declaration, and what of its support was published. */
struct page {
	struct page *next;
	uint8_t compiled[KEEL_PRODUCT_MAX];
	struct keel_product product;
	int64_t added_s;
	struct keel_published published[KEEL_FLEET_PUBLISHED_MAX];
	size_t published_count;
};

struct keel_fleet_pages {
	struct keel_fleet_store *store;
	const struct keel_fleet_config *config;
	int64_t read_s;
	struct page *first;
	struct keel_site_product *products;
	size_t count;
	void *answer; /* the one that is given now */
	char key_uri[KEEL_FLEET_PATH_MAX];
	char form_uri[KEEL_FLEET_PATH_MAX];
};

struct keel_fleet_pages *keel_fleet_pages_new(
	struct keel_fleet_store *store, const struct keel_fleet_config *config)
{
	struct keel_fleet_pages *p = calloc(1, sizeof(*p));
	KEEL_MUST(p != NULL);
	p->store = store;
	p->config = config;
	p->read_s = INT64_MIN;
	return p;
}

static void clear(struct keel_fleet_pages *p)
{
	while (p->first != NULL) {
		struct page *next = p->first->next;
		free(p->first);
		p->first = next;
	}
	free(p->products);
	p->products = NULL;
	p->count = 0;
}

void keel_fleet_pages_free(struct keel_fleet_pages *p)
{
	if (p == NULL)
		return;
	clear(p);
	free(p->answer);
	free(p);
}

static struct page *page_of(struct keel_fleet_pages *p, struct keel_bytes model)
{
	struct page **at = &p->first;
	while (*at != NULL && !keel_bytes_equal((*at)->product.model.identifier, model))
		at = &(*at)->next;
	if (*at == NULL) {
		*at = calloc(1, sizeof(**at));
		KEEL_MUST(*at != NULL);
		p->count++;
	}
	return *at;
}

/* The views of a product look into the page's own copy. */
static void take_product(void *self, const struct keel_fleet_product_row *row)
{
	struct keel_fleet_pages *p = self;
	struct keel_product product;
	if (row->compiled.n > KEEL_PRODUCT_MAX ||
		keel_product_read(row->compiled, &product) != KEEL_OK)
		return;
	struct page *g = page_of(p, product.model.identifier);
	memcpy(g->compiled, row->compiled.p, row->compiled.n);
	KEEL_MUST(keel_product_read((struct keel_bytes){ g->compiled, row->compiled.n },
			  &g->product) == KEEL_OK);
	g->added_s = row->added_s;
}

static struct keel_statement_facts facts_of(const struct keel_fleet_config *c)
{
	return (struct keel_statement_facts){ .batch = keel_text(c->batch),
		.signature = keel_text(c->signature),
		.signatory = keel_text(c->signatory),
		.function = keel_text(c->function),
		.place = keel_text(c->place),
		.date = c->issued };
}

static void list_products(struct keel_fleet_pages *p)
{
	size_t i = 0;
	p->products = calloc(p->count + 1, sizeof(*p->products));
	KEEL_MUST(p->products != NULL);
	for (struct page *g = p->first; g != NULL; g = g->next) {
		if (keel_fleet_published(p->store, g->product.model.identifier, g->published,
			    &g->published_count) != KEEL_OK)
			g->published_count = 0;
		p->products[i++] = (struct keel_site_product){ .product = &g->product,
			.published = g->published,
			.published_count = g->published_count,
			.declared_s = g->added_s,
			.statement = facts_of(p->config) };
	}
}

static void read_anew(struct keel_fleet_pages *p, int64_t now_s)
{
	clear(p);
	enum keel_err e = keel_fleet_products(p->store, take_product, p);
	list_products(p);
	/* What could not be read now is tried again with the next page. */
	p->read_s = e == KEEL_OK ? now_s : INT64_MIN;
}

/* Where the desk's key is, once there is one: RFC 9116 §2.5.4. */
static struct keel_bytes key_uri(struct keel_fleet_pages *p)
{
	struct keel_p256_pub desk;
	int64_t made_s;
	(void)snprintf(p->key_uri, sizeof(p->key_uri), "%s" KEEL_DESK_KEY_PATH, p->config->origin);
	return keel_desk_key_now(p->store, &desk, &made_s) == KEEL_OK ? keel_text(p->key_uri)
								      : (struct keel_bytes){ 0 };
}

/* The form is offered once what is sent there can be sealed. */
static struct keel_bytes form_uri(struct keel_fleet_pages *p, struct keel_bytes key)
{
	if (key.n == 0 || p->config->desk[0] == '\0')
		return (struct keel_bytes){ 0 };
	(void)snprintf(p->form_uri, sizeof(p->form_uri), "%s/report", p->config->origin);
	return keel_text(p->form_uri);
}

struct keel_http_answer keel_fleet_pages_answer(
	struct keel_fleet_pages *p, struct keel_bytes path, int64_t now_s)
{
	if (p->read_s == INT64_MIN || now_s - p->read_s >= FRESH_S)
		read_anew(p, now_s);
	const struct keel_bytes key = key_uri(p);
	const struct keel_site site = { .origin = keel_text(p->config->origin),
		.products = p->products,
		.count = p->count,
		.encryption = key,
		.form = form_uri(p, key),
		.now_s = now_s };
	size_t cap = keel_site_answer_max(&site);
	free(p->answer);
	p->answer = malloc(cap);
	KEEL_MUST(p->answer != NULL);
	return keel_site_answer(&site, path, p->answer, cap);
}

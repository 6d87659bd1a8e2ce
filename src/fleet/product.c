/* keel-fleet product add, products: what the maker declared, compiled, and its signed lists of files. */
#include <stdio.h>
#include <string.h>

#include "cli/files.h"
#include "cli/show.h"
#include "cli/table.h"
#include "fleet/command.h"
#include "keel/profile.h"
#include "profile/measures.h"

static enum keel_err add(const struct keel_fleet_ask *ask, struct keel_fleet_store *s,
	struct keel_bytes compiled, const struct keel_product *p, struct keel_fault *fault)
{
	struct keel_fleet_product_add j = { .who = ask->who,
		.now_s = ask->now_s,
		.compiled = compiled,
		.model = p->model.identifier,
		.version = p->model.version,
		.until = p->support.until };
	keel_fleet_product_add(s, &j);
	if (j.write.err == KEEL_ERANGE)
		return keel_fault_fill(fault, KEEL_ERANGE,
			"the declaration ends the support earlier than was published for this "
			"model",
			"declare support: until no earlier than its page says; it may be extended, "
			"never shortened (5.3-13)");
	return j.write.err == KEEL_OK
		       ? KEEL_OK
		       : keel_fault_fill(fault, j.write.err, "the product could not be kept", "");
}

/* Verified here, as the store takes what it is given. */
static enum keel_err add_list(const struct keel_fleet_ask *ask, struct keel_fleet_store *s,
	struct keel_bytes compiled, const struct keel_product *p, struct keel_fault *fault)
{
	uint8_t buf[KEEL_MEASURES_MAX + 1];
	struct keel_p256_pub maker;
	struct keel_measures list;
	struct keel_fleet_measures_add j = { .who = ask->who, .now_s = ask->now_s };
	enum keel_err e = keel_file_read(ask->measures, buf, sizeof(buf), &j.list, fault);
	if (e != KEEL_OK)
		return e;
	keel_sha256(&compiled, 1, &j.product);
	e = keel_product_maker_key(p, maker.xy);
	if (e == KEEL_OK)
		e = keel_measures_verify(j.list, &maker, &j.product, &list);
	if (e != KEEL_OK)
		return keel_fault_format(fault, e,
			"make it with the same declaration and key: keel measure --product "
			"product.cbor",
			"%.100s is no list of files that this product's maker signed for it",
			ask->measures);
	keel_fleet_measures_add(s, &j);
	return j.write.err == KEEL_OK
		       ? KEEL_OK
		       : keel_fault_fill(fault, j.write.err, "the list could not be kept", "");
}

enum keel_err keel_fleet_do_product_add(const struct keel_fleet_ask *ask, struct keel_fault *fault)
{
	uint8_t buf[KEEL_PRODUCT_MAX + 1];
	struct keel_bytes compiled;
	struct keel_product p;
	keel_auto(keel_fleet_close) struct keel_fleet_store *s = NULL;
	enum keel_err e = keel_file_read(ask->words[0], buf, sizeof(buf), &compiled, fault);
	if (e != KEEL_OK)
		return e;
	if (keel_product_read(compiled, &p) != KEEL_OK)
		return keel_fault_format(fault, KEEL_ERANGE,
			"compile it: keel compile product.yaml -o product.cbor",
			"%.100s is no compiled declaration", ask->words[0]);
	e = keel_fleet_open(ask, &s, fault);
	if (e == KEEL_OK)
		e = add(ask, s, compiled, &p, fault);
	if (e == KEEL_OK && ask->measures != NULL)
		e = add_list(ask, s, compiled, &p, fault);
	if (e == KEEL_OK && !ask->json)
		(void)printf("%.*s %.*s is a product of the fleet\n", (int)p.model.identifier.n,
			(const char *)p.model.identifier.p, (int)p.model.version.n,
			(const char *)p.model.version.p);
	return e;
}

/* --- products --- */

struct shown {
	struct keel_table table;
	struct keel_fleet_store *store;
	bool json;
};

static void count_list(void *self, struct keel_bytes list)
{
	(void)list;
	++*(size_t *)self;
}

static void show_json(const struct keel_fleet_product_row *row, const struct keel_product *p,
	const char *until, size_t lists)
{
	(void)printf("{\"model\":");
	keel_show_json_text(stdout, p->model.identifier);
	(void)printf(",\"version\":");
	keel_show_json_text(stdout, p->model.version);
	(void)printf(",\"support_until\":\"%s\",\"lists\":%zu,\"digest\":\"", until, lists);
	keel_show_hex(stdout, KEEL_VIEW(row->digest.b));
	(void)printf("\"}\n");
}

static void show_product(void *self, const struct keel_fleet_product_row *row)
{
	struct shown *v = self;
	struct keel_product p;
	char until[11];
	size_t lists = 0;
	if (keel_product_read(row->compiled, &p) != KEEL_OK ||
		keel_fleet_measures(v->store, &row->digest, count_list, &lists) != KEEL_OK)
		return;
	keel_date_write(p.support.until, until);
	if (v->json) {
		show_json(row, &p, until, lists);
		return;
	}
	(void)fprintf(keel_table_cell(&v->table), "%.*s", (int)p.model.identifier.n,
		(const char *)p.model.identifier.p);
	(void)fprintf(keel_table_cell(&v->table), "%.*s", (int)p.model.version.n,
		(const char *)p.model.version.p);
	(void)fprintf(keel_table_cell(&v->table), "%s", until);
	(void)fprintf(keel_table_cell(&v->table), "%zu", lists);
	keel_show_hex(keel_table_cell(&v->table), KEEL_VIEW(row->digest.b));
}

enum keel_err keel_fleet_do_products(const struct keel_fleet_ask *ask, struct keel_fault *fault)
{
	static const char *const headings[] = { "model", "version", "supported until", "lists",
		"digest", NULL };
	struct shown v = { .json = ask->json };
	keel_auto(keel_fleet_close) struct keel_fleet_store *s = NULL;
	enum keel_err e = keel_fleet_open(ask, &s, fault);
	if (e != KEEL_OK)
		return e;
	v.store = s;
	if (!v.json)
		keel_table_open(&v.table, headings);
	e = keel_fleet_products(s, show_product, &v);
	if (!v.json)
		keel_table_print(
			&v.table, stdout, "no product yet: keel-fleet product add DIR FILE");
	return e;
}

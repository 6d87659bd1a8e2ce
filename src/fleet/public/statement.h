/*
 * The UK statement of compliance: the Product Security and Telecommunications Infrastructure Act 2022,
 * section 9, with the minimum information of schedule 4 of SI 2023/1007. The declaration knows the
 * product, its maker and its support period; who signs, where and when is for the maker to say.
 */
#ifndef KEEL_FLEET_PUBLIC_STATEMENT_H
#define KEEL_FLEET_PUBLIC_STATEMENT_H

#include "http/json.h"
#include "keel/profile.h"

struct keel_site;
struct keel_site_product;

/** What the declaration cannot know; from the service's configuration. */
struct keel_statement_facts {
	struct keel_bytes batch;          /* which units it is for: "all", "2026-11 and later" */
	struct keel_bytes representative; /* authorised, with address; optional */
	struct keel_bytes signature, signatory, function, place;
	int64_t date; /* of issue, days since 1970-01-01; 0: not said */
	bool deemed;  /* by schedule 2 (deemed compliance) instead of schedule 1 */
};

/** Why no statement can be offered, as a sentence; NULL where one can. */
const char *keel_statement_missing(const struct keel_site *site, const struct keel_site_product *p);

/* Where one can be offered: as the content of a page, and as JSON. */
void keel_statement_html(struct keel_wr *w, const struct keel_site_product *p);
void keel_statement_json(struct keel_wr *w, const struct keel_site_product *p);

#endif

/*
 * What the maker's service says to everybody, from each product's compiled declaration. Pure: facts
 * in, an answer out; no I/O, no heap, no time of its own. EN 303 645 5.2-1, 5.3-13, 6-1; PSTI.
 *
 *	GET /                            the products
 *	GET /style.css                   their look
 *	GET /.well-known/security.txt    RFC 9116, one for the origin
 *	GET /p/MODEL/                    a product's page; MODEL is its identifier, percent-encoded
 *	GET /p/MODEL/product.json        the same facts for programs
 *	GET /p/MODEL/statement           the UK statement of compliance
 *	GET /p/MODEL/statement.json
 *	GET /p/MODEL/mud.json            RFC 8520
 *
 * Nothing of it needs a script, and its policy allows none.
 */
#ifndef KEEL_FLEET_PUBLIC_SITE_H
#define KEEL_FLEET_PUBLIC_SITE_H

#include "fleet/public/statement.h"
#include "fleet/public/support.h"
#include "http/answer.h"
#include "keel/profile.h"

/** One product: its newest declaration, and what the service knows beside it. */
struct keel_site_product {
	const struct keel_product *product;
	const struct keel_published *published; /* the support period's history */
	size_t published_count;
	int64_t declared_s;                    /* since when this declaration is published */
	struct keel_statement_facts statement; /* {0}: none is offered */
};

/** Everything that is public. Views and pointers live as long as the call. */
struct keel_site {
	struct keel_bytes origin; /* "https://fleet.example": where these pages are */
	const struct keel_site_product *products;
	size_t count;
	struct keel_bytes
		encryption;     /* URI of the key that reports are encrypted to; empty: none */
	struct keel_bytes form; /* URI of the service's own form for reports; empty: none */
	int64_t now_s;          /* Unix seconds */
};

/* A declaration is at most KEEL_PRODUCT_MAX bytes; what it becomes at worst is measured by a test. */
#define KEEL_SITE_PRODUCT_MAX ((size_t)256 * 1024)
#define KEEL_SITE_LINE_MAX    4096

/** How many bytes are enough for any answer of this site; with fewer an answer may be a bare 500. */
size_t keel_site_answer_max(const struct keel_site *site);

/**
 * Answers a GET. `path` is as it was asked for, without its query; what is not there gets a 404 that
 * says where to look. The answer's body is a view into buf.
 */
struct keel_http_answer keel_site_answer(
	const struct keel_site *site, struct keel_bytes path, void *buf, size_t cap);

/** Writes "/p/MODEL/", as links and the MUD URL have it. */
void keel_site_path(struct keel_wr *w, const struct keel_product *p);
/** Writes MODEL, percent-encoded. */
void keel_site_model(struct keel_wr *w, const struct keel_product *p);

/** The end of support that holds, in days since 1970-01-01, and whether it is past. */
int64_t keel_site_until(const struct keel_site_product *p);
bool keel_site_supported(const struct keel_site *site, const struct keel_site_product *p);

#endif

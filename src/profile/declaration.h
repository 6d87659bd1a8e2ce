/*
 * product.yaml checked by the declaration's table (product.c) and compiled to deterministic CBOR.
 * The only way from YAML to what a device loads. EN 303 645 5.13-1A (for the maker's own input).
 */
#ifndef KEEL_PROFILE_DECLARATION_H
#define KEEL_PROFILE_DECLARATION_H

#include "keel/profile.h"
#include "profile/tree.h"

struct keel_declaration {
	struct keel_yaml *yaml; /* for positions; freed by keel_declaration_clear */
	uint8_t compiled[KEEL_PRODUCT_MAX];
	struct keel_bytes bytes; /* view of compiled */
	struct keel_product product;
};

/** What a command line says in the place of the file; NULL: as the file says. */
struct keel_instead {
	const char *maker_key, *service_key; /* 128 hexadecimal digits */
	const char *service_url;
};

/**
 * Reads, checks whole (form, types, ranges, and what spans fields: names once, dates in order, names
 * that must exist) and compiles. instead: NULL, or what is not as the file says.
 * KEEL_EFORM: fault tells what, where and what to do; out is cleared.
 */
KEEL_CHECKED enum keel_err keel_declaration_read(struct keel_bytes file,
	const struct keel_instead *instead, struct keel_declaration *out,
	struct keel_yaml_fault *fault);
void keel_declaration_clear(struct keel_declaration *d);

/**
 * Any other file by its own table: a tree as the CBOR that the row's schema (a KEEL_MAP's) reads.
 * KEEL_EFORM: fault tells what, where and what to write. KEEL_EFULL.
 */
KEEL_CHECKED enum keel_err keel_yaml_compile(const struct keel_yaml *y,
	const struct keel_row *whole, struct keel_wr *w, struct keel_yaml_fault *fault);

/** Where a path of names leads ("support.until", "interfaces[1].port"); what is missing: its mapping. */
struct keel_yaml_mark keel_declaration_where(const struct keel_declaration *d, const char *path);

#endif

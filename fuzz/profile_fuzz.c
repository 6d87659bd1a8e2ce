/*
 * product.yaml: what is accepted compiles to deterministic CBOR that a device reads, and that, read
 * and written by the same table, is the same bytes; what is refused says where.
 */
#include <string.h>

#include "core/cbor.h"
#include "profile/declaration.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static struct keel_declaration d;
	static uint8_t again[KEEL_PRODUCT_MAX];
	struct keel_yaml_fault fault = { 0 };
	struct keel_bytes out;
	if (keel_declaration_read((struct keel_bytes){ p, n }, NULL, &d, &fault) != KEEL_OK) {
		KEEL_MUST(fault.at.line > 0 && fault.at.column > 0 && fault.what[0] != '\0');
		return 0;
	}
	KEEL_MUST(keel_cbor_check(d.bytes) == KEEL_OK);
	struct keel_wr w = keel_wr_of(again, sizeof(again));
	keel_schema_write(&keel_product_schema, &d.product, &w);
	KEEL_MUST(keel_wr_end(&w, &out) == KEEL_OK && keel_bytes_equal(out, d.bytes));
	keel_declaration_clear(&d);
	return 0;
}

/* Private to core: one row's value, between the wire and the struct. */
#ifndef KEEL_CORE_SCHEMA_VALUE_H
#define KEEL_CORE_SCHEMA_VALUE_H

#include "core/schema.h"

/* As many bytes of it as the kind's C type has stand in the struct. */
union keel_value {
	uint64_t u;
	int64_t i;
	bool b;
	struct keel_bytes bytes;
	struct keel_list list;
};

/* The size at its place in the struct; of a KEEL_MAP its struct's. */
size_t keel_value_size(const struct keel_row *row);

void keel_value_store(const struct keel_row *row, const union keel_value *v, uint8_t *at);
void keel_value_load(const struct keel_row *row, const uint8_t *at, union keel_value *v);

/* KEEL_ERANGE, or KEEL_EFORM for a text that is not UTF-8. For lists: the number of items only. */
enum keel_err keel_value_check(const struct keel_row *row, const union keel_value *v);

/* Checks the items of a list that a program brings; `open` containers stand around it. */
enum keel_err keel_list_check(
	const struct keel_row *row, const struct keel_list *list, unsigned open);

#endif

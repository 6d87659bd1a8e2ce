/*
 * The compiled declaration, as a device finds it on its disk: what is accepted is written again as
 * the same bytes, every list in it can be walked to its end, and its key and dates can be read. What
 * is refused leaves the caller's product as it was.
 */
#include <string.h>

#include "core/cbor.h"
#include "device/declared.h"
#include "keel/profile.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static void check_refused(struct keel_bytes in)
{
	static struct keel_product untouched, out;
	memset(&untouched, 0x5a, sizeof(untouched));
	memset(&out, 0x5a, sizeof(out));
	if (keel_product_read(in, &out) != KEEL_OK)
		KEEL_MUST(memcmp(&out, &untouched, sizeof(out)) == 0);
}

static void check_key(const struct keel_product *p)
{
	uint8_t xy[64];
	enum keel_err e = keel_product_maker_key(p, xy);
	KEEL_MUST(e == KEEL_OK || e == KEEL_EFORM);
	e = keel_product_service_key(p, xy);
	KEEL_MUST(e == KEEL_OK || e == KEEL_EFORM);
	KEEL_MUST(keel_has(p, KEEL_PRODUCT_SERVICE) || e == KEEL_EFORM);
}

static void check_dates(const struct keel_product *p)
{
	char from[11], until[11];
	keel_date_write(p->support.from, from);
	keel_date_write(p->support.until, until);
	KEEL_MUST((p->support.from <= p->support.until) == (strcmp(from, until) <= 0));
}

/* The parent and the monitor keep what concerns them in tables of fixed sizes. */
static void check_declared(struct keel_bytes in, const struct keel_product *p)
{
	static struct keel_declared d;
	if (keel_declared_read(in, &d) != KEEL_OK)
		return;
	KEEL_MUST(d.thing_count == p->hardware.count);
}

static void check_lists(const struct keel_product *p)
{
	struct keel_list rest = p->messages;
	struct keel_message m;
	size_t messages = 0;
	for (; keel_list_next(&keel_message_row, &rest, &m); messages++) {
		struct keel_list fields = m.fields;
		struct keel_message_field f;
		size_t count = 0;
		while (keel_list_next(&keel_message_field_row, &fields, &f))
			count++;
		KEEL_MUST(count == m.fields.count);
	}
	KEEL_MUST(messages == p->messages.count);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static struct keel_product product;
	static uint8_t again[KEEL_PRODUCT_MAX];
	struct keel_bytes in = { p, n };
	struct keel_bytes out;
	if (n > sizeof(again))
		return 0;
	check_refused(in);
	if (keel_product_read(in, &product) != KEEL_OK)
		return 0;
	struct keel_wr w = keel_wr_of(again, sizeof(again));
	keel_schema_write(&keel_product_schema, &product, &w);
	KEEL_MUST(keel_wr_end(&w, &out) == KEEL_OK && keel_bytes_equal(out, in));
	check_key(&product);
	check_dates(&product);
	check_lists(&product);
	check_declared(in, &product);
	return 0;
}

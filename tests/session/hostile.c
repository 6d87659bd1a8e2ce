#include "session/hostile.h"

#include <string.h>

#include "core/cbor.h"

#define BUF 8192

unsigned hostile_changes_taken(struct keel_bytes good, hostile_takes *takes, void *self)
{
	static uint8_t buf[BUF];
	unsigned taken = 0;
	KEEL_MUST(good.n < sizeof(buf));
	memcpy(buf, good.p, good.n);
	for (size_t i = 0; i < good.n; i++) {
		for (unsigned bit = 0; bit < 8; bit++) {
			buf[i] ^= (uint8_t)(1U << bit);
			taken += takes(self, (struct keel_bytes){ buf, good.n });
			buf[i] ^= (uint8_t)(1U << bit);
		}
		taken += takes(self, (struct keel_bytes){ buf, i });
	}
	buf[good.n] = 0;
	return taken + takes(self, (struct keel_bytes){ buf, good.n + 1 });
}

static bool reads(const struct keel_schema *s, const struct keel_wr *w)
{
	static uint8_t record[4096];
	struct keel_bytes out;
	KEEL_MUST(s->size <= sizeof(record) && keel_wr_end(w, &out) == KEEL_OK);
	return keel_schema_read(s, out, record, NULL) == KEEL_OK;
}

static bool optional(const struct keel_schema *s, int64_t label)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->rows[i].label == label)
			return s->rows[i].optional;
	return false;
}

/* The map without its pair number `gone`; *label says which that was. */
static bool reads_without(
	const struct keel_schema *s, struct keel_bytes whole, size_t gone, int64_t *label)
{
	uint8_t buf[BUF];
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	struct keel_rd r = keel_rd_of(whole);
	size_t pairs = keel_cbor_read_map(&r);
	keel_cbor_map(&w, pairs - 1);
	for (size_t i = 0; i < pairs; i++) {
		struct keel_bytes key = keel_cbor_take(&r), value = keel_cbor_take(&r);
		struct keel_rd k = keel_rd_of(key);
		if (i == gone) {
			*label = keel_cbor_read_int(&k);
			continue;
		}
		keel_wr_bytes(&w, key);
		keel_wr_bytes(&w, value);
	}
	return reads(s, &w);
}

static bool reads_with_one_more(const struct keel_schema *s, struct keel_bytes whole)
{
	uint8_t buf[BUF];
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	struct keel_rd r = keel_rd_of(whole);
	keel_cbor_map(&w, keel_cbor_read_map(&r) + 1);
	keel_wr_bytes(&w, keel_rd_rest(&r));
	keel_cbor_int(&w, -70099);
	keel_cbor_uint(&w, 1);
	return reads(s, &w);
}

unsigned hostile_rows_wrong(const struct keel_schema *s, const void *record)
{
	uint8_t buf[BUF];
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	struct keel_bytes whole;
	unsigned wrong = 0;
	keel_schema_write(s, record, &w);
	KEEL_MUST(keel_wr_end(&w, &whole) == KEEL_OK && reads(s, &w));
	struct keel_rd r = keel_rd_of(whole);
	size_t pairs = keel_cbor_read_map(&r);
	for (size_t i = 0; i < pairs; i++) {
		int64_t label = 0;
		bool taken = reads_without(s, whole, i, &label);
		wrong += taken != optional(s, label);
	}
	return wrong + reads_with_one_more(s, whole);
}

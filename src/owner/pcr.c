#include "owner/pcr.h"

#define NAME_MAX_LEN 100
#define ITEM_MAX     (NAME_MAX_LEN + KEEL_SHA256_LEN + 8)

/* clang-format off */
static const struct keel_row measured_rows[] = {
	{ .name = "name",   .kind = KEEL_TEXT,  .min = 1, .max = NAME_MAX_LEN,                  KEEL_AT(struct keel_measured_item, name) },
	{ .name = "digest", .kind = KEEL_BYTES, .min = KEEL_SHA256_LEN, .max = KEEL_SHA256_LEN, KEEL_AT(struct keel_measured_item, digest) },
};
const struct keel_schema keel_measured_item_schema = KEEL_SCHEMA("measured", KEEL_AS_TUPLE, measured_rows, struct keel_measured_item);
const struct keel_row keel_measured_item_row = { .name = "measured", .kind = KEEL_MAP, .of = &keel_measured_item_schema };
/* clang-format on */

void keel_pcr_event(const struct keel_measured_item *item, struct keel_digest *out)
{
	uint8_t buf[ITEM_MAX];
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	struct keel_bytes cbor;
	keel_schema_write(&keel_measured_item_schema, item, &w);
	KEEL_MUST(keel_wr_end(&w, &cbor) == KEEL_OK);
	keel_sha256(&cbor, 1, out);
}

void keel_pcr_extend(struct keel_digest *value, const struct keel_measured_item *item)
{
	struct keel_digest event;
	keel_pcr_event(item, &event);
	const struct keel_bytes parts[] = { KEEL_VIEW(value->b), KEEL_VIEW(event.b) };
	keel_sha256(parts, KEEL_COUNT(parts), value);
}

void keel_pcr_replay(const struct keel_list *log, size_t n, struct keel_digest *out)
{
	struct keel_list rest = *log;
	struct keel_measured_item item;
	*out = (struct keel_digest){ 0 };
	for (size_t i = 0; i < n && keel_list_next(&keel_measured_item_row, &rest, &item); i++)
		keel_pcr_extend(out, &item);
}

bool keel_pcr_log_last(struct keel_list log, struct keel_bytes name, struct keel_bytes *digest)
{
	struct keel_list rest = log;
	struct keel_measured_item item;
	bool found = false;
	while (keel_list_next(&keel_measured_item_row, &rest, &item)) {
		if (!keel_bytes_equal(item.name, name))
			continue;
		*digest = item.digest;
		found = true;
	}
	return found;
}

bool keel_pcr_log_ends_in(const struct keel_list *log, const struct keel_list *measured)
{
	struct keel_list rest = *measured;
	struct keel_measured_item item;
	struct keel_bytes digest;
	while (keel_list_next(&keel_measured_item_row, &rest, &item))
		if (!keel_pcr_log_last(*log, item.name, &digest) ||
			!keel_bytes_equal(digest, item.digest))
			return false;
	rest = *log;
	while (keel_list_next(&keel_measured_item_row, &rest, &item))
		if (!keel_pcr_log_last(*measured, item.name, &digest))
			return false;
	return true;
}

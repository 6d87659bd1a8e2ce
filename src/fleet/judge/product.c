#include "fleet/judge/product.h"

#include <stdlib.h>
#include <string.h>

#include "profile/measures.h"

static void take_telemetry(struct keel_judge_product *p)
{
	struct keel_list rest = p->declared.telemetry;
	struct keel_telemetry t;
	while (keel_list_next(&keel_telemetry_row, &rest, &t)) {
		KEEL_MUST(
			p->telemetry_count < KEEL_COUNT(p->telemetry)); /* its row allows no more */
		p->telemetry[p->telemetry_count++] = t;
	}
}

enum keel_err keel_judge_product_open(struct keel_bytes compiled, struct keel_judge_product *out)
{
	memset(out, 0, sizeof(*out));
	enum keel_err e = keel_product_read(compiled, &out->declared);
	if (e != KEEL_OK)
		return e;
	take_telemetry(out);
	e = keel_product_maker_key(&out->declared, out->maker.xy);
	if (e == KEEL_OK)
		e = keel_p256_open_pub(&out->maker, &out->maker_key);
	keel_sha256(&compiled, 1, &out->digest);
	keel_oemid(&out->maker, out->oemid);
	return e;
}

void keel_judge_product_close(struct keel_judge_product *p)
{
	keel_p256_close(&p->maker_key);
}

static int by_bytes(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct keel_digest));
}

enum keel_err keel_judge_product_measures(
	struct keel_judge_product *p, struct keel_bytes signed_list)
{
	struct keel_measures list;
	struct keel_measured_file f;
	enum keel_err e = keel_measures_verify(signed_list, &p->maker, &p->digest, &list);
	if (e != KEEL_OK)
		return e;
	if (list.files.count > KEEL_JUDGE_FILES_MAX - p->file_count)
		return KEEL_EFULL;
	for (struct keel_list rest = list.files;
		keel_list_next(&keel_measured_file_row, &rest, &f);)
		memcpy(p->files[p->file_count++].b, f.sha256.p, sizeof(p->files[0].b));
	qsort(p->files, p->file_count, sizeof(p->files[0]), by_bytes);
	return KEEL_OK;
}

bool keel_judge_product_has(const struct keel_judge_product *p, struct keel_bytes sha256)
{
	return sha256.n == sizeof(p->files[0].b) &&
	       bsearch(sha256.p, p->files, p->file_count, sizeof(p->files[0]), by_bytes) != NULL;
}

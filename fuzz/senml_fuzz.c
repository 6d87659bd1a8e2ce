/*
 * A SenML pack from a device: what is accepted has names, numbers and times as the header says, and survives
 * write and read; written once more it is the same bytes. What is refused leaves the caller's reader as it was.
 */
#include <string.h>

#include "session/senml.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

enum { PACK_MAX = 3 + KEEL_SENML_RECORDS_MAX * KEEL_SENML_RECORD_MAX };

static void check_record(const struct keel_senml_record *r)
{
	KEEL_MUST(r->name.n > 0 && r->name.n <= KEEL_SENML_NAME_MAX);
	KEEL_MUST(memchr(r->name.p, '_', r->name.n) == NULL && r->unit.n <= KEEL_SENML_UNIT_MAX);
	KEEL_MUST(r->value >= -KEEL_SENML_NUMBER_MAX && r->value <= KEEL_SENML_NUMBER_MAX);
	KEEL_MUST(r->time_ms == 0 || r->time_ms >= KEEL_SENML_TIME_MIN);
}

/* Every record that is left, written without a base. */
static struct keel_bytes rewrite(struct keel_senml s, uint8_t *buf)
{
	struct keel_wr w = keel_wr_of(buf, PACK_MAX);
	struct keel_senml_record r;
	struct keel_bytes out;
	keel_senml_begin(&w, s.left);
	while (keel_senml_next(&s, &r)) {
		check_record(&r);
		keel_senml_put(&w, &r);
	}
	KEEL_MUST(keel_wr_end(&w, &out) == KEEL_OK);
	return out;
}

static void check_same(struct keel_senml a, struct keel_senml b)
{
	struct keel_senml_record x, y;
	while (keel_senml_next(&a, &x)) {
		KEEL_MUST(keel_senml_next(&b, &y));
		KEEL_MUST(keel_bytes_equal(x.name, y.name) && keel_bytes_equal(x.unit, y.unit));
		KEEL_MUST(x.value == y.value && x.time_ms == y.time_ms);
	}
	KEEL_MUST(!keel_senml_next(&b, &y));
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static uint8_t once[PACK_MAX], twice[PACK_MAX];
	struct keel_senml s, again, untouched;
	memset(&s, 0x5a, sizeof(s));
	memset(&untouched, 0x5a, sizeof(untouched));
	if (keel_senml_open((struct keel_bytes){ p, n }, &s) != KEEL_OK) {
		KEEL_MUST(memcmp(&s, &untouched, sizeof(s)) == 0);
		return 0;
	}
	struct keel_bytes out = rewrite(s, once);
	KEEL_MUST(keel_senml_open(out, &again) == KEEL_OK);
	check_same(s, again);
	KEEL_MUST(keel_bytes_equal(rewrite(again, twice), out));
	return 0;
}

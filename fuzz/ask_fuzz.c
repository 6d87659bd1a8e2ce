/*
 * What anybody posts to the service's relay, and what a relay answers an owner. What is accepted is
 * written back byte by byte the same, and is signed by the keys that it brings, for its own request.
 * The first byte: a relay, a relay's answer, or a request of an owner who is real, with a byte of the
 * relay that it makes changed.
 */
#include <string.h>

#include "owner/ask.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static uint8_t buf[KEEL_RELAYED_WHOLE_MAX + 64];
static struct keel_member ann;

static void begin(void)
{
	keel_p256_generate(&ann.sign);
	keel_p256_generate(&ann.agree);
	keel_thumbprint(&ann.sign.pub, &ann.agree.pub, ann.thumbprint);
}

static void rewrite(const struct keel_schema *s, const void *record, struct keel_bytes in)
{
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	struct keel_bytes again;
	keel_schema_write(s, record, &w);
	KEEL_MUST(keel_wr_end(&w, &again) == KEEL_OK && keel_bytes_equal(again, in));
}

static void relay(struct keel_bytes in)
{
	struct keel_relay r;
	struct keel_asker a;
	struct keel_p256_pub sign;
	struct keel_bytes payload;
	if (keel_schema_read(&keel_relay_schema, in, &r, NULL) == KEEL_OK)
		rewrite(&keel_relay_schema, &r, in);
	if (keel_relay_verify(in, &r, &a) != KEEL_OK)
		return;
	memcpy(sign.xy, r.sign.p, sizeof(sign.xy));
	KEEL_MUST(keel_cose_verify1(&sign, r.ask, (struct keel_bytes){ 0 }, &payload) == KEEL_OK);
}

static void relayed(struct keel_bytes in)
{
	struct keel_relayed r;
	if (keel_schema_read(&keel_relayed_schema, in, &r, NULL) == KEEL_OK)
		rewrite(&keel_relayed_schema, &r, in);
}

/* The first two bytes say which byte of the relay is changed, and how. */
static void real(struct keel_bytes in)
{
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	struct keel_relay r;
	struct keel_asker a;
	struct keel_bytes out;
	if (in.n < 4)
		return;
	const struct keel_bytes request = { in.p + 3, in.n - 3 };
	KEEL_MUST(
		keel_relay_write(&ann, request, &w) == KEEL_OK && keel_wr_end(&w, &out) == KEEL_OK);
	KEEL_MUST(keel_relay_verify(out, &r, &a) == KEEL_OK);
	KEEL_MUST(memcmp(a.owner, ann.thumbprint, sizeof(a.owner)) == 0);
	KEEL_MUST(keel_bytes_equal(r.request, request));
	buf[(size_t)(in.p[0] << 8 | in.p[1]) % out.n] ^= in.p[2];
	KEEL_MUST((keel_relay_verify(out, &r, &a) == KEEL_OK) == (in.p[2] == 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static void (*const ways[])(struct keel_bytes) = { relay, relayed, real };
	if (n == 0 || n > 4000)
		return 0;
	if (ann.id[0] == 0) {
		begin();
		ann.id[0] = 1;
	}
	ways[p[0] % KEEL_COUNT(ways)]((struct keel_bytes){ p + 1, n - 1 });
	return 0;
}

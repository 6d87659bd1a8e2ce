#include "session/voucher.h"

#include <string.h>

struct body {
	uint32_t has;
	struct keel_bytes sign, agree;
	int64_t from, until;
};

#define POINT                                                                                      \
	.kind = KEEL_BYTES, .min = sizeof(struct keel_p256_pub), .max = sizeof(struct keel_p256_pub)
#define TIME(low) .kind = KEEL_INT, .min = (low), .max = INT64_MAX

/* clang-format off */
static const struct keel_row rows[] = {
	{ .label = 1, .name = "sign",  POINT,   KEEL_AT(struct body, sign) },
	{ .label = 2, .name = "agree", POINT,   KEEL_AT(struct body, agree) },
	{ .label = 3, .name = "from",  TIME(0), KEEL_AT(struct body, from) },
	{ .label = 4, .name = "until", TIME(1), KEEL_AT(struct body, until) },
};
/* clang-format on */
static const struct keel_schema schema = KEEL_SCHEMA("voucher", KEEL_AS_MAP, rows, struct body);

/* The device that it is for: none alone. */
static const uint8_t every_device[KEEL_DEVICE_ID_LEN];
static const struct keel_names names = { .device = { every_device, sizeof(every_device) } };

void keel_service_thumbprint(const struct keel_service_keys *s, uint8_t st[KEEL_THUMBPRINT_LEN])
{
	keel_thumbprint(&s->sign, &s->agree, st);
}

static struct keel_digest kid_of(const struct keel_p256_pub *root)
{
	struct keel_digest kid;
	const struct keel_bytes point = KEEL_VIEW(root->xy);
	keel_sha256(&point, 1, &kid);
	return kid;
}

enum keel_err keel_voucher_write(const struct keel_signer *root,
	const struct keel_p256_pub *root_pub, const struct keel_service_keys *keys,
	struct keel_wr *w)
{
	uint8_t buf[KEEL_VOUCHER_MAX];
	struct keel_wr inner = keel_wr_of(buf, sizeof(buf));
	struct keel_bytes payload;
	const struct keel_digest kid = kid_of(root_pub);
	const struct body body = { .sign = KEEL_VIEW(keys->sign.xy),
		.agree = KEEL_VIEW(keys->agree.xy),
		.from = keys->from,
		.until = keys->until };
	if (keys->from >= keys->until)
		return KEEL_ERANGE;
	enum keel_err e = keel_payload_write(KEEL_FOR_VOUCHER, &names, &schema, &body, &inner);
	if (e == KEEL_OK)
		e = keel_wr_end(&inner, &payload);
	return e == KEEL_OK ? keel_cose_sign1(
				      root, KEEL_VIEW(kid.b), (struct keel_bytes){ 0 }, payload, w)
			    : e;
}

static enum keel_err read_body(struct keel_bytes payload, struct keel_service_keys *out)
{
	struct body body;
	enum keel_err e = keel_payload_read(KEEL_FOR_VOUCHER, &names, &schema, payload, &body);
	if (e != KEEL_OK)
		return e;
	if (body.from >= body.until)
		return KEEL_ERANGE;
	memcpy(out->sign.xy, body.sign.p, sizeof(out->sign.xy));
	memcpy(out->agree.xy, body.agree.p, sizeof(out->agree.xy));
	out->from = body.from;
	out->until = body.until;
	e = keel_p256_check(&out->sign);
	return e == KEEL_OK ? keel_p256_check(&out->agree) : e;
}

enum keel_err keel_voucher_verify(struct keel_bytes in, const struct keel_p256_pub *root,
	int64_t now, struct keel_service_keys *out)
{
	struct keel_service_keys keys;
	struct keel_bytes kid, payload;
	const struct keel_digest named = kid_of(root);
	enum keel_err e = keel_cose_verify1(root, in, (struct keel_bytes){ 0 }, &payload);
	if (e == KEEL_OK)
		e = keel_cose_sign1_kid(in, &kid);
	/* Not under the signature, and yet one voucher has one form only. */
	if (e == KEEL_OK && !keel_bytes_equal(kid, KEEL_VIEW(named.b)))
		e = KEEL_EAUTH;
	if (e == KEEL_OK)
		e = read_body(payload, &keys);
	if (e == KEEL_OK && keys.until <= now)
		e = KEEL_ESTALE;
	if (e == KEEL_OK)
		*out = keys;
	return e;
}

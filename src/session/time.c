#include "session/time.h"

struct body {
	uint32_t has;
	struct keel_bytes nonce;
	int64_t time;
};

/* clang-format off */
static const struct keel_row rows[] = {
	{ .label = 1, .name = "nonce", .kind = KEEL_BYTES, .min = KEEL_TIME_NONCE_LEN, .max = KEEL_TIME_NONCE_LEN, KEEL_AT(struct body, nonce) },
	{ .label = 2, .name = "time",  .kind = KEEL_INT, .min = 1, .max = INT64_MAX, KEEL_AT(struct body, time) },
};
/* clang-format on */
static const struct keel_schema schema = KEEL_SCHEMA("time", KEEL_AS_MAP, rows, struct body);

enum keel_err keel_time_write(const struct keel_signer *sign, const uint8_t st[KEEL_THUMBPRINT_LEN],
	const uint8_t id[KEEL_DEVICE_ID_LEN], struct keel_bytes nonce, int64_t now,
	struct keel_wr *w)
{
	uint8_t buf[KEEL_TIME_MAX];
	struct keel_wr inner = keel_wr_of(buf, sizeof(buf));
	struct keel_bytes payload;
	const struct keel_names names = { .device = { id, KEEL_DEVICE_ID_LEN } };
	const struct body body = { .nonce = nonce, .time = now };
	enum keel_err e = keel_payload_write(KEEL_FOR_TIME, &names, &schema, &body, &inner);
	if (e == KEEL_OK)
		e = keel_wr_end(&inner, &payload);
	return e == KEEL_OK ? keel_cose_sign1(sign, (struct keel_bytes){ st, KEEL_THUMBPRINT_LEN },
				      (struct keel_bytes){ 0 }, payload, w)
			    : e;
}

enum keel_err keel_time_verify(struct keel_bytes in, const struct keel_service_keys *keys,
	const uint8_t id[KEEL_DEVICE_ID_LEN], struct keel_bytes nonce, int64_t *now)
{
	struct body body;
	struct keel_bytes kid, payload;
	uint8_t st[KEEL_THUMBPRINT_LEN];
	const struct keel_names names = { .device = { id, KEEL_DEVICE_ID_LEN } };
	enum keel_err e = keel_cose_verify1(&keys->sign, in, (struct keel_bytes){ 0 }, &payload);
	if (e == KEEL_OK)
		e = keel_cose_sign1_kid(in, &kid);
	keel_service_thumbprint(keys, st);
	if (e == KEEL_OK && !keel_bytes_equal(kid, KEEL_VIEW(st)))
		e = KEEL_EAUTH;
	if (e == KEEL_OK)
		e = keel_payload_read(KEEL_FOR_TIME, &names, &schema, payload, &body);
	if (e == KEEL_OK && !keel_bytes_equal(body.nonce, nonce))
		e = KEEL_EAUTH;
	if (e == KEEL_OK && (body.time < keys->from || body.time >= keys->until))
		e = KEEL_ESTALE;
	if (e == KEEL_OK)
		*now = body.time;
	return e;
}

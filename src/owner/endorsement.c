#include "owner/endorsement.h"

enum keel_err keel_endorsement_write(const struct keel_p256_key *maker,
	const uint8_t id[KEEL_DEVICE_ID_LEN], const struct keel_endorsement *body,
	struct keel_wr *w)
{
	uint8_t buf[KEEL_ENDORSEMENT_MAX];
	struct keel_wr inner = keel_wr_of(buf, sizeof(buf));
	struct keel_digest kid;
	struct keel_bytes payload;
	const struct keel_signer signer = keel_signer_of(maker);
	const struct keel_bytes point = KEEL_VIEW(maker->pub.xy);
	const struct keel_names names = { .device = { id, KEEL_DEVICE_ID_LEN } };
	enum keel_err e = keel_payload_write(
		KEEL_FOR_ENDORSEMENT, &names, &keel_endorsement_schema, body, &inner);
	if (e == KEEL_OK)
		e = keel_wr_end(&inner, &payload);
	if (e != KEEL_OK)
		return e;
	keel_sha256(&point, 1, &kid);
	return keel_cose_sign1(&signer, KEEL_VIEW(kid.b), (struct keel_bytes){ 0 }, payload, w);
}

static enum keel_err read_payload(
	struct keel_bytes payload, uint8_t id[KEEL_DEVICE_ID_LEN], struct keel_endorsement *out)
{
	struct keel_envelope env;
	struct keel_endorsement body;
	enum keel_err e = keel_envelope_read(KEEL_FOR_ENDORSEMENT, payload, &env);
	if (e == KEEL_OK && env.home.n + env.recipient.n != 0)
		e = KEEL_EAUTH;
	if (e == KEEL_OK)
		e = keel_schema_read(&keel_endorsement_schema, env.body, &body, NULL);
	if (e == KEEL_OK)
		e = keel_bytes_copy(env.device, id, KEEL_DEVICE_ID_LEN);
	if (e == KEEL_OK)
		*out = body;
	return e;
}

enum keel_err keel_endorsement_verify_opened(struct keel_bytes in,
	const struct keel_p256_pub *maker, const struct keel_p256_opened *key,
	uint8_t id[KEEL_DEVICE_ID_LEN], struct keel_endorsement *out)
{
	struct keel_digest named;
	struct keel_bytes kid;
	struct keel_bytes payload;
	const struct keel_bytes point = KEEL_VIEW(maker->xy);
	enum keel_err e = keel_cose_verify1_opened(key, in, (struct keel_bytes){ 0 }, &payload);
	if (e == KEEL_OK)
		e = keel_cose_sign1_kid(in, &kid);
	keel_sha256(&point, 1, &named);
	/* Not under the signature, and yet one endorsement has one form only. */
	if (e == KEEL_OK && !keel_bytes_equal(kid, KEEL_VIEW(named.b)))
		e = KEEL_EAUTH;
	return e == KEEL_OK ? read_payload(payload, id, out) : e;
}

enum keel_err keel_endorsement_verify(struct keel_bytes in, const struct keel_p256_pub *maker,
	uint8_t id[KEEL_DEVICE_ID_LEN], struct keel_endorsement *out)
{
	keel_auto(keel_p256_close) struct keel_p256_opened key = { 0 };
	enum keel_err e = keel_p256_open_pub(maker, &key);
	return e == KEEL_OK ? keel_endorsement_verify_opened(in, maker, &key, id, out) : e;
}

enum keel_err keel_endorsement_peek(
	struct keel_bytes in, uint8_t id[KEEL_DEVICE_ID_LEN], struct keel_endorsement *out)
{
	struct keel_bytes payload;
	enum keel_err e = keel_cose_sign1_peek(in, &payload);
	return e == KEEL_OK ? read_payload(payload, id, out) : e;
}

#include "owner/ask.h"

#include <string.h>

#define PUB_LEN  sizeof(((struct keel_p256_pub *)0)->xy)
#define HTTP_MIN 200
#define HTTP_MAX 599

/* What the ask says: which request, and nothing of it. */
struct ask {
	uint32_t has;
	struct keel_bytes digest;
};

/* clang-format off */
static const struct keel_row ask_rows[] = {
	{ .label = 1, .name = "request", .kind = KEEL_BYTES, .min = KEEL_SHA256_LEN, .max = KEEL_SHA256_LEN, KEEL_AT(struct ask, digest) },
};
static const struct keel_schema ask_schema = KEEL_SCHEMA("ask", KEEL_AS_MAP, ask_rows, struct ask);

static const struct keel_row relay_rows[] = {
	{ .label = 1, .name = "ask",     .kind = KEEL_ANY, KEEL_AT(struct keel_relay, ask) },
	{ .label = 2, .name = "sign",    .kind = KEEL_BYTES, .min = PUB_LEN, .max = PUB_LEN, KEEL_AT(struct keel_relay, sign) },
	{ .label = 3, .name = "agree",   .kind = KEEL_BYTES, .min = PUB_LEN, .max = PUB_LEN, KEEL_AT(struct keel_relay, agree) },
	{ .label = 4, .name = "request", .kind = KEEL_BYTES, .min = 1, .max = KEEL_BODY_MAX, KEEL_AT(struct keel_relay, request) },
};
const struct keel_schema keel_relay_schema = KEEL_SCHEMA("relay", KEEL_AS_MAP, relay_rows, struct keel_relay);

static const struct keel_row relayed_rows[] = {
	{ .label = 1, .name = "status",     .kind = KEEL_UINT, .min = HTTP_MIN, .max = HTTP_MAX, KEEL_AT(struct keel_relayed, status) },
	{ .label = 2, .name = "body",       .kind = KEEL_BYTES, .max = KEEL_RELAYED_BODY_MAX, KEEL_AT(struct keel_relayed, body) },
	{ .label = 3, .name = "last heard", .kind = KEEL_UINT, KEEL_AT(struct keel_relayed, heard) },
};
const struct keel_schema keel_relayed_schema = KEEL_SCHEMA("relayed", KEEL_AS_MAP, relayed_rows, struct keel_relayed);
/* clang-format on */

static enum keel_err write_ask(
	const struct keel_member *m, struct keel_bytes request, struct keel_wr *w)
{
	uint8_t buf[128];
	struct keel_wr inner = keel_wr_of(buf, sizeof(buf));
	struct keel_digest digest;
	struct keel_bytes payload;
	keel_sha256(&request, 1, &digest);
	const struct ask body = { .digest = KEEL_VIEW(digest.b) };
	const struct keel_names names = { KEEL_VIEW(m->id), KEEL_VIEW(m->home), { 0 } };
	const struct keel_signer signer = keel_signer_of(&m->sign);
	enum keel_err e = keel_payload_write(KEEL_FOR_ASK, &names, &ask_schema, &body, &inner);
	if (e == KEEL_OK)
		e = keel_wr_end(&inner, &payload);
	if (e != KEEL_OK)
		return e;
	return keel_cose_sign1(
		&signer, KEEL_VIEW(m->thumbprint), (struct keel_bytes){ 0 }, payload, w);
}

enum keel_err keel_relay_write(
	const struct keel_member *m, struct keel_bytes request, struct keel_wr *w)
{
	uint8_t buf[128 + KEEL_COSE_OVERHEAD];
	struct keel_wr inner = keel_wr_of(buf, sizeof(buf));
	struct keel_relay relay = {
		.sign = KEEL_VIEW(m->sign.pub.xy),
		.agree = KEEL_VIEW(m->agree.pub.xy),
		.request = request,
	};
	enum keel_err e = write_ask(m, request, &inner);
	if (e == KEEL_OK)
		e = keel_wr_end(&inner, &relay.ask);
	if (e != KEEL_OK)
		return e;
	keel_schema_write(&keel_relay_schema, &relay, w);
	return w->err;
}

/* Signed by O.sign, under the name of both of O's keys: the kid is not under the signature. */
static enum keel_err verify_ask(
	const struct keel_relay *r, uint8_t owner[KEEL_THUMBPRINT_LEN], struct keel_bytes *payload)
{
	struct keel_p256_pub sign;
	struct keel_p256_pub agree;
	struct keel_bytes kid;
	memcpy(sign.xy, r->sign.p, sizeof(sign.xy));
	memcpy(agree.xy, r->agree.p, sizeof(agree.xy));
	keel_thumbprint(&sign, &agree, owner);
	enum keel_err e = keel_cose_sign1_kid(r->ask, &kid);
	if (e == KEEL_OK &&
		!keel_bytes_equal(kid, (struct keel_bytes){ owner, KEEL_THUMBPRINT_LEN }))
		e = KEEL_EAUTH;
	return e == KEEL_OK ? keel_cose_verify1(&sign, r->ask, (struct keel_bytes){ 0 }, payload)
			    : e;
}

/* It is an ask, and for this very request. */
static enum keel_err read_ask(
	struct keel_bytes payload, struct keel_bytes request, struct keel_asker *out)
{
	struct keel_envelope env;
	struct ask body;
	struct keel_digest digest;
	enum keel_err e = keel_envelope_read(KEEL_FOR_ASK, payload, &env);
	if (e == KEEL_OK && env.recipient.n != 0)
		e = KEEL_EAUTH;
	if (e == KEEL_OK)
		e = keel_schema_read(&ask_schema, env.body, &body, NULL);
	if (e != KEEL_OK)
		return e;
	keel_sha256(&request, 1, &digest);
	if (!keel_bytes_equal(body.digest, KEEL_VIEW(digest.b)))
		return KEEL_EAUTH;
	e = keel_bytes_copy(env.device, out->device, sizeof(out->device));
	return e == KEEL_OK ? keel_bytes_copy(env.home, out->home, sizeof(out->home)) : e;
}

enum keel_err keel_relay_verify(
	struct keel_bytes in, struct keel_relay *out, struct keel_asker *asker)
{
	struct keel_relay r;
	struct keel_asker a;
	struct keel_bytes payload;
	enum keel_err e = keel_schema_read(&keel_relay_schema, in, &r, NULL);
	if (e == KEEL_OK)
		e = verify_ask(&r, a.owner, &payload);
	if (e == KEEL_OK)
		e = read_ask(payload, r.request, &a);
	if (e != KEEL_OK)
		return e;
	*out = r;
	*asker = a;
	return KEEL_OK;
}

#include "session/token.h"

#define EXACTLY(len) .kind = KEEL_BYTES, .min = (len), .max = (len)
#define ORIGIN       .kind = KEEL_TEXT, .min = 1, .max = KEEL_ORIGIN_MAX
#define TIME         .kind = KEEL_INT, .min = 1, .max = INT64_MAX

/* clang-format off */
static const struct keel_row rows[] = {
	{ .label = 1,      .name = "iss",          ORIGIN,                       KEEL_AT(struct keel_token, issuer) },
	{ .label = 3,      .name = "aud",          ORIGIN,                       KEEL_AT(struct keel_token, audience) },
	{ .label = 4,      .name = "exp",          TIME,                         KEEL_AT(struct keel_token, expires) },
	{ .label = 6,      .name = "iat",          TIME,                         KEEL_AT(struct keel_token, issued) },
	{ .label = 7,      .name = "cti",          EXACTLY(KEEL_CTI_LEN),        KEEL_AT(struct keel_token, cti) },
	{ .label = 8,      .name = "cnf",          .kind = KEEL_MAP, .of = &keel_cnf_schema, KEEL_AT(struct keel_token, cnf) },
	{ .label = -70020, .name = "id",           EXACTLY(KEEL_DEVICE_ID_LEN),  KEEL_AT(struct keel_token, device) },
	{ .label = -70021, .name = "home",         .kind = KEEL_BYTES, .max = KEEL_HOME_ID_LEN, KEEL_AT(struct keel_token, home) },
	{ .label = -70022, .name = "only updates", .kind = KEEL_BOOL,            KEEL_AT(struct keel_token, only_updates) },
};
/* clang-format on */
const struct keel_schema keel_token_schema =
	KEEL_SCHEMA("token", KEEL_AS_MAP, rows, struct keel_token);

/* What a row cannot say. */
static bool sound(const struct keel_token *t)
{
	return t->issued < t->expires && (t->home.n == 0 || t->home.n == KEEL_HOME_ID_LEN);
}

enum keel_err keel_token_write(const struct keel_signer *sign,
	const uint8_t st[KEEL_THUMBPRINT_LEN], const struct keel_token *token, struct keel_wr *w)
{
	uint8_t buf[KEEL_TOKEN_MAX];
	struct keel_wr inner = keel_wr_of(buf, sizeof(buf));
	struct keel_bytes payload;
	if (!sound(token))
		return KEEL_ERANGE;
	keel_schema_write(&keel_token_schema, token, &inner);
	enum keel_err e = keel_wr_end(&inner, &payload);
	return e == KEEL_OK ? keel_cose_sign1(sign, (struct keel_bytes){ st, KEEL_THUMBPRINT_LEN },
				      (struct keel_bytes){ 0 }, payload, w)
			    : e;
}

enum keel_err keel_token_kid(struct keel_bytes in, uint8_t st[KEEL_THUMBPRINT_LEN])
{
	struct keel_bytes kid;
	enum keel_err e = keel_cose_sign1_kid(in, &kid);
	if (e == KEEL_OK && keel_bytes_copy(kid, st, KEEL_THUMBPRINT_LEN) != KEEL_OK)
		e = KEEL_EFORM;
	return e;
}

enum keel_err keel_token_verify(const struct keel_p256_opened *key, struct keel_bytes in,
	struct keel_bytes origin, int64_t now, struct keel_token *out)
{
	struct keel_token t;
	struct keel_bytes payload;
	enum keel_err e = keel_cose_verify1_opened(key, in, (struct keel_bytes){ 0 }, &payload);
	if (e == KEEL_OK)
		e = keel_schema_read(&keel_token_schema, payload, &t, NULL);
	if (e != KEEL_OK)
		return e;
	if (!sound(&t))
		return KEEL_ERANGE;
	if (!keel_bytes_equal(t.issuer, origin) || !keel_bytes_equal(t.audience, origin))
		return KEEL_EAUTH;
	if (now != 0 && (t.expires <= now || t.issued - KEEL_TOKEN_SKEW_S > now))
		return KEEL_ESTALE;
	*out = t;
	return KEEL_OK;
}

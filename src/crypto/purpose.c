#include "crypto/purpose.h"

#include "core/cbor.h"
#include "core/schema.h"

#define VERSION 1

/* clang-format off */
static const struct keel_row rows[] = {
	{ .name = "purpose",   .kind = KEEL_UINT,  KEEL_AT(struct keel_envelope, purpose) },
	{ .name = "version",   .kind = KEEL_UINT,  KEEL_AT(struct keel_envelope, version) },
	{ .name = "device",    .kind = KEEL_BYTES, .min = KEEL_DEVICE_ID_LEN, .max = KEEL_DEVICE_ID_LEN,
	  KEEL_AT(struct keel_envelope, device) },
	{ .name = "home",      .kind = KEEL_BYTES, .max = KEEL_HOME_ID_LEN,
	  KEEL_AT(struct keel_envelope, home) },
	{ .name = "recipient", .kind = KEEL_BYTES, .max = KEEL_THUMBPRINT_LEN,
	  KEEL_AT(struct keel_envelope, recipient) },
	{ .name = "body",      .kind = KEEL_ANY,   KEEL_AT(struct keel_envelope, body) },
};
/* clang-format on */
const struct keel_schema keel_envelope_schema =
	KEEL_SCHEMA("envelope", KEEL_AS_TUPLE, rows, struct keel_envelope);

/* What a row cannot say: empty or whole, and a map. */
static bool shaped(const struct keel_envelope *e)
{
	return (e->home.n == 0 || e->home.n == KEEL_HOME_ID_LEN) &&
	       (e->recipient.n == 0 || e->recipient.n == KEEL_THUMBPRINT_LEN) && e->body.n > 0 &&
	       e->body.p[0] >> 5 == 5;
}

void keel_envelope_write(enum keel_purpose purpose, struct keel_bytes device,
	struct keel_bytes home, struct keel_bytes recipient, struct keel_bytes body,
	struct keel_wr *w)
{
	const struct keel_envelope e = {
		.purpose = (uint64_t)purpose,
		.version = VERSION,
		.device = device,
		.home = home,
		.recipient = recipient,
		.body = body,
	};
	if (shaped(&e))
		keel_schema_write(&keel_envelope_schema, &e, w);
	else
		keel_wr_fail(w, KEEL_ERANGE);
}

enum keel_err keel_envelope_read(
	enum keel_purpose purpose, struct keel_bytes in, struct keel_envelope *out)
{
	struct keel_envelope read;
	enum keel_err e = keel_schema_read(&keel_envelope_schema, in, &read, NULL);
	if (e == KEEL_OK && !shaped(&read))
		e = KEEL_EFORM;
	if (e == KEEL_OK && (read.purpose != (uint64_t)purpose || read.version != VERSION))
		e = KEEL_EAUTH;
	if (e == KEEL_OK)
		*out = read;
	return e;
}

void keel_thumbprint(const struct keel_p256_pub *sign, const struct keel_p256_pub *agree,
	uint8_t out[KEEL_THUMBPRINT_LEN])
{
	uint8_t buf[2 * sizeof(sign->xy) + 8];
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	struct keel_bytes array;
	struct keel_digest digest;
	keel_cbor_array(&w, 2);
	keel_cbor_bytes(&w, KEEL_VIEW(sign->xy));
	keel_cbor_bytes(&w, KEEL_VIEW(agree->xy));
	KEEL_MUST(keel_wr_end(&w, &array) == KEEL_OK);
	keel_sha256(&array, 1, &digest);
	for (size_t i = 0; i < KEEL_THUMBPRINT_LEN; i++)
		out[i] = digest.b[i];
}

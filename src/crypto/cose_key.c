#include "crypto/cose_key.h"

#include <string.h>

#define KTY_EC2        2
#define CRV_P256       1
#define COORDINATE_LEN 32

#define ALWAYS(v)  .kind = KEEL_INT, .min = (v), .max = (v)
#define COORDINATE .kind = KEEL_BYTES, .min = COORDINATE_LEN, .max = COORDINATE_LEN

/* clang-format off */
static const struct keel_row key_rows[] = {
	{ .label = 1,  .name = "kty", ALWAYS(KTY_EC2),  KEEL_AT(struct keel_cose_key, kty) },
	{ .label = -1, .name = "crv", ALWAYS(CRV_P256), KEEL_AT(struct keel_cose_key, crv) },
	{ .label = -2, .name = "x",   COORDINATE,       KEEL_AT(struct keel_cose_key, x) },
	{ .label = -3, .name = "y",   COORDINATE,       KEEL_AT(struct keel_cose_key, y) },
};
const struct keel_schema keel_cose_key_schema = KEEL_SCHEMA("COSE_Key", KEEL_AS_MAP, key_rows, struct keel_cose_key);

static const struct keel_row cnf_rows[] = {
	{ .label = 1, .name = "key", .kind = KEEL_MAP, .of = &keel_cose_key_schema, KEEL_AT(struct keel_cnf, key) },
};
const struct keel_schema keel_cnf_schema = KEEL_SCHEMA("cnf", KEEL_AS_MAP, cnf_rows, struct keel_cnf);
/* clang-format on */

struct keel_cose_key keel_cose_key_of(const struct keel_p256_pub *pub)
{
	return (struct keel_cose_key){ .kty = KTY_EC2,
		.crv = CRV_P256,
		.x = { pub->xy, COORDINATE_LEN },
		.y = { pub->xy + COORDINATE_LEN, COORDINATE_LEN } };
}

struct keel_cnf keel_cnf_of(const struct keel_p256_pub *pub)
{
	return (struct keel_cnf){ .key = keel_cose_key_of(pub) };
}

void keel_cose_key_pub(const struct keel_cose_key *key, struct keel_p256_pub *out)
{
	memcpy(out->xy, key->x.p, COORDINATE_LEN);
	memcpy(out->xy + COORDINATE_LEN, key->y.p, COORDINATE_LEN);
}

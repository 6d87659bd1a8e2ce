/* A member as bytes: deterministic CBOR by one schema, for a file that only its owner can read. */
#include <string.h>

#include "owner/member.h"

struct stored {
	uint32_t has;
	uint64_t version;
	struct keel_bytes id, home, sign, agree, device_sign, device_agree;
	uint64_t role, counter;
};

#define EXACTLY(n) .kind = KEEL_BYTES, .min = (n), .max = (n)
/* clang-format off */
static const struct keel_row rows[] = {
	{ .label = 1, .name = "version",      .kind = KEEL_UINT, .min = 1, .max = 1,      KEEL_AT(struct stored, version) },
	{ .label = 2, .name = "device id",    EXACTLY(KEEL_DEVICE_ID_LEN),                KEEL_AT(struct stored, id) },
	{ .label = 3, .name = "home id",      EXACTLY(KEEL_HOME_ID_LEN),                  KEEL_AT(struct stored, home) },
	{ .label = 4, .name = "sign",         EXACTLY(32),                                KEEL_AT(struct stored, sign) },
	{ .label = 5, .name = "agree",        EXACTLY(32),                                KEEL_AT(struct stored, agree) },
	{ .label = 6, .name = "device sign",  EXACTLY(64),                                KEEL_AT(struct stored, device_sign) },
	{ .label = 7, .name = "device agree", EXACTLY(64),                                KEEL_AT(struct stored, device_agree) },
	{ .label = 8, .name = "role",         .kind = KEEL_UINT, .max = KEEL_ROLE_COUNT - 1, KEEL_AT(struct stored, role) },
	{ .label = 9, .name = "counter",      .kind = KEEL_UINT,                          KEEL_AT(struct stored, counter) },
};
/* clang-format on */
static const struct keel_schema schema = KEEL_SCHEMA("member", KEEL_AS_MAP, rows, struct stored);

enum keel_err keel_member_write(const struct keel_member *m, struct keel_wr *w)
{
	const struct stored s = {
		.version = 1,
		.id = KEEL_VIEW(m->id),
		.home = KEEL_VIEW(m->home),
		.sign = KEEL_VIEW(m->sign.d),
		.agree = KEEL_VIEW(m->agree.d),
		.device_sign = KEEL_VIEW(m->device_sign.xy),
		.device_agree = KEEL_VIEW(m->device_agree.xy),
		.role = m->role,
		.counter = m->counter,
	};
	keel_schema_write(&schema, &s, w);
	return w->err;
}

/* What follows from the keys is made anew: nothing is stored twice. */
static enum keel_err derive(struct keel_member *m, const struct stored *s)
{
	enum keel_err e = keel_p256_from_private(s->sign.p, &m->sign);
	if (e == KEEL_OK)
		e = keel_p256_from_private(s->agree.p, &m->agree);
	if (e == KEEL_OK)
		e = keel_p256_check(&m->device_sign);
	if (e == KEEL_OK)
		e = keel_p256_agree(&m->agree, &m->device_agree, &m->shared);
	keel_thumbprint(&m->sign.pub, &m->agree.pub, m->thumbprint);
	keel_thumbprint(&m->device_sign, &m->device_agree, m->device);
	return e;
}

enum keel_err keel_member_read(struct keel_bytes in, struct keel_member *out)
{
	struct stored s;
	keel_auto(keel_member_wipe) struct keel_member m = { 0 };
	enum keel_err e = keel_schema_read(&schema, in, &s, NULL);
	if (e != KEEL_OK)
		return e;
	memcpy(m.id, s.id.p, sizeof(m.id));
	memcpy(m.home, s.home.p, sizeof(m.home));
	memcpy(m.device_sign.xy, s.device_sign.p, sizeof(m.device_sign.xy));
	memcpy(m.device_agree.xy, s.device_agree.p, sizeof(m.device_agree.xy));
	m.role = s.role;
	m.counter = s.counter;
	e = derive(&m, &s);
	if (e == KEEL_OK)
		*out = m;
	return e;
}

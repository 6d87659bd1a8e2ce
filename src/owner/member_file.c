/* A member, and a claim under way, as bytes: CBOR by a schema each, for files that only one person reads. */
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
static enum keel_err derive(struct keel_member *m, struct keel_bytes sign, struct keel_bytes agree)
{
	enum keel_err e = keel_p256_from_private(sign.p, &m->sign);
	if (e == KEEL_OK)
		e = keel_p256_from_private(agree.p, &m->agree);
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
	e = derive(&m, s.sign, s.agree);
	if (e == KEEL_OK)
		*out = m;
	return e;
}

struct stored_entry {
	uint32_t has;
	uint64_t version;
	struct keel_bytes id, home, sign, agree, device_sign, device_agree;
	uint64_t purpose;
	struct keel_bytes key, device_nonce, app_nonce, sent;
};

#define BETWEEN(a, b) .kind = KEEL_BYTES, .min = (a), .max = (b)
/* clang-format off */
static const struct keel_row entry_rows[] = {
	{ .label = 1,  .name = "version",      .kind = KEEL_UINT, .min = 1, .max = 1, KEEL_AT(struct stored_entry, version) },
	{ .label = 2,  .name = "device id",    EXACTLY(KEEL_DEVICE_ID_LEN),           KEEL_AT(struct stored_entry, id) },
	{ .label = 3,  .name = "home id",      EXACTLY(KEEL_HOME_ID_LEN),             KEEL_AT(struct stored_entry, home) },
	{ .label = 4,  .name = "sign",         EXACTLY(32),                           KEEL_AT(struct stored_entry, sign) },
	{ .label = 5,  .name = "agree",        EXACTLY(32),                           KEEL_AT(struct stored_entry, agree) },
	{ .label = 6,  .name = "device sign",  EXACTLY(64),                           KEEL_AT(struct stored_entry, device_sign) },
	{ .label = 7,  .name = "device agree", EXACTLY(64),                           KEEL_AT(struct stored_entry, device_agree) },
	{ .label = 8,  .name = "purpose",      .kind = KEEL_UINT, .min = KEEL_FOR_CLAIM, .max = KEEL_FOR_RETURN, KEEL_AT(struct stored_entry, purpose) },
	{ .label = 9,  .name = "key",          BETWEEN(KEEL_SECRET_LEN, 32),          KEEL_AT(struct stored_entry, key) },
	{ .label = 10, .name = "device nonce", EXACTLY(KEEL_NONCE_LEN),               KEEL_AT(struct stored_entry, device_nonce) },
	{ .label = 11, .name = "app nonce",    EXACTLY(KEEL_NONCE_LEN),               KEEL_AT(struct stored_entry, app_nonce) },
	{ .label = 12, .name = "sent",         BETWEEN(1, KEEL_CLAIM_BYTES_MAX),      KEEL_AT(struct stored_entry, sent) },
};
/* clang-format on */
static const struct keel_schema entry_schema =
	KEEL_SCHEMA("entry", KEEL_AS_MAP, entry_rows, struct stored_entry);

enum keel_err keel_entry_write(
	const struct keel_entry *e, struct keel_bytes sent, struct keel_wr *w)
{
	const struct keel_member *m = &e->member;
	const struct stored_entry s = {
		.version = 1,
		.id = KEEL_VIEW(m->id),
		.home = KEEL_VIEW(m->home),
		.sign = KEEL_VIEW(m->sign.d),
		.agree = KEEL_VIEW(m->agree.d),
		.device_sign = KEEL_VIEW(m->device_sign.xy),
		.device_agree = KEEL_VIEW(m->device_agree.xy),
		.purpose = e->purpose,
		.key = { e->key, (size_t)e->key_len },
		.device_nonce = KEEL_VIEW(e->device_nonce),
		.app_nonce = KEEL_VIEW(e->app_nonce),
		.sent = sent,
	};
	keel_schema_write(&entry_schema, &s, w);
	return w->err;
}

/* The key of an invitation is shorter than that of a label. */
static bool key_fits(const struct stored_entry *s)
{
	if (s->purpose == KEEL_FOR_JOIN)
		return s->key.n == KEEL_SECRET_LEN;
	return s->key.n == 32 && (s->purpose == KEEL_FOR_CLAIM || s->purpose == KEEL_FOR_RECOVER ||
					 s->purpose == KEEL_FOR_RETURN);
}

enum keel_err keel_entry_read(struct keel_bytes in, struct keel_entry *out, struct keel_bytes *sent)
{
	struct stored_entry s;
	keel_auto(keel_entry_wipe) struct keel_entry t = { 0 };
	enum keel_err e = keel_schema_read(&entry_schema, in, &s, NULL);
	if (e == KEEL_OK && !key_fits(&s))
		e = KEEL_ERANGE;
	if (e != KEEL_OK)
		return e;
	memcpy(t.member.id, s.id.p, sizeof(t.member.id));
	memcpy(t.member.home, s.home.p, sizeof(t.member.home));
	memcpy(t.member.device_sign.xy, s.device_sign.p, sizeof(t.member.device_sign.xy));
	memcpy(t.member.device_agree.xy, s.device_agree.p, sizeof(t.member.device_agree.xy));
	memcpy(t.key, s.key.p, s.key.n);
	memcpy(t.device_nonce, s.device_nonce.p, sizeof(t.device_nonce));
	memcpy(t.app_nonce, s.app_nonce.p, sizeof(t.app_nonce));
	t.key_len = s.key.n;
	t.purpose = s.purpose;
	e = derive(&t.member, s.sign, s.agree);
	if (e != KEEL_OK)
		return e;
	*out = t;
	*sent = s.sent;
	return KEEL_OK;
}

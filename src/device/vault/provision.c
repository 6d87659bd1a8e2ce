#include "device/vault/provision.h"

#include <string.h>

#include "owner/endorsement.h"

struct unit_record {
	uint32_t has;
	struct keel_bytes id, code, serial, endorsement;
};

/* clang-format off */
static const struct keel_row unit_rows[] = {
	{ .label = 1, .name = "id",          .kind = KEEL_BYTES, .min = KEEL_DEVICE_ID_LEN, .max = KEEL_DEVICE_ID_LEN, KEEL_AT(struct unit_record, id) },
	{ .label = 2, .name = "code",        .kind = KEEL_BYTES, .min = 32, .max = 32, KEEL_AT(struct unit_record, code) },
	{ .label = 3, .name = "serial",      .kind = KEEL_TEXT,  .min = 1, .max = KEEL_NAME_MAX, KEEL_AT(struct unit_record, serial) },
	{ .label = 4, .name = "endorsement", .kind = KEEL_BYTES, .min = 1, .max = KEEL_ENDORSEMENT_BYTES, KEEL_AT(struct unit_record, endorsement) },
};
/* clang-format on */
static const struct keel_schema unit_schema =
	KEEL_SCHEMA("unit", KEEL_AS_MAP, unit_rows, struct unit_record);

#define UNIT_MAX (KEEL_ENDORSEMENT_BYTES + 256)

void keel_unit_wipe(struct keel_unit *u)
{
	keel_wipe(u, sizeof(*u));
}

/* Of this device and its keys; whose signature it bears is for those to check who know the maker. */
static enum keel_err check_endorsement(
	const struct keel_identity *d, const uint8_t *id, struct keel_bytes endorsement)
{
	uint8_t named[KEEL_DEVICE_ID_LEN];
	struct keel_endorsement e;
	enum keel_err err = keel_endorsement_peek(endorsement, named, &e);
	if (err != KEEL_OK)
		return err;
	if (memcmp(named, id, sizeof(named)) != 0 ||
		!keel_bytes_equal(e.sign, KEEL_VIEW(d->sign.xy)) ||
		!keel_bytes_equal(e.agree, KEEL_VIEW(d->agree.xy)))
		return KEEL_EAUTH;
	if (keel_has(&e, KEEL_ENDORSEMENT_ATTEST) &&
		!keel_bytes_equal(e.attest, KEEL_VIEW(d->quoter.pub.xy)))
		return KEEL_EAUTH;
	return KEEL_OK;
}

static enum keel_err put_unit(struct keel_store *s, const struct unit_record *u)
{
	uint8_t buf[UNIT_MAX];
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	struct keel_bytes value;
	keel_schema_write(&unit_schema, u, &w);
	enum keel_err e = keel_wr_end(&w, &value);
	if (e == KEEL_OK)
		e = keel_store_begin(s);
	if (e == KEEL_OK) {
		e = keel_record_put(s, "unit", value);
		if (e == KEEL_OK)
			e = keel_store_commit(s);
		else
			keel_store_rollback(s);
	}
	keel_wipe(buf, sizeof(buf));
	return e;
}

enum keel_err keel_vault_provision(struct keel_store *s, const struct keel_identity *d,
	const uint8_t id[KEEL_DEVICE_ID_LEN], struct keel_bytes serial, const struct keel_key *code,
	struct keel_bytes endorsement)
{
	keel_auto(keel_unit_wipe) struct keel_unit before;
	enum keel_err e = keel_unit_load(s, &before);
	if (e != KEEL_ENONE)
		return e == KEEL_OK ? KEEL_ESTATE : e;
	e = check_endorsement(d, id, endorsement);
	if (e != KEEL_OK)
		return e;
	const struct unit_record u = {
		.id = { id, KEEL_DEVICE_ID_LEN },
		.code = KEEL_VIEW(code->b),
		.serial = serial,
		.endorsement = endorsement,
	};
	return put_unit(s, &u);
}

enum keel_err keel_unit_load(struct keel_store *s, struct keel_unit *out)
{
	uint8_t buf[UNIT_MAX];
	struct keel_bytes value;
	struct unit_record u;
	enum keel_err e = keel_record_get(s, "unit", buf, sizeof(buf), &value);
	if (e == KEEL_OK)
		e = keel_schema_read(&unit_schema, value, &u, NULL);
	if (e == KEEL_OK) {
		memset(out, 0, sizeof(*out));
		memcpy(out->id, u.id.p, sizeof(out->id));
		memcpy(out->code.b, u.code.p, sizeof(out->code.b));
		memcpy(out->serial, u.serial.p, u.serial.n);
		memcpy(out->endorsement, u.endorsement.p, u.endorsement.n);
		out->endorsement_n = u.endorsement.n;
	}
	keel_wipe(buf, sizeof(buf));
	return e;
}

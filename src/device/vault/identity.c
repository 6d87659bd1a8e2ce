#include "device/vault/identity.h"

#include <stdio.h>
#include <string.h>

#include "core/schema.h"
#include "device/vault/keeper/keeper.h"

#define RECORD "identity"

/* What the record holds. `word` says whose the parts are: another keeper cannot use them. */
struct kept {
	uint32_t has;
	struct keel_bytes word;
	struct keel_bytes parts[KEEPER_USES][2]; /* public, secret */
};

/* clang-format off */
static const struct keel_row kept_rows[] = {
	{ .name = "keeper",       .kind = KEEL_TEXT,  .min = 1,  .max = 8,               KEEL_AT(struct kept, word) },
	{ .name = "sign public",  .kind = KEEL_BYTES, .min = 1,  .max = KEEPER_PART_MAX, KEEL_AT(struct kept, parts[0][0]) },
	{ .name = "sign secret",  .kind = KEEL_BYTES, .min = 1,  .max = KEEPER_PART_MAX, KEEL_AT(struct kept, parts[0][1]) },
	{ .name = "agree public", .kind = KEEL_BYTES, .min = 1,  .max = KEEPER_PART_MAX, KEEL_AT(struct kept, parts[1][0]) },
	{ .name = "agree secret", .kind = KEEL_BYTES, .min = 1,  .max = KEEPER_PART_MAX, KEEL_AT(struct kept, parts[1][1]) },
};
/* clang-format on */
static const struct keel_schema kept_schema =
	KEEL_SCHEMA("identity", KEEL_AS_TUPLE, kept_rows, struct kept);

static void parts_wipe(struct keeper_part (*parts)[KEEPER_USES])
{
	keel_wipe(parts, sizeof(*parts));
}

static void record_wipe(uint8_t (*buf)[KEEL_RECORD_MAX])
{
	keel_wipe(buf, sizeof(*buf));
}

static enum keel_err explain(
	const struct keel_keeper *k, enum keel_err e, const char *doing, struct keel_fault *fault)
{
	if (e == KEEL_OK)
		return e;
	if (k->fault.err == e) {
		*fault = k->fault; /* the keeper knows better */
		return e;
	}
	*fault = (struct keel_fault){ .err = e };
	(void)snprintf(fault->what, sizeof(fault->what), "the device's identity is not %s: %s",
		doing,
		e == KEEL_ESTATE ? "it was made by another keeper of keys" : keel_err_text(e));
	(void)snprintf(fault->next, sizeof(fault->next), "%s",
		e == KEEL_ENONE ? "provision the unit: keel provision"
		: e == KEEL_ESTATE
			? "start it with the keeper (tpm or file) that it was provisioned with"
			: "");
	return e;
}

static enum keel_err bring_up(struct keel_keeper *k, const struct keeper_part parts[KEEPER_USES],
	struct keel_identity *out)
{
	struct keel_identity d = {
		.signer = { k->sign, k },
		.agreer = { k->agree, k },
		.self = k,
	};
	enum keel_err e = k->load(k, KEEPER_SIGNS, &parts[KEEPER_SIGNS], &d.sign);
	if (e == KEEL_OK)
		e = k->load(k, KEEPER_AGREES, &parts[KEEPER_AGREES], &d.agree);
	if (e == KEEL_OK && k->attest_key != NULL) {
		d.quoter = (struct keel_quoter){ .quote = k->quote, .self = k };
		e = k->attest_key(k, &d.quoter.pub);
	}
	if (e != KEEL_OK)
		return e;
	keel_thumbprint(&d.sign, &d.agree, d.thumbprint);
	*out = d;
	return KEEL_OK;
}

static enum keel_err parts_keep(
	struct keel_keeper *k, struct keel_store *s, const struct keeper_part parts[KEEPER_USES])
{
	keel_auto(record_wipe) uint8_t buf[KEEL_RECORD_MAX] = { 0 };
	struct kept kept = { .has = (1u << KEEL_COUNT(kept_rows)) - 1, .word = keel_text(k->word) };
	struct keel_bytes record;
	for (size_t i = 0; i < KEEPER_USES; i++) {
		kept.parts[i][0] = (struct keel_bytes){ parts[i].pub, parts[i].pub_n };
		kept.parts[i][1] = (struct keel_bytes){ parts[i].secret, parts[i].secret_n };
	}
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	keel_schema_write(&kept_schema, &kept, &w);
	enum keel_err e = keel_wr_end(&w, &record);
	return e == KEEL_OK ? keel_record_put(s, RECORD, record) : e;
}

enum keel_err keel_identity_make(struct keel_keeper *k, struct keel_store *s,
	struct keel_identity *out, struct keel_fault *fault)
{
	keel_auto(parts_wipe) struct keeper_part parts[KEEPER_USES] = { 0 };
	enum keel_err e = KEEL_OK;
	for (int use = 0; use < KEEPER_USES && e == KEEL_OK; use++)
		e = k->make(k, (enum keeper_use)use, &parts[use]);
	if (e == KEEL_OK)
		e = parts_keep(k, s, parts);
	if (e == KEEL_OK)
		e = bring_up(k, parts, out);
	return explain(k, e, "made", fault);
}

static enum keel_err part_copy(const struct keel_bytes in[2], struct keeper_part *out)
{
	if (in[0].n > sizeof(out->pub) || in[1].n > sizeof(out->secret))
		return KEEL_EFORM;
	out->pub_n = in[0].n;
	(void)memcpy(out->pub, in[0].p, in[0].n);
	out->secret_n = in[1].n;
	(void)memcpy(out->secret, in[1].p, in[1].n);
	return KEEL_OK;
}

static enum keel_err parts_bring(
	struct keel_keeper *k, struct keel_store *s, struct keeper_part parts[KEEPER_USES])
{
	keel_auto(record_wipe) uint8_t buf[KEEL_RECORD_MAX] = { 0 };
	struct keel_bytes record;
	struct kept kept;
	enum keel_err e = keel_record_get(s, RECORD, buf, sizeof(buf), &record);
	if (e == KEEL_OK)
		e = keel_schema_read(&kept_schema, record, &kept, NULL);
	if (e == KEEL_OK && !keel_bytes_is(kept.word, k->word))
		e = KEEL_ESTATE;
	for (size_t i = 0; i < KEEPER_USES && e == KEEL_OK; i++)
		e = part_copy(kept.parts[i], &parts[i]);
	return e;
}

enum keel_err keel_identity_load(struct keel_keeper *k, struct keel_store *s,
	struct keel_identity *out, struct keel_fault *fault)
{
	keel_auto(parts_wipe) struct keeper_part parts[KEEPER_USES] = { 0 };
	enum keel_err e = parts_bring(k, s, parts);
	if (e == KEEL_OK)
		e = bring_up(k, parts, out);
	return explain(k, e, "there", fault);
}

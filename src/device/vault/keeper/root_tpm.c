#include <string.h>

#include "device/vault/keeper/tpm.h"

#define NV_INDEX UINT32_C(0x01814b45) /* in the range that TCG leaves to the owner */
#define NV_LEN   (8 + sizeof(struct keel_key))

static const TPM2B_NV_PUBLIC nv_template = {
	.nvPublic = {
		.nvIndex = NV_INDEX,
		.nameAlg = TPM2_ALG_SHA256,
		.attributes = TPMA_NV_OWNERWRITE | TPMA_NV_OWNERREAD | TPMA_NV_NO_DA,
		.dataSize = NV_LEN,
	},
};

static bool is(TSS2_RC rc, TSS2_RC base) /* whichever handle or parameter it is about */
{
	return (rc & TSS2_RC_LAYER_MASK) == 0 && (rc & (TPM2_RC_FMT1 | 0x3f)) == base;
}

/* KEEL_ENONE: never defined. */
static enum keel_err find(struct keel_tpm *t, ESYS_TR *out)
{
	TSS2_RC rc = Esys_TR_FromTPMPublic(
		t->esys, NV_INDEX, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, out);
	return is(rc, TPM2_RC_HANDLE) ? KEEL_ENONE : keel_tpm_err(t, rc, "find the store's root");
}

static enum keel_err define(struct keel_tpm *t, ESYS_TR *out)
{
	const TPM2B_AUTH none = { 0 };
	TSS2_RC rc = Esys_NV_DefineSpace(t->esys, ESYS_TR_RH_OWNER, ESYS_TR_PASSWORD, ESYS_TR_NONE,
		ESYS_TR_NONE, &none, &nv_template, out);
	return keel_tpm_err(t, rc, "make room for the store's root");
}

static enum keel_err content_read(struct keel_bytes in, struct keel_key *root, uint64_t *generation)
{
	struct keel_rd r = keel_rd_of(in);
	uint64_t g = keel_rd_u64be(&r);
	struct keel_bytes key = keel_rd_take(&r, sizeof(root->b));
	enum keel_err e = keel_rd_end(&r);
	if (e == KEEL_OK)
		e = keel_bytes_copy(key, root->b, sizeof(root->b));
	if (e == KEEL_OK)
		*generation = g;
	return e;
}

static enum keel_err root_read(void *self, struct keel_key *root, uint64_t *generation)
{
	struct keel_tpm *t = self;
	ESYS_TR index = ESYS_TR_NONE;
	ESYS_TR session = ESYS_TR_NONE;
	TPM2B_MAX_NV_BUFFER *data = NULL;
	enum keel_err e = find(t, &index);
	if (e != KEEL_OK)
		return e;
	e = keel_tpm_session(t, TPMA_SESSION_ENCRYPT, &session);
	if (e == KEEL_OK) {
		TSS2_RC rc = Esys_NV_Read(t->esys, ESYS_TR_RH_OWNER, index, session, ESYS_TR_NONE,
			ESYS_TR_NONE, NV_LEN, 0, &data);
		/* defined and never written: the power was cut in between */
		e = rc == TPM2_RC_NV_UNINITIALIZED ? KEEL_ENONE
						   : keel_tpm_err(t, rc, "read the store's root");
	}
	if (e == KEEL_OK) {
		e = content_read((struct keel_bytes){ data->buffer, data->size }, root, generation);
		keel_wipe(data, sizeof(*data));
		Esys_Free(data);
	}
	(void)Esys_TR_Close(t->esys, &index);
	return e;
}

static enum keel_err root_write(void *self, const struct keel_key *root, uint64_t generation)
{
	struct keel_tpm *t = self;
	ESYS_TR index = ESYS_TR_NONE;
	ESYS_TR session = ESYS_TR_NONE;
	TPM2B_MAX_NV_BUFFER data = { .size = NV_LEN };
	struct keel_wr w = keel_wr_of(data.buffer, NV_LEN);
	keel_wr_u64be(&w, generation);
	keel_wr_bytes(&w, KEEL_VIEW(root->b));
	enum keel_err e = find(t, &index);
	if (e == KEEL_ENONE)
		e = define(t, &index);
	if (e == KEEL_OK)
		e = keel_tpm_session(t, TPMA_SESSION_DECRYPT, &session);
	if (e == KEEL_OK)
		e = keel_tpm_err(t,
			Esys_NV_Write(t->esys, ESYS_TR_RH_OWNER, index, session, ESYS_TR_NONE,
				ESYS_TR_NONE, &data, 0),
			"write the store's root");
	keel_wipe(&data, sizeof(data));
	if (index != ESYS_TR_NONE)
		(void)Esys_TR_Close(t->esys, &index);
	return e;
}

struct keel_root keel_tpm_root(struct keel_tpm *t)
{
	return (struct keel_root){
		.read = root_read,
		.write = root_write,
		.destroys = true,
		.self = t,
	};
}

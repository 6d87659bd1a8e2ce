#include "device/vault/keeper/tpm.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tss2/tss2_rc.h>
#include <tss2/tss2_sys.h>

#define HANDLES_MAX 16
/* TPM2_TRANSIENT_FIRST, without the header's shift of a signed 128 by 24 */
#define TRANSIENT_FIRST UINT32_C(0x80000000)

/* The storage primary as TCG's profile has it for P-256: the same seed gives the same key. */
static const TPM2B_PUBLIC primary_template = {
	.publicArea = {
		.type = TPM2_ALG_ECC,
		.nameAlg = TPM2_ALG_SHA256,
		.objectAttributes = TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT |
			TPMA_OBJECT_SENSITIVEDATAORIGIN | TPMA_OBJECT_USERWITHAUTH |
			TPMA_OBJECT_NODA | TPMA_OBJECT_RESTRICTED | TPMA_OBJECT_DECRYPT,
		.parameters.eccDetail = {
			.symmetric = {
				.algorithm = TPM2_ALG_AES,
				.keyBits.aes = 128,
				.mode.aes = TPM2_ALG_CFB,
			},
			.scheme.scheme = TPM2_ALG_NULL,
			.curveID = TPM2_ECC_NIST_P256,
			.kdf.scheme = TPM2_ALG_NULL,
		},
	},
};

enum keel_err keel_tpm_err(struct keel_tpm *t, TSS2_RC rc, const char *doing)
{
	if (rc == TSS2_RC_SUCCESS)
		return KEEL_OK;
	struct keel_fault *f = t->fault;
	*f = (struct keel_fault){ .err = KEEL_EIO };
	if (t->tcti.dead) {
		f->os = EIO;
		(void)snprintf(f->what, sizeof(f->what),
			"the TPM went away while the vault wanted to %s", doing);
		(void)snprintf(f->next, sizeof(f->next),
			"start the vault again with a new connection to the TPM");
		return KEEL_EIO;
	}
	(void)snprintf(f->what, sizeof(f->what), "the TPM did not %s: %.80s (0x%x)", doing,
		Tss2_RC_Decode(rc), (unsigned)rc);
	(void)snprintf(f->next, sizeof(f->next),
		"see that it is a TPM 2.0 with P-256 whose owner hierarchy has no password");
	return KEEL_EIO;
}

void keel_tpm_flush(struct keel_tpm *t, ESYS_TR *handle)
{
	if (*handle != ESYS_TR_NONE)
		(void)Esys_FlushContext(t->esys, *handle);
	*handle = ESYS_TR_NONE;
}

/*
 * What a vault that was killed left loaded would fill a TPM without a resource manager: three keys
 * are all that swtpm holds. Through /dev/tpmrm0 nothing is seen here but our own, that is nothing.
 */
static TSS2_RC flush_former(struct keel_tpm *t, TPM2_HANDLE first)
{
	TSS2_SYS_CONTEXT *sys = NULL;
	TPMS_CAPABILITY_DATA *found = NULL;
	TPMI_YES_NO more;
	TSS2_RC rc = Esys_GetSysContext(t->esys, &sys);
	if (rc == TSS2_RC_SUCCESS)
		rc = Esys_GetCapability(t->esys, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE,
			TPM2_CAP_HANDLES, first, HANDLES_MAX, &more, &found);
	if (rc != TSS2_RC_SUCCESS)
		return rc;
	for (uint32_t i = 0; i < found->data.handles.count; i++)
		(void)Tss2_Sys_FlushContext(sys, found->data.handles.handle[i]);
	Esys_Free(found);
	return rc;
}

TSS2_RC keel_tpm_make_primary(
	struct keel_tpm *t, const TPM2B_PUBLIC *template, ESYS_TR *key, TPM2B_PUBLIC **pub)
{
	const TPM2B_SENSITIVE_CREATE sensitive = { 0 };
	const TPM2B_DATA outside = { 0 };
	const TPML_PCR_SELECTION pcrs = { 0 };
	return Esys_CreatePrimary(t->esys, ESYS_TR_RH_OWNER, ESYS_TR_PASSWORD, ESYS_TR_NONE,
		ESYS_TR_NONE, &sensitive, template, &outside, &pcrs, key, pub, NULL, NULL, NULL);
}

static TSS2_RC make_parent(struct keel_tpm *t)
{
	return keel_tpm_make_primary(t, &primary_template, &t->primary, NULL);
}

enum keel_err keel_tpm_parent(struct keel_tpm *t)
{
	return t->primary != ESYS_TR_NONE ? KEEL_OK
					  : keel_tpm_err(t, make_parent(t), "make its primary key");
}

/* Salted by the primary key: who only listens on the bus cannot follow. */
static TSS2_RC start_session(struct keel_tpm *t)
{
	const TPMT_SYM_DEF cipher = {
		.algorithm = TPM2_ALG_AES,
		.keyBits.aes = 128,
		.mode.aes = TPM2_ALG_CFB,
	};
	return Esys_StartAuthSession(t->esys, t->primary, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE,
		ESYS_TR_NONE, NULL, TPM2_SE_HMAC, &cipher, TPM2_ALG_SHA256, &t->session);
}

enum keel_err keel_tpm_open(struct keel_tpm *t, int fd, struct keel_fault *fault)
{
	*t = (struct keel_tpm){
		.primary = ESYS_TR_NONE,
		.session = ESYS_TR_NONE,
		.fault = fault,
	};
	keel_tcti_init(&t->tcti, fd);
	/* It would write lines of its own into our log. NOLINTNEXTLINE(concurrency-mt-unsafe): one thread */
	(void)setenv("TSS2_LOG", "all+none", 0);
	TSS2_RC rc = Esys_Initialize(&t->esys, (TSS2_TCTI_CONTEXT *)(void *)&t->tcti, NULL);
	if (rc == TSS2_RC_SUCCESS)
		rc = flush_former(t, TRANSIENT_FIRST);
	if (rc == TSS2_RC_SUCCESS)
		rc = flush_former(t, TPM2_LOADED_SESSION_FIRST);
	if (rc == TSS2_RC_SUCCESS)
		rc = make_parent(t);
	if (rc == TSS2_RC_SUCCESS)
		rc = start_session(t);
	enum keel_err e = keel_tpm_err(t, rc, "make its primary key");
	if (e != KEEL_OK)
		keel_tpm_close(t);
	return e;
}

void keel_tpm_close(struct keel_tpm *t)
{
	if (t->esys != NULL) {
		keel_tpm_flush(t, &t->session);
		keel_tpm_flush(t, &t->primary);
		Esys_Finalize(&t->esys); /* leaves the TCTI to its owner */
	}
	Tss2_Tcti_Finalize((TSS2_TCTI_CONTEXT *)(void *)&t->tcti);
}

enum keel_err keel_tpm_number(const TPM2B_ECC_PARAMETER *in, uint8_t out[32])
{
	if (in->size > 32)
		return KEEL_EFORM;
	(void)memset(out, 0, 32);
	(void)memcpy(out + 32 - in->size, in->buffer, in->size);
	return KEEL_OK;
}

enum keel_err keel_tpm_point(const TPMS_ECC_POINT *in, struct keel_p256_pub *out)
{
	struct keel_p256_pub point;
	enum keel_err e = keel_tpm_number(&in->x, point.xy);
	if (e == KEEL_OK)
		e = keel_tpm_number(&in->y, point.xy + 32);
	if (e == KEEL_OK)
		*out = point;
	return e;
}

enum keel_err keel_tpm_signature(const TPMT_SIGNATURE *in, uint8_t out[KEEL_SIGNATURE_LEN])
{
	uint8_t rs[KEEL_SIGNATURE_LEN];
	enum keel_err e = in->sigAlg == TPM2_ALG_ECDSA
				  ? keel_tpm_number(&in->signature.ecdsa.signatureR, rs)
				  : KEEL_EFORM;
	if (e == KEEL_OK)
		e = keel_tpm_number(&in->signature.ecdsa.signatureS, rs + 32);
	if (e == KEEL_OK)
		(void)memcpy(out, rs, sizeof(rs));
	return e;
}

enum keel_err keel_tpm_session(struct keel_tpm *t, TPMA_SESSION way, ESYS_TR *out)
{
	TSS2_RC rc =
		Esys_TRSess_SetAttributes(t->esys, t->session, way | TPMA_SESSION_CONTINUESESSION,
			TPMA_SESSION_DECRYPT | TPMA_SESSION_ENCRYPT | TPMA_SESSION_CONTINUESESSION);
	*out = t->session;
	return keel_tpm_err(t, rc, "go on with a session");
}

#include <string.h>

#include "device/vault/keeper/tpm.h"

/* A primary key, as TCG's profile has an attestation key: nothing of it has to be kept, or can be lost. */
static const TPM2B_PUBLIC attest_template = {
	.publicArea = {
		.type = TPM2_ALG_ECC,
		.nameAlg = TPM2_ALG_SHA256,
		.objectAttributes = TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT |
			TPMA_OBJECT_SENSITIVEDATAORIGIN | TPMA_OBJECT_USERWITHAUTH |
			TPMA_OBJECT_NODA | TPMA_OBJECT_RESTRICTED | TPMA_OBJECT_SIGN_ENCRYPT,
		.parameters.eccDetail = {
			.symmetric.algorithm = TPM2_ALG_NULL,
			.scheme = {
				.scheme = TPM2_ALG_ECDSA,
				.details.ecdsa.hashAlg = TPM2_ALG_SHA256,
			},
			.curveID = TPM2_ECC_NIST_P256,
			.kdf.scheme = TPM2_ALG_NULL,
		},
	},
};

_Static_assert(KEEL_PCR_BANK == TPM2_ALG_SHA256, "the bank's number is the algorithm's");
static const TPML_PCR_SELECTION selection = {
	.count = 1,
	.pcrSelections = { {
		.hash = TPM2_ALG_SHA256,
		.sizeofSelect = 3,
		.pcrSelect = { [KEEL_PCR / 8] = 1U << (KEEL_PCR % 8) },
	} },
};

enum keel_err keel_tpm_attest_key(struct keel_tpm *t, ESYS_TR *key, struct keel_p256_pub *pub)
{
	TPM2B_PUBLIC *made = NULL;
	keel_tpm_flush(t, &t->primary);
	enum keel_err e = keel_tpm_err(t, keel_tpm_make_primary(t, &attest_template, key, &made),
		"make its attestation key");
	if (e != KEEL_OK)
		return e;
	e = keel_tpm_point(&made->publicArea.unique.ecc, pub);
	Esys_Free(made);
	return e;
}

enum keel_err keel_tpm_quote(struct keel_tpm *t, ESYS_TR key, const struct keel_digest *qualifier,
	uint8_t buf[KEEL_ATTEST_MAX], struct keel_bytes *attest,
	uint8_t signature[KEEL_SIGNATURE_LEN])
{
	const TPMT_SIG_SCHEME scheme = { .scheme = TPM2_ALG_NULL }; /* the key's own */
	TPM2B_DATA data = { .size = sizeof(qualifier->b) };
	TPM2B_ATTEST *said = NULL;
	TPMT_SIGNATURE *by = NULL;
	(void)memcpy(data.buffer, qualifier->b, sizeof(qualifier->b));
	enum keel_err e = keel_tpm_err(t,
		Esys_Quote(t->esys, key, ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE, &data,
			&scheme, &selection, &said, &by),
		"quote what was measured");
	if (e != KEEL_OK)
		return e;
	e = said->size <= KEEL_ATTEST_MAX ? keel_tpm_signature(by, signature) : KEEL_EFORM;
	if (e == KEEL_OK) {
		(void)memcpy(buf, said->attestationData, said->size);
		*attest = (struct keel_bytes){ buf, said->size };
	}
	Esys_Free(said);
	Esys_Free(by);
	return e;
}

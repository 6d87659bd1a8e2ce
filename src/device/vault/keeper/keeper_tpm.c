#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tss2/tss2_mu.h>

#include "device/vault/keeper/tpm.h"

struct tpm_keeper {
	struct keel_keeper base; /* first: the one is the other */
	struct keel_tpm tpm;
	ESYS_TR keys[KEEPER_USES];
	ESYS_TR attests;
};

static struct tpm_keeper *of(struct keel_keeper *k)
{
	return (struct tpm_keeper *)(void *)k;
}

/* Some TPMs hold three keys: parent and attestation key make way for each other. */
static enum keel_err parent_ready(struct keel_keeper *k)
{
	keel_tpm_flush(&of(k)->tpm, &of(k)->attests);
	return keel_tpm_parent(&of(k)->tpm);
}

/* Born in the TPM, never outside it, and for one use. EN 303 645 5.4-1, 5.4-2. */
static TPM2B_PUBLIC template_of(enum keeper_use use)
{
	const TPMA_OBJECT does =
		use == KEEPER_SIGNS ? TPMA_OBJECT_SIGN_ENCRYPT : TPMA_OBJECT_DECRYPT;
	TPM2B_PUBLIC t = {
		.publicArea = {
			.type = TPM2_ALG_ECC,
			.nameAlg = TPM2_ALG_SHA256,
			.objectAttributes = TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT |
				TPMA_OBJECT_SENSITIVEDATAORIGIN | TPMA_OBJECT_USERWITHAUTH |
				TPMA_OBJECT_NODA | does,
			.parameters.eccDetail = {
				.symmetric.algorithm = TPM2_ALG_NULL,
				.curveID = TPM2_ECC_NIST_P256,
				.kdf.scheme = TPM2_ALG_NULL,
			},
		},
	};
	TPMT_ECC_SCHEME *scheme = &t.publicArea.parameters.eccDetail.scheme;
	scheme->scheme = use == KEEPER_SIGNS ? TPM2_ALG_ECDSA : TPM2_ALG_ECDH;
	scheme->details.anySig.hashAlg = TPM2_ALG_SHA256;
	return t;
}

static enum keel_err part_write(struct keel_tpm *t, const TPM2B_PUBLIC *pub,
	const TPM2B_PRIVATE *secret, struct keeper_part *out)
{
	size_t pub_n = 0;
	size_t secret_n = 0;
	TSS2_RC rc = Tss2_MU_TPM2B_PUBLIC_Marshal(pub, out->pub, sizeof(out->pub), &pub_n);
	if (rc == TSS2_RC_SUCCESS)
		rc = Tss2_MU_TPM2B_PRIVATE_Marshal(
			secret, out->secret, sizeof(out->secret), &secret_n);
	out->pub_n = pub_n;
	out->secret_n = secret_n;
	return keel_tpm_err(t, rc, "give a key in a form to keep");
}

static enum keel_err tpm_make(struct keel_keeper *k, enum keeper_use use, struct keeper_part *out)
{
	struct keel_tpm *t = &of(k)->tpm;
	const TPM2B_SENSITIVE_CREATE sensitive = { 0 };
	const TPM2B_DATA outside = { 0 };
	const TPML_PCR_SELECTION pcrs = { 0 };
	const TPM2B_PUBLIC template = template_of(use);
	TPM2B_PRIVATE *secret = NULL;
	TPM2B_PUBLIC *pub = NULL;
	enum keel_err e = parent_ready(k);
	if (e != KEEL_OK)
		return e;
	TSS2_RC rc = Esys_Create(t->esys, t->primary, ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE,
		&sensitive, &template, &outside, &pcrs, &secret, &pub, NULL, NULL, NULL);
	e = keel_tpm_err(t, rc, "make a key");
	if (e != KEEL_OK)
		return e;
	e = part_write(t, pub, secret, out);
	Esys_Free(secret);
	Esys_Free(pub);
	return e;
}

/* What a record says is a key must be what `make` makes. */
static enum keel_err part_read(struct keel_keeper *k, enum keeper_use use,
	const struct keeper_part *part, TPM2B_PUBLIC *pub, TPM2B_PRIVATE *secret)
{
	const TPM2B_PUBLIC want = template_of(use);
	size_t pub_n = 0;
	size_t secret_n = 0;
	TSS2_RC rc = Tss2_MU_TPM2B_PUBLIC_Unmarshal(part->pub, part->pub_n, &pub_n, pub);
	if (rc == TSS2_RC_SUCCESS)
		rc = Tss2_MU_TPM2B_PRIVATE_Unmarshal(
			part->secret, part->secret_n, &secret_n, secret);
	(void)k;
	if (rc != TSS2_RC_SUCCESS || pub_n != part->pub_n || secret_n != part->secret_n)
		return KEEL_EFORM;
	return pub->publicArea.type == want.publicArea.type &&
			       pub->publicArea.objectAttributes == want.publicArea.objectAttributes
		       ? KEEL_OK
		       : KEEL_EFORM;
}

static enum keel_err tpm_load(struct keel_keeper *k, enum keeper_use use,
	const struct keeper_part *part, struct keel_p256_pub *out)
{
	struct keel_tpm *t = &of(k)->tpm;
	TPM2B_PUBLIC pub = { 0 };
	TPM2B_PRIVATE secret = { 0 };
	struct keel_p256_pub point;
	enum keel_err e = part_read(k, use, part, &pub, &secret);
	if (e == KEEL_OK)
		e = keel_tpm_point(&pub.publicArea.unique.ecc, &point);
	if (e == KEEL_OK)
		e = parent_ready(k);
	if (e != KEEL_OK)
		return e;
	keel_tpm_flush(t, &of(k)->keys[use]);
	e = keel_tpm_err(t,
		Esys_Load(t->esys, t->primary, ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE,
			&secret, &pub, &of(k)->keys[use]),
		"load a key");
	if (e == KEEL_OK)
		*out = point;
	return e;
}

static enum keel_err tpm_sign(
	void *self, const struct keel_digest *digest, uint8_t signature[KEEL_SIGNATURE_LEN])
{
	struct tpm_keeper *k = self;
	struct keel_tpm *t = &k->tpm;
	const TPMT_SIG_SCHEME scheme = { .scheme = TPM2_ALG_NULL }; /* the key's own */
	const TPMT_TK_HASHCHECK ticket = { .tag = TPM2_ST_HASHCHECK, .hierarchy = TPM2_RH_NULL };
	TPM2B_DIGEST in = { .size = sizeof(digest->b) };
	TPMT_SIGNATURE *got = NULL;
	(void)memcpy(in.buffer, digest->b, sizeof(digest->b));
	TSS2_RC rc = Esys_Sign(t->esys, k->keys[KEEPER_SIGNS], ESYS_TR_PASSWORD, ESYS_TR_NONE,
		ESYS_TR_NONE, &in, &scheme, &ticket, &got);
	enum keel_err e = keel_tpm_err(t, rc, "sign");
	if (e != KEEL_OK)
		return e;
	e = keel_tpm_signature(got, signature);
	Esys_Free(got);
	return e;
}

static enum keel_err tpm_agree(void *self, const struct keel_p256_pub *peer, struct keel_key *out)
{
	struct tpm_keeper *k = self;
	struct keel_tpm *t = &k->tpm;
	TPM2B_ECC_POINT in = { .point = { .x.size = 32, .y.size = 32 } };
	TPM2B_ECC_POINT *got = NULL;
	ESYS_TR session = ESYS_TR_NONE;
	enum keel_err e = keel_p256_check(peer);
	if (e != KEEL_OK)
		return e;
	(void)memcpy(in.point.x.buffer, peer->xy, 32);
	(void)memcpy(in.point.y.buffer, peer->xy + 32, 32);
	e = keel_tpm_session(t, TPMA_SESSION_ENCRYPT, &session);
	if (e == KEEL_OK)
		e = keel_tpm_err(t,
			Esys_ECDH_ZGen(t->esys, k->keys[KEEPER_AGREES], session, ESYS_TR_NONE,
				ESYS_TR_NONE, &in, &got),
			"agree on a secret");
	if (e != KEEL_OK)
		return e;
	e = keel_tpm_number(&got->point.x, out->b);
	keel_wipe(got, sizeof(*got));
	Esys_Free(got);
	return e;
}

static enum keel_err tpm_attest_key(struct keel_keeper *k, struct keel_p256_pub *pub)
{
	keel_tpm_flush(&of(k)->tpm, &of(k)->attests);
	return keel_tpm_attest_key(&of(k)->tpm, &of(k)->attests, pub);
}

static enum keel_err tpm_quote(void *self, const struct keel_digest *qualifier,
	uint8_t buf[KEEL_ATTEST_MAX], struct keel_bytes *attest,
	uint8_t signature[KEEL_SIGNATURE_LEN])
{
	struct tpm_keeper *k = self;
	return keel_tpm_quote(&k->tpm, k->attests, qualifier, buf, attest, signature);
}

static void tpm_close(struct keel_keeper *k)
{
	struct tpm_keeper *p = of(k);
	for (size_t i = 0; i < KEEPER_USES; i++)
		keel_tpm_flush(&p->tpm, &p->keys[i]);
	keel_tpm_flush(&p->tpm, &p->attests);
	keel_tpm_close(&p->tpm);
	keel_wipe(p, sizeof(*p));
	free(p);
}

enum keel_err keel_keeper_tpm(int fd, struct keel_keeper **out, struct keel_fault *fault)
{
	struct tpm_keeper *k = calloc(1, sizeof(*k));
	KEEL_MUST(k != NULL);
	k->base = (struct keel_keeper){
		.word = "tpm",
		.root = keel_tpm_root(&k->tpm),
		.make = tpm_make,
		.load = tpm_load,
		.sign = tpm_sign,
		.agree = tpm_agree,
		.attest_key = tpm_attest_key,
		.quote = tpm_quote,
		.close = tpm_close,
	};
	for (size_t i = 0; i < KEEPER_USES; i++)
		k->keys[i] = ESYS_TR_NONE;
	k->attests = ESYS_TR_NONE;
	enum keel_err e = keel_tpm_open(&k->tpm, fd, &k->base.fault);
	if (e != KEEL_OK) {
		*fault = k->base.fault;
		free(k);
		return e;
	}
	*out = &k->base;
	return KEEL_OK;
}

#include <string.h>

#include "core/break.h"
#include "crypto/purpose.h"
#include "device/vault/store/db.h"

#define AAD_MAX (2 + 3 * 8 + 2 * (1 + KEEL_STORE_NAME_MAX))

static void name_write(struct keel_wr *w, const char *name)
{
	struct keel_bytes text = name != NULL ? keel_text(name) : (struct keel_bytes){ 0 };
	if (text.n > KEEL_STORE_NAME_MAX)
		keel_wr_fail(w, KEEL_EAUTH); /* came from the disk: no place of ours */
	keel_wr_u8(w, (uint8_t)text.n);
	keel_wr_bytes(w, text);
}

/* Fixed widths and lengths before names: no two places have the same bytes. */
static enum keel_err place_write(
	const struct store_place *at, uint8_t buf[AAD_MAX], struct keel_bytes *aad)
{
	struct keel_wr w = keel_wr_of(buf, AAD_MAX);
	keel_wr_u8(&w, KEEL_FOR_STORE);
	keel_wr_u8(&w, (uint8_t)at->kind);
	keel_wr_u64be(&w, at->generation);
	keel_wr_u64be(&w, (uint64_t)at->key);
	keel_wr_u64be(&w, (uint64_t)at->row);
	name_write(&w, at->name);
	name_write(&w, at->datum);
	return keel_wr_end(&w, aad);
}

enum keel_err store_seal(const struct keel_key *key, const struct store_place *at,
	struct keel_bytes plain, uint8_t *out, struct keel_bytes *sealed)
{
	uint8_t buf[AAD_MAX];
	struct keel_bytes aad;
	enum keel_err e = place_write(at, buf, &aad);
	if (e != KEEL_OK)
		return e;
	keel_random(out, KEEL_GCM_NONCE_LEN);
	e = keel_aead_seal(KEEL_AES_GCM_256, KEEL_VIEW(key->b),
		(struct keel_bytes){ out, KEEL_GCM_NONCE_LEN }, aad, plain,
		out + KEEL_GCM_NONCE_LEN);
	if (e == KEEL_OK && keel_broken("store-in-clear") && plain.n > 0)
		(void)memcpy(out + KEEL_GCM_NONCE_LEN, plain.p, plain.n);
	if (e == KEEL_OK)
		*sealed = (struct keel_bytes){ out, plain.n + STORE_SEAL_OVERHEAD };
	return e;
}

enum keel_err store_unseal(const struct keel_key *key, const struct store_place *at,
	struct keel_bytes sealed, uint8_t *out, size_t cap, struct keel_bytes *plain)
{
	uint8_t buf[AAD_MAX];
	struct keel_bytes aad;
	if (sealed.n < STORE_SEAL_OVERHEAD)
		return KEEL_EAUTH;
	size_t n = sealed.n - STORE_SEAL_OVERHEAD;
	if (n > cap)
		return KEEL_EFULL;
	enum keel_err e = place_write(at, buf, &aad);
	if (e != KEEL_OK)
		return e;
	if (keel_broken("store-in-clear")) {
		(void)memcpy(out, sealed.p + KEEL_GCM_NONCE_LEN, n);
		*plain = (struct keel_bytes){ out, n };
		return KEEL_OK;
	}
	struct keel_bytes nonce = { sealed.p, KEEL_GCM_NONCE_LEN };
	struct keel_bytes body = { sealed.p + KEEL_GCM_NONCE_LEN, sealed.n - KEEL_GCM_NONCE_LEN };
	e = keel_aead_open(KEEL_AES_GCM_256, KEEL_VIEW(key->b), nonce, aad, body, out);
	if (e == KEEL_OK)
		*plain = (struct keel_bytes){ out, n };
	return e;
}

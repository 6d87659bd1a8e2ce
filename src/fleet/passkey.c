#include "fleet/passkey.h"

#include <fido.h>
#include <fido/es256.h>
#include <string.h>

#include "core/base64url.h"
#include "core/cbor.h"
#include "core/cbor_head.h"

#define SAID_LEN 16 /* of a challenge: time and random */
#define MAC_LEN  16
#define SKEW_S   5 /* by which another worker's clock may be ahead */

#define CLIENT_DATA_MAX   1024
#define AUTHENTICATOR_MAX 2048
#define SIGNATURE_MAX     80 /* ES256 in DER: 72 */

/* Authenticator data's flags, WebAuthn §6.1. */
#define USER_PRESENT   0x01
#define USER_VERIFIED  0x04
#define HAS_KEY        0x40
#define HAS_EXTENSIONS 0x80
#define AAGUID_LEN     16

/* --- challenges --- */

static void mac_of(const struct keel_key *key, const uint8_t *said, struct keel_digest *out)
{
	const struct keel_bytes parts[] = { keel_text("keel console challenge"),
		{ said, SAID_LEN } };
	keel_hmac(KEEL_VIEW(key->b), parts, KEEL_COUNT(parts), out);
}

void keel_passkey_challenge_make(
	const struct keel_key *key, int64_t now_s, uint8_t challenge[KEEL_PASSKEY_CHALLENGE_LEN])
{
	struct keel_digest mac;
	struct keel_wr w = keel_wr_of(challenge, KEEL_PASSKEY_CHALLENGE_LEN);
	keel_wr_u64be(&w, (uint64_t)now_s);
	keel_random(challenge + w.n, SAID_LEN - w.n);
	mac_of(key, challenge, &mac);
	memcpy(challenge + SAID_LEN, mac.b, MAC_LEN);
}

enum keel_err keel_passkey_challenge_check(const struct keel_key *key,
	const uint8_t challenge[KEEL_PASSKEY_CHALLENGE_LEN], int64_t now_s)
{
	struct keel_digest mac;
	mac_of(key, challenge, &mac);
	if (!keel_ct_equal((struct keel_bytes){ mac.b, MAC_LEN },
		    (struct keel_bytes){ challenge + SAID_LEN, MAC_LEN }))
		return KEEL_EAUTH;
	struct keel_rd r = keel_rd_of((struct keel_bytes){ challenge, KEEL_PASSKEY_CHALLENGE_LEN });
	int64_t made = (int64_t)keel_rd_u64be(&r); /* ours, so no number that overflows below */
	return made + KEEL_PASSKEY_CHALLENGE_S < now_s || made > now_s + SKEW_S ? KEEL_ESTALE
										: KEEL_OK;
}

/* --- clientDataJSON --- */

static void expect(struct keel_rd *r, const char *text)
{
	struct keel_bytes t = keel_text(text);
	if (!keel_bytes_equal(keel_rd_take(r, t.n), t))
		keel_rd_fail(r, KEEL_EFORM);
}

/* A string that we made ourselves, so it needs no escape: up to its quote. */
static struct keel_bytes plain_string(struct keel_rd *r)
{
	expect(r, "\"");
	return keel_rd_until(r, '"');
}

static enum keel_err read_challenge(
	struct keel_bytes text, uint8_t challenge[KEEL_PASSKEY_CHALLENGE_LEN])
{
	uint8_t buf[KEEL_PASSKEY_CHALLENGE_LEN];
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	struct keel_bytes got;
	keel_base64url_read(text, &w);
	if (keel_wr_end(&w, &got) != KEEL_OK || got.n != sizeof(buf))
		return KEEL_EFORM;
	memcpy(challenge, buf, sizeof(buf));
	return KEEL_OK;
}

enum keel_err keel_client_data_read(struct keel_bytes json, enum keel_passkey_act act,
	const char *origin, uint8_t challenge[KEEL_PASSKEY_CHALLENGE_LEN])
{
	static const char *const types[] = {
		[KEEL_PASSKEY_CREATE] = "webauthn.create", [KEEL_PASSKEY_GET] = "webauthn.get"
	};
	struct keel_rd r = keel_rd_of(json);
	expect(&r, "{\"type\":");
	struct keel_bytes type = plain_string(&r);
	expect(&r, ",\"challenge\":");
	struct keel_bytes said = plain_string(&r);
	expect(&r, ",\"origin\":");
	struct keel_bytes from = plain_string(&r);
	expect(&r, ",\"crossOrigin\":");
	struct keel_bytes rest = keel_rd_rest(&r); /* false}, or false,…} in later browsers */
	if (keel_rd_end(&r) != KEEL_OK || json.n > CLIENT_DATA_MAX ||
		keel_utf8_check(json, true) != KEEL_OK)
		return KEEL_EFORM;
	if (!keel_bytes_is(type, types[act]) || !keel_bytes_is(from, origin))
		return KEEL_EAUTH;
	if (rest.n < 6 || memcmp(rest.p, "false", 5) != 0)
		return KEEL_EAUTH;
	if (rest.p[rest.n - 1] != '}' || (rest.n > 6 && rest.p[5] != ','))
		return KEEL_EFORM;
	return read_challenge(said, challenge);
}

/* --- authenticator data --- */

void keel_passkey_warm(void)
{
	fido_init(0);
}

/* An item of CBOR with at least one byte. */
static void pass_item(struct keel_rd *r)
{
	if (keel_cbor_take(r).n == 0)
		keel_rd_fail(r, KEEL_EFORM);
}

/*
 * Its head: whom it is for, and that a person was there and showed who they are. What follows is
 * walked by our own reader before the library sees it: libcbor 0.8 believes a list's length, and so a
 * few bytes of anybody's would ask it for gigabytes (fuzz/corpus/passkey/long_list).
 */
static enum keel_err check(const char *rp, struct keel_bytes authenticator, uint32_t *count)
{
	struct keel_digest want;
	struct keel_rd r = keel_rd_of(authenticator);
	const struct keel_bytes id = keel_text(rp);
	struct keel_bytes hash = keel_rd_take(&r, KEEL_SHA256_LEN);
	uint8_t flags = keel_rd_u8(&r);
	uint32_t signs = keel_rd_u32be(&r);
	if ((flags & HAS_KEY) != 0) {
		(void)keel_rd_take(&r, AAGUID_LEN);
		(void)keel_rd_take(&r, keel_rd_u16be(&r));
		pass_item(&r);
	}
	if ((flags & HAS_EXTENSIONS) != 0)
		pass_item(&r);
	if (keel_rd_end(&r) != KEEL_OK || authenticator.n > AUTHENTICATOR_MAX)
		return KEEL_EFORM;
	keel_sha256(&id, 1, &want);
	if (!keel_bytes_equal(hash, KEEL_VIEW(want.b)) ||
		(flags & (USER_PRESENT | USER_VERIFIED)) != (USER_PRESENT | USER_VERIFIED))
		return KEEL_EAUTH;
	*count = signs;
	return KEEL_OK;
}

static enum keel_err take_key(
	fido_cred_t *c, struct keel_bytes authenticator, struct keel_passkey *k)
{
	if (fido_cred_set_type(c, COSE_ES256) != FIDO_OK ||
		fido_cred_set_authdata_raw(c, authenticator.p, authenticator.n) != FIDO_OK)
		return KEEL_EFORM;
	const struct keel_bytes id = { fido_cred_id_ptr(c), fido_cred_id_len(c) };
	const struct keel_bytes key = { fido_cred_pubkey_ptr(c), fido_cred_pubkey_len(c) };
	if (id.n == 0 || id.n > sizeof(k->id) ||
		keel_bytes_copy(key, k->key.xy, sizeof(k->key.xy)) != KEEL_OK)
		return KEEL_EFORM;
	memcpy(k->id, id.p, id.n);
	k->id_n = id.n;
	return keel_p256_check(&k->key) == KEEL_OK ? KEEL_OK : KEEL_EFORM;
}

enum keel_err keel_passkey_read(
	const char *rp, const struct keel_passkey_said *said, struct keel_passkey *out)
{
	struct keel_passkey k = { 0 };
	enum keel_err e = check(rp, said->authenticator, &k.count);
	if (e != KEEL_OK)
		return e;
	fido_cred_t *c = fido_cred_new();
	KEEL_MUST(c != NULL);
	e = take_key(c, said->authenticator, &k);
	fido_cred_free(&c);
	if (e == KEEL_OK)
		*out = k;
	return e;
}

static enum keel_err verify(fido_assert_t *a, const char *rp, const es256_pk_t *key,
	const struct keel_passkey_said *said)
{
	if (fido_assert_set_rp(a, rp) != FIDO_OK || fido_assert_set_count(a, 1) != FIDO_OK ||
		fido_assert_set_up(a, FIDO_OPT_TRUE) != FIDO_OK ||
		fido_assert_set_uv(a, FIDO_OPT_TRUE) != FIDO_OK ||
		fido_assert_set_clientdata(a, said->client_data.p, said->client_data.n) !=
			FIDO_OK ||
		fido_assert_set_authdata_raw(a, 0, said->authenticator.p, said->authenticator.n) !=
			FIDO_OK ||
		fido_assert_set_sig(a, 0, said->signature.p, said->signature.n) != FIDO_OK)
		return KEEL_EFORM;
	return fido_assert_verify(a, 0, COSE_ES256, key) == FIDO_OK ? KEEL_OK : KEEL_EAUTH;
}

enum keel_err keel_passkey_verify(const char *rp, const struct keel_passkey *passkey,
	const struct keel_passkey_said *said, uint32_t *count)
{
	uint32_t signs = 0;
	enum keel_err e = check(rp, said->authenticator, &signs);
	if (e == KEEL_OK && (said->signature.n == 0 || said->signature.n > SIGNATURE_MAX ||
				    said->client_data.n > CLIENT_DATA_MAX))
		e = KEEL_EFORM;
	if (e != KEEL_OK)
		return e;
	fido_assert_t *a = fido_assert_new();
	es256_pk_t *key = es256_pk_new();
	KEEL_MUST(a != NULL && key != NULL);
	e = es256_pk_from_ptr(key, passkey->key.xy, sizeof(passkey->key.xy)) == FIDO_OK
		    ? verify(a, rp, key, said)
		    : KEEL_EAUTH;
	es256_pk_free(&key);
	fido_assert_free(&a);
	if (e == KEEL_OK)
		*count = signs;
	return e;
}

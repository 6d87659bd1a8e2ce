#include "authenticator.h"

#include <stdio.h>
#include <string.h>

#include "core/base64url.h"
#include "core/cbor.h"

struct authenticator authenticator_make(const char *rp)
{
	struct authenticator a = { .rp = rp, .flags = 0x05, .count = 1 };
	keel_p256_generate(&a.key);
	return a;
}

void authenticator_client(struct authenticator *a, const char *type, const char *origin,
	const uint8_t challenge[KEEL_PASSKEY_CHALLENGE_LEN])
{
	char text[64];
	struct keel_bytes out;
	struct keel_wr w = keel_wr_of(text, sizeof(text));
	keel_base64url_write((struct keel_bytes){ challenge, KEEL_PASSKEY_CHALLENGE_LEN }, &w);
	KEEL_MUST(keel_wr_end(&w, &out) == KEEL_OK);
	(void)snprintf(a->client, sizeof(a->client),
		"{\"type\":\"%s\",\"challenge\":\"%.*s\",\"origin\":\"%s\",\"crossOrigin\":false}",
		type, (int)out.n, text, origin);
}

/* COSE_Key of ES256, RFC 9053 §7.1. */
static void write_key(struct keel_wr *w, const struct keel_p256_pub *pub)
{
	keel_cbor_map(w, 5);
	keel_cbor_int(w, 1);
	keel_cbor_int(w, 2);
	keel_cbor_int(w, 3);
	keel_cbor_int(w, -7);
	keel_cbor_int(w, -1);
	keel_cbor_int(w, 1);
	keel_cbor_int(w, -2);
	keel_cbor_bytes(w, (struct keel_bytes){ pub->xy, 32 });
	keel_cbor_int(w, -3);
	keel_cbor_bytes(w, (struct keel_bytes){ pub->xy + 32, 32 });
}

void authenticator_data(struct authenticator *a, bool with_key)
{
	static const uint8_t aaguid[16];
	const struct keel_bytes rp = keel_text(a->rp);
	struct keel_digest hash;
	struct keel_bytes out;
	struct keel_wr w = keel_wr_of(a->data, sizeof(a->data));
	keel_sha256(&rp, 1, &hash);
	keel_wr_bytes(&w, KEEL_VIEW(hash.b));
	keel_wr_u8(&w, (uint8_t)(a->flags | (with_key ? 0x40 : 0)));
	keel_wr_u32be(&w, a->count);
	if (with_key) {
		keel_wr_bytes(&w, KEEL_VIEW(aaguid));
		keel_wr_u16be(&w, sizeof(AUTHENTICATOR_ID) - 1);
		keel_wr_text(&w, AUTHENTICATOR_ID);
		write_key(&w, &a->key.pub);
	}
	KEEL_MUST(keel_wr_end(&w, &out) == KEEL_OK);
	a->data_n = out.n;
}

/* An INTEGER of DER: no zeros before it, but one where it would be negative. */
static void write_integer(struct keel_wr *w, const uint8_t *p, size_t n)
{
	while (n > 1 && p[0] == 0) {
		p++;
		n--;
	}
	keel_wr_u8(w, 0x02);
	keel_wr_u8(w, (uint8_t)(n + (p[0] >> 7)));
	if (p[0] >> 7)
		keel_wr_u8(w, 0);
	keel_wr_bytes(w, (struct keel_bytes){ p, n });
}

void authenticator_sign(struct authenticator *a)
{
	const struct keel_bytes client = keel_text(a->client);
	struct keel_digest hash;
	uint8_t raw[KEEL_SIGNATURE_LEN];
	uint8_t body[80];
	struct keel_bytes out;
	keel_sha256(&client, 1, &hash);
	const struct keel_bytes parts[] = { { a->data, a->data_n }, KEEL_VIEW(hash.b) };
	keel_sha256(parts, 2, &hash);
	keel_p256_sign(&a->key, &hash, raw);
	struct keel_wr w = keel_wr_of(body, sizeof(body));
	write_integer(&w, raw, 32);
	write_integer(&w, raw + 32, 32);
	KEEL_MUST(keel_wr_end(&w, &out) == KEEL_OK);
	w = keel_wr_of(a->signature, sizeof(a->signature));
	keel_wr_u8(&w, 0x30);
	keel_wr_u8(&w, (uint8_t)out.n);
	keel_wr_bytes(&w, out);
	KEEL_MUST(keel_wr_end(&w, &out) == KEEL_OK);
	a->signature_n = out.n;
}

struct keel_passkey_said authenticator_said(const struct authenticator *a)
{
	return (struct keel_passkey_said){ .client_data = keel_text(a->client),
		.authenticator = { a->data, a->data_n },
		.signature = { a->signature, a->signature_n } };
}

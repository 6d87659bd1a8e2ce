/*
 * P-256 as Keel offers it (a key is 32 bytes and a point, nothing is kept between calls) beside the
 * bare operation of OpenSSL on a key made ready beforehand; and a message sealed and opened, which
 * needs none of them. Run in turns; each one's best counts.
 */
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "crypto/cose.h"

#define TURNS 15

static struct {
	struct keel_p256_key a, b;
	struct keel_p256_opened opened, verifier;
	struct keel_digest digest;
	struct keel_key shared;
	uint8_t signature[KEEL_SIGNATURE_LEN];
	EVP_PKEY *key, *peer;
	EVP_PKEY_CTX *sign, *verify, *derive;
	uint8_t der[80];
	size_t der_n;
	uint8_t plain[300], sealed[300 + KEEL_COSE_OVERHEAD];
} b;

static void setup(void)
{
	keel_crypto_warm();
	keel_p256_generate(&b.a);
	keel_p256_generate(&b.b);
	keel_p256_open(&b.a, &b.opened);
	KEEL_MUST(keel_p256_open_pub(&b.a.pub, &b.verifier) == KEEL_OK);
	keel_p256_sign(&b.a, &b.digest, b.signature);
	KEEL_MUST(keel_p256_agree(&b.a, &b.b.pub, &b.shared) == KEEL_OK);
	b.key = EVP_EC_gen("P-256");
	b.peer = EVP_EC_gen("P-256");
	b.sign = EVP_PKEY_CTX_new(b.key, NULL);
	b.verify = EVP_PKEY_CTX_new(b.key, NULL);
	b.derive = EVP_PKEY_CTX_new(b.key, NULL);
	KEEL_MUST(EVP_PKEY_sign_init(b.sign) == 1 && EVP_PKEY_verify_init(b.verify) == 1);
	KEEL_MUST(EVP_PKEY_derive_init(b.derive) == 1);
	KEEL_MUST(EVP_PKEY_derive_set_peer(b.derive, b.peer) == 1);
}

static void bare_sign(void)
{
	b.der_n = sizeof(b.der);
	KEEL_MUST(EVP_PKEY_sign(b.sign, b.der, &b.der_n, b.digest.b, sizeof(b.digest.b)) == 1);
}

static void bare_verify(void)
{
	KEEL_MUST(EVP_PKEY_verify(b.verify, b.der, b.der_n, b.digest.b, sizeof(b.digest.b)) == 1);
}

static void bare_agree(void)
{
	uint8_t out[32];
	size_t n = sizeof(out);
	KEEL_MUST(EVP_PKEY_derive(b.derive, out, &n) == 1);
}

static void sign_opened(void)
{
	keel_p256_opened_sign(&b.opened, &b.digest, b.signature);
}

static void sign_once(void)
{
	keel_p256_sign(&b.a, &b.digest, b.signature);
}

static void verify(void)
{
	KEEL_MUST(keel_p256_verify(&b.a.pub, &b.digest, KEEL_VIEW(b.signature)) == KEEL_OK);
}

static void verify_opened(void)
{
	KEEL_MUST(
		keel_p256_opened_verify(&b.verifier, &b.digest, KEEL_VIEW(b.signature)) == KEEL_OK);
}

static void agree(void)
{
	struct keel_key out;
	KEEL_MUST(keel_p256_agree(&b.a, &b.b.pub, &out) == KEEL_OK);
}

static void seal_and_open(void)
{
	static uint8_t out[sizeof(b.sealed)];
	const struct keel_bytes kid = { b.a.pub.xy, 32 };
	struct keel_wr w = keel_wr_of(b.sealed, sizeof(b.sealed));
	struct keel_bytes all, plain;
	KEEL_MUST(keel_cose_seal_static(&b.shared, kid, kid, KEEL_VIEW(b.plain), &w) == KEEL_OK);
	KEEL_MUST(keel_wr_end(&w, &all) == KEEL_OK);
	KEEL_MUST(keel_cose_open_static(&b.shared, all, out, &plain) == KEEL_OK);
}

static double now_us(void)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static double once_us(void (*run)(void))
{
	const unsigned rounds = 200;
	double start = now_us();
	for (unsigned i = 0; i < rounds; i++)
		run();
	return (now_us() - start) / rounds;
}

static const struct row {
	const char *name;
	void (*ours)(void), (*bare)(void);
} rows[] = {
	{ "ECDSA sign, key kept open", sign_opened, bare_sign },
	{ "ECDSA sign, key from its bytes", sign_once, bare_sign },
	{ "ECDSA verify, key kept open", verify_opened, bare_verify },
	{ "ECDSA verify, key from its bytes", verify, bare_verify },
	{ "ECDH, both keys from their bytes", agree, bare_agree },
	{ "seal and open 300 bytes (beside one ECDH)", seal_and_open, bare_agree },
};

int main(void)
{
	setup();
	bare_sign();
	for (size_t i = 0; i < KEEL_COUNT(rows); i++) {
		double ours = 1e9, bare = 1e9;
		for (unsigned turn = 0; turn < TURNS; turn++) {
			double o = once_us(rows[i].ours), r = once_us(rows[i].bare);
			ours = o < ours ? o : ours;
			bare = r < bare ? r : bare;
		}
		(void)printf("%-44s %7.1f us, bare %6.1f us, %.2f of it\n", rows[i].name, ours,
			bare, ours / bare);
	}
	return EXIT_SUCCESS;
}

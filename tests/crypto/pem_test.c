/* A maker's key file: what is read, and what is refused. These keys were made for this test. */
#include "check.h"
#include "crypto/pem.h"
#include "vectors.h"

#define D "a864496405ad21a1f347002a6d29864514a4c70654ac4ec2a7127671ed4dd932"

/* clang-format off */
static const struct {
	const char *why, *pem;
	enum keel_err e;
} rows[] = {
	{ "SEC 1",
		"-----BEGIN EC PRIVATE KEY-----\n"
		"MHcCAQEEIKhkSWQFrSGh80cAKm0phkUUpMcGVKxOwqcSdnHtTdkyoAoGCCqGSM49\n"
		"AwEHoUQDQgAEx2r7taQKlkIlv7BfAiXv11wWs6WLDKChwLKzCjqG9VWFpr+6WO32\n"
		"hk4rErFn1U3P6U+SHQo2FTow4Jz5ca2IjA==\n"
		"-----END EC PRIVATE KEY-----\n", KEEL_OK },
	{ "PKCS #8",
		"-----BEGIN PRIVATE KEY-----\n"
		"MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgqGRJZAWtIaHzRwAq\n"
		"bSmGRRSkxwZUrE7CpxJ2ce1N2TKhRANCAATHavu1pAqWQiW/sF8CJe/XXBazpYsM\n"
		"oKHAsrMKOob1VYWmv7pY7faGTisSsWfVTc/pT5IdCjYVOjDgnPlxrYiM\n"
		"-----END PRIVATE KEY-----\n", KEEL_OK },
	{ "PKCS #8, encrypted",
		"-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
		"MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAggJtu+soaJHwICCAAw\n"
		"DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEB8NGTyW/8r1vTgyMcUNH7AEgZAg\n"
		"PWcw+1AzORaNCqZw39cDV3fWFY/KZY6w4nowZYj9TaPuxWhfC8ElbX+IRu8L3yIG\n"
		"c4o8bhtIx3EfXQuUMr+9NhaPFWHj8uHTHhkzVbG0hyEyrfZ+P6O93Hsk2tStmmda\n"
		"fXa+iTYaHR7RKqPkLjmFjVMJX3QcVXv08IG57I5dLvucSQ24U5y4GYbzXm+RiAs=\n"
		"-----END ENCRYPTED PRIVATE KEY-----\n", KEEL_EFORM },
	{ "SEC 1, encrypted",
		"-----BEGIN EC PRIVATE KEY-----\n"
		"Proc-Type: 4,ENCRYPTED\n"
		"DEK-Info: AES-128-CBC,7D6E0F0E31B3CB0859D52A35C567D622\n"
		"\n"
		"kyWdz/Og2dMfXPK5R8X1jx3Iplz0S/lsKf9OE9lvizobzlW4ZWrSLqCioqA4d9Zi\n"
		"sxYYBFkRB0oeJeGUF60FX4Sw5WcWp+r2xG67MY/iXoMAmDKL13cFfVEuk7XYcIcc\n"
		"uJzGUFm7cXyDy999ODxDaO1yqX/0e80BkKput6hsE08=\n"
		"-----END EC PRIVATE KEY-----\n", KEEL_EFORM },
	{ "a public key",
		"-----BEGIN PUBLIC KEY-----\n"
		"MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEx2r7taQKlkIlv7BfAiXv11wWs6WL\n"
		"DKChwLKzCjqG9VWFpr+6WO32hk4rErFn1U3P6U+SHQo2FTow4Jz5ca2IjA==\n"
		"-----END PUBLIC KEY-----\n", KEEL_EFORM },
	{ "P-384",
		"-----BEGIN EC PRIVATE KEY-----\n"
		"MIGkAgEBBDCuRgHaH3FvOqlvt5bTC2o3nVjjo9PqtOuyyreh/5UdAksIG5LeC6K+\n"
		"fdoPw22WdgigBwYFK4EEACKhZANiAAS7PsZUj7cg0ARxyv5jL09S0s9ZdvALQdbZ\n"
		"R27/MIq2a4fAHp11QhCeDah1GrVyvYKV9CAuUW3c9ECXVnLsxlaNQOm7cDU81szd\n"
		"2Z5yDaIid1yQ8NCG/Xsymh+nG5bvBm4=\n"
		"-----END EC PRIVATE KEY-----\n", KEEL_EFORM },
	{ "Ed25519",
		"-----BEGIN PRIVATE KEY-----\n"
		"MC4CAQAwBQYDK2VwBCIEIKwOM6T1oJwqYHe4Ww2UFDjnwmOvSRA/N8+uQRV/aj2a\n"
		"-----END PRIVATE KEY-----\n", KEEL_EFORM },
	{ "nothing", "", KEEL_EFORM },
	{ "no PEM", "a key", KEEL_EFORM },
	{ "a head and no more", "-----BEGIN EC PRIVATE KEY-----\n", KEEL_EFORM },
};
/* clang-format on */

static void only_an_open_p256_private_key_is_read(void)
{
	uint8_t d[32];
	for (size_t i = 0; i < KEEL_COUNT(rows); i++) {
		struct keel_p256_key key = { 0 };
		struct keel_bytes expected = vectors_hex(D, d, sizeof(d));
		enum keel_err e = keel_p256_read_pem(keel_text(rows[i].pem), &key);
		CHECK_ROW(e == rows[i].e, rows[i].why);
		CHECK_ROW(keel_bytes_equal(KEEL_VIEW(key.d), expected) == (e == KEEL_OK),
			rows[i].why);
		CHECK_ROW(e != KEEL_OK || keel_p256_check(&key.pub) == KEEL_OK, rows[i].why);
	}
}

/* rows[0] is what openssl itself writes. */
static void a_key_is_written_as_openssl_does(void)
{
	for (int i = 0; i < 20; i++) {
		struct keel_p256_key key;
		struct keel_p256_key back;
		char text[KEEL_PEM_MAX];
		struct keel_wr w = keel_wr_of(text, sizeof(text));
		struct keel_bytes pem;
		keel_p256_generate(&key);
		if (i == 0)
			CHECK(keel_p256_read_pem(keel_text(rows[0].pem), &key) == KEEL_OK);
		keel_p256_write_pem(&key, &w);
		CHECK(keel_wr_end(&w, &pem) == KEEL_OK);
		CHECK(i > 0 || keel_bytes_is(pem, rows[0].pem));
		CHECK(keel_p256_read_pem(pem, &back) == KEEL_OK);
		CHECK(memcmp(&key, &back, sizeof(key)) == 0);
	}
}

TEST_MAIN(TEST(only_an_open_p256_private_key_is_read), TEST(a_key_is_written_as_openssl_does))

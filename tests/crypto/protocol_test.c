/* Known answers to docs/protocol.md, shared with the JavaScript side: tests/vectors/protocol.json. */
#include <string.h>

#include "check.h"
#include "crypto/cose_parts.h"
#include "crypto/purpose.h"
#include "vectors.h"

#define BUF 1024

static json_t *all;

static const json_t *at(const char *a, const char *b, const char *c)
{
	const json_t *j = json_object_get(all, a);
	j = b != NULL ? json_object_get(j, b) : j;
	return c != NULL ? json_object_get(j, c) : j;
}

static bool is(struct keel_bytes got, const json_t *object, const char *name)
{
	uint8_t buf[BUF];
	return keel_bytes_equal(got, vectors_field(object, name, buf, sizeof(buf)));
}

static bool written(const struct keel_wr *w, const json_t *object, const char *name)
{
	struct keel_bytes got;
	return keel_wr_end(w, &got) == KEEL_OK && is(got, object, name);
}

static struct keel_p256_key key_of(const json_t *j)
{
	uint8_t d[32];
	struct keel_p256_key key = { 0 };
	CHECK(keel_p256_from_private(vectors_field(j, "d", d, sizeof(d)).p, &key) == KEEL_OK);
	CHECK(is(KEEL_VIEW(key.pub.xy), j, "xy"));
	return key;
}

static void thumbprints_are_those_of_both_keys(void)
{
	static const char *const who[] = { "owner", "device" };
	for (size_t i = 0; i < KEEL_COUNT(who); i++) {
		const struct keel_p256_key sign = key_of(at("keys", who[i], "sign"));
		const struct keel_p256_key agree = key_of(at("keys", who[i], "agree"));
		uint8_t print[KEEL_THUMBPRINT_LEN];
		keel_thumbprint(&sign.pub, &agree.pub, print);
		CHECK_ROW(is(KEEL_VIEW(print), at("keys", who[i], NULL), "thumbprint"), who[i]);
	}
}

static void claim_key_is_pbkdf2_of_code_and_id(void)
{
	const json_t *label = at("label", NULL, NULL);
	uint8_t id[KEEL_DEVICE_ID_LEN];
	struct keel_key k;
	keel_pbkdf2(keel_text(vectors_text(label, "code")),
		vectors_field(all, "id", id, sizeof(id)), 600000, &k);
	CHECK(is(KEEL_VIEW(k.b), label, "k"));
}

static void envelopes_are_written_and_read(void)
{
	size_t i;
	json_t *j;
	CHECK(json_array_size(at("envelopes", NULL, NULL)) == 4);
	json_array_foreach(json_object_get(all, "envelopes"), i, j)
	{
		uint8_t id[16], home[16], recipient[32], body[BUF], bytes[BUF], out[BUF];
		enum keel_purpose purpose =
			(enum keel_purpose)json_integer_value(json_object_get(j, "purpose"));
		struct keel_wr w = keel_wr_of(out, sizeof(out));
		struct keel_envelope e;
		keel_envelope_write(purpose, vectors_field(all, "id", id, sizeof(id)),
			vectors_field(j, "home", home, sizeof(home)),
			vectors_field(j, "recipient", recipient, sizeof(recipient)),
			vectors_field(j, "body", body, sizeof(body)), &w);
		CHECK(written(&w, j, "bytes"));
		CHECK(keel_envelope_read(purpose, vectors_field(j, "bytes", bytes, sizeof(bytes)),
			      &e) == KEEL_OK);
		CHECK(is(e.device, all, "id") && is(e.home, j, "home"));
		CHECK(is(e.recipient, j, "recipient") && is(e.body, j, "body"));
	}
}

static void sign1_verifies(void)
{
	size_t i;
	json_t *j;
	CHECK(json_array_size(at("sign1", NULL, NULL)) == 2);
	json_array_foreach(json_object_get(all, "sign1"), i, j)
	{
		uint8_t message[BUF], xy[64];
		struct keel_bytes m = vectors_field(j, "message", message, sizeof(message));
		struct keel_p256_pub pub;
		struct keel_bytes payload, kid;
		memcpy(pub.xy, vectors_field(j, "xy", xy, sizeof(xy)).p, sizeof(pub.xy));
		CHECK(keel_cose_verify1(&pub, m, (struct keel_bytes){ 0 }, &payload) == KEEL_OK);
		CHECK(is(payload, j, "payload"));
		CHECK(keel_cose_sign1_kid(m, &kid) == KEEL_OK && is(kid, j, "kid"));
	}
}

static void mac0_is_the_same(void)
{
	const json_t *j = at("mac0", NULL, NULL);
	uint8_t key[32], payload[BUF], out[BUF];
	struct keel_wr w = keel_wr_of(out, sizeof(out));
	CHECK(keel_cose_mac0(vectors_field(j, "key", key, sizeof(key)), (struct keel_bytes){ 0 },
		      vectors_field(j, "payload", payload, sizeof(payload)), &w) == KEEL_OK);
	CHECK(written(&w, j, "message"));
	CHECK(is(KEEL_VIEW(key), at("label", NULL, NULL), "k")); /* the claim is MACed by K */
}

static void check_opened(const json_t *j, enum keel_err e, struct keel_bytes plain)
{
	CHECK(e == KEEL_OK && is(plain, j, "plain"));
}

static void sealed_is_the_same_and_opens(void)
{
	const json_t *j = at("sealed", NULL, NULL);
	const struct keel_p256_key owner = key_of(at("keys", "owner", "agree"));
	const struct keel_p256_key device = key_of(at("keys", "device", "agree"));
	uint8_t from[32], to[32], iv[12], nonce[32], plain[BUF], message[BUF], out[BUF];
	struct keel_wr w = keel_wr_of(out, sizeof(out));
	struct keel_key shared, key;
	struct keel_bytes got = { 0 };
	CHECK(keel_p256_agree(&owner, &device.pub, &shared) == KEEL_OK);
	CHECK(is(KEEL_VIEW(shared.b), j, "shared"));
	struct keel_bytes party_u = vectors_field(j, "nonce", nonce, sizeof(nonce));
	keel_cose_derive(&shared, party_u, keel_cose_ecdh_ss, &key);
	CHECK(is(KEEL_VIEW(key.b), j, "key"));
	CHECK(keel_cose_seal_static_fixed(&shared, vectors_field(j, "sender_kid", from, 32),
		      vectors_field(j, "recipient_kid", to, 32),
		      vectors_field(j, "iv", iv, sizeof(iv)).p, nonce,
		      vectors_field(j, "plain", plain, sizeof(plain)), &w) == KEEL_OK);
	CHECK(written(&w, j, "message"));
	check_opened(j,
		keel_cose_open_static(
			&shared, vectors_field(j, "message", message, sizeof(message)), out, &got),
		got);
}

static void sealed_to_is_the_same_and_opens(void)
{
	const json_t *j = at("sealed_to", NULL, NULL);
	const struct keel_p256_key fresh = key_of(at("sealed_to", "ephemeral", NULL));
	const struct keel_p256_key device = key_of(at("keys", "device", "agree"));
	const struct keel_agreer own = keel_agreer_of(&device);
	uint8_t to[32], iv[12], plain[BUF], message[BUF], out[BUF];
	struct keel_wr w = keel_wr_of(out, sizeof(out));
	struct keel_bytes got = { 0 };
	CHECK(keel_cose_seal_to_fixed(&fresh, &device.pub,
		      vectors_field(j, "recipient_kid", to, 32),
		      vectors_field(j, "iv", iv, sizeof(iv)).p,
		      vectors_field(j, "plain", plain, sizeof(plain)), &w) == KEEL_OK);
	CHECK(written(&w, j, "message"));
	check_opened(j,
		keel_cose_open_from(
			&own, vectors_field(j, "message", message, sizeof(message)), out, &got),
		got);
}

static void encrypt0_is_the_same_and_opens(void)
{
	const json_t *j = at("encrypt0", NULL, NULL);
	uint8_t iv[12], external[64], plain[BUF], message[BUF], out[BUF];
	struct keel_wr w = keel_wr_of(out, sizeof(out));
	struct keel_key key;
	struct keel_bytes got = { 0 };
	(void)vectors_field(j, "key", key.b, sizeof(key.b));
	struct keel_bytes ext = vectors_field(j, "external", external, sizeof(external));
	CHECK(keel_cose_encrypt0_fixed(&key, vectors_field(j, "iv", iv, sizeof(iv)).p, ext,
		      vectors_field(j, "plain", plain, sizeof(plain)), &w) == KEEL_OK);
	CHECK(written(&w, j, "message"));
	check_opened(j,
		keel_cose_decrypt0(&key, vectors_field(j, "message", message, sizeof(message)), ext,
			out, &got),
		got);
}

static const struct check_test tests[] = {
	TEST(thumbprints_are_those_of_both_keys),
	TEST(claim_key_is_pbkdf2_of_code_and_id),
	TEST(envelopes_are_written_and_read),
	TEST(sign1_verifies),
	TEST(mac0_is_the_same),
	TEST(sealed_is_the_same_and_opens),
	TEST(sealed_to_is_the_same_and_opens),
	TEST(encrypt0_is_the_same_and_opens),
};

int main(int argc, char **argv)
{
	all = vectors_load("protocol.json");
	int failed = check_main(tests, KEEL_COUNT(tests), argc, argv);
	json_decref(all);
	return failed;
}

#include "session/call.h"

#include <string.h>

#include "core/cbor.h"

/* clang-format off */
static const struct keel_row rows[] = {
	{ .name = "token", .kind = KEEL_ANY, KEEL_AT(struct keel_call, token) },
	{ .name = "mac0",  .kind = KEEL_ANY, KEEL_AT(struct keel_call, mac0) },
};
/* clang-format on */
const struct keel_schema keel_call_schema =
	KEEL_SCHEMA("call", KEEL_AS_TUPLE, rows, struct keel_call);

enum keel_err keel_session_key(const struct keel_agreer *own, const struct keel_p256_pub *peer,
	struct keel_bytes token, struct keel_key *out)
{
	static const char label[] = "keel session";
	uint8_t info[sizeof(label) - 1 + KEEL_SHA256_LEN];
	struct keel_digest digest;
	keel_auto(keel_key_wipe) struct keel_key shared = { 0 };
	enum keel_err e = own->agree(own->self, peer, &shared);
	if (e != KEEL_OK)
		return e;
	keel_sha256(&token, 1, &digest);
	memcpy(info, label, sizeof(label) - 1);
	memcpy(info + sizeof(label) - 1, digest.b, sizeof(digest.b));
	keel_hkdf(KEEL_VIEW(shared.b), (struct keel_bytes){ 0 }, KEEL_VIEW(info), out->b,
		sizeof(out->b));
	return KEEL_OK;
}

/* The envelope of a call. Not keel_payload_write, whose bodies are an owner's, four times smaller. */
static enum keel_err write_payload(const struct keel_caller *caller,
	const struct keel_schema *schema, const void *args, struct keel_wr *w)
{
	uint8_t buf[KEEL_CALL_MAX];
	struct keel_wr inner = keel_wr_of(buf, sizeof(buf));
	struct keel_bytes encoded;
	keel_schema_write(schema, args, &inner);
	enum keel_err e = keel_wr_end(&inner, &encoded);
	if (e != KEEL_OK)
		return e;
	keel_envelope_write(
		KEEL_FOR_CALL, caller->device, caller->home, (struct keel_bytes){ 0 }, encoded, w);
	return w->err;
}

enum keel_err keel_call_write(const struct keel_caller *caller, const char *path,
	const struct keel_schema *schema, const void *args, struct keel_wr *w)
{
	uint8_t buf[KEEL_CALL_MAX];
	struct keel_wr inner = keel_wr_of(buf, sizeof(buf));
	struct keel_bytes payload;
	enum keel_err e = write_payload(caller, schema, args, &inner);
	if (e == KEEL_OK)
		e = keel_wr_end(&inner, &payload);
	if (e != KEEL_OK)
		return e;
	keel_cbor_array(w, 2);
	keel_wr_bytes(w, caller->token);
	return keel_cose_mac0(KEEL_VIEW(caller->key->b), keel_text(path), payload, w);
}

enum keel_err keel_call_open(const struct keel_call *call, const struct keel_key *key,
	const char *path, struct keel_bytes device, struct keel_bytes home,
	const struct keel_schema *schema, void *args)
{
	struct keel_bytes payload;
	const struct keel_names names = { .device = device, .home = home };
	enum keel_err e =
		keel_cose_mac0_verify(KEEL_VIEW(key->b), call->mac0, keel_text(path), &payload);
	return e == KEEL_OK ? keel_payload_read(KEEL_FOR_CALL, &names, schema, payload, args) : e;
}

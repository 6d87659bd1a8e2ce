#include "cli/signing.h"

#include <stdio.h>

#include "cli/fault.h"
#include "cli/files.h"
#include "crypto/pem.h"

enum keel_err keel_signing_key(
	const char *path, struct keel_p256_key *out, struct keel_fault *fault)
{
	uint8_t pem[4096];
	struct keel_bytes content;
	enum keel_err e = keel_file_read(path, pem, sizeof(pem), &content, fault);
	bool none =
		e == KEEL_EFULL || (e == KEEL_OK && keel_p256_read_pem(content, out) != KEEL_OK);
	keel_wipe(pem, sizeof(pem));
	if (!none)
		return e;
	return keel_fault_format(fault, KEEL_EFORM,
		"make one: openssl ecparam -name prime256v1 -genkey -noout -out unit.pem",
		"%.120s is no PEM of a P-256 private key", path);
}

/* Whether the declaration names this key's public half. */
static bool declared(const struct keel_signing *m)
{
	uint8_t xy[64];
	return keel_product_maker_key(&m->product, xy) == KEEL_OK &&
	       keel_bytes_equal(KEEL_VIEW(xy), KEEL_VIEW(m->key.pub.xy));
}

static const char make_it[] =
	"make it: keel compile product.yaml --maker-key unit.pem -o product.cbor";

enum keel_err keel_signing_open(
	const char *key, const char *product, struct keel_signing *out, struct keel_fault *fault)
{
	enum keel_err e =
		keel_file_read(product, out->bytes, sizeof(out->bytes), &out->compiled, fault);
	if (e == KEEL_ENONE)
		(void)snprintf(fault->next, sizeof(fault->next), "%s", make_it);
	if (e != KEEL_OK)
		return e;
	if (keel_product_read(out->compiled, &out->product) != KEEL_OK)
		return keel_fault_format(
			fault, KEEL_EFORM, make_it, "%.120s is no compiled declaration", product);
	e = keel_signing_key(key, &out->key, fault);
	if (e == KEEL_OK && !declared(out))
		e = keel_fault_fill(fault, KEEL_EAUTH,
			"this is not the key that the declaration names",
			"compile with --maker-key, or use the key that belongs to the declaration");
	if (e != KEEL_OK)
		keel_signing_wipe(out);
	return e;
}

bool keel_signing_refused(enum keel_err e)
{
	return e == KEEL_EAUTH;
}

void keel_signing_wipe(struct keel_signing *m)
{
	keel_p256_key_wipe(&m->key);
}

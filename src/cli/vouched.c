#include "cli/vouched.h"

#include <stdio.h>
#include <string.h>

#include "cli/fault.h"
#include "cli/files.h"
#include "keel/profile.h"
#include "owner/endorsement.h"
#include "owner/statement.h"

enum { PRODUCT_MAX = 256 * 1024 };

enum keel_err keel_maker_read(const char *path, struct keel_maker_of *out, struct keel_fault *fault)
{
	static uint8_t buf[PRODUCT_MAX];
	static struct keel_product product;
	struct keel_bytes content;
	enum keel_err e = keel_file_read(path, buf, sizeof(buf), &content, fault);
	if (e != KEEL_OK)
		return e;
	e = keel_product_read(content, &product);
	if (e == KEEL_OK)
		e = keel_product_maker_key(&product, out->key.xy);
	out->model = product.model.identifier;
	if (e == KEEL_OK)
		return e;
	return keel_fault_format(fault, KEEL_EFORM,
		"name the maker's; from a product.yaml: keel compile product.yaml -o product.cbor",
		"%.120s is no compiled declaration", path);
}

/* The device as its endorsement has it: by the maker's key, or (maker NULL) only as it is said. */
static enum keel_err meet(struct keel_bytes endorsement, const struct keel_maker_of *maker,
	struct keel_endorsement *out, uint8_t id[KEEL_DEVICE_ID_LEN], struct keel_fault *fault)
{
	enum keel_err e = maker == NULL
				  ? keel_endorsement_peek(endorsement, id, out)
				  : keel_endorsement_verify(endorsement, &maker->key, id, out);
	if (e != KEEL_OK && maker == NULL)
		return keel_fault_fill(fault, e, "what came with the statement is no endorsement",
			"check that the address is a hub's");
	if (e != KEEL_OK)
		return keel_fault_fill(fault, e,
			"this maker did not endorse this device: it is a copy, or another maker's",
			"do not enter anything of yours into it; ask where it was bought");
	if (maker != NULL && !keel_bytes_equal(out->model, maker->model))
		return keel_fault_fill(fault, KEEL_EAUTH,
			"this maker endorsed the device as another model",
			"name the declaration of the model that stands on the device");
	return KEEL_OK;
}

/* The statement is the endorsed device's, about itself. */
static enum keel_err about_itself(struct keel_bytes statement, const struct keel_endorsement *body,
	const uint8_t *id, const struct keel_statement_args *asked, struct keel_fault *fault)
{
	struct keel_bytes payload;
	struct keel_p256_pub device;
	struct keel_statement s;
	enum keel_err e = keel_bytes_copy(body->sign, device.xy, sizeof(device.xy));
	if (e == KEEL_OK)
		e = keel_cose_verify1(&device, statement, (struct keel_bytes){ 0 }, &payload);
	if (e == KEEL_OK)
		e = keel_statement_read(
			payload, KEEL_STATEMENT_PROFILE, asked->nonce, asked->aud, &s);
	if (e == KEEL_OK && (!keel_bytes_equal(s.model, body->model) || s.ueid.p[0] != 1 ||
				    memcmp(s.ueid.p + 1, id, KEEL_DEVICE_ID_LEN) != 0))
		e = KEEL_EAUTH;
	return e == KEEL_OK ? e
			    : keel_fault_fill(fault, e,
				      "the statement was not made by the endorsed device for this "
				      "question: it may be a copy",
				      "do not enter anything of yours into it; check the address");
}

enum keel_err keel_vouched(const struct keel_statement_result *r,
	const struct keel_statement_args *asked, const struct keel_maker_of *maker,
	struct keel_p256_pub *device, struct keel_fault *fault)
{
	uint8_t id[KEEL_DEVICE_ID_LEN];
	struct keel_endorsement body;
	enum keel_err e = meet(r->endorsement, maker, &body, id, fault);
	if (e == KEEL_OK)
		e = about_itself(r->statement, &body, id, asked, fault);
	return e == KEEL_OK ? keel_bytes_copy(body.sign, device->xy, sizeof(device->xy)) : e;
}

#include "owner/pad.h"

#include "core/cbor.h"

#define ROW(n) (1u << (n))

static const uint8_t zeros[KEEL_PADDING_MAX];

/*
 * What fills a payload of n bytes, that with an empty padding. A string's head grows with it, so
 * some lengths are never met: then it is the next step.
 */
static struct keel_bytes fill(size_t n)
{
	struct keel_bytes padding = { zeros, 0 };
	const size_t without = n - keel_cbor_head_len(0);
	while (keel_cose_sealed_len(without + keel_cbor_head_len(padding.n) + padding.n) %
			KEEL_PAD_STEP !=
		0)
		padding.n++;
	KEEL_MUST(padding.n <= sizeof(zeros));
	return padding;
}

/* Written twice: the first time tells how long it is. padding: the body's own, empty. */
static enum keel_err write_padded(enum keel_purpose purpose, const struct keel_names *names,
	const struct keel_schema *schema, const void *body, struct keel_bytes *padding,
	struct keel_wr *w)
{
	const struct keel_wr before = *w;
	enum keel_err e = keel_payload_write(purpose, names, schema, body, w);
	if (e != KEEL_OK)
		return e;
	*padding = fill(w->n - before.n);
	*w = before;
	return keel_payload_write(purpose, names, schema, body, w);
}

enum keel_err keel_request_write(
	const struct keel_names *names, const struct keel_request *request, struct keel_wr *w)
{
	struct keel_request body = *request;
	body.has |= ROW(KEEL_REQUEST_PADDING);
	body.padding = (struct keel_bytes){ 0 };
	return write_padded(KEEL_FOR_REQUEST, names, &keel_request_schema, &body, &body.padding, w);
}

enum keel_err keel_request_answer_write(
	const struct keel_names *names, const struct keel_request_answer *answer, struct keel_wr *w)
{
	struct keel_request_answer body = *answer;
	body.has |= ROW(KEEL_ANSWER_PADDING);
	body.padding = (struct keel_bytes){ 0 };
	return write_padded(
		KEEL_FOR_ANSWER, names, &keel_request_answer_schema, &body, &body.padding, w);
}

bool keel_padding_good(struct keel_bytes padding)
{
	return padding.n <= sizeof(zeros) &&
	       keel_bytes_equal(padding, (struct keel_bytes){ zeros, padding.n });
}

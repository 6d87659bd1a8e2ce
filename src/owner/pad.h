/*
 * A sealed request's and a sealed answer's length is a multiple of 256 bytes: zeros inside the seal
 * fill it up, so that whoever relays it learns no more of its size. docs/protocol.md, Requests.
 */
#ifndef KEEL_OWNER_PAD_H
#define KEEL_OWNER_PAD_H

#include "owner/request.h"

#define KEEL_PAD_STEP 256

/** The payload to seal, filled up; `padding` of what is given does not count. As keel_payload_write. */
KEEL_CHECKED enum keel_err keel_request_write(
	const struct keel_names *names, const struct keel_request *request, struct keel_wr *w);
KEEL_CHECKED enum keel_err keel_request_answer_write(const struct keel_names *names,
	const struct keel_request_answer *answer, struct keel_wr *w);

/** Whether it is zeros and nothing else, as whoever reads one demands; a body without it has none. */
bool keel_padding_good(struct keel_bytes padding);

#endif

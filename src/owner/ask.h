/*
 * How an owner who is away has the maker's service carry a sealed request to their device: what is
 * posted to /v1/relay, and what comes back. The ask says by whose signature it is carried; what is
 * in the request only the device reads. docs/service.md, An owner, away from home. EN 303 645 5.5-7.
 */
#ifndef KEEL_OWNER_ASK_H
#define KEEL_OWNER_ASK_H

#include "owner/member.h"

#define KEEL_RELAY_MAX         (KEEL_BODY_MAX + 512) /* its body, whole */
#define KEEL_RELAYED_BODY_MAX  32768                 /* what a door answers */
#define KEEL_RELAYED_WHOLE_MAX (KEEL_RELAYED_BODY_MAX + 32)

/** Body of /v1/relay. */
struct keel_relay {
	uint32_t has;
	struct keel_bytes ask;         /* Sign1 by O.sign, kid OT, envelope 21 */
	struct keel_bytes sign, agree; /* O */
	struct keel_bytes request;     /* sealed by O.agree to D.agree, as at the door */
};
extern const struct keel_schema keel_relay_schema;

/** Its answer: what the door would have given, by way of the service. */
struct keel_relayed {
	uint32_t has;
	uint64_t status;
	struct keel_bytes body;
	uint64_t heard; /* when the service last heard the device, Unix seconds */
};
extern const struct keel_schema keel_relayed_schema;

/** The whole body, with an ask for this sealed request, signed by m. KEEL_EFULL, KEEL_ERANGE. */
KEEL_CHECKED enum keel_err keel_relay_write(
	const struct keel_member *m, struct keel_bytes request, struct keel_wr *w);

/** Who asks, for which home. */
struct keel_asker {
	uint8_t device[KEEL_DEVICE_ID_LEN];
	uint8_t home[KEEL_HOME_ID_LEN];
	uint8_t owner[KEEL_THUMBPRINT_LEN]; /* OT, of the keys that the relay brings */
};

/**
 * For the service: reads and verifies one. Whether this owner stands in the list that this device
 * signed for this home is the caller's to look up. Views in out live as long as `in`; both
 * untouched on error.
 * KEEL_ESHORT, KEEL_EFORM, KEEL_ERANGE: no relay. KEEL_EAUTH: not signed by the keys that it brings,
 * or for another request.
 */
KEEL_CHECKED enum keel_err keel_relay_verify(
	struct keel_bytes in, struct keel_relay *out, struct keel_asker *asker);

#endif

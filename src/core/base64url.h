/* Base64url without padding (RFC 4648 §5). */
#ifndef KEEL_CORE_BASE64URL_H
#define KEEL_CORE_BASE64URL_H

#include "core/bytes.h"

/** Decodes into w; KEEL_EFORM in w: another character, or bits left over that are not zero. */
void keel_base64url_read(struct keel_bytes text, struct keel_wr *w);
/** Encodes into w. */
void keel_base64url_write(struct keel_bytes in, struct keel_wr *w);

#endif

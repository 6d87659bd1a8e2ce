#include "core/base64url.h"

#include "core/mem.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

void keel_base64url_read(struct keel_bytes text, struct keel_wr *w)
{
	uint32_t bits = 0;
	unsigned have = 0;
	for (size_t i = 0; i < text.n; i++) {
		const char *at = memchr(alphabet, text.p[i], sizeof(alphabet) - 1);
		if (at == NULL) {
			keel_wr_fail(w, KEEL_EFORM);
			return;
		}
		bits = bits << 6 | (uint32_t)(at - alphabet);
		have += 6;
		if (have >= 8) {
			have -= 8;
			keel_wr_u8(w, (uint8_t)(bits >> have));
			bits &= (1u << have) - 1;
		}
	}
	if (have >= 6 || bits != 0)
		keel_wr_fail(w, KEEL_EFORM);
}

void keel_base64url_write(struct keel_bytes in, struct keel_wr *w)
{
	uint32_t bits = 0;
	unsigned have = 0;
	for (size_t i = 0; i < in.n; i++) {
		bits = bits << 8 | in.p[i];
		for (have += 8; have >= 6; have -= 6)
			keel_wr_u8(w, (uint8_t)alphabet[bits >> (have - 6) & 63]);
		bits &= (1u << have) - 1;
	}
	if (have > 0)
		keel_wr_u8(w, (uint8_t)alphabet[bits << (6 - have) & 63]);
}

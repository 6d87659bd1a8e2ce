#include "session/notice.h"

#include <string.h>

#include "session/call.h"

static const struct keel_row rows[] = {
	{ .label = 1,
		.name = "code",
		.kind = KEEL_UINT,
		.max = UINT8_MAX,
		KEEL_AT(struct keel_notice, code) },
	{ .label = 2,
		.name = "about",
		.kind = KEEL_TEXT,
		.min = 1,
		.max = KEEL_NOTICE_ABOUT_MAX,
		KEEL_AT(struct keel_notice, about) },
};
const struct keel_schema keel_notice_schema =
	KEEL_SCHEMA("notice", KEEL_AS_MAP, rows, struct keel_notice);

/* --- what it may say --- */

#define DIGITS "0123456789"

/* shape: 'd' a digit, any other itself; NULL: of any length. */
static const struct {
	const char *word, *alphabet, *shape;
} codes[KEEL_NOTICE_CODES] = {
	[KEEL_NOTICE_UPDATE] = { "update", DIGITS ".", NULL },
	[KEEL_NOTICE_VULNERABILITY] = { "vulnerability", DIGITS "ABCDEFGHIJKLMNOPQRSTUVWXYZ-",
		NULL },
	[KEEL_NOTICE_SUPPORT] = { "support", DIGITS "-", "dddd-dd-dd" },
};

const char *keel_notice_word(uint64_t code)
{
	return code < KEEL_NOTICE_CODES ? codes[code].word : "unknown";
}

static bool has_shape(struct keel_bytes about, const char *shape)
{
	if (strlen(shape) != about.n)
		return false;
	for (size_t i = 0; i < about.n; i++)
		if ((shape[i] == 'd') != (about.p[i] != '-'))
			return false;
	return true;
}

enum keel_err keel_notice_check(const struct keel_notice *n)
{
	if (n->code >= KEEL_NOTICE_CODES)
		return KEEL_ENONE;
	for (size_t i = 0; i < n->about.n; i++)
		if (n->about.p[i] == '\0' || strchr(codes[n->code].alphabet, n->about.p[i]) == NULL)
			return KEEL_ERANGE;
	const char *shape = codes[n->code].shape;
	bool good = n->about.n > 0 && n->about.n <= KEEL_NOTICE_ABOUT_MAX &&
		    (shape == NULL || has_shape(n->about, shape));
	return good ? KEEL_OK : KEEL_ERANGE;
}

/* --- as it travels --- */

#define AAD_MAX (sizeof(KEEL_PATH_INBOX) - 1 + 8)

/* An item's number is under the MAC: nobody in the middle makes an old one a new one. */
static struct keel_bytes aad_of(uint64_t number, uint8_t buf[AAD_MAX])
{
	struct keel_wr w = keel_wr_of(buf, AAD_MAX);
	struct keel_bytes out;
	keel_wr_bytes(&w, keel_text(KEEL_PATH_INBOX));
	keel_wr_u64be(&w, number);
	KEEL_MUST(keel_wr_end(&w, &out) == KEEL_OK);
	return out;
}

enum keel_err keel_notice_seal(
	const struct keel_notice_to *to, struct keel_bytes notice, struct keel_wr *w)
{
	uint8_t aad[AAD_MAX];
	uint8_t buf[KEEL_NOTICE_SEALED];
	struct keel_wr inner = keel_wr_of(buf, sizeof(buf));
	struct keel_bytes payload;
	keel_envelope_write(
		KEEL_FOR_NOTICE, to->device, to->home, (struct keel_bytes){ 0 }, notice, &inner);
	enum keel_err e = keel_wr_end(&inner, &payload);
	return e == KEEL_OK
		       ? keel_cose_mac0(KEEL_VIEW(to->key->b), aad_of(to->number, aad), payload, w)
		       : e;
}

enum keel_err keel_notice_open(
	const struct keel_notice_to *to, struct keel_bytes in, struct keel_notice *out)
{
	uint8_t aad[AAD_MAX];
	struct keel_bytes payload;
	const struct keel_names names = { .device = to->device, .home = to->home };
	enum keel_err e =
		keel_cose_mac0_verify(KEEL_VIEW(to->key->b), in, aad_of(to->number, aad), &payload);
	return e == KEEL_OK ? keel_payload_read(
				      KEEL_FOR_NOTICE, &names, &keel_notice_schema, payload, out)
			    : e;
}

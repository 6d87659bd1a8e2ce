#include "device/door/words.h"

#include "owner/claim.h"

/* clang-format off */
static const struct said {
	enum keel_err word;
	enum keel_counted counted;
	const char *sentence;
	uint64_t wait_s;
} table[KEEL_HTTP_REFUSALS] = {
	[KEEL_HTTP_BYTE]        = { KEEL_EFORM,  COUNT_MALFORMED, "A byte stands where none may.", 0 },
	[KEEL_HTTP_LINE]        = { KEEL_EFORM,  COUNT_MALFORMED, "The request line is not one.", 0 },
	[KEEL_HTTP_TARGET]      = { KEEL_EFORM,  COUNT_MALFORMED, "The path is not one.", 0 },
	[KEEL_HTTP_FIELD]       = { KEEL_EFORM,  COUNT_MALFORMED, "A field of the head is not one.", 0 },
	[KEEL_HTTP_HOST]        = { KEEL_EFORM,  COUNT_MALFORMED, "There is not exactly one Host.", 0 },
	[KEEL_HTTP_TWICE]       = { KEEL_EFORM,  COUNT_MALFORMED, "A field stands twice that may stand once.", 0 },
	[KEEL_HTTP_LENGTH]      = { KEEL_EFORM,  COUNT_MALFORMED, "The body's length is not clear.", 0 },
	[KEEL_HTTP_CHUNK]       = { KEEL_EFORM,  COUNT_MALFORMED, "A chunk of the body is not one.", 0 },
	[KEEL_HTTP_NO_LENGTH]   = { KEEL_EFORM,  COUNT_MALFORMED, "The body's length is not told.", 0 },
	[KEEL_HTTP_LONG_BODY]   = { KEEL_ERANGE, COUNT_MALFORMED, "The body is longer than the device takes.", 0 },
	[KEEL_HTTP_LONG_TARGET] = { KEEL_ERANGE, COUNT_MALFORMED, "The path is longer than the device takes.", 0 },
	[KEEL_HTTP_EXPECT]      = { KEEL_EFORM,  COUNT_MALFORMED, "The device fulfils no expectations: send the body.", 0 },
	[KEEL_HTTP_LONG_HEAD]   = { KEEL_ERANGE, COUNT_MALFORMED, "The head is longer than the device takes.", 0 },
	[KEEL_HTTP_METHOD]      = { KEEL_EFORM,  COUNT_MALFORMED, "The device does not know this method.", 0 },
	[KEEL_HTTP_CODING]      = { KEEL_EFORM,  COUNT_MALFORMED, "The device does not know this transfer coding.", 0 },
	[KEEL_HTTP_VERSION]     = { KEEL_EFORM,  COUNT_MALFORMED, "The device speaks HTTP/1.1 only.", 0 },
	[KEEL_HTTP_ORIGIN]      = { KEEL_ERIGHT, COUNT_MALFORMED, "Pages of this origin may not talk to the device.", 0 },
	[KEEL_HTTP_NO_ROUTE]    = { KEEL_ENONE,  COUNT_MALFORMED, "There is nothing at this path.", 0 },
	[KEEL_HTTP_NO_METHOD]   = { KEEL_ENONE,  COUNT_MALFORMED, "This path takes another method.", 0 },
	[KEEL_HTTP_LATE]        = { KEEL_ESHORT, COUNT_LIMITED, "The request did not come in time.", 0 },
	[KEEL_HTTP_TYPE]        = { KEEL_EFORM,  COUNT_MALFORMED, "The body is not application/cbor.", 0 },
	[KEEL_HTTP_MISDIRECTED] = { KEEL_ERIGHT, COUNT_MALFORMED, "The device has another name than this Host.", 0 },
	[KEEL_HTTP_RATE]        = { KEEL_EFULL,  COUNT_LIMITED, "Too many requests come from your address.", 1 },
	[KEEL_HTTP_BUSY]        = { KEEL_ESTATE, COUNT_LIMITED, "The device cannot answer now; try again.", 1 },
	[KEEL_HTTP_TLS]         = { KEEL_EFORM,  COUNT_MALFORMED, "", 0 },
	[KEEL_HTTP_CROWD]       = { KEEL_EFULL,  COUNT_LIMITED, "", 0 },
	[KEEL_HTTP_FULL]        = { KEEL_EFULL,  COUNT_LIMITED, "", 0 },
	[KEEL_HTTP_SLOW]        = { KEEL_ESHORT, COUNT_LIMITED, "", 0 },
};
/* clang-format on */

void keel_door_refusal(struct keel_wr *w, enum keel_err word, const char *sentence, uint64_t wait_s)
{
	struct keel_refusal r = {
		.has = 3,
		.word = keel_text(keel_err_word(word)),
		.sentence = keel_text(sentence),
		.wait_s = wait_s,
	};
	if (wait_s > 0)
		r.has |= 1u << KEEL_REFUSAL_WAIT;
	keel_schema_write(&keel_refusal_schema, &r, w);
}

const char *keel_door_explain(enum keel_http_refusal why, struct keel_wr *w)
{
	const struct said *s = &table[why];
	keel_door_refusal(w, s->word, s->sentence, s->wait_s);
	return KEEL_DOOR_TYPE;
}

enum keel_counted keel_door_counted(enum keel_http_refusal why)
{
	return table[why].counted;
}

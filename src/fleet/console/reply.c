#include <string.h>

#include "core/hex.h"
#include "fleet/console/inside.h"

#define JSON "application/json"

struct keel_json console_json(struct keel_console *c, struct keel_wr *w)
{
	*w = keel_wr_of(c->answer, CONSOLE_ANSWER_MAX);
	return keel_json_of(w);
}

void console_reply(struct keel_http_call *call, const struct keel_wr *w, const char *field)
{
	const char *fields[] = { field, NULL };
	struct keel_http_answer a = { .status = 200, .type = JSON, .fields = fields };
	if (keel_wr_end(w, &a.body) != KEEL_OK)
		console_refuse_err(call, KEEL_EFULL);
	else
		keel_http_answer(call, &a);
}

void console_refuse(
	struct keel_http_call *call, unsigned status, const char *word, const char *sentence)
{
	uint8_t text[512];
	struct keel_wr w = keel_wr_of(text, sizeof(text));
	struct keel_json j = keel_json_of(&w);
	struct keel_http_answer a = { .status = status, .type = JSON };
	keel_json_open(&j, NULL, '{');
	keel_json_word(&j, "error", word);
	keel_json_word(&j, "sentence", sentence);
	keel_json_close(&j, '}');
	KEEL_MUST(keel_wr_end(&w, &a.body) == KEEL_OK);
	keel_http_answer(call, &a);
}

/* clang-format off */
static const struct {
	unsigned status;
	const char *sentence;
} said[KEEL_ERR_COUNT] = {
	[KEEL_ESHORT] = { 400, "The page asked for something that the service does not understand: load it anew." },
	[KEEL_EFORM]  = { 400, "The page asked for something that the service does not understand: load it anew." },
	[KEEL_ERANGE] = { 400, "Something is longer than the service takes." },
	[KEEL_ESTATE] = { 409, "That is so already." },
	[KEEL_EAUTH]  = { 403, "This passkey was not accepted." },
	[KEEL_ERIGHT] = { 403, "Only pages of this console may ask." },
	[KEEL_ESTALE] = { 403, "That took too long, or was used before: try again." },
	[KEEL_EFULL]  = { 503, "The service has no room for it now: try again later." },
	[KEEL_ENONE]  = { 404, "There is none of this name." },
	[KEEL_EIO]    = { 503, "The service cannot keep anything now: look at its disk." },
};
/* clang-format on */

void console_refuse_err(struct keel_http_call *call, enum keel_err e)
{
	KEEL_MUST(said[e].status != 0);
	console_refuse(call, said[e].status, keel_err_word(e), said[e].sentence);
}

void console_hex(struct keel_json *j, const char *name, struct keel_bytes b)
{
	char text[KEEL_HEX_SIZE(KEEL_SHA256_LEN)];
	KEEL_MUST(b.n <= KEEL_SHA256_LEN);
	keel_hex_write(b, text);
	keel_json_text(j, name, (struct keel_bytes){ (const uint8_t *)text, 2 * b.n });
}

void console_time(struct keel_json *j, const char *name, int64_t at_s)
{
	keel_json_uint(j, name, at_s > 0 ? (uint64_t)at_s : 0);
}

void console_before(struct keel_json *j, uint64_t before)
{
	if (before != UINT64_MAX)
		keel_json_uint(j, "before", before);
}

bool console_device(const struct console_act *a, uint8_t id[KEEL_DEVICE_ID_LEN])
{
	bool good = keel_hex_read(a->ask.id, id, KEEL_DEVICE_ID_LEN) == KEEL_OK;
	if (!good)
		console_refuse_err(a->call, KEEL_EFORM);
	return good;
}

/* Answers and refusals, as docs/service.md has them. */
#include "core/cbor.h"
#include "fleet/service.h"
#include "owner/claim.h"

void keel_fleet_reply(struct keel_fleet_service *s, struct keel_http_call *call,
	const struct keel_schema *schema, const void *result)
{
	struct keel_wr w = keel_wr_of(s->answer, sizeof(s->answer));
	struct keel_http_answer a = { .status = 200, .type = KEEL_FLEET_TYPE };
	keel_schema_write(schema, result, &w);
	KEEL_MUST(keel_wr_end(&w, &a.body) == KEEL_OK);
	keel_http_answer(call, &a);
}

static void write_refusal(
	struct keel_wr *w, const char *word, const char *sentence, uint32_t wait_s)
{
	struct keel_refusal r = {
		.has = 3, .word = keel_text(word), .sentence = keel_text(sentence), .wait_s = wait_s
	};
	if (wait_s > 0)
		r.has |= 1u << KEEL_REFUSAL_WAIT;
	keel_schema_write(&keel_refusal_schema, &r, w);
}

void keel_fleet_refuse(struct keel_http_call *call, unsigned status, const char *word,
	const char *sentence, uint32_t wait_s)
{
	uint8_t text[512];
	struct keel_wr w = keel_wr_of(text, sizeof(text));
	struct keel_http_answer a = {
		.status = status, .type = KEEL_FLEET_TYPE, .retry_after_s = wait_s
	};
	write_refusal(&w, word, sentence, wait_s);
	KEEL_MUST(keel_wr_end(&w, &a.body) == KEEL_OK);
	keel_http_answer(call, &a);
}

/* clang-format off */
static const struct {
	unsigned status;
	const char *sentence;
	uint32_t wait_s;
} said[KEEL_ERR_COUNT] = {
	[KEEL_ESHORT] = { 400, "the body ends before it is whole", 0 },
	[KEEL_EFORM]  = { 400, "the body is not what docs/service.md has for this path", 0 },
	[KEEL_ERANGE] = { 400, "a value is outside what is allowed", 0 },
	[KEEL_ESTATE] = { 409, "the device has another home, or is judged otherwise, by now: open a session anew", 0 },
	[KEEL_EAUTH]  = { 403, "the call is not of a session with this service: open one anew", 0 },
	[KEEL_ERIGHT] = { 403, "this device was taken out of service by its maker", 0 },
	[KEEL_ESTALE] = { 403, "the session has ended: open one anew", 0 },
	[KEEL_EFULL]  = { 503, "the service has no room for it now", 60 },
	[KEEL_ENONE]  = { 403, "this device is not enrolled at this service", 0 },
	[KEEL_EIO]    = { 503, "the service cannot keep anything now", 30 },
};
/* clang-format on */

void keel_fleet_refuse_err(struct keel_http_call *call, enum keel_err e)
{
	KEEL_MUST(said[e].status != 0);
	keel_fleet_refuse(call, said[e].status, keel_err_word(e), said[e].sentence, said[e].wait_s);
}

/* clang-format off */
static const struct {
	unsigned status;
	enum keel_err word;
	const char *sentence;
} by_status[] = {
	{ 400, KEEL_EFORM,  "this is no well-formed HTTP/1.1" },
	{ 403, KEEL_ERIGHT, "pages of this origin may not talk to the service" },
	{ 404, KEEL_ENONE,  "there is nothing at this path" },
	{ 405, KEEL_ENONE,  "this path takes another method" },
	{ 408, KEEL_ESHORT, "the request did not come in time" },
	{ 413, KEEL_ERANGE, "the body is longer than this path takes" },
	{ 414, KEEL_ERANGE, "the path is longer than the service takes" },
	{ 415, KEEL_EFORM,  "the body is not application/cbor" },
	{ 421, KEEL_ERIGHT, "the service has another name than this Host" },
	{ 429, KEEL_EFULL,  "too many requests come from this address" },
	{ 431, KEEL_ERANGE, "the head is longer than the service takes" },
	{ 503, KEEL_ESTATE, "the service cannot answer now" },
};
/* clang-format on */

const char *keel_fleet_explain(enum keel_http_refusal why, struct keel_wr *w)
{
	unsigned status = keel_http_refusal_status(why);
	size_t i = 0;
	while (i + 1 < KEEL_COUNT(by_status) && by_status[i].status != status)
		i++;
	bool known = by_status[i].status == status;
	write_refusal(w, keel_err_word(known ? by_status[i].word : KEEL_EFORM),
		known ? by_status[i].sentence : "the service does not take such a request",
		status == 429 || status == 503 ? 1 : 0);
	return KEEL_FLEET_TYPE;
}

void keel_fleet_on_page(void *self, struct keel_http_call *call)
{
	struct keel_fleet_service *s = self;
	const struct keel_http_answer a = keel_fleet_pages_answer(
		s->pages, keel_http_call_head(call)->path, keel_fleet_now(s));
	keel_http_answer(call, &a);
}

bool keel_fleet_call_open(struct keel_fleet_service *s, struct keel_http_call *call,
	struct keel_bytes body, const char *path, const struct keel_schema *schema, void *args,
	const struct keel_session **session)
{
	struct keel_judge_call c;
	enum keel_err e = keel_judge_call(s->verified, &s->judge_keys, keel_text(s->config.origin),
		keel_fleet_now(s), body, &c);
	if (e == KEEL_OK)
		e = keel_judge_call_args(&c, path, schema, args);
	if (e != KEEL_OK) {
		keel_fleet_refuse_err(call, e);
		return false;
	}
	*session = c.session;
	return true;
}

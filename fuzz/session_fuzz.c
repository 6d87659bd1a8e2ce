/*
 * What device and service say to each other, from anybody. The first byte says which format the rest
 * is. A body that its table takes is written back byte by byte the same. What has to be signed or
 * MACed is refused as it comes; then the fuzzer's bytes are signed as a payload, so that it reaches
 * what stands behind the proof: what is taken there is for this device, origin and time, and says
 * nothing but what its writer would have written.
 */
#include <string.h>

#include "owner/statement.h"
#include "session/call.h"
#include "session/inbox.h"
#include "session/notice.h"
#include "session/open.h"
#include "session/report.h"
#include "session/token.h"

#define MAX    4096
#define NOW    1800000000
#define ORIGIN "https://fleet.example"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static const struct keel_bytes none = { 0 };
static const uint8_t id[KEEL_DEVICE_ID_LEN] = { 1 }, home[KEEL_HOME_ID_LEN] = { 2 },
		     nonce[KEEL_TIME_NONCE_LEN] = { 3 };
static const struct keel_key key = { { 7 } };
static struct keel_p256_key pair;
static struct keel_p256_opened opened;
static struct keel_service_keys service;
static uint8_t st[KEEL_THUMBPRINT_LEN];

static const struct keel_schema *const bodies[] = { &keel_statement_schema, &keel_token_schema,
	&keel_call_schema, &keel_report_args_schema, &keel_report_result_schema,
	&keel_report_event_schema, &keel_inbox_args_schema, &keel_inbox_result_schema,
	&keel_answer_args_schema, &keel_nonce_result_schema, &keel_open_args_schema,
	&keel_open_result_schema, &keel_notice_schema };

static void begin(void)
{
	static const uint8_t d[32] = { 9 };
	KEEL_MUST(keel_p256_from_private(d, &pair) == KEEL_OK);
	KEEL_MUST(keel_p256_open_pub(&pair.pub, &opened) == KEEL_OK);
	service = (struct keel_service_keys){ pair.pub, pair.pub, NOW - 10, NOW + 10 };
	keel_service_thumbprint(&service, st);
}

static void same(const struct keel_wr *w, struct keel_bytes in)
{
	struct keel_bytes again;
	KEEL_MUST(keel_wr_end(w, &again) == KEEL_OK && keel_bytes_equal(again, in));
}

static void body(const struct keel_schema *s, struct keel_bytes in)
{
	static uint8_t record[1024], buf[MAX];
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	KEEL_MUST(s->size <= sizeof(record));
	if (keel_schema_read(s, in, record, NULL) != KEEL_OK)
		return;
	keel_schema_write(s, record, &w);
	same(&w, in);
}

static struct keel_bytes signed_by_us(struct keel_bytes kid, struct keel_bytes payload)
{
	static uint8_t buf[MAX + KEEL_COSE_OVERHEAD];
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	struct keel_bytes out;
	const struct keel_signer signer = keel_signer_of(&pair);
	KEEL_MUST(keel_cose_sign1(&signer, kid, none, payload, &w) == KEEL_OK);
	KEEL_MUST(keel_wr_end(&w, &out) == KEEL_OK);
	return out;
}

/* What the writer made of what was read has the payload that was read. */
static void says(const struct keel_wr *w, struct keel_bytes payload)
{
	struct keel_bytes whole, again;
	KEEL_MUST(keel_wr_end(w, &whole) == KEEL_OK);
	KEEL_MUST(keel_cose_verify1_opened(&opened, whole, none, &again) == KEEL_OK);
	KEEL_MUST(keel_bytes_equal(again, payload));
}

static void voucher(struct keel_bytes in)
{
	static uint8_t buf[MAX];
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	struct keel_digest kid;
	struct keel_service_keys k;
	const struct keel_bytes point = KEEL_VIEW(pair.pub.xy);
	const struct keel_signer signer = keel_signer_of(&pair);
	keel_sha256(&point, 1, &kid);
	KEEL_MUST(keel_voucher_verify(in, &pair.pub, NOW, &k) != KEEL_OK);
	if (keel_voucher_verify(signed_by_us(KEEL_VIEW(kid.b), in), &pair.pub, NOW, &k) != KEEL_OK)
		return;
	KEEL_MUST(k.until > NOW && k.from < k.until && k.from >= 0);
	KEEL_MUST(keel_p256_check(&k.sign) == KEEL_OK && keel_p256_check(&k.agree) == KEEL_OK);
	KEEL_MUST(keel_voucher_write(&signer, &pair.pub, &k, &w) == KEEL_OK);
	says(&w, in);
}

static void token(struct keel_bytes in)
{
	static uint8_t buf[MAX];
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	struct keel_token t;
	const struct keel_signer signer = keel_signer_of(&pair);
	KEEL_MUST(keel_token_verify(&opened, in, keel_text(ORIGIN), NOW, &t) != KEEL_OK);
	struct keel_bytes whole = signed_by_us(KEEL_VIEW(st), in);
	if (keel_token_verify(&opened, whole, keel_text(ORIGIN), NOW, &t) != KEEL_OK)
		return;
	KEEL_MUST(t.expires > NOW && t.issued <= NOW + KEEL_TOKEN_SKEW_S);
	KEEL_MUST(keel_bytes_is(t.audience, ORIGIN) && keel_bytes_is(t.issuer, ORIGIN));
	KEEL_MUST(t.device.n == KEEL_DEVICE_ID_LEN && (t.home.n == 0 || t.home.n == 16));
	KEEL_MUST(keel_token_write(&signer, st, &t, &w) == KEEL_OK);
	says(&w, in);
}

static void signed_time(struct keel_bytes in)
{
	static uint8_t buf[MAX];
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	int64_t now = 0;
	const struct keel_signer signer = keel_signer_of(&pair);
	KEEL_MUST(keel_time_verify(in, &service, id, KEEL_VIEW(nonce), &now) != KEEL_OK);
	struct keel_bytes whole = signed_by_us(KEEL_VIEW(st), in);
	if (keel_time_verify(whole, &service, id, KEEL_VIEW(nonce), &now) != KEEL_OK)
		return;
	KEEL_MUST(now >= service.from && now < service.until);
	KEEL_MUST(keel_time_write(&signer, st, id, KEEL_VIEW(nonce), now, &w) == KEEL_OK);
	says(&w, in);
}

static void call(struct keel_bytes in)
{
	static uint8_t buf[MAX + KEEL_COSE_OVERHEAD], again[MAX + KEEL_COSE_OVERHEAD];
	struct keel_wr w = keel_wr_of(buf, sizeof(buf)), second = keel_wr_of(again, sizeof(again));
	struct keel_call c = { .mac0 = in };
	struct keel_report_args args;
	struct keel_bytes whole, written;
	static const uint8_t any[] = { 0x80 };
	KEEL_MUST(keel_call_open(&c, &key, KEEL_PATH_REPORT, KEEL_VIEW(id), KEEL_VIEW(home),
			  &keel_report_args_schema, &args) != KEEL_OK);
	KEEL_MUST(keel_cose_mac0(KEEL_VIEW(key.b), keel_text(KEEL_PATH_REPORT), in, &w) == KEEL_OK);
	KEEL_MUST(keel_wr_end(&w, &c.mac0) == KEEL_OK);
	if (keel_call_open(&c, &key, KEEL_PATH_REPORT, KEEL_VIEW(id), KEEL_VIEW(home),
		    &keel_report_args_schema, &args) != KEEL_OK)
		return;
	(void)keel_report_check(&args);
	const struct keel_caller caller = { KEEL_VIEW(any), &key, KEEL_VIEW(id), KEEL_VIEW(home) };
	KEEL_MUST(keel_call_write(&caller, KEEL_PATH_REPORT, &keel_report_args_schema, &args,
			  &second) == KEEL_OK);
	KEEL_MUST(keel_wr_end(&second, &written) == KEEL_OK);
	whole = (struct keel_bytes){ written.p + 2, written.n - 2 }; /* behind [token, */
	KEEL_MUST(keel_bytes_equal(whole, c.mac0));
}

/* What is taken has its code's alphabet, and nothing that a person could be led away by. */
static void notice(struct keel_bytes in)
{
	static uint8_t buf[MAX + KEEL_COSE_OVERHEAD], again[KEEL_NOTICE_SEALED],
		encoded[KEEL_NOTICE_MAX];
	struct keel_wr w = keel_wr_of(buf, sizeof(buf)), second = keel_wr_of(again, sizeof(again)),
		       inner = keel_wr_of(encoded, sizeof(encoded));
	static const uint8_t aad[] = KEEL_PATH_INBOX "\0\0\0\0\0\0\0"; /* and the NUL: number 0 */
	const struct keel_notice_to to = { &key, KEEL_VIEW(id), KEEL_VIEW(home), 0 };
	struct keel_notice n;
	struct keel_bytes whole, said, written;
	KEEL_MUST(keel_notice_open(&to, in, &n) != KEEL_OK);
	KEEL_MUST(keel_cose_mac0(KEEL_VIEW(key.b), KEEL_VIEW(aad), in, &w) == KEEL_OK);
	KEEL_MUST(keel_wr_end(&w, &whole) == KEEL_OK);
	if (keel_notice_open(&to, whole, &n) != KEEL_OK)
		return;
	keel_schema_write(&keel_notice_schema, &n, &inner);
	KEEL_MUST(keel_wr_end(&inner, &said) == KEEL_OK);
	KEEL_MUST(keel_notice_seal(&to, said, &second) == KEEL_OK);
	KEEL_MUST(keel_wr_end(&second, &written) == KEEL_OK && keel_bytes_equal(written, whole));
	if (keel_notice_check(&n) == KEEL_OK)
		for (size_t i = 0; i < n.about.n; i++)
			KEEL_MUST(n.about.p[i] > ' ' && n.about.p[i] < 'a');
}

/* Nobody makes up a nonce of ours; and the first 16 bytes of one are its maker's to choose. */
static void session_nonce(struct keel_bytes in)
{
	KEEL_MUST(keel_session_nonce_check(&key, in, NOW) != KEEL_OK);
}

/* As a device has sent it: rows that a session demands are all there. */
static void statement(struct keel_bytes in)
{
	static const uint8_t asked[KEEL_SESSION_NONCE_LEN] = { 4 };
	struct keel_statement s;
	if (keel_statement_read(in, KEEL_STATEMENT_PROFILE_SESSION, KEEL_VIEW(asked),
		    keel_text(ORIGIN), &s) != KEEL_OK)
		return;
	KEEL_MUST((s.has & KEEL_STATEMENT_FOR_SESSION) == KEEL_STATEMENT_FOR_SESSION);
	KEEL_MUST(keel_bytes_is(s.aud, ORIGIN) && (s.home.n == 0 || s.home.n == KEEL_HOME_ID_LEN));
	KEEL_MUST(s.debug <= KEEL_DEBUG_DISABLED && s.cnf.key.x.n == 32);
}

static void (*const proved[])(struct keel_bytes in) = { voucher, token, signed_time, call,
	session_nonce, statement, notice };

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	if (n < 1 || n > MAX)
		return 0;
	if (opened.state == NULL)
		begin();
	struct keel_bytes in = { p + 1, n - 1 };
	unsigned which = p[0] % (KEEL_COUNT(bodies) + KEEL_COUNT(proved));
	if (which < KEEL_COUNT(bodies))
		body(bodies[which], in);
	else
		proved[which - KEEL_COUNT(bodies)](in);
	return 0;
}

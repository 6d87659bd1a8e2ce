/*
 * A session's opening as the service judges it, beside the three bare verifications that it needs; and
 * a call in a session, the first time (its token is verified, its key agreed) and after that. In turns
 * beside the bare operations; each one's best counts.
 *
 *	attest_bench DIR		DIR: for the bare database, which is not used here
 */
#include <stdio.h>
#include <stdlib.h>

#include "bare.h"
#include "fleet/judge/calls.h"
#include "fleet/judge/unit.h"
#include "session/report.h"

#define TURNS  150
#define ROUNDS 5

static struct {
	struct unit unit;
	struct keel_bytes body;
	struct keel_p256_key s_sign, s_agree;
	struct keel_p256_opened signs; /* S.sign, kept open */
	struct keel_service_keys service;
	struct keel_judge_keys keys;
	struct keel_verified *seen;
	uint8_t token[KEEL_TOKEN_MAX], call[1024];
	struct keel_bytes token_bytes, call_bytes;
	struct keel_bare bare;
} b;

static void judge(struct keel_judge_opened *o)
{
	struct keel_judge_asked asked;
	KEEL_MUST(keel_judge_ask(&b.unit.here, b.body, &asked) == KEEL_JUDGE_YES);
	KEEL_MUST(keel_judge_open(&b.unit.here, &asked, &b.unit.product, &b.unit.row, o) ==
		  KEEL_JUDGE_YES);
}

static void opening(void)
{
	struct keel_judge_opened o;
	judge(&o);
}

/* With the token and the time that answer it. */
static void session(void)
{
	uint8_t cti[KEEL_CTI_LEN], time[KEEL_TIME_MAX];
	struct keel_judge_opened o;
	struct keel_wr w = keel_wr_of(b.token, sizeof(b.token));
	struct keel_wr t = keel_wr_of(time, sizeof(time));
	const struct keel_signer signer = keel_signer_of_opened(&b.signs);
	judge(&o);
	keel_random(cti, sizeof(cti));
	const struct keel_token claims = keel_judge_claims(&b.unit.here, &o, cti);
	KEEL_MUST(keel_token_write(&signer, b.keys.key[0].st, &claims, &w) == KEEL_OK);
	KEEL_MUST(keel_wr_end(&w, &b.token_bytes) == KEEL_OK);
	KEEL_MUST(keel_time_write(&signer, b.keys.key[0].st, o.id, o.device_nonce, UNIT_NOW, &t) ==
		  KEEL_OK);
}

static void call(void)
{
	struct keel_judge_call c;
	struct keel_report_args args;
	KEEL_MUST(keel_judge_call(b.seen, &b.keys, b.unit.here.origin, UNIT_NOW, b.call_bytes,
			  &c) == KEEL_OK);
	KEEL_MUST(keel_judge_call_args(&c, KEEL_PATH_REPORT, &keel_report_args_schema, &args) ==
		  KEEL_OK);
}

static void first_call(void)
{
	keel_verified_forget(b.seen, b.unit.ueid + 1);
	call();
}

/* What the device makes of the token: a report of ten small items. */
static void make_call(void)
{
	static const uint8_t payload[40];
	uint8_t buf[1024];
	struct keel_key key;
	struct keel_wr items = keel_wr_of(buf, sizeof(buf)), w = keel_wr_of(b.call, sizeof(b.call));
	struct keel_report_args args = { 0 };
	const struct keel_agreer agreer = keel_agreer_of(&b.unit.c);
	for (unsigned i = 1; i <= 10; i++) {
		const struct keel_report_item item = { .number = i, .payload = KEEL_VIEW(payload) };
		keel_list_add(&keel_report_item_row, &item, &items, &args.items);
	}
	KEEL_MUST(keel_session_key(&agreer, &b.s_agree.pub, b.token_bytes, &key) == KEEL_OK);
	const struct keel_caller caller = { b.token_bytes, &key,
		{ b.unit.ueid + 1, KEEL_DEVICE_ID_LEN }, b.unit.statement.home };
	KEEL_MUST(keel_call_write(&caller, KEEL_PATH_REPORT, &keel_report_args_schema, &args, &w) ==
		  KEEL_OK);
	KEEL_MUST(keel_wr_end(&w, &b.call_bytes) == KEEL_OK);
}

static void setup(const char *dir)
{
	keel_crypto_warm();
	unit_make(&b.unit);
	b.body = unit_write(&b.unit);
	keel_p256_generate(&b.s_sign);
	keel_p256_generate(&b.s_agree);
	keel_p256_open(&b.s_sign, &b.signs);
	b.service = (struct keel_service_keys){ b.s_sign.pub, b.s_agree.pub, 1, INT64_MAX };
	struct keel_judge_key *k = &b.keys.key[b.keys.count++];
	keel_service_thumbprint(&b.service, k->st);
	KEEL_MUST(keel_p256_open_pub(&b.s_sign.pub, &k->sign) == KEEL_OK);
	k->agree = keel_agreer_of(&b.s_agree);
	k->until = INT64_MAX;
	b.seen = keel_verified_new(16);
	keel_bare_open(&b.bare, dir);
	session();
	make_call();
}

static double us_of(void (*run)(void))
{
	double from = keel_now_us();
	for (unsigned i = 0; i < ROUNDS; i++)
		run();
	return (keel_now_us() - from) / ROUNDS;
}

int main(int argc, char **argv)
{
	double open_us = 0, session_us = 0, first_us = 0, call_us = 0, v = 0, s = 0, a = 0;
	setup(argc > 1 ? argv[1] : "/var/tmp");
	for (unsigned turn = 0; turn < TURNS; turn++) {
		keel_best(&open_us, us_of(opening));
		keel_best(&v, keel_bare_us(&b.bare, keel_bare_verify, ROUNDS));
		keel_best(&session_us, us_of(session));
		keel_best(&s, keel_bare_us(&b.bare, keel_bare_sign, ROUNDS));
		make_call(); /* session() has written another token */
		keel_best(&first_us, us_of(first_call));
		keel_best(&a, keel_bare_us(&b.bare, keel_bare_agree, ROUNDS));
		keel_best(&call_us, us_of(call));
	}
	(void)printf("bare: ECDSA verify %.1f us, sign %.1f us, ECDH %.1f us\n", v, s, a);
	(void)printf("an opening judged          %7.1f us, %.2f of its three bare verifications "
		     "(aim 1.2)\n",
		open_us, open_us / (3 * v));
	(void)printf("and answered, two signed   %7.1f us, %.2f of the bare operations\n",
		session_us, session_us / (3 * v + 2 * s));
	(void)printf(
		"a token's first call       %7.1f us, %.2f of one bare verification and ECDH\n",
		first_us, first_us / (v + a));
	(void)printf("every call after that      %7.1f us\n", call_us);
	keel_bare_close(&b.bare);
	unit_end(&b.unit);
	return EXIT_SUCCESS;
}

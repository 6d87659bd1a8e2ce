/*
 * What somebody could write who has the service, all of it: its keys, and of an owner what it knows of
 * them, which is their public keys, the home and the device.
 *
 *	forger KEYS SIGN.pem AGREE.pem MESSAGE FIELD THOUSANDTHS
 *
 * KEYS is the owner's folder: nothing secret of it is used. Prints in hexadecimal, a line each: a command
 * sealed and signed by these keys, under the owner's name; an answer to the owner, under the device's;
 * and the command once more, under the keys' own name.
 */
#include <stdio.h>
#include <stdlib.h>

#include "cli/keys.h"
#include "cli/signing.h"
#include "owner/pad.h"

static void print_hex(const struct keel_wr *w)
{
	for (size_t i = 0; i < w->n; i++)
		(void)printf("%02x", w->p[i]);
	(void)printf("\n");
}

/* The owner's keys are gone; their name stays. */
static enum keel_err take_place(
	struct keel_member *m, const struct keel_p256_key *sign, const struct keel_p256_key *agree)
{
	m->sign = *sign;
	m->agree = *agree;
	m->counter += 1000;
	return keel_p256_agree(&m->agree, &m->device_agree, &m->shared);
}

static enum keel_err print_command(struct keel_member *m, char **words)
{
	uint8_t items[256], buf[KEEL_BODY_MAX], nonce[KEEL_REQUEST_NONCE_LEN];
	const uint8_t challenge[16] = { 0 }; /* each was sealed for the owner */
	struct keel_list_maker fields = keel_list_maker_of(items, sizeof(items));
	const struct keel_field_item f = { .name = keel_text(words[1]),
		.value = strtoll(words[2], NULL, 10) };
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	KEEL_MUST(keel_list_put(&fields, &keel_field_item_schema, &f));
	const struct keel_command_args args = { .message = keel_text(words[0]),
		.fields = keel_list_made(&fields) };
	enum keel_err e = keel_member_change(
		m, keel_op_of(KEEL_OP_COMMAND), &args, KEEL_VIEW(challenge), nonce, &w);
	if (e == KEEL_OK)
		print_hex(&w);
	return e;
}

/* The question's nonce was sealed, too. */
static enum keel_err print_answer(const struct keel_member *m, const struct keel_p256_pub *owner)
{
	uint8_t plain[KEEL_BODY_MAX], buf[KEEL_BODY_MAX];
	const uint8_t nonce[KEEL_REQUEST_NONCE_LEN] = { 0 }, nothing[] = { 0xA0 };
	struct keel_wr inner = keel_wr_of(plain, sizeof(plain)), w = keel_wr_of(buf, sizeof(buf));
	struct keel_bytes payload;
	struct keel_key shared;
	const struct keel_names names = { KEEL_VIEW(m->id), KEEL_VIEW(m->home),
		KEEL_VIEW(m->thumbprint) };
	const struct keel_request_answer answer = { .has = 1U << KEEL_ANSWER_RESULT,
		.nonce = KEEL_VIEW(nonce),
		.result = KEEL_VIEW(nothing) };
	enum keel_err e = keel_request_answer_write(&names, &answer, &inner);
	if (e == KEEL_OK)
		e = keel_wr_end(&inner, &payload);
	if (e == KEEL_OK)
		e = keel_p256_agree(&m->agree, owner, &shared);
	if (e == KEEL_OK)
		e = keel_cose_seal_static(
			&shared, KEEL_VIEW(m->device), KEEL_VIEW(m->thumbprint), payload, &w);
	if (e == KEEL_OK)
		print_hex(&w);
	return e;
}

static enum keel_err forge(struct keel_member *m, const struct keel_p256_key *sign,
	const struct keel_p256_key *agree, char **words)
{
	const struct keel_p256_pub owner = m->agree.pub;
	enum keel_err e = take_place(m, sign, agree);
	if (e == KEEL_OK)
		e = print_command(m, words);
	if (e == KEEL_OK)
		e = print_answer(m, &owner);
	keel_thumbprint(&m->sign.pub, &m->agree.pub, m->thumbprint);
	return e == KEEL_OK ? print_command(m, words) : e;
}

int main(int argc, char **argv)
{
	static struct keel_keys keys;
	struct keel_member m;
	struct keel_p256_key sign, agree;
	struct keel_fault fault = { 0 };
	if (argc != 7) {
		(void)fprintf(stderr, "usage: see the head of forger.c\n");
		return 2;
	}
	enum keel_err e = keel_keys_open(argv[1], &keys, &fault);
	if (e == KEEL_OK)
		e = keel_keys_load(&keys, &m, &fault);
	if (e == KEEL_OK)
		e = keel_signing_key(argv[2], &sign, &fault);
	if (e == KEEL_OK)
		e = keel_signing_key(argv[3], &agree, &fault);
	if (e == KEEL_OK)
		e = forge(&m, &sign, &agree, argv + 4);
	if (e != KEEL_OK)
		(void)fprintf(stderr, "forger: %s\n", fault.what);
	return e == KEEL_OK ? 0 : 1;
}

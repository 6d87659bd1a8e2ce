/*
 * What the drill attacks with: requests that `keel owner` would never make.
 *
 *	attacker KEYS HUB hold FILE MESSAGE FIELD THOUSANDTHS   signs and seals a command, keeps it in FILE
 *	attacker KEYS HUB send FILE                             sends what was kept, now or later, once or often
 *	attacker KEYS HUB stranger MESSAGE FIELD THOUSANDTHS    with keys that the hub never saw
 *	attacker KEYS HUB signed-by-another …                   an owner's request around a stranger's signature
 *	attacker KEYS HUB other-device …                        signed for another device
 *	attacker KEYS HUB other-home …                          signed for another home id
 *
 * Prints the hub's answer: "accepted" or its error's word and sentence, as keel owner --json does.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/files.h"
#include "cli/show.h"
#include "cli/talk.h"

enum { SEALED_MAX = KEEL_BODY_MAX, FILE_MAX = SEALED_MAX + KEEL_REQUEST_NONCE_LEN };

struct shot {
	uint8_t bytes[FILE_MAX]; /* nonce, then the sealed request */
	struct keel_bytes all;
};

static int answer(enum keel_err e, const struct keel_fault *f)
{
	(void)printf(
		"{\"error\":\"%s\",\"sentence\":", e == KEEL_OK ? "accepted" : keel_err_word(e));
	keel_show_json_text(stdout, keel_text(f->what));
	(void)printf("}\n");
	return 0;
}

/* A change as the member would make it, wherever `lie` has put another's names or keys. */
static enum keel_err aim(struct keel_talk *t, char **words, void (*lie)(struct keel_member *m),
	struct shot *out, struct keel_fault *fault)
{
	uint8_t items[256];
	struct keel_challenge_result c;
	struct keel_list_maker fields = keel_list_maker_of(items, sizeof(items));
	const struct keel_field_item f = { .name = keel_text(words[1]),
		.value = strtoll(words[2], NULL, 10) };
	struct keel_wr w = keel_wr_of(
		out->bytes + KEEL_REQUEST_NONCE_LEN, sizeof(out->bytes) - KEEL_REQUEST_NONCE_LEN);
	KEEL_MUST(keel_list_put(&fields, &keel_field_item_schema, &f));
	const struct keel_command_args args = { .message = keel_text(words[0]),
		.fields = keel_list_made(&fields) };
	enum keel_err e = keel_talk_ask(t, KEEL_OP_CHALLENGE, NULL, &c, fault);
	if (e != KEEL_OK)
		return e;
	if (t->member.counter < c.last_counter)
		t->member.counter = c.last_counter;
	if (lie != NULL)
		lie(&t->member);
	e = keel_member_change(
		&t->member, keel_op_of(KEEL_OP_COMMAND), &args, c.challenge, out->bytes, &w);
	out->all = (struct keel_bytes){ out->bytes, KEEL_REQUEST_NONCE_LEN + w.n };
	return e;
}

static enum keel_err fire(struct keel_talk *t, const struct shot *s, struct keel_fault *fault)
{
	const struct keel_bytes sealed = { s->all.p + KEEL_REQUEST_NONCE_LEN,
		s->all.n - KEEL_REQUEST_NONCE_LEN };
	return keel_talk_send(t, keel_op_of(KEEL_OP_COMMAND), sealed, s->all.p, NULL, fault);
}

static void be_a_stranger(struct keel_member *m)
{
	keel_p256_generate(&m->sign);
	keel_p256_generate(&m->agree);
	keel_thumbprint(&m->sign.pub, &m->agree.pub, m->thumbprint);
	KEEL_MUST(keel_p256_agree(&m->agree, &m->device_agree, &m->shared) == KEEL_OK);
}

static void sign_as_another(struct keel_member *m)
{
	keel_p256_generate(&m->sign);
}

static void mean_another_device(struct keel_member *m)
{
	m->id[0] ^= 1;
}

static void mean_another_home(struct keel_member *m)
{
	m->home[0] ^= 1;
}

static const struct {
	const char *name;
	void (*lie)(struct keel_member *m);
} lies[] = {
	{ "stranger", be_a_stranger },
	{ "signed-by-another", sign_as_another },
	{ "other-device", mean_another_device },
	{ "other-home", mean_another_home },
};

/* What stands behind KEYS and HUB. */
static enum keel_err run(struct keel_talk *t, int argc, char **argv, struct keel_fault *fault)
{
	static struct shot s;
	enum keel_err e = KEEL_EFORM;
	if (argc == 2 && strcmp(argv[0], "send") == 0) {
		e = keel_file_read(argv[1], s.bytes, sizeof(s.bytes), &s.all, fault);
		return e == KEEL_OK ? fire(t, &s, fault) : e;
	}
	if (argc == 5 && strcmp(argv[0], "hold") == 0) {
		e = aim(t, argv + 2, NULL, &s, fault);
		if (e == KEEL_OK)
			e = keel_keys_save(&t->keys, &t->member, fault);
		return e == KEEL_OK ? keel_file_write(argv[1], s.all, 0600, fault) : e;
	}
	for (size_t i = 0; argc == 4 && i < KEEL_COUNT(lies); i++) {
		if (strcmp(lies[i].name, argv[0]) != 0)
			continue;
		const struct keel_member truth = t->member;
		e = aim(t, argv + 1, lies[i].lie, &s, fault);
		/* The hub answers by its own names, whatever the question lied about. */
		memcpy(t->member.id, truth.id, sizeof(truth.id));
		memcpy(t->member.home, truth.home, sizeof(truth.home));
		return e == KEEL_OK ? fire(t, &s, fault) : e;
	}
	(void)snprintf(fault->what, sizeof(fault->what), "not understood: see attacker.c");
	return e;
}

int main(int argc, char **argv)
{
	static struct keel_talk talk;
	struct keel_fault fault = { 0 };
	if (argc < 5) {
		(void)fprintf(stderr, "usage: see the head of attacker.c\n");
		return 2;
	}
	enum keel_err e = keel_talk_open(argv[1], &talk, &fault);
	(void)snprintf(talk.keys.url, sizeof(talk.keys.url), "%s", argv[2]);
	if (e == KEEL_OK)
		e = run(&talk, argc - 3, argv + 3, &fault);
	keel_talk_close(&talk);
	return answer(e, &fault);
}

/*
 * Whatever an owner, a guest or anybody sends to the vault's engine: it answers, with one of the
 * documented statuses; what it answers an owner opens under their key; and what reaches the
 * product's program is declared, in range, and was permitted to whoever sent it.
 *
 * The first byte says how the rest is sent: raw bytes at a path, or sealed (and signed) by a real
 * member, so that the fuzzer reaches what stands behind the cryptography.
 */
#include <string.h>

#include "device/vault_engine/home.h"
#include "owner/request.h"

static struct home h;
static struct keel_member ann, bob;

static void begin(void)
{
	home_make(&h);
	home_claim(&h, &ann);
	home_join(&h, &ann, "set temperature", 0, &bob);
}

static void send(enum keel_path path, struct keel_bytes body)
{
	unsigned s = home_send(&h, path, "fuzz", body);
	KEEL_MUST(s == 200 || s == 400 || s == 403 || s == 409 || s == 429);
	h.time.ms += 60000; /* no address waits for long */
}

static void send_plain(const struct keel_member *m, struct keel_bytes plain)
{
	static uint8_t buf[KEEL_BODY_MAX + 1024], opened[KEEL_ANSWER_MAX];
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	struct keel_bytes sealed, answer;
	KEEL_MUST(keel_cose_seal_static(&m->shared, KEEL_VIEW(m->thumbprint), KEEL_VIEW(m->device),
			  plain, &w) == KEEL_OK);
	KEEL_MUST(keel_wr_end(&w, &sealed) == KEEL_OK);
	send(PATH_REQUEST, sealed);
	if (h.status == 200)
		KEEL_MUST(keel_cose_open_static(&m->shared, h.answer, opened, &answer) == KEEL_OK);
}

static void send_body(const struct keel_member *m, struct keel_bytes body)
{
	static uint8_t buf[KEEL_BODY_MAX + 512];
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	struct keel_bytes plain;
	keel_envelope_write(KEEL_FOR_REQUEST, KEEL_VIEW(m->id), KEEL_VIEW(m->home),
		KEEL_VIEW(m->device), body, &w);
	if (keel_wr_end(&w, &plain) == KEEL_OK)
		send_plain(m, plain);
}

/* A change that is right in all but its operation and args. */
static void send_change(struct keel_member *m, uint64_t op, struct keel_bytes args)
{
	static uint8_t payload[KEEL_BODY_MAX], signed1[KEEL_BODY_MAX], body[KEEL_BODY_MAX];
	uint8_t challenge[KEEL_CHALLENGE_LEN];
	struct keel_bytes p, none = { 0 };
	struct keel_wr w = keel_wr_of(payload, sizeof(payload));
	const struct keel_signer signer = keel_signer_of(&m->sign);
	const struct keel_names names = { KEEL_VIEW(m->id), KEEL_VIEW(m->home), { 0 } };
	home_challenge(&h, m, challenge);
	const struct keel_change c = {
		.op = op, .challenge = KEEL_VIEW(challenge), .counter = ++m->counter, .args = args
	};
	if (keel_payload_write(KEEL_FOR_CHANGE, &names, &keel_change_schema, &c, &w) != KEEL_OK ||
		keel_wr_end(&w, &p) != KEEL_OK)
		return; /* the args are no CBOR */
	struct keel_request r = { .has = 1U << KEEL_REQUEST_CHANGE,
		.nonce = { challenge, KEEL_REQUEST_NONCE_LEN } };
	w = keel_wr_of(signed1, sizeof(signed1));
	if (keel_cose_sign1(&signer, KEEL_VIEW(m->thumbprint), none, p, &w) != KEEL_OK ||
		keel_wr_end(&w, &r.change) != KEEL_OK)
		return;
	w = keel_wr_of(body, sizeof(body));
	keel_schema_write(&keel_request_schema, &r, &w);
	if (keel_wr_end(&w, &p) == KEEL_OK)
		send_body(m, p);
}

static void check_sent(bool guest)
{
	for (size_t i = 0; i < h.sents && i < HOME_SENT_MAX; i++) {
		const struct home_sent *s = &h.sent[i];
		bool heat = strcmp(s->message, "set temperature") == 0;
		KEEL_MUST(heat || (strcmp(s->message, "unlock") == 0 && !guest));
		KEEL_MUST(!heat || (s->value >= 5000 && s->value <= 30000 && s->value % 500 == 0));
		enum keel_err e = keel_vault_done(h.vault, s->number);
		KEEL_MUST(e == KEEL_OK || e == KEEL_ENONE); /* a remembered one, again */
	}
	h.sents = 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	if (n < 2 || n > 4000)
		return 0;
	if (h.vault == NULL)
		begin();
	struct keel_bytes in = { p + 1, n - 1 }, args = { p + 2, n - 2 };
	struct keel_member *m = p[0] & 0x80 ? &bob : &ann;
	unsigned how = p[0] & 0x0f;
	if (how < PATH_COUNT)
		send((enum keel_path)how, in);
	else if (how == 5)
		send_plain(m, in);
	else if (how == 6)
		send_body(m, in);
	else if (how == 7 && p[1] != KEEL_OP_LEAVE)
		send_change(m, p[1], args);
	check_sent(m == &bob);
	KEEL_MUST(home_ask(&h, &ann, KEEL_OP_STATE, NULL, NULL) == KEEL_OK);
	return 0;
}

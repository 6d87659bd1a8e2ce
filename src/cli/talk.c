#include "cli/talk.h"

#include <stdio.h>
#include <string.h>

#include "cli/again.h"
#include "cli/fault.h"
#include "cli/next.h"
#include "core/break.h"

enum { SEALED_MAX = KEEL_BODY_MAX };

static const char door_word[] = "the hub's door";

enum keel_err keel_talk_open(const char *dir, struct keel_talk *out, struct keel_fault *fault)
{
	enum keel_err e = keel_keys_open(dir, &out->keys, fault);
	return e == KEEL_OK ? keel_keys_load(&out->keys, &out->member, fault) : e;
}

void keel_talk_close(struct keel_talk *t)
{
	keel_wipe(t, sizeof(*t));
}

/* What the hub said itself, and what we know to do about it. */
static enum keel_err say(struct keel_fault *fault, enum keel_err e, struct keel_bytes sentence)
{
	keel_next_fill(sentence, fault);
	const size_t max = sizeof(fault->what) - sizeof("…");
	bool cut = sentence.n > max;
	if (cut)
		sentence.n = max;
	while (cut && sentence.n > 0 && (sentence.p[sentence.n] & 0xc0) == 0x80)
		sentence.n--; /* not within a character */
	fault->err = e;
	(void)snprintf(fault->what, sizeof(fault->what), "%.*s%s", (int)sentence.n,
		(const char *)sentence.p, cut ? "…" : "");
	return e;
}

static enum keel_err no_answer_of_ours(struct keel_fault *fault, enum keel_err e)
{
	return keel_fault_fill(fault, e, "the hub's answer is not what it should be",
		"use the keel of the hub's version; keel interrogate URL says what answers there");
}

/* The status says enough where the body is no refusal of ours. */
static enum keel_err error_of(long status)
{
	if (status >= 500)
		return KEEL_EIO; /* not decided: worth sending again */
	return status == 400 ? KEEL_EFORM : status == 403 ? KEEL_EAUTH : KEEL_ESTATE;
}

/* A door that does not ask its vault, or something else that speaks HTTP. */
static enum keel_err refused_by_door(long status, const char *who, struct keel_fault *fault)
{
	const char *next = status >= 500 || status == 408 || status == 429
				   ? "wait some seconds, then run the same command again"
			   : status == 421 ? "name the hub by the address that it is known by"
					   : "check that the address is a hub's";
	return keel_fault_format(
		fault, error_of(status), next, "%s answered with status %ld", who, status);
}

static enum keel_err refused(
	struct keel_bytes answer, long status, const char *who, struct keel_fault *fault)
{
	struct keel_refusal r;
	if (keel_schema_read(&keel_refusal_schema, answer, &r, NULL) != KEEL_OK)
		return refused_by_door(status, who, fault);
	if (keel_has(&r, KEEL_REFUSAL_WAIT))
		(void)snprintf(fault->next, sizeof(fault->next), "try again in %llu s",
			(unsigned long long)r.wait_s);
	return say(fault, error_of(status), r.sentence);
}

/* Answers by which nothing was decided: what was sent may have been taken before all the same. */
static bool decides(long status)
{
	return status < 500 && status != 408 && status != 421;
}

static enum keel_err post(const struct keel_door_at *door, const char *path, struct keel_bytes body,
	uint8_t buf[KEEL_POST_MAX], struct keel_bytes *answer, long *status,
	struct keel_fault *fault)
{
	*status = 0; /* none came */
	enum keel_err e = keel_post(door, path, body, buf, answer, status, fault);
	return e == KEEL_OK && *status != 200 ? refused(*answer, *status, door_word, fault) : e;
}

enum keel_err keel_talk_post(const struct keel_door_at *door, const char *path,
	struct keel_bytes body, uint8_t buf[KEEL_POST_MAX], struct keel_bytes *answer,
	bool *undecided, struct keel_fault *fault)
{
	long status;
	enum keel_err e = post(door, path, body, buf, answer, &status, fault);
	if (undecided != NULL)
		*undecided = status == 0 || !decides(status);
	return e;
}

/* A plain refusal that the service brings may be its own word: nobody gives up their keys for it. */
static enum keel_err unproved(struct keel_fault *fault, enum keel_err e)
{
	fault->means = "The service brought this, and no seal shows that your hub said it";
	(void)snprintf(fault->next, sizeof(fault->next), "%s",
		"keep your keys; at home, ask the hub itself: keel owner state");
	return e;
}

/* The same bytes have one effect however often, and on whichever way, they come (docs/protocol.md, Requests). */
static enum keel_err post_sealed(struct keel_talk *t, struct keel_bytes sealed,
	struct keel_carried *c, struct keel_fault *fault)
{
	unsigned tried = 0;
	enum keel_err e;
	do { /* while too much comes at once or a room is away */
		*fault = (struct keel_fault){ 0 };
		e = keel_way_post(&t->way, &t->keys, &t->member, sealed, t->answer, c, fault);
		if (e == KEEL_OK && c->status != 200)
			e = refused(
				c->answer, c->status, c->by_hub ? door_word : "the service", fault);
	} while (c->by_hub && (c->status == 429 || c->status == 503) && keel_again(++tried));
	bool brought = t->way.away && c->by_hub && c->status != 200 && decides(c->status);
	return e != KEEL_OK && brought ? unproved(fault, e) : e;
}

static enum keel_err take_answer(const struct keel_op *op, const struct keel_request_answer *answer,
	void *result, struct keel_fault *fault)
{
	if (answer->error != KEEL_OK)
		return say(fault,
			answer->error < KEEL_ERR_COUNT ? (enum keel_err)answer->error : KEEL_EFORM,
			answer->sentence);
	if (result == NULL)
		return KEEL_OK;
	enum keel_err e = keel_schema_read(op->result, answer->result, result, NULL);
	return e == KEEL_OK ? e : no_answer_of_ours(fault, e);
}

static enum keel_err carry(struct keel_talk *t, struct keel_bytes sealed,
	const uint8_t nonce[KEEL_REQUEST_NONCE_LEN], struct keel_carried *c,
	struct keel_request_answer *answer, struct keel_fault *fault)
{
	enum keel_err e = post_sealed(t, sealed, c, fault);
	if (e != KEEL_OK)
		return e;
	struct keel_bytes in = c->answer;
	bool more = keel_broken("answer-in-clear") || (keel_broken("service-told") && t->way.away);
	if (more && in.n > 2)
		in.n -= 2 + (size_t)(in.p[in.n - 2] << 8 | in.p[in.n - 1]);
	e = keel_member_answer(&t->member, nonce, in, t->plain, answer);
	return e == KEEL_OK ? e
			    : keel_fault_fill(fault, e,
				      "the answer was not made by your hub for this question",
				      "check the address; do not enter anything of yours into what "
				      "answers there");
}

/* A plain refusal proves nothing, but only a hub gives one, and another's says that it is another. */
static bool refused_by_hub(const struct keel_carried *c)
{
	struct keel_refusal r;
	return keel_schema_read(&keel_refusal_schema, c->answer, &r, NULL) == KEEL_OK &&
	       !keel_bytes_is(r.sentence, vault_refusal_of(NO_OTHER_DEVICE)->sentence);
}

enum keel_err keel_talk_send(struct keel_talk *t, const struct keel_op *op,
	struct keel_bytes sealed, const uint8_t nonce[KEEL_REQUEST_NONCE_LEN], void *result,
	struct keel_fault *fault)
{
	struct keel_carried c;
	struct keel_request_answer answer;
	enum keel_err e = carry(t, sealed, nonce, &c, &answer, fault);
	/* What answers at the hub's address may be something else of another network. */
	if (e != KEEL_OK && !refused_by_hub(&c) && keel_way_turn(&t->way, &t->keys))
		e = carry(t, sealed, nonce, &c, &answer, fault);
	if (e != KEEL_OK)
		return e;
	keel_way_tell(&t->way, &t->keys);
	return take_answer(op, &answer, result, fault);
}

/* The commands check what a person gave; this is for what they overlook. */
static enum keel_err not_written(struct keel_fault *fault, enum keel_err e)
{
	return keel_fault_fill(fault, e, "no request could be made of what was given",
		"give fewer or shorter words: a name has 1 to 64 bytes of text");
}

enum keel_err keel_talk_ask(struct keel_talk *t, enum keel_op_number number, const void *args,
	void *result, struct keel_fault *fault)
{
	uint8_t buf[SEALED_MAX];
	uint8_t nonce[KEEL_REQUEST_NONCE_LEN];
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	struct keel_bytes sealed;
	const struct keel_op *op = keel_op_of(number);
	enum keel_err e = keel_member_ask(&t->member, op, args, nonce, &w);
	if (e == KEEL_OK)
		e = keel_wr_end(&w, &sealed);
	if (e != KEEL_OK)
		return not_written(fault, e);
	return keel_talk_send(t, op, sealed, nonce, result, fault);
}

enum keel_err keel_talk_change(struct keel_talk *t, enum keel_op_number number, const void *args,
	void *result, struct keel_fault *fault)
{
	uint8_t buf[SEALED_MAX];
	uint8_t nonce[KEEL_REQUEST_NONCE_LEN];
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	struct keel_bytes sealed;
	struct keel_challenge_result c = { 0 };
	const struct keel_op *op = keel_op_of(number);
	enum keel_err e = keel_talk_ask(t, KEEL_OP_CHALLENGE, NULL, &c, fault);
	if (e != KEEL_OK)
		return e;
	if (t->member.counter < c.last_counter)
		t->member.counter = c.last_counter;
	e = keel_member_change(&t->member, op, args, c.challenge, nonce, &w);
	if (e == KEEL_OK)
		e = keel_wr_end(&w, &sealed);
	if (e != KEEL_OK)
		return not_written(fault, e);
	e = keel_keys_save(&t->keys, &t->member, fault);
	return e == KEEL_OK ? keel_talk_send(t, op, sealed, nonce, result, fault) : e;
}
